//! Makes candidates that are new and keep to the limits.

use std::collections::HashSet;

use rand::Rng;
use tinynas_cost::{Bytes, Cost, Limit, cost, peak_layer};
use tinynas_model::{CandidateId, Genotype, Network};

use crate::{Search, SearchError};

/// Children bred in search of one that is new and fits, before one is drawn instead.
const BREEDINGS: u32 = 64;
/// Networks drawn uniformly in search of one that is new and fits.
const DRAWS: u32 = 1024;
/// Networks drawn after that and brought down towards the smallest, step by step.
const DESCENTS: u32 = 64;
/// Steps of one descent. Each takes about half of the remaining choices from the smallest network.
const STEPS: u32 = 16;

/// A network that is worth a score.
#[derive(Debug)]
pub struct Candidate {
    pub genotype: Genotype,
    pub id: CandidateId,
    pub network: Network,
    pub cost: Cost,
}

/// Remembers what was made.
#[derive(Debug)]
pub struct Maker<'a> {
    search: &'a Search<'a>,
    seen: HashSet<CandidateId>,
    infeasible: u64,
}

impl<'a> Maker<'a> {
    pub fn new(search: &'a Search<'a>) -> Self {
        Self { search, seen: HashSet::new(), infeasible: 0 }
    }

    /// Different candidates that broke a limit.
    pub const fn infeasible(&self) -> u64 {
        self.infeasible
    }

    /// A candidate of what `breed` makes, or a drawn one if that is exhausted; `None` if that is, too.
    pub fn bred<R: Rng>(
        &mut self,
        rng: &mut R,
        breed: impl Fn(&mut R) -> Genotype,
    ) -> Result<Option<Candidate>, SearchError> {
        for _ in 0..BREEDINGS {
            if let Some(candidate) = self.admit(breed(rng))? {
                return Ok(Some(candidate));
            }
        }
        self.drawn(rng)
    }

    /// A candidate drawn uniformly from the new ones that fit. Where these are rarer than one in about a thousand
    /// they are looked for near the smallest network. `None` if none is found.
    pub fn drawn(&mut self, rng: &mut impl Rng) -> Result<Option<Candidate>, SearchError> {
        let space = self.search.space;
        for _ in 0..DRAWS {
            if let Some(candidate) = self.admit(space.sample(rng))? {
                return Ok(Some(candidate));
            }
        }
        let smallest = space.smallest();
        for _ in 0..DESCENTS {
            let mut genotype = space.sample(rng);
            for _ in 0..STEPS {
                genotype = space.crossover(&genotype, &smallest, rng);
                if let Some(candidate) = self.admit(genotype.clone())? {
                    return Ok(Some(candidate));
                }
            }
        }
        self.admit(smallest)
    }

    /// The candidate, unless it was made before or breaks a limit.
    fn admit(&mut self, genotype: Genotype) -> Result<Option<Candidate>, SearchError> {
        let id = self.search.space.id(self.search.variant, &genotype);
        if !self.seen.insert(id) {
            return Ok(None);
        }
        let network = self.search.network(&genotype)?;
        let Ok(cost) = self.search.limits.check(&network)? else {
            self.infeasible += 1;
            return Ok(None);
        };
        Ok(Some(Candidate { genotype, id, network, cost }))
    }

    /// What to say if no network was found: the needs of the smallest.
    pub fn nothing_fits(&self) -> Result<SearchError, SearchError> {
        let Search { space, variant, limits, .. } = self.search;
        let network = self.search.network(&space.smallest())?;
        let needs = cost(&network, limits.engine)?;
        let (limit, Bytes(budget), Bytes(smallest)) = match limits.macs {
            Some(macs) if needs.macs > macs => (Limit::Macs, Bytes(macs), Bytes(needs.macs)),
            _ if needs.flash > limits.flash => (Limit::Flash, limits.flash, needs.flash),
            _ => (Limit::Sram, limits.sram, needs.sram),
        };
        let layer = if limit == Limit::Sram { Some(peak_layer(&network, limits.engine)?.0) } else { None };
        Ok(SearchError::Infeasible { space: space.name.clone(), variant: *variant, limit, budget, smallest, layer })
    }
}
