//! The system control space: fault status, priorities, masks, the system timer, the protection unit's guard.
//!
//! ARMv7-M Architecture Reference Manual (DDI 0403), B3.2 to B3.5. The trace, breakpoint and debug registers are
//! in [`crate::debug`].

use crate::{
    bus::{BusError, Width},
    core::Core,
    cpu::{Cpu, Fault},
    debug::Debug,
    exception::number,
    mpu::Mpu,
    systick::Systick,
};

pub(crate) use crate::debug::HaltReason;

/// Bits of the Configurable Fault Status Register.
mod cfsr {
    pub const IACCVIOL: u32 = 1 << 0;
    pub const DACCVIOL: u32 = 1 << 1;
    pub const MSTKERR: u32 = 1 << 4;
    pub const MMARVALID: u32 = 1 << 7;
    pub const IBUSERR: u32 = 1 << 8;
    pub const PRECISERR: u32 = 1 << 9;
    pub const UNSTKERR: u32 = 1 << 11;
    pub const STKERR: u32 = 1 << 12;
    pub const BFARVALID: u32 = 1 << 15;
    pub const UNDEFINSTR: u32 = 1 << 16;
    pub const INVSTATE: u32 = 1 << 17;
    pub const INVPC: u32 = 1 << 18;
    pub const NOCP: u32 = 1 << 19;
    pub const STKOF: u32 = 1 << 20;
    pub const UNALIGNED: u32 = 1 << 24;
    pub const DIVBYZERO: u32 = 1 << 25;
}

/// Bits of the HardFault Status Register.
const HFSR_FORCED: u32 = 1 << 30;
const HFSR_DEBUGEVT: u32 = 1 << 31;

/// Bits of the Configuration and Control Register.
const CCR_UNALIGN_TRP: u32 = 1 << 3;
const CCR_DIV_0_TRP: u32 = 1 << 4;
/// Returns to thread mode from nested handlers; always on in ARMv8-M.
const CCR_NONBASETHRDENA: u32 = 1 << 0;
/// Stack alignment, always on.
const CCR_STKALIGN: u32 = 1 << 9;
/// ARMv8-M: the limit does not count in HardFault and NMI.
const CCR_STKOFHFNMIGN: u32 = 1 << 10;

const AIRCR_KEY: u32 = 0x05fa;
const AIRCR_KEY_READ: u32 = 0xfa05 << 16;
const SYSRESETREQ: u32 = 1 << 2;

/// CPACR: full access to coprocessors 10 and 11.
const CPACR_FLOAT: u32 = 0xf << 20;

/// FPCCR: automatic and lazy state preservation.
const FPCCR_ASPEN: u32 = 1 << 31;
const FPCCR_LSPEN: u32 = 1 << 30;
/// FPCCR: room for the registers is on the stack, and they are not written yet; whose they are.
const FPCCR_LSPACT: u32 = 1 << 0;
const FPCCR_USER: u32 = 1 << 1;
const FPCCR_THREAD: u32 = 1 << 3;
const FPCCR_WRITABLE: u32 = 0xc000_017b;

/// Registers of the space.
pub(crate) struct Scs {
    core: Core,
    /// Value of VTOR after reset.
    pub boot: u32,
    vtor: u32,
    priority_group: u32,
    scr: u32,
    ccr: u32,
    shcsr: u32,
    cfsr: u32,
    hfsr: u32,
    mmfar: u32,
    bfar: u32,
    pub cpacr: u32,
    fpccr: u32,
    fpcar: u32,
    fpdscr: u32,
    pub systick: Systick,
    pub mpu: Mpu,
    pub debug: Debug,
    reset_requested: bool,
}

impl Scs {
    pub fn new(core: Core) -> Self {
        Self {
            core,
            boot: 0,
            vtor: 0,
            priority_group: 0,
            scr: 0,
            ccr: if core.is_v8() { CCR_STKALIGN | CCR_NONBASETHRDENA } else { CCR_STKALIGN },
            shcsr: 0,
            cfsr: 0,
            hfsr: 0,
            mmfar: 0,
            bfar: 0,
            cpacr: 0,
            fpccr: FPCCR_ASPEN | FPCCR_LSPEN,
            fpcar: 0,
            fpdscr: 0,
            systick: Systick::default(),
            mpu: Mpu::default(),
            debug: Debug::new(core),
            reset_requested: false,
        }
    }

