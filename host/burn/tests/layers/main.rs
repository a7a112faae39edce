//! Every kind of layer, in the module and in the pass on slices.
#![allow(clippy::unwrap_used)]

mod cells;
mod networks;
mod pass;
