//! Debug state as a debugger sees it: halting, single steps, breakpoints, the trace unit's counters.
//!
//! ARMv7-M Architecture Reference Manual (DDI 0403), chapter C1.

use crate::{
    core::Core,
    cpu::{Cpu, LR, PC, SP},
    dwt::Trace,
};

/// Bits of DHCSR.
mod dhcsr {
    pub const KEY: u32 = 0xa05f;
    pub const C_DEBUGEN: u32 = 1 << 0;
    pub const C_HALT: u32 = 1 << 1;
    pub const C_STEP: u32 = 1 << 2;
    pub const C_MASKINTS: u32 = 1 << 3;
    pub const S_REGRDY: u32 = 1 << 16;
    pub const S_HALT: u32 = 1 << 17;
    pub const S_SLEEP: u32 = 1 << 18;
    pub const S_LOCKUP: u32 = 1 << 19;
    pub const S_RETIRE_ST: u32 = 1 << 24;
    pub const S_RESET_ST: u32 = 1 << 25;
}

/// Bits of DEMCR.
const VC_CORERESET: u32 = 1 << 0;
const VC_HARDERR: u32 = 1 << 10;

/// Comparators of the breakpoint unit.
const COMPARATORS: usize = 8;

/// Why the core halted: bits of DFSR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HaltReason {
    Request = 1 << 0,
    Breakpoint = 1 << 1,
    VectorCatch = 1 << 3,
}

/// Debug registers.
pub(crate) struct Debug {
    control: u32,
    halted: bool,
    lockup: bool,
    reset_seen: bool,
    /// The instruction count at which a step ends.
    step_end: u64,
    transfer: u32,
    demcr: u32,
    pub dfsr: u32,
    unit_enabled: bool,
    comparators: [u32; COMPARATORS],
    revision: u32,
    pub trace: Trace,
}

impl Debug {
    pub fn new(core: Core) -> Self {
        Self {
            control: 0,
            halted: false,
            lockup: false,
            reset_seen: true,
            step_end: 0,
            transfer: 0,
            demcr: 0,
            dfsr: 0,
            unit_enabled: false,
            comparators: [0; COMPARATORS],
            revision: u32::from(core.is_v8() || core == Core::M7F),
            trace: Trace::new(core),
        }
    }

    /// Debug registers survive a reset, C_HALT does not (Cortex-M3 and M4 Technical Reference Manuals, DHCSR: reset by the
    /// system's reset, the other bits by power-on only): the core runs unless the vector is caught.
    pub fn after_reset(&mut self) {
        self.reset_seen = true;
        self.lockup = false;
        let caught = self.demcr & VC_CORERESET != 0 && self.control & dhcsr::C_DEBUGEN != 0;
        self.halted = false;
        self.control &= !dhcsr::C_HALT;
        if caught {
            self.dfsr |= HaltReason::VectorCatch as u32;
            self.control |= dhcsr::C_HALT;
            self.halted = true;
        }
    }

    fn is_enabled(&self) -> bool {
        self.control & dhcsr::C_DEBUGEN != 0
    }
}

impl crate::scs::Scs {
    pub fn is_debugged(&self) -> bool {
        self.debug.is_enabled()
    }

    pub fn is_halted(&self) -> bool {
        self.debug.halted
    }

    pub fn is_stepping(&self) -> bool {
        self.debug.is_enabled() && self.debug.control & dhcsr::C_STEP != 0
    }

    /// Stops the core at the next look.
    pub fn halt(&mut self, reason: HaltReason) {
        self.debug.control |= dhcsr::C_HALT;
        self.debug.dfsr |= reason as u32;
    }

    /// A halt was asked for, or a step is done.
    pub fn wants_halt(&self, instructions: u64) -> bool {
        let debug = &self.debug;
        let asked = debug.control & dhcsr::C_HALT != 0;
        let stepped = debug.control & dhcsr::C_STEP != 0 && instructions >= debug.step_end;
        debug.is_enabled() && !debug.halted && (asked || stepped)
    }

    pub fn enter_halt(&mut self) {
        let debug = &mut self.debug;
        if debug.control & dhcsr::C_HALT == 0 {
            // A step ends as a halt request does.
            debug.dfsr |= HaltReason::Request as u32;
        }
        debug.control |= dhcsr::C_HALT;
        debug.halted = true;
    }

    pub fn set_lockup(&mut self, lockup: bool) {
        self.debug.lockup = lockup;
    }

    /// C_MASKINTS hides interrupts, PendSV and SysTick from a step.
    pub fn masks_interrupts(&self, exception: u32) -> bool {
        self.debug.is_enabled() && self.debug.control & dhcsr::C_MASKINTS != 0 && exception >= 14
    }

    pub fn catches_hard_fault(&self) -> bool {
        self.debug.is_enabled() && self.debug.demcr & VC_HARDERR != 0
    }

    /// Whether a comparator matches an instruction's address.
    pub fn is_breakpoint(&self, address: u32) -> bool {
        let debug = &self.debug;
        let matches = |&comparator: &u32| {
            if comparator & 1 == 0 {
                return false;
            }
            if debug.revision == 1 {
                return comparator & !1 == address;
            }
            // Revision 1 of the unit: a word address and which half of it (C1.11.5).
            let half = match comparator >> 30 {
                1 => address & 2 == 0,
                2 => address & 2 != 0,
                3 => true,
                _ => false,
            };
            half && comparator & 0x1fff_fffc == address & !3
        };
        debug.unit_enabled && debug.comparators.iter().any(matches)
    }
}

