//! Data sets read and refused; trainings repeated, interrupted and resumed.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod cifar;
mod folder;
mod idx;
mod mosaic;
mod resume;
mod shared;
mod shipped;
mod small;
mod training;
