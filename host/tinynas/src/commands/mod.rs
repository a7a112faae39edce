//! One file per command: from arguments to an [`Answer`].

mod bench;
mod benchmark;
mod boards;
mod completions;
mod cost;
mod doctor;
mod eval;
mod fit;
mod flash;
mod model;
mod network;
mod probes;
mod quantize;
mod report;
mod run;
mod score;
mod search;
mod select;
mod spaces;
mod train;
mod virtual_board;

use crate::{
    args::{Cli, Command},
    failure::Failure,
    output::{Answer, Printer},
};

/// Runs the command.
///
/// # Errors
/// What the user is told.
pub fn execute(cli: Cli, printer: &Printer) -> Result<Answer, Failure> {
    match cli.command {
        Command::Demo(args) => run::demo(&args, printer),
        Command::Run(args) => run::experiment(&args, printer),
        Command::Resume(args) => run::resume(&args, printer),
        Command::Select(args) => select::run(&args, printer),
        Command::Search(args) => search::run(&args, printer),
        Command::Score(args) => score::run(&args),
        Command::Train(args) => train::run(&args, printer),
        Command::Quantize(args) => quantize::run(&args, printer),
        Command::Cost(args) => cost::run(&args),
        Command::Fit(args) => fit::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Bench(args) => bench::run(&args, printer),
        Command::Benchmark(command) => benchmark::run(&command, printer),
        Command::Flash(args) => flash::run(&args, printer),
        Command::Probes => probes::run(),
        Command::VirtualBoard(args) => virtual_board::run(&args, printer),
        Command::Boards(args) => boards::run(&args),
        Command::Spaces(args) => spaces::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Doctor => doctor::run(),
        Command::Completions(args) => completions::run(&args),
    }
}
