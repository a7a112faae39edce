//! Flash interface of the STM32F4 and STM32F7: sectors, programmed in the width that PSIZE names.
//!
//! Sources: RM0390 rev 6 section 3 (F446), RM0368 (F401), RM0402 (F412), RM0385 and RM0410 section 3 (F7). Option bytes
//! can be read, not written; write protection is off.

use std::ops::Range;

use super::lock::{FLASH_KEYS, KeyLock, KeyWhenOpen, OPTION_KEYS};
use super::registers::{lane, merge};
use super::{Array, Busy, FlashController, ReadProtection, Sectors};
use crate::bus::{BusError, Width};

const BASE: u32 = 0x4002_3C00;
const WINDOW: Range<u32> = BASE..BASE + 0x400;
const ACR: u32 = 0x00;
const KEYR: u32 = 0x04;
const OPTKEYR: u32 = 0x08;
const SR: u32 = 0x0C;
const CR: u32 = 0x10;
const OPTCR: u32 = 0x14;
const OPTCR1: u32 = 0x18;

const PG: u32 = 1 << 0;
const SER: u32 = 1 << 1;
const MER: u32 = 1 << 2;
/// Mass erase of the second bank.
const MER1: u32 = 1 << 15;
const STRT: u32 = 1 << 16;
const EOPIE: u32 = 1 << 24;
const LOCK: u32 = 1 << 31;

const EOP: u32 = 1 << 0;
const WRPERR: u32 = 1 << 4;
const PGAERR: u32 = 1 << 5;
const PGPERR: u32 = 1 << 6;
/// PGSERR in the F4, ERSERR in the F7: a store or a start that the control register was not set up for.
const SEQUENCE: u32 = 1 << 7;
/// Flags that software clears by writing ones.
const CLEARABLE: u32 = 0x1F3;
const BSY: u32 = 1 << 16;

const OPTLOCK: u32 = 1 << 0;
/// Bytes of a flash row; one store may not cross it (RM0390 `FLASH_SR.PGAERR`).
const ROW: u32 = 16;

/// Flash interface of an STM32F4 or STM32F7; built by [`stm32f4`](super::stm32f4()) and [`stm32f7`](super::stm32f7()).
#[derive(Debug)]
pub struct SectorFlash {
    sectors: Sectors,
    protection: ReadProtection,
    option: [u32; 2],
    acr: u32,
    cr: u32,
    sr: u32,
    lock: KeyLock,
    option_lock: KeyLock,
    busy: Busy,
}

impl SectorFlash {
    /// `option`: OPTCR (without RDP and OPTLOCK) and OPTCR1 as after loading the option bytes.
    pub(super) const fn new(sectors: Sectors, protection: ReadProtection, option: [u32; 2]) -> Self {
        Self {
            sectors,
            protection,
            option,
            acr: 0,
            cr: 0,
            sr: 0,
            lock: KeyLock::new(FLASH_KEYS, KeyWhenOpen::Ignored),
            option_lock: KeyLock::new(OPTION_KEYS, KeyWhenOpen::Ignored),
            busy: Busy(0),
        }
    }

    fn register(&mut self, offset: u32) -> u32 {
        match offset {
            ACR => self.acr,
            SR => self.sr | if self.busy.poll() { BSY } else { 0 },
            CR => self.cr | if self.lock.is_open() { 0 } else { LOCK },
            OPTCR => {
                let lock = if self.option_lock.is_open() { 0 } else { OPTLOCK };
                self.option[0] | (self.protection.byte() << 8) | lock
            }
            OPTCR1 => self.option[1],
            // Key registers and reserved words.
            _ => 0,
        }
    }

    fn control(&mut self, value: u32, array: &mut Array) {
        if !self.lock.is_open() {
            return;
        }
        self.cr = value & !(STRT | LOCK);
        if value & STRT != 0 {
            self.start(array);
        }
        if value & LOCK != 0 {
            self.lock.close();
        }
    }

    fn start(&mut self, array: &mut Array) {
        let erased: Vec<Range<u32>> = match self.cr & (PG | SER | MER | MER1) {
            SER => self.sectors.get((self.cr >> 3) & 0x1F).into_iter().collect(),
            MER => vec![self.sectors.bank(0)],
            MER1 => vec![self.sectors.bank(1)],
            both if both == MER | MER1 => vec![self.sectors.bank(0), self.sectors.bank(1)],
            _ => Vec::new(),
        };
        if erased.iter().all(Range::is_empty) {
            self.sr |= SEQUENCE;
        } else if self.protection == ReadProtection::Level1 {
            self.sr |= WRPERR;
        } else {
            for range in erased {
                array.erase(array.origin + range.start..array.origin + range.end);
            }
            self.finish(Busy::ERASE);
        }
    }

    fn finish(&mut self, polls: u8) {
        self.busy.start(polls);
        if self.cr & EOPIE != 0 {
            self.sr |= EOP;
        }
    }
}

impl FlashController for SectorFlash {
    fn windows(&self) -> Vec<Range<u32>> {
        vec![WINDOW]
    }

    fn read(&mut self, address: u32, width: Width, _: &mut Array) -> Result<u32, BusError> {
        Ok(lane(self.register((address - BASE) & !3), address, width))
    }

    fn write(&mut self, address: u32, value: u32, width: Width, array: &mut Array) -> Result<(), BusError> {
        let refused = |_| BusError { address };
        match (address - BASE) & !3 {
            ACR => self.acr = merge(self.acr, value, address, width),
            KEYR => self.lock.key(value).map_err(refused)?,
            OPTKEYR => self.option_lock.key(value).map_err(refused)?,
            SR => self.sr &= !(merge(0, value, address, width) & CLEARABLE),
            CR => self.control(merge(self.cr, value, address, width), array),
            OPTCR if merge(0, value, address, width) & OPTLOCK != 0 => self.option_lock.close(),
            _ => {}
        }
        Ok(())
    }

    fn store(&mut self, address: u32, value: u32, width: Width, array: &mut Array) -> Result<(), BusError> {
        let parallelism = match width {
            Width::Byte => 0,
            Width::Half => 1,
            Width::Word => 2,
        };
        if self.cr & (PG | SER | MER | MER1) != PG {
            self.sr |= SEQUENCE;
        } else if self.protection == ReadProtection::Level1 {
            self.sr |= WRPERR;
        } else if (self.cr >> 8) & 3 != parallelism {
            self.sr |= PGPERR;
        } else if address % ROW + width.bytes() > ROW {
            self.sr |= PGAERR;
        } else {
            array.program(address, &value.to_le_bytes()[..width.bytes() as usize]);
            self.finish(Busy::PROGRAM);
        }
        Ok(())
    }

    fn reset(&mut self) {
        (self.acr, self.cr, self.sr) = (0, 0, 0);
        self.lock.reset();
        self.option_lock.reset();
        self.busy = Busy(0);
    }
}
