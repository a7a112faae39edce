//! Files that are not part of the repository.

use std::path::PathBuf;

/// A file of the shared folder; `None`, said by name, where it is not there.
pub fn shared(path: &str, what: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let file = std::env::var_os("TINYNAS_SHARED").map_or(beside, PathBuf::from).join(path);
    if !file.exists() {
        eprintln!("skipped: {what} needs ../shared/{path}");
        return None;
    }
    Some(file)
}
