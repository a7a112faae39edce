//! RP2040 and RP2350 (its first Arm core): debug port, boot ROM, identity, clocks.
//!
//! # The debug port is not the chip's
//!
//! On the RP2040 both cores' debug ports share one wire, and a debugger selects one by TARGETSEL (ADIv5.2 multi-drop;
//! RP2040 data sheet, 2.3.4); the RP2350 has a debug port of ADIv6 (RP2350 data sheet, 3.5). A virtual board is a
//! Black Magic Probe of remote protocol 3: probe-rs 0.32's driver of that probe selects no target on a shared wire, and
//! addresses of ADIv6 are only in protocol 4 and later. So a virtual Pico has a plain port of ADIv5 with one memory
//! access port for the first core, and whoever attaches has to describe the chip so: without targets to select, with
//! access port 0, and with the architecture's reset through AIRCR instead of the RP2040's rescue port. Everything
//! behind the port is reached as on the chip: core, memory, and the flash by the vendor's algorithm.
//!
//! # What else is left out
//!
//! The second core, everything of SIO but CPUID, the atomic aliases of peripherals (RP2040 data sheet, 2.1.2), the
//! aliases of SRAM that are not striped, the second stage in flash (the flash is always mapped, see
//! [`boot_rom`]). The other sources: RP2040 data sheet, 2.14 "Subsystem resets", 2.15 "Clocks", 2.16 "XOSC",
//! 2.18 "PLL", 2.20 "Sysinfo"; RP2350 data sheet, the chapters of the same names.

use std::ops::Range;
use std::sync::Arc;

use super::{ChipSpec, Constants, Family, RegisterFile};
use crate::bus::{Memory, Peripheral};
use crate::flash::boot_rom;
use crate::probe::access_port::{AccessPort, Bus, MemoryPort};
use crate::probe::adi::DebugPort;
use crate::probe::faults::Switches;

/// Raspberry Pi in JEP106: nine continuations, 0x13.
const RASPBERRY_PI: (u32, u32) = (9, 0x13);
const ROM_TABLE: u32 = 0xe00f_f000;
/// SYSINFO.CHIP_ID: revision B2, and A2.
const CHIP_ID: u32 = 0x4000_0000;
const RP2040: u32 = 0x2000_2927;
const RP2350: u32 = 0x2000_4927;
/// Bytes of the second stage in front of the RP2040's vectors (RP2040 data sheet, 2.8.1.3).
const SECOND_STAGE: u32 = 256;

/// Where a family's peripherals are: base addresses, and the subsystems that RESETS holds.
struct Places {
    resets: u32,
    subsystems: u32,
    clocks: u32,
    crystal: u32,
    plls: [u32; 2],
}

/// RP2040 data sheet, 2.2.
const PLACES_2040: Places = Places {
    resets: 0x4000_c000,
    subsystems: 0x01ff_ffff,
    clocks: 0x4000_8000,
    crystal: 0x4002_4000,
    plls: [0x4002_8000, 0x4002_c000],
};

/// RP2350 data sheet, 2.2.
const PLACES_235X: Places = Places {
    resets: 0x4002_0000,
    subsystems: 0x1fff_ffff,
    clocks: 0x4001_0000,
    crystal: 0x4004_8000,
    plls: [0x4005_0000, 0x4005_8000],
};

/// One AHB-AP behind a port of ADIv5, see the module.
pub(super) fn debug_port(family: Family) -> DebugPort {
    let (port, access) = match family {
        Family::Rp2040 => (0x0bc1_2477, MemoryPort::new(0x0477_0031, ROM_TABLE | 3, Bus::System)),
        // Those that a Cortex-M33 has behind a port of ADIv5.
        _ => (0x0be1_2477, MemoryPort::new(0x1477_0015, ROM_TABLE | 3, Bus::System).secure()),
    };
    DebugPort::new(port, vec![AccessPort::Memory(access)])
}

/// What stands at address 0 and starts the program in flash.
pub(super) fn rom(family: Family, spec: &ChipSpec) -> Memory {
    let vectors = spec.flash.origin + if family == Family::Rp2040 { SECOND_STAGE } else { 0 };
    let stack = spec.memories.first().map_or(0, |memory| memory.origin + memory.bytes);
    Memory::rom("boot rom", 0, boot_rom(vectors, stack))
}

/// The flash without the cache (RP2040 data sheet, 2.6.3; RP2350 data sheet, 4.4).
pub(super) fn aliases(family: Family, spec: &ChipSpec) -> Vec<(Range<u32>, u32)> {
    let origins: &[u32] = match family {
        Family::Rp2040 => &[0x1100_0000, 0x1200_0000, 0x1300_0000],
        _ => &[0x1400_0000],
    };
    origins.iter().map(|origin| (*origin..origin + spec.flash.bytes, spec.flash.origin)).collect()
}

/// Everything but core, memories and flash.
pub(super) fn peripherals(family: Family, switches: &Arc<Switches>) -> Vec<Box<dyn Peripheral>> {
    let (identity, part, components, places): (u32, u32, &[u32], Places) = match family {
        Family::Rp2040 => (RP2040, 0x002, &[0xe000_e000, 0xe000_1000, 0xe000_2000], PLACES_2040),
        _ => (RP2350, 0x004, &[0xe000_e000, 0xe000_1000, 0xe000_2000, 0xe000_0000], PLACES_235X),
    };
    let block = |base: u32| RegisterFile::new(base..base + 0x1000);
    // RESET holds all at first; DONE is what it does not hold.
    let resets = block(places.resets).at_reset(0x00, places.subsystems).inverted(
        (0x00, 0),
        (0x08, 0),
        places.subsystems.count_ones(),
    );
    // CLK_REF and CLK_SYS tell their source in SELECTED, a bit for each.
    let clocks = block(places.clocks).one_hot((0x30, 0), (0x38, 0), 2).one_hot((0x3c, 0), (0x44, 0), 1);
    // Enabled is 0xfab in bits 23:12, disabled 0xd1e: the lowest bit tells them apart. ENABLED and STABLE follow.
    let crystal = block(places.crystal).at_reset(0x00, 0xd1e << 12).follow((0x00, 12), (0x04, 12), 1).follow(
        (0x00, 12),
        (0x04, 31),
        1,
    );
    let mut all: Vec<Box<dyn Peripheral>> = vec![
        Box::new(Constants::word(CHIP_ID, identity).identified_by(CHIP_ID, switches)),
        Box::new(Constants::rom_table(ROM_TABLE, RASPBERRY_PI, part, components)),
        Box::new(resets),
        Box::new(clocks),
        Box::new(crystal),
        // SIO.CPUID: the first core.
        Box::new(Constants::word(0xd000_0000, 0)),
    ];
    for base in places.plls {
        // LOCK unless PWR.PD.
        all.push(Box::new(block(base).at_reset(0x00, 1).at_reset(0x04, 0x2d).inverted((0x04, 0), (0x00, 31), 1)));
    }
    all
}
