//! `naive`: MCUNet's published "Act", the largest input + output of a layer.
//!
//! mcunet repository, `utils/pytorch_utils.py`, `count_peak_activation_size`: every conv and linear layer counts
//! in + out; the depthwise convolution of a residual block also carries the block's input, the projection does not.

use tinynas_model::Op;

use super::{Peak, constants::Naive, weighted_bytes};
use crate::walk::LayerUse;

pub(super) fn peak(uses: &[LayerUse]) -> Peak {
    Peak::over(uses.iter().map(|layer| {
        let both = layer.input.elements() + layer.output.elements();
        match layer.op {
            Op::Conv(_) | Op::Linear => both,
            // Without an expanding layer the block's input is its own input, and is still counted twice.
            Op::Depthwise(_) if !layer.input_dies => both + layer.input.elements(),
            Op::Depthwise(_) => both + layer.beside,
            _ => 0,
        }
    }))
}

pub(super) fn model_bytes(uses: &[LayerUse], constants: &Naive) -> u64 {
    weighted_bytes(uses, constants.flash.weight_bytes.value.0, constants.flash.channel_bytes.value.0)
}
