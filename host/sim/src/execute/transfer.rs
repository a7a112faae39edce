//! Loads and stores.

use super::Flow;
use crate::{
    bus::Width,
    cpu::{Cpu, Fault, PC, SP, Trap},
    op::{Op, flag},
};

/// Cycles that an access needs more when it crosses its own alignment and the bus does it in two
/// (Cortex-M3 and M4 TRM, "load/store timings").
const UNALIGNED: u32 = 1;

/// Which unaligned accesses are allowed: none on ARMv6-M, or with CCR.UNALIGN_TRP.
#[cold]
fn unaligned() -> Trap {
    Trap::Fault(Fault::Unaligned)
}

impl Cpu {
    #[inline(always)]
    pub(super) fn offset(&self, op: Op) -> u32 {
        self.reg(op.rn).wrapping_add(op.imm)
    }

    #[inline(always)]
    pub(super) fn indexed(&self, op: Op) -> u32 {
        self.reg(op.rn).wrapping_add(self.reg(op.rm) << (op.shift & 3))
    }

    #[inline(always)]
    fn waited(&mut self, slow: bool, address: u32) {
        if slow {
            self.stall += self.waits.load(address);
        }
    }

    #[inline(always)]
    pub(crate) fn word(&mut self, address: u32) -> Result<u32, Trap> {
        if address & 3 != 0 {
            self.crossing()?;
        }
        if let Some((bytes, slow)) = self.bus.load::<4>(address) {
            self.waited(slow, address);
            return Ok(u32::from_le_bytes(bytes));
        }
        self.read_slowly(address, Width::Word)
    }

    #[inline(always)]
    pub(super) fn aligned_word(&mut self, address: u32) -> Result<u32, Trap> {
        if address & 3 != 0 {
            return Err(unaligned());
        }
        self.word(address)
    }

    #[inline(always)]
    pub(super) fn half(&mut self, address: u32) -> Result<u32, Trap> {
        if address & 1 != 0 {
            self.crossing()?;
        }
        if let Some((bytes, slow)) = self.bus.load::<2>(address) {
            self.waited(slow, address);
            return Ok(u32::from(u16::from_le_bytes(bytes)));
        }
        self.read_slowly(address, Width::Half)
    }

    #[inline(always)]
    pub(super) fn byte(&mut self, address: u32) -> Result<u32, Trap> {
        if let Some((bytes, slow)) = self.bus.load::<1>(address) {
            self.waited(slow, address);
            return Ok(u32::from(bytes[0]));
        }
        self.read_slowly(address, Width::Byte)
    }

    #[inline(always)]
    pub(super) fn signed_byte(&mut self, address: u32) -> Result<u32, Trap> {
        Ok(self.byte(address)? as i8 as u32)
    }

    #[inline(always)]
    pub(super) fn signed_half(&mut self, address: u32) -> Result<u32, Trap> {
        Ok(self.half(address)? as i16 as u32)
    }

    #[inline(always)]
    pub(crate) fn store_word(&mut self, address: u32, value: u32) -> Result<(), Trap> {
        if address & 3 != 0 {
            self.crossing()?;
        }
        self.put(address, value.to_le_bytes(), Width::Word, value)
    }

    #[inline(always)]
    pub(super) fn store_half(&mut self, address: u32, value: u32) -> Result<(), Trap> {
        if address & 1 != 0 {
            self.crossing()?;
        }
        self.put(address, (value as u16).to_le_bytes(), Width::Half, value)
    }

    #[inline(always)]
    pub(super) fn store_byte(&mut self, address: u32, value: u32) -> Result<(), Trap> {
        self.put(address, [value as u8], Width::Byte, value)
    }

    #[inline(always)]
    fn put<const N: usize>(&mut self, address: u32, bytes: [u8; N], width: Width, value: u32) -> Result<(), Trap> {
        if address.wrapping_sub(self.guard.0) < self.guard.1 {
            return Err(Trap::Fault(Fault::Guard(address)));
        }
        match self.bus.store(address, bytes) {
            Some(slow) => {
                if slow {
                    self.stall += self.waits.store(address);
                }
                if self.code.is_touched(address) {
                    self.forget(address, address.wrapping_add(N as u32));
                }
                Ok(())
            }
            None => self.write_slowly(address, value, width),
        }
    }

