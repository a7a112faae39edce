//! Exceptions: what is pending, what is active, how they are entered and left.
//!
//! ARMv7-M Architecture Reference Manual (DDI 0403), B1.5.

use crate::{
    bus::Width,
    core::Core,
    cpu::{Cpu, Fault, LR, PC, SP, Stop, Trap},
    dwt::Counter,
    scs::HaltReason,
    timing::Timing,
};

/// Exception numbers.
pub(crate) mod number {
    pub const HARD_FAULT: u32 = 3;
    pub const MEM_MANAGE: u32 = 4;
    pub const BUS_FAULT: u32 = 5;
    pub const USAGE_FAULT: u32 = 6;
    pub const SVCALL: u32 = 11;
    pub const PENDSV: u32 = 14;
    pub const SYSTICK: u32 = 15;
    pub const EXTERNAL: u32 = 16;
}

/// Exceptions that are kept: the system's 16 and 64 interrupts.
const COUNT: u32 = number::EXTERNAL + 64;

/// State of all exceptions.
pub(crate) struct Exceptions {
    /// A bit each.
    pub active: u128,
    pub pending: u128,
    /// Interrupts only; the system's exceptions are enabled elsewhere.
    pub enabled: u128,
    /// Priorities as written; those of reset, NMI and HardFault are fixed.
    pub priority: [u8; COUNT as usize],
    /// IPSR.
    current: u32,
    /// The event register of WFE.
    pub event: bool,
    pub sleeping: bool,
    pub lockup: bool,
    entry_cycles: u64,
}

impl Exceptions {
    pub fn new(core: Core) -> Self {
        Self {
            active: 0,
            pending: 0,
            enabled: 0,
            priority: [0; COUNT as usize],
            current: 0,
            event: false,
            sleeping: false,
            lockup: false,
            // Cortex-M0+ TRM (DDI 0484): 15; Cortex-M3 (DDI 0337), M4 (100166) TRM: 12, zero wait states. M7 and M33 are
            // documented as 12, too (M7: white paper; M33 TRM 100230).
            entry_cycles: if core == Core::M0Plus { 15 } else { 12 },
        }
    }

    /// The exception being handled, 0 in thread mode.
    pub fn current(&self) -> u32 {
        self.current
    }

    #[inline(always)]
    pub fn in_handler(&self) -> bool {
        self.current != 0
    }

    pub fn pend(&mut self, exception: u32) {
        self.pending |= 1 << exception;
    }

    /// The most urgent pending exception that is enabled, with its priority.
    pub fn candidate(&self) -> Option<(u32, i32)> {
        let interrupts = !((1 << number::EXTERNAL) - 1);
        let mut waiting = self.pending & (self.enabled | !interrupts);
        let mut best: Option<(u32, i32)> = None;
        while waiting != 0 {
            let exception = waiting.trailing_zeros();
            waiting &= waiting - 1;
            let priority = self.priority_of(exception);
            if best.is_none_or(|(_, other)| priority < other) {
                best = Some((exception, priority));
            }
        }
        best
    }

    fn priority_of(&self, exception: u32) -> i32 {
        match exception {
            1 => -3,
            2 => -2,
            number::HARD_FAULT => -1,
            _ => self.priority.get(exception as usize).copied().unwrap_or(0).into(),
        }
    }
}

/// FPSCR of a new context and the size of a frame, in bytes.
const FRAME: u32 = 0x20;
const FLOAT_FRAME: u32 = 0x68;

/// EXC_RETURN without its choices: handler mode, main stack, with floating point frame.
const RETURN_BASE: u32 = 0xffff_ffe1;
const RETURN_NO_FLOAT: u32 = 1 << 4;
const RETURN_THREAD: u32 = 1 << 3;
const RETURN_PROCESS: u32 = 1 << 2;

/// Bit of a stacked xPSR: the stack was aligned by four bytes.
const ALIGNED: u32 = 1 << 9;

impl Cpu {
    /// Priority at which the core executes now (ARMv7-M ARM, B1.5.4).
    fn execution_priority(&self) -> i32 {
        let mut priority = 256;
        let mut active = self.exceptions.active;
        while active != 0 {
            let exception = active.trailing_zeros();
            active &= active - 1;
            priority = priority.min(self.scs.group(self.exceptions.priority_of(exception)));
        }
        if self.basepri != 0 {
            priority = priority.min(self.scs.group(self.basepri.into()));
        }
        if self.primask {
            priority = priority.min(0);
        }
        if self.faultmask { priority.min(-1) } else { priority }
    }

