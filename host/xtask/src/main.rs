//! Set-up, firmware builds, demo and tests.
fn main() {}
