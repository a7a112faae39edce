//! The float network: folding and executor against the definition, ONNX through tract against both.

use proptest::prelude::*;
use tinynas_model::{Activation, Op, Shape};
use tinynas_quant::{OnnxModel, agree, float_logits, to_onnx};

use crate::cases::{Case, ONE, case};

/// Unfolded logits of one image, straight from the definitions, in f64.
fn by_definition(case: &Case, image: &[u8]) -> Vec<f64> {
    let network = &case.network;
    let mut tensors: Vec<Vec<f64>> = vec![
        image
            .iter()
            .map(|p| (f64::from(*p) - f64::from(case.preprocess.mean)) * f64::from(case.preprocess.scale))
            .collect(),
    ];
    for (i, layer) in network.layers.iter().enumerate() {
        let input = network.input_of(i);
        let x = &tensors[layer.inputs[0].index()];
        let (cin, cout) = (input.c as usize, layer.output.c as usize);
        let get = |part: &str, shape: &[usize]| case.weights.get(&layer.name, part, shape).unwrap().to_vec();
        let y = match layer.op {
            Op::Add => x.iter().zip(&tensors[layer.inputs[1].index()]).map(|(a, b)| a + b).collect(),
            Op::GlobalPool => {
                (0..cin).map(|c| x.iter().skip(c).step_by(cin).sum::<f64>() / input.pixels() as f64).collect()
            }
            Op::Linear => {
                let (w, b) = (get("weight", &[cout, cin]), get("bias", &[cout]));
                let dot = |o: usize| (0..cin).map(|i| f64::from(w[o * cin + i]) * x[i]).sum::<f64>();
                (0..cout).map(|o| dot(o) + f64::from(b[o])).collect()
            }
            Op::Conv(conv) | Op::Depthwise(conv) => {
                let (k, depthwise) = (conv.kernel as usize, matches!(layer.op, Op::Depthwise(_)));
                let group = if depthwise { 1 } else { cin };
                let w = get("weight", &[cout, group, k, k]);
                let [gamma, beta, mean, var] = ["gamma", "beta", "mean", "var"].map(|part| get(part, &[cout]));
                let mut y = Vec::new();
                for oy in 0..layer.output.h {
                    for ox in 0..layer.output.w {
                        for o in 0..cout {
                            let mut sum = 0.0;
                            for i in 0..group {
                                for ky in 0..k {
                                    for kx in 0..k {
                                        let iy = i64::from(oy * conv.stride) + ky as i64 - i64::from(conv.pad);
                                        let ix = i64::from(ox * conv.stride) + kx as i64 - i64::from(conv.pad);
                                        let c = if depthwise { o } else { i };
                                        sum +=
                                            f64::from(w[((o * group + i) * k + ky) * k + kx]) * at(x, input, iy, ix, c);
                                    }
                                }
                            }
                            let deviation = (f64::from(var[o]) + 1e-5).sqrt();
                            let normal = (sum - f64::from(mean[o])) / deviation;
                            y.push(activate(conv.activation, normal * f64::from(gamma[o]) + f64::from(beta[o])));
                        }
                    }
                }
                y
            }
            op => panic!("{op:?} is not for chips"),
        };
        tensors.push(y);
    }
    tensors.pop().unwrap()
}

/// Zero outside of the image.
fn at(x: &[f64], shape: Shape, row: i64, column: i64, channel: usize) -> f64 {
    let inside = (0..i64::from(shape.h)).contains(&row) && (0..i64::from(shape.w)).contains(&column);
    if inside { x[(row as usize * shape.w as usize + column as usize) * shape.c as usize + channel] } else { 0.0 }
}

fn activate(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Linear => x,
        Activation::Relu => x.max(0.0),
        Activation::Relu6 => x.clamp(0.0, 6.0),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_folded_network_computes_what_the_unfolded_one_is_defined_to(case in case()) {
        let logits = float_logits(&case.folded(), &case.preprocess, &case.images, ONE).unwrap();
        for (image, logits) in case.images.chunks(case.image_bytes()).zip(&logits) {
            for (expected, got) in by_definition(&case, image).iter().zip(logits) {
                prop_assert!((expected - f64::from(*got)).abs() < 1e-4, "{expected} {got}");
            }
        }
    }

    #[test]
    fn tract_agrees_with_the_float_executor_on_every_image(case in case()) {
        let folded = case.folded();
        let bytes = to_onnx(&folded, &case.preprocess, &case.classes(), "test").unwrap();
        prop_assert_eq!(&bytes, &to_onnx(&folded, &case.preprocess, &case.classes(), "test").unwrap());
        let model = OnnxModel::new(&bytes).unwrap();
        let ours = float_logits(&folded, &case.preprocess, &case.images, ONE).unwrap();
        let theirs = model.logits(&case.images, ONE).unwrap();
        let agreement = agree(&ours, &theirs);
        prop_assert!(agreement.max_abs_diff <= 1e-4, "{agreement:?}");
        prop_assert_eq!(agreement.total, 16);
    }

    #[test]
    fn results_do_not_depend_on_the_number_of_threads(case in case(), threads in 2..20usize) {
        let threads = std::num::NonZeroUsize::new(threads).unwrap();
        let one = float_logits(&case.folded(), &case.preprocess, &case.images, ONE).unwrap();
        prop_assert_eq!(one, float_logits(&case.folded(), &case.preprocess, &case.images, threads).unwrap());
        let observe = |threads| {
            tinynas_quant::Calibration::observe(&case.folded(), &case.preprocess, &case.images, threads).unwrap()
        };
        prop_assert_eq!(observe(ONE), observe(threads));
    }
}
