//! `tinynas benchmark agree`: our scores beside those of another program.

use std::time::Instant;

use serde_json::json;
use tinynas_benchmark::{
    agree::{AgreeRow, Reference},
    each, nwot_of_all, score_all,
};
use tinynas_score::Proxy;

use super::{figure, images};
use crate::{
    args::AgreeArgs,
    failure::Failure,
    output::{Align, Answer, Printer, Table},
};

/// Scores the table's networks and compares ranks.
pub fn run(args: &AgreeArgs, printer: &Printer) -> Result<Answer, Failure> {
    let mut reference = Reference::read(&args.table)?;
    if let Some(networks) = args.networks {
        reference.truncate(networks);
    }
    let proxies = if args.proxy.is_empty() { reference.proxies() } else { args.proxy.clone() };
    let codes = reference.codes();
    printer.step("agree", &format!("{} networks of {}", codes.len(), args.table.display()));
    let scorer = images::scorer(&args.images, &proxies)?;
    let progress = printer.progress("agree", codes.len() as u64);
    let begun = Instant::now();
    let scores = score_all(codes, &scorer, args.images.work.threads(), &|| progress.advance(1, ""))?;
    progress.finish();
    let mut rows = reference.agree(&proxies, &scores);
    if let (true, Some(batch)) = (proxies.contains(&Proxy::Nwot), scorer.images()) {
        // Other programs count the units of branches that lead nowhere, our proxy does not.
        let all = each(codes, args.images.work.threads(), |code| nwot_of_all(code, batch, scorer.seed()))?;
        let at = rows.iter().position(|row| row.proxy == Proxy::Nwot).unwrap_or(rows.len());
        if let Some(row) = reference.compare(Proxy::Nwot, Some("units of all branches"), &all) {
            rows.insert(at, row);
        }
    }
    let human = format!(
        "table     {}\nimages    {} of CIFAR-10, seed {}; other images and initial weights than the table's\n\n{}\n\n\
         n: networks with a finite score in both; one-sided: networks that only one of the two could score",
        args.table.display(),
        args.images.batch,
        args.images.work.seed,
        table(&rows).render()
    );
    let json = json!({
        "schema": "tinynas/benchmark-agree/1", "table": args.table, "images": args.images.batch,
        "seed": args.images.work.seed, "networks": codes.len(), "seconds": begun.elapsed().as_secs_f64(), "rows": rows });
    Answer::new(human, &json)
}

fn table(rows: &[AgreeRow]) -> Table {
    let columns = [
        ("proxy", Align::Left),
        ("column", Align::Left),
        ("rho", Align::Right),
        ("n", Align::Right),
        ("one-sided", Align::Right),
        ("made theirs", Align::Left),
    ];
    let mut table = Table::new(&columns);
    for row in rows {
        let cells = [row.proxy.to_string(), row.column.clone(), figure(row.rho), row.n.to_string()];
        let note = row.as_theirs.unwrap_or("-").to_owned();
        table.row(cells.into_iter().chain([row.one_sided.to_string(), note]).collect());
    }
    table
}
