//! Finds, trains, compiles and runs the best network for a microcontroller.
//!
//! The library behind the `tinynas` program: command line, pipeline, run directory and report.
//! What computes anything is in the other crates of the workspace; this one decides what is run
//! when, and tells it to people and to programs.

pub mod args;
pub mod commands;
pub mod data;
pub mod device;
pub mod experiment;
pub mod failure;
pub mod interrupt;
pub mod memory;
pub mod output;
pub mod pipeline;
pub mod run_dir;
pub mod schema;

use std::{ffi::OsString, process::ExitCode};

use clap::Parser;

use crate::{
    args::{Cli, asked_format},
    failure::usage,
    output::{Color, Format, Printer, Verdict},
};

/// Exit status of the honest no.
const EXIT_NO: u8 = 1;

/// Runs the command line and gives the exit status: 0 yes or done, 1 the honest no, 2 misuse or error,
/// 130 interrupted.
#[must_use]
pub fn start(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return misuse(&error, &arguments),
    };
    let global = cli.global;
    let printer = Printer::new(global.format, global.quiet, global.color);
    let answered = commands::execute(cli, &printer).and_then(|answer| printer.answer(&answer).map(|()| answer.verdict));
    match answered {
        Ok(Verdict::Yes) => ExitCode::SUCCESS,
        Ok(Verdict::No) => ExitCode::from(EXIT_NO),
        Err(failure) => {
            printer.failure(&failure);
            ExitCode::from(failure.exit())
        }
    }
}

/// Help and version are answers; anything else that clap says is a misuse.
fn misuse(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let failure = match usage::report(error) {
        Ok(text) => {
            Printer::new(Format::Human, false, Color::Auto).text(&text);
            return ExitCode::SUCCESS;
        }
        Err(failure) => failure,
    };
    Printer::new(asked_format(arguments), false, Color::Auto).failure(&failure);
    ExitCode::from(failure.exit())
}
