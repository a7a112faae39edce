//! The tinynas command line: parse, run, print, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    tinynas::start(std::env::args_os())
}
