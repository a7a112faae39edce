//! Writes the model and the image that the examples of the firmware include.
//!
//! ```console
//! $ cargo run --release -p tinynas-engine --example stripes
//! ```

mod network;

use std::{fs, io, path::Path};

use tinynas_plan::Feed;

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/stripes");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("stripes.tnm"), network::model(Feed::Whole))?;
    fs::write(folder.join("stripes-rows.tnm"), network::model(Feed::Rows))?;
    fs::write(folder.join("rising.grey"), network::image(2, 4, 1, 90))
}
