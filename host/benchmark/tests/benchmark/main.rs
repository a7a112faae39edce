//! The builders and the statistics against tables and figures that other programs made.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod nasbench201;
mod nasbench_macro;
mod published;
mod ranking;
mod shared;
