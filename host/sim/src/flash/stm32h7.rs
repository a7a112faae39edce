//! STM32H7 (H742, H743, H745, H747, H753): two banks with a register set each, sectors of 128 KiB, flash words of 256 bits.
//!
//! Source: RM0433 rev 8 section 4. Stores collect in a bank's write buffer and are programmed when its 32 bytes are there
//! or FW asks for it. Option bytes can be read, not written; write protection is off; ECC, CRC and bank swap are not
//! modelled (a flash word that is programmed twice keeps the AND of both instead of failing its check).

use std::ops::Range;

use super::lock::{FLASH_KEYS, KeyLock, KeyWhenOpen, OPTION_KEYS};
use super::registers::{lane, merge};
use super::{Array, Busy, ERASED, FlashController, ReadProtection};
use crate::bus::{BusError, Width};

const BASE: u32 = 0x5200_2000;
/// Bank 2's registers lie this much after bank 1's.
const BANK: u32 = 0x100;
const WINDOW: Range<u32> = BASE..BASE + 2 * BANK;
const SECTOR: u32 = 128 * 1024;

const ACR: u32 = 0x00;
const KEYR: u32 = 0x04;
const OPTKEYR: u32 = 0x08;
const CR: u32 = 0x0C;
const SR: u32 = 0x10;
const CCR: u32 = 0x14;
const OPTCR: u32 = 0x18;
const OPTSR_CUR: u32 = 0x1C;
const OPTSR_PRG: u32 = 0x20;
/// Write protection as loaded and as to be programmed: a bit per sector, set where it is off.
const WPSN: [u32; 2] = [0x38, 0x3C];

const LOCK: u32 = 1 << 0;
const PG: u32 = 1 << 1;
const SER: u32 = 1 << 2;
const BER: u32 = 1 << 3;
const FW: u32 = 1 << 6;
const START: u32 = 1 << 7;

/// Write buffer not empty.
const WBNE: u32 = 1 << 1;
/// The bank is busy (BSY) and operations wait (QW).
const BSY_QW: u32 = (1 << 0) | (1 << 2);
const EOP: u32 = 1 << 16;
const WRPERR: u32 = 1 << 17;
const PGSERR: u32 = 1 << 18;
const STRBERR: u32 = 1 << 19;
const INCERR: u32 = 1 << 21;
/// Bits of CCR that clear flags.
const CLEARABLE: u32 = 0x0FEF_0000;

/// Seven wait states, WRHIGHFREQ 3 (RM0433 section 4.9.1).
const ACR_RESET: u32 = 0x0000_0037;
/// Option status as delivered, without RDP: software watchdogs, no reset on stop or standby, watchdog frozen in neither
/// (RM0433 section 4.9.8).
const OPTSR_DELIVERED: u32 = 0x0006_00F0;
const WORD: usize = 32;

/// The write buffer: a flash word and which of its bytes were stored.
#[derive(Debug, Clone, Copy)]
struct Buffer {
    address: u32,
    bytes: [u8; WORD],
    filled: u32,
}

#[derive(Debug)]
struct Bank {
    cr: u32,
    sr: u32,
    lock: KeyLock,
    buffer: Option<Buffer>,
    busy: Busy,
}

impl Bank {
    const fn new() -> Self {
        let lock = KeyLock::new(FLASH_KEYS, KeyWhenOpen::Locks);
        Self { cr: 0, sr: 0, lock, buffer: None, busy: Busy(0) }
    }

    fn set_control(&mut self, value: u32, cells: Range<u32>, protection: ReadProtection, array: &mut Array) {
        if !self.lock.is_open() {
            return;
        }
        self.cr = value & !(LOCK | START | FW);
        if value & FW != 0
            && let Some(buffer) = self.buffer.take()
        {
            self.program(&buffer, protection, array);
        }
        if value & START != 0 {
            self.start(cells, protection, array);
        }
        if value & LOCK != 0 {
            self.lock.close();
        }
    }

    fn start(&mut self, cells: Range<u32>, protection: ReadProtection, array: &mut Array) {
        // Both requested: the bank erase wins (RM0433 section 4.3.10).
        let erased = match self.cr & (SER | BER) {
            0 => return self.fail(PGSERR),
            SER => {
                let start = cells.start + ((self.cr >> 8) & 7) * SECTOR;
                start..(start + SECTOR).min(cells.end)
            }
            _ => cells,
        };
        if protection == ReadProtection::Level1 {
            self.fail(WRPERR);
        } else {
            array.erase(erased);
            self.busy.start(Busy::ERASE);
            self.sr |= EOP;
        }
    }

