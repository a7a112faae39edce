//! The best of a million drawn networks by what needs no forward pass: where an expensive search begins.
//!
//! score = ln(ReLU units) + ln(MACs)
//!
//! ReLU units alone rank MobileNetV2 blocks with ρ = .891 on NAS-Bench-Macro and .771 on Channel-Bench-Macro; together
//! with MACs .850 on the latter. Trap: the best are nearly all alike and at the edge of the limits. They are a
//! beginning, not a result.
//!
//! Limits are asked about only where a network would be among the best so far: counting its memory costs ten times its
//! score.

use std::{
    cmp::Ordering,
    collections::BTreeSet,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    thread,
};

use rand_pcg::Pcg32;
use tinynas_cost::Counter;
use tinynas_model::Genotype;

use crate::{Search, SearchError};

/// Networks that are drawn from one stream of random numbers, so that threads change nothing.
const CHUNK: u64 = 1 << 16;
/// Streams of the random numbers begin here.
const STREAM: u64 = 0xF117_E400;

/// The `keep` best of `draws` drawn networks by their analytic score, of those that keep to the limits; best first, and
/// fewer if fewer fit. Follows from the search's seed; `threads` changes nothing.
///
/// # Errors
/// If networks cannot be counted.
pub fn prefilter(search: &Search<'_>, draws: u64, keep: usize) -> Result<Vec<Genotype>, SearchError> {
    let next = AtomicU64::new(0);
    // The least score that is among the best of some chunk: below it nothing is among the best of all.
    let least = AtomicU64::new(f64::NEG_INFINITY.to_bits());
    let failed = AtomicUsize::new(0);
    let work = || -> Result<Best, SearchError> {
        let mut best = Best { keep, networks: BTreeSet::new() };
        loop {
            let chunk = next.fetch_add(1, Relaxed);
            if chunk.saturating_mul(CHUNK) >= draws || failed.load(Relaxed) > 0 {
                return Ok(best);
            }
            let count = CHUNK.min(draws - chunk * CHUNK);
            if let Err(error) = draw(search, chunk, count, &mut best, &least) {
                failed.store(1, Relaxed);
                return Err(error);
            }
        }
    };
    let results: Vec<_> = thread::scope(|scope| {
        let others: Vec<_> = (1..search.threads.max(1)).map(|_| scope.spawn(work)).collect();
        let own = work();
        let join = |other: thread::ScopedJoinHandle<'_, _>| match other.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        std::iter::once(own).chain(others.into_iter().map(join)).collect()
    });
    let mut all = Best { keep, networks: BTreeSet::new() };
    for result in results {
        for key in result?.networks {
            all.insert(key);
        }
    }
    Ok(all.networks.into_iter().map(|key| key.genotype).collect())
}

fn draw(search: &Search<'_>, chunk: u64, count: u64, best: &mut Best, least: &AtomicU64) -> Result<(), SearchError> {
    let (channels, classes) = (search.config.channels, search.config.classes);
    let mut counter = Counter::new(search.space, search.variant, channels, classes);
    let mut rng = Pcg32::new(search.config.seed, STREAM + chunk);
    let mut genotype = Genotype { stages: Vec::new() };
    for _ in 0..count {
        search.space.sample_into(&mut genotype, &mut rng);
        let size = counter.size(&genotype)?;
        let score = (size.relu_units as f64).ln() + (size.macs as f64).ln();
        // Not a number where a count is zero: never among the best.
        let may_be_taken = score.is_finite() && score >= f64::from_bits(least.load(Relaxed));
        if !may_be_taken || !best.would_take(score) {
            continue;
        }
        if best.knows(score, &genotype) || counter.check(&genotype, search.limits)?.is_err() {
            continue;
        }
        best.insert(Key { score, genotype: genotype.clone() });
        if let Some(worst) = best.worst_of_full() {
            // Only ever raised: of two threads the higher one stays.
            let raise = |bits| (f64::from_bits(bits) < worst).then_some(worst.to_bits());
            let _ = least.fetch_update(Relaxed, Relaxed, raise);
        }
    }
    Ok(())
}

/// The best so far, best first.
struct Best {
    keep: usize,
    networks: BTreeSet<Key>,
}

impl Best {
    fn would_take(&self, score: f64) -> bool {
        self.keep > 0 && self.worst_of_full().is_none_or(|worst| score >= worst)
    }

    /// The worst score, if there are as many as are kept.
    fn worst_of_full(&self) -> Option<f64> {
        let is_full = self.networks.len() >= self.keep;
        self.networks.last().filter(|_| is_full).map(|key| key.score)
    }

    fn knows(&self, score: f64, genotype: &Genotype) -> bool {
        self.networks.contains(&Key { score, genotype: genotype.clone() })
    }

    fn insert(&mut self, key: Key) {
        self.networks.insert(key);
        if self.networks.len() > self.keep {
            self.networks.pop_last();
        }
    }
}

/// Larger scores first; of equals the smaller genotype.
#[derive(Clone, Debug)]
struct Key {
    score: f64,
    genotype: Genotype,
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then_with(|| self.genotype.cmp(&other.genotype))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}