    /// A local reset: everything but the debug registers.
    pub fn reset(&mut self) {
        let debug = std::mem::replace(&mut self.debug, Debug::new(self.core));
        *self = Self { boot: self.boot, vtor: self.boot, debug, ..Self::new(self.core) };
        self.debug.after_reset();
    }

    pub fn vector_table(&self) -> u32 {
        self.vtor
    }

    pub fn traps_unaligned(&self) -> bool {
        self.ccr & CCR_UNALIGN_TRP != 0
    }

    pub fn traps_division(&self) -> bool {
        self.ccr & CCR_DIV_0_TRP != 0
    }

    pub fn ignores_limit_in_hard_fault(&self) -> bool {
        self.ccr & CCR_STKOFHFNMIGN != 0
    }

    pub fn has_float_access(&self) -> bool {
        self.cpacr & CPACR_FLOAT == CPACR_FLOAT
    }

    pub fn stacks_float(&self) -> bool {
        self.fpccr & FPCCR_ASPEN != 0
    }

    pub fn stacks_float_lazily(&self) -> bool {
        self.fpccr & FPCCR_LSPEN != 0
    }

    /// Notes that registers belong at `address` and are not there yet (B1.5.7, UpdateFPCCR).
    pub fn postpone_float(&mut self, address: u32, thread: bool, privileged: bool) {
        let bit = |condition: bool, mask: u32| if condition { mask } else { 0 };
        self.fpcar = address & !7;
        self.fpccr = self.fpccr & !(FPCCR_USER | FPCCR_THREAD)
            | FPCCR_LSPACT
            | bit(!privileged, FPCCR_USER)
            | bit(thread, FPCCR_THREAD);
    }

    /// Where postponed registers belong, once.
    pub fn take_postponed_float(&mut self) -> Option<u32> {
        let postponed = self.fpccr & FPCCR_LSPACT != 0;
        self.fpccr &= !FPCCR_LSPACT;
        postponed.then_some(self.fpcar)
    }

    pub fn default_fpscr(&self) -> u32 {
        self.fpdscr & 0x07c0_0000
    }

    /// Implemented bits of a priority: two on ARMv6-M, four elsewhere (as ST and most others have).
    fn priority_mask(&self) -> u32 {
        if self.core.has_thumb2() { 0xf0 } else { 0xc0 }
    }

    pub fn priority_bits(&self, value: u32) -> u8 {
        (value & self.priority_mask()) as u8
    }

    /// Group part of a priority: what decides about preemption.
    pub fn group(&self, priority: i32) -> i32 {
        if priority < 0 { priority } else { priority & !((2 << self.priority_group) - 1) }
    }

    pub fn take_reset_request(&mut self) -> bool {
        std::mem::take(&mut self.reset_requested)
    }

    /// Whether the handler of a configurable fault is enabled.
    pub fn is_enabled(&self, exception: u32) -> bool {
        match exception {
            number::MEM_MANAGE => self.shcsr >> 16 & 1 != 0,
            number::BUS_FAULT => self.shcsr >> 17 & 1 != 0,
            number::USAGE_FAULT => self.shcsr >> 18 & 1 != 0,
            _ => false,
        }
    }

    pub fn hard_fault_forced(&mut self) {
        self.hfsr |= HFSR_FORCED;
    }

    /// Writes a fault into the status registers; gives the exception that handles it.
    pub fn record(&mut self, fault: Fault, pc: u32) -> u32 {
        // Nothing can be executed from devices and the system's area (ARMv7-M ARM, B3.1).
        let never_executable = matches!(pc >> 29, 2 | 5..=7);
        let (bits, exception) = match fault {
            Fault::Undefined => (cfsr::UNDEFINSTR, number::USAGE_FAULT),
            Fault::InvalidState => (cfsr::INVSTATE, number::USAGE_FAULT),
            Fault::InvalidPc => (cfsr::INVPC, number::USAGE_FAULT),
            Fault::NoCoprocessor => (cfsr::NOCP, number::USAGE_FAULT),
            Fault::StackOverflow => (cfsr::STKOF, number::USAGE_FAULT),
            Fault::Unaligned => (cfsr::UNALIGNED, number::USAGE_FAULT),
            Fault::DivideByZero => (cfsr::DIVBYZERO, number::USAGE_FAULT),
            Fault::Fetch if never_executable => (cfsr::IACCVIOL, number::MEM_MANAGE),
            Fault::Fetch => (cfsr::IBUSERR, number::BUS_FAULT),
            Fault::Bus(address) => {
                self.bfar = address;
                (cfsr::PRECISERR | cfsr::BFARVALID, number::BUS_FAULT)
            }
            Fault::Guard(address) => {
                self.mmfar = address;
                (cfsr::DACCVIOL | cfsr::MMARVALID, number::MEM_MANAGE)
            }
            Fault::BreakpointEvent => {
                self.hfsr |= HFSR_DEBUGEVT;
                (0, number::HARD_FAULT)
            }
        };
        self.cfsr |= bits;
        exception
    }

