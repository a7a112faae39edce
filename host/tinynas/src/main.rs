//! The tinynas command line.
fn main() {}
