//! `tinynas search SPACE[@VARIANT]`: candidates scored without training, in a run directory.

use std::path::PathBuf;

use serde_json::json;
use tinynas_score::{Proxy, ranking};
use tinynas_search::CandidateRecord;

use super::{network::Reference, run};
use crate::{
    args::SearchArgs,
    device::figures_of,
    experiment::{Budget, Device, Experiment, Kind, Search, Select, Train},
    failure::Failure,
    output::{Align, Answer, Printer, Table, kib, thousands},
    pipeline::{Pipeline, SearchRecord, Stage, candidates},
    run_dir::names,
};

/// Candidates in the table; `candidates.jsonl` has all.
const SHOWN: usize = 10;

/// Searches.
pub fn run(args: &SearchArgs, printer: &Printer) -> Result<Answer, Failure> {
    let reference = Reference::parse(&args.space);
    if reference.genotype.is_some() {
        return Err(Failure::new(
            "search::one_network",
            format!("`{}` names one network: there is nothing to search", args.space),
        )
        .help(format!("leave out what follows the variant, or score it: tinynas score '{}'", args.space)));
    }
    let name = format!("search-{}", reference.stem());
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from("runs").join(&name));
    let defaults = Search::default();
    let experiment = Experiment {
        name,
        space: reference.space,
        data: args.data.clone(),
        board: args.budget.board.clone(),
        budget: Budget { latency_ms: args.latency_ms, ..args.budget.budget() },
        seed: args.work.seed,
        select: Select {
            engine: args.rank.engine,
            samples: args.rank.samples,
            min_feasible: args.rank.min_feasible,
            sample_until: args.rank.sample_until,
            variant: reference.variant,
            genotype: None,
        },
        search: Search {
            strategy: args.strategy,
            prefilter: args.prefilter,
            evaluations: args.evaluations,
            proxies: if args.proxy.is_empty() { defaults.proxies.clone() } else { args.proxy.clone() },
            latency: args.latency,
            ..defaults
        },
        train: Train::default(),
        device: Device { kind: Some(kind(args)), ..Device::default() },
    };
    let mut pipeline = run::start_or_go_on(&out, experiment, args.force, args.work.threads(), printer)?;
    pipeline.device = args.device.clone();
    pipeline.run_until(Stage::Search).map_err(run::same_command)?;
    answer(&pipeline)
}

/// The kind of device that tells latencies; none where none is asked.
fn kind(args: &SearchArgs) -> Kind {
    match (&args.latency, &args.device) {
        (None, _) => Kind::None,
        (Some(_), device) if device.virtual_board => Kind::Virtual,
        (Some(_), device) if device.qemu => Kind::Qemu,
        (Some(_), _) => Kind::Probe,
    }
}

fn answer(pipeline: &Pipeline<'_>) -> Result<Answer, Failure> {
    let dir = &pipeline.dir;
    let record: SearchRecord = dir.read_json(names::SEARCH)?;
    let candidates = candidates(dir)?;
    let proxies = &record.proxies;
    let scores: Vec<_> = candidates.iter().map(|candidate| &candidate.scores).collect();
    let order = ranking(&scores, proxies, |i| candidates[i].id);
    let accepted =
        |candidate: &&CandidateRecord| record.latency.as_ref().is_none_or(|latency| latency.accepts(candidate));
    let top: Vec<&CandidateRecord> = order.iter().map(|i| &candidates[*i]).filter(accepted).take(SHOWN).collect();
    let best = top.first().map(|best| {
        format!("{} MACs, {} of SRAM, {} of flash", thousands(best.macs), kib(best.sram_bytes), kib(best.flash_bytes))
    });
    let latency = record.latency.as_ref().map_or_else(String::new, |latency| {
        let limit = latency.limit_ms.map_or_else(String::new, |ms| format!("; {} over {ms} ms", latency.too_slow));
        format!(
            "\nlatency   ms on {} ({}): {} asked for{limit}; {} not, for their low score",
            latency.device.board,
            figures_of(&latency.device, latency.timing_model.as_ref()),
            latency.asked,
            latency.not_asked
        )
    });
    let human = format!(
        "found     {} of {} at {}: {}\nscored    {} candidates by {}; {} more broke a limit{latency}\n\n{}",
        record.best_id,
        record.space,
        record.variant,
        best.unwrap_or_default(),
        thousands(record.evaluated),
        proxies.iter().map(|p| p.name()).collect::<Vec<_>>().join(" + "),
        thousands(record.infeasible),
        table(&top, proxies).render(),
    );
    let mut json = serde_json::to_value(&record).map_err(Failure::internal)?;
    json["directory"] = json!(dir.path().display().to_string());
    json["top"] = json!(top);
    Ok(Answer::new(human, &json)?.next(format!("tinynas train {}", dir.path().display())))
}

fn table(top: &[&CandidateRecord], proxies: &[Proxy]) -> Table {
    use Align::{Left, Right};
    let mut columns = vec![
        ("rank", Right),
        ("candidate", Left),
        ("MACs", Right),
        ("parameters", Right),
        ("SRAM", Right),
        ("flash", Right),
    ];
    columns.extend(proxies.iter().map(|proxy| (proxy.name(), Right)));
    let timed = top.iter().any(|candidate| candidate.latency_ms.is_some());
    columns.extend(timed.then_some(("ms", Right)));
    let mut table = Table::new(&columns);
    for (rank, candidate) in top.iter().enumerate() {
        let mut cells = vec![
            (rank + 1).to_string(),
            candidate.id.to_string(),
            thousands(candidate.macs),
            thousands(candidate.params),
            kib(candidate.sram_bytes),
            kib(candidate.flash_bytes),
        ];
        let score =
            |proxy: &Proxy| candidate.scores.get(*proxy).map_or_else(|| "-".into(), |score| format!("{score:.2}"));
        cells.extend(proxies.iter().map(score));
        if timed {
            cells.push(candidate.latency_ms.map_or_else(|| "-".into(), |ms| format!("{ms:.3}")));
        }
        table.row(cells);
    }
    table
}
