//! STM32F4, F7, H7, L4 and U5: debug ports, identity, clock and power controllers.
//!
//! Sources: the reference manuals' chapters "Debug support", "RCC" and "PWR": RM0390 (F446), RM0368 (F401), RM0402 (F412),
//! RM0385 (F74x), RM0410 (F76x), RM0433 (H74x), RM0468 (H72x), RM0351 (L47x), RM0432 (L4+), RM0456 (U5).

use std::sync::Arc;

use super::{ChipSpec, Constants, Family, RegisterFile};
use crate::bus::Peripheral;
use crate::probe::access_port::{AccessPort, Bus, MemoryPort};
use crate::probe::adi::DebugPort;
use crate::probe::faults::Switches;

/// ST in JEP106: no continuation, 0x20.
const ST: (u32, u32) = (0, 0x20);

/// DBGMCU_IDCODE by the beginning of the name, longest first: DEV_ID in bits 11:0, a common REV_ID above.
const IDENTITIES: [(&str, u32); 17] = [
    ("STM32F401", 0x1001_6433),
    ("STM32F405", 0x1007_6413),
    ("STM32F407", 0x1007_6413),
    ("STM32F411", 0x1000_6431),
    ("STM32F412", 0x3000_6441),
    ("STM32F429", 0x2003_6419),
    ("STM32F446", 0x1000_6421),
    ("STM32F469", 0x1000_6434),
    ("STM32F74", 0x1001_6449),
    ("STM32F75", 0x1001_6449),
    ("STM32F76", 0x1001_6451),
    ("STM32F77", 0x1001_6451),
    ("STM32H72", 0x1001_6483),
    ("STM32H7", 0x2003_6450),
    ("STM32L4R", 0x1007_6470),
    ("STM32L4", 0x1007_6415),
    ("STM32U5", 0x3001_6482),
];

fn identity(name: &str) -> u32 {
    IDENTITIES.iter().find(|(prefix, _)| name.starts_with(prefix)).map_or(0, |(_, identity)| *identity)
}

/// Base of the ROM table that the access port names.
const fn rom_table(family: Family) -> u32 {
    match family {
        Family::Stm32F7 => 0xe00f_d000,
        Family::Stm32H7 | Family::Stm32U5 => 0xe00f_e000,
        _ => 0xe00f_f000,
    }
}

/// The debug port: DPIDR and access ports.
pub(super) fn debug_port(family: Family) -> DebugPort {
    let base = rom_table(family) | 3;
    let system = |identity| AccessPort::Memory(MemoryPort::new(identity, base, Bus::System));
    match family {
        Family::Stm32F7 => DebugPort::new(0x5ba0_2477, vec![system(0x7477_0001)]),
        // AHB-AP of the core, AHB-AP of domain D2, APB-AP of the debug components.
        Family::Stm32H7 => {
            let domain = AccessPort::Memory(MemoryPort::new(0x8477_0001, 0, Bus::Absent));
            DebugPort::new(0x6ba0_2477, vec![system(0x8477_0001), domain, system(0x5477_0002)])
        }
        Family::Stm32U5 => {
            let port = MemoryPort::new(0x1477_0015, base, Bus::System).secure();
            DebugPort::new(0x0be1_2477, vec![AccessPort::Memory(port)])
        }
        _ => DebugPort::new(0x2ba0_1477, vec![system(0x2477_0011)]),
    }
}

/// Everything but core, memories and flash.
pub(super) fn peripherals(family: Family, spec: &ChipSpec, switches: &Arc<Switches>) -> Vec<Box<dyn Peripheral>> {
    let identity = identity(&spec.name);
    let kib = spec.flash.bytes / 1024;
    let components = [0xe000_e000, 0xe000_1000, 0xe000_2000, 0xe000_0000];
    let mut all: Vec<Box<dyn Peripheral>> =
        vec![Box::new(Constants::rom_table(rom_table(family), ST, identity & 0xfff, &components))];
    let (dbgmcu, flash_size): (&[u32], u32) = match family {
        Family::Stm32F7 => (&[0xe004_2000], 0x1ff0_f442),
        // Seen by the debugger and by the core at different addresses.
        Family::Stm32H7 => (&[0xe00e_1000, 0x5c00_1000], 0x1ff1_e880),
        Family::Stm32L4 | Family::Stm32L4Plus => (&[0xe004_2000], 0x1fff_75e0),
        Family::Stm32U5 => (&[0xe004_4000], 0x0bfa_07a0),
        _ => (&[0xe004_2000], 0x1fff_7a22),
    };
    for base in dbgmcu {
        all.push(Box::new(Constants::word(*base, identity).identified_by(*base, switches)));
        all.push(Box::new(RegisterFile::new(base + 4..base + 0x60)));
    }
    let word = flash_size & !3;
    all.push(Box::new(Constants::word(word, kib << (8 * (flash_size & 3)))));
    // The independent watchdog: flash algorithms feed it while they wait; here it never bites.
    let watchdog = if family == Family::Stm32H7 { 0x5800_4800 } else { 0x4000_3000 };
    all.push(Box::new(RegisterFile::new(watchdog..watchdog + 0x400)));
    all.extend(clocks(family).into_iter().map(|file| Box::new(file) as Box<dyn Peripheral>));
    all
}

