//! Why nothing fits: which limit even the smallest network breaks, and which of its layers.

use tinynas_model::Network;
use tinynas_space::{Space, Variant};

use super::SelectConfig;
use crate::{Cost, CostError, Limit, Limits, cost, error::amount, peak_layer};

/// A limit, and what the smallest network of a variant needs of it.
#[derive(Clone, Copy, Debug)]
struct Need {
    limit: Limit,
    needed: u64,
    allowed: u64,
}

impl Need {
    fn ratio(&self) -> f64 {
        self.needed as f64 / self.allowed.max(1) as f64
    }

    /// The limit that is broken most, or kept most narrowly.
    fn tightest(cost: &Cost, limits: &Limits) -> Self {
        let macs = limits.macs.map(|allowed| Self { limit: Limit::Macs, needed: cost.macs, allowed });
        let flash = Self { limit: Limit::Flash, needed: cost.flash.0, allowed: limits.flash.0 };
        let sram = Self { limit: Limit::Sram, needed: cost.sram.0, allowed: limits.sram.0 };
        let worse = |a: Self, b: Self| if b.ratio() > a.ratio() { b } else { a };
        [Some(flash), macs].into_iter().flatten().fold(sram, worse)
    }
}

/// The error for a selection without any fitting network.
///
/// # Errors
/// If the smallest networks cannot be counted.
pub(super) fn explain(space: &Space, limits: &Limits, config: &SelectConfig) -> Result<CostError, CostError> {
    let mut best: Option<(Need, Variant, Network)> = None;
    for variant in space.variants() {
        let architecture = space.architecture(*variant, &space.smallest(), config.channels, config.classes)?;
        let network = architecture.network()?;
        let need = Need::tightest(&cost(&network, limits.engine)?, limits);
        if best.as_ref().is_none_or(|(least, ..)| need.ratio() < least.ratio()) {
            best = Some((need, *variant, network));
        }
    }
    let space = space.name.clone();
    let Some((need, variant, network)) = best else {
        return Ok(CostError::NoneFits {
            space,
            samples: config.samples,
            tightest: "the space has no variants".into(),
        });
    };
    if need.needed <= need.allowed {
        let Need { limit, needed, allowed } = need;
        let (needed, allowed) = (amount(limit, needed), amount(limit, allowed));
        let tightest = format!("the smallest network of {variant} fits; {needed} of {allowed} is its tightest limit");
        return Ok(CostError::NoneFits { space, samples: config.samples, tightest });
    }
    let layer = match need.limit {
        Limit::Sram => Some(peak_layer(&network, limits.engine)?.0),
        Limit::Flash | Limit::Macs => None,
    };
    Ok(CostError::Infeasible {
        space,
        limit: need.limit,
        budget: need.allowed,
        smallest: need.needed,
        variant: variant.to_string(),
        layer,
    })
}
