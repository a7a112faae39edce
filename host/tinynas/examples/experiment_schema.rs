//! Prints the JSON Schema of experiments: `cargo run --release -p tinynas --example experiment_schema > host/tinynas/experiment.schema.json`.

use std::io::{self, Write};

fn main() -> io::Result<()> {
    io::stdout().write_all(tinynas::schema::experiment().as_bytes())
}
