//! From a quantized network to the bytes of a `.tnm` file and the plan that is inside it.

use tinynas_model::{Network, graph};
use tinynas_plan::{Feed, Goal, Meta, Plan, plan_for};

use crate::{QuantError, Quantized};

/// A compiled model.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// The `.tnm` file.
    pub bytes: Vec<u8>,
    /// Where everything lies in the arena.
    pub plan: Plan,
}

/// What a model is planned for if nothing else is asked: speed, within the budget that it is made for.
#[must_use]
pub const fn goal(meta: &Meta) -> Goal {
    match meta.sram_budget {
        0 => Goal::Fastest,
        budget => Goal::Fits(budget),
    }
}

/// Plans `network` for the [`goal`] of `meta` and packs the quantized weights. Equal arguments give equal bytes.
///
/// # Errors
/// As [`compile_for`].
pub fn compile(network: &Network, quantized: &Quantized, meta: &Meta) -> Result<Compiled, QuantError> {
    compile_for(network, quantized, meta, goal(meta))
}

/// Plans `network` for `goal` and packs the quantized weights. Equal arguments give equal bytes.
///
/// # Errors
/// If the network does not fit the format, or names, preprocessing and parameters are not of this network.
pub fn compile_for(network: &Network, quantized: &Quantized, meta: &Meta, goal: Goal) -> Result<Compiled, QuantError> {
    let (names, outputs) = (meta.classes.len(), network.classes() as usize);
    if names != outputs {
        return Err(QuantError::ClassCount { names, outputs });
    }
    let (size, channels) = (u32::from(meta.preprocess.size), u32::from(meta.preprocess.channels));
    if (network.input.h, network.input.w, network.input.c) != (size, size, channels) {
        return Err(QuantError::PreprocessShape { size, channels, network: network.input.to_string() });
    }
    let graph = graph(network)?;
    let plan = plan_for(&graph, goal, Feed::Whole)?;
    let bytes = tinynas_plan::compile(&graph, &plan, &quantized.params, &quantized.tensors, meta)?;
    Ok(Compiled { bytes, plan })
}
