//! The folder of public data beside the repository, for those who have it.

use std::{env, path::PathBuf};

/// `../shared/PATH`, or nothing and a line that says what was skipped.
pub fn shared(path: &str, what: &str) -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    let found = env::var_os("TINYNAS_SHARED").map_or_else(beside, PathBuf::from).join(path);
    if found.exists() {
        return Some(found);
    }
    println!("skipped: {what} needs ../shared/{path}");
    None
}
