//! The system timer, computed from the cycle counter instead of being counted.
//!
//! ARMv7-M Architecture Reference Manual (DDI 0403), B3.3. Both clock sources are the core's clock.

use crate::{cpu::Cpu, exception::number};

const ENABLE: u32 = 1;
const TICKINT: u32 = 1 << 1;
const CLKSOURCE: u32 = 1 << 2;
const COUNTFLAG: u32 = 1 << 16;

/// Registers of the timer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Systick {
    control: u32,
    reload: u32,
    /// Value at `since`.
    value: u32,
    /// Cycle at which `value` was right.
    since: u64,
    wrapped: bool,
}

impl Systick {
    /// Brings the value up to date; how often it reached zero.
    fn advance(&mut self, now: u64) -> u64 {
        let passed = now - self.since;
        self.since = now;
        if self.control & ENABLE == 0 || passed == 0 {
            return 0;
        }
        let value = u64::from(self.value);
        let period = u64::from(self.reload) + 1;
        // From 0 the timer reloads with the next cycle, which is not an event.
        let (value, zeros) = if passed < value {
            (value - passed, 0)
        } else if self.reload == 0 {
            (0, u64::from(value > 0))
        } else {
            let first = u64::from(value > 0);
            let rest = passed - value;
            let into = rest % period;
            (if into == 0 { 0 } else { period - into }, first + rest / period)
        };
        self.value = value as u32;
        self.wrapped |= zeros > 0;
        zeros
    }

    /// Cycles from now to the next time that it reaches zero.
    fn until_zero(&self) -> Option<u64> {
        match (self.control & ENABLE != 0, self.value, self.reload) {
            (false, ..) | (_, 0, 0) => None,
            (true, 0, reload) => Some(u64::from(reload) + 1),
            (true, value, _) => Some(value.into()),
        }
    }

    /// The core looks at the timer's exceptions before it reads: see [`Cpu::advance_systick`].
    pub fn read(&mut self, address: u32) -> u32 {
        match address & 0xc {
            0x0 => {
                let flag = std::mem::take(&mut self.wrapped);
                self.control | if flag { COUNTFLAG } else { 0 }
            }
            0x4 => self.reload,
            0x8 => self.value,
            // CALIB: no reference, no calibration.
            _ => 1 << 31,
        }
    }

    pub fn write(&mut self, address: u32, value: u32, now: u64) {
        self.advance(now);
        match address & 0xc {
            0x0 => self.control = value & (ENABLE | TICKINT | CLKSOURCE),
            0x4 => self.reload = value & 0x00ff_ffff,
            0x8 => {
                self.value = 0;
                self.wrapped = false;
            }
            _ => {}
        }
    }
}

impl Cpu {
    /// Brings the timer up to date, pends its exception, and tells when it has to be looked at again.
    pub(crate) fn advance_systick(&mut self) -> Option<u64> {
        let timer = &mut self.scs.systick;
        if timer.advance(self.cycles) > 0 && timer.control & TICKINT != 0 {
            self.exceptions.pend(number::SYSTICK);
        }
        let asks = timer.control & TICKINT != 0;
        timer.until_zero().filter(|_| asks).map(|cycles| self.cycles + cycles)
    }
}
