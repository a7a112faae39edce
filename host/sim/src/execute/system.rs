//! Special registers, interrupt masks and waiting.

use crate::{
    cpu::{Cpu, SP},
    op::{Kind, Op},
};

/// SYSm numbers of MRS and MSR (ARMv7-M ARM, B5.1.1; limits: ARMv8-M ARM).
mod special {
    pub const MSP: u32 = 8;
    pub const PSP: u32 = 9;
    pub const MSPLIM: u32 = 10;
    pub const PSPLIM: u32 = 11;
    pub const PRIMASK: u32 = 16;
    pub const BASEPRI: u32 = 17;
    pub const BASEPRI_MAX: u32 = 18;
    pub const FAULTMASK: u32 = 19;
    pub const CONTROL: u32 = 20;
}

const Q: u32 = 1 << 27;

impl Cpu {
    /// NZCVQ in the upper bits, GE in 16 to 19.
    pub fn apsr(&self) -> u32 {
        let bit = |flag: bool, position: u32| u32::from(flag) << position;
        let flags = bit(self.n, 31) | bit(self.z, 30) | bit(self.c, 29) | bit(self.v, 28);
        let q = if self.core.has_thumb2() { bit(self.q, 27) } else { 0 };
        let ge = if self.core.has_dsp() { u32::from(self.ge) << 16 } else { 0 };
        flags | q | ge
    }

    /// Sets NZCVQ, and GE if asked.
    pub fn set_apsr(&mut self, value: u32, flags: bool, ge: bool) {
        if flags {
            self.n = value >> 31 & 1 != 0;
            self.z = value >> 30 & 1 != 0;
            self.c = value >> 29 & 1 != 0;
            self.v = value >> 28 & 1 != 0;
            self.q = value & Q != 0;
        }
        if ge {
            self.ge = (value >> 16 & 0xf) as u8;
        }
    }

    /// APSR, exception number, IT state and the Thumb bit.
    pub fn xpsr(&self) -> u32 {
        let it = u32::from(self.it);
        self.apsr() | self.exceptions.current() | u32::from(self.thumb) << 24 | (it & 0xfc) << 8 | (it & 3) << 25
    }

    /// IT state from a stacked xPSR.
    pub fn set_it(&mut self, xpsr: u32) {
        self.it = (xpsr >> 8 & 0xfc | xpsr >> 25 & 3) as u8;
    }

    pub fn control(&self) -> u32 {
        u32::from(!self.privileged) | u32::from(self.spsel) << 1 | u32::from(self.fpca) << 2
    }

    pub fn set_control(&mut self, value: u32) {
        self.privileged = value & 1 == 0;
        self.spsel = value & 2 != 0;
        self.fpca = value & 4 != 0 && self.core.has_float();
        self.choose_stack();
    }

    /// Main and process stack pointer.
    pub fn stacks(&self) -> (u32, u32) {
        if self.on_process_stack { (self.other_sp, self.r[SP]) } else { (self.r[SP], self.other_sp) }
    }

    pub fn set_main_stack(&mut self, value: u32) {
        if self.on_process_stack { self.other_sp = value & !3 } else { self.r[SP] = value & !3 }
    }

    pub fn set_process_stack(&mut self, value: u32) {
        if self.on_process_stack { self.r[SP] = value & !3 } else { self.other_sp = value & !3 }
    }

    /// Puts the stack pointer in use that mode and CONTROL ask for.
    pub fn choose_stack(&mut self) {
        let process = self.spsel && !self.exceptions.in_handler();
        if process != self.on_process_stack {
            std::mem::swap(&mut self.r[SP], &mut self.other_sp);
            self.on_process_stack = process;
        }
        self.limit = if process { self.process_limit } else { self.main_limit };
    }

    pub(super) fn move_from_special(&mut self, op: Op) {
        let number = op.imm & 0xff;
        let value = match number {
            0..=7 => {
                let ipsr = if number & 1 != 0 { self.exceptions.current() } else { 0 };
                let apsr = if number & 4 == 0 { self.apsr() } else { 0 };
                ipsr | apsr
            }
            special::MSP => self.stacks().0,
            special::PSP => self.stacks().1,
            special::MSPLIM if self.core.is_v8() => self.main_limit,
            special::PSPLIM if self.core.is_v8() => self.process_limit,
            special::PRIMASK => u32::from(self.primask),
            special::BASEPRI | special::BASEPRI_MAX if self.core.has_thumb2() => u32::from(self.basepri),
            special::FAULTMASK if self.core.has_thumb2() => u32::from(self.faultmask),
            special::CONTROL => self.control(),
            _ => 0,
        };
        self.set(op.rd, value);
    }

    pub(super) fn move_to_special(&mut self, op: Op) {
        let (number, value) = (op.imm & 0xff, self.reg(op.rn));
        if number <= 3 {
            let (flags, ge) = (op.imm >> 9 & 1 != 0 || !self.core.has_thumb2(), op.imm >> 8 & 1 != 0);
            self.set_apsr(value, flags, ge && self.core.has_dsp());
            return;
        }
        if !self.is_privileged() {
            return;
        }
        match number {
            special::MSP => self.set_main_stack(value),
            special::PSP => self.set_process_stack(value),
            special::MSPLIM if self.core.is_v8() => self.main_limit = value & !7,
            special::PSPLIM if self.core.is_v8() => self.process_limit = value & !7,
            special::PRIMASK => self.primask = value & 1 != 0,
            special::BASEPRI if self.core.has_thumb2() => self.basepri = self.scs.priority_bits(value),
            special::BASEPRI_MAX if self.core.has_thumb2() => {
                let asked = self.scs.priority_bits(value);
                if asked != 0 && (self.basepri == 0 || asked < self.basepri) {
                    self.basepri = asked;
                }
            }
            special::FAULTMASK if self.core.has_thumb2() => self.faultmask = value & 1 != 0,
            special::CONTROL => {
                // In handler mode the stack stays the main one, and SPSEL is written by exception returns only.
                let spsel = if self.exceptions.in_handler() { self.control() & 2 } else { value & 2 };
                self.set_control(value & !2 | spsel);
            }
            _ => {}
        }
        self.choose_stack();
        self.attention = 0;
    }

    pub fn is_privileged(&self) -> bool {
        self.privileged || self.exceptions.in_handler()
    }

    /// CPSIE, CPSID.
    pub(super) fn change_masks(&mut self, op: Op) {
        if self.is_privileged() {
            let set = op.imm & 0x10 != 0;
            if op.imm & 1 != 0 {
                self.primask = set;
            }
            if op.imm & 2 != 0 && self.core.has_thumb2() {
                self.faultmask = set;
            }
            self.attention = 0;
        }
    }

    /// Instructions that change no register, except that TT tells nothing of an address and SEV wakes.
    pub(super) fn hint(&mut self, op: Op) {
        match op.kind {
            Kind::Tt => self.set(op.rd, 0),
            Kind::Sev => self.exceptions.event = true,
            _ => {}
        }
    }

    pub(super) fn wait_for_interrupt(&mut self) {
        self.exceptions.sleeping = true;
        self.attention = 0;
    }

    pub(super) fn wait_for_event(&mut self) {
        if !std::mem::take(&mut self.exceptions.event) {
            self.exceptions.sleeping = true;
            self.attention = 0;
        }
    }
}
