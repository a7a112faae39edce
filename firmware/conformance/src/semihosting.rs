//! Output and exit through the debugger or emulator (Arm semihosting 3.0).

use core::{
    arch::asm,
    fmt::{self, Write},
    panic::PanicInfo,
};

const SYS_WRITE0: u32 = 0x04;
const SYS_EXIT: u32 = 0x18;
const SYS_EXIT_EXTENDED: u32 = 0x20;
/// `ADP_Stopped_ApplicationExit`.
const APPLICATION_EXIT: u32 = 0x20026;
/// `ADP_Stopped_RunTimeErrorUnknown`.
const RUN_TIME_ERROR: u32 = 0x20023;

/// The longest line, with its end.
const LINE: usize = 256;

/// Prints one line.
pub fn line(text: fmt::Arguments<'_>) {
    let mut buffer = Buffer { bytes: [0; LINE], length: 0 };
    if buffer.write_fmt(text).is_err() {
        exit(3);
    }
    buffer.bytes[buffer.length] = b'\n';
    call(SYS_WRITE0, buffer.bytes.as_ptr().addr() as u32);
}

/// Ends the program with a code. ARMv6-M emulators know no code other than zero and one.
pub fn exit(code: u32) -> ! {
    let block = [APPLICATION_EXIT, code];
    loop {
        call(SYS_EXIT_EXTENDED, (&raw const block).addr() as u32);
        call(SYS_EXIT, RUN_TIME_ERROR);
    }
}

fn call(operation: u32, argument: u32) {
    // SAFETY: the host reads memory that the argument points to. Its answer in r0 is undefined, and no later line may
    // depend on it.
    unsafe { asm!("bkpt 0xab", "movs r0, #0", inout("r0") operation => _, in("r1") argument, options(nostack)) }
}

struct Buffer {
    bytes: [u8; LINE],
    length: usize,
}

impl Write for Buffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // The last two bytes are the end of the line and the zero.
        let rest = &mut self.bytes[self.length..LINE - 2];
        rest.get_mut(..text.len()).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length += text.len();
        Ok(())
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    line(format_args!("panic at line {}", info.location().map_or(0, |place| place.line())));
    exit(2)
}
