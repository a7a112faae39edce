//! Small networks and images for the tests.

use tinynas_model::{Activation, Architecture, Block, Network, Shape, Stem};
use tinynas_score::Batch;

/// Every kind of layer, a shortcut, a stride, odd sides.
pub fn small(activation: Activation) -> Network {
    Architecture {
        input: Shape::new(11, 11, 3),
        stem: Stem { kernel: 3, stride: 2, channels: 8 },
        blocks: vec![
            Block::new(3, 1, 8, 6, 1),
            Block::new(5, 3, 6, 10, 2),
            Block::new(7, 4, 10, 10, 1),
            Block::new(3, 3, 10, 10, 1),
        ],
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
