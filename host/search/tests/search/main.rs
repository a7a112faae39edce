//! A search keeps to its limits, finds what is there, and does not depend on threads or restarts.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod baseline;
mod cases;
mod complete;
mod family;
mod gate;
mod limits;
mod prefilter;
mod restart;
