//! Counts many networks of one variant, in memory that is used again and without naming layers.

use tinynas_model::{Architecture, Genotype};
use tinynas_plan::{Dims, Feed, Graph, least_bytes};
use tinynas_space::{Space, Variant};

use crate::{
    Bytes, Cost, CostError, Engine, Limits, Misfit,
    engine::{Constants, tinynas::standard_model_bytes},
    walk::{self, LayerUse},
};

/// Counts the networks of one variant: the figures of [`crate::cost`] and [`Limits::check`], without a
/// [`Network`](tinynas_model::Network) in between. `cargo run --release -p tinynas-cost --example costing_speed`
/// prints how many per second.
#[derive(Clone, Debug)]
pub struct Counter<'a> {
    space: &'a Space,
    variant: Variant,
    channels: u32,
    classes: u32,
    uses: Vec<LayerUse>,
    graph: Graph,
}

/// Figures of a network that do not depend on what runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Multiply-accumulates of conv and linear layers for one image.
    pub macs: u64,
    /// Trainable parameters.
    pub params: u64,
    /// Elements that pass through a rectifier for one image.
    pub relu_units: u64,
}

impl<'a> Counter<'a> {
    /// For the networks of `variant` that read images of `channels` and tell `classes` apart.
    #[must_use]
    pub fn new(space: &'a Space, variant: Variant, channels: u32, classes: u32) -> Self {
        let graph = Graph { input: Dims::default(), steps: Vec::new() };
        Self { space, variant, channels, classes, uses: Vec::new(), graph }
    }

    /// What a network costs.
    ///
    /// # Errors
    /// As [`crate::cost`], and if the genotype is not of the space.
    pub fn cost(&mut self, genotype: &Genotype, engine: Engine) -> Result<Cost, CostError> {
        let architecture = self.walk(genotype)?;
        let constants = Constants::shipped()?;
        let (sram, model) = if engine == Engine::Tinynas {
            let graph = planned(&self.uses, &mut self.graph, &architecture)?;
            (u64::from(least_bytes(graph, Feed::Whole)?), standard_model_bytes(graph, self.classes, constants))
        } else {
            (engine.peak(&self.uses, constants).bytes, engine.formula_model_bytes(&self.uses, constants))
        };
        let macs = self.uses.iter().map(LayerUse::macs).sum();
        self.whole(macs, sram, model, engine)
    }

    /// Counts a network, unless it surely breaks a limit: what is cheap is looked at first.
    ///
    /// # Errors
    /// As [`Self::cost`].
    pub fn check(&mut self, genotype: &Genotype, limits: &Limits) -> Result<Result<Cost, Misfit>, CostError> {
        let architecture = self.walk(genotype)?;
        let counted = limits.check_layers(&self.uses, || planned(&self.uses, &mut self.graph, &architecture))?;
        match counted {
            Ok(fit) => self.whole(fit.macs, fit.sram, fit.model, limits.engine).map(Ok),
            Err(misfit) => Ok(Err(misfit)),
        }
    }

    /// What needs no memory model.
    ///
    /// # Errors
    /// If the genotype is not of the space.
    pub fn size(&mut self, genotype: &Genotype) -> Result<Size, CostError> {
        self.walk(genotype)?;
        let sum = |figure: fn(&LayerUse) -> u64| self.uses.iter().map(figure).sum();
        let (macs, params) = (sum(LayerUse::macs), sum(LayerUse::params));
        Ok(Size { macs, params, relu_units: sum(LayerUse::relu_units) })
    }

    fn walk(&mut self, genotype: &Genotype) -> Result<Architecture, CostError> {
        let architecture = self.space.architecture(self.variant, genotype, self.channels, self.classes)?;
        walk::of_architecture(&architecture, &mut self.uses)?;
        Ok(architecture)
    }

    fn whole(&self, macs: u64, sram: u64, model: u64, engine: Engine) -> Result<Cost, CostError> {
        let params = self.uses.iter().map(LayerUse::params).sum();
        let flash = Bytes(model + engine.code_bytes()?.0);
        Ok(Cost { macs, params, sram: Bytes(sram), model: Bytes(model), flash })
    }
}

/// The graph of the layers, in `graph`'s own memory.
fn planned<'g>(uses: &[LayerUse], graph: &'g mut Graph, architecture: &Architecture) -> Result<&'g Graph, CostError> {
    if walk::graph(uses, graph).is_none() {
        // The slow way knows which layer does not fit the format.
        *graph = tinynas_model::graph(&architecture.network()?)?;
    }
    Ok(graph)
}
