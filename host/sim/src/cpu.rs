//! The core: registers, flags, decoded code, and the loop that runs it.

use crate::{
    bus::Bus,
    code::{Code, Page},
    core::Core,
    decode::decode,
    exception::Exceptions,
    op::{Kind, Op, flag},
    profile::Profile,
    scs::Scs,
    timing::{Event, Timing},
    waits::MemoryTiming,
};

/// Stack pointer, link register and program counter.
pub(crate) const SP: usize = 13;
pub(crate) const LR: usize = 14;
pub(crate) const PC: usize = 15;

/// Why the core stopped running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The cycles that it was given are over.
    Cycles,
    /// Halted in debug state.
    Halted,
    /// Locked up: a fault where none can be taken. Only a reset or the debugger helps.
    Lockup,
    /// Waits for an event that only the debugger can bring.
    Sleeping,
    /// The program ended itself by semihosting, with this code.
    Exit(u32),
}

/// What ends the ordinary run of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trap {
    /// A fault of this instruction.
    Fault(Fault),
    /// SVC: the exception is taken behind the instruction.
    Supervisor,
    /// A return from an exception, with this EXC_RETURN.
    Return(u32),
    /// BKPT.
    Breakpoint(u32),
}

/// Faults with what the status registers say of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Undefined,
    InvalidState,
    InvalidPc,
    NoCoprocessor,
    StackOverflow,
    Unaligned,
    DivideByZero,
    /// Instruction fetch from where nothing answers.
    Fetch,
    /// A data access that nothing answers.
    Bus(u32),
    /// A data access into the guard.
    Guard(u32),
    BreakpointEvent,
}

/// Registers and everything that executes.
pub(crate) struct Cpu {
    pub core: Core,
    /// R0 to R15; R13 is the stack pointer in use, R15 the instruction being executed.
    pub r: [u32; 16],
    pub n: bool,
    pub z: bool,
    pub c: bool,
    pub v: bool,
    pub q: bool,
    /// GE flags, four bits.
    pub ge: u8,
    /// IT state: condition in the upper, mask in the lower nibble; 0 outside a block.
    pub it: u8,
    /// EPSR.T; no instruction is executed while it is false.
    pub thumb: bool,
    /// Singles.
    pub s: [u32; 32],
    pub fpscr: u32,
    /// The stack pointer that is not in use.
    pub other_sp: u32,
    /// Whether R13 is the process stack pointer.
    pub on_process_stack: bool,
    pub privileged: bool,
    /// CONTROL.SPSEL; in handler mode the main stack is used whatever it says.
    pub spsel: bool,
    /// CONTROL.FPCA.
    pub fpca: bool,
    pub primask: bool,
    pub faultmask: bool,
    pub basepri: u8,
    pub main_limit: u32,
    pub process_limit: u32,
    /// Limit of the stack pointer in use.
    pub limit: u32,
    /// Address of an exclusive load that no store answered yet.
    pub exclusive: Option<u32>,

    pub bus: Bus,
    pub scs: Scs,
    pub exceptions: Exceptions,
    pub waits: MemoryTiming,
    pub profile: Option<Box<Profile>>,

    /// Modelled cycles since power-on, wait states included.
    pub cycles: u64,
    /// Executed instructions; one whose condition fails counts.
    pub instructions: u64,
    /// Cycles of wait states in `cycles`.
    pub stalls: u64,
    /// The trace unit counts more than cycles.
    pub counts_events: bool,
    /// Wait states of the instruction being executed.
    pub stall: u32,
    /// Quotient bits of the division being executed.
    pub quotient_bits: u32,
    /// When `cycles` reaches this, something else than the next instruction has to be looked at.
    pub attention: u64,
    /// A run ends with this many instructions, whatever its cycles.
    pub last_instruction: u64,
    /// No stores here: the first address and the length of the memory protection unit's guard.
    pub guard: (u32, u32),

    /// The page of code that is being executed, while the loop does not hold it.
    page: Page,
    pub code: Code,
    /// The 16-byte line that was fetched last.
    line: u32,
    /// The first instruction after a halt does not stop at a breakpoint.
    pub resuming: bool,
    /// What the program wrote by semihosting.
    pub output: String,
}

impl Cpu {
    pub fn new(core: Core, bus: Bus, waits: MemoryTiming) -> Self {
        Self {
            core,
            r: [0; 16],
            n: false,
            z: false,
            c: false,
            v: false,
            q: false,
            ge: 0,
            it: 0,
            thumb: true,
            s: [0; 32],
            fpscr: 0,
            other_sp: 0,
            on_process_stack: false,
            privileged: true,
            spsel: false,
            fpca: false,
            primask: false,
            faultmask: false,
            basepri: 0,
            main_limit: 0,
            process_limit: 0,
            limit: 0,
            exclusive: None,
            bus,
            scs: Scs::new(core),
            exceptions: Exceptions::new(core),
            waits,
            profile: None,
            cycles: 0,
            instructions: 0,
            stalls: 0,
            counts_events: false,
            stall: 0,
            quotient_bits: 0,
            attention: 0,
            last_instruction: u64::MAX,
            guard: (0, 0),
            page: Page::default(),
            code: Code::default(),
            line: u32::MAX,
            resuming: false,
            output: String::new(),
        }
    }

