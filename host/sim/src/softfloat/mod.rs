//! Single-precision arithmetic of the floating point unit (FPv4, FPv5), over bit patterns.
//!
//! Every operation unpacks its operands into integers, works on those exactly (or with a sticky lowest bit), and rounds
//! once, in [`round`]. Rules and names of flags: ARMv7-M ARM (DDI 0403), A2.5, "Floating-point data types and
//! arithmetic"; FPv5's additions: the same manual, issue E, and ARMv8-M ARM (DDI 0553).

mod arithmetic;
mod compare;
mod context;
mod fast;
mod half;
mod integer;
mod number;
mod round;
#[cfg(test)]
mod tests;

pub use self::{
    arithmetic::{add, div, fused, mul, sqrt, sub},
    compare::{compare, max_number, min_number},
    context::Context,
    half::{from_half, to_half},
    integer::{from_fixed, from_int, round_to_integral, to_fixed, to_int, to_int_directed},
};
