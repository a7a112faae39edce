//! Stage 2: candidates of the variant, scored without training.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use tinynas_cost::cost;
use tinynas_model::{CandidateId, Genotype, Shape};
use tinynas_score::{Batch, Proxy, Scorer};
use tinynas_search::{Admission, CandidateRecord, EvolutionConfig, Gate, Outcome, Search};
use tinynas_space::Variant;
use tinynas_train::Dataset;

use super::{LatencyRecord, Pipeline, latency::Timer, select};
use crate::{
    data::sample,
    experiment::Latency,
    failure::Failure,
    output::{percent, thousands},
    run_dir::{Entry, names},
};

/// What the search found, in short: `search.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchRecord {
    /// `tinynas/search/1`.
    pub schema: String,
    /// Space.
    pub space: String,
    /// Variant whose networks were searched.
    pub variant: String,
    /// Proxies whose rank sum decides.
    pub proxies: Vec<Proxy>,
    /// Candidates that were scored.
    pub evaluated: u64,
    /// Candidates that were made but break a limit; they were not scored.
    pub infeasible: u64,
    /// The candidate with the best rank sum.
    pub best_id: CandidateId,
    /// Candidates to train, best rank sum first.
    pub finalists: Vec<CandidateId>,
    /// What a device said of latencies, if one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<LatencyRecord>,
}

/// Writes `candidates.jsonl` and `search.json`; false if they are there.
pub(super) fn run(pipeline: &mut Pipeline<'_>) -> Result<bool, Failure> {
    if pipeline.dir.has_all(&[names::SEARCH, names::CANDIDATES]) {
        return Ok(false);
    }
    let variant = select::variant(pipeline)?;
    let settings = &pipeline.experiment.search;
    let seed = pipeline.experiment.seed;
    let scorer = scorer(&pipeline.inputs.data, variant.resolution, &settings.proxies, settings.images, seed)?;
    let (outcome, latency) = match &pipeline.experiment.select.genotype {
        Some(text) => (given(pipeline, variant, &text.parse()?, &scorer)?, None),
        None => searched(pipeline, variant, &scorer)?,
    };
    let record = SearchRecord { latency, ..record(pipeline, variant, &outcome)? };
    let mut lines = String::new();
    for candidate in &outcome.candidates {
        lines.push_str(&serde_json::to_string(candidate).map_err(Failure::internal)?);
        lines.push('\n');
    }
    pipeline.dir.write(names::CANDIDATES, lines.as_bytes())?;
    pipeline.dir.write_json(names::SEARCH, &record)?;
    let best = outcome.best().ok_or_else(|| Failure::internal("a search without a best candidate"))?;
    let made = record.evaluated + record.infeasible;
    pipeline.printer.step(
        "search",
        &format!(
            "{} scored, {} over the budget ({}); best {} with {} MACs",
            thousands(record.evaluated),
            thousands(record.infeasible),
            percent(record.infeasible as f64 / made.max(1) as f64),
            best.id,
            thousands(best.macs)
        ),
    );
    Ok(true)
}

/// What scores networks that read images of `side` × `side`: the batch is drawn from the training images.
///
/// # Errors
/// If there are fewer than two training images.
pub fn scorer(data: &Dataset, side: u32, proxies: &[Proxy], images: u32, seed: u64) -> Result<Scorer, Failure> {
    let scorer = Scorer::new(seed, proxies);
    if !proxies.iter().any(|proxy| proxy.needs_images()) {
        return Ok(scorer);
    }
    let chosen = data.train.select(&sample(&data.train, images as usize, seed, "proxies")).resized(side as usize);
    let every: Vec<usize> = (0..chosen.len()).collect();
    let preprocess = data.preprocess(side);
    let shape = Shape::new(side, side, preprocess.channels);
    let labels = chosen.labels.iter().map(|label| u32::from(*label)).collect();
    Ok(scorer.with_images(Batch::new(chosen.floats(&every, &preprocess), shape)?.with_labels(labels)?))
}

fn searched(
    pipeline: &Pipeline<'_>,
    variant: Variant,
    scorer: &Scorer,
) -> Result<(Outcome, Option<LatencyRecord>), Failure> {
    let (settings, inputs) = (&pipeline.experiment.search, &pipeline.inputs);
    let names: Vec<&str> = settings.proxies.iter().map(|proxy| proxy.name()).collect();
    pipeline.printer.step(
        "search",
        &format!("{} networks of {variant}, scored by {}, no training", settings.evaluations, names.join(" + ")),
    );
    let search = Search {
        space: &inputs.space,
        variant,
        limits: &inputs.limits,
        config: EvolutionConfig {
            evaluations: settings.evaluations,
            population: settings.population,
            tournament: settings.tournament,
            proxies: settings.proxies.clone(),
            prefilter: settings.prefilter,
            seed: pipeline.experiment.seed,
            channels: inputs.channels(),
            classes: inputs.classes(),
        },
        scorer,
        known: &pipeline.known,
        threads: pipeline.threads,
        stop: pipeline.stop,
    };
    let mut timer = match settings.latency {
        Some(Latency::Device) => Some(Timer::open(pipeline, variant.resolution)?),
        None => None,
    };
    let progress = pipeline.printer.progress("search", u64::from(settings.evaluations));
    let failed: Mutex<Option<Failure>> = Mutex::new(None);
    let on_scored = |candidate: &CandidateRecord, fresh: bool| {
        if fresh && let Err(failure) = journal_score(pipeline, candidate) {
            let text = failure.to_string();
            if let Ok(mut failed) = failed.lock() {
                failed.get_or_insert(failure);
            }
            return Err(text);
        }
        progress.advance(1, "scored");
        Ok(())
    };
    let gate = timer.as_mut().map(|timer| timer as &mut dyn Gate);
    let outcome = search.run_gated(settings.strategy, &on_scored, gate);
    progress.finish();
    // The journal's and the device's own failure say more than the search's account of it.
    if let Ok(Some(failure)) = failed.into_inner() {
        return Err(failure);
    }
    if let Some(failure) = timer.as_mut().and_then(Timer::failure) {
        return Err(failure);
    }
    let outcome = outcome?;
    let latency = timer.map(|timer| {
        let record = timer.record(&outcome);
        said(pipeline, &record, timer.counts());
        record
    });
    Ok((outcome, latency))
}

