//! Milliseconds per training step on burn's two CPU backends, with our operations and with burn's own.
//!
//! `cargo run --release -p tinynas-burn --features ndarray --example backend_speed`
//! One thread for our operations, the best of several repetitions; compare within one run.

use std::io::Write as _;
use std::time::Instant;

use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, Tensor, activation::log_softmax};
use tinynas_burn::{Mode, NetworkModule, Ops, batch, burn, cpu_autodiff, set_threads};
use tinynas_model::{Activation, Architecture, Block, Network, Shape, Stem};

const BATCH: usize = 32;

/// MBConv on 28×28 grey images.
fn network() -> Network {
    let architecture = Architecture {
        input: Shape::new(28, 28, 1),
        stem: Stem { kernel: 3, stride: 2, channels: 8 },
        blocks: vec![
            Block::new(3, 3, 8, 8, 1),
            Block::new(3, 4, 8, 16, 2),
            Block::new(5, 4, 16, 16, 1),
            Block::new(3, 4, 16, 24, 1),
            Block::new(3, 6, 24, 40, 2),
        ],
        feature_mix: None,
        classes: 10,
        activation: Activation::Relu6,
    };
    architecture.network().unwrap_or_else(|error| unreachable!("{error}"))
}

/// The least of `count` steps, in milliseconds.
fn step(network: &Network, device: &Device, ops: Ops, count: usize) -> f64 {
    let dims = [BATCH, 28, 28, 1];
    let data = (0..dims.iter().product()).map(|i: usize| ((i * 7919) % 1000) as f32 / 250.0 - 2.0).collect();
    let x = batch(data, dims, device);
    let mut module = NetworkModule::new(network, 1, device).with_ops(ops);
    let mut optimizer = SgdConfig::new().init();
    let mut least = f64::INFINITY;
    for _ in 0..count {
        let start = Instant::now();
        let scores = log_softmax(module.forward(x.clone(), Mode::Train), 1);
        let loss: Tensor<1> = scores.slice([0..BATCH, 0..1]).mean().neg();
        let grads = GradientsParams::from_grads(loss.backward(), &module);
        module = optimizer.step(0.001, module, grads);
        least = least.min(start.elapsed().as_secs_f64() * 1e3);
    }
    least
}

fn main() -> std::io::Result<()> {
    set_threads(1);
    let network = network();
    let mut out = std::io::stdout();
    writeln!(out, "{} MACs, batch {BATCH}, milliseconds per step", network.macs())?;
    let devices = [
        ("flex", cpu_autodiff()),
        #[cfg(feature = "ndarray")]
        ("ndarray", tinynas_burn::cpu_ndarray().autodiff()),
    ];
    for (ops, label, count) in [(Ops::Fast, "ours", 60), (Ops::Burn, "burn's", 10)] {
        for (name, device) in &devices {
            writeln!(out, "{name:<8} {label:<7}{:>9.2}", step(&network, device, ops, count))?;
        }
    }
    Ok(())
}