    #[cold]
    fn crossing(&mut self) -> Result<(), Trap> {
        if !self.core.has_thumb2() || self.scs.traps_unaligned() {
            return Err(unaligned());
        }
        self.stall += UNALIGNED;
        Ok(())
    }

    /// A read of a device, the core's own registers, or nothing.
    #[cold]
    fn read_slowly(&mut self, address: u32, width: Width) -> Result<u32, Trap> {
        if address & (width.bytes() - 1) != 0 {
            return self.read_crossing(address, width);
        }
        self.read_anything(address, width, false).map_err(|error| Trap::Fault(Fault::Bus(error.address)))
    }

    /// An unaligned read at the edge of a memory: byte by byte.
    fn read_crossing(&mut self, address: u32, width: Width) -> Result<u32, Trap> {
        (0..width.bytes())
            .try_fold(0, |value, index| Ok(value | self.byte(address.wrapping_add(index))? << (8 * index)))
    }

    #[cold]
    fn write_slowly(&mut self, address: u32, value: u32, width: Width) -> Result<(), Trap> {
        if address & (width.bytes() - 1) != 0 {
            return (0..width.bytes())
                .try_for_each(|index| self.store_byte(address.wrapping_add(index), value >> (8 * index)));
        }
        self.write_anything(address, value, width, false).map_err(|error| Trap::Fault(Fault::Bus(error.address)))
    }

