//! Prints how many drawn networks per second one thread counts (MACs, parameters, SRAM, flash), per engine:
//! `cargo run --release -p tinynas-cost --example costing_speed [SPACE[@VARIANT]]`.

#![allow(clippy::print_stdout, reason = "an example that prints a table")]

use std::{error::Error, hint::black_box, time::Instant};

use rand_pcg::Pcg64Mcg;
use tinynas_cost::{Counter, Engine};
use tinynas_space::{Genotype, Space};

/// Repetitions; the fastest is printed.
const REPETITIONS: u32 = 5;

/// Seconds that this thread computed: on a busy machine the clock runs on while others do. Linux tells them.
fn seconds(begun: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| begun.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

fn main() -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let names: Vec<String> = std::env::args().skip(1).collect();
    let defaults = ["mnas@w0.5-r144".into(), "mnas-small@w0.35-r28".into()];
    println!("{:>22} {:>12} {:>9} {:>12}", "variant", "engine", "networks", "per CPU s");
    for name in if names.is_empty() { defaults.to_vec() } else { names } {
        let (space, variant) = name.split_once('@').unwrap_or((&name, ""));
        let space = Space::open(space)?;
        let variant = if variant.is_empty() { space.variants()[0] } else { space.variant(variant)? };
        for engine in Engine::ALL {
            let networks = if engine == Engine::Tinynas { 4_000 } else { 200_000 };
            let mut counter = Counter::new(&space, variant, space.channels(), 10);
            let mut genotype = Genotype { stages: Vec::new() };
            let mut fastest = f64::INFINITY;
            for repetition in 0..REPETITIONS {
                let mut rng = Pcg64Mcg::new(u128::from(repetition) * 2 + 1);
                let start = seconds(begun);
                for _ in 0..networks {
                    space.sample_into(&mut genotype, &mut rng);
                    black_box(counter.cost(&genotype, engine)?);
                }
                fastest = fastest.min(seconds(begun) - start);
            }
            let rate = f64::from(networks) / fastest;
            println!("{:>22} {:>12} {networks:>9} {rate:>12.0}", format!("{}@{variant}", space.name), engine.name());
        }
    }
    Ok(())
}
