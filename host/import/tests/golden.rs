//! Imported models give the bits of TensorFlow Lite Micro's reference kernels.
//!
//! Golden outputs: four inputs per model, and the evaluation sets of MLPerf Tiny, made with the `tflite-micro` package.
#![allow(clippy::unwrap_used)]

mod support;

#[path = "../../../firmware/engine/tests/shadow/mod.rs"]
mod shadow;

use support::{
    archive::{Values, array, idx},
    execute::{compiled, infer, infer_compiled},
    shared,
};
use tinynas_import::{ImportError, Lowered, import};
use tinynas_plan::{Goal, Model};

const MLPERF: &str = "mlperf_tiny/models";
const MICRO: &str = "models/tflite-micro";
const NANONAS: &str = "models/nanonas";

/// Models that are imported: folder, name.
const MODELS: [(&str, &str); 27] = [
    (MLPERF, "ad01_int8"),
    (MLPERF, "kws_ref_model"),
    (MLPERF, "pretrainedResnet_quant"),
    (MLPERF, "pretrainedResnet_large_int8"),
    (MLPERF, "vww_96_int8"),
    (MLPERF, "str_ww_ref_model"),
    (MICRO, "person_detect"),
    (MICRO, "micro_speech_quantized"),
    (MICRO, "hello_world_int8"),
    ("models/microflow-rs", "sine"),
    ("models/tinyengine", "vww"),
    ("models/tinyengine", "detection"),
    (NANONAS, "PRIME23__imagenette2-160"),
    (NANONAS, "PRIME23__melanoma_cancer"),
    (NANONAS, "PRIME23__visual_wake_words"),
    (NANONAS, "SensorsLetters24__cifar10__STM32L010RBT6__resulting_architecture"),
    (NANONAS, "SensorsLetters24__cifar10__STM32L151UCY6DTR__resulting_architecture"),
    (NANONAS, "SensorsLetters24__cifar10__STM32L412KBU3__resulting_architecture"),
    (NANONAS, "SensorsLetters24__melanoma_skin_cancer__STM32L010RBT6__resulting_architecture"),
    (NANONAS, "SensorsLetters24__melanoma_skin_cancer__STM32L151UCY6DTR__resulting_architecture"),
    (NANONAS, "SensorsLetters24__melanoma_skin_cancer__STM32L412KBU3__resulting_architecture"),
    (NANONAS, "SensorsLetters24__visual_wake_words__STM32L010RBT6__resulting_architecture"),
    (NANONAS, "SensorsLetters24__visual_wake_words__STM32L151UCY6DTR__resulting_architecture"),
    (NANONAS, "SensorsLetters24__visual_wake_words__STM32L412KBU3__visual_wake_words"),
    (NANONAS, "performance_overview__vww_arduino_nano_33_iot"),
    (NANONAS, "performance_overview__vww_nucleo_l010rb"),
    (NANONAS, "performance_overview__vww_nucleo_l412kb"),
];

/// Models that are refused: folder, name, the operators that the message names.
const REFUSED: [(&str, &str, &[&str]); 12] = [
    (MLPERF, "ad01_fp32", &["FULLY_CONNECTED"]),
    (MLPERF, "pretrainedResnet", &["CONV_2D", "ADD", "AVERAGE_POOL_2D", "FULLY_CONNECTED", "SOFTMAX"]),
    (MLPERF, "pretrainedResnet_large_float", &["CONV_2D", "ADD", "SOFTMAX"]),
    (MLPERF, "vww_96_float", &["CONV_2D", "DEPTHWISE_CONV_2D", "SOFTMAX"]),
    (MLPERF, "kws_ref_model_float32", &["hybrid"]),
    (MICRO, "hello_world_float", &["FULLY_CONNECTED", "float32"]),
    (MICRO, "keyword_scrambled", &["SVDF", "int16"]),
    (MICRO, "keyword_scrambled_8bit", &["SVDF", "int16"]),
    (MICRO, "trained_lstm_int8", &["UNIDIRECTIONAL_SEQUENCE_LSTM"]),
    (MICRO, "dtln_noise_suppression", &["UNIDIRECTIONAL_SEQUENCE_LSTM"]),
    (MICRO, "audio_preprocessor_int8", &["CUSTOM Signal", "audio front end", "CAST", "MUL"]),
    ("models/tinyengine", "ptq_mnist_lenet-300-100", &["LOG_SOFTMAX"]),
];

fn imported(folder: &str, name: &str) -> Option<Result<Lowered, ImportError>> {
    let file = shared(&format!("{folder}/{name}.tflite"))?;
    Some(import(&file))
}

/// Number of values that differ in their bits, of how many.
fn differing(found: &Values, expected: &Values) -> (usize, usize) {
    fn count<T: PartialEq>(a: &[T], b: &[T]) -> (usize, usize) {
        assert_eq!(a.len(), b.len(), "lengths");
        (a.iter().zip(b).filter(|(a, b)| a != b).count(), a.len())
    }
    match (found, expected) {
        (Values::Int8(a), Values::Int8(b)) => count(a, b),
        (Values::Uint8(a), Values::Uint8(b)) => count(a, b),
        (Values::Real(a), Values::Real(b)) => {
            let bits = |values: &[f32]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            count(&bits(a), &bits(b))
        }
        _ => panic!("the types differ"),
    }
}

