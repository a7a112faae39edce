//! Fingerprint of the firmware's sources, so that an image that was built from others is noticed; and the images that
//! are to be part of the program.
//!
//! Host and chip compute the same because they share this code; an image from before an edit would
//! differ in its outputs and nobody would know why.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

/// Environment variable that names a folder of images, `<board>/image.elf` with its manifest: `cargo xtask dist`.
const IMAGES: &str = "TINYNAS_EMBED_IMAGES";

/// What an image is made from, in each crate.
const PARTS: [&str; 7] = ["src", "Cargo.toml", "Cargo.lock", "build.rs", "memory.x.in", "rp2040.x.in", "rp235x.x.in"];

const CRATES: [&str; 5] = ["app", "engine", "kernels", "plan", "wire"];

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for name in CRATES {
        let package = Path::new("../../firmware").join(name);
        // Outside a checkout there is nothing to compare with.
        if !package.is_dir() {
            continue;
        }
        for path in PARTS.map(|part| package.join(part)) {
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
    embed()
}

/// Writes the table of `src/find/embedded.rs`: name, ELF and manifest of every image in the folder, none without one.
fn embed() -> io::Result<()> {
    println!("cargo:rerun-if-env-changed={IMAGES}");
    let mut table = String::new();
    if let Some(folder) = env::var_os(IMAGES).map(PathBuf::from) {
        let mut images: Vec<_> = fs::read_dir(&folder)?.collect::<io::Result<_>>()?;
        images.sort_by_key(fs::DirEntry::file_name);
        for image in images {
            let [elf, manifest] = ["image.elf", "manifest.json"].map(|file| image.path().join(file));
            println!("cargo:rerun-if-changed={}", elf.display());
            println!("cargo:rerun-if-changed={}", manifest.display());
            let board = image.file_name();
            table += &format!(
                "Embedded {{ board: {:?}, elf: include_bytes!({elf:?}), manifest: include_str!({manifest:?}) }},\n",
                board.to_string_lossy()
            );
        }
    }
    let out = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    fs::write(out.join("embedded.rs"), format!("&[{table}]"))
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
