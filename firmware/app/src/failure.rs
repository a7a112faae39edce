//! Panics and HardFaults leave as messages, with the place where they happened.

use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, exception};
use tinynas_wire::{ErrorCode, Event, HardFault, Port, Text, serve::emit};

use crate::board::{Exit, Wire, exit};

/// Configurable Fault Status Register and its neighbours (ARMv7-M ARM, B3.2.2).
const CFSR: *const u32 = 0xe000_ed28 as *const u32;
const HFSR: *const u32 = 0xe000_ed2c as *const u32;
const MMFAR: *const u32 = 0xe000_ed34 as *const u32;
const BFAR: *const u32 = 0xe000_ed38 as *const u32;

/// CFSR bits that say whether MMFAR and BFAR hold the faulting address.
const MMARVALID: u32 = 1 << 7;
const BFARVALID: u32 = 1 << 15;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let (file, line) = info.location().map_or(("", 0), |place| (place.file(), place.line()));
    let message = Text::<96>::of(info.message());
    let file = file.get(file.len().saturating_sub(80)..).unwrap_or("");
    leave(&Event::Error { code: ErrorCode::Panic, message: message.as_str(), file, line })
}

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    // SAFETY: the fault status registers exist on every ARMv7-M core and reading them has no effect.
    let [cfsr, hfsr, mmfar, bfar] = unsafe { [CFSR, HFSR, MMFAR, BFAR].map(|register| register.read_volatile()) };
    let address = match cfsr {
        _ if cfsr & BFARVALID != 0 => bfar,
        _ if cfsr & MMARVALID != 0 => mmfar,
        _ => 0,
    };
    leave(&Event::HardFault(HardFault { pc: frame.pc(), lr: frame.lr(), cfsr, hfsr, address }))
}

fn leave(event: &Event<'_>) -> ! {
    let mut wire = Wire::open();
    wire.write(&[0]); // Closes whatever frame the failure cut off.
    emit(&mut wire, event);
    exit(Exit::Failed)
}
