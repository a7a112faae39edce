//! Faults with their status registers, escalated and handled by themselves.

use conformance::{
    control::{BFAR, CCR, CFSR, HFSR, MMFAR, SHCSR, VTOR, read, write},
    exception::{BUS_FAULT, Entry, HARD_FAULT, MEMORY_FAULT, SVC, USAGE_FAULT, VECTORS, on},
    execute,
    semihosting::line,
    special,
};

use crate::{name, show, simple::skip};

/// Enables for usage, bus and memory faults, of SHCSR.
const ENABLE: u32 = 0b111 << 16;
/// Traps for division by zero and unaligned accesses, of CCR.
const TRAPS: u32 = 0b11 << 3;

/// All of them, first escalated, then not.
pub fn all() {
    for number in [HARD_FAULT, MEMORY_FAULT, BUS_FAULT, USAGE_FAULT] {
        on(number, skip_with_status);
    }
    line(format_args!("ccr {:08x} shcsr {:08x}", read(CCR), read(SHCSR)));
    for enable in [0, ENABLE] {
        write(SHCSR, enable);
        line(format_args!("shcsr {:08x}", read(SHCSR)));
        instructions();
        addresses();
        jumps();
    }
    write(SHCSR, ENABLE);
    masked();
    #[cfg(not(v8m))]
    memory_protection();
    unprivileged();
    #[cfg(v8m)]
    stack_limit();
    moved_table();
}

fn status() {
    let (cfsr, hfsr) = (read(CFSR), read(HFSR));
    line(format_args!("  cfsr {cfsr:08x} hfsr {hfsr:08x} shcsr {:08x}", read(SHCSR)));
    if cfsr & 0x80 != 0 {
        line(format_args!("  mmfar {:08x}", read(MMFAR)));
    }
    if cfsr & 0x8000 != 0 {
        line(format_args!("  bfar {:08x}", read(BFAR)));
    }
    write(CFSR, cfsr);
    write(HFSR, hfsr);
}

/// The traps are off meanwhile: compiled code uses what they catch.
fn skip_with_status(entry: &Entry) {
    let settings = read(CCR);
    write(CCR, settings & !TRAPS);
    skip(entry);
    status();
    write(CCR, settings);
}

/// For a jump to where nothing can be fetched: back to the caller.
fn leave_with_status(entry: &Entry) {
    show(entry);
    status();
    let frame = entry.frame();
    frame.pc = frame.lr & !1;
    frame.xpsr = frame.xpsr & !0x0600_fc00 | 1 << 24;
}

fn instructions() {
    line(format_args!("undefined, divided by zero"));
    execute!("movs r0, #0", "movs r1, #1", "movs r2, #2", "movs r3, #3", "mov r12, r0", "mov lr, r0", "udf #1");
    execute!("udf.w #300");
    execute!("movs r1, #1", "movs r2, #0", "sdiv r0, r1, r2", "udiv r0, r1, r2");
    write(CCR, read(CCR) | TRAPS);
    execute!("movs r1, #1", "movs r2, #0", "sdiv r0, r1, r2");
    execute!("movs r1, #1", "movs r2, #0", "udiv r0, r1, r2");
    line(format_args!("unaligned"));
    execute!("mov r1, sp", "ldr r0, [r1, #2]");
    execute!("mov r1, sp", "strh r0, [r1, #-3]");
    write(CCR, read(CCR) & !TRAPS);
    execute!("mov r1, sp", "ldr r0, [r1, #2]", "movs r0, #0");
    execute!("mov r3, sp", "adds r3, #2", "ldmia r3, {{r0, r1}}");
    execute!("mov r3, sp", "adds r3, #2", "ldrd r0, r1, [r3]");
    execute!("mov r3, sp", "adds r3, #2", "ldrex r0, [r3]");
}

fn addresses() {
    line(format_args!("nothing at the address"));
    execute!("mov r1, #0x68000000", "ldr r0, [r1, #4]");
    execute!("mov r1, #0x68000000", "ldrb r0, [r1, #5]!");
    execute!("mov r1, #0x68000000", "ldmia r1!, {{r0, r2}}");
}

fn jumps() {
    line(format_args!("jumps to ARM code, to nothing, to where no code may be"));
    for number in [HARD_FAULT, MEMORY_FAULT, BUS_FAULT, USAGE_FAULT] {
        on(number, leave_with_status);
    }
    execute!("mov r0, #0x100", "blx r0");
    execute!("mov r0, #0x68000000", "orr r0, #1", "blx r0");
    execute!("mov r0, #0xe0000000", "orr r0, #1", "blx r0");
    for number in [HARD_FAULT, MEMORY_FAULT, BUS_FAULT, USAGE_FAULT] {
        on(number, skip_with_status);
    }
}

fn masked() {
    line(format_args!("faults and calls behind the masks"));
    on(SVC, name);
    execute!("cpsid i", "udf #2", "cpsie i");
    execute!("cpsid i", "movs r0, #0", "movs r1, #1", "movs r2, #2", "movs r3, #3", "svc #3", "nop", "cpsie i");
    special!("basepri" = 0x40);
    execute!("udf #3");
    special!("basepri" = 0);
}

