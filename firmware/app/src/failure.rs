//! Panics and faults leave as messages, with the place where they happened.

use core::{arch::global_asm, panic::PanicInfo};

use tinynas_wire::{ErrorCode, Event, HardFault, Port, Text, serve::emit};

use crate::{
    board::{Exit, Wire, exit},
    memory,
};

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let (file, line) = info.location().map_or(("", 0), |place| (place.file(), place.line()));
    let message = Text::<96>::of(info.message());
    let file = file.get(file.len().saturating_sub(80)..).unwrap_or("");
    leave(&Event::Error { code: ErrorCode::Panic, message: message.as_str(), file, line })
}

// The stack may be full: the handler gives the frame's address away and starts at the top of the stack again. It never
// returns, so what was there is not needed; the frame is read first. `MemoryManagement` is the fence below the stack
// (see `guard`); all other faults become HardFaults.
global_asm!(
    ".section .HardFault.user, \"ax\"",
    ".global HardFault",
    ".global MemoryManagement",
    ".type HardFault,%function",
    ".type MemoryManagement,%function",
    ".thumb_func",
    "HardFault:",
    ".thumb_func",
    "MemoryManagement:",
    "mrs r0, msp",
    "ldr r1, ={top}",
    "msr msp, r1",
    "bl {fault}",
    "udf #1",
    ".pool",
    top = sym memory::_stack_start,
    fault = sym fault,
);

/// A fault whose frame is at `frame`, or would be if the stack had room for it.
unsafe extern "C" fn fault(frame: u32) -> ! {
    let status = Status::read();
    if status.is_stack_overflow(frame) {
        let reserve = memory::sections().stack_reserve;
        let message = Text::<96>::of(format_args!("it went past its reserve of {reserve} B"));
        let code = ErrorCode::StackOverflow;
        leave(&Event::Error { code, message: message.as_str(), file: "", line: 0 })
    }
    // Words 5 and 6 of the frame (ARMv7-M ARM, B1.5.6). This function's own stack is deep below them, or the frame
    // was on a stack so empty that they are gone: then they are only numbers.
    // SAFETY: the address is inside the stack, `is_stack_overflow` has seen to that.
    let [lr, pc] = unsafe { [5, 6].map(|word| (frame as *const u32).add(word).read_volatile()) };
    let Status { cfsr, hfsr, address } = status;
    leave(&Event::HardFault(HardFault { pc, lr, cfsr, hfsr, address }))
}

/// The fault status registers; all zero on ARMv6-M, which has none.
struct Status {
    cfsr: u32,
    hfsr: u32,
    /// The faulting address, 0 if the core knows none.
    address: u32,
}

#[cfg(architecture = "armv6m")]
impl Status {
    fn read() -> Self {
        Self { cfsr: 0, hfsr: 0, address: 0 }
    }

    fn cannot_stack(&self) -> bool {
        false
    }
}

#[cfg(not(architecture = "armv6m"))]
impl Status {
    /// Configurable Fault Status Register and its neighbours (ARMv7-M ARM, B3.2.2).
    fn read() -> Self {
        use crate::register::Register;
        const CFSR: Register = Register::at(0xe000_ed28);
        const HFSR: Register = Register::at(0xe000_ed2c);
        const MMFAR: Register = Register::at(0xe000_ed34);
        const BFAR: Register = Register::at(0xe000_ed38);
        /// CFSR bits that say whether MMFAR and BFAR hold the faulting address.
        const MMARVALID: u32 = 1 << 7;
        const BFARVALID: u32 = 1 << 15;

        let cfsr = CFSR.read();
        let address = match cfsr {
            _ if cfsr & BFARVALID != 0 => BFAR.read(),
            _ if cfsr & MMARVALID != 0 => MMFAR.read(),
            _ => 0,
        };
        Self { cfsr, hfsr: HFSR.read(), address }
    }

    /// A fault while a frame was stacked (MSTKERR, MLSPERR, STKERR), or a stack limit (ARMv8-M: STKOF).
    fn cannot_stack(&self) -> bool {
        const STACKING: u32 = 1 << 4 | 1 << 5 | 1 << 12;
        const STKOF: u32 = 1 << 20;
        self.cfsr & (STACKING | STKOF) != 0
    }
}

impl Status {
    /// Whether the stack is at fault: the core says so, or the address or the frame is outside its reserve.
    fn is_stack_overflow(&self, frame: u32) -> bool {
        let (end, top) = (memory::stack_end(), memory::stack_top());
        let in_fence = (end..end + memory::GUARD).contains(&(self.address as usize));
        let frame_outside = !(end + memory::GUARD..=top - 32).contains(&(frame as usize));
        self.cannot_stack() || in_fence || frame_outside
    }
}

fn leave(event: &Event<'_>) -> ! {
    let mut wire = Wire::open();
    wire.write(&[0]); // Closes whatever frame the failure cut off.
    emit(&mut wire, event);
    exit(Exit::Failed)
}
