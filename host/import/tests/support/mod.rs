//! Runs lowered steps with the definition kernels, tensor by tensor, and reads the files of the comparison.
#![allow(dead_code)]

pub mod archive;
pub mod builder;
pub mod execute;
pub mod naive;

use std::{env, fs, path::PathBuf};

/// A file of the shared data sets; `None`, with a message, if they are not beside the repository.
pub fn shared(path: &str) -> Option<Vec<u8>> {
    let root = env::var_os("TINYNAS_SHARED").map(PathBuf::from);
    let root = root.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let path = root.join("datasets").join(path);
    let bytes = fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("skipped: the comparison with TensorFlow Lite Micro needs {}", path.display());
    }
    bytes
}
