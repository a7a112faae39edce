//! Costs, boards and selection against published figures and independent counts.

#![allow(clippy::unwrap_used)]

mod boards;
mod closed_form;
mod counter;
mod engines;
mod image;
mod published;
mod schemas;
mod selection;

use std::path::PathBuf;

/// The root of the checkout.
fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of the reference collection beside the checkout; `None`, with a line that says so, where there is none.
#[allow(clippy::print_stdout, reason = "a skipped test says so")]
fn reference(path: &str, what: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("TINYNAS_SHARED").map_or_else(|| workspace().join("../shared"), PathBuf::from);
    let file = folder.join(path);
    if file.exists() {
        return Some(file);
    }
    println!("skipped: {what} needs ../shared/{path}");
    None
}
