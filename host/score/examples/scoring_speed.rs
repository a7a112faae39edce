//! Time per network of the proxies, on one thread: `cargo run --release -p tinynas-score --example scoring_speed`.
#![allow(clippy::print_stdout)]

use std::{error::Error, time::Instant};

use tinynas_model::{Activation, Architecture, Block, Shape, Stem};
use tinynas_score::{Batch, Proxy, Scorer, with_threads};

fn main() -> Result<(), Box<dyn Error>> {
    let blocks = vec![
        Block::new(3, 1, 12, 8, 1),
        Block::new(3, 3, 8, 12, 1),
        Block::new(5, 3, 12, 16, 2),
        Block::new(3, 4, 16, 16, 1),
        Block::new(5, 4, 16, 28, 1),
        Block::new(3, 6, 28, 48, 2),
        Block::new(3, 4, 48, 64, 1),
    ];
    let network = Architecture {
        input: Shape::new(28, 28, 1),
        stem: Stem { kernel: 3, stride: 2, channels: 12 },
        blocks,
        feature_mix: None,
        classes: 10,
        activation: Activation::Relu6,
    }
    .network()?;
    println!("{} MACs, {} parameters, {} ReLU units", network.macs(), network.params(), network.relu_units());
    let pixels = (0..32 * 784).map(|i| ((i * 7919 + i / 7) % 1009) as f32 / 252.0 - 2.0).collect();
    let images = Batch::new(pixels, network.input)?;
    for proxies in [&[Proxy::Nwot][..], &[Proxy::Synflow], Proxy::DEFAULT] {
        let scorer = Scorer::new(1, proxies).with_images(images.clone());
        let mut times = Vec::new();
        for seed in 0..21 {
            let start = Instant::now();
            with_threads(1, || scorer.score_with(&network, seed))?;
            times.push(start.elapsed());
        }
        times.sort_unstable();
        let names: Vec<&str> = proxies.iter().map(|proxy| proxy.name()).collect();
        println!("{:<14} {:>6.1} ms, median of 21, batch 32", names.join("+"), times[10].as_secs_f64() * 1e3);
    }
    Ok(())
}
