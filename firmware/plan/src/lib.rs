//! Memory planner and the compiled model's format.
#![no_std]
