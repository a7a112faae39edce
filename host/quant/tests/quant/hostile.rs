//! Weights, images and names that no pipeline should give: each ends in an error with its own code.

use tinynas_model::{Activation, Conv, Network, NetworkBuilder, Shape, TensorId, Weights};
use tinynas_quant::{
    Calibration, Folded, Int8Model, OnnxModel, Options, QuantError, compile, float_logits, quantize, to_onnx,
};

use crate::cases::{Case, ONE, with_random_weights};

fn small() -> Case {
    let mut net = NetworkBuilder::new(Shape::new(6, 6, 1));
    let x = net.conv("stem", TensorId::INPUT, Conv::same(3, 2, Activation::Relu6), 4).unwrap();
    let x = net.depthwise("dw", x, Conv::same(3, 1, Activation::Relu)).unwrap();
    let x = net.global_pool("pool", x);
    net.linear("classifier", x, 3);
    with_random_weights(net.finish(), 1)
}

/// `small` with one tensor replaced.
fn with(name: &str, shape: &[usize], data: Vec<f32>) -> Case {
    let mut case = small();
    case.weights.insert(name, shape.to_vec(), data);
    case
}

fn calibrated(case: &Case) -> Result<Calibration, QuantError> {
    let folded = Folded::new(&case.network, &case.weights)?;
    Calibration::observe(&folded, &case.preprocess, &case.images, ONE)
}

#[test]
fn nan_and_infinite_weights_name_layer_and_tensor() {
    for (bad, text) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
        let error = calibrated(&with("dw.gamma", &[4], vec![1.0, bad, 1.0, 1.0])).unwrap_err();
        assert_eq!(error.code(), "quant::nan_weight");
        assert_eq!(error.to_string(), format!("layer `dw`: `gamma` holds {text}; training has diverged"));
    }
}

#[test]
fn a_negative_variance_names_the_channel() {
    let error = calibrated(&with("stem.var", &[4], vec![1.0, 1.0, -3.0, 1.0])).unwrap_err();
    assert_eq!(error.code(), "quant::bad_normalisation");
    assert!(error.to_string().contains("layer `stem`, channel 2"), "{error}");
}

#[test]
fn weights_of_another_network_are_refused() {
    assert_eq!(calibrated(&with("stem.beta", &[3], vec![0.0; 3])).unwrap_err().code(), "quant::weight_shape");
    let case = Case { weights: Weights::default(), ..small() };
    assert_eq!(calibrated(&case).unwrap_err().code(), "quant::missing_weight");
}

#[test]
fn activations_that_overflow_name_the_layer() {
    let error = calibrated(&with("dw.weight", &[4, 1, 3, 3], vec![1e38; 36])).unwrap_err();
    assert_eq!(error.code(), "quant::nonfinite_activation");
    assert!(error.to_string().contains("`dw`"), "{error}");
}

#[test]
fn calibration_needs_whole_images() {
    assert_eq!(calibrated(&Case { images: Vec::new(), ..small() }).unwrap_err().code(), "quant::empty_calibration");
    assert_eq!(calibrated(&Case { images: vec![0; 37], ..small() }).unwrap_err().code(), "quant::image_size");
}

#[test]
fn preprocessing_must_fit_the_network() {
    let mut case = small();
    let (folded, calibration) = (case.folded(), calibrated(&case).unwrap());
    let code = |case: &Case| {
        let to_int8 = quantize(&folded, &case.preprocess, &calibration, &Options::default()).unwrap_err().code();
        assert_eq!(to_onnx(&folded, &case.preprocess, &case.classes(), "").unwrap_err().code(), to_int8);
        to_int8
    };
    for scale in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        case.preprocess.scale = scale;
        assert_eq!(code(&case), "quant::bad_scale");
    }
    case.preprocess.scale = 0.01;
    case.preprocess.size = 7;
    assert_eq!(code(&case), "quant::preprocess_shape");
    let meta = case.meta();
    let error = compile(&case.network, &small().quantized(&Options::default()), &meta).unwrap_err();
    assert_eq!(error.code(), "quant::preprocess_shape");
}

#[test]
fn every_class_needs_a_name() {
    let case = small();
    let mut meta = case.meta();
    meta.classes.pop();
    let error = compile(&case.network, &case.quantized(&Options::default()), &meta).unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("quant::class_count", "2 class names, but the network has 3 outputs")
    );
    assert_eq!(to_onnx(&case.folded(), &case.preprocess, &meta.classes, "").unwrap_err().code(), "quant::class_count");
}

