//! Evolution with and without the analytic prefilter, at equal processor time:
//! `cargo run --release -p tinynas-search --example prefilter [SPACE@VARIANT] [DRAWS] [EVALUATIONS] [SEEDS]`.
//!
//! The prefiltered search scores EVALUATIONS networks; the plain one scores so many more as the prefilter's time is
//! worth. Both by the default proxies on the same images. Winners of both are ranked among all that either scored: the
//! mean rank of each winner, and the difference of each proxy.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "an example that prints a table")]

use std::{collections::HashMap, error::Error, sync::atomic::AtomicBool};

use tinynas_cost::{Bytes, Engine, Limits};
use tinynas_model::Shape;
use tinynas_score::{Batch, Proxy, Scorer, Scores, rank_sum};
use tinynas_search::{CandidateRecord, EvolutionConfig, Outcome, Search, StrategyKind, prefilter};
use tinynas_space::Space;

/// Processor seconds of this process, all threads; Linux tells them.
fn seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |at: usize, default: &str| arguments.get(at).cloned().unwrap_or_else(|| default.into());
    let name = argument(0, "mnas-small@w0.35-r28");
    let (draws, evaluations): (u64, u32) = (argument(1, "1000000").parse()?, argument(2, "100").parse()?);
    let seeds: u64 = argument(3, "6").parse()?;
    let (space, variant) = name.split_once('@').ok_or("SPACE@VARIANT")?;
    let space = Space::open(space)?;
    let variant = space.variant(variant)?;
    // The demo's limits.
    let limits =
        Limits { engine: Engine::Tinynas, sram: Bytes::kib(24), flash: Bytes::kib(160), macs: Some(1_500_000) };
    let shape = Shape::new(variant.resolution, variant.resolution, space.channels());
    let pixels = (0..32 * shape.elements()).map(|i| ((i * 7919 + i / 7) % 1009) as f32 / 252.0 - 2.0).collect();
    let scorer = Scorer::new(1, Proxy::DEFAULT).with_images(Batch::new(pixels, shape)?);
    let (known, stop) = (HashMap::new(), AtomicBool::new(false));
    println!("{name}, {draws} networks drawn, {evaluations} scored after that, by {:?}", Proxy::DEFAULT);
    println!(
        "seed | prefilter s, s per score | scored plain | rank of the winners of all: prefiltered, plain | difference by proxy"
    );
    let mut wins = 0.0;
    for seed in 0..seeds {
        let config = EvolutionConfig {
            evaluations,
            population: 48.min(evaluations / 3),
            tournament: 8,
            proxies: Proxy::DEFAULT.to_vec(),
            prefilter: draws,
            seed,
            channels: space.channels(),
            classes: 10,
        };
        let population = config.population as usize;
        let search = |config: EvolutionConfig| Search {
            space: &space,
            variant,
            limits: &limits,
            config,
            scorer: &scorer,
            known: &known,
            threads: 1,
            stop: &stop,
        };
        let run = |config| search(config).run_as(StrategyKind::Evolution, &|_, _| Ok(()));
        let begun = seconds();
        prefilter(&search(config.clone()), draws, population)?;
        let filtering = seconds() - begun;
        let filtered = run(config.clone())?;
        let scoring = ((seconds() - begun - 2.0 * filtering) / f64::from(evaluations)).max(1e-4);
        let more = (filtering / scoring) as u32;
        let plain = run(EvolutionConfig { evaluations: evaluations + more, prefilter: 0, ..config })?;
        let all: Vec<&Scores> =
            filtered.candidates.iter().chain(&plain.candidates).map(|candidate| &candidate.scores).collect();
        let sums = rank_sum(&all, Proxy::DEFAULT);
        let place = |at: usize| 1 + sums.iter().filter(|sum| **sum > sums[at]).count();
        let best = |outcome: &Outcome, from: usize| {
            let range = from..from + outcome.candidates.len();
            range.max_by(|a, b| sums[*a].total_cmp(&sums[*b])).unwrap_or(from)
        };
        let (a, b) = (best(&filtered, 0), best(&plain, filtered.candidates.len()));
        wins += f64::from(u8::from(sums[a] > sums[b])) + 0.5 * f64::from(u8::from(sums[a] == sums[b]));
        let record = |at: usize| -> &CandidateRecord {
            filtered.candidates.iter().chain(&plain.candidates).nth(at).unwrap_or(&filtered.candidates[0])
        };
        let difference = |proxy: &Proxy| {
            let score = |at: usize| record(at).scores.get(*proxy).unwrap_or(f64::NAN);
            format!("{proxy} {:+.3}", score(a) - score(b))
        };
        let differences: Vec<String> = Proxy::DEFAULT.iter().map(difference).collect();
        println!(
            "{seed:>4} | {filtering:.2}, {scoring:.4} | {} | {}, {} | {}",
            evaluations + more,
            place(a),
            place(b),
            differences.join(", ")
        );
    }
    println!("the prefiltered search wins {wins} of {seeds}");
    Ok(())
}
