//! The block table of an MBConv network, as papers print it, and its layers.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Activation, Conv, Network, NetworkBuilder, NetworkError, Shape, TensorId};

/// The first convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stem {
    /// Side of the window.
    #[serde(rename = "k")]
    pub kernel: u32,
    /// Stride.
    #[serde(rename = "s")]
    pub stride: u32,
    /// Output channels.
    #[serde(rename = "cout")]
    pub channels: u32,
}

/// One inverted bottleneck: expand 1×1 (none if `expansion` is 1), depthwise, project 1×1, shortcut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Side of the depthwise window.
    #[serde(rename = "k")]
    pub kernel: u32,
    /// Expansion ratio; 1 means no expanding convolution.
    #[serde(rename = "e")]
    pub expansion: u32,
    /// Input channels.
    #[serde(rename = "cin")]
    pub input: u32,
    /// Channels of the depthwise convolution.
    #[serde(rename = "mid")]
    pub hidden: u32,
    /// Output channels.
    #[serde(rename = "cout")]
    pub output: u32,
    /// Stride of the depthwise convolution.
    #[serde(rename = "s")]
    pub stride: u32,
    /// Whether the input is added to the output.
    pub skip: bool,
}

impl Block {
    /// A block that expands its input `expansion` times; it has a shortcut if its output has the shape of its input.
    #[must_use]
    pub const fn new(kernel: u32, expansion: u32, input: u32, output: u32, stride: u32) -> Self {
        let skip = stride == 1 && input == output;
        Self { kernel, expansion, input, hidden: input * expansion, output, stride, skip }
    }
}

/// A network of the MNAS family as a block table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Architecture {
    /// Image shape.
    pub input: Shape,
    /// First convolution.
    pub stem: Stem,
    /// Inverted bottlenecks in order.
    pub blocks: Vec<Block>,
    /// Channels of the 1×1 convolution before pooling, if there is one.
    pub feature_mix: Option<u32>,
    /// Number of classes.
    pub classes: u32,
    /// Activation of every rectified layer.
    pub activation: Activation,
}

/// Why a block table is not a network.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ArchitectureError {
    /// Channels of consecutive blocks differ.
    #[error("block {block} reads {expected} channels but gets {got}")]
    Channels {
        /// Position of the block.
        block: usize,
        /// Channels in the table.
        expected: u32,
        /// Channels of the tensor before it.
        got: u32,
    },
    /// The layers do not fit together.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

impl Architecture {
    /// The layers of this block table, named `stem`, `b3.expand`, `b3.dw`, `b3.project`, `b3.add`, `mix`, `pool`, `classifier`.
    ///
    /// # Errors
    /// If channels of consecutive blocks differ or a window does not fit.
    pub fn network(&self) -> Result<Network, ArchitectureError> {
        let mut net = NetworkBuilder::new(self.input);
        let stem = Conv::same(self.stem.kernel, self.stem.stride, self.activation);
        let mut x = net.conv("stem", TensorId::INPUT, stem, self.stem.channels)?;
        for (index, block) in self.blocks.iter().enumerate() {
            x = self.block(&mut net, index, block, x)?;
        }
        if let Some(channels) = self.feature_mix {
            x = net.conv("mix", x, Conv::same(1, 1, self.activation), channels)?;
        }
        x = net.global_pool("pool", x);
        net.linear("classifier", x, self.classes);
        Ok(net.finish())
    }

    fn block(
        &self,
        net: &mut NetworkBuilder,
        index: usize,
        block: &Block,
        input: TensorId,
    ) -> Result<TensorId, ArchitectureError> {
        let got = net.shape(input).c;
        if got != block.input {
            return Err(ArchitectureError::Channels { block: index, expected: block.input, got });
        }
        let name = |part: &str| format!("b{index}.{part}");
        let mut x = input;
        if block.expansion != 1 {
            x = net.conv(&name("expand"), x, Conv::same(1, 1, self.activation), block.hidden)?;
        }
        x = net.depthwise(&name("dw"), x, Conv::same(block.kernel, block.stride, self.activation))?;
        x = net.conv(&name("project"), x, Conv::same(1, 1, Activation::Linear), block.output)?;
        if block.skip {
            x = net.add(&name("add"), input, x)?;
        }
        Ok(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiny() -> Architecture {
        Architecture {
            input: Shape::new(8, 8, 1),
            stem: Stem { kernel: 3, stride: 2, channels: 8 },
            blocks: vec![Block { skip: false, ..Block::new(3, 1, 8, 8, 1) }, Block::new(3, 3, 8, 8, 1)],
            feature_mix: None,
            classes: 10,
            activation: Activation::Relu6,
        }
    }

    #[test]
    fn counts_equal_a_hand_count() {
        let net = tiny().network().unwrap();
        // stem 4*4*9*8, b0 dw 16*9*8 + project 16*64, b1 expand 16*192 + dw 16*9*24 + project 16*192, fc 80
        assert_eq!(net.macs(), 1152 + 1152 + 1024 + 3072 + 3456 + 3072 + 80);
        assert_eq!(net.params(), (72 + 16) + (72 + 16) + (64 + 16) + (192 + 48) + (216 + 48) + (192 + 16) + 90);
        assert_eq!(net.relu_units(), 16 * (8 + 8 + 24 + 24));
        assert_eq!(net.classes(), 10);
    }

    #[test]
    fn a_shortcut_reads_the_block_input() {
        let net = tiny().network().unwrap();
        let add = net.layers.iter().find(|l| l.op == Op::Add).unwrap();
        assert_eq!(add.inputs, [TensorId(3), TensorId(6)]);
        assert_eq!(net.last_uses()[3], Some(6));
    }

    #[test]
    fn channels_that_do_not_meet_are_refused() {
        let mut arch = tiny();
        arch.blocks[1].input = 16;
        assert!(matches!(arch.network(), Err(ArchitectureError::Channels { block: 1, expected: 16, got: 8 })));
    }

    use crate::Op;
}
