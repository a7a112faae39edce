//! Prints the JSON Schema of spaces: `cargo run --release -p tinynas-space --example schema > spaces/space.schema.json`.

use std::io::{self, Write};

fn main() -> io::Result<()> {
    io::stdout().write_all(tinynas_space::schema().as_bytes())
}
