//! The kernels' assembly on the simulator against the portable kernels, byte by byte: random shapes, channel counts,
//! windows, zero points, activations, factors of ½ and more, on every core that has the DSP extension.
//!
//! The program is `firmware/bench`; it runs a layer by the definition, portable over packed weights, and as its core
//! does it.
#![allow(clippy::expect_used)]

#[path = "../../../../firmware/bench/src/job.rs"]
#[allow(dead_code)]
mod job;
mod program;

use job::{Constants, Job, Kind};
use program::Chip;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

/// Layers of each kind on each core.
const CASES: u32 = 120;

fn layer(kind: Kind) -> impl Strategy<Value = Job> {
    let (kernels, strides, depth) = match kind {
        Kind::Conv => (1u8..=5, 1u8..=3, 12),
        Kind::Depthwise => (1u8..=7, 1u8..=3, 9),
        _ => (1u8..=1, 1u8..=1, 70),
    };
    let sides = if kind == Kind::Linear { (1u16..=4, 1u16..=4) } else { (1u16..=13, 1u16..=13) };
    let constants = prop_oneof![1 => Just(Constants::Relu), 1 => Just(Constants::Linear), 2 => Just(Constants::Wild)];
    let shape = (sides, 1u16..=depth, 1u16..=40, kernels, strides);
    (shape, any::<u8>(), constants, any::<u32>()).prop_filter_map(
        "the window fits",
        move |(((h, w), c, outputs, kernel, stride), pad, constants, seed)| {
            // Mostly the windows that have assembly of their own.
            let usual = kind == Kind::Depthwise && seed % 4 != 0;
            let kernel = if usual && kernel % 2 == 0 { kernel + 1 } else { kernel };
            let stride = if usual { stride.min(2) } else { stride };
            let pad = if seed % 3 == 0 { pad % kernel } else { kernel / 2 };
            // Depthwise: 1 is in place.
            let outputs = if kind == Kind::Depthwise { outputs % 2 } else { outputs };
            let fits = |side: u16| side + 2 * u16::from(pad) >= u16::from(kernel);
            let job = Job { kind, h, w, c, outputs, kernel, stride, pad, constants, seed };
            (fits(h) && fits(w)).then_some(job)
        },
    )
}

/// Every layer must run, and both must equal the definition.
fn compare(chip: &Chip, kind: Kind) {
    let Some(program) = chip.program() else { return };
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&layer(kind), |job| {
        let answer = program.run(job).map_err(TestCaseError::fail)?;
        prop_assert_eq!((answer.ran, answer.packed_differ, answer.assembly_differ), (1, 0, 0), "{:?}", answer);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{kind:?} on {}: {error}", chip.name));
}

macro_rules! chips {
    ($($test:ident = $chip:expr;)*) => {$(
        mod $test {
            use super::*;

            const CHIP: Chip = $chip;

            #[test]
            fn conv_equals_the_definition() {
                compare(&CHIP, Kind::Conv);
            }

            #[test]
            fn pointwise_equals_the_definition() {
                compare(&CHIP, Kind::Pointwise);
            }

            #[test]
            fn linear_equals_the_definition() {
                compare(&CHIP, Kind::Linear);
            }

            #[test]
            fn depthwise_equals_the_definition_also_in_place() {
                compare(&CHIP, Kind::Depthwise);
            }

            #[test]
            fn add_equals_the_definition() {
                compare(&CHIP, Kind::Add);
            }

            #[test]
            fn global_pool_equals_the_definition() {
                compare(&CHIP, Kind::GlobalPool);
            }
        }
    )*};
}

chips! {
    cortex_m4 = Chip::M4;
    cortex_m7 = Chip::M7;
    cortex_m33 = Chip::M33;
}
