//! The caches of a Cortex-M7.
//!
//! Arm DDI 0489 and ARMv7-M ARM, B2.2.7 and B3.2: invalidate, then enable. The rings that the probe reads and writes
//! must not be cached: the technical reference manual promises no coherence to debug accesses, so the first bytes of RAM,
//! where `.bss` lies, become a region of their own without cache (on chips whose RAM starts with tightly coupled memory
//! that changes nothing).

use crate::{
    memory,
    register::{Register, barrier},
};

const CCR: Register = Register::at(0xe000_ed14);
const CCSIDR: Register = Register::at(0xe000_ed80);
const CSSELR: Register = Register::at(0xe000_ed84);
const ICIALLU: Register = Register::at(0xe000_ef50);
const DCISW: Register = Register::at(0xe000_ef60);
const MPU_CTRL: Register = Register::at(0xe000_ed94);
const MPU_RNR: Register = Register::at(0xe000_ed98);
const MPU_RBAR: Register = Register::at(0xe000_ed9c);
const MPU_RASR: Register = Register::at(0xe000_eda0);

const DATA_CACHE: u32 = 1 << 16;
const INSTRUCTION_CACHE: u32 = 1 << 17;

/// The region without cache: a power of two; the linker script asserts that the statics fit. A little of the arena lies
/// in it, too.
const SHARED: u32 = 2048;
const NEVER_EXECUTE: u32 = 1 << 28;
const FULL_ACCESS: u32 = 0b011 << 24;
/// Normal memory that is not cached: TEX 1, C 0, B 0.
const NOT_CACHED: u32 = 0b001 << 19;
const SIZE: u32 = SHARED.ilog2() - 1;

/// Switches both caches on.
pub fn start() {
    MPU_RNR.write(1);
    MPU_RBAR.write(memory::statics_start() as u32);
    MPU_RASR.write(NEVER_EXECUTE | FULL_ACCESS | NOT_CACHED | SIZE << 1 | 1);
    MPU_CTRL.set(0b101);
    barrier();

    ICIALLU.write(0);
    CSSELR.write(0);
    barrier();
    let shape = CCSIDR.read();
    let (ways, sets) = (shape >> 3 & 0x3ff, shape >> 13 & 0x7fff);
    let way_shift = ways.leading_zeros();
    for set in 0..=sets {
        for way in 0..=ways {
            // Lines of 32 bytes.
            DCISW.write(way << (way_shift % 32) | set << 5);
        }
    }
    barrier();
    CCR.set(INSTRUCTION_CACHE | DATA_CACHE);
    barrier();
}