#[test]
fn parameters_of_another_network_do_not_compile() {
    let case = small();
    let mut quantized = case.quantized(&Options::default());
    quantized.params.pop();
    assert_eq!(compile(&case.network, &quantized, &case.meta()).unwrap_err().code(), "quant::compile");
}

#[test]
fn a_linear_layer_over_many_pixels_is_refused() {
    let mut net = NetworkBuilder::new(Shape::new(6, 6, 1));
    net.linear("classifier", TensorId::INPUT, 3);
    let error = Folded::new(&net.finish(), &Weights::default()).unwrap_err();
    assert_eq!(error.code(), "quant::unsupported");
}

#[test]
fn a_network_without_layers_is_refused() {
    let network = Network { input: Shape::new(1, 1, 3), layers: Vec::new() };
    let case = with_random_weights(network, 1);
    let error = compile(&case.network, &case.quantized(&Options::default()), &case.meta()).unwrap_err();
    assert_eq!(error.code(), "quant::plan");
}

#[test]
fn bytes_that_are_no_model_are_refused() {
    assert_eq!(Int8Model::new(b"not a model").unwrap_err().code(), "quant::model");
    assert_eq!(OnnxModel::new(b"not a model").unwrap_err().code(), "quant::tract");
    let case = small();
    let mut bytes = case.compiled().bytes;
    bytes[100] ^= 1;
    assert_eq!(Int8Model::new(&bytes).unwrap_err().code(), "quant::model");
}

#[test]
fn images_of_another_size_are_refused_by_every_executor() {
    let case = small();
    let (compiled, folded) = (case.compiled(), case.folded());
    let int8 = Int8Model::new(&compiled.bytes).unwrap();
    let onnx = OnnxModel::new(&to_onnx(&folded, &case.preprocess, &case.classes(), "").unwrap()).unwrap();
    assert_eq!(int8.run(&[0; 35]).unwrap_err().code(), "quant::image_size");
    assert_eq!(int8.scores(&[0; 35], ONE).unwrap_err().code(), "quant::image_size");
    assert_eq!(onnx.logits(&[0; 35], ONE).unwrap_err().code(), "quant::image_size");
    assert_eq!(float_logits(&folded, &case.preprocess, &[0; 35], ONE).unwrap_err().code(), "quant::image_size");
    assert_eq!(int8.evaluate(&[], &[], ONE).unwrap_err().code(), "quant::empty_test_set");
}

#[test]
fn extreme_but_finite_weights_still_compile() {
    // Everything dead; tiny weights under a large bias; huge weights; an output that is zero on every image.
    let cases = [
        with("dw.weight", &[4, 1, 3, 3], vec![0.0; 36]),
        with("stem.gamma", &[4], vec![1e-30; 4]),
        with("stem.gamma", &[4], vec![1e-44; 4]),
        with("dw.gamma", &[4], vec![1e20; 4]),
        with("dw.beta", &[4], vec![-1e6; 4]),
        with("stem.beta", &[4], vec![-1e30, 1e6, 0.0, 1.0]),
        with("classifier.weight", &[3, 4], vec![0.0; 12]),
        with("classifier.bias", &[3], vec![1e30, -1e30, 0.0]),
    ];
    for (i, case) in cases.iter().enumerate() {
        let compiled = case.compiled();
        let model = Int8Model::new(&compiled.bytes).unwrap();
        let scores = model.scores(&case.images, ONE).unwrap();
        assert!(scores.iter().all(|s| s.len() == 3), "case {i}");
    }
}

#[test]
fn a_dead_channel_keeps_its_bias() {
    let case = with("classifier.weight", &[3, 4], vec![0.0; 12]);
    let output = case.quantized(&Options::default()).tensors[4];
    let compiled = case.compiled();
    let scores = Int8Model::new(&compiled.bytes).unwrap().scores(&case.images, ONE).unwrap();
    let bias = case.weights.get("classifier", "bias", &[3]).unwrap();
    for (q, bias) in scores[0].iter().zip(bias) {
        assert!((tinynas_quant::real_value(*q, output) - bias).abs() <= 0.51 * output.scale);
    }
}
