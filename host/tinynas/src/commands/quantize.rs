//! `tinynas quantize RUN`: the trained network in int8, as one file for the chip.

use serde_json::json;

use super::{run, train::same_data};
use crate::{
    args::{QuantizeArgs, threads},
    failure::Failure,
    interrupt,
    output::{Answer, Printer, kib, percent, thousands},
    pipeline::{Pipeline, QuantRecord, Stage},
    run_dir::names,
};

/// Quantizes and compiles.
pub fn run(args: &QuantizeArgs, printer: &Printer) -> Result<Answer, Failure> {
    let mut pipeline = Pipeline::resume(&args.run, threads(None), printer, interrupt::install())?;
    same_data(&pipeline, args.data.as_deref())?;
    pipeline.run_until(Stage::Quantize).map_err(run::same_command)?;
    let dir = &pipeline.dir;
    let record: QuantRecord = dir.read_json(names::QUANT)?;
    let model = dir.file(names::MODEL).display().to_string();
    let human = format!(
        "accuracy  int8 {}, float {} on {} test images\narena     {} ({} B)\nmodel     {model}, {} ({} B)",
        percent(record.int8_accuracy),
        percent(record.float_accuracy),
        thousands(record.images),
        kib(record.arena_bytes),
        thousands(record.arena_bytes),
        kib(record.model_bytes),
        thousands(record.model_bytes),
    );
    let mut json = serde_json::to_value(&record).map_err(Failure::internal)?;
    json["schema"] = json!("tinynas/quantize/1");
    json["directory"] = json!(dir.path().display().to_string());
    json["model"] = json!(model);
    json["onnx"] = json!(dir.file(names::ONNX).display().to_string());
    Ok(Answer::new(human, &json)?.next(format!("tinynas fit {}", args.run.display())))
}
