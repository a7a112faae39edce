//! `tinynas bench MODEL`: a compiled model on a device, every output compared with the host's.

use std::fmt::Write;

use tinynas_cost::Board;
use tinynas_device::{Qemu, find_image};

use super::model::ModelFile;
use crate::{
    args::BenchArgs,
    failure::Failure,
    interrupt,
    output::{Answer, Printer, Verdict, thousands},
    pipeline::{Bench, Measured, bench},
};

/// Runs the model.
pub fn run(args: &BenchArgs, printer: &Printer) -> Result<Answer, Failure> {
    let file = ModelFile::open(&args.model)?;
    let board = Board::open(&args.board)?;
    let device = Qemu::find()?;
    if board.name != device.board() {
        return Err(Failure::new("device::none", format!("this version has no device for `{}`", board.name))
            .help(format!("run it on the emulated board: --board {}", device.board())));
    }
    let image = find_image(&board.name, args.firmware.as_deref())?;
    let dataset = file.data(args.data.as_deref())?;
    let count = dataset.test.len().min(args.images as usize);
    printer.step("bench", &format!("{count} images on {} ({})", board.name, device.version()?));
    let progress = printer.progress("bench", count as u64);
    let job = Bench {
        image,
        model: &file.bytes,
        predicted_model_bytes: file.predicted_bytes()?,
        images: &dataset.test,
        count,
        stop: interrupt::install(),
    };
    let measured = bench(&job, &progress)?;
    progress.finish();
    let verdict = if measured.holds() { Verdict::Yes } else { Verdict::No };
    let answer = Answer::new(human(&measured), &measured)?.verdict(verdict);
    Ok(match &file.run {
        Some(run) => answer.next(format!("tinynas report {}", run.dir.path().display())),
        None => answer.next(format!("tinynas eval {}", file.name())),
    })
}

fn human(m: &Measured) -> String {
    let mut text = format!(
        "device    {} ({}): {} of {} outputs equal to the host",
        m.board, m.evidence, m.outputs_equal, m.outputs_total
    );
    if let Some(difference) = &m.first_difference {
        let _ = write!(text, "\ndiffers   {}", difference.words());
    }
    let off = |predicted: u64, seen: u64| format!("{} B off", thousands(predicted.abs_diff(seen)));
    let _ = write!(
        text,
        "\nSRAM      predicted {} B, linked {} B, observed {} B ({}); stack used {} of {} B reserved\n\
         flash     predicted {} B, linked {} B ({}): code {} B, model {} B",
        thousands(m.sram.predicted_bytes),
        thousands(m.sram.linked_bytes),
        thousands(m.sram.observed_bytes),
        off(m.sram.predicted_bytes, m.sram.observed_bytes),
        thousands(m.sram.stack_high_water_bytes),
        thousands(m.sram.stack_reserve_bytes),
        thousands(m.flash.predicted_bytes),
        thousands(m.flash.linked_bytes),
        off(m.flash.predicted_bytes, m.flash.linked_bytes),
        thousands(m.flash.code_bytes),
        thousands(m.flash.model_bytes),
    );
    match (m.cycles, m.instructions) {
        (None, None) => text.push_str("\ntime      not known: this device counts neither cycles nor instructions"),
        (cycles, instructions) => {
            let count = |n: Option<u64>| n.map_or_else(|| "unknown".into(), thousands);
            let _ = write!(text, "\ntime      {} cycles, {} instructions", count(cycles), count(instructions));
        }
    }
    text
}
