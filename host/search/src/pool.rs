//! Scores the candidates of a generation on several threads and hands them over in order.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use tinynas_cost::Cost;
use tinynas_model::{CandidateId, Genotype, Network};
use tinynas_score::with_threads;

use crate::{CandidateRecord, Search, SearchError};

/// A network that is worth a score.
#[derive(Debug)]
pub struct Candidate {
    pub genotype: Genotype,
    pub id: CandidateId,
    pub network: Network,
    pub cost: Cost,
}

/// Takes a scored candidate; whether the score is new, that is, not known from a journal.
pub type OnScored<'a> = dyn Fn(&CandidateRecord, bool) -> Result<(), String> + Sync + 'a;

/// Progress of one generation. Candidates are taken in order and none is left half done, so what was handed over is
/// always a beginning of the generation.
#[derive(Default)]
struct Progress {
    taken: usize,
    finished: BTreeMap<usize, (CandidateRecord, bool)>,
    handed_over: Vec<CandidateRecord>,
    error: Option<SearchError>,
}

/// Scores a generation whose first candidate has position `first` in the search.
pub fn score(
    search: &Search<'_>,
    first: usize,
    generation: &[Candidate],
    on_scored: &OnScored<'_>,
) -> Result<Vec<CandidateRecord>, SearchError> {
    let progress = Mutex::new(Progress::default());
    let workers = search.threads.clamp(1, generation.len().max(1));
    // Networks side by side need no further threads inside.
    let threads_each = (search.threads / workers).max(1);
    let work = || with_threads(threads_each, || work(search, first, generation, on_scored, &progress));
    thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(work);
        }
        work();
    });
    let progress = progress.into_inner().unwrap_or_else(PoisonError::into_inner);
    match progress.error {
        Some(error) => Err(error),
        None if progress.handed_over.len() < generation.len() => Err(SearchError::Interrupted),
        None => Ok(progress.handed_over),
    }
}

fn work(
    search: &Search<'_>,
    first: usize,
    generation: &[Candidate],
    on_scored: &OnScored<'_>,
    progress: &Mutex<Progress>,
) {
    while let Some(at) = take(progress, generation.len(), search.stop) {
        let result = record(search, first + at, &generation[at]);
        let mut progress = lock(progress);
        match result {
            Ok(scored) => {
                progress.finished.insert(at, scored);
                hand_over(&mut progress, on_scored);
            }
            Err(error) => {
                progress.error.get_or_insert(error);
            }
        }
    }
}

fn lock(progress: &Mutex<Progress>) -> MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take(progress: &Mutex<Progress>, count: usize, stop: &AtomicBool) -> Option<usize> {
    let mut progress = lock(progress);
    let at = progress.taken;
    if at == count || progress.error.is_some() || stop.load(Ordering::Relaxed) {
        return None;
    }
    progress.taken += 1;
    Some(at)
}

/// Hands over all that is finished up to the first that is not.
fn hand_over(progress: &mut Progress, on_scored: &OnScored<'_>) {
    while progress.error.is_none()
        && let Some((record, fresh)) = progress.finished.remove(&progress.handed_over.len())
    {
        match on_scored(&record, fresh) {
            Ok(()) => progress.handed_over.push(record),
            Err(reason) => progress.error = Some(SearchError::Kept(reason)),
        }
    }
}

/// The candidate with its scores, and whether they are new.
fn record(search: &Search<'_>, index: usize, candidate: &Candidate) -> Result<(CandidateRecord, bool), SearchError> {
    let Candidate { genotype, id, network, cost } = candidate;
    let known = search.known.get(id);
    let scores = match known {
        Some(scores) => scores.clone(),
        None => search.scorer.score_what_can_be(network, *id)?,
    };
    let record = CandidateRecord {
        index: index as u64,
        variant: search.variant,
        genotype: genotype.clone(),
        id: *id,
        macs: cost.macs,
        params: cost.params,
        relu_units: network.relu_units(),
        sram_bytes: cost.sram.0,
        flash_bytes: cost.flash.0,
        scores,
        latency_ms: None,
    };
    Ok((record, known.is_none()))
}
