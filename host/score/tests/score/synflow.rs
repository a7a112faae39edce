//! SynFlow against burn's gradients of the positive network, weight by weight.

use tinynas_burn::{
    NetworkModule,
    burn::tensor::{Device, Tensor, TensorData, module::conv2d, ops::ConvOptions},
    cpu, cpu_autodiff,
};
use tinynas_model::{Activation, Network, Op, Weights};
use tinynas_score::ln_synflow;

use crate::networks::small;

/// ln Σ |θ · ∂R/∂θ| by its definition, in NCHW.
fn by_gradients(network: &Network, weights: &Weights) -> f64 {
    let device = cpu_autodiff();
    let input = network.input;
    let mut tensors: Vec<Tensor<4>> =
        vec![Tensor::ones([1, input.c as usize, input.h as usize, input.w as usize], &device)];
    let mut parameters = Vec::new();
    for (index, layer) in network.layers.iter().enumerate() {
        let x = tensors[layer.inputs[0].index()].clone();
        let (cin, cout) = (network.input_of(index).c as usize, layer.output.c as usize);
        let y = match &layer.op {
            Op::Conv(conv) | Op::Depthwise(conv) => {
                let groups = if matches!(layer.op, Op::Depthwise(_)) { cin } else { 1 };
                let k = conv.kernel as usize;
                let w = positive(weights, &layer.name, [cout, cin / groups, k, k], &device);
                parameters.push(w.clone());
                let pair = |v: u32| [v as usize; 2];
                let options = ConvOptions::new(pair(conv.stride), pair(conv.pad), [1, 1], groups);
                tinynas_burn::burn::tensor::activation::relu(conv2d(x, w, None, options))
            }
            Op::Linear => {
                let w = positive(weights, &layer.name, [cout, cin, 1, 1], &device);
                parameters.push(w.clone());
                conv2d(x, w, None, ConvOptions::new([1, 1], [0, 0], [1, 1], 1))
            }
            Op::Add => x + tensors[layer.inputs[1].index()].clone(),
            Op::GlobalPool => x.mean_dim(2).mean_dim(3),
            _ => unreachable!("an MBConv network"),
        };
        tensors.push(y);
    }
    let gradients = tensors.pop().unwrap().sum().backward();
    let share = |w: &Tensor<4>| {
        let saliency = (w.grad(&gradients).unwrap() * w.clone().inner()).abs();
        saliency.into_data().try_into_vec::<f32>().unwrap().iter().map(|x| f64::from(*x)).sum::<f64>()
    };
    parameters.iter().map(share).sum::<f64>().ln()
}

fn positive(weights: &Weights, layer: &str, dims: [usize; 4], device: &Device) -> Tensor<4> {
    let (_, tensor) = weights.iter().find(|(name, _)| *name == format!("{layer}.weight")).unwrap();
    let data: Vec<f32> = tensor.data.iter().map(|x| x.abs()).collect();
    Tensor::from_data(TensorData::new(data, dims), device).require_grad()
}

#[test]
fn the_flow_is_the_sum_of_all_saliencies() {
    let network = small(Activation::Relu6);
    for seed in 0..3 {
        let weights = NetworkModule::new(&network, seed, &cpu()).weights();
        let ours = ln_synflow(&network, &weights).unwrap();
        let theirs = by_gradients(&network, &weights);
        // f32 on their side.
        assert!((ours - theirs).abs() < 1e-5, "{ours} {theirs}");
    }
}

#[test]
fn a_layer_that_every_path_passes_scales_the_flow() {
    let network = small(Activation::Relu);
    let weights = NetworkModule::new(&network, 1, &cpu()).weights();
    let before = ln_synflow(&network, &weights).unwrap();
    for layer in ["stem", "b0.dw", "b1.project", "mix", "classifier"] {
        let name = format!("{layer}.weight");
        let (_, tensor) = weights.iter().find(|(n, _)| *n == name).unwrap();
        let mut scaled = weights.clone();
        scaled.insert(name, tensor.shape.clone(), tensor.data.iter().map(|x| -4.0 * x).collect());
        let after = ln_synflow(&network, &scaled).unwrap();
        assert!((after - before - 4.0_f64.ln()).abs() < 1e-12, "{layer}: {before} {after}");
    }
}
