//! STM32F4: RM0390 section 3.

use tinynas_sim::bus::Width;
use tinynas_sim::flash::{ReadProtection, SectorFlash, stm32f4};

use crate::{Chip, KEY1, KEY2, KIB};

const ORIGIN: u32 = 0x0800_0000;
const ACR: u32 = 0x4002_3C00;
const KEYR: u32 = 0x4002_3C04;
const SR: u32 = 0x4002_3C0C;
const CR: u32 = 0x4002_3C10;
const OPTCR: u32 = 0x4002_3C14;
const PG: u32 = 1 << 0;
const SER: u32 = 1 << 1;
const MER: u32 = 1 << 2;
const MER1: u32 = 1 << 15;
const STRT: u32 = 1 << 16;
const PSIZE_WORD: u32 = 2 << 8;
const LOCK: u32 = 1 << 31;
const BSY: u32 = 1 << 16;
const WRPERR: u32 = 1 << 4;
const PGAERR: u32 = 1 << 5;
const PGPERR: u32 = 1 << 6;
const PGSERR: u32 = 1 << 7;

fn unlocked(bytes: u32) -> Chip<SectorFlash> {
    let mut chip = Chip::new(stm32f4(bytes, ReadProtection::Open), ORIGIN, bytes);
    chip.write(KEYR, KEY1);
    chip.write(KEYR, KEY2);
    assert_eq!(chip.read(CR) & LOCK, 0);
    chip
}

#[test]
fn a_sector_is_erased_and_a_word_programmed() {
    let mut chip = unlocked(512 * KIB);
    chip.write(CR, SER | (5 << 3));
    chip.or(CR, STRT);
    assert!(chip.wait_clear(SR, BSY) > 0, "BSY is seen");
    assert_eq!(chip.erased_parts(128 * KIB), [1]);
    chip.write(CR, PG | PSIZE_WORD);
    chip.store(ORIGIN + 0x2_0000, 0x1234_5678);
    chip.wait_clear(SR, BSY);
    assert_eq!(chip.read(SR), 0);
    assert_eq!(chip.word(ORIGIN + 0x2_0000), 0x1234_5678);
    assert_eq!(chip.word(ORIGIN + 0x2_0004), u32::MAX);
    assert_eq!(chip.array.take_dirty(), Some(ORIGIN + 0x2_0000..ORIGIN + 0x4_0000));
}

#[test]
fn sector_numbers_are_those_of_the_manual() {
    let starts = [(0, 0), (3, 48), (4, 64), (5, 128), (7, 384)];
    for (number, start) in starts {
        let mut chip = unlocked(512 * KIB);
        chip.write(CR, SER | (number << 3) | STRT);
        assert_eq!(chip.erased_parts(16 * KIB).first(), Some(&(start / 16)), "sector {number}");
        let kib = [16, 64, 128][usize::from(number > 3) + usize::from(number > 4)];
        assert_eq!(chip.erased_parts(16 * KIB).len(), kib / 16, "sector {number}");
    }
    let mut two = unlocked(2048 * KIB);
    two.write(CR, SER | (16 << 3) | STRT);
    assert_eq!(two.erased_parts(16 * KIB), [64], "bank 2 begins with number 16");
}

#[test]
fn a_sector_that_does_not_exist_is_a_sequence_error() {
    let mut chip = unlocked(512 * KIB);
    chip.write(CR, SER | (8 << 3) | STRT);
    assert_eq!(chip.read(SR), PGSERR);
    assert!(chip.erased_parts(16 * KIB).is_empty());
}

#[test]
fn mass_erase_erases_the_bank() {
    let mut chip = unlocked(512 * KIB);
    chip.write(CR, MER | STRT);
    assert_eq!(chip.erased_parts(128 * KIB).len(), 4);
    let mut two = unlocked(2048 * KIB);
    two.write(CR, MER1 | STRT);
    assert_eq!(two.erased_parts(1024 * KIB), [1]);
}

#[test]
fn locked_nothing_changes() {
    let mut chip = Chip::new(stm32f4(512 * KIB, ReadProtection::Open), ORIGIN, 512 * KIB);
    assert_eq!(chip.read(CR), LOCK);
    chip.write(CR, SER | STRT);
    chip.write(CR, PG | PSIZE_WORD);
    chip.store(ORIGIN, 0);
    assert_eq!(chip.read(CR), LOCK);
    assert_eq!(chip.read(SR), PGSERR);
    assert_eq!(chip.word(ORIGIN), 0xA5A5_A5A5);
}

