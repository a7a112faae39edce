//! The `tinynas` program once more, so that the tests of this package always run what was just compiled.

use std::process::ExitCode;

fn main() -> ExitCode {
    tinynas::start(std::env::args_os())
}
