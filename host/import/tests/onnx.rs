//! Quantized ONNX models: what the engine computes agrees with tract, which runs the file's own operators.
#![allow(clippy::unwrap_used)]

mod support;

use proptest::prelude::*;
use support::{
    archive::{Values, idx},
    execute::{compiled, infer_compiled},
    shared,
};
use tinynas_import::{ImportError, Lowered, import};
use tinynas_plan::{Goal, Model};
use tract_onnx::prelude::*;

fn file(name: &str) -> Option<Vec<u8>> {
    shared(&format!("models/mlperf_onnx/{name}.onnx"))
}

/// tract's outputs for real inputs of a shape.
fn oracle(file: &[u8], shape: &[usize], inputs: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let model = tract_onnx::onnx().model_for_read(&mut &*file).unwrap();
    let model = model.with_input_fact(0, f32::fact(shape).into()).unwrap();
    let plan = model.into_optimized().unwrap().into_runnable().unwrap();
    let run = |input: &Vec<f32>| {
        let outputs = plan.run(tvec!(Tensor::from_shape(shape, input).unwrap().into_tvalue())).unwrap();
        outputs[0].to_plain_array_view::<f32>().unwrap().iter().copied().collect()
    };
    inputs.iter().map(run).collect()
}

/// The engine's outputs.
fn engine(net: &Lowered, inputs: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let file = compiled(net, Goal::Smallest);
    let model = Model::parse(&file).unwrap();
    let mut arena = vec![0; model.arena_bytes() as usize];
    let run = |input: &Vec<f32>| match infer_compiled(net, &model, &mut arena, Values::Real(input.clone())).remove(0) {
        Values::Real(values) => values,
        other => panic!("{other:?}"),
    };
    inputs.iter().map(run).collect()
}

fn top(values: &[f32]) -> usize {
    (0..values.len()).max_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap()
}

fn imported(bytes: &[u8]) -> Lowered {
    import(bytes).unwrap_or_else(|error| panic!("{error}"))
}

/// Inputs for which both give the same class, and the mean difference of the outputs.
fn agreement(name: &str, shape: &[usize], inputs: &[Vec<f32>]) -> (usize, f64, Vec<Vec<f32>>) {
    let file = file(name).unwrap();
    let net = imported(&file);
    let (ours, theirs) = (engine(&net, inputs), oracle(&file, shape, inputs));
    let same = ours.iter().zip(&theirs).filter(|(a, b)| top(a) == top(b)).count();
    let all = ours.iter().flatten().zip(theirs.iter().flatten());
    let difference: f64 = all.map(|(a, b)| f64::from((a - b).abs())).sum();
    let mean = difference / ours.iter().map(Vec::len).sum::<usize>() as f64;
    eprintln!("{name}: {same} of {} agree, outputs differ by {mean:.5} on average", inputs.len());
    (same, mean, ours)
}

#[test]
fn resnet_agrees_with_tract_on_images() {
    let (Some(_), Some(images), Some(labels)) = (
        file("resnet_int8"),
        shared("mlperf_tiny/eval/ic01-images-idx4-ubyte.gz"),
        shared("mlperf_tiny/eval/ic01-labels-idx1-ubyte.gz"),
    ) else {
        return;
    };
    let images: Vec<Vec<f32>> =
        idx(&images).chunks_exact(32 * 32 * 3).map(|image| image.iter().map(|p| f32::from(*p)).collect()).collect();
    let (same, mean, ours) = agreement("resnet_int8", &[1, 32, 32, 3], &images);
    let labels = idx(&labels);
    let right = ours.iter().zip(&labels).filter(|(output, label)| top(output) == usize::from(**label)).count();
    eprintln!("resnet_int8: {right} of {} right", labels.len());
    assert!(same * 100 >= images.len() * 95 && mean < 0.01, "{same}, {mean}");
}

/// Random inputs, in steps of the quantization.
fn random(count: usize, len: usize, scale: f32, zero: f32) -> Vec<Vec<f32>> {
    let mut state = 9u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 56) as f32 - 128.0 - zero) * scale
    };
    (0..count).map(|_| (0..len).map(|_| next()).collect()).collect()
}

fn random_inputs(name: &str, shape: &[usize], most: f64) {
    let Some(bytes) = file(name) else { return };
    let net = imported(&bytes);
    let (scale, zero) = (net.input.quant.scale, f32::from(net.input.quant.zero_point));
    let inputs = random(20, shape.iter().product(), scale, zero);
    let (same, mean, _) = agreement(name, shape, &inputs);
    assert!(same >= 18 && mean < most, "{same}, {mean}");
}

#[test]
fn an_image_network_of_channels_first_agrees_with_tract() {
    let Some(bytes) = file("mobilenet_v1_int8") else { return };
    let net = imported(&bytes);
    assert_eq!(
        (net.input.shape.as_slice(), net.input.order.as_slice()),
        ([1, 3, 96, 96].as_slice(), [0, 2, 3, 1].as_slice())
    );
    random_inputs("mobilenet_v1_int8", &[1, 3, 96, 96], 0.02);
}

#[test]
fn an_autoencoder_agrees_with_tract() {
    let Some(bytes) = file("deep_autoencoder_int8") else { return };
    let net = imported(&bytes);
    let step = f64::from(net.outputs[0].quant.scale);
    let inputs = random(20, 640, net.input.quant.scale * 0.3, 0.0);
    let (_, mean, _) = agreement("deep_autoencoder_int8", &[1, 640], &inputs);
    assert!(mean < step, "{mean} of {step}");
}

#[test]
fn keyword_spotting_agrees_with_tract() {
    random_inputs("kws_ref_model_int8", &[1, 490], 0.02);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn damaged_files_end_in_an_error_or_a_network(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        length in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let Some(mut bytes) = file("kws_ref_model_int8") else { return Ok(()) };
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(length) = length {
            bytes.truncate(length.index(bytes.len()));
        }
        if let Err(error) = import(&bytes) {
            prop_assert!(error.code().starts_with("import::"));
        }
    }

    #[test]
    fn bytes_that_are_no_model_are_refused(bytes: Vec<u8>) {
        prop_assert!(import(&bytes).is_err());
    }
}

#[test]
fn a_file_of_another_kind_is_named() {
    assert!(matches!(import(b"not a model at all"), Err(ImportError::NotOnnx { .. })));
}
