//! The page as a whole: its sections, hostile texts, and a browser's opinion.
#![allow(clippy::unwrap_used)]

#[path = "../../examples/sample/data.rs"]
mod sample;

mod browser;
mod hostile;
mod sections;
