//! The older backend computes the same bits with the same operations.
#![allow(clippy::unwrap_used)]
#![cfg(feature = "ndarray")]

use burn::tensor::{Device, Tensor, TensorData};
use tinynas_burn::{ConvKind, ConvSpec, Ops, burn, conv_affine, conv_norm, cpu, cpu_ndarray};
use tinynas_model::Activation;

/// Activations and the gradients of all four inputs. `x` arrives with its axes permuted in memory.
fn run(spec: ConvSpec, affine: bool, device: &Device) -> Vec<Vec<f32>> {
    let device = &device.clone().autodiff();
    let input = |dims: &[usize], step: usize| {
        let data = (0..dims.iter().product()).map(|i: usize| ((i * step) % 101) as f32 / 50.0 - 0.97).collect();
        TensorData::new::<f32, _>(data, dims.to_vec())
    };
    let x = Tensor::<4>::from_data(input(&[6, 9, 8, 7], 37), device).require_grad();
    let inputs = if spec.kind == ConvKind::Depthwise { 1 } else { 9 };
    let w = Tensor::<4>::from_data(input(&[9, inputs, spec.kernel, spec.kernel], 53), device).require_grad();
    let a = Tensor::<1>::from_data(input(&[9], 29), device).require_grad();
    let b = Tensor::<1>::from_data(input(&[9], 71), device).require_grad();
    let nhwc = x.clone().permute([0, 2, 3, 1]);
    let z = if affine {
        conv_affine(Ops::Fast, nhwc, w.clone(), a.clone(), b.clone(), spec)
    } else {
        conv_norm(Ops::Fast, nhwc, w.clone(), a.clone(), b.clone(), spec).0
    };
    let grads = (z.clone() * z.clone()).sum().backward();
    let floats = |data: TensorData| data.try_into_vec::<f32>().unwrap();
    vec![
        floats(z.into_data()),
        floats(x.grad(&grads).unwrap().into_data()),
        floats(w.grad(&grads).unwrap().into_data()),
        floats(a.grad(&grads).unwrap().into_data()),
        floats(b.grad(&grads).unwrap().into_data()),
    ]
}

#[test]
fn both_backends_give_the_same_bits() {
    for (kind, kernel) in [(ConvKind::Depthwise, 5), (ConvKind::Full, 1), (ConvKind::Full, 3)] {
        for affine in [false, true] {
            let spec = ConvSpec { kind, kernel, stride: 1, pad: kernel / 2, activation: Activation::Relu6 };
            assert_eq!(run(spec, affine, &cpu()), run(spec, affine, &cpu_ndarray()), "{spec:?}, affine {affine}");
        }
    }
}
