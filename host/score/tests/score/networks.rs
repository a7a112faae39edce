//! Small networks and images for the tests.

use tinynas_model::{Activation, Architecture, Block, Network, Shape, Stem};
use tinynas_score::Batch;

pub fn block(kernel: u32, expansion: u32, input: u32, output: u32, stride: u32) -> Block {
    let skip = stride == 1 && input == output;
    Block { kernel, expansion, input, hidden: input * expansion, output, stride, skip }
}

/// Every kind of layer, a shortcut, a stride, odd sides.
pub fn small(activation: Activation) -> Network {
    Architecture {
        input: Shape::new(11, 11, 3),
        stem: Stem { kernel: 3, stride: 2, channels: 8 },
        blocks: vec![block(3, 1, 8, 6, 1), block(5, 3, 6, 10, 2), block(7, 4, 10, 10, 1), block(3, 3, 10, 10, 1)],
        feature_mix: Some(24),
        classes: 10,
        activation,
    }
    .network()
    .unwrap()
}

/// Some fixed numbers in about ±2, no two images alike.
pub fn images(count: usize, shape: Shape) -> Batch {
    let data = (0..count * shape.elements() as usize).map(|i| ((i * 7919 + i / 7) % 1009) as f32 / 252.0 - 2.0);
    Batch::new(data.collect(), shape).unwrap()
}
