//! Draws the shipped part of Fashion-MNIST from the whole.
//!
//! `cargo run --release -p tinynas-train --example subset -- SOURCE_DIR OUT_DIR`
//!
//! SOURCE_DIR holds the four IDX files, for example `/usr/share/datasets/fashion-mnist` of Debian's package
//! `dataset-fashion-mnist`.

use std::{env, error::Error, fs, path::Path};

use tinynas_train::{Dataset, Subset};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [source, out] = arguments.as_slice() else {
        return Err("usage: subset SOURCE_DIR OUT_DIR".into());
    };
    let files = Subset::SHIPPED.files(&Dataset::open(Path::new(source))?)?;
    fs::create_dir_all(out)?;
    for (name, bytes) in files {
        fs::write(Path::new(out).join(name), bytes)?;
    }
    Ok(())
}
