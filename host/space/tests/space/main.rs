//! Spaces as their users see them.
#![allow(clippy::unwrap_used)]

mod bad_input;
mod breeding;
mod published;
mod shipped;
