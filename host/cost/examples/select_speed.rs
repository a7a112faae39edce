//! Prints how long the selection of a variant takes, per engine and number of threads:
//! `cargo run --release -p tinynas-cost --example select_speed [SPACE]`.

#![allow(clippy::print_stdout, reason = "an example that prints a table")]

use std::{error::Error, time::Instant};

use tinynas_cost::{
    Bytes, Engine, Limits,
    select::{SelectConfig, select},
};
use tinynas_space::Space;

fn main() -> Result<(), Box<dyn Error>> {
    let name = std::env::args().nth(1).unwrap_or_else(|| "mnas".into());
    let space = Space::open(&name)?;
    let config =
        SelectConfig { samples: 1000, seed: 1, min_feasible: None, sample_until: None, classes: 1000, channels: 3 };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{name}: {} variants x {} networks, {cores} cores", space.variants().len(), config.samples);
    println!("{:>12} {:>9} {:>9} {:>8} {:>9}  winner", "engine", "SRAM", "flash", "threads", "seconds");
    for (sram, flash) in
        [(Bytes::kib(256), Bytes::mib(1)), (Bytes::kib(512), Bytes::mib(2)), (Bytes::mib(4), Bytes::mib(16))]
    {
        for engine in Engine::ALL {
            for threads in [1, cores] {
                let limits = Limits { engine, sram, flash, macs: None };
                let start = Instant::now();
                let selection = select(&space, &limits, &config, threads)?;
                let seconds = start.elapsed().as_secs_f64();
                let winner = selection.winner();
                println!(
                    "{:>12} {:>9} {:>9} {threads:>8} {seconds:>9.3}  {} | {:.1} M, {:.1} % fit",
                    engine.name(),
                    sram.to_string(),
                    flash.to_string(),
                    winner.variant,
                    winner.mean_macs / 1e6,
                    winner.feasible_share * 100.0
                );
            }
        }
    }
    Ok(())
}
