//! SAM D51 and E5x: device service unit, clock controllers.
//!
//! Source: SAM D5x/E5x data sheet DS60001507, sections 12 (DSU), 14 (GCLK), 15 (MCLK), 28 (OSCCTRL), 29 (OSC32KCTRL),
//! 11 (CMCC), 27 (PAC).

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{ChipSpec, Constants, RegisterFile};
use crate::bus::{BusError, Peripheral, Width};
use crate::probe::access_port::{AccessPort, Bus, MemoryPort};
use crate::probe::adi::DebugPort;
use crate::probe::faults::Switches;

/// Atmel in JEP106: no continuation, 0x1f.
const ATMEL: (u32, u32) = (0, 0x1f);
/// Part of the device service unit, by which debuggers know the family.
const DSU_PART: u32 = 0xcd0;
const ROM_TABLE: u32 = 0x4100_3000;
const DSU: u32 = 0x4100_2000;
/// What of the device service unit a locked chip still shows: its registers' mirror and its ROM table.
pub(super) const EXTERNAL: Range<u32> = 0x4100_2100..0x4100_4000;

/// One AHB-AP whose ROM table is the device service unit's.
pub(super) fn debug_port() -> DebugPort {
    let port = MemoryPort::new(0x2477_0011, ROM_TABLE | 3, Bus::System);
    DebugPort::new(0x2ba0_1477, vec![AccessPort::Memory(port)])
}

/// DSU.DID: processor 6 (Cortex-M4F), family 0, series 6, die 0, revision 3, and the device's number.
fn device(name: &str) -> u32 {
    const DEVICES: [&str; 9] = ["P20", "P19", "N20", "N19", "J20", "J19", "J18", "G19", "G18"];
    let number = DEVICES.iter().position(|device| name.get(8..11) == Some(device)).unwrap_or(0);
    0x6006_0300 | number as u32
}

/// Everything but core, memories and flash.
pub(super) fn peripherals(spec: &ChipSpec, switches: &Arc<Switches>) -> Vec<Box<dyn Peripheral>> {
    let unit = ServiceUnit { device: device(&spec.name), done: false, switches: Arc::clone(switches) };
    let oscillators = RegisterFile::new(0x4000_1000..0x4000_1400)
        // DFLL ready; both PLLs' LOCK and CLKRDY follow ENABLE; nothing is ever busy.
        .ones(0x10, 1 << 8)
        .follow((0x30, 1), (0x40, 0), 1)
        .follow((0x30, 1), (0x40, 1), 1)
        .follow((0x44, 1), (0x54, 0), 1)
        .follow((0x44, 1), (0x54, 1), 1)
        .follow((0x14, 1), (0x10, 0), 1)
        .follow((0x18, 1), (0x10, 1), 1)
        .zeros(0x2c, u32::MAX)
        .zeros(0x3c, u32::MAX)
        .zeros(0x50, u32::MAX);
    let generators = RegisterFile::new(0x4000_1c00..0x4000_2000).zeros(0x00, 1).zeros(0x04, u32::MAX);
    // CKRDY.
    let main = RegisterFile::new(0x4000_0800..0x4000_0c00).at_reset(0x04, 0x0000_0101).ones(0x08, 1);
    let slow = RegisterFile::new(0x4000_1400..0x4000_1800).ready(0x14, &[(1, 31)]).ones(0x0c, 1);
    // The cache's status follows its enable bit.
    let cache = RegisterFile::new(0x4100_6000..0x4100_7000).follow((0x08, 0), (0x0c, 0), 1);
    vec![
        Box::new(unit),
        Box::new(Constants::rom_table(ROM_TABLE, ATMEL, DSU_PART, &[0xe00f_f000])),
        Box::new(Constants::rom_table(
            0xe00f_f000,
            (4, 0x3b),
            0x4c4,
            &[0xe000_e000, 0xe000_1000, 0xe000_2000, 0xe000_0000],
        )),
        Box::new(oscillators),
        Box::new(generators),
        Box::new(main),
        Box::new(slow),
        // Peripheral access controller: nothing is write-protected.
        Box::new(RegisterFile::new(0x4000_0000..0x4000_0400)),
        Box::new(cache),
        // SUPC: the regulators are ready.
        Box::new(RegisterFile::new(0x4000_1800..0x4000_1c00).ones(0x0c, 1 << 8 | 1 << 10)),
    ]
}

/// The device service unit: identity, protection, chip erase.
struct ServiceUnit {
    device: u32,
    done: bool,
    switches: Arc<Switches>,
}

impl ServiceUnit {
    /// CTRL and STATUSA are one byte each; STATUSB tells protection, a debugger, and that hot-plugging works.
    fn word(&self, offset: u32) -> u32 {
        match offset {
            0x00 => {
                let extended = u32::from(self.switches.reset_extended.load(Ordering::Relaxed));
                let status_b = 0x12 | u32::from(self.switches.locked.load(Ordering::Relaxed));
                status_b << 16 | extended << 9 | u32::from(self.done) << 8
            }
            0x18 => self.switches.identity(self.device),
            _ => 0,
        }
    }
}

impl Peripheral for ServiceUnit {
    fn windows(&self) -> Vec<Range<u32>> {
        // The core's view, and its mirror for debuggers.
        vec![DSU..DSU + 0x100, DSU + 0x100..DSU + 0x200]
    }

    fn read(&mut self, address: u32, width: Width) -> Result<u32, BusError> {
        let lane = self.word(address & 0xfc) >> (8 * (address & 3));
        Ok(match width {
            Width::Byte => lane & 0xff,
            Width::Half => lane & 0xffff,
            Width::Word => lane,
        })
    }

    fn write(&mut self, address: u32, value: u32, width: Width) -> Result<(), BusError> {
        let lanes = u64::from(value) << (8 * (address & 3));
        if address & 0xfc == 0 {
            let covered = |byte: u32| (address & 3..(address & 3) + width.bytes()).contains(&byte);
            // STATUSA: writing a one clears DONE and CRSTEXT; the latter starts the core. CTRL.CE erases the chip; it is over at once.
            if covered(1) && lanes >> 8 & 1 == 1 {
                self.done = false;
            }
            if covered(1) && lanes >> 9 & 1 == 1 {
                self.switches.reset_extended.store(false, Ordering::Relaxed);
            }
            if covered(0) && lanes >> 4 & 1 == 1 {
                self.switches.erase_all.store(true, Ordering::Relaxed);
                self.done = true;
            }
        }
        Ok(())
    }
}
