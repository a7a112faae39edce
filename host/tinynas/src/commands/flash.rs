//! `tinynas flash MODEL`: firmware and model onto a board, only what differs, verified.

use serde_json::json;
use tinynas_cost::Board;
use tinynas_device::{DeviceKind, Written};

use super::model::ModelFile;
use crate::{
    args::FlashArgs,
    device::{self, Opened},
    failure::Failure,
    output::{Answer, Printer, thousands},
    pipeline::place,
};

/// Flashes.
pub fn run(args: &FlashArgs, printer: &Printer) -> Result<Answer, Failure> {
    let file = ModelFile::open(&args.model)?;
    let board = board(args, &file)?;
    let file = file.planned_for(&board, args.plan)?;
    let kind = device::kind(&args.device, &board);
    if kind == DeviceKind::Qemu {
        return Err(Failure::new("device::nothing_to_flash", format!("{} is emulated: it has no flash", board.name))
            .help(format!("run the model there: tinynas bench {} --board {}", file.name(), board.name)));
    }
    let image = device::image(&board, &args.device)?;
    let (mut opened, facts) = Opened::open(kind, &board, &args.device, false)?;
    printer.step("flash", &format!("{} on {} ({})", file.name(), board.name, facts.kind));
    device::before_erasing(&mut opened, &image, &args.device, printer)?;
    let steps = printer.steps("flash");
    let put = opened.put(&image, &file.bytes, &mut |progress| steps.show(progress));
    steps.finish();
    let (info, written) = put?;
    let written = written.unwrap_or_default();
    let megahertz = f64::from(info.clock_hz) / 1e6;
    let human = format!(
        "written   {}\nfirmware  {} B, {}\nmodel     {} B at {:#010x}\nrunning   {} at {megahertz} MHz: the firmware found the model valid, {} steps, arena {} B",
        words(written),
        thousands(image.sections().flash_bytes),
        &image.manifest().sha256[..16],
        thousands(file.bytes.len() as u64),
        image.sections().model_address,
        board.name,
        info.steps,
        thousands(info.arena_bytes.into()),
    );
    let json = json!({
        "schema": "tinynas/flash/1",
        "device": facts,
        "firmware_sha256": image.manifest().sha256,
        "firmware_bytes": image.sections().flash_bytes,
        "model_bytes": file.bytes.len(),
        "model_address": image.sections().model_address,
        "written": { "firmware": written.firmware, "model": written.model },
        "clock_hz": info.clock_hz,
        "arena_bytes": info.arena_bytes,
    });
    let flag = if kind == DeviceKind::Virtual { " --virtual" } else { "" };
    Ok(Answer::new(human, &json)?.next(format!("tinynas bench {} --board {}{flag}", file.name(), board.name)))
}

fn board(args: &FlashArgs, file: &ModelFile) -> Result<Board, Failure> {
    let of_run = || {
        let run = file.run.as_ref()?;
        Some(place(&run.base, run.experiment.board.as_deref()?, &Board::shipped()))
    };
    match args.board.clone().or_else(of_run) {
        Some(name) => Ok(Board::open(&name)?),
        None => Err(Failure::new("usage", "nothing says which board it is")
            .help("name it: --board NAME (`tinynas boards` lists them)")),
    }
}

const fn words(written: Written) -> &'static str {
    match written {
        Written { firmware: true, model: true } => "firmware and model",
        Written { firmware: true, model: false } => "only the firmware: the model is the one that was there",
        Written { firmware: false, model: true } => "only the model: the firmware is the one that was there",
        Written { firmware: false, model: false } => "nothing: both are what was there",
    }
}