    /// Notes why a frame could not be pushed; gives the exception that handles it. No address is kept (B3.2.15).
    pub fn record_stacking(&mut self, fault: Fault) -> u32 {
        let (bits, exception) = match fault {
            Fault::Guard(_) => (cfsr::MSTKERR, number::MEM_MANAGE),
            Fault::StackOverflow => (cfsr::STKOF, number::USAGE_FAULT),
            _ => (cfsr::STKERR, number::BUS_FAULT),
        };
        self.cfsr |= bits;
        exception
    }

    pub fn record_unstacking(&mut self, _: Fault) {
        self.cfsr |= cfsr::UNSTKERR;
    }
}

impl Cpu {
    /// A read of anything: by the core, or by the debugger past it.
    pub(crate) fn read_anything(&mut self, address: u32, width: Width, debugger: bool) -> Result<u32, BusError> {
        self.check_privilege(address, debugger)?;
        if let 0xe000_0000..=0xe00f_ffff | 0xf000_0000..=0xf000_0007 = address
            && let Some(word) = self.read_system(address & !3, debugger)
        {
            let shifted = word >> (8 * (address & 3));
            return Ok(match width {
                Width::Byte => shifted & 0xff,
                Width::Half => shifted & 0xffff,
                Width::Word => shifted,
            });
        }
        let value = self.bus.read(address, width);
        self.after_device();
        value
    }

    /// A write of anything.
    pub(crate) fn write_anything(
        &mut self,
        address: u32,
        value: u32,
        width: Width,
        debugger: bool,
    ) -> Result<(), BusError> {
        self.check_privilege(address, debugger)?;
        if let 0xe000_0000..=0xe00f_ffff = address {
            let shift = 8 * (address & 3);
            let mask = match width {
                Width::Byte => 0xff << shift,
                Width::Half => 0xffff << shift,
                Width::Word => u32::MAX,
            };
            if self.write_system(address & !3, value << shift & mask, mask, debugger) {
                self.attention = 0;
                return Ok(());
            }
        }
        let done = self.bus.write(address, value, width);
        if done.is_ok() && self.code.is_touched(address) {
            self.forget(address, address.wrapping_add(width.bytes()));
        }
        self.after_device();
        done
    }

    /// The private peripheral bus is closed to unprivileged code (B3.1.1).
    fn check_privilege(&self, address: u32, debugger: bool) -> Result<(), BusError> {
        let closed = matches!(address, 0xe000_0000..=0xe00f_ffff) && !debugger && !self.is_privileged();
        if closed { Err(BusError { address }) } else { Ok(()) }
    }

    /// What an access to a device may have changed.
    fn after_device(&mut self) {
        if let Some(changed) = self.bus.take_changed() {
            self.forget(changed.start, changed.end);
        }
        self.attention = 0;
    }

