//! Stage 5: the compiled model on a device; every output compared, every byte and cycle counted.

use tinynas_cost::Board;
use tinynas_device::{DeviceError, DeviceKind, ProbeError};

use super::{Chosen, Pipeline, QuantRecord};
use crate::{
    device::{self, Bench, Measured, Opened, bench, figures_of, inputs},
    experiment::Kind,
    failure::Failure,
    output::thousands,
    run_dir::names,
};

/// Runs of the first image, whose least cycles are told.
const REPEATS: usize = 5;

/// The board and the kind of device that measures, or why none does.
fn plan<'a>(pipeline: &'a Pipeline<'_>) -> Result<(DeviceKind, &'a Board), String> {
    let overridden = pipeline.device.virtual_board || pipeline.device.qemu;
    if pipeline.experiment.device.kind == Some(Kind::None) && !overridden {
        return Err("as the experiment says".into());
    }
    let Some(board) = &pipeline.inputs.board else {
        return Err("no board is named: `board: NAME` in the experiment runs the result on its virtual board".into());
    };
    let kind = pipeline.device_kind(board);
    match (kind, Opened::open(kind, board, &pipeline.device, false)) {
        (DeviceKind::Virtual, Err(DeviceError::Probe(error @ ProbeError::NoVirtualBoard { .. }))) => {
            Err(format!("{error}; `device: {{ kind: probe }}` runs it on the board itself"))
        }
        _ => Ok((kind, board)),
    }
}

/// Says before the work begins what the last stages will need.
pub(super) fn preflight(pipeline: &Pipeline<'_>) {
    let Ok((kind, board)) = plan(pipeline) else { return };
    let open = Opened::open(kind, board, &pipeline.device, false).err().map(Failure::from);
    let image = device::image(board, &pipeline.device).err();
    for failure in open.into_iter().chain(image) {
        let help = failure.helps().unwrap_or_default();
        pipeline.printer.warn(&format!("{failure}: the stage `measure` will need it; {help}"));
    }
}

/// Writes `measure.json`; false if it is there or no device is the run's board.
pub(super) fn run(pipeline: &mut Pipeline<'_>) -> Result<bool, Failure> {
    if pipeline.dir.has(names::MEASURE) {
        return Ok(false);
    }
    let (kind, board) = match plan(pipeline) {
        Ok(plan) => plan,
        Err(why) => {
            pipeline.printer.step("measure", &format!("skipped: {why}"));
            return Ok(false);
        }
    };
    let chosen: Chosen = pipeline.dir.read_json(names::BEST)?;
    let quant: QuantRecord = pipeline.dir.read_json(names::QUANT)?;
    let model = pipeline.dir.read(names::MODEL)?;
    let layers: Vec<String> = chosen.network()?.layers.into_iter().map(|layer| layer.name).collect();
    let test = pipeline.inputs.data.test.resized(chosen.preprocess.size as usize);
    let count = pipeline.experiment.device.images as usize;
    let what = format!("{} test images on {} ({kind})", thousands(count as u64), board.name);
    pipeline.printer.step("measure", &what);
    let image = device::image(board, &pipeline.device)?;
    let (mut opened, facts) = Opened::open(kind, board, &pipeline.device, false)?;
    device::before_erasing(&mut opened, &image, &pipeline.device, pipeline.printer)?;
    let job = Bench {
        image: &image,
        model: &model,
        names: Some(&layers),
        predicted_model_bytes: quant.predicted_model_bytes,
        core: board.core,
        inputs: &inputs(&test, count),
        repeats: REPEATS,
        stop: pipeline.stop,
    };
    let progress = pipeline.printer.progress("measure", count.min(test.len()) as u64);
    let measured = bench(&mut opened, facts, &job, &progress);
    progress.finish();
    let measured = measured?;
    pipeline.dir.write_json(names::MEASURE, &measured)?;
    say(pipeline, &measured);
    Ok(true)
}

fn say(pipeline: &Pipeline<'_>, measured: &Measured) {
    let (sram, flash) = (&measured.sram, &measured.flash);
    pipeline.printer.step(
        "measure",
        &format!(
            "{} of {} outputs equal to the host's; SRAM {} B observed, {} predicted; flash {} B linked, {} predicted",
            measured.outputs_equal,
            measured.outputs_total,
            thousands(sram.observed_bytes),
            thousands(sram.predicted_bytes),
            thousands(flash.linked_bytes),
            thousands(flash.predicted_bytes)
        ),
    );
    if let (Some(cycles), Some(ms)) = (measured.cycles, measured.ms) {
        let word = figures_of(&measured.device, measured.timing_model.as_ref());
        pipeline.printer.step("measure", &format!("{ms:.2} ms, {} cycles ({word})", thousands(cycles)));
    }
}
