//! nRF52 and nRF5340: debug ports with their control access ports, factory information, clocks.
//!
//! Sources: nRF52840 Product Specification v1.7 and nRF5340 Product Specification v1.5, chapters "Debug and trace", "FICR",
//! "CLOCK", "SPU", "RESET". Of the nRF5340 the application core is simulated; the network core's access port
//! says who it is and refuses accesses to memory.

use std::sync::Arc;

use super::{ChipSpec, Constants, RegisterFile};
use crate::bus::Peripheral;
use crate::probe::access_port::{AccessPort, Bus, ControlPort, MemoryPort};
use crate::probe::adi::DebugPort;
use crate::probe::faults::Switches;

/// Nordic in JEP106: two continuations, 0x44.
const NORDIC: (u32, u32) = (2, 0x44);
const ROM_TABLE: u32 = 0xe00f_f000;
const COMPONENTS: [u32; 4] = [0xe000_e000, 0xe000_1000, 0xe000_2000, 0xe000_0000];
const ERASED: u32 = u32::MAX;
/// "AAAA" and the like: package variant and revision, as probe-rs's target files list them.
const VARIANT_52840: u32 = 0x4141_4330;
const VARIANT_52833: u32 = 0x4141_4142;
const VARIANT_5340: u32 = 0x514b_4141;

/// AHB-AP and control access port.
pub(super) fn debug_port_52() -> DebugPort {
    let port = MemoryPort::new(0x2477_0011, ROM_TABLE | 3, Bus::System);
    DebugPort::new(0x2ba0_1477, vec![AccessPort::Memory(port), AccessPort::Control(ControlPort::NRF52)])
}

/// AHB-APs of application and network core, then their control access ports.
pub(super) fn debug_port_53() -> DebugPort {
    let application = MemoryPort::new(0x8477_0001, ROM_TABLE | 3, Bus::System).secure();
    let network = MemoryPort::new(0x8477_0001, ROM_TABLE | 3, Bus::Absent).secure();
    let control = || AccessPort::Control(ControlPort::NRF53);
    DebugPort::new(
        0x6ba0_2477,
        vec![AccessPort::Memory(application), AccessPort::Memory(network), control(), control()],
    )
}

/// Everything but core, memories and flash of an nRF52.
pub(super) fn peripherals_52(spec: &ChipSpec, switches: &Arc<Switches>) -> Vec<Box<dyn Peripheral>> {
    let (part, variant) = match spec.name.get(3..8) {
        Some("52833") => (0x0005_2833, VARIANT_52833),
        _ => (0x0005_2840, VARIANT_52840),
    };
    let ram: u32 = spec.memories.iter().map(|memory| memory.bytes).sum();
    let ficr = Constants::new(
        0x1000_0000..0x1000_1000,
        vec![
            (0x1000_0010, 4096),
            (0x1000_0014, spec.flash.bytes / 4096),
            (0x1000_0100, part),
            (0x1000_0104, variant),
            (0x1000_010c, ram / 1024),
            (0x1000_0110, spec.flash.bytes / 1024),
        ],
        ERASED,
    )
    .identified_by(0x1000_0100, switches);
    vec![
        Box::new(ficr),
        Box::new(Constants::rom_table(ROM_TABLE, NORDIC, 0x008, &COMPONENTS)),
        Box::new(clock(RegisterFile::new(0x4000_0000..0x4000_1000))),
        // Watchdog: flash algorithms feed it while they wait; here it is never started.
        Box::new(RegisterFile::new(0x4001_0000..0x4001_1000).zeros(0x400, 1)),
        // GPIO ports P0 and P1.
        Box::new(RegisterFile::new(0x5000_0000..0x5000_1000)),
    ]
}

/// Everything but core, memories and flash of an nRF5340.
pub(super) fn peripherals_53(spec: &ChipSpec, switches: &Arc<Switches>) -> Vec<Box<dyn Peripheral>> {
    let ram: u32 = spec.memories.iter().map(|memory| memory.bytes).sum();
    let ficr = Constants::new(
        0x00ff_0000..0x00ff_1000,
        vec![
            (0x00ff_020c, 0x5340),
            (0x00ff_0210, VARIANT_5340),
            (0x00ff_0218, ram / 1024),
            (0x00ff_021c, spec.flash.bytes / 1024),
            (0x00ff_0220, 4096),
            (0x00ff_0224, spec.flash.bytes / 4096),
        ],
        ERASED,
    )
    .identified_by(0x00ff_020c, switches);
    // SPU: every peripheral can be chosen to be secure, is present, and is secure (PERM: bits 1:0, 31 and 4).
    let spu = (0..64).fold(RegisterFile::new(0x5000_3000..0x5000_4000), |spu, peripheral| {
        spu.at_reset(0x800 + 4 * peripheral, 1 << 31 | 1 << 4 | 2)
    });
    // CLOCK, POWER and RESET share a block; the network core is held off (NETWORK.FORCEOFF).
    let control = RegisterFile::new(0x5000_5000..0x5000_6000).also_at(0x4000_5000).at_reset(0x614, 1);
    let control = clock(control)
        .at_reset(0x558, 1)
        .at_reset(0x5b8, 1)
        .task(0x020, (0x120, 1))
        .task(0x020, (0x464, 0x1_0001))
        .task(0x018, (0x118, 1));
    vec![
        Box::new(ficr),
        Box::new(Constants::rom_table(ROM_TABLE, NORDIC, 0x00a, &COMPONENTS)),
        Box::new(spu),
        Box::new(control),
        // Control access port as the core sees it: APPROTECT.DISABLE.
        Box::new(RegisterFile::new(0x5000_6000..0x5000_7000)),
        // Cache: enabled by a bit, invalidated by another that clears itself.
        Box::new(RegisterFile::new(0x5000_1000..0x5000_2000)),
        // Oscillators and regulators.
        Box::new(RegisterFile::new(0x5000_4000..0x5000_5000).also_at(0x4000_4000)),
    ]
}

/// CLOCK: high- and low-frequency clock, started by a task, told by an event and a status.
fn clock(file: RegisterFile) -> RegisterFile {
    file.task(0x000, (0x100, 1))
        .task(0x000, (0x408, 1))
        .task(0x000, (0x40c, 0x1_0001))
        .task(0x004, (0x40c, 0))
        .task(0x008, (0x104, 1))
        .task(0x008, (0x418, 0x1_0001))
        .task(0x00c, (0x418, 0))
}
