//! What a search is asked for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use tinynas_score::{Proxy, Scorer};

use crate::{Breeding, Evolution, LocalSearch, Nsga2, Random, Reinforce, SearchError, Step, Strategy, Tpe};

/// Networks that AREA draws for each that its first population takes.
const DRAWN: usize = 10;

/// How candidates are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StrategyKind {
    /// Regularised evolution (Real, Aggarwal, Huang, Le, AAAI 2019): a parent is the best of a few drawn from the
    /// living, a child is its mutant or a mutant of a cross with a second parent, and the oldest die, not the worst.
    #[default]
    Evolution,
    /// Networks drawn uniformly from those that fit: the baseline.
    Random,
    /// AREA: evolution that begins with the drawn networks of most ReLU units, one in ten.
    Area,
    /// Hill climbing by single edits, with restarts.
    LocalSearch,
    /// A controller of one softmax per decision.
    Reinforce,
    /// The density-ratio model of BOHB.
    Tpe,
    /// NSGA-II: a front of score, SRAM, flash and MACs.
    Nsga2,
}

impl StrategyKind {
    /// All strategies.
    pub const ALL: &[Self] =
        &[Self::Evolution, Self::Random, Self::Area, Self::LocalSearch, Self::Reinforce, Self::Tpe, Self::Nsga2];

    /// Its name in files and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Evolution => "evolution",
            Self::Random => "random",
            Self::Area => "area",
            Self::LocalSearch => "local-search",
            Self::Reinforce => "reinforce",
            Self::Tpe => "tpe",
            Self::Nsga2 => "nsga2",
        }
    }
}

impl fmt::Display for StrategyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for StrategyKind {
    type Err = SearchError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|strategy| strategy.name() == text);
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
    /// Networks that are drawn for the [`prefilter`](crate::prefilter()), whose best, as many as `population`, are
    /// looked at first; 0: none.
    #[serde(default)]
    pub prefilter: u64,
    /// All that is drawn follows from it.
    pub seed: u64,
    /// Channels of an image.
    pub channels: u32,
    /// Outputs of the network.
    pub classes: u32,
}

impl EvolutionConfig {
    /// A strategy with these numbers.
    pub(crate) fn strategy(&self, kind: StrategyKind) -> Box<dyn Strategy> {
        let (population, tournament) = (self.population as usize, self.tournament as usize);
        match kind {
            StrategyKind::Evolution => {
                Box::new(Evolution::regularised(population, tournament).breeding(Breeding::Crossed))
            }
            StrategyKind::Random => Box::new(Random),
            StrategyKind::Area => {
                Box::new(Evolution::area(DRAWN * population, population, tournament).breeding(Breeding::Crossed))
            }
            StrategyKind::LocalSearch => Box::new(LocalSearch::new(Step::First)),
            StrategyKind::Reinforce => Box::new(Reinforce::default()),
            StrategyKind::Tpe => Box::new(Tpe),
            StrategyKind::Nsga2 => Box::new(Nsga2::new(population)),
        }
    }

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
