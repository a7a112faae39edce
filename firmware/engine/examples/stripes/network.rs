//! A network that was not trained but written down: it tells the direction of stripes in a 16 × 16 grey image.
//!
//! Four 3 × 3 filters, one for lines of each direction; what they find is smoothed, averaged over the image and
//! compared. Small enough to follow by hand, and right on every image of [`image`].
#![allow(clippy::expect_used)]

use tinynas_plan::{
    Dims, Feed, Goal, Graph, Meta, MetaPreprocess, Op, Params, Requant, Step, TensorQuant, Window, compile, plan_for,
};

/// Side of the image.
pub const SIDE: usize = 16;

/// The classes: directions of stripes, and none.
pub const CLASSES: [&str; 5] = ["horizontal", "vertical", "rising", "falling", "plain"];

/// Three pixels on a line weigh 2 each, the six beside it −1. In steps of 1/16.
const FILTERS: [[i8; 9]; 4] = [
    [-16, -16, -16, 32, 32, 32, -16, -16, -16],
    [-16, 32, -16, -16, 32, -16, -16, 32, -16],
    [-16, -16, 32, -16, 32, -16, 32, -16, -16],
    [32, -16, -16, -16, 32, -16, -16, -16, 32],
];

/// A class's own direction weighs 3, the others −1; in steps of 1/32. No stripes: each direction weighs −1.
const COMPARE: [[i8; 4]; 5] =
    [[96, -32, -32, -32], [-32, 96, -32, -32], [-32, -32, 96, -32], [-32, -32, -32, 96], [-32; 4]];

/// Real value of a plain image's class: what stripes must surpass.
const PLAIN: f64 = 0.5;

/// Scale and zero point of every tensor.
const QUANT: [TensorQuant; 5] = [
    TensorQuant { scale: 1.0 / 128.0, zero_point: 0 },
    TensorQuant { scale: 12.0 / 255.0, zero_point: -128 },
    TensorQuant { scale: 12.0 / 255.0, zero_point: -128 },
    TensorQuant { scale: 6.0 / 255.0, zero_point: -128 },
    TensorQuant { scale: 1.0 / 8.0, zero_point: 0 },
];

/// The compiled model: fast with a whole input, small with one that comes row by row.
pub fn model(feed: Feed) -> Vec<u8> {
    let conv = Step { op: Op::Conv(Window::square(3, 1, 0)), inputs: vec![0], output: Dims::new(14, 14, 4) };
    let smooth = Step { op: Op::Depthwise(Window::square(3, 1, 1)), inputs: vec![1], output: Dims::new(14, 14, 4) };
    let mean = Step { op: Op::GlobalPool, inputs: vec![2], output: Dims::vector(4) };
    let linear = Step { op: Op::Linear, inputs: vec![3], output: Dims::vector(5) };
    let graph = Graph { input: Dims::new(SIDE as u16, SIDE as u16, 1), steps: vec![conv, smooth, mean, linear] };
    let plain = PLAIN / (f64::from(QUANT[3].scale) / 32.0);
    let params = [
        weighted(0, FILTERS.as_flattened(), 1.0 / 16.0, &[0; 4]),
        weighted(1, &[14; 36], 1.0 / 126.0, &[0; 4]),
        Params::pool(QUANT[2], QUANT[3]),
        weighted(3, COMPARE.as_flattened(), 1.0 / 32.0, &[0, 0, 0, 0, plain as i32]),
    ];
    let meta = Meta {
        preprocess: MetaPreprocess { size: SIDE as u16, channels: 1, mean: 128, scale: 1.0 / 128.0 },
        classes: CLASSES.map(str::to_owned).to_vec(),
        sram_budget: 0,
        flash_budget: 0,
        provenance: "stripes, written by hand".to_owned(),
    };
    let goal = if feed == Feed::Rows { Goal::Smallest } else { Goal::Fastest };
    let plan = plan_for(&graph, goal, feed).expect("a graph with a plan");
    compile(&graph, &plan, &params, &QUANT, &meta).expect("parameters that fit")
}

/// Parameters of a step whose output tensor is `index + 1`; biases in steps of input scale × weight scale.
fn weighted(index: usize, weights: &[i8], scale: f64, bias: &[i32]) -> Params {
    let (input, output) = (QUANT[index], QUANT[index + 1]);
    let requant = Requant::from_real(f64::from(input.scale) * scale / f64::from(output.scale));
    Params::Weighted {
        weights: weights.to_vec(),
        bias: bias.to_vec(),
        multiplier: vec![requant.multiplier; bias.len()],
        shift: vec![requant.shift; bias.len()],
        input_zero: input.zero_point,
        output_zero: output.zero_point,
        min: i8::MIN,
        max: i8::MAX,
    }
}

/// An image of a class: stripes of `period` pixels that begin at `phase`, `contrast` brighter and darker than grey.
pub fn image(class: usize, period: usize, phase: usize, contrast: u8) -> Vec<u8> {
    let pixels = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (y, x)));
    pixels
        .map(|(y, x)| {
            let across = match class {
                0 => y,
                1 => x,
                2 => x + y,
                3 => x + SIDE - y,
                _ => return 128,
            };
            if 2 * ((across + phase) % period) < period { 128 + contrast } else { 128 - contrast }
        })
        .collect()
}
