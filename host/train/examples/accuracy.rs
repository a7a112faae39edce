//! Trains one MBConv network of about 1 M MACs on the shipped data, on one thread, and prints every epoch.
//!
//! `cargo run --release -p tinynas-train --example accuracy -- [CONFIG.json] [SEED…]`
//!
//! CONFIG.json holds settings of `TrainConfig` that replace the demo's. With several seeds, the mean is printed.
#![allow(clippy::print_stdout)]

mod network;

use std::{env, error::Error, fs, ops::ControlFlow, time::Instant};

use tinynas_train::{Dataset, TrainConfig, accuracy, logits, set_threads, train};

fn main() -> Result<(), Box<dyn Error>> {
    set_threads(1);
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let demo = TrainConfig { epochs: 14, weight_decay: 1e-3, ..TrainConfig::default() };
    let config: TrainConfig = match arguments.first() {
        Some(path) if path.ends_with(".json") => serde_json::from_str(&fs::read_to_string(arguments.remove(0))?)?,
        _ => demo,
    };
    let mut seeds = arguments.iter().map(|seed| seed.parse()).collect::<Result<Vec<u64>, _>>()?;
    if seeds.is_empty() {
        seeds.push(config.seed);
    }
    let network = network::network()?;
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
