//! From a quantized network to the bytes of a `.tnm` file and the plan that is inside it.

use tinynas_model::{Network, graph};
use tinynas_plan::{Meta, Plan};

use crate::{QuantError, Quantized};

/// A compiled model.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// The `.tnm` file.
    pub bytes: Vec<u8>,
    /// Where everything lies in the arena.
    pub plan: Plan,
}

/// Plans `network` and packs the quantized weights. Equal arguments give equal bytes.
///
/// # Errors
/// If the network does not fit the format, or names, preprocessing and parameters are not of this network.
pub fn compile(network: &Network, quantized: &Quantized, meta: &Meta) -> Result<Compiled, QuantError> {
    let (names, outputs) = (meta.classes.len(), network.classes() as usize);
    if names != outputs {
        return Err(QuantError::ClassCount { names, outputs });
    }
    let (size, channels) = (u32::from(meta.preprocess.size), u32::from(meta.preprocess.channels));
    if (network.input.h, network.input.w, network.input.c) != (size, size, channels) {
        return Err(QuantError::PreprocessShape { size, channels, network: network.input.to_string() });
    }
    let graph = graph(network)?;
    let plan = tinynas_plan::plan(&graph)?;
    let bytes = tinynas_plan::compile(&graph, &plan, &quantized.params, &quantized.tensors, meta)?;
    Ok(Compiled { bytes, plan })
}