    /// A register of the core; none if no register is there.
    fn read_system(&mut self, address: u32, debugger: bool) -> Option<u32> {
        if let 0xe000_e010..=0xe000_e018 = address {
            self.advance_systick();
        }
        let (scs, exceptions) = (&mut self.scs, &self.exceptions);
        Some(match address {
            0xf000_0000 => self.instructions as u32,
            0xf000_0004 => (self.instructions >> 32) as u32,
            0xe000_e010..=0xe000_e01c => scs.systick.read(address),
            0xe000_e004 => 1,
            0xe000_e100..=0xe000_e11c | 0xe000_e180..=0xe000_e19c => irq_word(exceptions.enabled, address),
            0xe000_e200..=0xe000_e21c | 0xe000_e280..=0xe000_e29c => irq_word(exceptions.pending, address),
            0xe000_e300..=0xe000_e31c => irq_word(exceptions.active, address),
            0xe000_e400..=0xe000_e4ec => self.priorities(number::EXTERNAL + (address - 0xe000_e400)),
            0xe000_ed00 => self.core.cpuid(),
            0xe000_ed04 => self.interrupt_state(),
            0xe000_ed08 => scs.vtor,
            0xe000_ed0c => AIRCR_KEY_READ | scs.priority_group << 8,
            0xe000_ed10 => scs.scr,
            0xe000_ed14 => scs.ccr,
            0xe000_ed18..=0xe000_ed20 => self.priorities(4 + (address - 0xe000_ed18)),
            0xe000_ed24 => self.handler_state(),
            0xe000_ed28 if self.core.has_thumb2() => scs.cfsr,
            0xe000_ed2c if self.core.has_thumb2() => scs.hfsr,
            0xe000_ed30 => scs.debug.dfsr,
            0xe000_ed34 => scs.mmfar,
            0xe000_ed38 => scs.bfar,
            0xe000_ed3c => 0,
            0xe000_ed40..=0xe000_ed7c => self.feature(address),
            0xe000_ed88 => scs.cpacr,
            0xe000_ed90..=0xe000_edc4 => scs.mpu.read(address),
            0xe000_ef34 => scs.fpccr,
            0xe000_ef38 => scs.fpcar,
            0xe000_ef3c => scs.fpdscr,
            0xe000_ef40..=0xe000_ef48 => self.feature(address),
            // Cache maintenance and, on ARMv8-M, security registers: nothing to tell.
            0xe000_ef50..=0xe000_efb0 | 0xe000_ed80..=0xe000_ed84 | 0xe000_e008..=0xe000_e00c => 0,
            _ => return self.read_debug(address, debugger),
        })
    }

    /// Writes the bits of `mask`; whether a register is there.
    fn write_system(&mut self, address: u32, value: u32, mask: u32, debugger: bool) -> bool {
        let merge = |old: u32| old & !mask | value;
        let scs = &mut self.scs;
        match address {
            0xe000_e010..=0xe000_e01c => scs.systick.write(address, value, self.cycles),
            0xe000_e100..=0xe000_e11c => self.exceptions.enabled |= irq_bits(value, address),
            0xe000_e180..=0xe000_e19c => self.exceptions.enabled &= !irq_bits(value, address),
            0xe000_e200..=0xe000_e21c => self.exceptions.pending |= irq_bits(value, address),
            0xe000_e280..=0xe000_e29c => self.exceptions.pending &= !irq_bits(value, address),
            0xe000_e400..=0xe000_e4ec => self.set_priorities(number::EXTERNAL + (address - 0xe000_e400), value, mask),
            0xe000_ed04 => self.change_interrupt_state(value),
            0xe000_ed08 => scs.vtor = merge(scs.vtor) & !0x7f,
            0xe000_ed0c => {
                if value >> 16 == AIRCR_KEY {
                    scs.priority_group = value >> 8 & 7;
                    scs.reset_requested |= value & SYSRESETREQ != 0;
                }
            }
            0xe000_ed10 => scs.scr = merge(scs.scr),
            0xe000_ed14 => {
                let always = if self.core.is_v8() { CCR_STKALIGN | CCR_NONBASETHRDENA } else { CCR_STKALIGN };
                scs.ccr = merge(scs.ccr) | always;
            }
            0xe000_ed18..=0xe000_ed20 => self.set_priorities(4 + (address - 0xe000_ed18), value, mask),
            0xe000_ed24 => self.change_handler_state(merge(self.scs.shcsr)),
            0xe000_ed28 => scs.cfsr &= !value,
            0xe000_ed2c => scs.hfsr &= !value,
            0xe000_ed30 => scs.debug.dfsr &= !value,
            0xe000_ed34 => scs.mmfar = merge(scs.mmfar),
            0xe000_ed38 => scs.bfar = merge(scs.bfar),
            0xe000_ed88 if self.core.has_float() => scs.cpacr = merge(scs.cpacr),
            0xe000_ed90..=0xe000_edc4 => {
                scs.mpu.write(address, merge(scs.mpu.read(address)), self.core.is_v8());
                self.guard = scs.mpu.guard();
            }
            0xe000_ef00 => self.exceptions.pend(number::EXTERNAL + (value & 0x3f)),
            0xe000_ef34 => scs.fpccr = merge(scs.fpccr) & FPCCR_WRITABLE,
            0xe000_ef38 => scs.fpcar = merge(scs.fpcar) & !7,
            0xe000_ef3c => scs.fpdscr = merge(scs.fpdscr),
            0xe000_ed3c..=0xe000_ed84 | 0xe000_ef40..=0xe000_efb0 | 0xe000_e004..=0xe000_e00c => {}
            _ => return self.write_debug(address, value, mask, debugger),
        }
        true
    }