    /// What to do before the next instruction: halts, resets, interrupts, sleep, the end of the time given.
    #[cold]
    pub(crate) fn attend<T: Timing>(&mut self, timing: &mut T, end: u64) -> Option<Stop> {
        loop {
            if self.scs.take_reset_request() {
                self.reset();
                timing.flush();
            }
            if self.scs.wants_halt(self.instructions) {
                self.scs.enter_halt();
            }
            if self.scs.is_halted() {
                return Some(Stop::Halted);
            }
            if self.exceptions.lockup {
                return Some(Stop::Lockup);
            }
            let tick = self.advance_systick();
            self.pend_interrupts();
            let chosen = self.exceptions.candidate();
            if self.exceptions.sleeping && !self.wakes(chosen) {
                match tick {
                    Some(at) if at <= end => self.pass(Counter::Sleep, at.saturating_sub(self.cycles)),
                    Some(_) => {
                        self.pass(Counter::Sleep, end.saturating_sub(self.cycles));
                        return Some(Stop::Cycles);
                    }
                    None => return Some(Stop::Sleeping),
                }
                continue;
            }
            self.exceptions.sleeping = false;
            if let Some((exception, priority)) = chosen
                && self.scs.group(priority) < self.execution_priority()
                && !self.scs.masks_interrupts(exception)
            {
                self.enter(exception, None, timing);
                continue;
            }
            if self.cycles >= end || self.instructions >= self.last_instruction {
                return Some(Stop::Cycles);
            }
            self.attention = match tick {
                _ if self.scs.is_stepping() || self.last_instruction != u64::MAX => 0,
                Some(at) => at.min(end),
                None => end,
            };
            return None;
        }
    }

    /// Lets cycles pass without an instruction.
    fn pass(&mut self, counter: Counter, cycles: u64) {
        self.cycles += cycles;
        self.scs.debug.trace.add(counter, cycles);
    }

    /// Whether a pending exception ends WFI: PRIMASK does not count (ARMv7-M ARM, B1.5.19).
    fn wakes(&mut self, chosen: Option<(u32, i32)>) -> bool {
        let masked = std::mem::replace(&mut self.primask, false);
        let floor = self.execution_priority();
        self.primask = masked;
        chosen.is_some_and(|(_, priority)| self.scs.group(priority) < floor)
            || std::mem::take(&mut self.exceptions.event)
    }

    fn pend_interrupts(&mut self) {
        let requests = u128::from(self.bus.interrupts());
        self.exceptions.pending |= requests << number::EXTERNAL;
    }

    /// SVC: the return address is already behind the instruction.
    pub(crate) fn supervisor_call<T: Timing>(&mut self, timing: &mut T) {
        let priority = self.exceptions.priority_of(number::SVCALL);
        if self.scs.group(priority) < self.execution_priority() {
            self.enter(number::SVCALL, None, timing);
        } else {
            self.scs.hard_fault_forced();
            self.hard_fault(timing);
        }
    }

    /// Takes a fault: the configured handler, else HardFault, else lockup (ARMv7-M ARM, B1.5.14, B1.5.15).
    #[cold]
    pub(crate) fn take_fault<T: Timing>(&mut self, fault: Fault, timing: &mut T) {
        let exception = self.scs.record(fault, self.r[PC]);
        if fault == Fault::InvalidState {
            self.thumb = false;
        }
        let ready = self.core.has_thumb2()
            && self.scs.is_enabled(exception)
            && self.scs.group(self.exceptions.priority_of(exception)) < self.execution_priority();
        if ready {
            self.enter(exception, None, timing);
            return;
        }
        if exception != number::HARD_FAULT {
            self.scs.hard_fault_forced();
        }
        self.hard_fault(timing);
    }

    fn hard_fault<T: Timing>(&mut self, timing: &mut T) {
        if self.execution_priority() <= -1 {
            self.lock_up();
        } else if self.scs.catches_hard_fault() {
            self.enter(number::HARD_FAULT, None, timing);
            self.scs.halt(HaltReason::VectorCatch);
        } else {
            self.enter(number::HARD_FAULT, None, timing);
        }
    }

    fn lock_up(&mut self) {
        self.exceptions.lockup = true;
        self.scs.set_lockup(true);
        self.attention = 0;
    }

