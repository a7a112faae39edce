//! STM32H7: RM0433 section 4.

use tinynas_sim::bus::Width;
use tinynas_sim::flash::{FlashController, ReadProtection, Stm32H7};

use crate::{Chip, KEY1, KEY2, KIB};

const ORIGIN: u32 = 0x0800_0000;
const BYTES: u32 = 2048 * KIB;
const BANK: u32 = 0x100;
const ACR: u32 = 0x5200_2000;
const KEYR: u32 = 0x5200_2004;
const CR: u32 = 0x5200_200C;
const SR: u32 = 0x5200_2010;
const CCR: u32 = 0x5200_2014;
const OPTSR_CUR: u32 = 0x5200_201C;
const LOCK: u32 = 1 << 0;
const PG: u32 = 1 << 1;
const SER: u32 = 1 << 2;
const BER: u32 = 1 << 3;
const FW: u32 = 1 << 6;
const START: u32 = 1 << 7;
const WBNE: u32 = 1 << 1;
const QW: u32 = 1 << 2;
const EOP: u32 = 1 << 16;
const WRPERR: u32 = 1 << 17;
const PGSERR: u32 = 1 << 18;
const STRBERR: u32 = 1 << 19;
const INCERR: u32 = 1 << 21;

fn unlocked() -> Chip<Stm32H7> {
    let mut chip = Chip::new(Stm32H7::new(ReadProtection::Open), ORIGIN, BYTES);
    for bank in [0, BANK] {
        chip.write(KEYR + bank, KEY1);
        chip.write(KEYR + bank, KEY2);
        assert_eq!(chip.read(CR + bank), 0);
    }
    chip
}

/// Unlocked, erased, PG set in bank 1.
fn programming() -> Chip<Stm32H7> {
    let mut chip = unlocked();
    chip.array.erase_all();
    chip.array.take_dirty();
    chip.write(CR, PG);
    chip
}

#[test]
fn a_sector_of_either_bank_is_erased_and_a_flash_word_programmed() {
    for (bank, part) in [(0, 3), (BANK, 8 + 3)] {
        let mut chip = unlocked();
        chip.write(CR + bank, SER | (3 << 8));
        chip.or(CR + bank, START);
        assert!(chip.wait_clear(SR + bank, QW) > 0, "QW is seen");
        assert_eq!(chip.erased_parts(128 * KIB), [part]);
        let address = ORIGIN + part * 128 * KIB;
        chip.write(CCR + bank, 0x0FEF_0000);
        chip.write(CR + bank, PG);
        for word in 0..7 {
            chip.store(address + word * 4, word);
            assert_eq!(chip.read(SR + bank), WBNE);
        }
        assert_eq!(chip.word(address), u32::MAX, "28 bytes change nothing");
        chip.store(address + 28, 7);
        chip.wait_clear(SR + bank, QW);
        assert_eq!(chip.read(SR + bank), EOP);
        assert_eq!((chip.word(address), chip.word(address + 28)), (0, 7));
    }
}

#[test]
fn a_bank_is_erased_as_a_whole() {
    let mut chip = unlocked();
    chip.write(CR + BANK, BER | START);
    assert_eq!(chip.erased_parts(1024 * KIB), [1]);
}

#[test]
fn force_write_programs_what_is_there() {
    let mut chip = programming();
    chip.try_store(ORIGIN + 5, 0x12, Width::Byte).expect("a flash address");
    chip.or(CR, FW);
    chip.wait_clear(SR, QW);
    assert_eq!(chip.word(ORIGIN + 4), 0xFFFF_12FF);
    assert_eq!(chip.word(ORIGIN), u32::MAX);
    assert_eq!(chip.read(SR), EOP);
}

#[test]
fn violations_set_their_flag_and_change_nothing() {
    type Steps = fn(&mut Chip<Stm32H7>);
    let violations: [(&str, Steps, u32); 4] = [
        (
            "store without PG",
            |chip| {
                chip.write(CR, 0);
                chip.store(ORIGIN, 0)
            },
            PGSERR,
        ),
        (
            "store into another flash word",
            |chip| {
                chip.store(ORIGIN, 0);
                chip.store(ORIGIN + 32, 0)
            },
            INCERR,
        ),
        (
            "store after INCERR",
            |chip| {
                chip.store(ORIGIN, 0);
                chip.store(ORIGIN + 32, 0);
                for word in 0..8 {
                    chip.store(ORIGIN + word * 4, 0)
                }
            },
            INCERR | PGSERR,
        ),
        ("start without an operation", |chip| chip.write(CR, START), PGSERR),
    ];
    for (name, steps, flag) in violations {
        let mut chip = programming();
        steps(&mut chip);
        assert_eq!(chip.read(SR), flag, "{name}");
        assert_eq!(chip.array.take_dirty(), None, "{name}");
        chip.write(CCR, flag);
        assert_eq!(chip.read(SR), 0, "{name}: cleared by CCR");
    }
}

#[test]
fn a_byte_stored_twice_is_reported_and_replaced() {
    let mut chip = programming();
    chip.store(ORIGIN, 0x1111_1111);
    for word in 0..8 {
        chip.store(ORIGIN + word * 4, 0x2222_2222);
    }
    chip.wait_clear(SR, QW);
    assert_eq!(chip.read(SR), EOP | STRBERR);
    assert_eq!(chip.word(ORIGIN), 0x2222_2222);
}

#[test]
fn the_banks_have_locks_of_their_own() {
    let mut chip = Chip::new(Stm32H7::new(ReadProtection::Open), ORIGIN, BYTES);
    chip.write(KEYR, KEY1);
    chip.write(KEYR, KEY2);
    chip.write(CR + BANK, SER | START);
    assert_eq!((chip.read(CR), chip.read(CR + BANK)), (0, LOCK));
    assert_eq!(chip.array.take_dirty(), None);
}

#[test]
fn the_unlock_sequence_twice_locks_until_reset() {
    let mut chip = unlocked();
    assert!(chip.try_write(KEYR, KEY1).is_err());
    assert_eq!((chip.read(CR), chip.read(CR + BANK)), (LOCK, 0));
    assert!(chip.try_write(KEYR, KEY1).is_err());
    chip.controller.reset();
    chip.write(KEYR, KEY1);
    chip.write(KEYR, KEY2);
    assert_eq!(chip.read(CR), 0);
}

#[test]
fn a_protected_chip_refuses_erase_and_program() {
    let mut chip = Chip::blank(Stm32H7::new(ReadProtection::Level1), ORIGIN, BYTES);
    assert_eq!(chip.read(OPTSR_CUR) >> 8 & 0xFF, 0xBB);
    chip.write(KEYR, KEY1);
    chip.write(KEYR, KEY2);
    chip.write(CR, SER | START);
    assert_eq!(chip.read(SR), WRPERR);
    chip.write(CCR, WRPERR);
    chip.write(CR, PG);
    for word in 0..8 {
        chip.store(ORIGIN + word * 4, 0);
    }
    assert_eq!(chip.read(SR), WRPERR);
    assert_eq!(chip.array.take_dirty(), None);
}

#[test]
fn latency_reads_back() {
    let mut chip = unlocked();
    assert_eq!(chip.read(ACR), 0x37);
    chip.write(ACR, 0x24);
    assert_eq!(chip.read(ACR), 0x24);
}
