//! Vector table, reset and the way out.

use core::{
    arch::{asm, naked_asm},
    panic::PanicInfo,
};

use crate::main;

unsafe extern "C" {
    static stack_start: u32;
}

/// One entry of the vector table.
#[derive(Clone, Copy)]
union Vector {
    handler: unsafe extern "C" fn(),
    stack: *const u32,
}

// SAFETY: the table is read by the core only.
unsafe impl Sync for Vector {}

#[used]
#[unsafe(link_section = ".vectors")]
static VECTORS: [Vector; 16] = {
    let mut vectors = [Vector { handler: fault }; 16];
    vectors[0] = Vector { stack: &raw const stack_start };
    vectors[1] = Vector { handler: start };
    vectors
};

/// Enables the FPU. RAM is zero at the start of a simulated machine.
#[cfg(target_abi = "eabihf")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn start() {
    naked_asm!(
        "movw r0, #0xed88", // CPACR (ARMv7-M ARM, B3.2.20): full access to CP10 and CP11.
        "movt r0, #0xe000",
        "movs r1, #0xf",
        "lsls r1, r1, #20",
        "str r1, [r0]",
        "dsb",
        "isb",
        "bl {main}",
        "udf #0",
        main = sym main
    )
}

/// The same without an FPU.
#[cfg(not(target_abi = "eabihf"))]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn start() {
    naked_asm!("bl {main}", "udf #0", main = sym main)
}

unsafe extern "C" fn fault() {
    exit(4);
}

/// Ends the program with a code (Arm semihosting 3.0, SYS_EXIT_EXTENDED).
pub fn exit(code: u32) -> ! {
    const APPLICATION_EXIT: u32 = 0x20026;
    let block = [APPLICATION_EXIT, code];
    loop {
        // SAFETY: the host reads the block.
        unsafe { asm!("bkpt 0xab", inout("r0") 0x20 => _, in("r1") &raw const block, options(nostack)) }
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(2)
}