    /// Enters a handler. `chained`: the EXC_RETURN of an exception that ends as this one begins.
    fn enter<T: Timing>(&mut self, mut exception: u32, chained: Option<u32>, timing: &mut T) {
        timing.flush();
        self.attention = 0;
        self.stall = 0;
        let link = match chained {
            Some(link) => {
                // Tail-chaining (Cortex-M4 TRM, 3.9.3: 6 cycles).
                self.pass(Counter::Exception, 6);
                link
            }
            None => {
                self.pass(Counter::Exception, self.exceptions.entry_cycles);
                let (link, failed) = self.push_frame();
                if let Some(fault) = failed {
                    match self.derive(exception, fault) {
                        Some(urgent) => exception = urgent,
                        None => return self.lock_up(),
                    }
                }
                link
            }
        };
        self.exceptions.pending &= !(1 << exception);
        self.exceptions.active |= 1 << exception;
        self.exceptions.current = exception;
        self.it = 0;
        self.thumb = true;
        self.fpca = false;
        self.exclusive = None;
        self.spsel = false;
        self.choose_stack();
        if exception == number::HARD_FAULT && self.scs.ignores_limit_in_hard_fault() {
            self.limit = 0;
        }
        self.r[LR] = link;
        match self.read_anything(self.scs.vector_table() + 4 * exception, Width::Word, false) {
            Ok(vector) if vector & 1 != 0 => self.r[PC] = vector & !1,
            Ok(vector) => {
                self.r[PC] = vector;
                self.take_fault(Fault::InvalidState, timing);
            }
            Err(_) => self.lock_up(),
        }
    }

    /// What is handled when the frame for `exception` could not be pushed: that, or the fault of pushing if it is more
    /// urgent; the other one waits. None if a HardFault cannot be taken (ARMv7-M ARM, B1.5.11). One that could not be
    /// pushed itself is entered all the same, as by QEMU: its frame is lost.
    fn derive(&mut self, exception: u32, fault: Fault) -> Option<u32> {
        let handler = self.scs.record_stacking(fault);
        let ready = self.core.has_thumb2()
            && self.scs.is_enabled(handler)
            && self.scs.group(self.exceptions.priority_of(handler)) < self.execution_priority();
        let derived = if ready { handler } else { number::HARD_FAULT };
        if !ready {
            if self.execution_priority() <= -1 {
                return None;
            }
            self.scs.hard_fault_forced();
        }
        for waiting in [exception, derived] {
            self.exceptions.pend(waiting);
        }
        let rank = |exception: u32| (self.exceptions.priority_of(exception), exception);
        Some(if rank(derived) <= rank(exception) { derived } else { exception })
    }

    /// Pushes the frame of the interrupted code; gives EXC_RETURN, and the fault that kept a word from being written.
    fn push_frame(&mut self) -> (u32, Option<Fault>) {
        let float = self.fpca && self.core.has_float() && self.scs.stacks_float();
        let size = if float { FLOAT_FRAME } else { FRAME };
        let thread = !self.exceptions.in_handler();
        let process = self.on_process_stack;
        let before = self.r[SP];
        let padding = before & 4;
        let frame = (before - padding).wrapping_sub(size);
        let xpsr = self.xpsr() | if padding != 0 { ALIGNED } else { 0 };
        let words = [self.r[0], self.r[1], self.r[2], self.r[3], self.r[12], self.r[LR], self.r[PC], xpsr];
        let limit = self.limit;
        self.r[SP] = frame.max(limit);
        let mut failed = (frame < limit).then_some(Fault::StackOverflow);
        let mut write = |cpu: &mut Self, offset: u32, value: u32| {
            let address = frame.wrapping_add(offset);
            if address >= limit
                && failed.is_none()
                && let Err(Trap::Fault(fault)) = cpu.store_word(address, value)
            {
                failed = Some(fault);
            }
        };
        for (index, word) in words.into_iter().enumerate() {
            write(self, 4 * index as u32, word);
        }
        if float && self.scs.stacks_float_lazily() {
            self.scs.postpone_float(frame.wrapping_add(FRAME), thread, self.is_privileged());
        } else if float {
            for index in 0..16 {
                write(self, FRAME + 4 * index, self.s[index as usize]);
            }
            write(self, FRAME + 0x40, self.fpscr);
            self.fpscr = self.scs.default_fpscr();
        }
        let bit = |condition: bool, mask: u32| if condition { mask } else { 0 };
        let link = RETURN_BASE
            | bit(!float, RETURN_NO_FLOAT)
            | bit(thread, RETURN_THREAD)
            | bit(thread && process, RETURN_PROCESS);
        (link, failed)
    }

