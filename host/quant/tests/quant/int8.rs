//! The compiled model, run by the chip's engine, against real arithmetic on the same int8 numbers.

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use tinynas_engine::run_segment;
use tinynas_model::{Activation, Conv, NetworkBuilder, Op, Shape, TensorId};
use tinynas_plan::{Params, TensorQuant};
use tinynas_quant::{Int8Model, Options, Quantized, RangeRule, compile, float_logits, real_value, top1};

use crate::cases::{Case, ONE, case, with_random_weights};

fn real(q: &[i8], quant: TensorQuant) -> Vec<f64> {
    q.iter().map(|&q| (f64::from(q) - f64::from(quant.zero_point)) * f64::from(quant.scale)).collect()
}

/// What layer `index` should give for these int8 inputs, in int8 steps: real arithmetic, not rounded.
fn simulate(case: &Case, quantized: &Quantized, index: usize, inputs: &[Vec<i8>]) -> Vec<f64> {
    let layer = &case.network.layers[index];
    let shape = case.network.input_of(index);
    let quant = |at: usize| quantized.tensors[layer.inputs[at].index()];
    let (output, x) = (quantized.tensors[index + 1], real(&inputs[0], quant(0)));
    let (cin, cout) = (shape.c as usize, layer.output.c as usize);
    let weighted = || match &quantized.params[index] {
        Params::Weighted { weights, bias, multiplier, shift, .. } => {
            // Weight scale from the factor: m · 2^(shift − 31) = s_in · s_w / s_out.
            let factor = |c: usize| f64::from(multiplier[c]) * f64::powi(2.0, i32::from(shift[c]) - 31);
            let scale = move |c: usize| factor(c) * f64::from(output.scale) / f64::from(quant(0).scale);
            (weights, bias, scale)
        }
        other => panic!("{other:?}"),
    };
    let (y, activation): (Vec<f64>, _) = match layer.op {
        Op::Add => (x.iter().zip(real(&inputs[1], quant(1))).map(|(a, b)| a + b).collect(), Activation::Linear),
        Op::GlobalPool => {
            let mean = |c: usize| x.iter().skip(c).step_by(cin).sum::<f64>() / shape.pixels() as f64;
            ((0..cin).map(mean).collect(), Activation::Linear)
        }
        Op::Linear => {
            let (weights, bias, scale) = weighted();
            let sum = |o: usize| (0..cin).map(|i| f64::from(weights[o * cin + i]) * x[i]).sum::<f64>() * scale(o);
            let add = |o: usize| f64::from(bias[o]) * f64::from(quant(0).scale) * scale(o);
            ((0..cout).map(|o| sum(o) + add(o)).collect(), Activation::Linear)
        }
        Op::Conv(conv) | Op::Depthwise(conv) => {
            let (weights, bias, scale) = weighted();
            let (k, depthwise) = (conv.kernel as usize, matches!(layer.op, Op::Depthwise(_)));
            let group = if depthwise { 1 } else { cin };
            let mut y = Vec::new();
            for at in 0..layer.output.pixels() as u32 {
                let (oy, ox) = (at / layer.output.w, at % layer.output.w);
                for o in 0..cout {
                    let mut sum = f64::from(bias[o]) * f64::from(quant(0).scale);
                    for tap in 0..group * k * k {
                        let (i, ky, kx) = (tap / (k * k), tap / k % k, tap % k);
                        let iy = (oy * conv.stride) as i64 + ky as i64 - i64::from(conv.pad);
                        let ix = (ox * conv.stride) as i64 + kx as i64 - i64::from(conv.pad);
                        if (0..i64::from(shape.h)).contains(&iy) && (0..i64::from(shape.w)).contains(&ix) {
                            let c = if depthwise { o } else { i };
                            let pixel = iy as usize * shape.w as usize + ix as usize;
                            sum += f64::from(weights[o * group * k * k + tap]) * x[pixel * cin + c];
                        }
                    }
                    y.push(sum * scale(o));
                }
            }
            (y, conv.activation)
        }
        op => panic!("{op:?} is not for chips"),
    };
    let (low, high) = match activation {
        Activation::Linear => (f64::NEG_INFINITY, f64::INFINITY),
        Activation::Relu => (0.0, f64::INFINITY),
        Activation::Relu6 => (0.0, 6.0),
    };
    let steps = |y: f64| y.clamp(low, high) / f64::from(output.scale) + f64::from(output.zero_point);
    y.into_iter().map(|y| steps(y).clamp(-128.0, 127.0)).collect()
}

/// How far fixed-point arithmetic may be off, in int8 steps. A factor with a right shift rounds twice, first at
/// `2^shift` of a step. The factor of a mean has the number of pixels folded in.
fn bound(case: &Case, quantized: &Quantized, index: usize, channel: usize) -> f64 {
    let rounding = |shift: i8| if shift < 0 { 0.5 + f64::powi(2.0, i32::from(shift) - 1) } else { 0.5 };
    match &quantized.params[index] {
        Params::Weighted { shift, .. } => rounding(shift[channel]),
        Params::Add { output, .. } => rounding(output.shift),
        Params::Pool { shift, .. } => {
            let pixels = case.network.input_of(index).pixels();
            rounding(shift - pixels.ilog2() as i8)
        }
        other => panic!("{other:?}"),
    }
}