#[test]
fn a_wrong_key_locks_until_reset() {
    let mut chip = Chip::new(stm32f4(512 * KIB, ReadProtection::Open), ORIGIN, 512 * KIB);
    chip.write(KEYR, KEY1);
    assert!(chip.try_write(KEYR, KEY1).is_err());
    assert!(chip.try_write(KEYR, KEY1).is_err());
    assert!(chip.try_write(KEYR, KEY2).is_err());
    assert_eq!(chip.read(CR), LOCK);
    tinynas_sim::flash::FlashController::reset(&mut chip.controller);
    chip.write(KEYR, KEY1);
    chip.write(KEYR, KEY2);
    assert_eq!(chip.read(CR), 0);
}

#[test]
fn violations_set_their_flag_and_change_nothing() {
    let violations = [
        ("store without PG", PSIZE_WORD, 0, Width::Word, PGSERR),
        ("store while an erase is set up", PG | SER | PSIZE_WORD, 0, Width::Word, PGSERR),
        ("store narrower than PSIZE", PG | PSIZE_WORD, 0, Width::Byte, PGPERR),
        ("store wider than PSIZE", PG, 0, Width::Word, PGPERR),
        ("store across a row", PG | PSIZE_WORD, 14, Width::Word, PGAERR),
    ];
    for (name, control, offset, width, flag) in violations {
        let mut chip = unlocked(512 * KIB);
        chip.write(CR, control);
        chip.try_store(ORIGIN + offset, 0, width).expect("flags, not faults");
        assert_eq!(chip.read(SR), flag, "{name}");
        assert_eq!(chip.array.take_dirty(), None, "{name}");
        chip.write(SR, flag);
        assert_eq!(chip.read(SR), 0, "{name}: cleared by writing one");
    }
}

#[test]
fn program_width_follows_psize() {
    for (psize, width, expected) in
        [(0, Width::Byte, 0xFFFF_FF00), (1, Width::Half, 0xFFFF_0000), (2, Width::Word, 0x0000_0000)]
    {
        let mut chip = unlocked(512 * KIB);
        chip.array.erase_all();
        chip.write(CR, PG | (psize << 8));
        chip.try_store(ORIGIN, 0, width).expect("a flash address");
        assert_eq!(chip.word(ORIGIN), expected);
    }
}

#[test]
fn end_of_operation_is_shown_only_with_its_interrupt_enabled() {
    let mut chip = unlocked(512 * KIB);
    chip.write(CR, SER | STRT);
    chip.wait_clear(SR, BSY);
    assert_eq!(chip.read(SR), 0);
    chip.write(CR, SER | STRT | (1 << 24));
    chip.wait_clear(SR, BSY);
    assert_eq!(chip.read(SR), 1);
}

#[test]
fn lock_bit_locks_and_keys_open_again() {
    let mut chip = unlocked(512 * KIB);
    chip.or(CR, LOCK);
    assert_eq!(chip.read(CR), LOCK);
    chip.write(KEYR, KEY1);
    chip.write(KEYR, KEY2);
    assert_eq!(chip.read(CR), 0);
}

#[test]
fn a_protected_chip_refuses_erase_and_program() {
    let mut chip = Chip::new(stm32f4(512 * KIB, ReadProtection::Level1), ORIGIN, 512 * KIB);
    assert_eq!(chip.read(OPTCR) >> 8 & 0xFF, 0xBB);
    chip.write(KEYR, KEY1);
    chip.write(KEYR, KEY2);
    chip.write(CR, SER | STRT);
    assert_eq!(chip.read(SR), WRPERR);
    chip.write(SR, WRPERR);
    chip.write(CR, PG | PSIZE_WORD);
    chip.store(ORIGIN, 0);
    assert_eq!(chip.read(SR), WRPERR);
    assert_eq!(chip.array.take_dirty(), None);
}

#[test]
fn option_bytes_and_latency_read_back() {
    let mut chip = unlocked(512 * KIB);
    assert_eq!(chip.read(OPTCR), 0x0FFF_AAED, "RM0390 section 3.9.10");
    chip.write(ACR, 0x705);
    assert_eq!(chip.read(ACR), 0x705);
}
