//! `tinynas benchmark scores`: scores the networks of a benchmark into a file.

use std::time::Instant;

use serde_json::json;
use tinynas_benchmark::{Code, Conditions, ScoreTable, ranking, score_all, subset};
use tinynas_score::Proxy;

use super::images;
use crate::{
    args::{ScoresArgs, SpaceName},
    failure::Failure,
    output::{Answer, Printer},
    run_dir::write_atomic,
};

/// Networks between two writes of the file.
const CHUNK: usize = 64;

/// Scores what the file does not have yet.
pub fn run(args: &ScoresArgs, printer: &Printer) -> Result<Answer, Failure> {
    let conditions = Conditions { images: args.images.batch, seed: args.images.work.seed };
    let mut table = if args.out.exists() { ScoreTable::read(&args.out)? } else { ScoreTable::new(conditions) };
    if table.conditions() != conditions {
        let Conditions { images, seed } = table.conditions();
        return Err(Failure::new("benchmark::conditions", format!("{}: made with other images", args.out.display()))
            .help(format!("give --batch {images} --seed {seed}, or another file")));
    }
    let codes = wanted(args, &table);
    printer.step("scores", &format!("{} networks to score", codes.len()));
    let begun = Instant::now();
    if !codes.is_empty() {
        let progress = printer.progress("scores", codes.len() as u64);
        let scorer = images::scorer(&args.images, &args.proxy)?;
        for chunk in codes.chunks(CHUNK) {
            let scores = score_all(chunk, &scorer, args.images.work.threads(), &|| progress.advance(1, ""))?;
            for (code, scores) in chunk.iter().zip(&scores) {
                table.insert(&code.to_string(), &args.proxy, scores);
            }
            write_atomic(&args.out, table.text().as_bytes())?;
        }
        progress.finish();
    }
    let seconds = begun.elapsed().as_secs_f64();
    let names: Vec<&str> = table.proxies().iter().map(|proxy| proxy.name()).collect();
    let human = format!(
        "file      {}\nscored    {} networks in {seconds:.1} s\nholds     {}",
        args.out.display(),
        codes.len(),
        names.join(", ")
    );
    let json = json!({
        "schema": "tinynas/benchmark-scores/1", "file": args.out, "scored": codes.len(), "seconds": seconds,
        "images": conditions.images, "seed": conditions.seed, "proxies": table.proxies() });
    let space = match args.space {
        SpaceName::Nasbench201 => "nasbench201",
        SpaceName::NasbenchMacro => "nasbench-macro",
    };
    Ok(Answer::new(human, &json)?
        .next(format!("tinynas benchmark {space} --table TABLE.csv --scores {}", args.out.display())))
}

/// The networks of the space or of its sample that one of the proxies has not looked at.
fn wanted(args: &ScoresArgs, table: &ScoreTable) -> Vec<Code> {
    let space = super::searches::space(args.space);
    let mut codes = ranking::codes(space);
    if let Some(sample) = args.sample {
        let all = ranking::all_codes(space);
        codes = subset::order(all.len()).into_iter().take(sample).map(|i| all[i]).collect();
        let mut seen = std::collections::HashSet::new();
        codes.retain(|code| seen.insert(*code));
    }
    let proxies: &[Proxy] = &args.proxy;
    codes.retain(|code| !table.missing(&code.to_string(), proxies).is_empty());
    codes
}
