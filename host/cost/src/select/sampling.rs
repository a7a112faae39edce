//! Draws a variant's networks and keeps the MACs of those that fit.

use rand::Rng;
use rand_pcg::Pcg64Mcg;
use sha2::{Digest, Sha256};
use tinynas_model::{Genotype, graph};
use tinynas_space::{Space, Variant};

use super::{MOST_DRAWS, SelectConfig, VariantStats, distribution};
use crate::{
    CostError, Limits,
    walk::{self, LayerUse},
};

/// One thread's draws, with memory that is used again for every network.
pub(super) struct Sampler<'a> {
    space: &'a Space,
    limits: &'a Limits,
    config: &'a SelectConfig,
    genotype: Genotype,
    uses: Vec<LayerUse>,
    macs: Vec<u64>,
}

impl<'a> Sampler<'a> {
    pub fn new(space: &'a Space, limits: &'a Limits, config: &'a SelectConfig) -> Self {
        let genotype = Genotype { stages: Vec::new() };
        Self { space, limits, config, genotype, uses: Vec::new(), macs: Vec::new() }
    }

    /// Draws the networks of one variant.
    pub fn sample(&mut self, variant: Variant) -> Result<VariantStats, CostError> {
        let mut rng = stream(self.config.seed, &self.space.name, variant);
        self.macs.clear();
        let mut drawn = 0;
        while drawn < self.config.samples {
            self.draw(variant, &mut rng)?;
            drawn += 1;
        }
        if let Some(until) = self.config.sample_until {
            let most = self.config.samples.saturating_mul(MOST_DRAWS);
            let hopeless = self.macs.is_empty() && !self.smallest_fits(variant)?;
            while !hopeless && self.macs.len() < until as usize && drawn < most {
                self.draw(variant, &mut rng)?;
                drawn += 1;
            }
        }
        Ok(distribution::stats(variant, drawn, &mut self.macs))
    }

    fn draw(&mut self, variant: Variant, rng: &mut impl Rng) -> Result<(), CostError> {
        self.space.sample_into(&mut self.genotype, rng);
        if let Some(macs) = self.verdict(variant)? {
            self.macs.push(macs);
        }
        Ok(())
    }

    /// Whether the least choices keep to the limits: no formula gets smaller with a larger choice.
    fn smallest_fits(&mut self, variant: Variant) -> Result<bool, CostError> {
        self.genotype = self.space.smallest();
        Ok(self.verdict(variant)?.is_some())
    }

    /// MACs of the genotype's network if it fits.
    fn verdict(&mut self, variant: Variant) -> Result<Option<u64>, CostError> {
        let SelectConfig { channels, classes, .. } = *self.config;
        let architecture = self.space.architecture(variant, &self.genotype, channels, classes)?;
        walk::of_architecture(&architecture, &mut self.uses)?;
        let verdict = self.limits.check_layers(&self.uses, || Ok(graph(&architecture.network()?)?))?;
        Ok(verdict.ok().map(|fit| fit.macs))
    }
}

/// A variant's own random numbers: they do not depend on other variants, threads or the order of work.
fn stream(seed: u64, space: &str, variant: Variant) -> Pcg64Mcg {
    let mut hasher = Sha256::new();
    for part in ["select", &seed.to_string(), space, &variant.to_string()] {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    Pcg64Mcg::new(hasher.finalize().iter().take(16).fold(0, |state, byte| state << 8 | u128::from(*byte)))
}
