//! The three-stage pipeline that Cortex-M3 and Cortex-M4 share: pipelined loads, refills after branches, fetches of
//! 32 bits.
//!
//! The two differ only in a table by class. The common path has no branch that depends on the instruction; what is
//! rare or needs more than the class is in [`ThreeStage::rare`].

use std::marker::PhantomData;

use super::{CLASSES, Event, Timing, address_registers, float, list_length};
use crate::op::{Class, Kind, Op, flag};

/// What a class costs and leaves behind for the next instruction.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Cycles of an instruction alone.
    pub(super) cycles: u8,
    /// Cycles more if it changes the program counter (`P` in Arm's tables).
    pub(super) refill: u8,
    /// 1: a load that may overlap with the one before.
    load: u8,
    /// 1: a store, which takes one cycle more, and may overlap with a load before it, if it has an offset register.
    store: u8,
    /// 1: IT, which is folded into a 16-bit instruction before it.
    folds: u8,
    /// Decided in [`ThreeStage::rare`].
    pub(super) rare: bool,
    /// Registers, of base and offset, that make an address.
    address: u16,
    /// Results that reach the address of the next instruction a cycle late.
    computes: u16,
    /// Bits that keep the next instruction from overlapping: all, unless this is a load.
    blocks: u16,
}

/// A table of rules.
pub trait Costs: Clone + Copy + Default + Send + 'static {
    /// By class.
    const RULES: [Rule; CLASSES];
    /// Cycles of a 64-bit product, without and with an addition; asked only where the class is rare.
    const LONG: [u32; 2] = [1, 1];
}

const OTHER: Rule =
    Rule { cycles: 1, refill: 0, load: 0, store: 0, folds: 0, rare: false, address: 0, computes: 0, blocks: 0xffff };

/// The rules that both cores share.
pub(super) const fn common() -> [Rule; CLASSES] {
    let mut rules = [OTHER; CLASSES];
    let computing = [Class::Alu, Class::Shift, Class::Mul, Class::Mac, Class::LongMul, Class::Dsp, Class::Divide];
    let mut i = 0;
    while i < computing.len() {
        rules[computing[i] as usize].computes = 0xffff;
        i += 1;
    }
    rules[Class::Load as usize] = Rule { cycles: 2, load: 1, address: 0x7fff, blocks: 0, ..OTHER };
    rules[Class::Store as usize] = Rule { store: 1, address: 0x7fff, ..OTHER };
    rules[Class::LoadDouble as usize] = Rule { cycles: 3, address: 0x7fff, ..OTHER };
    rules[Class::StoreDouble as usize] = Rule { cycles: 3, address: 0x7fff, ..OTHER };
    rules[Class::Branch as usize].refill = 1;
    rules[Class::BranchConditional as usize].refill = 1;
    rules[Class::It as usize].folds = 1;
    let rare = [
        Class::Divide,
        Class::LoadMany,
        Class::StoreMany,
        Class::LoadPc,
        Class::Call,
        Class::BranchIndirect,
        Class::Barrier,
        Class::System,
    ];
    i = 0;
    while i < rare.len() {
        rules[rare[i] as usize].rare = true;
        i += 1;
    }
    i = Class::FloatMove as usize;
    while i < CLASSES {
        rules[i].rare = true;
        i += 1;
    }
    rules
}

/// The state of the pipeline: what the instruction before left.
#[derive(Clone, Copy, Debug)]
pub struct ThreeStage<C> {
    /// Core registers that the data-processing instruction just before computed.
    computed: u16,
    /// After a load: its result. Else all bits: nothing overlaps.
    blocked: u16,
    /// Single-precision results of the arithmetic instruction just before.
    float: u32,
    /// Half-aligned 32-bit instructions in a row.
    run: u32,
    /// The instruction before was a taken branch.
    redirected: bool,
    /// The instruction before was a 16-bit one, and this one follows it in memory.
    narrow: bool,
    costs: PhantomData<C>,
}

impl<C> Default for ThreeStage<C> {
    fn default() -> Self {
        Self { computed: 0, blocked: 0xffff, float: 0, run: 0, redirected: false, narrow: false, costs: PhantomData }
    }
}

