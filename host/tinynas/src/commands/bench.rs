//! `tinynas bench MODEL`: a compiled model on boards, timed layer by layer, every output compared with the host's.

mod several;
mod text;

use std::path::PathBuf;

use tinynas_cost::Board;
use tinynas_device::DeviceKind;

use super::model::ModelFile;
use crate::{
    args::BenchArgs,
    device::{self, Bench, DEFAULT_BOARD, Measured, Opened, bench},
    experiment::Kind,
    failure::Failure,
    interrupt,
    output::{Answer, Printer, Verdict},
    pipeline::place,
    run_dir::names,
};

/// Runs the model.
pub fn run(args: &BenchArgs, printer: &Printer) -> Result<Answer, Failure> {
    let file = ModelFile::open(&args.model)?;
    if args.board.len() > 1 || args.board.iter().any(|name| name == several::ALL) {
        return several::run(args, &file, printer);
    }
    let (board, kind) = target(args, &file)?;
    if args.profile && kind != DeviceKind::Virtual {
        return Err(Failure::new("usage", "only a virtual board counts per function").help("add --virtual"));
    }
    let measured = one(args, &file, &board, kind, printer)?;
    let verdict = if measured.holds() { Verdict::Yes } else { Verdict::No };
    let answer = Answer::new(text::human(&measured), &measured)?.verdict(verdict);
    Ok(answer.next(match kind {
        DeviceKind::Qemu => format!("tinynas bench {} --board {DEFAULT_BOARD} --virtual", file.name()),
        DeviceKind::Virtual => format!("tinynas flash {} --board {}", file.name(), board.name),
        _ => format!("tinynas bench {} --board all --virtual", file.name()),
    }))
}

/// The board and the kind of device that were asked for; the run's own where nothing was.
fn target(args: &BenchArgs, file: &ModelFile) -> Result<(Board, DeviceKind), Failure> {
    if let Some(name) = args.board.first() {
        let board = Board::open(name)?;
        let kind = device::kind(&args.device, &board);
        return Ok((board, kind));
    }
    let run = file.run.as_ref();
    let named = run.and_then(|run| Some(place(&run.base, run.experiment.board.as_deref()?, &Board::shipped())));
    let board = Board::open(named.as_deref().unwrap_or(DEFAULT_BOARD))?;
    let kind = match device::kind(&args.device, &board) {
        DeviceKind::Probe if args.device.probe.is_some() => DeviceKind::Probe,
        DeviceKind::Probe if run.is_some_and(|run| run.experiment.device.kind == Some(Kind::Probe)) => {
            DeviceKind::Probe
        }
        DeviceKind::Probe => DeviceKind::Virtual,
        kind => kind,
    };
    Ok((board, kind))
}

/// One board: opened, flashed, run, recorded.
fn one(
    args: &BenchArgs,
    file: &ModelFile,
    board: &Board,
    kind: DeviceKind,
    printer: &Printer,
) -> Result<Measured, Failure> {
    let image = device::image(board, &args.device)?;
    let (mut opened, facts) = Opened::open(kind, board, &args.device, args.profile)?;
    let file = &file.planned_for(board, args.plan)?;
    let inputs = match &file.imported {
        // Without a data set any input compares host and chip.
        Some(imported) if args.data.is_none() => imported.random_inputs(args.images),
        _ => device::inputs(&file.data(args.data.as_deref())?.test, args.images as usize),
    };
    let what = if file.imported.is_some() && args.data.is_none() { "random inputs" } else { "images" };
    printer.step("bench", &format!("{} {what} on {} ({})", inputs.len(), board.name, facts.kind));
    device::before_erasing(&mut opened, &image, &args.device, printer)?;
    let names = file.layer_names()?;
    let job = Bench {
        image: &image,
        model: &file.bytes,
        names: names.as_deref(),
        predicted_model_bytes: file.predicted_bytes()?,
        core: board.core,
        inputs: &inputs,
        repeats: args.repeats as usize,
        stop: interrupt::install(),
    };
    let progress = printer.progress("bench", inputs.len() as u64);
    let measured = bench(&mut opened, facts, &job, &progress);
    progress.finish();
    let measured = measured?;
    if let Some(path) = record(args, file, &board.name) {
        let lines = device::append(&path, &file.model()?, &measured)?;
        if lines > 0 {
            printer.step("record", &format!("{lines} layers appended to {}", path.display()));
        }
    }
    Ok(measured)
}

/// The file of the board's figures. Those of another plan are not the run's.
fn record(args: &BenchArgs, file: &ModelFile, board: &str) -> Option<PathBuf> {
    let of_run = || Some(file.run.as_ref()?.dir.file(names::MEASUREMENTS).join(format!("{board}.jsonl")));
    args.record.clone().or_else(|| args.plan.is_empty().then(of_run).flatten())
}