    fn store(&mut self, address: u32, data: &[u8], protection: ReadProtection, array: &mut Array) {
        let word = address & !(WORD as u32 - 1);
        if self.cr & PG == 0 || self.sr & INCERR != 0 {
            return self.fail(PGSERR);
        }
        let mut buffer = match self.buffer {
            Some(buffer) if buffer.address != word => return self.fail(INCERR),
            Some(buffer) => buffer,
            None => Buffer { address: word, bytes: [ERASED; WORD], filled: 0 },
        };
        for (index, byte) in ((address - word) as usize..).zip(data) {
            // The new byte replaces the old one; the flag only reports it (RM0433 section 4.7.4).
            if buffer.filled & (1 << index) != 0 {
                self.sr |= STRBERR;
            }
            buffer.filled |= 1 << index;
            if let Some(slot) = buffer.bytes.get_mut(index) {
                *slot = *byte;
            }
        }
        if buffer.filled == u32::MAX {
            self.buffer = None;
            self.program(&buffer, protection, array);
        } else {
            self.buffer = Some(buffer);
        }
    }

    fn program(&mut self, buffer: &Buffer, protection: ReadProtection, array: &mut Array) {
        if protection == ReadProtection::Level1 {
            self.fail(WRPERR);
        } else {
            array.program(buffer.address, &buffer.bytes);
            self.busy.start(Busy::PROGRAM);
            self.sr |= EOP;
        }
    }

    fn fail(&mut self, flag: u32) {
        self.sr |= flag;
        self.buffer = None;
    }
}

/// Flash interface of an STM32H7 with two banks of equal size.
#[derive(Debug)]
pub struct Stm32H7 {
    protection: ReadProtection,
    acr: u32,
    banks: [Bank; 2],
    option_lock: KeyLock,
}

impl Stm32H7 {
    /// The register sets of both banks.
    #[must_use]
    pub const fn new(protection: ReadProtection) -> Self {
        let option_lock = KeyLock::new(OPTION_KEYS, KeyWhenOpen::Locks);
        Self { protection, acr: ACR_RESET, banks: [Bank::new(), Bank::new()], option_lock }
    }

    const fn bank(&mut self, address: u32) -> &mut Bank {
        if address & BANK == 0 { &mut self.banks[0] } else { &mut self.banks[1] }
    }
}

/// Addresses of the bank that a register address belongs to.
fn cells(register: u32, array: &Array) -> Range<u32> {
    let half = array.bytes.len() as u32 / 2;
    let start = if register & BANK == 0 { array.origin } else { array.origin + half };
    start..start + half
}

impl FlashController for Stm32H7 {
    fn windows(&self) -> Vec<Range<u32>> {
        vec![WINDOW]
    }

    fn read(&mut self, address: u32, width: Width, _: &mut Array) -> Result<u32, BusError> {
        let option_lock = u32::from(!self.option_lock.is_open());
        let option = OPTSR_DELIVERED | (self.protection.byte() << 8);
        let acr = self.acr;
        let bank = self.bank(address);
        let value = match address & (BANK - 1) & !3 {
            ACR => acr,
            CR => bank.cr | if bank.lock.is_open() { 0 } else { LOCK },
            SR => {
                let waiting = if bank.buffer.is_some() { WBNE } else { 0 };
                bank.sr | waiting | if bank.busy.poll() { BSY_QW } else { 0 }
            }
            OPTCR => option_lock,
            OPTSR_CUR | OPTSR_PRG => option,
            offset if WPSN.contains(&offset) => 0xFF,
            _ => 0,
        };
        Ok(lane(value, address, width))
    }

    fn write(&mut self, address: u32, value: u32, width: Width, array: &mut Array) -> Result<(), BusError> {
        let refused = |_| BusError { address };
        let protection = self.protection;
        match address & (BANK - 1) & !3 {
            ACR => self.acr = merge(self.acr, value, address, width),
            KEYR => self.bank(address).lock.key(value).map_err(refused)?,
            // The option registers are shared, seen in both banks' windows.
            OPTKEYR => self.option_lock.key(value).map_err(refused)?,
            CR => {
                let bank = self.bank(address);
                let value = merge(bank.cr, value, address, width);
                bank.set_control(value, cells(address, array), protection, array);
            }
            CCR => self.bank(address).sr &= !(merge(0, value, address, width) & CLEARABLE),
            OPTCR if value & 1 != 0 => self.option_lock.close(),
            _ => {}
        }
        Ok(())
    }

    fn store(&mut self, address: u32, value: u32, width: Width, array: &mut Array) -> Result<(), BusError> {
        let half = array.bytes.len() as u32 / 2;
        let [first, second] = &mut self.banks;
        let bank = if address < array.origin + half { first } else { second };
        bank.store(address, &value.to_le_bytes()[..width.bytes() as usize], self.protection, array);
        Ok(())
    }

    fn reset(&mut self) {
        *self = Self::new(self.protection);
    }
}