    /// Feature registers: what decides about the floating point unit and the data cache is told, the rest is empty.
    fn feature(&self, address: u32) -> u32 {
        match address {
            // MVFR0, MVFR1 (Cortex-M4 TRM 7.3; Cortex-M7 and M33 without double precision).
            0xe000_ef40 if self.core.has_float() => 0x1011_0021,
            0xe000_ef44 if self.core.has_float() => 0x1100_0011,
            0xe000_ef48 if self.core.has_fpv5() => 0x0000_0040,
            _ => 0,
        }
    }

    fn priorities(&self, first: u32) -> u32 {
        let one = |index: u32| self.exceptions.priority.get((first + index) as usize).copied().unwrap_or(0);
        u32::from_le_bytes([one(0), one(1), one(2), one(3)])
    }

    fn set_priorities(&mut self, first: u32, value: u32, mask: u32) {
        for index in 0..4 {
            if mask >> (8 * index) & 1 != 0
                && let Some(place) = self.exceptions.priority.get_mut((first + index) as usize)
            {
                *place = self.scs.priority_bits(value >> (8 * index) & 0xff);
            }
        }
    }

    /// ICSR.
    fn interrupt_state(&self) -> u32 {
        let pending = self.exceptions.pending;
        let bit = |exception: u32, position: u32| u32::from(pending >> exception & 1 != 0) << position;
        let interrupts = u32::from(pending >> number::EXTERNAL != 0) << 22;
        // The one that would be next without masks, so by priority (B3.2.4).
        let first = self.exceptions.candidate().map_or(0, |(exception, _)| exception);
        let alone = u32::from(self.exceptions.active.count_ones() <= 1) << 11;
        bit(number::PENDSV, 28)
            | bit(number::SYSTICK, 26)
            | interrupts
            | first << 12
            | alone
            | self.exceptions.current()
    }

    fn change_interrupt_state(&mut self, value: u32) {
        let exceptions = &mut self.exceptions;
        for (set, clear, exception) in [(28, 27, number::PENDSV), (26, 25, number::SYSTICK)] {
            if value >> set & 1 != 0 {
                exceptions.pend(exception);
            }
            if value >> clear & 1 != 0 {
                exceptions.pending &= !(1 << exception);
            }
        }
    }

    /// Active and pending bits of SHCSR beside the enables.
    fn handler_state(&self) -> u32 {
        let (active, pending) = (self.exceptions.active, self.exceptions.pending);
        let bit = |set: u128, exception: u32, position: u32| u32::from(set >> exception & 1 != 0) << position;
        self.scs.shcsr & 0x0007_0000
            | bit(active, number::MEM_MANAGE, 0)
            | bit(active, number::BUS_FAULT, 1)
            | if self.core.is_v8() { bit(active, number::HARD_FAULT, 2) } else { 0 }
            | bit(active, number::USAGE_FAULT, 3)
            | bit(active, number::SVCALL, 7)
            | bit(active, number::PENDSV, 10)
            | bit(active, number::SYSTICK, 11)
            | bit(pending, number::SVCALL, 15)
    }

    fn change_handler_state(&mut self, value: u32) {
        self.scs.shcsr = value & 0x0007_0000;
    }
}

/// The word of a bit field of interrupts that a register shows.
fn irq_word(set: u128, address: u32) -> u32 {
    (set >> number::EXTERNAL >> (8 * (address & 0x1c)).min(127)) as u32
}

fn irq_bits(value: u32, address: u32) -> u128 {
    (u128::from(value) << (8 * (address & 0x1c)).min(64)) << number::EXTERNAL
}
