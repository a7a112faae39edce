//! Time to draw genotypes and to make their block tables: `cargo run --release -p tinynas-space --example sampling_speed`.

use std::{
    error::Error,
    hint::black_box,
    io::{self, Write},
    time::Instant,
};

use rand_pcg::Pcg64Mcg;
use tinynas_space::{Genotype, Space};

/// Per variant, as the selection draws.
const SAMPLES: usize = 1000;

fn main() -> Result<(), Box<dyn Error>> {
    for name in Space::shipped() {
        let space = Space::open(name)?;
        let networks = space.variants().len() * SAMPLES;

        let mut rng = Pcg64Mcg::new(1);
        let start = Instant::now();
        for _ in 0..networks {
            black_box(space.sample(&mut rng));
        }
        let fresh = start.elapsed();

        let mut genotype = Genotype { stages: Vec::new() };
        let start = Instant::now();
        for variant in space.variants() {
            for _ in 0..SAMPLES {
                space.sample_into(&mut genotype, &mut rng);
                black_box(space.architecture(*variant, &genotype, space.channels(), 1000)?);
            }
        }
        let both = start.elapsed();
        writeln!(
            io::stdout(),
            "{name}: {networks} networks; sample {fresh:.1?}; sample_into + architecture {both:.1?}"
        )?;
    }
    Ok(())
}
