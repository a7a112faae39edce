//! Arm semihosting, as far as programs of this project use it: text and the way out.
//!
//! Source: Arm semihosting for AArch32 and AArch64, 2.0, sections 5 and 7.

use crate::{bus::Width, cpu::Cpu};

/// The number of BKPT that asks for it.
pub(crate) const NUMBER: u32 = 0xab;

const SYS_WRITEC: u32 = 0x03;
const SYS_WRITE0: u32 = 0x04;
const SYS_EXIT: u32 = 0x18;
const SYS_EXIT_EXTENDED: u32 = 0x20;

/// `ADP_Stopped_ApplicationExit`.
const APPLICATION_EXIT: u32 = 0x20026;

/// Text without an end is cut here.
const LONGEST: u32 = 1 << 16;

impl Cpu {
    /// Answers the request in R0 and R1; the exit code if the program ends.
    pub(crate) fn semihosting(&mut self) -> Option<u32> {
        let parameter = self.r[1];
        match self.r[0] {
            SYS_WRITEC => {
                let byte = self.debug_byte(parameter);
                self.output.push(char::from(byte));
                None
            }
            SYS_WRITE0 => {
                for offset in 0..LONGEST {
                    match self.debug_byte(parameter.wrapping_add(offset)) {
                        0 => break,
                        byte => self.output.push(char::from(byte)),
                    }
                }
                None
            }
            SYS_EXIT => Some(if parameter == APPLICATION_EXIT { 0 } else { 1 }),
            SYS_EXIT_EXTENDED => Some(self.read_anything(parameter.wrapping_add(4), Width::Word, true).unwrap_or(1)),
            _ => {
                self.r[0] = u32::MAX;
                None
            }
        }
    }

    fn debug_byte(&mut self, address: u32) -> u8 {
        self.read_anything(address, Width::Byte, true).unwrap_or(0) as u8
    }
}
