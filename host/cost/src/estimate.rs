//! What other engines would need for a compiled model.

use serde::Serialize;
use tinynas_plan::Graph;

use crate::{Bytes, CostError, Engine, engine::Constants, walk};

/// An engine's peak for a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// Whose.
    pub engine: Engine,
    /// Activations, input and the engine's buffers, by its closed form. No stack, no statics.
    pub sram: Bytes,
}

/// The peaks of TensorFlow Lite Micro and TinyEngine; none where a window is not square, for which neither form is known,
/// nor of networks without a layer that the form counts.
///
/// # Errors
/// If the shipped constants are damaged.
pub fn estimates(graph: &Graph) -> Result<Vec<Estimate>, CostError> {
    let constants = Constants::shipped()?;
    let Some(uses) = walk::of_graph(graph) else { return Ok(Vec::new()) };
    let engines = [Engine::Tflm, Engine::Tinyengine];
    let estimates = engines.map(|engine| Estimate { engine, sram: Bytes(engine.peak(&uses, constants).bytes) });
    Ok(estimates.into_iter().filter(|estimate| estimate.sram.0 > 0).collect())
}
