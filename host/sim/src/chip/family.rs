//! Families of chips, found by a chip's probe-rs name.

use std::ops::Range;
use std::sync::Arc;

use thiserror::Error;

use super::{ChipSpec, nrf, rp, samd51, stm32};
use crate::bus::{Memory, Peripheral};
use crate::flash::{
    Banks, FlashController, Nvmc, QspiFlash, ReadProtection, Samd51, Stm32H7, Stm32L4, Stm32U5, stm32f4, stm32f7,
};
use crate::probe::adi::DebugPort;
use crate::probe::faults::Switches;

/// Why there is no virtual board of a chip.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChipError {
    /// No family of this name is simulated.
    #[error("no virtual board for the chip `{name}`")]
    Unknown {
        /// The chip.
        name: String,
    },
}

impl ChipError {
    /// A stable name of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "virtual_board::unknown_chip",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => {
                "simulated families: STM32F4, STM32F7, STM32H7, STM32L4, STM32U5, nRF52, nRF5340, ATSAMD51, RP2040, \
                 RP2350"
            }
        }
    }
}

/// A family of chips that differ in sizes only, as far as a virtual board shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// STM32F4.
    Stm32F4,
    /// STM32F7.
    Stm32F7,
    /// STM32H72x to H75x.
    Stm32H7,
    /// STM32L47x, L48x and others with pages of 2 KiB.
    Stm32L4,
    /// STM32L4+: L4R, L4S.
    Stm32L4Plus,
    /// STM32U5 with TrustZone off.
    Stm32U5,
    /// nRF52833, nRF52840.
    Nrf52,
    /// nRF5340, application core.
    Nrf53,
    /// SAM D51 and E5x.
    Samd51,
    /// RP2040, first core.
    Rp2040,
    /// RP2350, first Arm core.
    Rp235x,
}

/// Beginnings of names; the first that fits counts.
const PREFIXES: [(&str, Family); 15] = [
    ("STM32F4", Family::Stm32F4),
    ("STM32F7", Family::Stm32F7),
    ("STM32H72", Family::Stm32H7),
    ("STM32H73", Family::Stm32H7),
    ("STM32H74", Family::Stm32H7),
    ("STM32H75", Family::Stm32H7),
    ("STM32L4R", Family::Stm32L4Plus),
    ("STM32L4S", Family::Stm32L4Plus),
    ("STM32L4", Family::Stm32L4),
    ("STM32U5", Family::Stm32U5),
    ("nRF52", Family::Nrf52),
    ("nRF5340", Family::Nrf53),
    ("ATSAMD51", Family::Samd51),
    ("RP2040", Family::Rp2040),
    ("RP235", Family::Rp235x),
];

impl Family {
    /// The family of a chip by its probe-rs name.
    ///
    /// # Errors
    /// [`ChipError`] with the reason if there is no virtual board of it.
    pub fn of(name: &str) -> Result<Self, ChipError> {
        let fits = PREFIXES.iter().find(|(prefix, _)| name.starts_with(prefix));
        fits.map(|(_, family)| *family).ok_or_else(|| ChipError::Unknown { name: name.to_owned() })
    }

    /// The flash controller.
    #[must_use]
    pub fn controller(self, spec: &ChipSpec, protection: ReadProtection) -> Box<dyn FlashController> {
        let bytes = spec.flash.bytes;
        match self {
            Self::Stm32F4 => Box::new(stm32f4(bytes, protection)),
            Self::Stm32F7 => Box::new(stm32f7(bytes, Banks::Single, protection)),
            Self::Stm32H7 => Box::new(Stm32H7::new(protection)),
            Self::Stm32L4 => Box::new(Stm32L4::new(protection)),
            Self::Stm32L4Plus => Box::new(Stm32L4::plus(Banks::Dual, protection)),
            Self::Stm32U5 => Box::new(Stm32U5::new(protection)),
            Self::Nrf52 => Box::new(Nvmc::nrf52()),
            Self::Nrf53 => Box::new(Nvmc::nrf53()),
            Self::Samd51 => Box::new(Samd51::new()),
            Self::Rp2040 | Self::Rp235x => Box::new(QspiFlash::new()),
        }
    }

    /// The debug port as after power-on.
    #[must_use]
    pub fn debug_port(self) -> DebugPort {
        match self {
            Self::Nrf52 => nrf::debug_port_52(),
            Self::Nrf53 => nrf::debug_port_53(),
            Self::Samd51 => samd51::debug_port(),
            Self::Rp2040 | Self::Rp235x => rp::debug_port(self),
            _ => stm32::debug_port(self),
        }
    }

