//! The layers of a planned graph: what a compiled model tells of its network.

use tinynas_model::{Activation, Conv, Op, Shape};
use tinynas_plan::{Dims, Graph, Op as Planned, Window};

use super::LayerUse;

/// The layers of a graph; `None` if one has a window that is not square, for which no formula is known.
///
/// What is neither a convolution, a classifier nor a mean reads and writes tensors as an addition does.
pub(crate) fn of_graph(graph: &Graph) -> Option<Vec<LayerUse>> {
    let bytes = |tensor: usize| graph.dims(tensor).map_or(0, |dims| u64::from(dims.bytes()));
    let count = graph.steps.len();
    let last_use = |tensor: usize| (tensor..count).rev().find(|step| graph.steps[*step].inputs.contains(&tensor));
    let last: Vec<Option<usize>> = (0..=count).map(last_use).collect();
    let layer = |(index, step): (usize, &tinynas_plan::Step)| {
        let [left, right] = step.pair();
        let read = bytes(left) + if right == left { 0 } else { bytes(right) };
        let lives = |tensor: &usize| last[*tensor].is_some_and(|last| last >= index);
        let alive: u64 = (0..=index).filter(lives).map(bytes).sum();
        Some(LayerUse {
            op: op(step.op)?,
            input: shape(graph.dims(left)?),
            output: shape(step.output),
            read,
            beside: alive - read,
            input_dies: last[left] == Some(index),
        })
    };
    graph.steps.iter().enumerate().map(layer).collect()
}

fn op(op: Planned) -> Option<Op> {
    Some(match op {
        Planned::Conv(window) => Op::Conv(square(window)?),
        Planned::Depthwise(window) => Op::Depthwise(square(window)?),
        Planned::Linear => Op::Linear,
        Planned::GlobalPool => Op::GlobalPool,
        _ => Op::Add,
    })
}

fn square(window: Window) -> Option<Conv> {
    let same = |[a, b]: [u8; 2]| (a == b).then_some(u32::from(a));
    let (kernel, stride) = (same(window.kernel)?, same(window.stride)?);
    // Rows above and columns on the left may be one less than below and on the right.
    let pad = u32::from(window.pad[0].max(window.pad[1]));
    Some(Conv { kernel, stride, pad, activation: Activation::Linear })
}

fn shape(dims: Dims) -> Shape {
    Shape { h: dims.h.into(), w: dims.w.into(), c: dims.c.into() }
}
