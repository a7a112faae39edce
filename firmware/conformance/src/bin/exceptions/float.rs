//! The floating-point context: what is reserved on the stack, when it is written, what a handler starts with.

use core::arch::{asm, naked_asm};

use conformance::{
    control::{CFSR, CPACR, FPCAR, FPCCR, HFSR, read, write},
    exception::{Entry, SVC, USAGE_FAULT, on},
    execute,
    semihosting::line,
    special,
};

use crate::{name, simple::skip};

/// Automatic stacking, lazy stacking, thread, lazily stacked.
const STATE: u32 = 0xc000_0009;
/// FPCA, of CONTROL.
const CONTEXT: u32 = 4;

/// All of them.
pub fn all() {
    line(format_args!("fpccr {:08x}", read(FPCCR) & STATE));
    for settings in [0xc000_0000, 0x8000_0000, 0x4000_0000, 0] {
        write(FPCCR, read(FPCCR) & 0x3fff_ffff | settings);
        line(format_args!("fpccr {:08x}", read(FPCCR) & STATE));
        on(SVC, look);
        context(false);
        context(true);
        on(SVC, use_float);
        context(true);
        context(false);
    }
    write(FPCCR, read(FPCCR) & 0x3fff_ffff | 0xc000_0000);
    without_access();
}

/// Whether the frame has room for the floating-point registers, and what stands there.
fn look(entry: &Entry) {
    name(entry);
    line(format_args!("  control {:x} fpccr {:08x}", special!("control") & 7, read(FPCCR) & STATE));
    if entry.link & 0x10 == 0 {
        line(format_args!("  fpcar in the frame at {}", read(FPCAR).wrapping_sub(entry.stack())));
        stacked(entry);
    }
}

fn stacked(entry: &Entry) {
    let words = [32, 60, 92, 96].map(|offset| read(entry.stack() + offset));
    line(format_args!("  s0 {:x} s7 {:x} s15 {:x} fpscr {:x}", words[0], words[1], words[2], words[3]));
}

fn use_float(entry: &Entry) {
    look(entry);
    let modes: u32;
    // SAFETY: the compiler knows which register changes; the thread's own comes back from the stack. What s0 holds
    // before is unknown by the architecture.
    unsafe { asm!("vmrs {0}, fpscr", "vmov s0, {0}", out(reg) modes, out("s0") _) };
    line(format_args!("  fpscr {modes:x} control {:x}", special!("control") & 7));
    line(format_args!("  fpccr {:08x}", read(FPCCR) & STATE));
    if entry.link & 0x10 == 0 {
        stacked(entry);
    }
}

/// A call from a thread that uses the floating-point unit or not; returns s0, s15, FPSCR and CONTROL behind it.
#[unsafe(naked)]
unsafe extern "C" fn call_with(_seed: u32, _used: u32, _answer: &mut [u32; 4]) {
    naked_asm!(
        "push {{r2, r4, lr}}",
        "sub sp, #124", // The frame is pushed to a place that was cleared.
        "mov r3, sp",
        "movs r4, #0",
        "2: str r4, [r3], #4",
        "add r12, sp, #124",
        "cmp r3, r12",
        "blo 2b",
        "add sp, #124",
        "sub sp, #4",
        "cbz r1, 3f",
        "mov r3, #0x00c00000",
        "vmsr fpscr, r3",
        "vmov s0, r0",
        "vmov s7, r0",
        "add r0, #1",
        "vmov s15, r0",
        "b 4f",
        "3: mrs r3, control",
        "bic r3, #4",
        "msr control, r3",
        "isb",
        "4: svc #1",
        "mrs r1, control",
        "add sp, #4",
        "ldr r2, [sp]",
        "str r1, [r2, #12]",
        "vmrs r0, fpscr",
        "str r0, [r2, #8]",
        "vstr s0, [r2]",
        "vstr s15, [r2, #4]",
        "mov r0, #0",
        "vmsr fpscr, r0",
        "pop {{r2, r4, pc}}",
    )
}

fn context(used: bool) {
    line(format_args!("thread uses floating point: {used}"));
    let mut answer = [0; 4];
    // SAFETY: the function keeps the registers that a call keeps.
    unsafe { call_with(0x3f80_1234, u32::from(used), &mut answer) };
    let [first, last, modes, control] = answer;
    // Bit 3 tells of the security states.
    let control = control & 7;
    if used {
        line(format_args!("s0 {first:x} s15 {last:x} fpscr {modes:x} control {control:x}"));
    } else {
        line(format_args!("control {control:x} {}", control & CONTEXT));
    }
}

fn without_access() {
    line(format_args!("no access to the floating-point unit"));
    on(USAGE_FAULT, |entry| {
        skip(entry);
        line(format_args!("  cfsr {:08x} hfsr {:08x}", read(CFSR), read(HFSR)));
        write(CFSR, read(CFSR));
    });
    write(CPACR, 0);
    execute!("movs r0, #0", "movs r1, #1", "movs r2, #2", "movs r3, #3", "mov r12, r0", "mov lr, r0", "vmov s0, r0");
    write(CPACR, 0xf << 20);
}
