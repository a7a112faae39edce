//! The figures of one network under one engine.

use serde::Serialize;
use tinynas_model::{Network, graph};
use tinynas_plan::{Feed, Goal, least_bytes, plan_for};

use crate::{
    Bytes, CostError, Engine,
    engine::{Constants, Peak, tinynas::standard_model_bytes},
    walk,
};

/// What a network costs under an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Multiply-accumulates of conv and linear layers for one image.
    pub macs: u64,
    /// Trainable parameters: weights, two per normalised channel, the classifier's bias.
    pub params: u64,
    /// The engine's peak: activations, input and the engine's buffers. No stack, no statics.
    pub sram: Bytes,
    /// The model in flash. For `tinynas` the `.tnm` with [`crate::standard_meta`].
    pub model: Bytes,
    /// The model and the engine's code.
    pub flash: Bytes,
}

/// Counts a network under an engine.
///
/// # Errors
/// Under `tinynas`, [`CostError::Graph`] and [`CostError::Plan`] if the network cannot be planned.
pub fn cost(network: &Network, engine: Engine) -> Result<Cost, CostError> {
    let constants = Constants::shipped()?;
    let (sram, model) = if engine == Engine::Tinynas {
        let graph = graph(network)?;
        let sram = least_bytes(&graph, Feed::Whole)?;
        (u64::from(sram), standard_model_bytes(&graph, network.classes(), constants))
    } else {
        let uses = walk::of_network(network)?;
        (engine.peak(&uses, constants).bytes, engine.formula_model_bytes(&uses, constants))
    };
    Ok(Cost {
        macs: network.macs(),
        params: network.params(),
        sram: Bytes(sram),
        model: Bytes(model),
        flash: Bytes(model + engine.code_bytes()?.0),
    })
}

/// The layer that sets an engine's peak, and the peak. Under `tinynas` the first layer of the segment with the most living
/// bytes.
///
/// # Errors
/// As [`cost`]; a network without layers has no peak ([`CostError::Plan`]).
pub fn peak_layer(network: &Network, engine: Engine) -> Result<(String, Bytes), CostError> {
    let peak = match engine {
        Engine::Tinynas => {
            let plan = plan_for(&graph(network)?, Goal::Smallest, Feed::Whole)?;
            let bytes = plan.live_bytes.iter().map(|bytes| u64::from(*bytes));
            Peak { bytes: plan.arena_bytes.into(), ..Peak::over(bytes) }
        }
        engine => engine.peak(&walk::of_network(network)?, Constants::shipped()?),
    };
    let layer = network.layers.get(peak.layer);
    let layer = layer.ok_or(tinynas_plan::PlanError::Steps { steps: network.layers.len() })?;
    Ok((layer.name.clone(), Bytes(peak.bytes)))
}
