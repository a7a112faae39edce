//! The module computes the network it was made from, the same on every thread.
#![allow(clippy::unwrap_used)]

use burn::tensor::{Device, Tensor};
use tinynas_burn::{Mode, NetworkModule, Ops, batch, burn, cpu, cpu_autodiff};
use tinynas_model::{Activation, Architecture, Block, Network, Shape, Stem};

fn network() -> Network {
    Architecture {
        input: Shape::new(12, 12, 1),
        stem: Stem { kernel: 3, stride: 2, channels: 8 },
        blocks: vec![Block::new(3, 1, 8, 6, 1), Block::new(5, 3, 6, 10, 2), Block::new(7, 4, 10, 10, 1)],
        feature_mix: Some(24),
        classes: 10,
        activation: Activation::Relu6,
    }
    .network()
    .unwrap()
}

/// Some fixed numbers in about ±2.
fn images(n: usize, device: &Device) -> Tensor<4> {
    let data = (0..n * 144).map(|i| ((i * 7919) % 1000) as f32 / 250.0 - 2.0).collect();
    batch(data, [n, 12, 12, 1], device)
}

fn logits(module: &NetworkModule, mode: Mode) -> Vec<f32> {
    module.forward(images(6, &cpu()), mode).into_data().try_into_vec::<f32>().unwrap()
}

#[test]
fn weights_follow_from_the_seed_and_are_read_back() {
    let net = network();
    let a = NetworkModule::new(&net, 1, &cpu());
    let b = NetworkModule::new(&net, 2, &cpu());
    assert_eq!(a.weights(), NetworkModule::new(&net, 1, &cpu_autodiff()).weights());
    assert_ne!(a.weights(), b.weights());
    let c = NetworkModule::with_weights(&net, &a.weights(), &cpu()).unwrap();
    assert_eq!(c.weights(), a.weights());
    assert_eq!(logits(&a, Mode::Eval), logits(&c, Mode::Eval));
}

#[test]
fn weights_have_the_shapes_that_the_network_says() {
    let net = network();
    let weights = NetworkModule::new(&net, 1, &cpu()).weights();
    let parameters: usize = weights
        .iter()
        .filter(|(name, _)| !name.ends_with(".mean") && !name.ends_with(".var"))
        .map(|(_, t)| t.data.len())
        .sum();
    assert_eq!(parameters as u64, net.params());
    assert!(weights.get("b1.dw", "weight", &[18, 1, 5, 5]).is_ok());
    assert!(weights.get("classifier", "weight", &[10, 24]).is_ok());
}

#[test]
fn training_mode_moves_the_running_statistics_and_batch_mode_does_not() {
    let net = network();
    let module = NetworkModule::new(&net, 1, &cpu());
    let before = module.weights();
    let batch_logits = logits(&module, Mode::BatchStats);
    assert_eq!(module.weights(), before);
    let train_logits = logits(&module, Mode::Train);
    assert_eq!(batch_logits, train_logits);
    let after = module.weights();
    let mean = |w: &tinynas_model::Weights| w.get("stem", "mean", &[8]).unwrap().to_vec();
    assert_ne!(mean(&after), mean(&before));
    // After many batches of the same images the running statistics are those of the batch,
    // up to the unbiased variance of PyTorch.
    for _ in 0..200 {
        let _ = logits(&module, Mode::Train);
    }
    let square = |x: &[f32]| x.iter().map(|v| v * v).sum::<f32>();
    let difference: Vec<f32> = logits(&module, Mode::Eval).iter().zip(&batch_logits).map(|(e, b)| e - b).collect();
    assert!(square(&difference) < 0.01 * square(&batch_logits));
}

#[test]
fn observing_sees_every_convolution_and_changes_nothing() {
    let net = network();
    let module = NetworkModule::new(&net, 3, &cpu());
    let mut seen = Vec::new();
    let mut least = 0.0_f32;
    let observed = module.forward_observed(images(6, &cpu()), Mode::BatchStats, &mut |index, y| {
        seen.push(index);
        let shape = net.layers[index].output;
        assert_eq!(y.dims(), [6, shape.h as usize, shape.w as usize, shape.c as usize]);
        least = least.min(y.clone().min().into_scalar::<f32>());
    });
    let convolutions: Vec<usize> = (0..net.layers.len()).filter(|i| net.layers[*i].op.conv().is_some()).collect();
    assert_eq!(seen, convolutions);
    assert!(least < -0.5, "what is observed is not rectified yet, least {least}");
    let plain = logits(&module, Mode::BatchStats);
    for (a, b) in observed.into_data().try_into_vec::<f32>().unwrap().iter().zip(&plain) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
}

#[test]
fn our_operations_compute_what_burns_compute() {
    let net = network();
    let ours = NetworkModule::new(&net, 5, &cpu());
    let theirs = ours.clone().with_ops(Ops::Burn);
    for mode in [Mode::BatchStats, Mode::Eval] {
        for (a, b) in logits(&ours, mode).iter().zip(&logits(&theirs, mode)) {
            assert!((a - b).abs() < 2e-5, "{a} {b}");
        }
    }
}

#[test]
fn every_thread_computes_the_same_bytes() {
    let net = network();
    let run = || {
        let module = NetworkModule::new(&net, 5, &cpu_autodiff());
        let loss = module.forward(images(6, &cpu_autodiff()), Mode::Train).powf_scalar(2.0).sum();
        let grads = loss.backward();
        let grads = burn::optim::GradientsParams::from_grads(grads, &module);
        let mut bits = Vec::new();
        for weight in module.gradients(&grads) {
            bits.extend(weight.iter().map(|x| x.to_bits()));
        }
        bits
    };
    let here = run();
    let there: Vec<_> = std::thread::scope(|s| {
        let threads: Vec<_> = (0..3).map(|_| s.spawn(run)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(here.len() as u64 == net.params());
    assert!(there.iter().all(|bits| *bits == here));
}
