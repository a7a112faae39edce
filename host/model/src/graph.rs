//! The planner's view of a network: shapes in 16 bits, tensors by number.

use thiserror::Error;
use tinynas_plan::{Dims, Graph, Step, Window};

use crate::{Conv, Network, Op, Shape};

/// A layer whose sizes the compiled model's format does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("layer `{layer}`: {}", Self::REASON)]
pub struct GraphError {
    /// The layer, or `input`.
    pub layer: String,
}

impl GraphError {
    /// What is wrong with the layer.
    pub const REASON: &'static str = "a size does not fit the compiled model's 16-bit shapes and 8-bit windows";
}

/// The steps that a network is planned and compiled as, one per layer.
///
/// # Errors
/// [`GraphError`] if a side or a window does not fit the model's format.
pub fn graph(network: &Network) -> Result<Graph, GraphError> {
    let too_large = |layer: &str| GraphError { layer: layer.into() };
    let mut steps = Vec::with_capacity(network.layers.len());
    for layer in &network.layers {
        let make = || {
            let inputs = layer.inputs.iter().map(|id| id.index()).collect();
            Some(Step { op: planned(layer.op)?, inputs, output: dims(layer.output)? })
        };
        steps.push(make().ok_or_else(|| too_large(&layer.name))?);
    }
    Ok(Graph { input: dims(network.input).ok_or_else(|| too_large("input"))?, steps })
}

/// The planner's operation; `None` if its window does not fit the compiled model's format.
#[must_use]
pub fn planned(op: Op) -> Option<tinynas_plan::Op> {
    Some(match op {
        Op::Conv(conv) => tinynas_plan::Op::Conv(window(conv)?),
        Op::Depthwise(conv) => tinynas_plan::Op::Depthwise(window(conv)?),
        Op::Add => tinynas_plan::Op::Add,
        Op::GlobalPool => tinynas_plan::Op::GlobalPool,
        Op::Linear => tinynas_plan::Op::Linear,
    })
}

/// The planner's shape; `None` if it does not fit the compiled model's format.
#[must_use]
pub fn dims(shape: Shape) -> Option<Dims> {
    Some(Dims::new(u16::try_from(shape.h).ok()?, u16::try_from(shape.w).ok()?, u16::try_from(shape.c).ok()?))
}

fn window(conv: Conv) -> Option<Window> {
    let byte = |number: u32| u8::try_from(number).ok();
    Some(Window::square(byte(conv.kernel)?, byte(conv.stride)?, byte(conv.pad)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, NetworkBuilder, TensorId};

    #[test]
    fn steps_read_the_tensors_that_the_layers_read() {
        let mut net = NetworkBuilder::new(Shape::new(8, 8, 4));
        let x = net.depthwise("dw", TensorId::INPUT, Conv::same(3, 1, Activation::Relu6)).unwrap();
        net.add("add", TensorId::INPUT, x).unwrap();
        let graph = graph(&net.finish()).unwrap();
        assert_eq!(graph.check(), Ok(()));
        assert_eq!(graph.steps[1].inputs, [0, 1]);
        assert_eq!(graph.dims(2), Some(Dims::new(8, 8, 4)));
    }

    #[test]
    fn the_layer_that_is_too_large_is_named() {
        let mut net = NetworkBuilder::new(Shape::new(2, 2, 1));
        net.conv("wide", TensorId::INPUT, Conv::same(1, 1, Activation::Linear), 70_000).unwrap();
        let error = graph(&net.finish()).unwrap_err();
        assert_eq!(error.layer, "wide");
        assert!(error.to_string().starts_with("layer `wide`: a size does not fit"), "{error}");
    }
}
