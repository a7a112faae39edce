//! The file of a board's figures: one line per layer of every bench, what a model of its latency can be fitted from.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

use serde_json::{Value, json};
use tinynas_plan::{Model, Op, StepView};

use super::Measured;
use crate::failure::Failure;

/// Value of a line's `schema`.
const SCHEMA: &str = "tinynas/layer/2";

/// Appends the figures of a bench to `path`, whose folder is made; gives the number of lines. Devices that count no
/// cycles add nothing.
///
/// # Errors
/// `io`.
pub fn append(path: &Path, model: &Model<'_>, measured: &Measured) -> Result<usize, Failure> {
    if measured.cycles.is_none() {
        return Ok(0);
    }
    let lines: Vec<Value> = model.steps().map(|step| line(&step, measured)).collect();
    let mut text = String::new();
    for line in &lines {
        text.push_str(&line.to_string());
        text.push('\n');
    }
    let failed = |error| Failure::io(path, &error);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    // One write: lines of two benches at once do not mix.
    let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    Ok(lines.len())
}

fn line(step: &StepView<'_>, measured: &Measured) -> Value {
    let (kind, kernel, stride) = match step.op {
        Op::Conv(window) => ("conv", window.kernel, window.stride),
        Op::Depthwise(window) => ("depthwise", window.kernel, window.stride),
        Op::Add => ("add", [0; 2], [0; 2]),
        Op::GlobalPool => ("pool", [0; 2], [0; 2]),
        Op::Linear => ("linear", [0; 2], [0; 2]),
    };
    let shape = |dims: tinynas_plan::Dims| [dims.h, dims.w, dims.c];
    let layer = measured.layers.get(step.index);
    json!({
        "schema": SCHEMA,
        "board": measured.device.board,
        "chip": measured.device.chip,
        "clock_hz": measured.clock_hz,
        "evidence": measured.evidence,
        "firmware_sha256": measured.firmware_sha256,
        "layer": step.index,
        "kind": kind,
        "kernel": kernel,
        "stride": stride,
        "input": shape(step.input.dims),
        "output": shape(step.output.dims),
        "macs": layer.map(|layer| layer.macs),
        "cycles": layer.and_then(|layer| layer.cycles),
        "cycles_median": layer.and_then(|layer| layer.cycles_median),
        "instructions": layer.and_then(|layer| layer.instructions),
        "repeats": measured.repeats,
    })
}
