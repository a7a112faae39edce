//! What each class of instruction needs of the Cortex-M7, and gives.

use super::CLASSES;
use crate::op::Class;

// Units of the current cycle.
/// Something was issued.
pub(super) const ANY: u16 = 1;
/// Nothing more can be issued.
pub(super) const FULL: u16 = 2;
pub(super) const STORE: u16 = 4;
pub(super) const MULTIPLY: u16 = 8;
pub(super) const SHIFT: u16 = 16;
pub(super) const SIMD: u16 = 32;
pub(super) const BRANCH: u16 = 64;
pub(super) const FLOAT: u16 = 128;

/// What a class needs and gives.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    /// Units that must be free; [`ANY`] if it must be the first.
    pub(super) checks: u16,
    /// Units taken.
    pub(super) takes: u16,
    /// Cycles from issue to use of the result.
    pub(super) latency: u8,
    pub(super) operands: Operands,
    pub(super) group: Group,
}

/// When the registers that are read are needed.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Operands {
    /// All in time.
    InTime,
    /// The shifted one early.
    Shifted,
    /// Factors in time, what is added late.
    Factors,
    /// The address early, data late.
    Address,
    /// None are.
    None,
}

/// What follows the issue.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Group {
    /// Results after the latency.
    Plain,
    /// A conditional branch.
    Conditional,
    /// A load or store of one or two registers.
    Memory,
    /// [`M7::rare`] has more to say.
    Rare,
}

const fn rule(units: u16, latency: u8) -> Rule {
    Rule { checks: units | FULL, takes: units | ANY, latency, operands: Operands::InTime, group: Group::Plain }
}

const fn multiply() -> Rule {
    Rule { operands: Operands::Factors, ..rule(MULTIPLY, 2) }
}

const fn memory(units: u16) -> Rule {
    Rule { operands: Operands::Address, group: Group::Memory, ..rule(units, 1) }
}

const fn alone(rule: Rule) -> Rule {
    Rule { checks: rule.checks | ANY, takes: rule.takes | FULL, ..rule }
}

const fn rare(rule: Rule) -> Rule {
    Rule { group: Group::Rare, ..rule }
}

pub(super) const NOP: Rule = Rule { operands: Operands::None, ..rule(0, 1) };

pub(super) const RULES: [Rule; CLASSES] = {
    let mut r = [rule(0, 1); CLASSES];
    r[Class::Shift as usize] = Rule { operands: Operands::Shifted, ..rule(SHIFT, 1) };
    r[Class::Mul as usize] = multiply();
    r[Class::Mac as usize] = multiply();
    r[Class::LongMul as usize] = multiply();
    r[Class::Divide as usize] = rare(alone(rule(0, 1)));
    r[Class::Dsp as usize] = Rule { checks: SIMD | FULL | ANY, ..rule(SIMD, 1) };
    r[Class::Load as usize] = memory(0);
    r[Class::LoadDouble as usize] = alone(memory(0));
    r[Class::LoadMany as usize] = rare(alone(memory(0)));
    r[Class::LoadPc as usize] = rare(alone(memory(0)));
    r[Class::Store as usize] = memory(STORE);
    r[Class::StoreDouble as usize] = alone(memory(STORE));
    r[Class::StoreMany as usize] = rare(alone(memory(STORE)));
    r[Class::Branch as usize] = rule(BRANCH, 1);
    r[Class::BranchConditional as usize] = Rule { group: Group::Conditional, ..rule(BRANCH, 1) };
    r[Class::Call as usize] = rule(BRANCH, 1);
    r[Class::BranchIndirect as usize] = rare(rule(BRANCH, 1));
    r[Class::Nop as usize] = NOP;
    r[Class::Barrier as usize] = rare(alone(rule(0, 1)));
    r[Class::System as usize] = rare(alone(rule(0, 1)));
    r[Class::FloatMove as usize] = rare(rule(0, 3));
    r[Class::FloatAdd as usize] = rare(rule(FLOAT, 3));
    r[Class::FloatMul as usize] = rare(rule(FLOAT, 3));
    r[Class::FloatMac as usize] = rare(rule(FLOAT, 6));
    r[Class::FloatDivide as usize] = rare(rule(FLOAT, 16));
    r[Class::FloatConvert as usize] = rare(rule(FLOAT, 3));
    r[Class::FloatLoad as usize] = rare(memory(0));
    r[Class::FloatLoadMany as usize] = rare(alone(memory(0)));
    r[Class::FloatStore as usize] = rare(memory(STORE));
    r[Class::FloatStoreMany as usize] = rare(alone(memory(STORE)));
    r
};
