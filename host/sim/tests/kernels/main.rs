//! The kernels' assembly on the simulator against the portable kernels, byte by byte: random shapes, channel counts,
//! windows, zero points, activations, factors of ½ and more, on every core that has the DSP extension.
//!
//! The program is `firmware/bench`; it runs a layer by the definition, portable over packed weights, and as its core
//! does it.
#![allow(clippy::expect_used)]

mod program;

use program::Chip;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use tinynas_bench_job::{Constants, Job, Kind};

/// Layers of each kind on each core.
const CASES: u32 = 120;

/// Kernel, stride and padding in one direction, with the side of an image and how many outputs more there are.
type Axis = (u8, u8, u8, u16, u8);

fn axis(kind: Kind) -> BoxedStrategy<Axis> {
    let (kernels, stride) = match kind {
        Kind::Conv => ((1u8..=5).boxed(), 3),
        // Mostly the windows that have assembly of their own.
        Kind::Depthwise => (prop_oneof![6 => prop_oneof![Just(3u8), Just(5), Just(7)], 1 => 1u8..=7].boxed(), 3),
        _ => (Just(1).boxed(), 1),
    };
    let sides = if kind == Kind::Linear { 1u16..=4 } else { 1u16..=13 };
    (kernels, prop_oneof![4 => 1u8..=stride.min(2), 1 => 1u8..=stride], any::<u8>(), sides, 0u8..2)
        .prop_map(|(kernel, stride, pad, side, more)| {
            let pad = if pad % 3 == 0 { pad / 3 % kernel } else { kernel / 2 };
            (kernel, stride, pad, side, more)
        })
        .boxed()
}

fn layer(kind: Kind) -> impl Strategy<Value = Job> {
    let depth = match kind {
        Kind::Conv => 12,
        Kind::Depthwise => 9,
        _ => 70,
    };
    let constants = prop_oneof![1 => Just(Constants::Relu), 1 => Just(Constants::Linear), 2 => Just(Constants::Wild)];
    let shape = (axis(kind), axis(kind), 0u8..6, 1u16..=depth, 1u16..=40, prop_oneof![Just(0), 1u16..5]);
    (shape, constants, any::<u32>()).prop_filter_map(
        "the window fits",
        move |((y, x, square, c, outputs, rows), constants, seed)| {
            let x = if square == 0 { x } else { (y.0, y.1, y.2, x.3, x.4) };
            // Depthwise: 1 is in place.
            let outputs = if kind == Kind::Depthwise { outputs % 2 } else { outputs };
            let fits = |(kernel, stride, pad, side, more): Axis| {
                let span = (side + 2 * u16::from(pad)).checked_sub(kernel.into())?;
                let last = (span / u16::from(stride) + u16::from(more)) * u16::from(stride);
                (last < side + u16::from(pad)).then_some(more)
            };
            let windowed = matches!(kind, Kind::Conv | Kind::Depthwise);
            let more = if windowed { [fits(y)?, fits(x)?] } else { [0; 2] };
            let (kernel, stride, pad) = ([y.0, x.0], [y.1, x.1], [y.2, x.2]);
            Some(Job { kind, h: y.3, w: x.3, c, outputs, kernel, stride, pad, more, rows, constants, seed })
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
