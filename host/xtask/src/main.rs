//! `cargo xtask`: set-up, firmware builds, demo and tests, each from a clean clone.

mod bench_kernels;
mod bench_scores;
mod conformance;
mod dist;
mod doctests;
mod examples;
mod firmware;
mod licences;
mod packages;
mod schemas;
mod setup;
mod shell;
mod skipped;
mod stable;
mod test;
mod toolchain;

use std::{env, process::ExitCode};

use shell::{Failure, Workspace, say};

const USAGE: &str = "\
cargo xtask setup                       install what is missing, build the firmware
cargo xtask firmware [--board B|--all]  build the images the tests need, of one board or of all
cargo xtask examples                    the examples of the engine in a firmware of your own, in Rust and in C
cargo xtask dist                        the command line with the images of all boards inside, to target/dist
cargo xtask demo [ARGUMENTS]            setup, then `tinynas demo ARGUMENTS`
cargo xtask test                        setup, then every test and check
cargo xtask bench-kernels [--format F]  kernels' instructions on a Cortex-M4 beside peers'; F: text, json
cargo xtask bench-scores [--format F]   seconds of the scores per network beside PyTorch's, where it is installed
cargo xtask schemas                     write the checked-in JSON Schemas again";

fn main() -> ExitCode {
    if let Some(code) = stable::compile() {
        return code;
    }
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(what)) => {
            say(&format!("{what}\n\n{USAGE}"));
            ExitCode::from(2)
        }
        Err(failure) => {
            say(&format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    let workspace = Workspace::find()?;
    let (command, rest) = arguments.split_first().ok_or_else(|| Failure::Usage("which command?".to_owned()))?;
    match (command.as_str(), rest) {
        ("setup", []) => setup::everything(&workspace),
        ("firmware", rest) => firmware::build(&workspace, &firmware::ports(rest)?),
        ("examples", []) => examples::programs(&workspace),
        ("dist", []) => dist::build(&workspace),
        ("demo", rest) => setup::demo(&workspace, rest),
        ("test", []) => test::everything(&workspace),
        ("bench-kernels", rest) => bench_kernels::run(&workspace, rest),
        ("bench-scores", rest) => bench_scores::run(&workspace, rest),
        ("schemas", []) => schemas::write(&workspace),
        ("help" | "--help" | "-h", _) => {
            say(USAGE);
            Ok(())
        }
        (other, _) => Err(Failure::Usage(format!("`{other}` with these arguments is unknown"))),
    }
}
