//! Fingerprint of the firmware's sources, so that an image that was built from others is noticed.
//!
//! Host and chip compute the same because they share this code; an image from before an edit would
//! differ in its outputs and nobody would know why.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

const CRATES: [&str; 5] = ["app", "engine", "kernels", "plan", "wire"];

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for name in CRATES {
        let package = Path::new("../../firmware").join(name);
        // Outside a checkout there is nothing to compare with.
        if !package.is_dir() {
            continue;
        }
        for path in ["src", "Cargo.toml", "Cargo.lock", "build.rs", "memory.x.in"].map(|part| package.join(part)) {
            if path.exists() {
                println!("cargo:rerun-if-changed={}", path.display());
                collect(&path, &mut files)?;
            }
        }
    }
    files.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in &files {
        for byte in file.display().to_string().bytes().chain(fs::read(file)?) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    println!("cargo:rustc-env=TINYNAS_SOURCES={hash:016x}");
    println!("cargo:rerun-if-changed=build.rs");
    Ok(())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}
