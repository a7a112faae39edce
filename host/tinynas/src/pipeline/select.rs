//! Stage 1: which variant of the space suits the budget.

use std::{
    fs,
    path::PathBuf,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tinynas_cost::{
    Limits,
    select::{SelectConfig, Selection, cdf_svg, select},
};
use tinynas_space::{Space, Variant};

use super::{Inputs, Pipeline};
use crate::{
    experiment::Experiment,
    failure::Failure,
    interrupt,
    run_dir::{names, sha256_hex, write_atomic},
};

/// Time between two looks at the stop flag.
const PATIENCE: Duration = Duration::from_millis(50);

/// Everything that a selection depends on.
#[derive(Debug)]
pub struct Question<'a> {
    /// The space.
    pub space: &'a Space,
    /// What must hold.
    pub limits: &'a Limits,
    /// How many samples, which floor, which seed.
    pub config: SelectConfig,
}

/// A cached answer with the question's hash.
#[derive(Serialize, Deserialize)]
struct Cached {
    key: String,
    selection: Selection,
}

/// Answers from the cache if the same question was asked before, else computes and stores. The flag says whether it was cached.
///
/// # Errors
/// If no variant fits at all.
pub fn cached_selection(question: &Question<'_>, threads: usize) -> Result<(Selection, bool), Failure> {
    let (space, limits, config) = (question.space, question.limits, &question.config);
    // The planner decides what fits: its sources are part of the question.
    let version = concat!(env!("CARGO_PKG_VERSION"), " ");
    let text = format!("{} {limits:?} {config:?} {version}{}", space.hash(), tinynas_device::SOURCES);
    let key = sha256_hex(text.as_bytes());
    let file = cache_folder().map(|folder| folder.join(format!("select-{}.json", &key[..16])));
    let read = file.as_ref().and_then(|file| fs::read(file).ok());
    if let Some(cached) = read.and_then(|bytes| serde_json::from_slice::<Cached>(&bytes).ok())
        && cached.key == key
    {
        return Ok((cached.selection, true));
    }
    let (space, limits, config) = (space.clone(), limits.clone(), config.clone());
    let selection = stoppable(move || select(&space, &limits, &config, threads))??;
    let cached = Cached { key, selection };
    if let Some(file) = file
        && let Some(folder) = file.parent()
        && let Ok(bytes) = serde_json::to_vec(&cached)
        && fs::create_dir_all(folder).is_ok()
    {
        // A cache that cannot be written costs seconds the next time, nothing else.
        let _ = write_atomic(&file, &bytes);
    }
    Ok((cached.selection, false))
}

/// Does work that knows no stop on a thread of its own, which is left behind when Ctrl-C is pressed.
fn stoppable<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let (sender, receiver) = mpsc::channel();
    // If no one waits any more, the result has no use.
    thread::spawn(move || drop(sender.send(work())));
    loop {
        match receiver.recv_timeout(PATIENCE) {
            Ok(result) => return Ok(result),
            Err(RecvTimeoutError::Timeout) if interrupt::stopped() => return Err(Failure::interrupted(None)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(Failure::internal("the selection's thread has ended")),
        }
    }
}

/// `$XDG_CACHE_HOME/tinynas`.
pub(super) fn cache_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache"))).map(|base| base.join("tinynas"))
}

/// The experiment's question.
fn config(experiment: &Experiment, inputs: &Inputs) -> SelectConfig {
    let select = &experiment.select;
    SelectConfig {
        samples: select.samples,
        seed: experiment.seed,
        min_feasible: select.min_feasible,
        sample_until: select.sample_until,
        classes: inputs.classes(),
        channels: inputs.channels(),
    }
}

/// Writes `select.json` and `cdf.svg`; false if they are there.
pub(super) fn run(pipeline: &mut Pipeline<'_>) -> Result<bool, Failure> {
    if pipeline.experiment.select.variant.is_some() || pipeline.dir.has_all(&[names::SELECT, names::CDF]) {
        return Ok(false);
    }
    let inputs = &pipeline.inputs;
    let variants = inputs.space.variants().len();
    let samples = pipeline.experiment.select.samples;
    pipeline.printer.step("select", &format!("{variants} variants of {} x {samples} networks", inputs.space.name));
    let question =
        Question { space: &inputs.space, limits: &inputs.limits, config: config(&pipeline.experiment, inputs) };
    let (selection, _) = cached_selection(&question, pipeline.threads)?;
    pipeline.dir.write(names::CDF, cdf_svg(&selection).as_bytes())?;
    pipeline.dir.write_json(names::SELECT, &selection)?;
    let winner = selection.winner();
    pipeline.printer.step(
        "select",
        &format!(
            "{}: {:.2} M MACs on average, {:.0} % of its networks fit",
            winner.variant,
            winner.mean_macs / 1e6,
            winner.feasible_share * 100.0
        ),
    );
    for note in &selection.notes {
        pipeline.printer.step("", note);
    }
    Ok(true)
}

/// The variant that the run uses.
pub(super) fn variant(pipeline: &Pipeline<'_>) -> Result<Variant, Failure> {
    match &pipeline.experiment.select.variant {
        Some(text) => Ok(pipeline.inputs.space.variant(text)?),
        None => Ok(pipeline.dir.read_json::<Selection>(names::SELECT)?.winner().variant),
    }
}
