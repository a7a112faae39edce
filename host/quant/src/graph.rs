//! The planner's view of a network: shapes in 16 bits, tensors by number.

use tinynas_model::{Conv, Network, Op, Shape};
use tinynas_plan::{Dims, Graph, Step, Window};

use crate::QuantError;

/// The steps that a network is compiled to, one per layer.
///
/// # Errors
/// [`QuantError::Unsupported`] if a side or a window does not fit the model's format.
pub fn graph(network: &Network) -> Result<Graph, QuantError> {
    let too_large = |layer: &str| QuantError::Unsupported {
        layer: layer.into(),
        reason: "a size does not fit the compiled model's 16-bit shapes and 8-bit windows",
    };
    let mut steps = Vec::with_capacity(network.layers.len());
    for layer in &network.layers {
        let make = || {
            let op = match layer.op {
                Op::Conv(conv) => tinynas_plan::Op::Conv(window(conv)?),
                Op::Depthwise(conv) => tinynas_plan::Op::Depthwise(window(conv)?),
                Op::Add => tinynas_plan::Op::Add,
                Op::GlobalPool => tinynas_plan::Op::GlobalPool,
                Op::Linear => tinynas_plan::Op::Linear,
            };
            let inputs = layer.inputs.iter().map(|id| id.index()).collect();
            Some(Step { op, inputs, output: dims(layer.output)? })
        };
        steps.push(make().ok_or_else(|| too_large(&layer.name))?);
    }
    Ok(Graph { input: dims(network.input).ok_or_else(|| too_large("input"))?, steps })
}

fn dims(shape: Shape) -> Option<Dims> {
    Some(Dims::new(u16::try_from(shape.h).ok()?, u16::try_from(shape.w).ok()?, u16::try_from(shape.c).ok()?))
}

fn window(conv: Conv) -> Option<Window> {
    Some(Window {
        kernel: u8::try_from(conv.kernel).ok()?,
        stride: u8::try_from(conv.stride).ok()?,
        pad: u8::try_from(conv.pad).ok()?,
    })
}