/// One of four equal parts.
fn part(values: &Values, at: usize, of: usize) -> Values {
    fn cut<T: Clone>(values: &[T], at: usize, of: usize) -> Vec<T> {
        let len = values.len() / of;
        values[at * len..(at + 1) * len].to_vec()
    }
    match values {
        Values::Int8(v) => Values::Int8(cut(v, at, of)),
        Values::Uint8(v) => Values::Uint8(cut(v, at, of)),
        Values::Real(v) => Values::Real(cut(v, at, of)),
    }
}

#[test]
fn every_model_gives_the_bits_of_tensorflow_lite_micro() {
    let mut wrong = Vec::new();
    eprintln!("| model | steps | values | definition | fastest | smallest | bytes | bytes |");
    for (folder, name) in MODELS {
        let golden = format!("models/golden_tflm/{}__{name}.npz", folder.replace('/', "__"));
        let (Some(net), Some(golden)) = (imported(folder, name), shared(&golden)) else { return };
        let net = match net {
            Ok(net) => net,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        let (inputs, outputs) = (array(&golden, "inputs"), array(&golden, "outputs"));
        let files = [Goal::Fastest, Goal::Smallest].map(|goal| compiled(&net, goal));
        let models = files.each_ref().map(|file| Model::parse(file).unwrap());
        models.iter().for_each(shadow::check);
        let mut arenas = models.map(|model| vec![0x5au8; model.arena_bytes() as usize]);
        let (mut differ, mut all) = ([0; 3], 0);
        for sample in 0..4 {
            let (input, expected) = (part(&inputs, sample, 4), part(&outputs, sample, 4));
            let by_definition = infer(&net, input.clone());
            let engine = models.iter().zip(&mut arenas);
            let by_engine = engine.map(|(model, arena)| infer_compiled(&net, model, arena, input.clone()));
            for (differ, found) in differ.iter_mut().zip([by_definition].into_iter().chain(by_engine)) {
                *differ += differing(&found[0], &expected).0;
            }
            all += differing(&expected, &expected).1;
        }
        let bytes = models.map(|model| model.arena_bytes());
        let steps = net.graph.steps.len();
        eprintln!(
            "| {name} | {steps} | {all} | {} | {} | {} | {} | {} |",
            differ[0], differ[1], differ[2], bytes[0], bytes[1]
        );
        if differ != [0; 3] {
            wrong.push(format!("{name}: {differ:?} of {all} values differ"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_rest_is_refused_with_all_reasons() {
    for (folder, name, words) in REFUSED {
        let Some(net) = imported(folder, name) else { return };
        let error = net.err().unwrap_or_else(|| panic!("{name} was imported"));
        let text = error.to_string();
        eprintln!("{name}: {text}");
        assert_eq!(error.code(), "import::unsupported", "{name}: {text}");
        for word in words {
            assert!(text.contains(word), "{name} does not name {word}: {text}");
        }
    }
}

/// Inputs of an evaluation set and the outputs that TensorFlow Lite Micro gives for them.
fn evaluation(model: &str, inputs: &str, outputs: &str, from_file: fn(u8) -> i8) {
    let net = imported(MLPERF, model);
    let files = (shared(&format!("mlperf_tiny/eval/{inputs}")), shared(&format!("mlperf_tiny/golden/{outputs}")));
    let (Some(net), (Some(inputs), Some(outputs))) = (net, files) else { return };
    let (net, inputs, outputs) = (net.unwrap(), idx(&inputs), idx(&outputs));
    let (taken, made) = (net.graph.input.bytes() as usize, net.outputs[0].range().len());
    assert_eq!(inputs.len() / taken, outputs.len() / made);
    let file = compiled(&net, Goal::Smallest);
    let model_view = Model::parse(&file).unwrap();
    let mut arena = vec![0; model_view.arena_bytes() as usize];
    let mut differ = 0;
    for (input, expected) in inputs.chunks_exact(taken).zip(outputs.chunks_exact(made)) {
        let input = Values::Int8(input.iter().map(|b| from_file(*b)).collect());
        let expected = Values::Int8(expected.iter().map(|b| *b as i8).collect());
        differ += differing(&infer_compiled(&net, &model_view, &mut arena, input)[0], &expected).0;
    }
    eprintln!("{model}: {differ} of {} values differ", outputs.len());
    assert_eq!(differ, 0, "{model}");
}

#[test]
fn resnet_gives_the_bits_for_200_images() {
    let golden = "ic01-pretrainedResnet_quant-out-tflm-idx2-int8.gz";
    evaluation("pretrainedResnet_quant", "ic01-images-idx4-ubyte.gz", golden, |pixel| (pixel ^ 0x80) as i8);
}

#[test]
fn keyword_spotting_gives_the_bits_for_1000_clips() {
    let golden = "kws01-kws_ref_model-out-tflm-idx2-int8.gz";
    evaluation("kws_ref_model", "kws01-mfcc-idx3-int8.gz", golden, |mfcc| mfcc as i8);
}