    /// Runs until `end` cycles or a stop.
    pub fn run<T: Timing, const PROFILE: bool>(&mut self, timing: &mut T, end: u64) -> Stop {
        // In hands of its own, so that the loop need not look for it again after every store.
        let mut page = std::mem::take(&mut self.page);
        let stop = self.run_in::<T, PROFILE>(&mut page, timing, end);
        self.page = page;
        stop
    }

    fn run_in<T: Timing, const PROFILE: bool>(&mut self, page: &mut Page, timing: &mut T, end: u64) -> Stop {
        self.attention = 0;
        loop {
            if self.cycles >= self.attention {
                self.code.refresh(page);
                if let Some(stop) = self.attend(timing, end) {
                    return stop;
                }
            }
            let pc = self.r[PC];
            let Some(op) = page.get(pc) else {
                self.turn_page(page, pc, timing);
                continue;
            };
            if op.kind == Kind::Undecoded {
                self.decode_into(page, pc, timing);
                continue;
            }
            if let Some(stop) = self.one::<T, PROFILE>(op, pc, page.slow, timing) {
                return stop;
            }
        }
    }

    /// Executes one decoded instruction.
    #[inline(always)]
    fn one<T: Timing, const PROFILE: bool>(&mut self, op: &Op, pc: u32, slow: bool, timing: &mut T) -> Option<Stop> {
        if pc >> 4 != self.line {
            self.line = pc >> 4;
            if slow {
                self.stall += self.waits.fetch(pc);
            }
        }
        let next = pc.wrapping_add(op.bytes());
        if self.it != 0 {
            return self.conditional::<T, PROFILE>(op, pc, next, timing);
        }
        let stack = self.r[SP];
        match self.execute(*op, next) {
            Ok(target) => {
                self.r[PC] = target;
                self.retired::<T, PROFILE>(op, pc, target, target != next, false, timing);
                if T::STACK_LIMITS && self.is_below_limit(op) {
                    self.undo_stack(pc, stack, 0, timing);
                }
                None
            }
            Err(trap) => self.trapped(trap, op, pc, next, timing),
        }
    }

    /// One instruction of an IT block.
    fn conditional<T: Timing, const PROFILE: bool>(
        &mut self,
        op: &Op,
        pc: u32,
        next: u32,
        timing: &mut T,
    ) -> Option<Stop> {
        let mut op = *op;
        // BKPT ends up in the debugger whatever the condition (ARMv7-M ARM, A7.7.17).
        let (state, holds) = (self.it, self.holds(self.it >> 4) || op.kind == Kind::Bkpt);
        // ARMv7-M ARM, A7.3.3: ITAdvance.
        self.it = if state & 7 == 0 { 0 } else { (state & 0xe0) | ((state << 1) & 0x1f) };
        if !holds {
            self.r[PC] = next;
            self.retired::<T, PROFILE>(&op, pc, next, false, true, timing);
            return None;
        }
        if op.has(flag::SETS_OUTSIDE_IT) {
            op.flags &= !flag::SETS;
        }
        let stack = self.r[SP];
        match self.execute(op, next) {
            Ok(target) => {
                self.r[PC] = target;
                self.retired::<T, PROFILE>(&op, pc, target, target != next, false, timing);
                if T::STACK_LIMITS && self.is_below_limit(&op) {
                    self.undo_stack(pc, stack, state, timing);
                }
                None
            }
            Err(trap) => {
                if matches!(trap, Trap::Fault(_) | Trap::Breakpoint(_)) {
                    self.it = state;
                }
                self.trapped(trap, &op, pc, next, timing)
            }
        }
    }

    /// Counts an instruction.
    #[inline(always)]
    fn retired<T: Timing, const PROFILE: bool>(
        &mut self,
        op: &Op,
        pc: u32,
        target: u32,
        taken: bool,
        skipped: bool,
        timing: &mut T,
    ) {
        let event = Event { pc, taken, target, quotient_bits: self.quotient_bits, skipped };
        let cycles = timing.retire(op, &event);
        let stall = std::mem::take(&mut self.stall);
        self.cycles += u64::from(cycles + stall);
        self.stalls += u64::from(stall);
        self.instructions += 1;
        if self.counts_events {
            self.scs.debug.trace.retire(op.class, cycles + stall);
        }
        if PROFILE && let Some(profile) = &mut self.profile {
            profile.record(pc, cycles, stall, op.class, taken);
        }
    }

    /// Whether an instruction moved the stack pointer below its limit.
    #[inline(always)]
    fn is_below_limit(&self, op: &Op) -> bool {
        op.writes & (1 << SP) != 0 && self.r[SP] < self.limit
    }

