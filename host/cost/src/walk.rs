//! What every memory formula looks at: the layers in execution order with the bytes that live beside them.
//!
//! The same list is made from a [`Network`] and, without names or graphs, from a block table; selection takes the
//! second way a hundred thousand times. That both agree is a property test.

mod graph;

pub(crate) use graph::of_graph;
use tinynas_model::{Activation, Architecture, Block, Conv, GraphError, Network, Op, Shape, TensorId, dims, planned};
use tinynas_plan::{Graph, Step};

use crate::CostError;

/// One layer with its surroundings. One int8 element is one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LayerUse {
    pub op: Op,
    /// What it reads first.
    pub input: Shape,
    pub output: Shape,
    /// Bytes of everything that it reads.
    pub read: u64,
    /// Bytes that are kept for later layers and that it neither reads nor writes.
    pub beside: u64,
    /// Whether its input is not needed any more afterwards.
    pub input_dies: bool,
}

impl LayerUse {
    /// Weights, biases not counted.
    pub fn weights(&self) -> u64 {
        let (cin, cout) = (u64::from(self.input.c), u64::from(self.output.c));
        match self.op {
            Op::Conv(conv) => cin * cout * taps(conv),
            Op::Depthwise(conv) => cout * taps(conv),
            Op::Linear => cin * cout,
            _ => 0,
        }
    }

    /// Output channels with a bias and a scale of their own.
    pub fn channels(&self) -> u64 {
        match self.op {
            op if op.has_weights() => u64::from(self.output.c),
            _ => 0,
        }
    }

    /// Multiply-accumulates.
    pub fn macs(&self) -> u64 {
        self.output.pixels() * self.weights()
    }

    /// Trainable parameters: weights, two per normalised channel, the classifier's bias.
    pub fn params(&self) -> u64 {
        let per_channel = if self.op == Op::Linear { 1 } else { 2 };
        self.weights() + per_channel * self.channels()
    }

    /// Elements that pass through a rectifier.
    pub fn relu_units(&self) -> u64 {
        let rectified = self.op.conv().is_some_and(|conv| conv.activation != Activation::Linear);
        if rectified { self.output.elements() } else { 0 }
    }
}

/// Positions of a window's side squared.
pub(crate) const fn taps(conv: Conv) -> u64 {
    conv.kernel as u64 * conv.kernel as u64
}

/// The layers of a network.
///
/// # Errors
/// [`CostError::Graph`] for an operation that boards have no kernel for: no engine's formula knows its bytes.
pub(crate) fn of_network(network: &Network) -> Result<Vec<LayerUse>, CostError> {
    if let Some(layer) = network.layers.iter().find(|layer| !layer.op.is_deployable()) {
        return Err(GraphError::no_kernel(&layer.name).into());
    }
    let last = network.last_uses();
    let bytes = |id: TensorId| network.shape(id).elements();
    let mut uses = Vec::with_capacity(network.layers.len());
    let mut alive = last.first().copied().flatten().map_or(0, |_| bytes(TensorId::INPUT));
    for (index, layer) in network.layers.iter().enumerate() {
        let left = layer.inputs[0];
        let right = layer.inputs.get(1).copied().filter(|right| *right != left);
        let read = bytes(left) + right.map_or(0, bytes);
        let dies = |id: TensorId| last[id.index()] == Some(index);
        uses.push(LayerUse {
            op: layer.op,
            input: network.shape(left),
            output: layer.output,
            read,
            beside: alive - read,
            input_dies: dies(left),
        });
        let ended = [Some(left), right].into_iter().flatten().filter(|id| dies(*id)).map(bytes).sum::<u64>();
        let begun = last[index + 1].map_or(0, |_| layer.output.elements());
        alive = alive - ended + begun;
    }
    Ok(uses)
}

