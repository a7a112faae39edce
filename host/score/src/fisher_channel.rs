//! Fisher, every output channel counting once.
//!
//! score = Σ over layers and output channels c of `δ_c`, as in [`fisher`](super::fisher)
//!
//! Trap: good on one space is not good on another: rho against accuracy .90 on NAS-Bench-Macro, .46 on NAS-Bench-201,
//! −.13 on networks that differ in width alone.

use crate::{Proxy, ScoreError, fisher::by_layer, subject::Subject};

/// Squared flow of all channels.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    by_layer(subject, Proxy::FisherChannel, |_, _| 1.0)
}
