//! Why a search found nothing or stopped.

use thiserror::Error;
use tinynas_cost::{Bytes, CostError, Limit};
use tinynas_model::ArchitectureError;
use tinynas_score::{Proxy, ScoreError};
use tinynas_space::{SpaceError, Variant};

use crate::StrategyKind;

/// Why a search found nothing or stopped.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SearchError {
    /// The stop flag was set. What was scored has been handed over; the same search with these scores goes on.
    #[error("the search was interrupted")]
    Interrupted,
    /// Not even the smallest network of the variant keeps to the limits.
    #[error("no network of `{space}@{variant}` fits {} of {limit}", amount(*.limit, *.budget))]
    Infeasible {
        /// The space.
        space: String,
        /// The variant.
        variant: Variant,
        /// The limit that the smallest network breaks.
        limit: Limit,
        /// The limit: bytes, or MACs.
        budget: u64,
        /// What the smallest network needs.
        smallest: u64,
        /// The layer that sets it, for SRAM.
        layer: Option<String>,
    },
    /// A number that must not be zero.
    #[error("`{field}` of a search must be at least 1")]
    Zero {
        /// Which.
        field: &'static str,
    },
    /// Nothing to rank by.
    #[error("a search needs at least one proxy to rank by")]
    NoProxies,
    /// A proxy is to decide that nothing computes.
    #[error("`{proxy}` is to decide, but candidates are not scored by it")]
    NotScored {
        /// The proxy.
        proxy: Proxy,
    },
    /// A name that is no strategy.
    #[error("`{name}` is not a strategy")]
    Strategy {
        /// The name.
        name: String,
    },
    /// Whoever takes the scored candidates could not, for example because the disk is full.
    #[error("a scored candidate could not be kept: {0}")]
    Kept(String),
    /// What was asked about candidates could not answer, for example because a board was unplugged.
    #[error("{0}")]
    Gate(String),
    /// A network could not be evaluated, for example because a table has no row for it.
    #[error("{0}")]
    Evaluation(String),
    /// The space refused a variant or a genotype.
    #[error(transparent)]
    Space(#[from] SpaceError),
    /// A block table that is not a network.
    #[error(transparent)]
    Architecture(#[from] ArchitectureError),
    /// A network's cost cannot be counted.
    #[error(transparent)]
    Cost(#[from] CostError),
    /// Scoring failed in a way that every network would meet.
    #[error(transparent)]
    Score(#[from] ScoreError),
}

/// Bytes or MACs, as a limit prints them.
fn amount(limit: Limit, number: u64) -> String {
    match limit {
        Limit::Macs => number.to_string(),
        Limit::Sram | Limit::Flash => Bytes(number).to_string(),
    }
}

impl SearchError {
    /// A stable name of the kind of error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Interrupted => "search::interrupted",
            Self::Infeasible { .. } => "budget::infeasible",
            Self::Zero { .. } | Self::NoProxies | Self::NotScored { .. } => "search::config",
            Self::Strategy { .. } => "search::strategy",
            Self::Kept(_) => "search::kept",
            Self::Gate(_) => "search::gate",
            Self::Evaluation(_) => "search::evaluation",
            Self::Space(error) => error.code(),
            Self::Architecture(_) => "search::network",
            Self::Cost(error) => error.code(),
            Self::Score(_) => "search::score",
        }
    }

    /// The smallest change that helps, where one is known.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Infeasible { limit, smallest, layer, .. } => {
                let needs = match limit {
                    Limit::Macs => format!("{smallest} MACs"),
                    Limit::Sram | Limit::Flash => Bytes(*smallest).exact(),
                };
                let set = layer.as_ref().map_or_else(String::new, |layer| format!(", set by layer `{layer}`"));
                Some(format!(
                    "its smallest network needs {needs}{set}; raise the limit to that or take a smaller variant"
                ))
            }
            Self::NotScored { proxy } => Some(format!("add `{proxy}` to the scored proxies")),
            Self::Strategy { .. } => {
                let names: Vec<String> = StrategyKind::ALL.iter().map(ToString::to_string).collect();
                Some(format!("the strategies are {}", names.join(", ")))
            }
            Self::Space(error) => error.help(),
            Self::Cost(error) => error.help(),
            _ => None,
        }
    }
}