/// The layers of a block table, in the order of [`Architecture::network`]. `uses` is emptied first.
///
/// # Errors
/// Those of [`Architecture::network`].
pub(crate) fn of_architecture(architecture: &Architecture, uses: &mut Vec<LayerUse>) -> Result<(), CostError> {
    uses.clear();
    if walk(architecture, uses).is_some() {
        return Ok(());
    }
    // The slow way knows which layer it is.
    *uses = of_network(&architecture.network()?)?;
    Ok(())
}

/// `None` where the table is not a network.
fn walk(architecture: &Architecture, uses: &mut Vec<LayerUse>) -> Option<()> {
    let Architecture { stem, activation, .. } = *architecture;
    let mut chain = Chain { uses, at: architecture.input };
    chain.conv(Conv::same(stem.kernel, stem.stride, activation), stem.channels, 0)?;
    for block in &architecture.blocks {
        chain.block(block, activation)?;
    }
    if let Some(channels) = architecture.feature_mix {
        chain.conv(Conv::same(1, 1, activation), channels, 0)?;
    }
    chain.push(Op::GlobalPool, Shape::vector(chain.at.c), 0);
    chain.push(Op::Linear, Shape::vector(architecture.classes), 0);
    Some(())
}

/// The planner's graph of the layers of a block table, in `graph`'s own memory. `None` where a size does not fit the
/// compiled model's format.
pub(crate) fn graph(uses: &[LayerUse], graph: &mut Graph) -> Option<()> {
    graph.input = dims(uses.first()?.input)?;
    graph.steps.truncate(uses.len());
    // What the next addition reads beside the tensor before it.
    let mut kept = 0;
    for (index, layer) in uses.iter().enumerate() {
        let op = planned(layer.op)?;
        let output = dims(layer.output)?;
        if !layer.input_dies {
            kept = index;
        }
        match graph.steps.get_mut(index) {
            Some(step) => (step.op, step.output) = (op, output),
            None => graph.steps.push(Step { op, inputs: Vec::with_capacity(2), output }),
        }
        let inputs = &mut graph.steps.get_mut(index)?.inputs;
        inputs.clear();
        inputs.extend((layer.op == Op::Add).then_some(kept));
        inputs.push(index);
    }
    Some(())
}

struct Chain<'a> {
    uses: &'a mut Vec<LayerUse>,
    at: Shape,
}

impl Chain<'_> {
    /// A layer that is the last reader of the tensor before it.
    fn push(&mut self, op: Op, output: Shape, beside: u64) {
        let input = self.at;
        self.uses.push(LayerUse { op, input, output, read: input.elements(), beside, input_dies: true });
        self.at = output;
    }

    fn conv(&mut self, conv: Conv, channels: u32, beside: u64) -> Option<()> {
        let output = self.at.window(conv.kernel, conv.stride, conv.pad, channels)?;
        self.push(Op::Conv(conv), output, beside);
        Some(())
    }

    fn block(&mut self, block: &Block, activation: Activation) -> Option<()> {
        let input = self.at;
        if input.c != block.input {
            return None;
        }
        let kept = if block.skip { input.elements() } else { 0 };
        let first = self.uses.len();
        if block.expansion != 1 {
            self.conv(Conv::same(1, 1, activation), block.hidden, 0)?;
        }
        let conv = Conv::same(block.kernel, block.stride, activation);
        let output = self.at.window(conv.kernel, conv.stride, conv.pad, self.at.c)?;
        self.push(Op::Depthwise(conv), output, kept);
        self.conv(Conv::same(1, 1, Activation::Linear), block.output, kept)?;
        if block.skip {
            // The first layer of the block reads what the addition still needs: it is not beside it, and stays.
            let reader = self.uses.get_mut(first)?;
            (reader.beside, reader.input_dies) = (0, false);
            if self.at != input {
                return None;
            }
            self.push(Op::Add, input, 0);
            self.uses.last_mut()?.read = 2 * input.elements();
        }
        Some(())
    }
}

#[cfg(test)]
mod tests;
