//! NVMCTRL of the SAM D51: DS60001507 section 25.

use tinynas_sim::bus::Width;
use tinynas_sim::flash::{FlashController, Samd51};

use crate::{Chip, KIB};

const BASE: u32 = 0x4100_4000;
const CTRLA: u32 = BASE;
const CTRLB: u32 = BASE + 0x04;
const PARAM: u32 = BASE + 0x08;
const INTFLAG: u32 = BASE + 0x10;
const STATUS: u32 = BASE + 0x12;
const ADDR: u32 = BASE + 0x14;
const USER_PAGE: u32 = 0x0080_4000;
const ERASE_PAGE: u32 = 0xA500;
const ERASE_BLOCK: u32 = 0xA501;
const WRITE_PAGE: u32 = 0xA503;
const WRITE_QUAD_WORD: u32 = 0xA504;
const LOCK_REGION: u32 = 0xA511;
const UNLOCK_REGION: u32 = 0xA512;
const CLEAR_PAGE_BUFFER: u32 = 0xA515;
const ADDRE: u32 = 1 << 1;
const PROGE: u32 = 1 << 2;
const LOCKE: u32 = 1 << 3;
const ERRORS: u32 = ADDRE | PROGE | LOCKE;

fn chip() -> Chip<Samd51> {
    Chip::new(Samd51::new(), 0, 512 * KIB)
}

/// A command, and the polls until READY.
fn command(chip: &mut Chip<Samd51>, address: u32, value: u32) -> usize {
    chip.write(ADDR, address);
    chip.controller.write(CTRLB, value, Width::Half, &mut chip.array).expect("a register");
    (0..100).find(|_| half(chip, STATUS) & 1 == 1).expect("the operation ends")
}

fn half(chip: &mut Chip<Samd51>, address: u32) -> u32 {
    chip.controller.read(address, Width::Half, &mut chip.array).expect("a register")
}

#[test]
fn a_block_is_erased_and_a_page_programmed() {
    let mut chip = chip();
    assert!(command(&mut chip, 0x4123, ERASE_BLOCK) > 0, "not READY is seen");
    assert_eq!(chip.erased_parts(8 * KIB), [2]);
    command(&mut chip, 0, CLEAR_PAGE_BUFFER);
    for word in 0..128 {
        chip.store(0x4200 + word * 4, word);
    }
    assert_eq!(chip.word(0x4204), u32::MAX, "only the buffer is loaded");
    assert_eq!(half(&mut chip, STATUS) & 4, 4, "LOAD");
    command(&mut chip, 0x4200, WRITE_PAGE);
    assert_eq!((chip.word(0x4204), chip.word(0x43FC)), (1, 127));
    assert_eq!((chip.word(0x41FC), chip.word(0x4400)), (u32::MAX, u32::MAX));
    assert_eq!(half(&mut chip, STATUS) & 4, 0, "the buffer is cleared");
    assert_eq!(half(&mut chip, INTFLAG) & ERRORS, 0);
}

#[test]
fn a_page_that_is_not_erased_keeps_its_clear_bits() {
    let mut chip = chip();
    chip.store(0, 0x0F0F_0F0F);
    command(&mut chip, 0, WRITE_PAGE);
    assert_eq!((chip.word(0), chip.word(4)), (0x0505_0505, 0xA5A5_A5A5));
}

#[test]
fn violations_set_their_flag_and_change_nothing() {
    let violations = [
        ("wrong key", 0, 0x5A01, PROGE),
        ("unknown command", 0, 0xA57F, PROGE),
        ("page erase in the main array", 0, ERASE_PAGE, PROGE),
        ("block outside the flash", 512 * KIB, ERASE_BLOCK, ADDRE),
        ("page outside the flash", 512 * KIB, WRITE_PAGE, ADDRE),
    ];
    for (name, address, value, flag) in violations {
        let mut chip = chip();
        chip.write(ADDR, address);
        chip.write(CTRLB, value);
        assert_eq!(half(&mut chip, INTFLAG) & ERRORS, flag, "{name}");
        assert_eq!(chip.array.take_dirty(), None, "{name}");
        chip.write(INTFLAG, flag);
        assert_eq!(half(&mut chip, INTFLAG) & ERRORS, 0, "{name}: cleared by writing one");
    }
}

#[test]
fn a_command_before_the_last_one_ended_is_a_program_error() {
    let mut chip = chip();
    chip.write(CTRLB, ERASE_BLOCK);
    chip.write(ADDR, 0x2000);
    chip.write(CTRLB, ERASE_BLOCK);
    assert_eq!(chip.erased_parts(8 * KIB), [0]);
    assert_eq!(half(&mut chip, INTFLAG) & ERRORS, PROGE);
}

#[test]
fn a_locked_region_refuses_until_it_is_unlocked() {
    let mut chip = chip();
    command(&mut chip, 0x4000, LOCK_REGION);
    command(&mut chip, 0x4000, ERASE_BLOCK);
    assert_eq!(half(&mut chip, INTFLAG) & ERRORS, LOCKE);
    assert_eq!(chip.array.take_dirty(), None);
    command(&mut chip, 0x8000, ERASE_BLOCK);
    assert_eq!(chip.erased_parts(8 * KIB), [4], "another region");
    command(&mut chip, 0x4000, UNLOCK_REGION);
    command(&mut chip, 0x4000, ERASE_BLOCK);
    assert_eq!(chip.erased_parts(8 * KIB), [2, 4]);
}

#[test]
fn narrow_stores_are_bus_errors() {
    let mut chip = chip();
    assert!(chip.try_store(0, 0, Width::Byte).is_err());
    assert!(chip.try_store(0, 0, Width::Half).is_err());
    command(&mut chip, 0, WRITE_PAGE);
    assert_eq!(chip.word(0), 0xA5A5_A5A5);
}

#[test]
fn quad_words_are_written_on_command_or_by_themselves() {
    let mut chip = chip();
    command(&mut chip, 0, ERASE_BLOCK);
    for word in 0..4 {
        chip.store(0x10 + word * 4, word);
    }
    command(&mut chip, 0x10, WRITE_QUAD_WORD);
    assert_eq!((chip.word(0x0C), chip.word(0x10), chip.word(0x1C)), (u32::MAX, 0, 3));
    chip.write(CTRLA, 2 << 4);
    for word in 4..8 {
        assert_eq!(chip.word(0x20), u32::MAX);
        chip.store(0x10 + word * 4, word);
    }
    assert_eq!((chip.word(0x20), chip.word(0x2C)), (4, 7));
}

#[test]
fn the_user_page_is_erased_and_kept_over_reset() {
    let mut chip = chip();
    chip.write(USER_PAGE, 0xFE9A_9239);
    command(&mut chip, USER_PAGE, WRITE_PAGE);
    chip.controller.reset();
    assert_eq!(chip.read(USER_PAGE), 0xFE9A_9239);
    command(&mut chip, USER_PAGE, ERASE_PAGE);
    assert_eq!(chip.read(USER_PAGE), u32::MAX);
    assert_eq!(chip.array.take_dirty(), None);
}

#[test]
fn parameters_and_wait_states_read_back() {
    let mut chip = chip();
    assert_eq!(chip.read(PARAM), 1024 | (6 << 16), "1,024 pages of 512 bytes");
    assert_eq!(half(&mut chip, CTRLA), 4, "AUTOWS");
    chip.write(CTRLA, 0xCF00);
    assert_eq!(half(&mut chip, CTRLA), 0xCF00);
}
