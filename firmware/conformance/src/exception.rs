//! Exception handlers that can be exchanged at run time, and what the core leaves on the stack.

use core::{
    arch::{asm, naked_asm},
    ptr,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use crate::semihosting::{exit, line};

/// Exception numbers (ARMv7-M ARM, B1.5.2).
pub const HARD_FAULT: usize = 3;
/// Memory management fault.
pub const MEMORY_FAULT: usize = 4;
/// Bus fault.
pub const BUS_FAULT: usize = 5;
/// Usage fault.
pub const USAGE_FAULT: usize = 6;
/// Supervisor call.
pub const SVC: usize = 11;
/// Pendable request for service.
pub const PENDSV: usize = 14;
/// System timer.
pub const SYSTICK: usize = 15;
/// The first interrupt of a device.
pub const INTERRUPT: usize = 16;

/// Exceptions with a vector.
pub const VECTORS: usize = 32;

/// What a handler is entered with.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Entry {
    /// EXC_RETURN.
    pub link: u32,
    /// Main stack pointer.
    pub main: u32,
    /// Process stack pointer.
    pub process: u32,
}

/// The registers that the core stacked (ARMv7-M ARM, B1.5.6).
#[repr(C)]
pub struct Frame {
    /// r0 to r3.
    pub registers: [u32; 4],
    /// r12.
    pub r12: u32,
    /// lr.
    pub lr: u32,
    /// Where execution goes on.
    pub pc: u32,
    /// Flags, exception number, IT state, padding of the stack.
    pub xpsr: u32,
}

impl Entry {
    /// The stack pointer that the frame was pushed to.
    pub fn stack(&self) -> u32 {
        if self.link & 4 == 0 { self.main } else { self.process }
    }

    /// The stacked registers.
    pub fn frame(&self) -> &mut Frame {
        // SAFETY: the core pushed a frame there, and nothing else refers to it.
        unsafe { &mut *ptr::with_exposed_provenance_mut(self.stack() as usize) }
    }

    /// EXC_RETURN without the bits that tell the security states apart: the simulated cores have one state.
    pub fn kind(&self) -> u32 {
        if cfg!(v8m) { self.link & 0xffff_ff1c } else { self.link }
    }
}

/// A program that runs wild ends after so many exceptions.
const LIMIT: u32 = 1000;

static TAKEN: AtomicU32 = AtomicU32::new(0);

static mut HANDLERS: [Option<fn(&Entry)>; VECTORS] = [None; VECTORS];

/// Sets what happens at exception `number`.
pub fn on(number: usize, handler: fn(&Entry)) {
    // SAFETY: one thread; a handler runs only by what the thread does after this.
    unsafe { (&raw mut HANDLERS).cast::<Option<fn(&Entry)>>().add(number).write_volatile(Some(handler)) }
}

/// Number of the exception that is being handled; zero in a thread.
pub fn active() -> usize {
    let number: usize;
    // SAFETY: reads a register.
    unsafe { asm!("mrs {}, ipsr", out(reg) number, options(nomem, nostack, preserves_flags)) };
    number
}

/// Every vector but reset.
///
/// # Safety
/// Only the core calls it.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn enter() {
    naked_asm!(
        "mov r0, lr",
        "mov r1, sp",
        "mrs r2, psp",
        "push {{r0-r2, lr}}",
        "mov r0, sp",
        "bl {dispatch}",
        "add sp, #12",
        "pop {{pc}}",
        dispatch = sym dispatch
    )
}

unsafe extern "C" fn dispatch(entry: &Entry) {
    let number = active();
    if TAKEN.load(Relaxed) == LIMIT {
        exit(5)
    }
    TAKEN.store(TAKEN.load(Relaxed) + 1, Relaxed);
    // SAFETY: as in `on`.
    match unsafe { (&raw const HANDLERS).cast::<Option<fn(&Entry)>>().add(number % VECTORS).read_volatile() } {
        Some(handler) => handler(entry),
        None => {
            line(format_args!("exception {number} that nothing expects at {:08x}", entry.frame().pc));
            exit(4)
        }
    }
}
