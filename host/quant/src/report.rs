//! What quantization did to each layer, and what it cost in accuracy.

use serde::{Deserialize, Serialize};
use tinynas_plan::Requant;

use crate::Range;

/// Quantization of one layer's output and weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerReport {
    /// Layer.
    pub layer: String,
    /// Real values that the int8 output covers.
    pub range: Range,
    /// Share of the calibration values that saturate, 0…1.
    pub saturated: f64,
    /// Scale of the output.
    pub scale: f32,
    /// Zero point of the output.
    pub zero_point: i8,
    /// Weights, if the layer has any.
    pub weights: Option<WeightReport>,
}

impl LayerReport {
    pub(crate) fn new(layer: &str, range: Range, saturated: f64) -> Self {
        Self { layer: layer.into(), range, saturated, scale: 0.0, zero_point: 0, weights: None }
    }
}

/// Weights of one layer over its output channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WeightReport {
    /// Output channels.
    pub channels: usize,
    /// Smallest weight scale of a channel.
    pub smallest_scale: f64,
    /// Largest weight scale of a channel.
    pub largest_scale: f64,
    /// Channels whose weights are all zero.
    pub dead_channels: usize,
    /// Channels whose factor is a half or more; some kernels have a slower path for them.
    pub large_factors: usize,
}

impl WeightReport {
    pub(crate) fn channel(&mut self, scale: f64, weights: &[i8], factor: Requant) {
        let first = self.channels == 0;
        self.channels += 1;
        self.smallest_scale = if first { scale } else { self.smallest_scale.min(scale) };
        self.largest_scale = self.largest_scale.max(scale);
        self.dead_channels += usize::from(weights.iter().all(|w| *w == 0));
        self.large_factors += usize::from(factor.shift >= 0 && factor.multiplier > 0);
    }
}

/// Accuracy before and after quantization, on the same images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuantSummary {
    /// Images that both were evaluated on.
    pub images: usize,
    /// Share of images that the float network gets right, 0…1.
    pub float_accuracy: f64,
    /// Share of images that the int8 model gets right, 0…1.
    pub int8_accuracy: f64,
    /// Percentage points lost; negative if int8 is better.
    pub lost_points: f64,
    /// Images on which both choose the same class.
    pub same_choice: usize,
    /// Per layer.
    pub layers: Vec<LayerReport>,
}