    /// Everything but core, memories and flash.
    #[must_use]
    pub fn peripherals(self, spec: &ChipSpec, switches: &Arc<Switches>) -> Vec<Box<dyn Peripheral>> {
        match self {
            Self::Nrf52 => nrf::peripherals_52(spec, switches),
            Self::Nrf53 => nrf::peripherals_53(spec, switches),
            Self::Samd51 => samd51::peripherals(spec, switches),
            Self::Rp2040 | Self::Rp235x => rp::peripherals(self, switches),
            _ => stm32::peripherals(self, spec, switches),
        }
    }

    /// Whether a locked chip refuses a debugger's access there.
    #[must_use]
    pub fn refuses_when_locked(self, spec: &ChipSpec, address: u32) -> bool {
        match self {
            // APPROTECT: nothing is left but the control access port.
            Self::Nrf52 | Self::Nrf53 => true,
            // OTP CRIT1.DEBUG_DISABLE (RP2350 data sheet, 13.10); the RP2040 has nothing that locks it.
            Self::Rp235x => true,
            Self::Rp2040 => false,
            // The security bit leaves the external view of the device service unit (DS60001507, 12.9).
            Self::Samd51 => !samd51::EXTERNAL.contains(&address),
            // Readout protection level 1 (for example RM0390, 3.6.3): no access to the flash by a debugger.
            _ => address.wrapping_sub(spec.flash.origin) < spec.flash.bytes,
        }
    }

    /// Whether a locked chip takes its memory access ports away (`CSW.DeviceEn` is clear).
    #[must_use]
    pub const fn disables_ports_when_locked(self) -> bool {
        matches!(self, Self::Nrf52 | Self::Nrf53)
    }

    /// Whether the core stays in reset after the pin has risen while the wire's clock is low, as it is between a
    /// Black Magic Probe's commands (DS60001507, 12.6.2, "CPU Reset Extension").
    #[must_use]
    pub const fn extends_reset(self) -> bool {
        matches!(self, Self::Samd51)
    }

    /// Memories that board files leave out, as no tensor goes there: name, origin, bytes.
    #[must_use]
    pub const fn memories_beside(self) -> &'static [(&'static str, u32, u32)] {
        match self {
            Self::Stm32F7 => &[("itcm", 0, 16 * 1024)],
            Self::Stm32H7 => &[("itcm", 0, 64 * 1024), ("backup", 0x3880_0000, 4 * 1024)],
            _ => &[],
        }
    }

    /// The ROM from which the core starts, where that does more than to start what is in flash.
    #[must_use]
    pub fn rom(self, spec: &ChipSpec) -> Option<Memory> {
        matches!(self, Self::Rp2040 | Self::Rp235x).then(|| rp::rom(self, spec))
    }

    /// Addresses at which other ones are seen: where, and which. Stores go through them, too.
    #[must_use]
    pub fn aliases(self, spec: &ChipSpec) -> Vec<(Range<u32>, u32)> {
        let (origin, bytes) = (spec.flash.origin, spec.flash.bytes);
        match self {
            // Boot from flash maps it to zero (for example RM0390, 2.4).
            Self::Stm32F4 | Self::Stm32L4 => vec![(0..bytes, origin)],
            // And SRAM2, which follows SRAM1's 192 KiB (RM0432, 2.4).
            Self::Stm32L4Plus => vec![(0..bytes, origin), (0x1000_0000..0x1001_0000, 0x2003_0000)],
            // Flash on the ITCM bus (RM0385, 2.3).
            Self::Stm32F7 => vec![(0x0020_0000..0x0020_0000 + bytes, origin)],
            // Secure aliases (RM0456, 2.3).
            Self::Stm32U5 => {
                vec![(0x0c00_0000..0x0c00_0000 + bytes, origin), (0x3000_0000..0x300c_0000, 0x2000_0000)]
            }
            // RAM for code (nRF52840, 4.2).
            Self::Nrf52 => {
                let ram: u32 = spec.memories.iter().map(|memory| memory.bytes).sum();
                vec![(0x0080_0000..0x0080_0000 + ram, 0x2000_0000)]
            }
            Self::Rp2040 | Self::Rp235x => rp::aliases(self, spec),
            _ => Vec::new(),
        }
    }

    /// The register block of a flash controller through which a control access port erases the chip.
    #[must_use]
    pub const fn erase_controller(self) -> Option<u32> {
        match self {
            Self::Nrf52 => Some(0x4001_e000),
            Self::Nrf53 => Some(0x5003_9000),
            _ => None,
        }
    }
}
