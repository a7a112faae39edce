//! Draws a variant's networks and keeps the MACs of those that fit.

use rand::Rng;
use rand_pcg::Pcg64Mcg;
use sha2::{Digest, Sha256};
use tinynas_model::Genotype;
use tinynas_space::{Space, Variant};

use super::{MOST_DRAWS, SelectConfig, VariantStats, distribution};
use crate::{CostError, Counter, Limits};

/// One thread's draws, with memory that is used again for every network.
pub(super) struct Sampler<'a> {
    space: &'a Space,
    limits: &'a Limits,
    config: &'a SelectConfig,
    genotype: Genotype,
    macs: Vec<u64>,
}

impl<'a> Sampler<'a> {
    pub fn new(space: &'a Space, limits: &'a Limits, config: &'a SelectConfig) -> Self {
        let genotype = Genotype { stages: Vec::new() };
        Self { space, limits, config, genotype, macs: Vec::new() }
    }

    /// Draws the networks of one variant.
    pub fn sample(&mut self, variant: Variant) -> Result<VariantStats, CostError> {
        let SelectConfig { channels, classes, .. } = *self.config;
        let mut counter = Counter::new(self.space, variant, channels, classes);
        let mut rng = stream(self.config.seed, &self.space.name, variant);
        self.macs.clear();
        let mut drawn = 0;
        while drawn < self.config.samples {
            self.draw(&mut counter, &mut rng)?;
            drawn += 1;
        }
        if let Some(until) = self.config.sample_until {
            let most = self.config.samples.saturating_mul(MOST_DRAWS);
            let hopeless = self.macs.is_empty() && !self.smallest_fits(&mut counter)?;
            while !hopeless && self.macs.len() < until as usize && drawn < most {
                self.draw(&mut counter, &mut rng)?;
                drawn += 1;
            }
        }
        Ok(distribution::stats(variant, drawn, &mut self.macs))
    }

    fn draw(&mut self, counter: &mut Counter<'_>, rng: &mut impl Rng) -> Result<(), CostError> {
        self.space.sample_into(&mut self.genotype, rng);
        if let Some(macs) = self.verdict(counter)? {
            self.macs.push(macs);
        }
        Ok(())
    }

    /// Whether the least choices keep to the limits: no formula gets smaller with a larger choice.
    fn smallest_fits(&mut self, counter: &mut Counter<'_>) -> Result<bool, CostError> {
        self.genotype = self.space.smallest();
        Ok(self.verdict(counter)?.is_some())
    }

    /// MACs of the genotype's network if it fits.
    fn verdict(&self, counter: &mut Counter<'_>) -> Result<Option<u64>, CostError> {
        Ok(counter.check(&self.genotype, self.limits)?.ok().map(|cost| cost.macs))
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
