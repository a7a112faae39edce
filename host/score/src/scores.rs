//! The scores of one network by proxy.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Proxy, ScoreError};

/// Scores of one network in the order of [`Proxy::ALL`]. A proxy that failed is not in it, so every number is
/// finite and the JSON form (`{"nwot":312.5,"synflow":19.2}`) loses nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scores {
    values: BTreeMap<Proxy, f64>,
}

impl Scores {
    /// Adds or replaces a score.
    ///
    /// # Errors
    /// [`ScoreError::NotFinite`].
    pub fn insert(&mut self, proxy: Proxy, value: f64) -> Result<(), ScoreError> {
        if !value.is_finite() {
            return Err(ScoreError::NotFinite { proxy, value });
        }
        self.values.insert(proxy, value);
        Ok(())
    }

    /// The score of a proxy; `None` if it failed or was not asked for.
    #[must_use]
    pub fn get(&self, proxy: Proxy) -> Option<f64> {
        self.values.get(&proxy).copied().filter(|value| value.is_finite())
    }

    /// All scores in order.
    pub fn iter(&self) -> impl Iterator<Item = (Proxy, f64)> + '_ {
        self.values.iter().map(|(proxy, value)| (*proxy, *value))
    }

    /// Whether nothing could be scored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}