    #[inline(always)]
    pub(super) fn load(
        &mut self,
        op: Op,
        address: u32,
        read: impl Fn(&mut Self, u32) -> Result<u32, Trap>,
    ) -> Result<(), Trap> {
        let value = read(self, address)?;
        self.set(op.rd, value);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn load_pre(&mut self, op: Op, read: impl Fn(&mut Self, u32) -> Result<u32, Trap>) -> Result<(), Trap> {
        let address = self.offset(op);
        let value = read(self, address)?;
        self.set(op.rn, address);
        self.set(op.rd, value);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn load_post(&mut self, op: Op, read: impl Fn(&mut Self, u32) -> Result<u32, Trap>) -> Result<(), Trap> {
        let value = read(self, self.reg(op.rn))?;
        self.set(op.rn, self.offset(op));
        self.set(op.rd, value);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn store_pre(
        &mut self,
        op: Op,
        write: impl Fn(&mut Self, u32, u32) -> Result<(), Trap>,
    ) -> Result<(), Trap> {
        let address = self.offset(op);
        self.check_new_stack(op, address)?;
        write(self, address, self.reg(op.rd))?;
        self.set(op.rn, address);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn store_post(
        &mut self,
        op: Op,
        write: impl Fn(&mut Self, u32, u32) -> Result<(), Trap>,
    ) -> Result<(), Trap> {
        write(self, self.reg(op.rn), self.reg(op.rd))?;
        self.set(op.rn, self.offset(op));
        Ok(())
    }

    /// Before a store that moves the stack pointer below its limit nothing is stored (ARMv8-M ARM, B3.21).
    #[inline(always)]
    pub(super) fn check_new_stack(&self, op: Op, address: u32) -> Result<(), Trap> {
        if op.rn as usize == SP && address < self.limit {
            return Err(Trap::Fault(Fault::StackOverflow));
        }
        Ok(())
    }

    pub(super) fn load_pc(&mut self, op: Op) -> Flow {
        let base = if op.rn as usize == PC { 0 } else { self.reg(op.rn) };
        let moved = base.wrapping_add(op.imm);
        let address = match op.rm as usize {
            PC if op.rn as usize == PC || op.has(flag::PRE) || !op.has(flag::WRITEBACK) => moved,
            PC => base,
            _ => self.indexed(op),
        };
        let target = self.aligned_word(address)?;
        if op.has(flag::WRITEBACK) {
            self.set(op.rn, moved);
        }
        self.branch_exchange(target)
    }

    /// Where a pair lies, and the base register's new value.
    fn pair_address(&self, op: Op) -> (u32, u32) {
        if op.rn as usize == PC {
            return (op.imm, 0);
        }
        let (base, moved) = (self.reg(op.rn), self.offset(op));
        (if op.has(flag::PRE) { moved } else { base }, moved)
    }

    pub(super) fn load_pair(&mut self, op: Op) -> Result<(), Trap> {
        let (address, moved) = self.pair_address(op);
        let first = self.aligned_word(address)?;
        let second = self.aligned_word(address.wrapping_add(4))?;
        if op.has(flag::WRITEBACK) {
            self.set(op.rn, moved);
        }
        self.set(op.rd, first);
        self.set(op.ra, second);
        Ok(())
    }

    pub(super) fn store_pair(&mut self, op: Op) -> Result<(), Trap> {
        let (address, moved) = self.pair_address(op);
        if op.has(flag::WRITEBACK) && op.has(flag::PRE) {
            self.check_new_stack(op, address)?;
        }
        if address & 3 != 0 {
            return Err(unaligned());
        }
        self.store_word(address, self.reg(op.rd))?;
        self.store_word(address.wrapping_add(4), self.reg(op.ra))?;
        if op.has(flag::WRITEBACK) {
            self.set(op.rn, moved);
        }
        Ok(())
    }

    /// LDM from `start` upwards; a base that is in the list is loaded, not written back.
    #[inline(always)]
    pub(super) fn load_many(&mut self, op: Op, start: u32, next: u32) -> Flow {
        let mut address = start;
        let mut list = op.imm & 0x7fff;
        let base = self.reg(op.rn);
        let mut values = [0; 16];
        while list != 0 {
            let register = list.trailing_zeros() as usize & 15;
            values[register] = self.aligned_word(address)?;
            address = address.wrapping_add(4);
            list &= list - 1;
        }
        let target = if op.imm >> PC & 1 != 0 {
            address = address.wrapping_add(4);
            Some(self.aligned_word(address.wrapping_sub(4))?)
        } else {
            None
        };
        if op.has(flag::WRITEBACK) {
            self.set(op.rn, if start == base { address } else { start });
        }
        let mut list = op.imm & 0x7fff;
        while list != 0 {
            let register = list.trailing_zeros() as usize & 15;
            self.r[register] = values[register];
            list &= list - 1;
        }
        match target {
            Some(target) => self.branch_exchange(target),
            None => Ok(next),
        }
    }

    /// STM from `start` upwards.
    #[inline(always)]
    pub(super) fn store_many(&mut self, op: Op, start: u32) -> Result<(), Trap> {
        let base = self.reg(op.rn);
        if start != base {
            self.check_new_stack(op, start)?;
        }
        if start & 3 != 0 {
            return Err(unaligned());
        }
        let (mut address, mut list) = (start, op.imm & 0x7fff);
        while list != 0 {
            let register = list.trailing_zeros() as usize & 15;
            self.store_word(address, self.r[register])?;
            address = address.wrapping_add(4);
            list &= list - 1;
        }
        if op.has(flag::WRITEBACK) {
            self.set(op.rn, if start == base { address } else { start });
        }
        Ok(())
    }

    pub(super) fn load_exclusive(
        &mut self,
        op: Op,
        read: impl Fn(&mut Self, u32) -> Result<u32, Trap>,
    ) -> Result<(), Trap> {
        let address = self.offset(op);
        let value = read(self, address)?;
        self.exclusive = Some(address);
        self.set(op.rd, value);
        Ok(())
    }

    pub(super) fn store_exclusive(
        &mut self,
        op: Op,
        write: impl Fn(&mut Self, u32, u32) -> Result<(), Trap>,
    ) -> Result<(), Trap> {
        let address = self.offset(op);
        let alone = self.exclusive.take() == Some(address);
        if alone {
            write(self, address, self.reg(op.ra))?;
        }
        self.set(op.rd, u32::from(!alone));
        Ok(())
    }
}
