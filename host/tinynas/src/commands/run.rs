//! `tinynas demo`, `run` and `resume`: the whole pipeline.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    args::{DemoArgs, DeviceArgs, ResumeArgs, RunArgs, StartArgs, threads},
    experiment::{DEMO, Experiment},
    failure::Failure,
    interrupt,
    output::{Answer, Printer, Verdict},
    pipeline::{Pipeline, Stage, Summary},
    run_dir::{Older, names},
};

/// The whole pipeline on shipped data.
pub fn demo(args: &DemoArgs, printer: &Printer) -> Result<Answer, Failure> {
    let experiment = Experiment::parse(DEMO, "demo.yaml")?;
    start(experiment, DEMO, &args.out, args.start, &DeviceArgs::default(), printer)
}

/// The whole pipeline as a file says.
pub fn experiment(args: &RunArgs, printer: &Printer) -> Result<Answer, Failure> {
    let (experiment, text) = Experiment::load(&args.experiment)?;
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from("runs").join(&experiment.name));
    start(experiment, &text, &out, args.start, &args.device, printer)
}

/// Goes on where a run was stopped.
pub fn resume(args: &ResumeArgs, printer: &Printer) -> Result<Answer, Failure> {
    let stop = interrupt::install();
    let mut pipeline = Pipeline::resume(&args.run, threads(args.threads), printer, stop)?.with_device(&args.device);
    pipeline.run_until(Stage::Report)?;
    answer(&pipeline)
}

fn start(
    mut experiment: Experiment,
    text: &str,
    out: &Path,
    asked: StartArgs,
    device: &DeviceArgs,
    printer: &Printer,
) -> Result<Answer, Failure> {
    let mut text = text.to_owned();
    if let Some(seed) = asked.seed.filter(|seed| *seed != experiment.seed) {
        experiment.seed = seed;
        text = experiment.to_yaml()?;
    }
    let stop = interrupt::install();
    let mut pipeline =
        Pipeline::create(out, experiment, &text, replace(asked.force), threads(asked.threads), printer, stop)?
            .with_device(device);
    pipeline.run_until(Stage::Report)?;
    answer(&pipeline)
}

/// Starts a run in `out`, or goes on with the one that is there if it was asked the same.
///
/// # Errors
/// `run::exists` if another run is there, and what starting or resuming a run can give.
pub(super) fn start_or_go_on<'a>(
    out: &Path,
    experiment: Experiment,
    force: bool,
    threads: usize,
    printer: &'a Printer,
) -> Result<Pipeline<'a>, Failure> {
    let stop = interrupt::install();
    let text = experiment.to_yaml()?;
    let same = !force && fs::read_to_string(out.join(names::EXPERIMENT)).is_ok_and(|there| there == text);
    if same && out.join(names::RUN).is_file() {
        printer.step("resume", &out.display().to_string());
        return Pipeline::resume(out, threads, printer, stop);
    }
    Pipeline::create(out, experiment, &text, replace(force), threads, printer, stop)
}

/// An interruption of a command that goes on when it is typed again.
pub(super) fn same_command(failure: Failure) -> Failure {
    if failure.code() == "interrupted" { failure.help("the same command goes on where it was") } else { failure }
}

/// What `--force` means.
const fn replace(force: bool) -> Older {
    if force { Older::Replace } else { Older::Keep }
}

fn answer(pipeline: &Pipeline<'_>) -> Result<Answer, Failure> {
    let summary = Summary::read(pipeline)?;
    let verdict = if summary.holds() { Verdict::Yes } else { Verdict::No };
    let next = format!("open {}", pipeline.dir.file(names::REPORT).display());
    Ok(Answer::new(summary.human(), &summary)?.verdict(verdict).next(next))
}