    /// Leaves the handler that is running.
    pub(crate) fn return_from_exception<T: Timing>(&mut self, value: u32, timing: &mut T) {
        let leaving = self.exceptions.current;
        self.exceptions.active &= !(1 << leaving);
        if leaving != 2 {
            self.faultmask = false;
        }
        self.exceptions.current = 0;
        timing.flush();
        self.attention = 0;
        if !is_exception_return(value) {
            // The new exception takes the place of the one that returned (ARMv7-M ARM, B1.5.8).
            let exception = self.scs.record(Fault::InvalidPc, self.r[PC]);
            if self.core.has_thumb2() && self.scs.is_enabled(exception) {
                return self.enter(exception, Some(value), timing);
            }
            self.scs.hard_fault_forced();
            return if self.execution_priority() <= -1 {
                self.lock_up()
            } else {
                self.enter(number::HARD_FAULT, Some(value), timing)
            };
        }
        self.pend_interrupts();
        if let Some((exception, priority)) = self.exceptions.candidate()
            && self.scs.group(priority) < self.execution_priority()
            && !self.scs.masks_interrupts(exception)
        {
            return self.enter(exception, Some(value), timing);
        }
        self.pass(Counter::Exception, 10);
        let thread = value & RETURN_THREAD != 0;
        self.spsel = thread && value & RETURN_PROCESS != 0;
        self.choose_stack();
        if let Err(fault) = self.pop_frame(value) {
            self.scs.record_unstacking(fault);
            self.scs.hard_fault_forced();
            self.hard_fault(timing);
        } else if !self.thumb {
            self.take_fault(Fault::InvalidState, timing);
        }
    }

    /// Writes floating point registers that an exception left room for (B1.5.7, PreserveFPState).
    pub(crate) fn preserve_float(&mut self) -> Result<(), Fault> {
        if let Some(address) = self.scs.take_postponed_float() {
            for index in 0..17 {
                let address = address.wrapping_add(4 * index);
                let value = if index == 16 { self.fpscr } else { self.s[index as usize] };
                self.store_word(address, value).map_err(|_| Fault::Bus(address))?;
            }
        }
        Ok(())
    }

    fn pop_frame(&mut self, value: u32) -> Result<(), Fault> {
        let frame = self.r[SP];
        let read = |cpu: &mut Self, offset: u32| {
            let address = frame.wrapping_add(offset);
            cpu.word(address).map_err(|_| Fault::Bus(address))
        };
        let mut words = [0; 8];
        for (index, word) in words.iter_mut().enumerate() {
            *word = read(self, 4 * index as u32)?;
        }
        let float = self.core.has_float() && value & RETURN_NO_FLOAT == 0;
        if float && self.scs.take_postponed_float().is_none() {
            for index in 0..16 {
                self.s[index as usize] = read(self, FRAME + 4 * index)?;
            }
            self.fpscr = read(self, FRAME + 0x40)?;
        }
        self.stall = 0;
        let [r0, r1, r2, r3, r12, lr, pc, xpsr] = words;
        (self.r[0], self.r[1], self.r[2], self.r[3]) = (r0, r1, r2, r3);
        (self.r[12], self.r[LR], self.r[PC]) = (r12, lr, pc & !1);
        self.r[SP] = frame + if float { FLOAT_FRAME } else { FRAME } + if xpsr & ALIGNED != 0 { 4 } else { 0 };
        self.set_apsr(xpsr, true, true);
        self.set_it(xpsr);
        self.thumb = xpsr >> 24 & 1 != 0;
        self.fpca = float;
        self.exceptions.current = if value & RETURN_THREAD != 0 { 0 } else { xpsr & 0x1ff };
        self.choose_stack();
        Ok(())
    }

    /// What a debugger's reset and the chip's have in common: registers as at power-on, SP and PC from the vector table.
    pub(crate) fn reset(&mut self) {
        self.exceptions = Exceptions::new(self.core);
        self.scs.reset();
        self.bus.reset();
        self.waits.reset();
        (self.primask, self.faultmask, self.basepri) = (false, false, 0);
        (self.main_limit, self.process_limit, self.limit) = (0, 0, 0);
        (self.privileged, self.spsel, self.fpca, self.on_process_stack) = (true, false, false, false);
        (self.it, self.ge, self.fpscr, self.exclusive, self.thumb) = (0, 0, 0, None, true);
        (self.n, self.z, self.c, self.v, self.q) = (false, false, false, false, false);
        self.guard = (0, 0);
        self.r = [0; 16];
        self.r[LR] = u32::MAX;
        self.stall = 0;
        self.attention = 0;
        let table = self.scs.vector_table();
        let word = |cpu: &mut Self, address: u32| cpu.read_anything(address, Width::Word, false);
        match (word(self, table), word(self, table + 4)) {
            (Ok(stack), Ok(entry)) => {
                self.r[SP] = stack & !3;
                self.r[PC] = entry & !1;
                if entry & 1 == 0 {
                    self.lock_up();
                }
            }
            _ => self.lock_up(),
        }
    }
}

/// Whether a value may be branched to in handler mode: to a handler, to a thread on either stack.
fn is_exception_return(value: u32) -> bool {
    let choice = value & 0xf;
    // ARMv8-M has the security state in bits 0, 5 and 6.
    value >> 7 == 0x01ff_ffff && matches!(choice, 0 | 1 | 8 | 9 | 12 | 13)
}
