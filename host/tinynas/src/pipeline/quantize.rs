//! Stage 4: float to int8, to ONNX and to one compiled file; an independent runtime as witness.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};
use tinynas_model::{Network, Weights};
use tinynas_quant::{
    Agreement, Calibration, Compiled, Evaluation, Folded, Int8Model, LayerReport, OnnxModel, Options, QuantError,
    agree, compile, graph, quantize, to_onnx,
};
use tinynas_train::{Split, logits};

use super::{Chosen, Pipeline, inputs::meta, train::weights};
use crate::{
    data::sample,
    failure::Failure,
    output::{percent, thousands},
    run_dir::{names, sha256_hex},
};

/// What quantization cost: `quant.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QuantRecord {
    /// `tinynas/quant/1`.
    pub schema: String,
    /// Test images.
    pub images: u64,
    /// Accuracy of the float network on them, a fraction.
    pub float_accuracy: f64,
    /// Accuracy of the int8 model on them, a fraction.
    pub int8_accuracy: f64,
    /// Test images on which both choose the same class.
    pub same_choice: u64,
    /// Test images on which tract chooses the same class as burn.
    pub tract_top1_equal: u64,
    /// Largest difference of a logit between tract and burn.
    pub tract_max_difference: f64,
    /// Training images that the ranges were observed on.
    pub calibration_images: u64,
    /// Planned arena, bytes.
    pub arena_bytes: u64,
    /// Size of the model as predicted from the network alone, before it was compiled.
    pub predicted_model_bytes: u64,
    /// Size of `model.tnm`.
    pub model_bytes: u64,
    /// SHA-256 of `model.tnm`.
    pub model_sha256: String,
    /// `[label][choice]` of the float network, test images.
    pub float_confusion: Vec<Vec<u32>>,
    /// `[label][choice]` of the int8 model, test images.
    pub int8_confusion: Vec<Vec<u32>>,
    /// What was done to each layer.
    pub layers: Vec<LayerReport>,
}

/// Writes `model.onnx`, `model.tnm` and `quant.json`; false if they are there.
pub(super) fn run(pipeline: &mut Pipeline<'_>) -> Result<bool, Failure> {
    if is_done(pipeline)? {
        return Ok(false);
    }
    let chosen: Chosen = pipeline.dir.read_json(names::BEST)?;
    let (network, weights) = (chosen.network()?, weights(&pipeline.dir)?);
    let threads = NonZeroUsize::new(pipeline.threads).unwrap_or(NonZeroUsize::MIN);
    let side = chosen.preprocess.size as usize;
    let test = pipeline.inputs.data.test.resized(side);
    pipeline.printer.step("quantize", "to int8, to ONNX, to one compiled file");

    let folded = Folded::new(&network, &weights)?;
    let provenance = provenance(pipeline, &chosen);
    let onnx = to_onnx(&folded, &chosen.preprocess, &chosen.classes, &provenance)?;
    pipeline.dir.write(names::ONNX, &onnx)?;
    let float = logits(&network, &weights, &chosen.preprocess, &test)?;
    let agreement = agree(&float, &OnnxModel::new(&onnx)?.logits(&test.images, threads)?);
    check_agreement(&agreement)?;
    pipeline.check_stop()?;

    let meta = meta(&chosen.classes, &chosen.preprocess, &pipeline.inputs.limits, &provenance);
    // Predicted here, from shapes and names alone; what the file really has is counted afterwards.
    let predicted_model_bytes = tinynas_plan::model_bytes(&graph(&network).map_err(QuantError::from)?, &meta);
    let images = calibration(pipeline, side);
    let observed = Calibration::observe(&folded, &chosen.preprocess, &images.images, threads)?;
    let quantized = quantize(&folded, &chosen.preprocess, &observed, &Options::default())?;
    let compiled = compile(&network, &quantized, &meta)?;
    let float = Evaluation::of(&float, &test.labels)?;
    let int8 = Int8Model::new(&compiled.bytes)?.evaluate(&test.images, &test.labels, threads)?;
    let summary = float.summary(&int8, &quantized.layers);

    let record = QuantRecord {
        schema: "tinynas/quant/1".into(),
        images: test.len() as u64,
        float_accuracy: summary.float_accuracy,
        int8_accuracy: summary.int8_accuracy,
        same_choice: summary.same_choice as u64,
        tract_top1_equal: agreement.top1_equal as u64,
        tract_max_difference: agreement.max_abs_diff.into(),
        calibration_images: images.len() as u64,
        arena_bytes: compiled.plan.arena_bytes.into(),
        predicted_model_bytes: predicted_model_bytes.into(),
        model_bytes: compiled.bytes.len() as u64,
        model_sha256: sha256_hex(&compiled.bytes),
        float_confusion: float.confusion,
        int8_confusion: int8.confusion,
        layers: summary.layers,
    };
    finish(pipeline, &record, &compiled)?;
    Ok(true)
}

