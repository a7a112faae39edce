//! The cores that can be simulated, and what each of them has.

use std::fmt;

/// A Cortex-M core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Core {
    /// ARMv6-M.
    M0Plus,
    /// ARMv7-M.
    M3,
    /// ARMv7E-M with FPv4-SP.
    M4F,
    /// ARMv7E-M with FPv5; double precision is not simulated.
    M7F,
    /// ARMv8-M mainline with DSP and FPv5-SP, secure state only.
    M33F,
}

impl Core {
    /// Thumb-2 beyond the few 32-bit instructions of ARMv6-M.
    #[must_use]
    pub const fn has_thumb2(self) -> bool {
        !matches!(self, Self::M0Plus)
    }

    /// The DSP extension.
    #[must_use]
    pub const fn has_dsp(self) -> bool {
        matches!(self, Self::M4F | Self::M7F | Self::M33F)
    }

    /// Single-precision floating point, FPv4 or later.
    #[must_use]
    pub const fn has_float(self) -> bool {
        self.has_dsp()
    }

    /// VSEL, VMAXNM, VRINT and the directed conversions.
    #[must_use]
    pub const fn has_fpv5(self) -> bool {
        matches!(self, Self::M7F | Self::M33F)
    }

    /// Load-acquire, store-release, stack limits.
    #[must_use]
    pub const fn is_v8(self) -> bool {
        matches!(self, Self::M33F)
    }

    /// CPUID as in the cores' Technical Reference Manuals (revision of common silicon).
    #[must_use]
    pub const fn cpuid(self) -> u32 {
        match self {
            Self::M0Plus => 0x410c_c601,
            Self::M3 => 0x412f_c231,
            Self::M4F => 0x410f_c241,
            Self::M7F => 0x411f_c271,
            Self::M33F => 0x410f_d213,
        }
    }
}

impl fmt::Display for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::M0Plus => "cortex-m0+",
            Self::M3 => "cortex-m3",
            Self::M4F => "cortex-m4f",
            Self::M7F => "cortex-m7f",
            Self::M33F => "cortex-m33f",
        })
    }
}