/// Clock and power controllers.
fn clocks(family: Family) -> Vec<RegisterFile> {
    match family {
        Family::Stm32H7 => h7(),
        Family::Stm32L4 | Family::Stm32L4Plus => l4(),
        Family::Stm32U5 => u5(),
        _ => f4_and_f7(),
    }
}

/// RCC, PWR and SYSCFG of the F4 and the F7, which have the same bits here.
fn f4_and_f7() -> Vec<RegisterFile> {
    let rcc = RegisterFile::new(0x4002_3800..0x4002_3c00)
        .at_reset(0x00, 0x0000_0083)
        .at_reset(0x04, 0x2400_3010)
        .ready(0x00, &[(0, 1), (16, 17), (24, 25), (26, 27), (28, 29)])
        .follow((0x08, 0), (0x08, 2), 2)
        .ready(0x70, &[(0, 1)])
        .ready(0x74, &[(0, 1)]);
    let power = RegisterFile::new(0x4000_7000..0x4000_7400)
        .at_reset(0x00, 0x0000_c000)
        // Over-drive: ODEN and ODSWEN show in the status register at their own places.
        .follow((0x00, 16), (0x04, 16), 2)
        .ones(0x04, 1 << 14);
    vec![rcc, power, RegisterFile::new(0x4001_3800..0x4001_3c00)]
}

/// RCC, PWR and SYSCFG of the H7.
fn h7() -> Vec<RegisterFile> {
    let rcc = RegisterFile::new(0x5802_4400..0x5802_4800)
        .at_reset(0x00, 0x0000_0003)
        .ready(0x00, &[(0, 2), (7, 8), (12, 13), (16, 17), (24, 25), (26, 27), (28, 29)])
        .ones(0x00, 3 << 14)
        .follow((0x10, 0), (0x10, 3), 3)
        .ready(0x70, &[(0, 1)])
        .ready(0x74, &[(0, 1)]);
    let power = RegisterFile::new(0x5802_4800..0x5802_4c00)
        .at_reset(0x00, 0xf000_c000)
        .at_reset(0x0c, 0x0000_0006)
        .at_reset(0x18, 0x0000_4000)
        // ACTVOS follows VOS; ACTVOSRDY, USB33RDY and VOSRDY are always set.
        .follow((0x18, 14), (0x04, 14), 2)
        .ones(0x04, 1 << 13)
        .ones(0x0c, 1 << 26)
        .ones(0x18, 1 << 13);
    vec![rcc, power, RegisterFile::new(0x5800_0400..0x5800_0800)]
}

/// RCC, PWR and SYSCFG of the L4 and L4+.
fn l4() -> Vec<RegisterFile> {
    let rcc = RegisterFile::new(0x4002_1000..0x4002_1400)
        .at_reset(0x00, 0x0000_0063)
        .at_reset(0x0c, 0x0000_1000)
        .ready(0x00, &[(0, 1), (8, 10), (16, 17), (24, 25), (26, 27), (28, 29)])
        .follow((0x08, 0), (0x08, 2), 2)
        .ready(0x90, &[(0, 1)])
        .ready(0x94, &[(0, 1)])
        .ready(0x98, &[(0, 1)]);
    let power = RegisterFile::new(0x4000_7000..0x4000_7400)
        .at_reset(0x00, 0x0000_0200)
        .at_reset(0x80, 0x0000_0100)
        // REGLPF and VOSF: the regulator is where it should be.
        .zeros(0x14, 3 << 9);
    vec![rcc, power, RegisterFile::new(0x4001_0000..0x4001_0400)]
}

/// RCC, PWR, instruction and data cache of the U5, at their non-secure and secure addresses.
fn u5() -> Vec<RegisterFile> {
    let rcc = RegisterFile::new(0x4602_0c00..0x4602_1000)
        .also_at(0x5602_0c00)
        .at_reset(0x00, 0x0000_0035)
        .ready(0x00, &[(0, 2), (4, 5), (8, 10), (12, 13), (14, 15), (16, 17), (24, 25), (26, 27), (28, 29)])
        .follow((0x1c, 0), (0x1c, 2), 2)
        .ready(0xf0, &[(0, 1), (26, 27)]);
    let power = RegisterFile::new(0x4602_0800..0x4602_0c00)
        .also_at(0x5602_0800)
        .ready(0x0c, &[(18, 14)])
        .ones(0x0c, 1 << 15)
        // ACTVOS follows VOS, ACTVOSRDY; REGS follows REGSEL.
        .follow((0x0c, 16), (0x3c, 16), 2)
        .ones(0x3c, 1 << 15)
        .follow((0x08, 1), (0x3c, 1), 1);
    // An invalidation is over at once: BSYENDF set, BUSYF clear.
    let cache = RegisterFile::new(0x4003_0400..0x4003_0800).also_at(0x5003_0400).zeros(0x04, 1).ones(0x04, 2);
    let data = RegisterFile::new(0x4003_1400..0x4003_1800).also_at(0x5003_1400).zeros(0x04, 9).ones(0x04, 2);
    vec![rcc, power, cache, data]
}
