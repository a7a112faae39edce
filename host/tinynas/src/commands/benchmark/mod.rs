//! `tinynas benchmark`: proxies and searches on NAS benchmarks.

mod agree;
mod choice;
mod figures;
mod images;
mod ranking;
mod scores;
mod searches;

use crate::{
    args::BenchmarkCommand,
    failure::Failure,
    output::{Answer, Printer},
};

/// Runs the part that was asked for.
pub fn run(command: &BenchmarkCommand, printer: &Printer) -> Result<Answer, Failure> {
    match command {
        BenchmarkCommand::Agree(args) => agree::run(args, printer),
        BenchmarkCommand::Nasbench201(args) => ranking::nasbench201(args, printer),
        BenchmarkCommand::NasbenchMacro(args) => ranking::nasbench_macro(args, printer),
        BenchmarkCommand::Default(args) => choice::run(args, printer),
        BenchmarkCommand::Scores(args) => scores::run(args, printer),
    }
}

/// A figure that may not exist.
fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "-".into(), |value| format!("{value:.3}"))
}
