//! The network that the examples train.

use std::error::Error;

use tinynas_model::{Activation, Architecture, Block, Network, Shape, Stem};

/// Stem and seven blocks on 28×28×1.
pub fn network() -> Result<Network, Box<dyn Error>> {
    let architecture = Architecture {
        input: Shape::new(28, 28, 1),
        stem: Stem { kernel: 3, stride: 2, channels: 8 },
        blocks: vec![
            Block::new(3, 3, 8, 8, 1),
            Block::new(3, 4, 8, 16, 2),
            Block::new(5, 4, 16, 16, 1),
            Block::new(3, 4, 16, 24, 1),
            Block::new(3, 4, 24, 24, 1),
            Block::new(3, 6, 24, 40, 2),
            Block::new(3, 3, 40, 64, 1),
        ],
        feature_mix: None,
        classes: 10,
        activation: Activation::Relu6,
    };
    Ok(architecture.network()?)
}
