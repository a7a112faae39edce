//! Registers of the system control space and special registers of the core (ARMv7-M ARM, B3.2 and B1.4).

use core::{arch::asm, ptr};

use crate::exception::active;

/// Interrupt control and state.
pub const ICSR: u32 = 0xe000_ed04;
/// Where the vector table lies.
pub const VTOR: u32 = 0xe000_ed08;
/// Configuration and control.
pub const CCR: u32 = 0xe000_ed14;
/// Priorities of the system's exceptions 8 to 11 and 12 to 15.
pub const SHPR2: u32 = 0xe000_ed1c;
/// See [`SHPR2`].
pub const SHPR3: u32 = 0xe000_ed20;
/// State of the system's handlers.
pub const SHCSR: u32 = 0xe000_ed24;
/// Configurable fault status.
pub const CFSR: u32 = 0xe000_ed28;
/// Hard fault status.
pub const HFSR: u32 = 0xe000_ed2c;
/// Address of a memory management fault.
pub const MMFAR: u32 = 0xe000_ed34;
/// Address of a bus fault.
pub const BFAR: u32 = 0xe000_ed38;
/// Access to coprocessors.
pub const CPACR: u32 = 0xe000_ed88;
/// Floating-point context.
pub const FPCCR: u32 = 0xe000_ef34;
/// Where the floating-point registers will be stacked.
pub const FPCAR: u32 = 0xe000_ef38;
/// System timer: control, reload, value.
pub const SYST: [u32; 3] = [0xe000_e010, 0xe000_e014, 0xe000_e018];
/// Interrupts 0 to 31: enable, disable, pend, unpend.
pub const NVIC: [u32; 4] = [0xe000_e100, 0xe000_e180, 0xe000_e200, 0xe000_e280];
/// Priorities of interrupts 0 to 3.
pub const IPR0: u32 = 0xe000_e400;

/// Pends, of ICSR.
pub const PENDSV_SET: u32 = 1 << 28;
/// See [`PENDSV_SET`].
pub const PENDSV_CLEAR: u32 = 1 << 27;
/// See [`PENDSV_SET`].
pub const SYSTICK_SET: u32 = 1 << 26;

/// Reads a register.
pub fn read(address: u32) -> u32 {
    // SAFETY: registers of the core; what is read has no effect that the programs do not want.
    unsafe { ptr::with_exposed_provenance::<u32>(address as usize).read_volatile() }
}

/// ICSR without RETTOBASE where that says nothing: in a thread, and on ARMv6-M.
pub fn icsr() -> u32 {
    const RETTOBASE: u32 = 1 << 11;
    let known = cfg!(thumb2) && active() != 0;
    read(ICSR) & if known { u32::MAX } else { !RETTOBASE }
}

/// Writes a register and waits until it has its effect.
pub fn write(address: u32, value: u32) {
    // SAFETY: as in `read`.
    unsafe {
        ptr::with_exposed_provenance_mut::<u32>(address as usize).write_volatile(value);
        asm!("dsb", "isb", options(nostack, preserves_flags));
    }
}

/// Reads a special register.
#[macro_export]
macro_rules! special {
    ($name:literal) => {{
        let value: u32;
        // SAFETY: reading has no effect.
        unsafe { core::arch::asm!(concat!("mrs {}, ", $name), out(reg) value, options(nostack, preserves_flags)) };
        value
    }};
    ($name:literal = $value:expr) => {{
        let value: u32 = $value;
        // SAFETY: the programs change masks, limits and modes only.
        unsafe { core::arch::asm!(concat!("msr ", $name, ", {}"), "isb", in(reg) value, options(nostack, preserves_flags)) };
    }};
}

/// Executes instructions that need no operands.
#[macro_export]
macro_rules! execute {
    ($($text:expr),*) => {{
        // SAFETY: what is executed leaves the compiler's registers alone, but for those of a call.
        unsafe { core::arch::asm!($($text),*, out("r0") _, out("r1") _, out("r2") _, out("r3") _, out("r12") _, out("lr") _) };
    }};
}
