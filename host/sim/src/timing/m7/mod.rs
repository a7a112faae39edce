//! Cortex-M7: a scoreboard of an in-order pipeline that issues two instructions in a cycle.
//!
//! | what | rule |
//! |---|---|
//! | issue | two a cycle, in order; among them one store, one multiplication, one shifted operand, one SIMD operation, one floating point operation, one branch; two loads or two ALU operations |
//! | issued alone | LDM, STM, PUSH, POP, LDRD, STRD, loads and stores of doubles, SDIV, UDIV, TBB, MRS, MSR, barriers |
//! | first of a pair only | the DSP extension's operations outside the multiplier |
//! | result usable after | ALU 1, word load 1, narrower load 2, multiplication 2 cycles; a base written back at once |
//! | needed one stage early | registers of an address, the operand that is shifted |
//! | needed one stage late | accumulator, data of a store |
//! | LDM, STM, VLDM, VSTM of N | ⌈N/2⌉ |
//! | SDIV, UDIV | 7 |
//! | TBB, TBH | 2 |
//! | VADD, VMUL, VCVT, VMOV | result usable after 3 |
//! | VMLA, VFMA | result usable after 6, addend needed 3 later than the factors |
//! | VDIV, VSQRT | result usable after 16, the unit starts nothing else until then |
//! | VLDR; data of VSTR | usable after 1; needed two stages late |
//! | taken branch | the next instruction is issued in the next cycle |
//! | branch mispredicted | +6 |
//! | MRS, MSR, CPS, DMB, DSB; ISB | 3; 7 |
//!
//! The predictor is in `predictor.rs`. Sources: LLVM `ARMScheduleM7.td` (units, latencies, stages, cost of a
//! misprediction), quinapalus.com/cm7cycles.html and observations under mastodawn.com tag CortexM7 (pairs). Arm
//! publishes no table. Flags are never waited for. The predictor's size, LDM's width, barriers and a division's blocking are choices.

mod rules;

use rules::{FLOAT, FULL, Group, NOP, Operands, RULES, Rule};

use super::predictor::Predictor;
use super::{CLASSES, ErrorBound, Event, Timing, address_registers, float, list_length};
use crate::op::{Class, Kind, Op};

/// A prototype of these rules was about 12 % under CoreMark measured on a Teensy 4.0, with another compiler.
pub const ERROR: ErrorBound =
    ErrorBound { low: -15.0, high: 15.0, source: "no public table; CoreMark compared with a Teensy 4.0" };

/// Cycles that a wrong prediction costs.
const MISPREDICTED: u32 = 6;

/// A bit in each lane.
const LANES: u64 = 0x0001_0001_0001_0001;
/// Lanes in which a result of that latency is not there yet.
const PENDING: [u64; 4] = [0xffff, 0xffff_ffff, 0xffff_ffff_ffff, u64::MAX];

/// The scoreboard.
#[derive(Clone, Copy, Debug)]
pub struct M7 {
    /// Four lanes of 16 registers: what an operand needed early cannot have yet, if issued in this cycle (lowest lane)
    /// or in one of the next three. An operand needed in time looks one lane further, one needed late two.
    pending: u64,
    /// Units taken in this cycle.
    used: u16,
    /// Cycles, to compare with the next two.
    now: u64,
    /// When a single-precision register can be used.
    ready: [u64; 32],
    /// When the floating point unit is free.
    float_free: u64,
    predictor: Predictor,
}

impl Default for M7 {
    fn default() -> Self {
        Self { pending: 0, used: FULL, now: 0, ready: [0; 32], float_free: 0, predictor: Predictor::default() }
    }
}

impl Timing for M7 {
    #[inline(always)]
    fn retire(&mut self, op: &Op, event: &Event) -> u32 {
        let rule = if event.skipped { &NOP } else { &RULES[op.class as usize & (CLASSES - 1)] };
        let mut cycles = self.issue(rule, op);
        match rule.group {
            Group::Plain if event.skipped => {}
            Group::Plain => self.write(op.writes, rule.latency),
            Group::Conditional => {
                let foreseen = self.predictor.conditional(event, op.imm);
                cycles += self.redirect(foreseen);
            }
            Group::Memory => self.transfer(op, rule.latency),
            Group::Rare => cycles += self.rare(op, event, rule, cycles),
        }
        if event.taken {
            self.used = FULL;
        }
        self.now += u64::from(cycles);
        cycles
    }

    fn flush(&mut self) {
        (self.pending, self.used) = (0, FULL);
    }
}

