//! STM32U5: RM0456 section 7. What it shares with the L4 is tested there.

use tinynas_sim::flash::{ReadProtection, Stm32U5};

use crate::{Chip, KEY1, KEY2, KIB};

const ORIGIN: u32 = 0x0800_0000;
const BYTES: u32 = 2048 * KIB;
const NSKEYR: u32 = 0x4002_2008;
const SECKEYR: u32 = 0x4002_200C;
const NSSR: u32 = 0x4002_2020;
const SECSR: u32 = 0x4002_2024;
const NSCR: u32 = 0x4002_2028;
const SECCR: u32 = 0x4002_202C;
const OPTR: u32 = 0x4002_2040;
const PG: u32 = 1 << 0;
const PER: u32 = 1 << 1;
const BKER: u32 = 1 << 11;
const STRT: u32 = 1 << 16;
const BSY: u32 = 1 << 16;
const WDW: u32 = 1 << 17;
const PROGERR: u32 = 1 << 3;
const PGAERR: u32 = 1 << 5;

fn unlocked() -> Chip<Stm32U5> {
    let mut chip = Chip::new(Stm32U5::new(ReadProtection::Open), ORIGIN, BYTES);
    chip.write(NSKEYR, KEY1);
    chip.write(NSKEYR, KEY2);
    chip
}

#[test]
fn a_page_is_erased_and_a_quad_word_programmed() {
    let mut chip = unlocked();
    chip.write(NSCR, PER | BKER | (3 << 3));
    chip.or(NSCR, STRT);
    assert!(chip.wait_clear(NSSR, BSY) > 0, "BSY is seen");
    assert_eq!(chip.erased_parts(8 * KIB), [128 + 3]);
    let address = ORIGIN + (128 + 3) * 8 * KIB;
    chip.write(NSCR, PG);
    for word in 0..3 {
        chip.store(address + word * 4, word);
        assert_eq!(chip.read(NSSR), WDW, "waits for the rest");
    }
    assert_eq!(chip.word(address), u32::MAX, "three words change nothing");
    chip.store(address + 12, 3);
    chip.wait_clear(NSSR, BSY);
    assert_eq!(chip.read(NSSR), 0);
    assert_eq!([0, 4, 8, 12].map(|offset| chip.word(address + offset)), [0, 1, 2, 3]);
}

#[test]
fn a_quad_word_begins_at_its_lowest_word_and_is_programmed_once() {
    let mut chip = unlocked();
    chip.array.erase_all();
    chip.write(NSCR, PG);
    chip.store(ORIGIN + 8, 1);
    assert_eq!(chip.read(NSSR), PGAERR);
    chip.write(NSSR, 0x20FA);
    for value in [1, 2] {
        for word in 0..4 {
            chip.store(ORIGIN + word * 4, value);
        }
        chip.wait_clear(NSSR, BSY);
    }
    assert_eq!(chip.read(NSSR), PROGERR);
    assert_eq!(chip.word(ORIGIN), 1);
}

#[test]
fn the_secure_registers_sleep_while_trustzone_is_off() {
    let mut chip = unlocked();
    assert_eq!(chip.read(OPTR), 0x1FEF_F8AA, "TZEN = 0, DUALBANK = 1");
    chip.write(SECKEYR, KEY2);
    chip.write(SECCR, PER | STRT);
    assert_eq!((chip.read(SECCR), chip.read(SECSR)), (0, 0));
    assert_eq!(chip.array.take_dirty(), None);
    assert_eq!(chip.read(NSCR) >> 31, 0, "the non-secure set is as open as before");
}

#[test]
fn both_aliases_reach_the_registers() {
    let mut chip = Chip::new(Stm32U5::new(ReadProtection::Open), ORIGIN, BYTES);
    chip.write(NSKEYR + 0x1000_0000, KEY1);
    chip.write(NSKEYR, KEY2);
    assert_eq!(chip.read(NSCR + 0x1000_0000) >> 31, 0);
}
