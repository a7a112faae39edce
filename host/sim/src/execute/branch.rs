//! Branches that take their target from a register or from memory.

use super::Flow;
use crate::{
    cpu::{Cpu, Fault, PC, Trap},
    op::Op,
};

impl Cpu {
    /// BX, POP and loads into the program counter: in handler mode also the return from an exception.
    #[inline(always)]
    pub(super) fn branch_exchange(&mut self, target: u32) -> Flow {
        if target >> 24 == 0xff && self.exceptions.in_handler() {
            return Err(Trap::Return(target));
        }
        self.interworking(target)
    }

    /// A target whose bit 0 has to say Thumb.
    #[inline(always)]
    pub(super) fn interworking(&mut self, target: u32) -> Flow {
        if target & 1 == 0 {
            return self.leave_thumb(target);
        }
        Ok(target & !1)
    }

    #[cold]
    fn leave_thumb(&mut self, target: u32) -> Flow {
        self.r[PC] = target;
        Err(Trap::Fault(Fault::InvalidState))
    }

    /// MOV PC: never changes state, but returns from exceptions as BX does.
    pub(super) fn move_to_pc(&mut self, target: u32) -> Flow {
        Ok(target & !1)
    }

    pub(super) fn table_branch(
        &mut self,
        op: Op,
        read: impl Fn(&mut Self, u32) -> Result<u32, Trap>,
        shift: u32,
    ) -> Flow {
        let base = if op.rn as usize == PC { op.imm } else { self.reg(op.rn) };
        let entry = read(self, base.wrapping_add(self.reg(op.rm) << shift))?;
        Ok(op.imm.wrapping_add(2 * entry))
    }
}