    /// The instruction that moved the stack pointer too far did nothing but that, and faults as if it had not been
    /// executed (ARMv8-M ARM, B3.21).
    #[cold]
    fn undo_stack<T: Timing>(&mut self, pc: u32, stack: u32, it: u8, timing: &mut T) {
        (self.r[PC], self.r[SP], self.it) = (pc, stack, it);
        self.take_fault(Fault::StackOverflow, timing);
    }

    /// What an instruction asked for that is not its own work.
    #[cold]
    fn trapped<T: Timing>(&mut self, trap: Trap, op: &Op, pc: u32, next: u32, timing: &mut T) -> Option<Stop> {
        match trap {
            Trap::Supervisor => {
                self.r[PC] = next;
                self.retired::<T, false>(op, pc, next, false, false, timing);
                self.supervisor_call(timing);
                None
            }
            Trap::Return(value) => {
                self.retired::<T, false>(op, pc, 0, true, false, timing);
                self.return_from_exception(value, timing);
                None
            }
            Trap::Breakpoint(number) => self.breakpoint(number, next, timing),
            Trap::Fault(fault) => {
                self.instructions += 1;
                self.cycles += 1 + u64::from(std::mem::take(&mut self.stall));
                self.take_fault(fault, timing);
                None
            }
        }
    }

    /// BKPT: semihosting without a debugger, debug state with one, else a fault.
    fn breakpoint<T: Timing>(&mut self, number: u32, next: u32, timing: &mut T) -> Option<Stop> {
        self.stall = 0;
        if self.scs.is_debugged() {
            self.scs.halt(crate::scs::HaltReason::Breakpoint);
            self.attention = 0;
            return None;
        }
        if number == crate::semihosting::NUMBER {
            self.instructions += 1;
            self.cycles += 1;
            self.r[PC] = next;
            return self.semihosting().map(Stop::Exit);
        }
        self.take_fault(Fault::BreakpointEvent, timing);
        None
    }

    /// Whether a condition holds (ARMv7-M ARM, A7.3).
    #[inline(always)]
    pub fn holds(&self, condition: u8) -> bool {
        let result = match condition >> 1 {
            0 => self.z,
            1 => self.c,
            2 => self.n,
            3 => self.v,
            4 => self.c && !self.z,
            5 => self.n == self.v,
            6 => self.n == self.v && !self.z,
            _ => return true,
        };
        result != (condition & 1 != 0)
    }

    /// Gets the page of `pc`.
    #[cold]
    fn turn_page<T: Timing>(&mut self, page: &mut Page, pc: u32, timing: &mut T) {
        // Nothing is executed from devices or the system area (ARMv7-M ARM, B3.1).
        let index = self.bus.memory_at(self.bus.resolve(pc));
        let Some(memory) = index.and_then(|index| self.bus.memories().get(index)) else {
            return self.fetch_fault(timing);
        };
        self.code.turn(page, pc, memory.slow, memory.is_writable());
        self.line = u32::MAX;
    }

    /// Decodes what stands at `pc`, unless a breakpoint is there.
    #[cold]
    fn decode_into<T: Timing>(&mut self, page: &mut Page, pc: u32, timing: &mut T) {
        if self.scs.is_breakpoint(pc) {
            self.scs.halt(crate::scs::HaltReason::Breakpoint);
            self.attention = 0;
            return;
        }
        match self.decode_at(pc) {
            Some(op) => {
                page.keep(pc, op);
                self.code.watch(page);
            }
            None => self.fetch_fault(timing),
        }
    }

    fn fetch_fault<T: Timing>(&mut self, timing: &mut T) {
        self.instructions += 1;
        self.cycles += 1;
        self.take_fault(Fault::Fetch, timing);
    }

    /// Decodes the instruction at `pc`; none where memory ends.
    fn decode_at(&self, pc: u32) -> Option<Op> {
        let half =
            |address: u32| self.bus.load::<2>(self.bus.resolve(address)).map(|(bytes, _)| u16::from_le_bytes(bytes));
        let first = half(pc)?;
        let second = half(pc.wrapping_add(2)).unwrap_or(0);
        Some(decode(self.core, pc, first, second))
    }

    /// Decodes and runs what stands at the program counter once, whether a breakpoint is there or not.
    pub fn step<T: Timing>(&mut self, timing: &mut T) -> Option<Stop> {
        let pc = self.r[PC];
        match self.decode_at(pc) {
            Some(op) => self.one::<T, false>(&op, pc, self.page.slow, timing),
            None => {
                self.fetch_fault(timing);
                None
            }
        }
    }

    /// Decoded instructions in a range of addresses are to be decoded again.
    pub fn forget(&mut self, start: u32, end: u32) {
        self.code.expire(start..end);
        self.attention = 0;
    }

    /// Everything is to be decoded again.
    pub fn forget_all(&mut self) {
        self.code.expire_all();
        self.line = u32::MAX;
        self.attention = 0;
    }
}
