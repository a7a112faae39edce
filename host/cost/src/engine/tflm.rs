//! `tflm`: TensorFlow Lite Micro on models that were exported from PyTorch.
//!
//! Every window larger than 1×1 is preceded by a PAD operator whose output is a tensor of its own; nothing runs in
//! place. The arena holds the largest sum of living tensors, two 32-bit numbers per output channel, and a fixed
//! number of bytes per operator.

use tinynas_model::{Conv, Op};

use super::{Peak, constants::Tflm, weighted_bytes};
use crate::walk::LayerUse;

pub(super) fn peak(uses: &[LayerUse], constants: &Tflm) -> Peak {
    let living = Peak::over(uses.iter().map(living_bytes));
    let channels: u64 = uses.iter().map(LayerUse::channels).sum();
    let sram = &constants.sram;
    let persistent = channels * sram.channel_bytes.value.0 + operators(uses) * sram.op_bytes.value.0;
    Peak { bytes: living.bytes + persistent, ..living }
}

/// Living tensors while a layer and the PAD before it run.
pub(super) fn living_bytes(layer: &LayerUse) -> u64 {
    let (input, output) = (layer.input.elements(), layer.output.elements());
    match padding(layer.op) {
        Some(conv) => {
            let side = |n: u32| u64::from(n) + 2 * u64::from(conv.pad);
            let padded = side(layer.input.h) * side(layer.input.w) * u64::from(layer.input.c);
            let kept = if layer.input_dies { 0 } else { input };
            layer.beside + (input + padded).max(kept + padded + output)
        }
        None => layer.beside + layer.read + output,
    }
}

fn padding(op: Op) -> Option<Conv> {
    op.conv().copied().filter(|conv| conv.pad > 0)
}

fn operators(uses: &[LayerUse]) -> u64 {
    uses.iter().map(|layer| if padding(layer.op).is_some() { 2 } else { 1 }).sum()
}

pub(super) fn model_bytes(uses: &[LayerUse], constants: &Tflm) -> u64 {
    let flash = &constants.flash;
    weighted_bytes(uses, flash.weight_bytes.value.0, flash.channel_bytes.value.0)
        + operators(uses) * flash.op_bytes.value.0
}
