//! The planner's view of a network: shapes in 16 bits, tensors by number.

use thiserror::Error;
use tinynas_plan::{Dims, Graph, Step, Window};

use crate::{Conv, Network, Op, Shape};

/// A layer that the compiled model's format does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("layer `{layer}`: {reason}")]
pub struct GraphError {
    /// The layer, or `input`.
    pub layer: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl GraphError {
    /// The layer's operation is one that boards cannot compute.
    #[must_use]
    pub fn no_kernel(layer: &str) -> Self {
        Self { layer: layer.into(), reason: NO_KERNEL }
    }
}

const TOO_LARGE: &str = "a size does not fit the compiled model's 16-bit shapes and 8-bit windows";
const NO_KERNEL: &str = "boards have no kernel for this operation; it can be scored and trained only";

/// The steps that a network is planned and compiled as, one per layer.
///
/// # Errors
/// [`GraphError`] if a side or a window does not fit the model's format, or if boards have no kernel for a layer.
pub fn graph(network: &Network) -> Result<Graph, GraphError> {
    let error = |layer: &str, reason| GraphError { layer: layer.into(), reason };
    let mut steps = Vec::with_capacity(network.layers.len());
    for layer in &network.layers {
        let op = planned(layer.op)
            .ok_or_else(|| error(&layer.name, if layer.op.is_deployable() { TOO_LARGE } else { NO_KERNEL }))?;
        let output = dims(layer.output).ok_or_else(|| error(&layer.name, TOO_LARGE))?;
        steps.push(Step { op, inputs: layer.inputs.iter().map(|id| id.index()).collect(), output });
    }
    Ok(Graph { input: dims(network.input).ok_or_else(|| error("input", TOO_LARGE))?, steps })
}

/// The planner's operation; `None` if its window does not fit the compiled model's format or boards have no kernel.
#[must_use]
pub fn planned(op: Op) -> Option<tinynas_plan::Op> {
    Some(match op {
        Op::Conv(conv) => tinynas_plan::Op::Conv(window(conv)?),
        Op::Depthwise(conv) => tinynas_plan::Op::Depthwise(window(conv)?),
        Op::Add => tinynas_plan::Op::Add,
        Op::GlobalPool => tinynas_plan::Op::GlobalPool,
        Op::Linear => tinynas_plan::Op::Linear,
        Op::PlainConv(_) | Op::Norm | Op::Relu | Op::AveragePool(_) | Op::Zero => return None,
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
    use crate::{Activation, NetworkBuilder, Pool, TensorId};

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

    #[test]
    fn an_operation_without_a_kernel_is_named() {
        let pool = Pool { kernel: 2, stride: 2, pad: 0 };
        let mut net = NetworkBuilder::new(Shape::new(8, 8, 2));
        let x = net.conv("stem", TensorId::INPUT, Conv::same(3, 1, Activation::Linear), 4).unwrap();
        let edges = [
            net.relu("e.relu", x),
            net.norm("e.norm", x),
            net.zero("e.zero", x),
            net.average_pool("e.pool", x, pool).unwrap(),
            net.plain_conv("e.plain", x, pool, 4).unwrap(),
        ];
        let network = net.finish();
        for edge in edges {
            let mut network = network.clone();
            let layer = network.layers.remove(edge.layer().unwrap());
            network.layers.truncate(1);
            network.layers.push(layer);
            let error = graph(&network).unwrap_err();
            assert_eq!(error.layer, network.layers[1].name);
            assert!(error.to_string().contains("no kernel for this operation"), "{error}");
        }
    }
}
