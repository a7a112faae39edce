//! Writes a page with every section, so that it can be looked at: `sample FILE.html`.

mod data;

use std::{env, fs, io, process::ExitCode};

fn main() -> io::Result<ExitCode> {
    let Some(path) = env::args_os().nth(1) else {
        eprintln!("usage: cargo run --release -p tinynas-report --example sample FILE.html");
        return Ok(ExitCode::from(2));
    };
    fs::write(path, tinynas_report::html(&data::full()))?;
    Ok(ExitCode::SUCCESS)
}
