//! `tinyengine`: what TinyEngine's scheduler allocates, as a closed form.
//!
//! `PEAK_MEM = activations + column buffer + kernel buffer` (`code_generator/GeneralMemoryScheduler.py`,
//! `allocator/firstFit.py`, `operators/conv2d.py`, `operators/depthwiseConv2d.py`). A depthwise convolution runs in
//! place; pooling and the classifier are not counted; padding is fused away.

use tinynas_model::Op;

use super::{Peak, constants::Tinyengine, weighted_bytes};
use crate::walk::{LayerUse, taps};

pub(super) fn peak(uses: &[LayerUse], constants: &Tinyengine) -> Peak {
    let sram = &constants.sram;
    let activations = Peak::over(uses.iter().map(activation_bytes));
    let columns = uses.iter().map(|layer| match layer.op {
        Op::Conv(conv) => sram.column_bytes.value.0 * taps(conv) * u64::from(layer.input.c),
        Op::Depthwise(conv) => {
            let side = |n: u32| u64::from(n) + 2 * u64::from(conv.pad);
            sram.plane_bytes.value.0 * side(layer.input.h) * side(layer.input.w)
        }
        _ => 0,
    });
    let kernels = uses.iter().map(|layer| match layer.op {
        Op::Conv(conv) if conv.kernel > 1 => sram.kernel_bytes.value.0 * layer.weights(),
        _ => 0,
    });
    let buffers = columns.max().unwrap_or(0) + kernels.max().unwrap_or(0);
    Peak { bytes: activations.bytes + buffers, ..activations }
}

fn activation_bytes(layer: &LayerUse) -> u64 {
    let (input, output) = (layer.input.elements(), layer.output.elements());
    match layer.op {
        Op::Conv(_) | Op::Add => layer.beside + layer.read + output,
        Op::Depthwise(_) if layer.input_dies => layer.beside + input.max(output),
        Op::Depthwise(_) => layer.beside + input + output,
        _ => 0,
    }
}

pub(super) fn model_bytes(uses: &[LayerUse], constants: &Tinyengine) -> u64 {
    weighted_bytes(uses, constants.flash.weight_bytes.value.0, constants.flash.channel_bytes.value.0)
}
