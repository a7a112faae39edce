//! The serial flash behind the boot ROM's functions: RP2040 data sheet section 2.8.3.1.3.

use tinynas_sim::flash::{FlashController, QspiFlash, boot_rom};

use crate::{Chip, KIB};

const ORIGIN: u32 = 0x1000_0000;
const WINDOW: u32 = 0xF000_1000;
const CALL: u32 = WINDOW + 0x10;
const DATA: u32 = WINDOW + 0x14;
const CONNECT: u32 = 0;
const EXIT_XIP: u32 = 1;
const ERASE: u32 = 2;
const PROGRAM: u32 = 3;
const ENTER_XIP: u32 = 5;

fn chip() -> Chip<QspiFlash> {
    Chip::new(QspiFlash::new(), ORIGIN, 2048 * KIB)
}

/// As a ROM function does: arguments, then the call's number.
fn call(chip: &mut Chip<QspiFlash>, number: u32, arguments: [u32; 2]) -> bool {
    chip.write(WINDOW, arguments[0]);
    chip.write(WINDOW + 4, arguments[1]);
    chip.try_write(CALL, number).is_ok()
}

/// A flash that listens to commands.
fn commanded() -> Chip<QspiFlash> {
    let mut chip = chip();
    assert!(call(&mut chip, CONNECT, [0, 0]));
    assert!(call(&mut chip, EXIT_XIP, [0, 0]));
    chip
}

#[test]
fn a_sector_is_erased_and_a_page_programmed() {
    let mut chip = commanded();
    assert!(call(&mut chip, ERASE, [0x3000, 0x1000]));
    assert_eq!(chip.erased_parts(4 * KIB), [3]);
    assert!(call(&mut chip, PROGRAM, [0x3100, 256]));
    for byte in 0..=255 {
        chip.write(DATA, byte);
    }
    assert_eq!((chip.word(ORIGIN + 0x30FC), chip.word(ORIGIN + 0x3100)), (u32::MAX, 0x0302_0100));
    assert_eq!((chip.word(ORIGIN + 0x31FC), chip.word(ORIGIN + 0x3200)), (0xFFFE_FDFC, u32::MAX));
}

#[test]
fn violations_are_bus_errors_and_change_nothing() {
    let mut mapped = chip();
    assert!(!call(&mut mapped, EXIT_XIP, [0, 0]), "not connected");
    assert!(!call(&mut mapped, ERASE, [0, 0x1000]), "mapped for execution");
    assert!(!call(&mut mapped, PROGRAM, [0, 256]), "mapped for execution");
    assert!(mapped.try_write(DATA, 0).is_err(), "data without a call");
    assert!(mapped.try_store(ORIGIN, 0, tinynas_sim::bus::Width::Word).is_err(), "a plain store");
    let mut chip = commanded();
    assert!(!call(&mut chip, ERASE, [0x100, 0x1000]), "not a sector");
    assert!(!call(&mut chip, ERASE, [0, 0x100]), "not whole sectors");
    assert!(!call(&mut chip, ERASE, [2048 * KIB, 0x1000]), "beyond the flash");
    assert!(!call(&mut chip, ERASE, [!0xFFF, 0x1000]), "beyond the address space");
    assert!(!call(&mut chip, PROGRAM, [0x10, 256]), "not a page");
    assert!(!call(&mut chip, 6, [0, 0]), "no such function");
    assert!(call(&mut chip, ENTER_XIP, [0, 0]));
    assert!(!call(&mut chip, ERASE, [0, 0x1000]), "mapped again");
    for chip in [&mut mapped, &mut chip] {
        assert_eq!(chip.array.take_dirty(), None);
    }
}

#[test]
fn reset_maps_the_flash_again() {
    let mut chip = commanded();
    chip.controller.reset();
    assert!(!call(&mut chip, ERASE, [0, 0x1000]));
}

#[test]
fn the_roms_table_has_all_flash_functions_and_an_end() {
    let rom = boot_rom(0x1000_0100, 0x2004_2000);
    let half = |at: usize| usize::from(u16::from_le_bytes([rom[at], rom[at + 1]]));
    assert_eq!(&rom[0x10..0x12], b"Mu");
    let table = half(0x14);
    for (index, code) in [b"IF", b"EX", b"RE", b"RP", b"FC", b"CX"].iter().enumerate() {
        assert_eq!(&rom[table + 4 * index..][..2], *code);
        assert_eq!(half(table + 4 * index + 2) % 2, 1, "Thumb code");
    }
    assert_eq!(half(table + 4 * 6), 0, "the end of the table");
}
