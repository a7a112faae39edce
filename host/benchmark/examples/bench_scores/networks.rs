//! The three networks that PyTorch's recorded times are of.

use tinynas_model::{Activation, Architecture, ArchitectureError, Block, Network, Shape, Stem};

/// MobileNetV2 (Sandler et al., 2018) at half width on 32×32 images: expansion, channels, blocks, first stride.
fn mobilenet(stem: u32, strides: [u32; 7]) -> Result<Network, ArchitectureError> {
    let rows = [(1, 8, 1), (6, 16, 2), (6, 16, 3), (6, 32, 4), (6, 48, 3), (6, 80, 3), (6, 160, 1)];
    let (mut input, mut blocks) = (16, Vec::new());
    for ((expansion, output, count), first) in rows.into_iter().zip(strides) {
        for i in 0..count {
            let stride = if i == 0 { first } else { 1 };
            blocks.push(Block::new(3, expansion, input, output, stride));
            input = output;
        }
    }
    let architecture = Architecture {
        input: Shape::new(32, 32, 3),
        stem: Stem { kernel: 3, stride: stem, channels: 16 },
        blocks,
        feature_mix: Some(1280),
        classes: 10,
        activation: Activation::Relu6,
    };
    architecture.network()
}

/// Half width with the strides usual on CIFAR.
pub fn mobilenet_cifar() -> Result<Network, ArchitectureError> {
    mobilenet(1, [1, 1, 2, 2, 1, 2, 1])
}

/// Half width with the strides of ImageNet: one pixel is left.
pub fn mobilenet_imagenet() -> Result<Network, ArchitectureError> {
    mobilenet(2, [1, 2, 2, 2, 1, 2, 1])
}

/// The cell of NAS-Bench-201 (Dong and Yang, ICLR 2020) with the best accuracy on CIFAR-10, digits as in the table.
pub const BEST_CELL: &str = "333132";