/// Runs the model step by step and compares every step with real arithmetic on the step's own inputs.
fn check_steps(case: &Case, quantized: &Quantized) -> Result<(), TestCaseError> {
    let compiled = compile(&case.network, quantized, &case.meta()).unwrap();
    let host = Int8Model::new(&compiled.bytes).unwrap();
    let model = host.model();
    for image in case.images.chunks(case.image_bytes()).take(4) {
        let mut arena = vec![0u8; host.arena_bytes() as usize];
        for (byte, pixel) in arena[model.input().range()].iter_mut().zip(image) {
            *byte = pixel.wrapping_sub(128);
        }
        for (step, segment) in model.steps().zip(model.segments()) {
            let read = |tensor: std::ops::Range<usize>, arena: &[u8]| -> Vec<i8> {
                arena[tensor].iter().map(|b| b.cast_signed()).collect()
            };
            let inputs = [read(step.input.range(), &arena), read(step.second.range(), &arena)];
            run_segment(model, &segment, &mut arena, &mut |_, _| (), &mut ()).unwrap();
            let got = read(step.output.range(), &arena);
            let expected = simulate(case, quantized, step.index, &inputs);
            for (element, (expected, got)) in expected.iter().zip(got).enumerate() {
                let bound = bound(case, quantized, step.index, element % usize::from(step.output.dims.c));
                let name = &case.network.layers[step.index].name;
                prop_assert!((expected - f64::from(got)).abs() <= bound + 1e-4, "{name}: {expected} {got} {bound}");
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_layer_is_real_arithmetic_but_for_its_roundings(case in case(), correct_bias: bool) {
        check_steps(&case, &case.quantized(&Options { correct_bias, ..Options::default() }))?;
    }

    #[test]
    fn equal_arguments_give_equal_bytes_of_the_predicted_length(case in case()) {
        let first = case.compiled();
        prop_assert_eq!(&first, &case.compiled());
        let graph = tinynas_quant::graph(&case.network).unwrap();
        prop_assert_eq!(first.bytes.len(), tinynas_plan::model_bytes(&graph, &case.meta()) as usize);
        let model = Int8Model::new(&first.bytes).unwrap();
        prop_assert_eq!(model.arena_bytes(), first.plan.arena_bytes);
        let names: Vec<_> = (0..case.classes().len()).map(|i| model.model().class(i).unwrap().to_owned()).collect();
        prop_assert_eq!(names, case.classes());
    }

    #[test]
    fn one_image_and_many_give_the_same_scores_on_any_number_of_threads(case in case(), threads in 1..20usize) {
        let compiled = case.compiled();
        let model = Int8Model::new(&compiled.bytes).unwrap();
        let many = model.scores(&case.images, threads.try_into().unwrap()).unwrap();
        let one = |image: &[u8]| {
            let int8: Vec<i8> = image.iter().map(|pixel| tinynas_model::Preprocess::int8(*pixel)).collect();
            model.run(&int8).unwrap()
        };
        prop_assert_eq!(many, case.images.chunks(case.image_bytes()).map(one).collect::<Vec<_>>());
    }

    #[test]
    fn cut_ranges_lie_within_the_extremes_which_cut_nothing(case in case()) {
        let extremes = case.quantized(&Options { ranges: RangeRule::MinMax, ..Options::default() });
        let cut = case.quantized(&Options { ranges: RangeRule::LeastSquares, ..Options::default() });
        for (cut, whole) in cut.layers.iter().zip(&extremes.layers) {
            prop_assert_eq!(whole.saturated, 0.0);
            prop_assert!(cut.range.min >= whole.range.min && cut.range.max <= whole.range.max);
            prop_assert!((0.0..=1.0).contains(&cut.saturated), "{cut:?} {whole:?}");
        }
    }

    #[test]
    fn a_network_that_sees_its_own_choice_as_label_is_always_right(case in case()) {
        let compiled = case.compiled();
        let model = Int8Model::new(&compiled.bytes).unwrap();
        let labels: Vec<u16> = model.scores(&case.images, ONE).unwrap().iter().map(|s| top1(s) as u16).collect();
        let evaluation = model.evaluate(&case.images, &labels, ONE).unwrap();
        prop_assert_eq!((evaluation.correct, evaluation.images), (16, 16));
        let wrong: Vec<u16> = labels.iter().map(|l| (l + 1) % case.network.classes() as u16).collect();
        prop_assert_eq!(model.evaluate(&case.images, &wrong, ONE).unwrap().accuracy(), 0.0);
    }
}

#[test]
fn channels_with_a_factor_of_a_half_and_more_are_exact_too() {
    // A clamp at 6 keeps the output's scale small however large the weights are.
    for gain in [600.0, 1e4, 1e9, 1e20] {
        let mut net = NetworkBuilder::new(Shape::new(8, 8, 1));
        let x = net.conv("stem", TensorId::INPUT, Conv::same(3, 2, Activation::Relu6), 4).unwrap();
        let x = net.depthwise("dw", x, Conv::same(3, 1, Activation::Relu6)).unwrap();
        let x = net.global_pool("pool", x);
        net.linear("classifier", x, 3);
        let mut case = with_random_weights(net.finish(), 4);
        for layer in ["stem", "dw"] {
            case.weights.insert(format!("{layer}.gamma"), vec![4], vec![gain, 1.0, gain, 1.0]);
        }
        let quantized = case.quantized(&Options::default());
        let large = |layer: usize| quantized.layers[layer].weights.unwrap().large_factors;
        assert!(large(0) > 0 && large(1) > 0, "{:?}", quantized.layers);
        check_steps(&case, &quantized).unwrap();
    }
}

/// Signal to noise of the int8 logits against the float logits, in decibels.
fn decibels(case: &Case) -> f64 {
    let compiled = case.compiled();
    let model = Int8Model::new(&compiled.bytes).unwrap();
    let output = case.quantized(&Options::default()).tensors.last().copied().unwrap();
    let float = float_logits(&case.folded(), &case.preprocess, &case.images, ONE).unwrap();
    let (mut signal, mut noise) = (0.0, 0.0);
    for (float, int8) in float.iter().zip(model.scores(&case.images, ONE).unwrap()) {
        for (x, q) in float.iter().zip(int8) {
            signal += f64::from(x * x);
            noise += f64::from(x - real_value(q, output)).powi(2);
        }
    }
    10.0 * (signal / noise).log10()
}

#[test]
fn int8_logits_carry_the_float_logits() {
    // The same 200 networks every time. The worst ones squeeze everything through one channel.
    let mut runner = TestRunner::deterministic();
    let mut all: Vec<f64> = (0..200).map(|_| decibels(&case().new_tree(&mut runner).unwrap().current())).collect();
    all.sort_by(f64::total_cmp);
    assert!(all[0] > 12.0 && all[20] > 25.0 && all[100] > 32.0, "{} {} {}", all[0], all[20], all[100]);
}

/// Mean over all images of int8 less float logits, in steps, per class.
fn mean_error(case: &Case, correct_bias: bool) -> Vec<f64> {
    let options = Options { ranges: RangeRule::MinMax, correct_bias };
    let quantized = case.quantized(&options);
    let compiled = compile(&case.network, &quantized, &case.meta()).unwrap();
    let scores = Int8Model::new(&compiled.bytes).unwrap().scores(&case.images, ONE).unwrap();
    let float = float_logits(&case.folded(), &case.preprocess, &case.images, ONE).unwrap();
    let output = *quantized.tensors.last().unwrap();
    let error = |class: usize| {
        let errors = scores.iter().zip(&float).map(|(q, x)| f64::from(real_value(q[class], output) - x[class]));
        errors.sum::<f64>() / scores.len() as f64 / f64::from(output.scale)
    };
    (0..float[0].len()).map(error).collect()
}

/// One weight of 1 in every `fan_in`, the others so small that they round to zero.
fn one_large_weight(count: usize, fan_in: usize) -> Vec<f32> {
    (0..count).map(|i| if i % fan_in == 0 { 1.0 } else { 0.003 }).collect()
}

#[test]
fn corrected_biases_make_up_for_weights_that_round_to_zero() {
    let mut linear = NetworkBuilder::new(Shape::new(1, 1, 40));
    linear.linear("classifier", TensorId::INPUT, 3);
    let mut linear = with_random_weights(linear.finish(), 3);
    linear.weights.insert("classifier.weight", vec![3, 40], one_large_weight(120, 40));

    let mut depthwise = NetworkBuilder::new(Shape::new(12, 12, 2));
    let window = Conv { kernel: 5, stride: 1, pad: 0, activation: Activation::Linear };
    let x = depthwise.depthwise("dw", TensorId::INPUT, window).unwrap();
    depthwise.global_pool("pool", x);
    let mut depthwise = with_random_weights(depthwise.finish(), 3);
    depthwise.weights.insert("dw.weight", vec![2, 1, 5, 5], one_large_weight(50, 25));

    let mut conv = NetworkBuilder::new(Shape::new(12, 12, 3));
    let x = conv.conv("conv", TensorId::INPUT, window, 2).unwrap();
    conv.global_pool("pool", x);
    let mut conv = with_random_weights(conv.finish(), 3);
    conv.weights.insert("conv.weight", vec![2, 3, 5, 5], one_large_weight(150, 75));

    for mut case in [linear, depthwise, conv] {
        case.preprocess.mean = 0;
        let name = &case.network.layers[0].name;
        let (plain, corrected) = (mean_error(&case, false), mean_error(&case, true));
        assert!(plain.iter().all(|e| e.abs() > 3.0), "{name}: {plain:?}");
        assert!(corrected.iter().all(|e| e.abs() < 0.6), "{name}: {corrected:?}");
    }
}
