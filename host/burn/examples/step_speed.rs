//! Milliseconds per forward pass and per training step, our operations beside burn's own.
//!
//! `cargo run --release -p tinynas-burn --example step_speed [-- NAME]`
//! The best of several repetitions on this machine; run it while nothing else does.

use std::io::Write as _;
use std::time::Instant;

use burn::module::Module as _;
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Tensor, activation::log_softmax};
use tinynas_burn::{Mode, NetworkModule, Ops, batch, burn, cpu, cpu_autodiff, set_threads};
use tinynas_model::{Activation, Architecture, Block, Network, Shape, Stem};

const BATCH: usize = 64;

/// Blocks from rows `(expansion, channels, blocks, first stride, kernel)`.
fn blocks(mut input: u32, rows: &[[u32; 5]]) -> Vec<Block> {
    let mut blocks = Vec::new();
    for &[expansion, output, count, first, kernel] in rows {
        for i in 0..count {
            let stride = if i == 0 { first } else { 1 };
            blocks.push(Block::new(kernel, expansion, input, output, stride));
            input = output;
        }
    }
    blocks
}

fn network(input: Shape, stem: Stem, rows: &[[u32; 5]], feature_mix: u32) -> Network {
    let blocks = blocks(stem.channels, rows);
    let feature_mix = Some(feature_mix);
    let architecture = Architecture { input, stem, blocks, feature_mix, classes: 10, activation: Activation::Relu6 };
    architecture.network().unwrap_or_else(|error| unreachable!("{error}"))
}

fn networks() -> [(&'static str, Network); 2] {
    // MobileNetV2 (Sandler et al., 2018) at half width with the strides usual on 32x32 images.
    let mobilenet = network(
        Shape::new(32, 32, 3),
        Stem { kernel: 3, stride: 1, channels: 16 },
        &[
            [1, 8, 1, 1, 3],
            [6, 16, 2, 1, 3],
            [6, 16, 3, 2, 3],
            [6, 32, 4, 2, 3],
            [6, 48, 3, 1, 3],
            [6, 80, 3, 2, 3],
            [6, 160, 1, 1, 3],
        ],
        1280,
    );
    let small = network(
        Shape::new(28, 28, 1),
        Stem { kernel: 3, stride: 2, channels: 8 },
        &[[1, 8, 1, 1, 3], [4, 16, 2, 2, 5], [4, 24, 2, 2, 3], [4, 32, 1, 1, 7]],
        96,
    );
    [("mobilenetv2-w0.5-r32", mobilenet), ("mbconv-r28", small)]
}

/// Numbers in about ±2.
fn images(network: &Network) -> (Vec<f32>, [usize; 4]) {
    let shape = network.input;
    let dims = [BATCH, shape.h as usize, shape.w as usize, shape.c as usize];
    let data = (0..dims.iter().product()).map(|i: usize| ((i * 7919) % 1000) as f32 / 250.0 - 2.0).collect();
    (data, dims)
}

/// The least of `count` times, in milliseconds.
fn best(count: usize, mut run: impl FnMut()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64() * 1e3
    };
    (0..count).map(time).fold(f64::INFINITY, f64::min)
}

fn measure(network: &Network, ops: Ops, count: usize) -> (f64, f64) {
    let (data, dims) = images(network);
    let mut module = NetworkModule::new(network, 1, &cpu_autodiff()).with_ops(ops);
    let plain = module.valid();
    let x = batch(data.clone(), dims, &cpu());
    let forward = best(count, || drop(plain.forward(x.clone(), Mode::BatchStats).into_data()));
    let x = batch(data, dims, &cpu_autodiff());
    let mut optimizer = SgdConfig::new().init();
    let step = best(count, || {
        let scores = log_softmax(module.forward(x.clone(), Mode::Train), 1);
        let loss: Tensor<1> = scores.slice([0..BATCH, 0..1]).mean().neg();
        let grads = GradientsParams::from_grads(loss.backward(), &module);
        module = optimizer.step(0.001, module.clone(), grads);
    });
    (forward, step)
}

fn main() -> std::io::Result<()> {
    let name = std::env::args().nth(1);
    let mut out = std::io::stdout();
    writeln!(out, "batch {BATCH}, milliseconds, best of several\n")?;
    writeln!(out, "{:<22}{:>8}  {:<6}{:>8}{:>10}{:>10}", "network", "MACs", "ops", "threads", "forward", "step")?;
    for (title, network) in networks().iter().filter(|(title, _)| name.as_deref().is_none_or(|n| title.contains(n))) {
        let macs = format!("{:.1} M", network.macs() as f64 / 1e6);
        for (ops, label, threads, count) in [
            (Ops::Fast, "ours", 1, 15),
            (Ops::Fast, "ours", 2, 15),
            (Ops::Burn, "burn", 1, 3),
            (Ops::Burn, "burn", 2, 3),
        ] {
            set_threads(threads);
            let (forward, step) = measure(network, ops, count);
            writeln!(out, "{title:<22}{macs:>8}  {label:<6}{threads:>8}{forward:>10.1}{step:>10.1}")?;
        }
    }
    Ok(())
}
