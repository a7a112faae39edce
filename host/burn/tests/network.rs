//! A whole network: gradients of our operations point where burn's do, and its speed-ups change no result.
#![allow(clippy::unwrap_used)]

use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use tinynas_burn::{Mode, NetworkModule, Ops, batch, burn, cpu_autodiff, with_threads};
use tinynas_model::{Activation, Architecture, Block, Network, Shape, Stem};

fn network() -> Network {
    Architecture {
        input: Shape::new(20, 20, 3),
        stem: Stem { kernel: 3, stride: 2, channels: 8 },
        blocks: vec![
            Block::new(3, 1, 8, 8, 1),
            Block::new(5, 3, 8, 16, 2),
            Block::new(7, 4, 16, 16, 1),
            Block::new(3, 6, 16, 20, 1),
        ],
        feature_mix: Some(48),
        classes: 10,
        activation: Activation::Relu6,
    }
    .network()
    .unwrap()
}

fn images(n: usize, device: &Device) -> Tensor<4> {
    let data = (0..n * 1200).map(|i| ((i * 7919) % 1013) as f32 / 250.0 - 2.0).collect();
    batch(data, [n, 20, 20, 3], device)
}

/// Logits and the gradients of every parameter, of a loss that weighs each logit differently.
fn gradients(ops: Ops, mode: Mode) -> (Vec<f32>, Vec<Vec<f32>>) {
    let module = NetworkModule::new(&network(), 5, &cpu_autodiff()).with_ops(ops);
    if mode == Mode::Eval {
        // With untouched running statistics many values before an activation are exactly zero, where burn's
        // gradient of a clamp is one and ours, as PyTorch's, zero.
        let _ = module.forward(images(24, &cpu_autodiff()), Mode::Train);
    }
    let logits = module.forward(images(24, &cpu_autodiff()), mode);
    let weights = (0..240).map(|i| ((i * 31) % 17) as f32 / 8.0 - 1.0).collect::<Vec<_>>();
    let weights = Tensor::<1>::from_data(weights.as_slice(), &cpu_autodiff()).reshape([24, 10]);
    let grads = (logits.clone() * weights).sum().backward();
    let grads = GradientsParams::from_grads(grads, &module);
    (logits.into_data().try_into_vec().unwrap(), module.gradients(&grads))
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

#[test]
fn gradients_of_a_network_point_where_burns_do() {
    for mode in [Mode::BatchStats, Mode::Eval] {
        let ((_, ours), (_, theirs)) = (gradients(Ops::Fast, mode), gradients(Ops::Burn, mode));
        let (ours, theirs) = (ours.concat(), theirs.concat());
        let cosine = dot(&ours, &theirs) / (dot(&ours, &ours) * dot(&theirs, &theirs)).sqrt();
        assert!(cosine > 0.99999, "cosine {cosine}, {mode:?}");
        let ratio = (dot(&ours, &ours) / dot(&theirs, &theirs)).sqrt();
        assert!((ratio - 1.0).abs() < 1e-3, "lengths differ by {ratio}, {mode:?}");
    }
}

#[test]
fn no_number_of_threads_changes_a_gradient() {
    let run = |threads| with_threads(threads, || gradients(Ops::Fast, Mode::BatchStats));
    let bits = |(logits, grads): (Vec<f32>, Vec<Vec<f32>>)| {
        logits.into_iter().chain(grads.concat()).map(f32::to_bits).collect::<Vec<_>>()
    };
    let one = bits(run(1));
    for threads in [1, 2, 5] {
        assert_eq!(bits(run(threads)), one, "{threads} threads");
    }
}

/// Several networks learn side by side, each on its own thread, and none notices.
#[test]
fn networks_side_by_side_do_not_disturb_each_other() {
    let alone = gradients(Ops::Fast, Mode::Train);
    let together: Vec<_> = std::thread::scope(|scope| {
        let run = || with_threads(1, || gradients(Ops::Fast, Mode::Train));
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(together.iter().all(|other| *other == alone));
}
