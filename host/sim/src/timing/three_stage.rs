//! The three-stage pipeline that Cortex-M3 and Cortex-M4 share: pipelined loads, refills after branches, fetches of
//! 32 bits.
//!
//! The two differ only in a table by class. What is rare or needs more than the class is in [`ThreeStage::rare`].

use std::marker::PhantomData;

use super::{CLASSES, Event, Timing, address_registers, float, list_length};
use crate::op::{Class, Kind, Op, flag};

/// What a class costs.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Cycles of an instruction alone.
    pub(super) cycles: u8,
    /// Cycles more if it changes the program counter (`P` in Arm's tables).
    pub(super) refill: u8,
    pub(super) group: Group,
}

/// What else has to be looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Group {
    /// Computes: its result reaches the address of the next instruction a cycle late.
    Computes,
    /// A load, which may overlap with one before it.
    Load,
    /// A store; with an offset register it takes a cycle more, and may overlap with a load before it.
    Store,
    /// Nothing.
    Other,
    /// Decided in [`ThreeStage::rare`].
    Rare,
}

/// A table of rules.
pub trait Costs: Clone + Copy + Default + Send + 'static {
    /// By class.
    const RULES: [Rule; CLASSES];
    /// Cycles of a 64-bit product, without and with an addition; asked only where the class is rare.
    const LONG: [u32; 2] = [1, 1];
}

/// The rules that both cores share.
pub(super) const fn common() -> [Rule; CLASSES] {
    let mut rules = [Rule { cycles: 1, refill: 0, group: Group::Rare }; CLASSES];
    let computing = [Class::Alu, Class::Shift, Class::Mul, Class::Mac, Class::LongMul, Class::Dsp];
    let mut i = 0;
    while i < computing.len() {
        rules[computing[i] as usize].group = Group::Computes;
        i += 1;
    }
    rules[Class::Load as usize] = Rule { cycles: 2, refill: 0, group: Group::Load };
    rules[Class::Store as usize].group = Group::Store;
    rules[Class::Branch as usize] = Rule { cycles: 1, refill: 1, group: Group::Other };
    rules[Class::BranchConditional as usize] = Rule { cycles: 1, refill: 1, group: Group::Other };
    rules[Class::Nop as usize].group = Group::Other;
    rules
}

/// Not behind a load.
const NOTHING_OVERLAPS: u16 = 0xffff;
/// Nor there: just behind floating point arithmetic.
const AFTER_FLOAT: u16 = 0xfffe;

/// The state of the pipeline: what the instruction before left.
#[derive(Clone, Copy, Debug)]
pub struct ThreeStage<C> {
    /// Core registers that the data-processing instruction just before computed.
    computed: u16,
    /// After a load: its result. Else [`NOTHING_OVERLAPS`] or [`AFTER_FLOAT`].
    blocked: u16,
    /// Single-precision results of the last arithmetic instruction; they count just behind it.
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
        Self {
            computed: 0,
            blocked: NOTHING_OVERLAPS,
            float: 0,
            run: 0,
            redirected: false,
            narrow: false,
            costs: PhantomData,
        }
    }
}

impl<C: Costs> Timing for ThreeStage<C> {
    #[inline(always)]
    fn retire(&mut self, op: &Op, event: &Event) -> u32 {
        let rule = C::RULES[op.class as usize & (CLASSES - 1)];
        let mut cycles = u32::from(rule.cycles);
        if rule.group == Group::Computes && !event.skipped {
            (self.computed, self.blocked) = (op.writes, NOTHING_OVERLAPS);
        } else if rule.group == Group::Rare || event.skipped {
            cycles = self.rare(op, event);
        } else {
            cycles = cycles.wrapping_add(self.transfer(rule.group, op));
        }
        if op.flags & (flag::WIDE | flag::HALF_ALIGNED) == flag::WIDE | flag::HALF_ALIGNED {
            self.run += 1;
            cycles += u32::from(self.redirected) + u32::from(self.run == 3);
        } else {
            self.run = 0;
        }
        self.redirected = event.taken;
        self.narrow = !op.has(flag::WIDE);
        if event.taken {
            (self.run, self.narrow) = (0, false);
            cycles += u32::from(rule.refill);
        }
        cycles
    }

    fn flush(&mut self) {
        *self = Self::default();
    }
}

impl<C: Costs> ThreeStage<C> {
    /// Loads, stores and branches: cycles beyond the class's.
    #[inline(always)]
    fn transfer(&mut self, group: Group, op: &Op) -> u32 {
        let mut more = 0;
        let mut blocked = NOTHING_OVERLAPS;
        if group != Group::Other {
            let address = address_registers(op);
            // Bit 15 is clear after a load only.
            let free = u32::from(self.blocked & (address | 0x8000) == 0);
            let late = u32::from(self.computed & address != 0);
            if group == Group::Load {
                more = late.wrapping_sub(free);
                blocked = 1u16.wrapping_shl(u32::from(op.rd));
            } else {
                let indexed = u32::from(op.rm != 15);
                more = late + indexed - (indexed & free);
            }
        }
        (self.computed, self.blocked) = (0, blocked);
        more
    }

    /// Instructions whose cost depends on more than their class.
    #[inline(never)]
    fn rare(&mut self, op: &Op, event: &Event) -> u32 {
        let computed = self.computed;
        let results = if self.blocked == AFTER_FLOAT { self.float } else { 0 };
        (self.computed, self.blocked) = (0, NOTHING_OVERLAPS);
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
            Class::It => 1 - u32::from(self.narrow),
            Class::LoadDouble | Class::StoreDouble => 3 + late,
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
            (self.float, self.blocked) = (float::writes(op), AFTER_FLOAT);
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
