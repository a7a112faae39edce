//! Scores against oracles that share no code with them, and what a score must not depend on.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod gradients;
mod invariance;
mod networks;
mod nwot;
mod published;
mod reference;
mod synflow;
