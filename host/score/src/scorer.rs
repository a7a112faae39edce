//! Scores networks with a fixed seed, batch and list of proxies.

use std::cell::OnceCell;

use tinynas_model::{CandidateId, Network};

use crate::{Batch, Proxy, ScoreError, Scores, subject::Subject};

/// What every candidate of a run is scored with. Shared by threads.
#[derive(Clone, Debug)]
pub struct Scorer {
    seed: u64,
    proxies: Vec<Proxy>,
    images: Option<Batch>,
    second: Option<Batch>,
}

impl Scorer {
    /// A scorer for a run with `seed`. Proxies named twice are scored once.
    #[must_use]
    pub fn new(seed: u64, proxies: &[Proxy]) -> Self {
        let mut proxies = proxies.to_vec();
        proxies.sort_unstable();
        proxies.dedup();
        Self { seed, proxies, images: None, second: None }
    }

    /// With the images that data-dependent proxies look at.
    #[must_use]
    pub fn with_images(mut self, images: Batch) -> Self {
        self.images = Some(images);
        self
    }

    /// With a second batch, for proxies that compare two; without it they compare the halves of the first.
    #[must_use]
    pub fn with_second(mut self, images: Batch) -> Self {
        self.second = Some(images);
        self
    }

    /// The images, if any were given.
    #[must_use]
    pub const fn images(&self) -> Option<&Batch> {
        self.images.as_ref()
    }

    /// The seed of the run.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The proxies in order.
    #[must_use]
    pub fn proxies(&self) -> &[Proxy] {
        &self.proxies
    }

    /// The scores of a candidate. Its initial weights follow from the run's seed and its id.
    ///
    /// # Errors
    /// The first proxy's failure; [`ScoreError::is_of_network`] tells whether another network may fare better.
    pub fn score(&self, network: &Network, id: CandidateId) -> Result<Scores, ScoreError> {
        self.score_with(network, id.seed(self.seed, "init"))
    }

    /// As [`Self::score`], but a proxy that fails because of the network is left out. A search takes this one: a
    /// candidate without all scores is recorded and never wins.
    ///
    /// # Errors
    /// The first failure that every network would meet, such as missing images.
    pub fn score_what_can_be(&self, network: &Network, id: CandidateId) -> Result<Scores, ScoreError> {
        let mut scores = Scores::default();
        self.each(network, id.seed(self.seed, "init"), |proxy, score| {
            match score.and_then(|value| scores.insert(proxy, value)) {
                Err(error) if error.is_of_network() => Ok(()),
                result => result,
            }
        })?;
        Ok(scores)
    }

    /// The scores of a network whose initial weights follow from `weight_seed` alone.
    ///
    /// # Errors
    /// As [`Self::score`].
    pub fn score_with(&self, network: &Network, weight_seed: u64) -> Result<Scores, ScoreError> {
        let mut scores = Scores::default();
        self.each(network, weight_seed, |proxy, score| scores.insert(proxy, score?))?;
        Ok(scores)
    }

    fn each(
        &self,
        network: &Network,
        weight_seed: u64,
        mut take: impl FnMut(Proxy, Result<f64, ScoreError>) -> Result<(), ScoreError>,
    ) -> Result<(), ScoreError> {
        let weights = OnceCell::new();
        let batches = [self.images.as_ref(), self.second.as_ref()];
        let subject = Subject::new(network, batches, weight_seed, &weights, &self.proxies);
        self.proxies.iter().try_for_each(|proxy| take(*proxy, proxy.score(&subject)))
    }
}