/// Says how many candidates the device was asked about, and what came of it.
fn said(pipeline: &Pipeline<'_>, latency: &LatencyRecord, (ran, known): (u64, u64)) {
    let limit = latency.limit_ms.map_or_else(String::new, |ms| format!(", {} over {ms} ms", latency.too_slow));
    let text = format!(
        "{ran} ran on {} ({}), {known} known from before{limit}, {} not asked for their low score",
        latency.device.board, latency.device.kind, latency.not_asked
    );
    pipeline.printer.step("latency", &text);
}

fn journal_score(pipeline: &Pipeline<'_>, candidate: &CandidateRecord) -> Result<(), Failure> {
    pipeline.journal.append(Entry::Score { id: candidate.id, scores: candidate.scores.clone() })
}

/// The one network that the experiment names, whether or not it fits the limits.
fn given(pipeline: &Pipeline<'_>, variant: Variant, genotype: &Genotype, scorer: &Scorer) -> Result<Outcome, Failure> {
    let inputs = &pipeline.inputs;
    let architecture = inputs.space.architecture(variant, genotype, inputs.channels(), inputs.classes())?;
    let network = architecture.network()?;
    let cost = cost(&network, inputs.limits.engine)?;
    let id = inputs.space.id(variant, genotype);
    let candidate = CandidateRecord {
        index: 0,
        variant,
        genotype: genotype.clone(),
        id,
        macs: cost.macs,
        params: cost.params,
        relu_units: network.relu_units(),
        sram_bytes: cost.sram.0,
        flash_bytes: cost.flash.0,
        scores: match pipeline.known.get(&id) {
            Some(scores) => scores.clone(),
            None => scorer.score(&network, id)?,
        },
        latency_ms: None,
    };
    if !pipeline.known.contains_key(&id) {
        journal_score(pipeline, &candidate)?;
    }
    let admissions = vec![Admission::Accepted];
    Ok(Outcome { candidates: vec![candidate], infeasible: 0, ranking: vec![0], admissions })
}

fn record(pipeline: &Pipeline<'_>, variant: Variant, outcome: &Outcome) -> Result<SearchRecord, Failure> {
    let settings = &pipeline.experiment.search;
    let scored =
        |candidate: &CandidateRecord| settings.proxies.iter().all(|proxy| candidate.scores.get(*proxy).is_some());
    let ranked = outcome.ranking.iter().map(|at| &outcome.candidates[*at]).filter(|candidate| scored(candidate));
    let finalists: Vec<CandidateId> = ranked.take(settings.finalists as usize).map(|candidate| candidate.id).collect();
    let Some(best_id) = finalists.first().copied() else {
        let refused = outcome.count(Admission::Refused);
        if let Some(limit) = pipeline.experiment.budget.latency_ms.filter(|_| refused > 0) {
            let fastest = outcome.candidates.iter().filter_map(|one| one.latency_ms).fold(f64::INFINITY, f64::min);
            let message = format!("all {refused} candidates that were asked take longer than {limit} ms");
            let help = format!("the fastest takes {fastest:.3} ms: raise the limit, or take a smaller variant");
            return Err(Failure::no("budget::too_slow", message).help(help));
        }
        return Err(Failure::no("search::nothing", "no candidate could be scored by every proxy")
            .help("leave out a proxy in `search.proxies`, or raise `search.evaluations`"));
    };
    Ok(SearchRecord {
        schema: "tinynas/search/1".into(),
        space: pipeline.inputs.space.name.clone(),
        variant: variant.to_string(),
        proxies: settings.proxies.clone(),
        evaluated: outcome.candidates.len() as u64,
        infeasible: outcome.infeasible,
        best_id,
        finalists,
        latency: None,
    })
}

/// The scored candidates of a run, in the order of evaluation.
///
/// # Errors
/// `io`, or `run::damaged` with the line.
pub fn candidates(dir: &crate::run_dir::RunDir) -> Result<Vec<CandidateRecord>, Failure> {
    let text = String::from_utf8_lossy(&dir.read(names::CANDIDATES)?).into_owned();
    let read = |(number, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| {
            let file = dir.file(names::CANDIDATES).display().to_string();
            Failure::new("run::damaged", format!("{file} line {} cannot be read: {error}", number + 1))
                .at(&file, &text, number + 1, 1, "this line")
                .help(format!("remove {file} and search.json: `tinynas resume` makes them again"))
        })
    };
    text.lines().enumerate().map(read).collect()
}
