//! Trains one MBConv network of about 1 M MACs on the shipped data and prints every epoch.
//!
//! `cargo run --release -p tinynas-train --example accuracy -- [CONFIG.json] [SEED…]`
//!
//! CONFIG.json holds settings of `TrainConfig` that replace the demo's. With several seeds, the mean is printed.
#![allow(clippy::print_stdout)]

use std::{env, error::Error, fs, ops::ControlFlow, time::Instant};

use tinynas_model::{Activation, Architecture, Block, Network, Shape, Stem};
use tinynas_train::{Dataset, TrainConfig, accuracy, logits, train};

/// Stem and five blocks on 28×28×1.
fn network() -> Result<Network, Box<dyn Error>> {
    let block = |kernel, expansion, input, output, stride, skip| Block {
        kernel,
        expansion,
        input,
        hidden: input * expansion,
        output,
        stride,
        skip,
    };
    let architecture = Architecture {
        input: Shape::new(28, 28, 1),
        stem: Stem { kernel: 3, stride: 2, channels: 8 },
        blocks: vec![
            block(3, 1, 8, 8, 1, false),
            block(3, 4, 8, 16, 2, false),
            block(3, 4, 16, 16, 1, true),
            block(5, 4, 16, 24, 2, false),
            block(3, 4, 24, 24, 1, true),
            block(3, 6, 24, 48, 1, false),
        ],
        feature_mix: None,
        classes: 10,
        activation: Activation::Relu6,
    };
    Ok(architecture.network()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let demo = TrainConfig { epochs: 14, ..TrainConfig::default() };
    let config: TrainConfig = match arguments.first() {
        Some(path) if path.ends_with(".json") => serde_json::from_str(&fs::read_to_string(arguments.remove(0))?)?,
        _ => demo,
    };
    let mut seeds = arguments.iter().map(|seed| seed.parse()).collect::<Result<Vec<u64>, _>>()?;
    if seeds.is_empty() {
        seeds.push(config.seed);
    }
    let network = network()?;
    println!("{} MACs, {} parameters; {}", network.macs(), network.params(), serde_json::to_string(&config)?);
    let data = Dataset::shipped()?;
    let preprocess = data.preprocess(data.train.side as u32);
    let mut sum = 0.0;
    for seed in &seeds {
        let (learn, choose) = data.learn_and_choose(0.1, *seed);
        let config = TrainConfig { seed: *seed, ..config.clone() };
        let start = Instant::now();
        let trained = train(&network, &preprocess, &learn, &choose, &config, None, &mut |epoch, seconds| {
            let (loss, accuracy) = (epoch.loss, 100.0 * epoch.accuracy);
            println!("epoch {:>3}  loss {loss:.4}  accuracy {accuracy:.2} %  {seconds:.2} s", epoch.epoch);
            ControlFlow::Continue(())
        })?;
        let test = accuracy(&logits(&network, &trained.weights, &preprocess, &data.test)?, &data.test.labels);
        sum += test;
        println!(
            "seed {seed}: epoch {}, test accuracy {:.2} %, {:.1} s",
            trained.best_epoch,
            100.0 * test,
            start.elapsed().as_secs_f64()
        );
    }
    println!("mean test accuracy {:.2} %", 100.0 * sum / seeds.len() as f64);
    Ok(())
}
