//! The memory map that the linker made: arena, model region, stack, and the sizes of the sections.
//!
//! The only file that turns linker symbols into Rust memory.

use tinynas_wire::Stats;

use crate::register::Register;

unsafe extern "C" {
    static mut __sarena: u8;
    static mut __earena: u8;
    static __smodel: u8;
    static __emodel: u8;
    static mut _stack_end: u8;
    /// Top of the stack: the linker's symbol, for the fault handler.
    pub static mut _stack_start: u8;
    static __sdata: u8;
    static __edata: u8;
    static __sidata: u8;
    static __sbss: u8;
    static __ebss: u8;
    static __stext: u8;
    static __etext: u8;
    static __srodata: u8;
    static __erodata: u8;
    static __sflash: u8;
    static __vector_table: u8;
}

/// What the unused stack holds before the host paints it with something else.
pub const STACK_PAINT: u8 = 0xc5;

/// The lowest bytes of the stack's reserve, which no one may touch: see `guard`. The smallest region of a protection
/// unit on ARMv6-M.
pub const GUARD: usize = 256;

/// Kept free below the painting function's own stack pointer.
const PAINT_MARGIN: usize = 256;

/// The arena. Called once, by the machine that then owns it.
///
/// # Safety
/// No other reference to the arena may exist.
pub unsafe fn arena() -> &'static mut [u8] {
    let start = &raw mut __sarena;
    let length = (&raw const __earena).addr() - start.addr();
    // SAFETY: the linker gives `.arena` to nobody else, it is RAM, and the caller holds the only reference.
    unsafe { core::slice::from_raw_parts_mut(start, length) }
}

/// The flash region of the model.
pub fn model_region() -> &'static [u8] {
    let start = &raw const __smodel;
    let length = (&raw const __emodel).addr() - start.addr();
    // SAFETY: the region is flash that is only written while the core is halted.
    unsafe { core::slice::from_raw_parts(start, length) }
}

/// Where the firmware's own variables begin: the start of RAM.
#[cfg(any(family = "stm32f7", family = "stm32h7"))]
pub fn statics_start() -> usize {
    (&raw const __sdata).addr()
}

/// Exceptions go to this image, wherever the chip started (ARMv7-M ARM, B3.2.5; optional on ARMv6-M, there on RP2040).
pub fn take_vectors() {
    const VTOR: Register = Register::at(0xe000_ed08);
    VTOR.write((&raw const __vector_table).addr() as u32);
}

/// Sizes of the image's sections; the arena's and stack's use are filled in by the machine.
pub fn sections() -> Stats {
    let size = |start: *const u8, end: *const u8| (end.addr() - start.addr()) as u32;
    let data_bytes = size(&raw const __sdata, &raw const __edata);
    Stats {
        arena_region: size(&raw const __sarena, &raw const __earena),
        stack_reserve: size(&raw const _stack_end, &raw const _stack_start),
        data_bytes,
        bss_bytes: size(&raw const __sbss, &raw const __ebss),
        text_bytes: size(&raw const __stext, &raw const __etext),
        rodata_bytes: size(&raw const __srodata, &raw const __erodata),
        flash_bytes: size(&raw const __sflash, &raw const __sidata) + data_bytes,
        ..Stats::default()
    }
}

/// Address of the stack's lowest byte.
pub fn stack_end() -> usize {
    (&raw const _stack_end).addr()
}

/// Address behind the stack's highest byte.
pub fn stack_top() -> usize {
    (&raw const _stack_start).addr()
}

/// The lowest byte that the stack may use.
fn lowest() -> *mut u8 {
    (&raw mut _stack_end).wrapping_add(GUARD)
}

/// Fills the stack's reserve between its guard and the running code with `pattern`.
#[inline(never)]
pub fn paint_stack(pattern: u8) {
    let mut at = lowest();
    let end = stack_pointer().saturating_sub(PAINT_MARGIN);
    while at.addr() < end {
        // SAFETY: between the end of the arena and this function's frame there is only unused stack.
        unsafe {
            at.write_volatile(pattern);
            at = at.add(1);
        }
    }
}

/// Bytes of stack that were used since the last paint; equal to the reserve if it was left.
pub fn stack_high_water(pattern: u8) -> u32 {
    let end = &raw const _stack_start;
    let mut at = lowest().cast_const();
    if stack_overflowed(pattern) {
        at = &raw const _stack_end;
    }
    // SAFETY: reads stay inside the stack's reserve, which is RAM.
    while at < end && at.addr() != stack_end() && unsafe { at.read_volatile() } == pattern {
        at = at.wrapping_add(1);
    }
    (end.addr() - at.addr()) as u32
}

/// Whether the last byte above the guard was written.
pub fn stack_overflowed(pattern: u8) -> bool {
    // SAFETY: the stack's reserve is RAM and longer than its guard.
    unsafe { lowest().read_volatile() != pattern }
}

/// Writes the last byte above the guard, as a stack that is full would.
pub fn touch_stack_end(pattern: u8) {
    // SAFETY: the stack's reserve is RAM, and nothing lives at its far end.
    unsafe { lowest().write_volatile(!pattern) }
}

fn stack_pointer() -> usize {
    let pointer: usize;
    // SAFETY: only reads the register.
    unsafe { core::arch::asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags)) };
    pointer
}
