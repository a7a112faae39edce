//! Makes networks that are new and keep to the limits.

use std::collections::HashSet;

use rand_pcg::Pcg32;

use crate::{Choices, SearchError, SearchSpace};

/// Children bred in search of one that is new and allowed, before one is drawn instead.
const BREEDINGS: u32 = 64;
/// Networks drawn uniformly in search of one that is new and allowed.
const DRAWS: u32 = 1024;
/// Networks drawn after that and brought down towards the smallest, step by step.
const DESCENTS: u32 = 64;
/// Steps of one descent. Each takes about half of the remaining choices from the smallest network.
const STEPS: u32 = 16;
/// Stream of the random numbers that networks are made from.
const STREAM: u64 = 0x5EA2_C4ED;

/// What a strategy makes networks with. Remembers what was made: no network is made twice.
pub struct Asker<'a> {
    space: &'a dyn SearchSpace,
    /// All that is drawn comes from here.
    pub rng: Pcg32,
    /// Most networks to evaluate in full that are taken this time: at least 1.
    pub room: usize,
    seen: HashSet<Choices>,
    infeasible: u64,
}

impl<'a> Asker<'a> {
    pub(crate) fn new(space: &'a dyn SearchSpace, seed: u64) -> Self {
        Self { space, rng: Pcg32::new(seed, STREAM), room: 1, seen: HashSet::new(), infeasible: 0 }
    }

    /// The space.
    #[must_use]
    pub fn space(&self) -> &'a dyn SearchSpace {
        self.space
    }

    /// Different networks that broke a limit.
    #[must_use]
    pub const fn infeasible(&self) -> u64 {
        self.infeasible
    }

    /// The network, unless it was made before or breaks a limit.
    ///
    /// # Errors
    /// As [`SearchSpace::allows`].
    pub fn admit(&mut self, choices: Choices) -> Result<Option<Choices>, SearchError> {
        if self.seen.contains(&choices) {
            return Ok(None);
        }
        let allowed = self.space.allows(&choices)?;
        self.seen.insert(choices.clone());
        self.infeasible += u64::from(!allowed);
        Ok(allowed.then_some(choices))
    }

    /// A network of what `breed` makes, or a drawn one if that is exhausted; `None` if that is, too.
    ///
    /// # Errors
    /// As [`SearchSpace::allows`].
    pub fn bred(&mut self, mut breed: impl FnMut(&mut Pcg32) -> Choices) -> Result<Option<Choices>, SearchError> {
        for _ in 0..BREEDINGS {
            let child = breed(&mut self.rng);
            if let Some(choices) = self.admit(child)? {
                return Ok(Some(choices));
            }
        }
        self.drawn()
    }

    /// A network drawn uniformly from the new ones that are allowed. Where these are rarer than one in about a
    /// thousand they are looked for near the smallest network. `None` if none is found.
    ///
    /// # Errors
    /// As [`SearchSpace::allows`].
    pub fn drawn(&mut self) -> Result<Option<Choices>, SearchError> {
        for _ in 0..DRAWS {
            let drawn = self.space.draw(&mut self.rng);
            if let Some(choices) = self.admit(drawn)? {
                return Ok(Some(choices));
            }
        }
        let smallest = self.space.smallest();
        for _ in 0..DESCENTS {
            let mut choices = self.space.draw(&mut self.rng);
            for _ in 0..STEPS {
                choices = self.space.cross(&choices, &smallest, &mut self.rng);
                if let Some(choices) = self.admit(choices.clone())? {
                    return Ok(Some(choices));
                }
            }
        }
        self.admit(smallest)
    }

    /// Whether a network was made or asked about before.
    #[must_use]
    pub fn is_new(&self, choices: &Choices) -> bool {
        !self.seen.contains(choices)
    }

    /// Lets a network be made again: it was looked at by the score that assists only.
    pub fn put_back(&mut self, choices: &Choices) {
        self.seen.remove(choices);
    }

    /// Up to `count` drawn networks; fewer if there are no more.
    ///
    /// # Errors
    /// As [`SearchSpace::allows`].
    pub fn draw_many(&mut self, count: usize) -> Result<Vec<Choices>, SearchError> {
        let mut drawn = Vec::new();
        while drawn.len() < count
            && let Some(choices) = self.drawn()?
        {
            drawn.push(choices);
        }
        Ok(drawn)
    }
}