impl<C: Costs> Timing for ThreeStage<C> {
    #[inline(always)]
    fn retire(&mut self, op: &Op, event: &Event) -> u32 {
        let rule = &C::RULES[op.class as usize & (CLASSES - 1)];
        let mut cycles = if rule.rare | event.skipped { self.rare(op, event) } else { self.usual(rule, op) };
        let unaligned = op.flags & (flag::WIDE | flag::HALF_ALIGNED) == flag::WIDE | flag::HALF_ALIGNED;
        cycles += u32::from(unaligned & self.redirected);
        self.run = (self.run + 1) & 0u32.wrapping_sub(u32::from(unaligned));
        cycles += u32::from(self.run == 3);
        self.redirected = event.taken;
        self.narrow = !event.taken & !op.has(flag::WIDE);
        if event.taken {
            self.run = 0;
            cycles += u32::from(rule.refill);
        }
        cycles
    }

    fn flush(&mut self) {
        *self = Self::default();
    }
}

impl<C: Costs> ThreeStage<C> {
    #[inline(always)]
    fn usual(&mut self, rule: &Rule, op: &Op) -> u32 {
        let address = address_registers(op) & rule.address;
        let indexed = rule.store & u8::from(op.rm != 15);
        let free = self.blocked & (address | 0x8000) == 0;
        let overlaps = (rule.load | indexed) & u8::from(free);
        let late = u8::from(self.computed & address != 0);
        let folded = rule.folds & u8::from(self.narrow);
        self.computed = op.writes & rule.computes;
        self.blocked = 1u16.wrapping_shl(u32::from(op.rd)) | rule.blocks;
        self.float = 0;
        u32::from(rule.cycles + indexed + late - overlaps - folded)
    }

    /// Instructions whose cost depends on more than their class.
    #[inline(never)]
    fn rare(&mut self, op: &Op, event: &Event) -> u32 {
        let (computed, results) = (self.computed, self.float);
        (self.computed, self.blocked, self.float) = (0, 0xffff, 0);
        if event.skipped {
            return 1;
        }
        let late = u32::from(computed & address_registers(op) != 0);
        match op.class {
            Class::Divide => {
                self.computed = op.writes;
                divide(event.quotient_bits)
            }
            Class::LongMul => {
                self.computed = op.writes;
                C::LONG[usize::from(matches!(op.kind, Kind::Umlal | Kind::Smlal))]
            }
            Class::LoadMany | Class::StoreMany => 1 + list_length(op) + late,
            Class::LoadPc => match op.kind {
                Kind::LdrPc => 2 + 2 + late,
                _ => 1 + list_length(op) + 2 + late,
            },
            // Of a register 2, of a table 2 and its load.
            Class::Call | Class::BranchIndirect => match op.kind {
                Kind::Bl => 1 + 1,
                Kind::Tbb | Kind::Tbh => 2 + 2 + late,
                _ => 1 + u32::from(event.taken) * 2,
            },
            // ISB empties the pipeline; nothing else is waited for.
            Class::Barrier => 1 + 3 * u32::from(op.kind == Kind::Isb),
            Class::System => 1 + u32::from(matches!(op.kind, Kind::Mrs | Kind::Msr | Kind::Cps)),
            _ => self.float(op, results) + if float_memory(op.class) { late } else { 0 },
        }
    }

    /// Floating point: the instruction after an arithmetic one waits a cycle for its result, except for an addend.
    fn float(&mut self, op: &Op, results: u32) -> u32 {
        let waits = u32::from(float::reads(op) & results != 0);
        if matches!(
            op.class,
            Class::FloatAdd | Class::FloatMul | Class::FloatMac | Class::FloatDivide | Class::FloatConvert
        ) {
            self.float = float::writes(op);
        }
        let cycles = match op.class {
            Class::FloatMac => 3,
            Class::FloatDivide => 14,
            Class::FloatLoad | Class::FloatStore => 1 + u32::from(float::singles(op)),
            Class::FloatLoadMany | Class::FloatStoreMany => 1 + u32::from(op.ra),
            _ if matches!(op.kind, Kind::VmovFromCore2 | Kind::VmovToCore2) => 2,
            _ => 1,
        };
        cycles + waits
    }
}

const fn float_memory(class: Class) -> bool {
    matches!(class, Class::FloatLoad | Class::FloatStore | Class::FloatLoadMany | Class::FloatStoreMany)
}

/// 2 to 12 cycles by the bits of the quotient; between the ends Arm gives no figures: linear, rounded up.
const fn divide(quotient_bits: u32) -> u32 {
    let cycles = 2 + (quotient_bits * 10).div_ceil(31);
    if cycles > 12 { 12 } else { cycles }
}
