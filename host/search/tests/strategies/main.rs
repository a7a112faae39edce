//! Every strategy on spaces whose optimum is known: it finds it where drawing does not, keeps to budget and limits,
//! and gives the same history for the same seed.
#![allow(clippy::unwrap_used)]

mod all;
mod cases;
mod evolution;
mod halving;
mod pareto;