/// Whether all outputs are there and the model is the one that was evaluated.
fn is_done(pipeline: &Pipeline<'_>) -> Result<bool, Failure> {
    let dir = &pipeline.dir;
    if !dir.has_all(&[names::QUANT, names::MODEL, names::ONNX]) {
        return Ok(false);
    }
    let record: QuantRecord = dir.read_json(names::QUANT)?;
    let whole = sha256_hex(&dir.read(names::MODEL)?) == record.model_sha256;
    if !whole {
        pipeline.printer.warn("model.tnm is not the file that was compiled; it is made again");
    }
    Ok(whole)
}

fn finish(pipeline: &Pipeline<'_>, record: &QuantRecord, compiled: &Compiled) -> Result<(), Failure> {
    pipeline.dir.write(names::MODEL, &compiled.bytes)?;
    pipeline.dir.write_json(names::QUANT, record)?;
    let step = |text: &str| pipeline.printer.step("quantize", text);
    step(&format!(
        "tract agrees with burn on {} of {} test images, logits within {:.1e}",
        thousands(record.tract_top1_equal),
        thousands(record.images),
        record.tract_max_difference
    ));
    step(&format!(
        "float {}, int8 {}; model {} B, arena {} B",
        percent(record.float_accuracy),
        percent(record.int8_accuracy),
        thousands(record.model_bytes),
        thousands(record.arena_bytes)
    ));
    Ok(())
}

/// Training images whose activations choose the int8 ranges: never test images, nor those chosen by.
fn calibration(pipeline: &Pipeline<'_>, side: usize) -> Split {
    let (settings, seed) = (&pipeline.experiment.train, pipeline.experiment.seed);
    let (learn, _) = pipeline.inputs.data.learn_and_choose(settings.validation, seed);
    learn.select(&sample(&learn, settings.calibration as usize, seed, "calibration")).resized(side)
}

/// Two float runtimes that share no code must say the same; anything else is a fault of the export.
fn check_agreement(agreement: &Agreement) -> Result<(), Failure> {
    if agreement.is_full() {
        return Ok(());
    }
    Err(Failure::no(
        "quantize::runtimes_differ",
        format!(
            "model.onnx is not the trained network: tract chooses the same class on {} of {} test images, \
             logits differ by up to {:.1e} ({:.0e} is allowed)",
            agreement.top1_equal,
            agreement.total,
            agreement.max_abs_diff,
            Agreement::TOLERANCE
        ),
    )
    .help("please report this with the run directory"))
}

/// One line that says where the model comes from; the same for equal runs.
fn provenance(pipeline: &Pipeline<'_>, chosen: &Chosen) -> String {
    format!(
        "tinynas {} {} {} {} on {} seed {}",
        env!("CARGO_PKG_VERSION"),
        chosen.space,
        chosen.variant,
        chosen.id,
        pipeline.inputs.data.name,
        pipeline.experiment.seed
    )
}

/// Weights and network of a run that was trained.
///
/// # Errors
/// `io` or `run::damaged`.
pub fn trained(dir: &crate::run_dir::RunDir) -> Result<(Chosen, Network, Weights), Failure> {
    let chosen: Chosen = dir.read_json(names::BEST)?;
    let network = chosen.network()?;
    Ok((chosen, network, weights(dir)?))
}
