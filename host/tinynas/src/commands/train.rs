//! `tinynas train`: the finalists of a run, or one network by name.

use std::path::{Path, PathBuf};

use serde_json::json;
use tinynas_space::Space;

use super::{network::Reference, run};
use crate::{
    args::TrainArgs,
    data,
    experiment::{Budget, Device, Experiment, Kind, Search, Select, Train},
    failure::Failure,
    interrupt,
    output::{Answer, Printer, percent, thousands},
    pipeline::{Chosen, Pipeline, Stage, TrainRecord},
    run_dir::names,
};

/// Trains.
pub fn run(args: &TrainArgs, printer: &Printer) -> Result<Answer, Failure> {
    let path = Path::new(&args.network);
    let mut pipeline = if path.is_dir() || (!args.network.contains('@') && Space::open(&args.network).is_err()) {
        of_run(path, args, printer)?
    } else {
        of_network(args, printer)?
    };
    pipeline.run_until(Stage::Train).map_err(run::same_command)?;
    answer(&pipeline)
}

/// Goes on with a run.
fn of_run<'a>(path: &Path, args: &TrainArgs, printer: &'a Printer) -> Result<Pipeline<'a>, Failure> {
    if args.epochs.is_some() {
        return Err(Failure::new(
            "usage",
            "--epochs is for a network that is no run: a run trains as its experiment says",
        )
        .help(format!(
            "leave it out, or change `train.epochs` in a copy of {} and `tinynas run` it",
            path.join(names::EXPERIMENT).display()
        )));
    }
    let pipeline = Pipeline::resume(path, args.work.threads(), printer, interrupt::install())?;
    same_data(&pipeline, args.data.as_deref())?;
    Ok(pipeline)
}

/// Starts a run of one network.
fn of_network<'a>(args: &TrainArgs, printer: &'a Printer) -> Result<Pipeline<'a>, Failure> {
    let reference = Reference::parse(&args.network);
    reference.member()?;
    let name = format!("train-{}", reference.stem());
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from("runs").join("train"));
    let defaults = Train::default();
    let experiment = Experiment {
        name,
        space: reference.space,
        data: args.data.clone().unwrap_or_else(|| data::SHIPPED.into()),
        board: None,
        budget: Budget::default(),
        seed: args.work.seed,
        select: Select { variant: reference.variant, genotype: reference.genotype, ..Select::default() },
        search: Search::default(),
        train: Train { epochs: args.epochs.unwrap_or(defaults.epochs), ..defaults },
        device: Device { kind: Some(Kind::None), ..Device::default() },
    };
    run::start_or_go_on(&out, experiment, args.force, args.work.threads(), printer)
}

/// Fails if `--data` names other images than the run's.
pub(super) fn same_data(pipeline: &Pipeline<'_>, named: Option<&str>) -> Result<(), Failure> {
    match named {
        Some(name) if data::open(name)?.fingerprint() != pipeline.inputs.data.fingerprint() => Err(Failure::new(
            "data::mismatch",
            format!("the run was started with `{}`, `{name}` holds other images", pipeline.experiment.data),
        )
        .help("leave out --data, or start a new run with it")),
        _ => Ok(()),
    }
}

fn answer(pipeline: &Pipeline<'_>) -> Result<Answer, Failure> {
    let dir = &pipeline.dir;
    let best: Chosen = dir.read_json(names::BEST)?;
    let trained: TrainRecord = dir.read_json(names::TRAIN)?;
    let human = format!(
        "network   {} at {}: {} MACs, {} parameters\naccuracy  {} on the test images, {} on those to choose by (epoch {})\nweights   {}",
        best.id,
        best.variant,
        thousands(best.macs),
        thousands(best.params),
        percent(best.test_accuracy),
        percent(best.validation_accuracy),
        best.best_epoch,
        dir.file(names::WEIGHTS).display(),
    );
    let json = json!({
        "schema": "tinynas/train/1", "directory": dir.path().display().to_string(), "id": best.id,
        "genotype": best.genotype, "variant": best.variant, "macs": best.macs, "params": best.params,
        "accuracy": best.test_accuracy, "validation_accuracy": best.validation_accuracy, "best_epoch": best.best_epoch,
        "weights": dir.file(names::WEIGHTS).display().to_string(), "training": trained });
    Ok(Answer::new(human, &json)?.next(format!("tinynas quantize {}", dir.path().display())))
}
