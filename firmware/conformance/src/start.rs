//! Vector table and reset: no run-time library, so that every executed instruction is in this crate.

use core::arch::naked_asm;

use crate::exception::{self, enter};

unsafe extern "C" {
    static stack_start: u32;
    fn main() -> !;
}

/// One entry of the vector table.
#[derive(Clone, Copy)]
union Vector {
    handler: unsafe extern "C" fn(),
    stack: *const u32,
}

// SAFETY: the table is read by the core only.
unsafe impl Sync for Vector {}

/// Initial stack, reset, and one way into all handlers.
#[used]
#[unsafe(link_section = ".vectors")]
static VECTORS: [Vector; exception::VECTORS] = {
    let mut vectors = [Vector { handler: enter }; exception::VECTORS];
    vectors[0] = Vector { stack: &raw const stack_start };
    vectors[1] = Vector { handler: start };
    vectors
};

/// Enables the FPU where there is one. RAM is zero at the start of an emulated machine.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn start() {
    #[cfg(fpu)]
    naked_asm!(
        "ldr r0, 1f", // CPACR (ARMv7-M ARM, B3.2.20): full access to CP10 and CP11.
        "movs r1, #0xf",
        "lsls r1, r1, #20",
        "str r1, [r0]",
        "dsb",
        "isb",
        "bl {main}",
        ".align 2",
        "1: .word 0xe000ed88",
        main = sym main
    );
    #[cfg(not(fpu))]
    naked_asm!("bl {main}", "udf #0", main = sym main)
}
