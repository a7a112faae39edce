//! Whole inner loops in assembly for cores with the DSP extension, and the Rust that gives them what they may touch.
//!
//! Every routine gets pointers into slices whose lengths were checked before; the values that it reads decide nothing
//! about where it reads or writes.
#![allow(unsafe_code)] // Assembly; each call says why it is in bounds.

pub(crate) mod add;
pub(crate) mod conv;
pub(crate) mod depthwise;
pub(crate) mod global_pool;
pub(crate) mod matrix;

use core::arch::global_asm;

// A target of ARMv8-M does not promise the extension to its assembler.
#[cfg(armv8m)]
global_asm!(".cpu cortex-m33");

global_asm!(include_str!("add.s"), options(raw));
global_asm!(include_str!("conv.s"), options(raw));
global_asm!(include_str!("depthwise.s"), options(raw));
global_asm!(include_str!("global_pool.s"), options(raw));
global_asm!(include_str!("matrix.s"), options(raw));

/// Cuts off what is outside the activation's bounds, where they are narrower than int8.
fn clamp(output: &mut [i8], out: crate::Output) {
    if out.min > i8::MIN || out.max < i8::MAX {
        output.iter_mut().for_each(|value| *value = (*value).min(out.max).max(out.min));
    }
}