impl M7 {
    /// Waits for units and operands: cycles until the issue.
    #[inline(always)]
    fn issue(&mut self, rule: &Rule, op: &Op) -> u32 {
        let needs = match rule.operands {
            Operands::InTime => u64::from(op.reads) << 16,
            Operands::Shifted => {
                let early = if shifts_operand(op.kind) { bit(op.rm) & 0x7fff } else { 0 };
                u64::from(early) | u64::from(op.reads) << 16
            }
            // An accumulator that is an operand, too, is needed in time.
            Operands::Factors => u64::from(address_registers(op)) << 16 | u64::from(op.reads) << 32,
            Operands::Address => u64::from(address_registers(op)) | u64::from(op.reads) << 32,
            Operands::None => 0,
        };
        let mut cycles = 0;
        let mut pending = self.pending;
        if self.used & rule.checks != 0 {
            cycles = 1;
            pending >>= 16;
        }
        while pending & needs != 0 {
            pending >>= 16;
            cycles += 1;
        }
        self.used = if cycles == 0 { self.used | rule.takes | FULL } else { rule.takes };
        self.pending = pending;
        cycles
    }

    /// Results of a load, and the base that a load or store writes back.
    #[inline(always)]
    fn transfer(&mut self, op: &Op, latency: u8) {
        let base = op.writes & bit(op.rn) & !bit(op.rd) & !bit(op.ra);
        self.write(op.writes & !base, latency + u8::from(is_narrow_load(op.kind)));
        if base != 0 {
            self.write(base, 0);
        }
    }

    #[inline(always)]
    fn write(&mut self, registers: u16, latency: u8) {
        let lanes = u64::from(registers) * LANES;
        self.pending = (self.pending & !lanes) | (lanes & PENDING[usize::from(latency) & 3]);
    }

    #[inline(always)]
    fn redirect(&mut self, foreseen: bool) -> u32 {
        if foreseen {
            return 0;
        }
        (self.pending, self.used) = (0, FULL);
        MISPREDICTED
    }

    /// Nothing is issued for some cycles.
    fn occupy(&mut self, cycles: u32) -> u32 {
        self.pending = self.pending.checked_shr(16 * cycles).unwrap_or(0);
        cycles
    }

    /// Cycles beyond those until the issue.
    #[inline(never)]
    fn rare(&mut self, op: &Op, event: &Event, rule: &Rule, issue: u32) -> u32 {
        if rule.operands == Operands::Address {
            self.transfer(op, rule.latency);
        } else {
            self.write(op.writes, rule.latency);
        }
        match op.class {
            Class::Divide => self.occupy(6),
            Class::LoadMany | Class::StoreMany => self.occupy(list_length(op).div_ceil(2).saturating_sub(1)),
            Class::LoadPc => {
                let words = if op.kind == Kind::LdrPc { 1 } else { list_length(op) };
                let transfer = self.occupy(words.div_ceil(2).saturating_sub(1));
                let foreseen = self.predictor.indirect(event);
                transfer + self.redirect(foreseen)
            }
            Class::BranchIndirect => {
                let table = u32::from(matches!(op.kind, Kind::Tbb | Kind::Tbh));
                let foreseen = self.predictor.indirect(event);
                table + self.redirect(foreseen)
            }
            Class::Barrier | Class::System if op.kind == Kind::Isb => self.occupy(6),
            Class::Barrier | Class::System => self.occupy(2),
            Class::FloatLoadMany | Class::FloatStoreMany => {
                let waits = self.float(op, rule, issue);
                waits + self.occupy(u32::from(op.ra).div_ceil(2).saturating_sub(1))
            }
            _ => self.float(op, rule, issue),
        }
    }

    /// Waits for registers and unit of a floating point instruction; remembers when its result can be used.
    fn float(&mut self, op: &Op, rule: &Rule, issue: u32) -> u32 {
        let start = self.now + u64::from(issue);
        let mut earliest = start;
        if rule.takes & FLOAT != 0 {
            earliest = earliest.max(self.float_free);
        }
        let slack = if matches!(op.class, Class::FloatStore | Class::FloatStoreMany) { 2 } else { 0 };
        for register in bits(float::reads(op)) {
            earliest = earliest.max(self.ready[register].saturating_sub(slack));
        }
        for register in bits(float::addend(op)) {
            earliest = earliest.max(self.ready[register].saturating_sub(3));
        }
        for register in bits(float::writes(op)) {
            self.ready[register] = earliest + u64::from(rule.latency);
        }
        if op.class == Class::FloatDivide {
            self.float_free = earliest + u64::from(rule.latency);
        }
        let waits = u32::try_from(earliest - start).unwrap_or(u32::MAX);
        if waits > 0 {
            self.occupy(waits);
            self.used = rule.takes;
        }
        waits
    }
}

const fn bit(register: u8) -> u16 {
    1u16.wrapping_shl(register as u32)
}

fn bits(mut word: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = word.trailing_zeros();
        word &= word.wrapping_sub(1);
        (lowest < 32).then_some(lowest as usize)
    })
}

/// Whether the second operand goes through the shifter before the ALU; a shift alone does not.
#[inline(always)]
const fn shifts_operand(kind: Kind) -> bool {
    !matches!(kind, Kind::MovShifted | Kind::LslReg | Kind::LsrReg | Kind::AsrReg | Kind::RorReg)
}

/// Bytes and half-words.
#[inline(always)]
const fn is_narrow_load(kind: Kind) -> bool {
    kind as u8 >= Kind::LdrbImm as u8 && kind as u8 <= Kind::LdrshLiteral as u8
}
