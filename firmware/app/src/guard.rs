//! A fence below the stack: a stack that grows past its reserve faults instead of writing into the arena.
//!
//! ARMv8-M has a register for it (ARMv8-M ARM, B3.10 "Stack limit registers"). The older cores have a memory
//! protection unit (ARMv7-M ARM, B3.5; ARMv6-M ARM, B3.5): the lowest bytes of the reserve become a region without
//! access. They are part of the reserve, so no byte of the arena is lost.

use crate::memory::GUARD;
#[cfg(not(architecture = "armv8m"))]
use crate::register::{Register, barrier};

/// Puts the fence up; on a core without a protection unit the paint at the end of the reserve is all there is.
#[cfg(not(architecture = "armv8m"))]
pub fn start() {
    const MPU_TYPE: Register = Register::at(0xe000_ed90);
    const MPU_CTRL: Register = Register::at(0xe000_ed94);
    const MPU_RNR: Register = Register::at(0xe000_ed98);
    const MPU_RBAR: Register = Register::at(0xe000_ed9c);
    const MPU_RASR: Register = Register::at(0xe000_eda0);
    const REGIONS: u32 = 0xff << 8;
    const ENABLE: u32 = 1;
    /// The rest of memory keeps the architecture's default map.
    const PRIVDEFENA: u32 = 1 << 2;
    const NEVER_EXECUTE: u32 = 1 << 28;
    /// A region has 2^(SIZE + 1) bytes; access bits of zero: none.
    const SIZE: u32 = GUARD.ilog2() - 1;

    if MPU_TYPE.read() & REGIONS == 0 {
        return;
    }
    MPU_RNR.write(0);
    MPU_RBAR.write(crate::memory::stack_end() as u32);
    MPU_RASR.write(NEVER_EXECUTE | SIZE << 1 | ENABLE);
    MPU_CTRL.write(PRIVDEFENA | ENABLE);
    #[cfg(architecture = "armv7em")]
    {
        // System Handler Control and State (B3.2.13): as an exception of its own the fault can be stacked, too, where
        // its frame meets the fence; as part of a HardFault it would lock the core up.
        const SHCSR: Register = Register::at(0xe000_ed24);
        const MEMFAULTENA: u32 = 1 << 16;
        SHCSR.set(MEMFAULTENA);
    }
    barrier();
}

/// Sets the limit of the main stack.
#[cfg(architecture = "armv8m")]
pub fn start() {
    let limit = crate::memory::stack_end() + GUARD;
    // SAFETY: the stack pointer is above the limit: `main` has just begun.
    unsafe { core::arch::asm!("msr msplim, {}", in(reg) limit, options(nomem, nostack, preserves_flags)) };
}
