//! The YAML file of a space, field by field, before its values are checked.

use schemars::JsonSchema;
use serde::Deserialize;
use tinynas_model::Activation;

/// A search space: a grid of variants (width multiplier × resolution) over one set of choices.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "tinynas space")]
pub struct SpaceFile {
    /// Short name: lower-case letters, digits and hyphens. It is part of every candidate's id.
    #[schemars(regex(pattern = r"^[a-z0-9]+(-[a-z0-9]+)*$"), length(max = 40))]
    pub name: String,
    /// What it is, in one line.
    #[schemars(length(min = 1))]
    pub title: String,
    /// Where the numbers come from.
    pub source: Option<String>,
    /// Image channels unless the data says otherwise: 1 (grey) or 3 (RGB).
    #[schemars(extend("enum" = [1, 3]))]
    pub channels: u32,
    /// Width multipliers, at most two decimals.
    #[schemars(length(min = 1), inner(range(min = 0.01, max = 10.0)), extend("uniqueItems" = true))]
    pub widths: Vec<f64>,
    /// Sides of the square image in pixels.
    #[schemars(length(min = 1), inner(range(min = 1, max = 1024)), extend("uniqueItems" = true))]
    pub resolutions: Vec<u32>,
    /// Scaled channel counts are rounded to multiples of this (nearest, at least one, never below 90 %).
    #[schemars(range(min = 1, max = 64))]
    pub divisor: u32,
    /// What follows every convolution but the projections.
    pub activation: Rectifier,
    /// The first convolution.
    pub stem: StemFile,
    /// A block without expansion after the stem. It is the same in every network of the space.
    pub first: Option<FirstFile>,
    /// Searched stages in order.
    #[schemars(length(min = 1, max = 16))]
    pub stages: Vec<StageFile>,
    /// What follows the stages. Without it: global pooling and a linear layer.
    #[serde(default)]
    pub head: HeadFile,
}

/// An activation that networks of a space may have.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Rectifier {
    /// max(x, 0)
    Relu,
    /// min(max(x, 0), 6)
    Relu6,
}

impl From<Rectifier> for Activation {
    fn from(rectifier: Rectifier) -> Self {
        match rectifier {
            Rectifier::Relu => Self::Relu,
            Rectifier::Relu6 => Self::Relu6,
        }
    }
}

/// The first convolution.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StemFile {
    /// Base width: output channels at width multiplier 1.0.
    #[schemars(range(min = 1, max = 4096))]
    pub width: u32,
    /// Side of the window, odd.
    #[schemars(range(min = 3, max = 15))]
    pub kernel: u32,
    /// 1 or 2.
    #[schemars(range(min = 1, max = 2))]
    pub stride: u32,
}

/// A block without expansion: depthwise, then 1×1.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstFile {
    /// Base width: output channels at width multiplier 1.0.
    #[schemars(range(min = 1, max = 4096))]
    pub width: u32,
    /// Side of the depthwise window, odd.
    #[schemars(range(min = 3, max = 15))]
    pub kernel: u32,
    /// 1 or 2.
    #[schemars(range(min = 1, max = 2))]
    pub stride: u32,
}

/// One stage and its choices.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StageFile {
    /// Base width: output channels at width multiplier 1.0.
    #[schemars(range(min = 1, max = 4096))]
    pub width: u32,
    /// 1 or 2: stride of the stage's first block.
    #[schemars(range(min = 1, max = 2))]
    pub stride: u32,
    /// Choices of the number of blocks.
    #[schemars(length(min = 1), inner(range(min = 1, max = 16)), extend("uniqueItems" = true))]
    pub depth: Vec<u8>,
    /// Choices of the side of a block's depthwise window, odd.
    #[schemars(length(min = 1), inner(range(min = 3, max = 15)), extend("uniqueItems" = true))]
    pub kernel: Vec<u8>,
    /// Choices of a block's expansion ratio; 1 means no expanding convolution.
    #[schemars(length(min = 1), inner(range(min = 1, max = 16)), extend("uniqueItems" = true))]
    pub expansion: Vec<u8>,
}

/// What follows the stages.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeadFile {
    /// Base width of a 1×1 convolution before pooling; none if absent. It is scaled as all other widths.
    #[schemars(range(min = 1, max = 4096))]
    pub feature_mix: Option<u32>,
}
