//! Text and the way out through a debugger or an emulator (Arm semihosting 3.0, section 6).
//!
//! Without a debugger the breakpoint is a fault: a firmware that is to run alone has its own way to speak.

use core::{
    arch::asm,
    fmt::{self, Write},
};

const SYS_WRITEC: u32 = 0x03;
const SYS_EXIT_EXTENDED: u32 = 0x20;
/// `ADP_Stopped_ApplicationExit`.
const APPLICATION_EXIT: u32 = 0x20026;

/// Prints a line.
pub fn print(text: fmt::Arguments<'_>) {
    // The console takes everything.
    let _ = Console.write_fmt(text);
    let _ = Console.write_char('\n');
}

/// Ends the program with a code.
pub fn exit(code: u32) -> ! {
    let block = [APPLICATION_EXIT, code];
    loop {
        call(SYS_EXIT_EXTENDED, (&raw const block).addr());
    }
}

struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            call(SYS_WRITEC, (&raw const byte).addr());
        }
        Ok(())
    }
}

fn call(operation: u32, argument: usize) {
    // SAFETY: the host only reads the memory that the argument points to; its answer in r0 is not used.
    unsafe { asm!("bkpt 0xab", inout("r0") operation => _, in("r1") argument, options(nostack)) }
}
