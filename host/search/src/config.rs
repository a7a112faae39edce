//! What a search is asked for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use tinynas_score::{Proxy, Scorer};

use crate::SearchError;

/// How candidates are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StrategyKind {
    /// Regularised evolution (Real, Aggarwal, Huang, Le, AAAI 2019): a parent is the best of a few drawn from the
    /// living, a child is its mutant or a mutant of a cross with a second parent, and the oldest die, not the worst.
    #[default]
    Evolution,
    /// Networks drawn uniformly from those that fit: the baseline.
    Random,
}

impl StrategyKind {
    /// All strategies.
    pub const ALL: &[Self] = &[Self::Evolution, Self::Random];
}

impl fmt::Display for StrategyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Evolution => "evolution",
            Self::Random => "random",
        })
    }
}

impl FromStr for StrategyKind {
    type Err = SearchError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|strategy| strategy.to_string() == text);
        found.copied().ok_or_else(|| SearchError::Strategy { name: text.into() })
    }
}

/// Numbers of a search. Up to 150 evaluations a population of 20 to 40 and a tournament of about a quarter of it find
/// better networks than the 100 and 25 of the paper, which are still drawing at random by then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvolutionConfig {
    /// Candidates to score.
    pub evaluations: u32,
    /// Living candidates: that many are drawn at random first, and the last that many are the living.
    pub population: u32,
    /// Living candidates drawn for a parent.
    pub tournament: u32,
    /// Proxies whose rank sum decides.
    pub proxies: Vec<Proxy>,
    /// All that is drawn follows from it.
    pub seed: u64,
    /// Channels of an image.
    pub channels: u32,
    /// Outputs of the network.
    pub classes: u32,
}

impl EvolutionConfig {
    pub(crate) fn check(&self, scorer: &Scorer) -> Result<(), SearchError> {
        let zero = |field, value| if value == 0 { Err(SearchError::Zero { field }) } else { Ok(()) };
        zero("evaluations", self.evaluations)?;
        zero("population", self.population)?;
        zero("tournament", self.tournament)?;
        zero("channels", self.channels)?;
        zero("classes", self.classes)?;
        if self.proxies.is_empty() {
            return Err(SearchError::NoProxies);
        }
        match self.proxies.iter().find(|proxy| !scorer.proxies().contains(proxy)) {
            Some(proxy) => Err(SearchError::NotScored { proxy: *proxy }),
            None => Ok(()),
        }
    }
}
