//! A small network and few images, so that trainings take a second.

use std::ops::ControlFlow;

use tinynas_model::{Activation, Architecture, Block, Network, Preprocess, Shape, Stem};
use tinynas_train::{Dataset, EpochRecord, Split, TrainConfig};

/// Stem and three blocks on `side` × `side` grey images.
pub fn network(side: u32) -> Network {
    Architecture {
        input: Shape::new(side, side, 1),
        stem: Stem { kernel: 3, stride: 2, channels: 8 },
        blocks: vec![Block::new(3, 1, 8, 8, 1), Block::new(5, 3, 8, 16, 2), Block::new(3, 3, 16, 16, 1)],
        feature_mix: Some(32),
        classes: 10,
        activation: Activation::Relu6,
    }
    .network()
    .unwrap()
}

/// Images to learn from, images to choose by, and how they become the input.
pub struct Images {
    pub learn: Split,
    pub choose: Split,
    pub preprocess: Preprocess,
}

/// The first images of the shipped data at `side` pixels.
pub fn images(side: u32, learn: usize) -> Images {
    let data = Dataset::shipped().unwrap();
    let part = |range: std::ops::Range<usize>| data.train.select(&range.collect::<Vec<_>>()).resized(side as usize);
    Images { learn: part(0..learn), choose: part(7_000..7_200), preprocess: data.preprocess(side) }
}

pub fn config(epochs: u32) -> TrainConfig {
    TrainConfig { epochs, batch: 32, shift: 0.1, cutout: 0.2, ..TrainConfig::default() }
}

pub fn go_on(_: &EpochRecord, _: f64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}
