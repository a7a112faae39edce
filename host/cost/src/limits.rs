//! What a network must keep to, and whether it does.

use std::{borrow::Borrow, fmt};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tinynas_model::{Network, graph};
use tinynas_plan::{Feed, Graph, least_bytes};

use crate::{
    Bytes, Cost, CostError, Engine,
    engine::{Constants, tinynas::standard_model_bytes},
    error::amount,
    walk::{self, LayerUse},
};

/// Hard limits, counted under one engine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Whose memory is counted.
    pub engine: Engine,
    /// Most bytes of the engine's peak (activations, input, buffers).
    pub sram: Bytes,
    /// Most bytes of model and code.
    pub flash: Bytes,
    /// Most multiply-accumulates, if limited.
    pub macs: Option<u64>,
}

/// Which limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Limit {
    /// Bytes of SRAM.
    Sram,
    /// Bytes of flash.
    Flash,
    /// Multiply-accumulates.
    Macs,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sram => "SRAM",
            Self::Flash => "flash",
            Self::Macs => "MACs",
        })
    }
}

/// The first limit that a network breaks. `at_least`: the figure was not computed further than needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("needs {}{}, {} allowed", if *.at_least { "at least " } else { "" }, amount(*.limit, *.needed), amount(*.limit, *.allowed))]
pub struct Misfit {
    /// Which limit.
    pub limit: Limit,
    /// What the network needs: bytes, or MACs.
    pub needed: u64,
    /// The limit.
    pub allowed: u64,
    /// Whether `needed` is a lower bound only.
    pub at_least: bool,
}

impl Limits {
    /// Whether a cost keeps to all limits. It must have been counted under [`Limits::engine`].
    #[must_use]
    pub fn fits(&self, cost: &Cost) -> bool {
        cost.sram <= self.sram && cost.flash <= self.flash && self.macs.is_none_or(|macs| cost.macs <= macs)
    }

    /// Counts a network, unless it surely breaks a limit: what is cheap is looked at first.
    ///
    /// # Errors
    /// As [`crate::cost`].
    pub fn check(&self, network: &Network) -> Result<Result<Cost, Misfit>, CostError> {
        let uses = walk::of_network(network)?;
        let counted = self.check_layers(&uses, || graph(network).map_err(CostError::from))?;
        let code = self.engine.code_bytes()?.0;
        Ok(counted.map(|fit| Cost {
            macs: fit.macs,
            params: network.params(),
            sram: Bytes(fit.sram),
            model: Bytes(fit.model),
            flash: Bytes(fit.model + code),
        }))
    }

    /// The verdict alone, in the order of cost: MACs, weights, living bytes, then the plan itself (`tinynas`).
    /// `graph` is called at most once, and only if nothing cheaper decides.
    pub(crate) fn check_layers<G: Borrow<Graph>>(
        &self,
        uses: &[LayerUse],
        graph: impl FnOnce() -> Result<G, CostError>,
    ) -> Result<Result<Fit, Misfit>, CostError> {
        let constants = Constants::shipped()?;
        let exact = self.engine != Engine::Tinynas;
        let broken = |limit, needed, allowed, at_least| Ok(Err(Misfit { limit, needed, allowed, at_least }));
        let macs: u64 = uses.iter().map(LayerUse::macs).sum();
        if let Some(allowed) = self.macs.filter(|allowed| macs > *allowed) {
            return broken(Limit::Macs, macs, allowed, false);
        }
        let code = self.engine.code_bytes()?.0;
        let model = self.engine.formula_model_bytes(uses, constants);
        let flash = model + code;
        if flash > self.flash.0 {
            return broken(Limit::Flash, flash, self.flash.0, !exact);
        }
        let sram = self.engine.peak(uses, constants).bytes;
        if sram > self.sram.0 {
            return broken(Limit::Sram, sram, self.sram.0, !exact);
        }
        if exact {
            return Ok(Ok(Fit { macs, sram, model }));
        }
        let graph = graph()?;
        let graph = graph.borrow();
        let classes = uses.last().map_or(0, |layer| layer.output.c);
        let model = standard_model_bytes(graph, classes, constants);
        let flash = model + code;
        if flash > self.flash.0 {
            return broken(Limit::Flash, flash, self.flash.0, false);
        }
        let sram = u64::from(least_bytes(graph, Feed::Whole)?);
        if sram > self.sram.0 {
            return broken(Limit::Sram, sram, self.sram.0, false);
        }
        Ok(Ok(Fit { macs, sram, model }))
    }
}

/// Figures of a network that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fit {
    pub macs: u64,
    /// The engine's peak.
    pub sram: u64,
    /// Bytes of the model.
    pub model: u64,
}
