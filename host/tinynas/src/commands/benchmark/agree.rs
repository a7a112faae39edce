//! `tinynas benchmark agree`: our scores beside those of another program.

use std::time::Instant;

use serde_json::json;
use tinynas_benchmark::{
    agree::{AgreeRow, Reference},
    score_all,
};

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
    let rows = reference.agree(&proxies, &scores);
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
    ];
    let mut table = Table::new(&columns);
    for row in rows {
        let cells = [row.proxy.to_string(), row.column.clone(), figure(row.rho), row.n.to_string()];
        table.row(cells.into_iter().chain([row.one_sided.to_string()]).collect());
    }
    table
}
