//! NVMC: nRF52840 Product Specification section 4.3, nRF5340 section 7.23.

use tinynas_sim::bus::Width;
use tinynas_sim::flash::{FlashController, Nvmc};

use crate::{Chip, KIB};

const NRF52: u32 = 0x4001_E000;
const NRF53: u32 = 0x5003_9000;
const NRF53_NON_SECURE: u32 = 0x4003_9000;
const READY: u32 = 0x400;
const CONFIG: u32 = 0x504;
const ERASEPAGE: u32 = 0x508;
const ERASEALL: u32 = 0x50C;
const ERASEUICR: u32 = 0x514;
const CONFIGNS: u32 = 0x584;
const WEN: u32 = 1;
const EEN: u32 = 2;
const UICR: u32 = 0x1000_1000;
const UICR_NRF53: u32 = 0x00FF_8000;

fn nrf52() -> Chip<Nvmc> {
    Chip::new(Nvmc::nrf52(), 0, 1024 * KIB)
}

fn nrf53() -> Chip<Nvmc> {
    Chip::new(Nvmc::nrf53(), 0, 1024 * KIB)
}

/// Polls until READY; the number of polls.
fn wait_ready(chip: &mut Chip<Nvmc>, base: u32) -> usize {
    (0..100).find(|_| chip.read(base + READY) == 1).expect("the operation ends")
}

#[test]
fn a_page_is_erased_and_a_word_programmed() {
    let mut chip = nrf52();
    chip.write(NRF52 + CONFIG, EEN);
    chip.write(NRF52 + ERASEPAGE, 0x3000);
    assert!(wait_ready(&mut chip, NRF52) > 0, "busy is seen");
    assert_eq!(chip.erased_parts(4 * KIB), [3]);
    chip.write(NRF52 + CONFIG, WEN);
    chip.store(0x3004, 0x1234_5678);
    wait_ready(&mut chip, NRF52);
    chip.store(0x3004, 0xFFFF_0000);
    wait_ready(&mut chip, NRF52);
    assert_eq!((chip.word(0x3000), chip.word(0x3004)), (u32::MAX, 0x1234_0000));
}

#[test]
fn erase_needs_erase_enable_and_a_page_address() {
    let mut chip = nrf52();
    for config in [0, WEN] {
        chip.write(NRF52 + CONFIG, config);
        chip.write(NRF52 + ERASEPAGE, 0);
        chip.write(NRF52 + ERASEALL, 1);
    }
    chip.write(NRF52 + CONFIG, EEN);
    chip.write(NRF52 + ERASEPAGE, 0x3004);
    chip.write(NRF52 + ERASEALL, 0);
    assert_eq!(chip.array.take_dirty(), None);
}

#[test]
fn stores_without_write_enable_and_narrow_stores_are_bus_errors() {
    for mut chip in [nrf52(), nrf53()] {
        assert!(chip.try_store(0, 0, Width::Word).is_err(), "read only");
        let base = chip.controller.windows()[0].start;
        chip.write(base + CONFIG, EEN);
        assert!(chip.try_store(0, 0, Width::Word).is_err(), "erase enabled");
        chip.write(base + CONFIG, WEN);
        assert!(chip.try_store(0, 0, Width::Byte).is_err());
        assert!(chip.try_store(2, 0, Width::Half).is_err());
        assert_eq!(chip.array.take_dirty(), None);
    }
}

#[test]
fn the_user_information_registers_are_cells_of_their_own() {
    let mut chip = nrf52();
    assert!(chip.try_write(UICR + 0x208, 0x5A).is_err());
    chip.write(NRF52 + CONFIG, WEN);
    chip.write(UICR + 0x208, 0xFFFF_FF5A);
    assert_eq!(chip.read(UICR + 0x208), 0xFFFF_FF5A);
    chip.controller.reset();
    assert_eq!(chip.read(UICR + 0x208), 0xFFFF_FF5A, "kept over reset");
    chip.write(NRF52 + CONFIG, EEN);
    chip.write(NRF52 + ERASEUICR, 1);
    assert_eq!(chip.read(UICR + 0x208), u32::MAX);
    assert_eq!(chip.array.take_dirty(), None);
}

#[test]
fn erase_all_takes_flash_and_user_information() {
    for (mut chip, base, uicr) in [(nrf52(), NRF52, UICR), (nrf53(), NRF53, UICR_NRF53)] {
        chip.write(base + CONFIG, WEN);
        chip.write(uicr, 0);
        chip.write(base + CONFIG, EEN);
        chip.write(base + ERASEALL, 1);
        assert_eq!(chip.read(uicr), u32::MAX);
        assert_eq!(chip.erased_parts(4 * KIB).len(), 256);
    }
}

#[test]
fn the_nrf53_erases_a_page_by_a_store_of_ones_to_its_first_word() {
    let mut chip = nrf53();
    chip.write(NRF53 + CONFIG, EEN);
    assert!(chip.try_store(0x5004, u32::MAX, Width::Word).is_err(), "not the first word");
    chip.store(0x5000, u32::MAX);
    assert!(wait_ready(&mut chip, NRF53) > 0, "busy is seen");
    assert_eq!(chip.erased_parts(4 * KIB), [5]);
    chip.write(NRF53 + ERASEPAGE, 0x6000);
    assert_eq!(chip.erased_parts(4 * KIB), [5], "the nRF53 has no ERASEPAGE");
}

#[test]
fn the_nrf53s_configuration_belongs_to_secure_code() {
    let mut chip = nrf53();
    chip.write(NRF53_NON_SECURE + CONFIG, EEN);
    assert_eq!(chip.read(NRF53 + CONFIG), 0);
    chip.write(NRF53 + CONFIG, EEN);
    assert_eq!(chip.read(NRF53_NON_SECURE + CONFIG), 0);
    chip.write(NRF53_NON_SECURE + CONFIGNS, WEN);
    assert_eq!((chip.read(NRF53 + CONFIG), chip.read(NRF53 + CONFIGNS)), (EEN, WEN));
}
