//! Proxies and searches on NAS benchmarks: tables in which every network of a space has been trained.
//!
//! | module | what it holds |
//! |---|---|
//! | [`nasbench201`], [`nasbench_macro`] | the spaces: codes, networks, tables with line-by-line errors |
//! | [`agree`] | our scores beside those of another program |
//! | [`ranking`], [`searches`] | proxies and ensembles against accuracies; searches that look trainings up |
//! | [`choice`] | the rule that picks the default score |
//! | [`figure`] | scatter plots |
//! | [`published`] | what others print for the same tables |
//! | [`statistics`] | Spearman, Kendall, hit rates, selected network, bootstrap errors |
//!
//! A table is a file that the user points to; nothing of it is part of this crate.

pub mod agree;
mod all_units;
mod assisted_climb;
pub mod choice;
mod code;
mod csv;
mod error;
pub mod figure;
pub mod nasbench201;
pub mod nasbench_macro;
pub mod published;
pub mod ranking;
mod score_table;
mod scoring;
pub mod searches;
pub mod statistics;
pub mod subset;

pub use all_units::nwot_of_all;
pub use code::Code;
pub use csv::{Column, Csv, Row};
pub use error::{BenchmarkError, TableError};
pub use score_table::{Conditions, ScoreTable};
pub use scoring::{each, score_all};

/// Our scores of NAS-Bench-201, one of every class of equal cells; `docs/scores.md` has the commands that made them.
pub const NASBENCH201_SCORES: &str = include_str!("../scores/nasbench201.csv");
/// Our scores of NAS-Bench-Macro, one of every class of equal networks.
pub const NASBENCH_MACRO_SCORES: &str = include_str!("../scores/nasbench-macro.csv");
