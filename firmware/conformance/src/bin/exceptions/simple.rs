//! One exception at a time: calls, pended exceptions, stacks, hard faults, the system timer.

use core::{
    arch::{asm, naked_asm},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use conformance::{
    control::{ICSR, NVIC, PENDSV_CLEAR, PENDSV_SET, SYST, SYSTICK_SET, icsr, read, write},
    exception::{Entry, HARD_FAULT, INTERRUPT, PENDSV, SVC, SYSTICK, on},
    execute,
    semihosting::line,
    special,
};

use crate::{name, show};

static TICKS: AtomicU32 = AtomicU32::new(0);

/// All of them.
pub fn all() {
    call();
    pended();
    process_stack();
    padding();
    interrupts();
    hard_faults();
    timer();
    sleep();
}

fn call() {
    line(format_args!("a call, its number in the instruction, its answer in the frame"));
    on(SVC, |entry| {
        show(entry);
        let frame = entry.frame();
        let number: u8;
        // SAFETY: the byte before the return address belongs to the instruction.
        unsafe { asm!("ldrb {}, [{}]", out(reg) number, in(reg) frame.pc - 2) };
        frame.registers[0] = u32::from(number) + 1;
        frame.xpsr |= 0xf000_0000;
    });
    let mut answer = 5u32;
    let flags: u32;
    // SAFETY: the handler keeps all other registers.
    unsafe {
        asm!(
            "movs r1, #1", "movs r2, #2", "movs r3, #3", "mov r12, r3", "svc #66", "mrs r1, apsr",
            inout("r0") answer, out("r1") flags, out("r2") _, out("r3") _, out("r12") _, out("lr") _
        );
    }
    line(format_args!("answer {answer} flags {:x}", flags >> 28));
    #[cfg(thumb2)]
    {
        let flags: u32;
        // SAFETY: as above. The block goes on after the handler.
        unsafe {
            asm!(
                "cmp r0, r0", "ittte eq", "moveq r1, #1", "svceq #7", "addeq r1, #2", "movne r1, #9",
                inout("r0") answer, out("r1") flags, out("r2") _, out("r3") _, out("r12") _, out("lr") _
            );
        }
        line(format_args!("answer {answer} in a block {flags}"));
    }
}

fn pended() {
    line(format_args!("pended behind the mask"));
    on(PENDSV, |entry| {
        name(entry);
        line(format_args!("  icsr {:08x}", icsr()));
    });
    on(SYSTICK, name);
    execute!("cpsid i");
    write(ICSR, PENDSV_SET);
    line(format_args!("icsr {:08x} primask {}", icsr(), special!("primask")));
    write(ICSR, PENDSV_CLEAR);
    line(format_args!("icsr {:08x}", icsr()));
    write(ICSR, PENDSV_SET | SYSTICK_SET);
    line(format_args!("icsr {:08x}", icsr()));
    execute!("cpsie i", "isb");
    line(format_args!("icsr {:08x}", icsr()));
}

/// Switches to a stack of its own, calls, and comes back.
#[unsafe(naked)]
unsafe extern "C" fn call_on(_stack: u32) -> u32 {
    naked_asm!(
        "push {{r4, lr}}",
        "msr psp, r0",
        "movs r1, #2",
        "msr control, r1",
        "isb",
        "push {{r0, r1}}",
        "svc #1",
        "pop {{r0, r1}}",
        "mrs r0, control",
        "movs r1, #0",
        "msr control, r1",
        "isb",
        "pop {{r4, pc}}",
    )
}

fn process_stack() {
    line(format_args!("a call from a thread with the process stack"));
    on(SVC, |entry| {
        show(entry);
        line(format_args!("  control {:x} below {}", special!("control"), entry.main.wrapping_sub(entry.process) > 64));
    });
    let mut stack = [0u64; 32];
    let end = (&raw mut stack).addr() as u32 + 256;
    // SAFETY: the stack is long enough for the frame of a call.
    let control = unsafe { call_on(end) };
    line(format_args!("control {control:x} psp {:x}", end - special!("psp")));
    core::hint::black_box(&mut stack);
}

fn padding() {
    line(format_args!("a call with the stack at an odd word"));
    on(SVC, show);
    execute!("mov r3, sp", "sub sp, #4", "movs r0, #0", "movs r1, #0", "movs r2, #0", "svc #2", "add sp, #4");
    execute!("sub sp, #8", "movs r0, #0", "movs r1, #0", "movs r2, #0", "movs r3, #0", "svc #2", "add sp, #8");
}

fn interrupts() {
    line(format_args!("interrupts of devices, pended by hand"));
    on(INTERRUPT + 7, show_icsr);
    on(INTERRUPT + 9, show_icsr);
    let [enable, disable, pend, unpend] = NVIC;
    write(pend, 1 << 7);
    line(format_args!("pending {:x} enabled {:x} icsr {:08x}", read(pend), read(enable), icsr()));
    write(unpend, 1 << 7);
    line(format_args!("pending {:x}", read(unpend)));
    execute!("cpsid i");
    write(pend, 1 << 7 | 1 << 9);
    write(enable, 1 << 7 | 1 << 9);
    line(format_args!("pending {:x} enabled {:x} icsr {:08x}", read(pend), read(enable), icsr()));
    execute!("cpsie i", "isb");
    write(disable, 1 << 7);
    line(format_args!("pending {:x} enabled {:x}", read(pend), read(disable)));
    write(disable, 1 << 9);
}

fn show_icsr(entry: &Entry) {
    name(entry);
    line(format_args!("  icsr {:08x}", icsr()));
}

/// Prints, and goes on behind the instruction that failed.
pub fn skip(entry: &Entry) {
    show(entry);
    let frame = entry.frame();
    let first: u16;
    // SAFETY: the failing instruction could be fetched.
    unsafe { asm!("ldrh {}, [{}]", out(reg) first, in(reg) frame.pc) };
    frame.pc += if first >= 0xe800 { 4 } else { 2 };
}

fn hard_faults() {
    line(format_args!("hard faults"));
    on(HARD_FAULT, skip);
    on(SVC, name);
    execute!("movs r0, #0", "movs r1, #1", "movs r2, #2", "movs r3, #3", "mov r12, r0", "mov lr, r0", "udf #1");
    #[cfg(not(thumb2))]
    {
        line(format_args!("a word, a half-word at an odd address"));
        execute!("mov r1, sp", "adds r1, #2", "ldr r0, [r1]");
        execute!("mov r1, sp", "adds r1, #1", "strh r1, [r1]");
        line(format_args!("a call behind the mask"));
        execute!("cpsid i", "movs r0, #0", "movs r1, #1", "movs r2, #2", "movs r3, #3", "svc #3", "nop", "cpsie i");
    }
}

fn timer() {
    line(format_args!("the system timer"));
    let [control, reload, value] = SYST;
    on(SYSTICK, |_| {
        write(SYST[0], 0);
        TICKS.fetch_add_in_one_thread();
    });
    write(reload, 999);
    write(value, 5);
    line(format_args!("reload {} value {} control {:x}", read(reload), read(value), read(control) & 0x1_0003));
    write(control, 0b101);
    while read(control) & 1 << 16 == 0 {}
    write(control, 0b100);
    line(format_args!("in range {}", read(value) < 1000));
    write(value, 0);
    write(control, 0b111);
    while TICKS.load(Relaxed) == 0 {}
    line(format_args!("ticked, control {:x}", read(control) & 3));
}

fn sleep() {
    line(format_args!("sleep ends by a pending exception, also behind the mask"));
    on(PENDSV, name);
    execute!("cpsid i");
    write(ICSR, PENDSV_SET);
    execute!("wfi");
    line(format_args!("awake"));
    execute!("sev", "wfe", "cpsie i", "isb");
}

/// ARMv6-M has no atomic sums; there is one thread and its handler.
trait Increment {
    fn fetch_add_in_one_thread(&self);
}

impl Increment for AtomicU32 {
    fn fetch_add_in_one_thread(&self) {
        self.store(self.load(Relaxed) + 1, Relaxed);
    }
}
