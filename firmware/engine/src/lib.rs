//! Runs a compiled model in a given arena.
#![no_std]
