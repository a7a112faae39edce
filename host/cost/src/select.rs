//! Which variant of a space suits a budget: the one whose fitting networks have the most MACs on average.
//!
//! Every variant gives the same number of networks, each choice drawn uniformly and independently. Those that keep to
//! the limits are its distribution; the variants are ranked by its mean (MCUNet, Lin et al., NeurIPS 2020, section
//! 3.1). The rule degenerates when almost nothing fits: one lucky network can win. A floor on the feasible share and
//! drawing until enough fit are offered, and [`Selection::notes`] say when the result hangs on few networks.

mod distribution;
mod infeasible;
mod notes;
mod plot;
mod sampling;

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use serde::{Deserialize, Serialize};
use tinynas_space::{Space, Variant};

use crate::{CostError, Engine, Limits};

pub use plot::cdf_svg;

/// Value of [`Selection::schema`].
pub const SCHEMA: &str = "tinynas/select/1";

/// With `sample_until`, at most so many times `samples` are drawn.
pub const MOST_DRAWS: u32 = 100;

/// How variants are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectConfig {
    /// Networks drawn per variant.
    pub samples: u32,
    /// Seed of the draws.
    pub seed: u64,
    /// Least share of fitting networks that a winner has, a fraction; `None`: the paper's rule.
    pub min_feasible: Option<f64>,
    /// Draw on until so many fit, at most [`MOST_DRAWS`] times `samples`.
    pub sample_until: Option<u32>,
    /// Classes of the networks.
    pub classes: u32,
    /// Channels of the images.
    pub channels: u32,
}

/// The variants of a space under limits, best first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    /// [`SCHEMA`].
    pub schema: String,
    /// Name of the space.
    pub space: String,
    /// Whose memory was counted.
    pub engine: Engine,
    /// Most bytes of the engine's peak.
    pub sram_bytes: u64,
    /// Most bytes of model and code.
    pub flash_bytes: u64,
    /// Most multiply-accumulates, if limited.
    pub macs_limit: Option<u64>,
    /// Seed of the draws.
    pub seed: u64,
    /// Networks drawn per variant, before drawing on.
    pub samples: u32,
    /// Classes of the networks.
    pub classes: u32,
    /// Channels of the images.
    pub channels: u32,
    /// Best first; then those below the floor; then those of which nothing fits, in the space's order.
    pub variants: Vec<VariantStats>,
    /// What there is to know before trusting the ranking.
    pub notes: Vec<String>,
}

impl Selection {
    /// The best variant.
    ///
    /// # Panics
    /// If the selection has no variants; [`select`] does not make such.
    #[must_use]
    pub fn winner(&self) -> &VariantStats {
        &self.variants[0]
    }
}

/// The networks of one variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantStats {
    /// The variant.
    pub variant: Variant,
    /// Networks that were drawn.
    pub samples: u32,
    /// Networks among them that fit.
    pub fitting: u32,
    /// `fitting / samples`.
    pub feasible_share: f64,
    /// Mean multiply-accumulates of the fitting ones; 0 if there are none.
    pub mean_macs: f64,
    /// Multiply-accumulates that 80 % of the fitting ones do not exceed.
    pub p80_macs: Option<f64>,
    /// Cumulative distribution of the fitting ones: multiply-accumulates and the share that has at most so many.
    /// At most 101 points, ascending.
    pub cdf: Vec<(f64, f64)>,
}

/// Ranks the variants of `space`. The result does not depend on `threads`.
///
/// # Errors
/// [`CostError::Infeasible`] if even the smallest networks break a limit, [`CostError::NoneFits`] if none was drawn that
/// keeps all, [`CostError::Floor`] if the floor leaves no variant, [`CostError::Config`] for numbers out of range.
pub fn select(space: &Space, limits: &Limits, config: &SelectConfig, threads: usize) -> Result<Selection, CostError> {
    check(config)?;
    let mut variants = sample_all(space, limits, config, threads)?;
    if variants.iter().all(|stats| stats.fitting == 0) {
        return Err(infeasible::explain(space, limits, config)?);
    }
    let floor = config.min_feasible.unwrap_or(0.0);
    // A stable sort: equal variants stay in the space's order.
    variants.sort_by(|a, b| rank(a, floor).cmp(&rank(b, floor)).then(b.mean_macs.total_cmp(&a.mean_macs)));
    if let Some(best) = variants.first().filter(|best| best.feasible_share < floor) {
        let most = variants.iter().max_by(|a, b| a.feasible_share.total_cmp(&b.feasible_share)).unwrap_or(best);
        return Err(CostError::Floor { floor, variant: most.variant.to_string(), best: most.feasible_share });
    }
    let notes = notes::notes(&variants, config);
    Ok(Selection {
        schema: SCHEMA.into(),
        space: space.name.clone(),
        engine: limits.engine,
        sram_bytes: limits.sram.0,
        flash_bytes: limits.flash.0,
        macs_limit: limits.macs,
        seed: config.seed,
        samples: config.samples,
        classes: config.classes,
        channels: config.channels,
        variants,
        notes,
    })
}

fn check(config: &SelectConfig) -> Result<(), CostError> {
    let wrong = |field, must| Err(CostError::Config { field, must });
    match config {
        SelectConfig { samples: 0 | 1_000_001.., .. } => wrong("samples", "1 to 1,000,000"),
        SelectConfig { classes: 0 | 65_536.., .. } => wrong("classes", "1 to 65,535"),
        SelectConfig { channels: 0 | 257.., .. } => wrong("channels", "1 to 256"),
        SelectConfig { sample_until: Some(0), .. } => wrong("sample_until", "at least 1"),
        SelectConfig { min_feasible: Some(share), .. } if !(0.0..=1.0).contains(share) => {
            wrong("min_feasible", "a fraction from 0 to 1")
        }
        _ => Ok(()),
    }
}

/// Which group a variant is in: meets the floor, fits at all, nothing fits.
fn rank(stats: &VariantStats, floor: f64) -> u8 {
    match stats.fitting {
        0 => 2,
        _ if stats.feasible_share < floor => 1,
        _ => 0,
    }
}

/// The statistics of all variants in the space's order, variants shared out over threads.
fn sample_all(
    space: &Space,
    limits: &Limits,
    config: &SelectConfig,
    threads: usize,
) -> Result<Vec<VariantStats>, CostError> {
    let variants = space.variants();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        let mut sampler = sampling::Sampler::new(space, limits, config);
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(variant) = variants.get(index) else { return done };
            let result = sampler.sample(*variant);
            let failed = result.is_err();
            done.push((index, result));
            if failed {
                return done;
            }
        }
    };
    let threads = threads.clamp(1, variants.len().max(1));
    let mut results = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut results = work();
        for other in others {
            match other.join() {
                Ok(done) => results.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