impl Cpu {
    pub(crate) fn read_debug(&mut self, address: u32, _debugger: bool) -> Option<u32> {
        let debug = &mut self.scs.debug;
        Some(match address {
            0xe000_101c => self.r[PC],
            0xe000_1000..=0xe000_105c => debug.trace.read(address, self.cycles),
            0xe000_2000 => {
                let code = COMPARATORS as u32;
                debug.revision << 28 | (code & 0x70) << 8 | (code & 0xf) << 4 | u32::from(debug.unit_enabled)
            }
            0xe000_2004 => 0,
            0xe000_2008..=0xe000_2024 => debug.comparators[((address - 0xe000_2008) / 4) as usize],
            // The instrumentation trace: nothing listens, its FIFOs are always ready.
            0xe000_0000..=0xe000_007c => 1,
            0xe000_0e00..=0xe000_0fcc => 0,
            0xe000_edf0 => {
                let bit = |condition: bool, mask: u32| if condition { mask } else { 0 };
                let status = bit(debug.halted, dhcsr::S_HALT)
                    | bit(self.exceptions.sleeping, dhcsr::S_SLEEP)
                    | bit(debug.lockup && !debug.halted, dhcsr::S_LOCKUP)
                    | bit(!debug.halted, dhcsr::S_RETIRE_ST)
                    | bit(std::mem::take(&mut debug.reset_seen), dhcsr::S_RESET_ST);
                debug.control | dhcsr::S_REGRDY | status
            }
            0xe000_edf4 => 0,
            0xe000_edf8 => debug.transfer,
            0xe000_edfc => debug.demcr,
            // DAUTHCTRL, DSCSR: one security state.
            0xe000_ee04 | 0xe000_ee08 => 0,
            0xe000_efb8 => 0xff,
            _ => return None,
        })
    }

    pub(crate) fn write_debug(&mut self, address: u32, value: u32, mask: u32, debugger: bool) -> bool {
        let cycles = self.cycles;
        let debug = &mut self.scs.debug;
        match address {
            0xe000_1000..=0xe000_105c => {
                debug.trace.write(address, value, cycles);
                self.counts_events = debug.trace.counts_events();
            }
            0xe000_2000 => {
                if value & 2 != 0 {
                    debug.unit_enabled = value & 1 != 0;
                    self.forget_all();
                }
            }
            0xe000_2008..=0xe000_2024 => {
                debug.comparators[((address - 0xe000_2008) / 4) as usize] = value;
                self.forget_all();
            }
            0xe000_0000..=0xe000_0fcc | 0xe000_ee04 | 0xe000_ee08 | 0xe000_efb0 => {}
            0xe000_edf0 => {
                if debugger && value >> 16 == dhcsr::KEY {
                    self.control_debug(value);
                }
            }
            0xe000_edf4 => self.transfer_register(value),
            0xe000_edf8 => debug.transfer = debug.transfer & !mask | value,
            0xe000_edfc => debug.demcr = debug.demcr & !mask | value & (mask & 0x0101_07f1),
            _ => return false,
        }
        true
    }

    /// DHCSR: halts, resumes, steps.
    fn control_debug(&mut self, value: u32) {
        let debug = &mut self.scs.debug;
        debug.control = value & 0xf;
        if !debug.is_enabled() {
            debug.control &= !(dhcsr::C_HALT | dhcsr::C_STEP);
            self.resume();
            return;
        }
        if debug.control & dhcsr::C_HALT != 0 {
            if !debug.halted {
                debug.dfsr |= HaltReason::Request as u32;
                debug.halted = true;
                // A halt ends a lockup as far as the debugger is concerned (C1.6.1).
                debug.lockup = false;
            }
            self.exceptions.sleeping = false;
        } else {
            self.resume();
        }
    }

    fn resume(&mut self) {
        let debug = &mut self.scs.debug;
        if std::mem::take(&mut debug.halted) {
            debug.step_end = self.instructions + 1;
            self.resuming = true;
            self.exceptions.lockup = false;
        }
        self.attention = 0;
    }

    /// DCRSR: moves a register from or to DCRDR.
    fn transfer_register(&mut self, selector: u32) {
        let number = selector & 0x7f;
        if selector >> 16 & 1 == 0 {
            self.scs.debug.transfer = self.debug_register(number);
        } else {
            let value = self.scs.debug.transfer;
            self.set_debug_register(number, value);
        }
    }

    /// A register by its number in DCRSR.
    pub(crate) fn debug_register(&self, number: u32) -> u32 {
        match number {
            0..=15 => self.r[number as usize],
            16 => self.xpsr(),
            17 => self.stacks().0,
            18 => self.stacks().1,
            20 => {
                self.control() << 24
                    | u32::from(self.faultmask) << 16
                    | u32::from(self.basepri) << 8
                    | u32::from(self.primask)
            }
            28 => self.main_limit,
            29 => self.process_limit,
            33 => self.fpscr,
            64..=95 => self.s[(number - 64) as usize],
            _ => 0,
        }
    }

    pub(crate) fn set_debug_register(&mut self, number: u32, value: u32) {
        match number as usize {
            PC => self.r[PC] = value & !1,
            SP => self.r[SP] = value & !3,
            0..=LR => self.r[number as usize] = value,
            16 => {
                self.set_apsr(value, true, true);
                self.set_it(value);
            }
            17 => self.set_main_stack(value),
            18 => self.set_process_stack(value),
            20 => {
                self.primask = value & 1 != 0;
                self.basepri = (value >> 8) as u8;
                self.faultmask = value >> 16 & 1 != 0;
                self.set_control(value >> 24);
            }
            28 => self.main_limit = value & !7,
            29 => self.process_limit = value & !7,
            33 => self.fpscr = value,
            64..=95 => self.s[number as usize - 64] = value,
            _ => {}
        }
        self.choose_stack();
    }
}
