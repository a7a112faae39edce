//! Exceptions of every kind: what is stacked, in which order handlers run, what the status registers say.
#![no_std]
#![no_main]

#[cfg(thumb2)]
mod faults;
#[cfg(fpu)]
mod float;
mod order;
mod simple;

use conformance::{
    exception::{Entry, active},
    semihosting::{exit, line},
};

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    simple::all();
    order::all();
    #[cfg(thumb2)]
    faults::all();
    #[cfg(fpu)]
    float::all();
    exit(0)
}

/// A handler that prints how it was entered and what was stacked.
fn show(entry: &Entry) {
    let frame = entry.frame();
    line(format_args!(
        "  exception {} kind {:08x} sp {:08x} r0-3 {:x} {:x} {:x} {:x} r12 {:x} lr {:08x} pc {:08x} xpsr {:08x}",
        active(),
        entry.kind(),
        entry.stack(),
        frame.registers[0],
        frame.registers[1],
        frame.registers[2],
        frame.registers[3],
        frame.r12,
        frame.lr,
        frame.pc,
        // Bit 20 of ARMv8-M tells of the security states.
        if cfg!(v8m) { frame.xpsr & !(1 << 20) } else { frame.xpsr }
    ));
}

/// A handler that prints its number only.
fn name(entry: &Entry) {
    line(format_args!("  exception {} kind {:08x}", active(), entry.kind()));
}