/// Registers of the memory protection unit (ARMv7-M ARM, B3.5).
#[cfg(not(v8m))]
fn memory_protection() {
    const CONTROL: u32 = 0xe000_ed94;
    const RBAR: u32 = 0xe000_ed9c;
    const RASR: u32 = 0xe000_eda0;
    /// Valid, region 0.
    const REGION: u32 = 1 << 4;
    /// Between the statics and the stack.
    const GUARD: u32 = 0x2000_4000;
    line(format_args!("a region of 32 bytes that is not written: without access, then read only"));
    for access in [0, 0b110] {
        write(RBAR, GUARD | REGION);
        write(RASR, access << 24 | 4 << 1 | 1);
        write(CONTROL, 0b101);
        line(format_args!("rbar {:08x} rasr {:08x}", read(RBAR), read(RASR)));
        execute!("mov r1, #0x20000000", "add r1, #0x4000", "movs r0, #0", "str r0, [r1, #-4]", "str r0, [r1, #32]");
        execute!("mov r1, #0x20000000", "add r1, #0x4000", "movs r0, #0", "str r0, [r1]", "strb r0, [r1, #31]!");
        execute!(
            "mov r1, #0x20000000",
            "add r1, #0x4000",
            "adds r1, #32",
            "movs r0, #0",
            "movs r2, #1",
            "strd r0, r2, [r1, #-8]"
        );
        execute!(
            "mov r1, #0x20000000",
            "add r1, #0x4000",
            "adds r1, #32",
            "movs r0, #0",
            "movs r2, #1",
            "stmdb r1!, {{r0, r2}}"
        );
        write(CONTROL, 0);
    }
    write(RASR, 0);
}

fn unprivileged() {
    line(format_args!("without privilege"));
    on(SVC, |entry| {
        name(entry);
        special!("control" = 0);
    });
    execute!(
        "mov r0, #1",
        "msr control, r0",
        "isb",
        "cpsid i",
        "mov r0, #0x40",
        "msr basepri, r0",
        "mrs r1, basepri",
        "mrs r2, primask",
        "mov r0, #0",
        "mov r3, #0",
        "mov r12, r0",
        "mov lr, r0",
        "svc #4"
    );
    line(format_args!("control {} basepri {}", special!("control"), special!("basepri")));
    execute!("mov r0, #1", "msr control, r0", "isb", "movw r1, #0xed04", "movt r1, #0xe000", "ldr r0, [r1]", "svc #5");
}

/// Moves the process stack in ways that stay above its limit and in ways that do not, and comes back.
#[cfg(v8m)]
#[unsafe(naked)]
unsafe extern "C" fn move_stack(_stack: u32, _limit: u32) {
    core::arch::naked_asm!(
        "push {{r4-r11, lr}}",
        "msr psp, r0",
        "msr psplim, r1",
        "movs r2, #2",
        "msr control, r2",
        "isb",
        "movs r3, #3",
        "mov r12, r3",
        "sub sp, sp, #512",
        "sub sp, sp, #100",
        "str r0, [sp, #-252]!",
        "strd r0, r1, [sp, #-200]!",
        "sub r0, sp, #512",
        "mov r1, sp",
        "mov sp, r0",
        "mov sp, r1",
        "push {{r0-r12}}",
        "push {{r0-r12}}",
        "push {{r0-r12, lr}}",
        "movs r0, #0",
        "msr psplim, r0",
        "msr control, r0",
        "isb",
        "pop {{r4-r11, pc}}",
    )
}

#[cfg(v8m)]
fn stack_limit() {
    line(format_args!("below the limit of the process stack"));
    let mut stack = [0u64; 96];
    let end = (&raw mut stack).addr() as u32 + 96 * 8;
    // SAFETY: below the limit there is room for what is not stopped.
    unsafe { move_stack(end, end - 256) };
    core::hint::black_box(&mut stack);
    line(format_args!("moved by {}", end - special!("psp")));
}

/// A vector table in RAM. It lies at the start of the section so that its address has the zeros it needs.
fn moved_table() {
    #[repr(align(512))]
    struct Table([u32; VECTORS]);
    static mut TABLE: Table = Table([0; VECTORS]);
    line(format_args!("the vector table in RAM"));
    let old = read(VTOR);
    // SAFETY: one thread, and the core reads the table only after this.
    unsafe {
        for (index, vector) in (*(&raw mut TABLE)).0.iter_mut().enumerate() {
            *vector = read(old + index as u32 * 4);
        }
        write(VTOR, (&raw const TABLE).addr() as u32);
    }
    on(SVC, show);
    execute!("movs r0, #0", "movs r1, #1", "movs r2, #2", "movs r3, #3", "mov r12, r0", "mov lr, r0", "svc #6");
    line(format_args!("vtor {:08x}", read(VTOR)));
    write(VTOR, old);
}
