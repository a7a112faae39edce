//! Counting without a network in between gives the same figures.

use rand_pcg::Pcg64Mcg;
use tinynas_cost::{Bytes, Counter, Engine, Limits, Size, cost};
use tinynas_space::Space;

/// Networks per variant.
const NETWORKS: u32 = 12;

#[test]
fn a_counter_counts_what_the_network_costs() {
    for name in Space::shipped() {
        let space = Space::open(name).unwrap();
        for (index, variant) in space.variants().iter().enumerate().step_by(7) {
            let mut counter = Counter::new(&space, *variant, space.channels(), 10);
            let mut rng = Pcg64Mcg::new(index as u128 * 2 + 1);
            for _ in 0..NETWORKS {
                let genotype = space.sample(&mut rng);
                let architecture = space.architecture(*variant, &genotype, space.channels(), 10).unwrap();
                let network = architecture.network().unwrap();
                let size = Size { macs: network.macs(), params: network.params(), relu_units: network.relu_units() };
                assert_eq!(counter.size(&genotype).unwrap(), size);
                for engine in Engine::ALL {
                    let expected = cost(&network, engine).unwrap();
                    assert_eq!(counter.cost(&genotype, engine).unwrap(), expected, "{name}@{variant} {genotype}");
                    // Limits at its own figures, and just below one of them.
                    let limits =
                        Limits { engine, sram: expected.sram, flash: expected.flash, macs: Some(expected.macs) };
                    for limits in [
                        limits.clone(),
                        Limits { sram: Bytes(expected.sram.0 - 1), ..limits.clone() },
                        Limits { flash: Bytes(expected.flash.0 - 1), ..limits.clone() },
                        Limits { macs: Some(expected.macs - 1), ..limits.clone() },
                    ] {
                        assert_eq!(counter.check(&genotype, &limits).unwrap(), limits.check(&network).unwrap());
                    }
                }
            }
        }
    }
}
