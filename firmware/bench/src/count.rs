//! Executed instructions and modelled cycles of one call.

use core::{
    ptr::with_exposed_provenance,
    sync::atomic::{Ordering, compiler_fence},
};

/// The simulator's counter of instructions, low word.
const INSTRUCTIONS: usize = 0xf000_0000;
/// DEMCR and its TRCENA; DWT_CTRL and its CYCCNTENA; DWT_CYCCNT (ARMv7-M ARM, C1.6.5, C1.8.7, C1.8.8).
const DEMCR: usize = 0xe000_edfc;
const DWT_CTRL: usize = 0xe000_1000;
const CYCLES: usize = 0xe000_1004;

fn read(address: usize) -> u32 {
    // SAFETY: registers of the simulated core.
    unsafe { with_exposed_provenance::<u32>(address).read_volatile() }
}

fn write(address: usize, value: u32) {
    // SAFETY: as above.
    unsafe { with_exposed_provenance::<u32>(address).cast_mut().write_volatile(value) }
}

/// Instructions and cycles from the call to the return, what reading the counters costs taken off.
pub fn count<R>(call: impl FnOnce() -> R) -> (R, u32, u32) {
    write(DEMCR, 1 << 24);
    write(DWT_CTRL, read(DWT_CTRL) | 1);
    let (_, instructions, cycles) = measure(|| ());
    let (result, all, all_cycles) = measure(call);
    (result, all - instructions, all_cycles - cycles)
}

#[inline(always)]
fn measure<R>(call: impl FnOnce() -> R) -> (R, u32, u32) {
    let before = (read(INSTRUCTIONS), read(CYCLES));
    compiler_fence(Ordering::SeqCst);
    let result = call();
    compiler_fence(Ordering::SeqCst);
    let after = (read(INSTRUCTIONS), read(CYCLES));
    (result, after.0.wrapping_sub(before.0), after.1.wrapping_sub(before.1))
}
