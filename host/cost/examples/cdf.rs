//! Writes the figure of a selection: `cargo run --release -p tinynas-cost --example cdf FILE.svg [SPACE]`.

use std::{error::Error, fs};

use tinynas_cost::{
    Bytes, Engine, Limits,
    select::{SelectConfig, cdf_svg, select},
};
use tinynas_space::Space;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let file = args.next().ok_or("name the file to write")?;
    let name = args.next().unwrap_or_else(|| "mnas".into());
    let space = Space::open(&name)?;
    let small = space.channels() == 1;
    let (sram, flash) = if small { (Bytes::kib(24), Bytes::kib(160)) } else { (Bytes::kib(256), Bytes::mib(1)) };
    let limits = Limits { engine: Engine::Tinynas, sram, flash, macs: small.then_some(1_500_000) };
    let (classes, channels) = (if small { 10 } else { 1000 }, space.channels());
    let config = SelectConfig { samples: 1000, seed: 1, min_feasible: None, sample_until: None, classes, channels };
    fs::write(file, cdf_svg(&select(&space, &limits, &config, 2)?))?;
    Ok(())
}
