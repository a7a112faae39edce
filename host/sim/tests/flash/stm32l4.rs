//! STM32L4 and L4+: RM0351 and RM0432 section 3.

use tinynas_sim::bus::Width;
use tinynas_sim::flash::{Banks, FlashController, ReadProtection, Stm32L4};

use crate::{Chip, KEY1, KEY2, KIB};

const ORIGIN: u32 = 0x0800_0000;
const BYTES: u32 = 2048 * KIB;
const ACR: u32 = 0x4002_2000;
const KEYR: u32 = 0x4002_2008;
const OPTKEYR: u32 = 0x4002_200C;
const SR: u32 = 0x4002_2010;
const CR: u32 = 0x4002_2014;
const OPTR: u32 = 0x4002_2020;
const PG: u32 = 1 << 0;
const PER: u32 = 1 << 1;
const MER1: u32 = 1 << 2;
const BKER: u32 = 1 << 11;
const MER2: u32 = 1 << 15;
const STRT: u32 = 1 << 16;
const OPTLOCK: u32 = 1 << 30;
const LOCK: u32 = 1 << 31;
const BSY: u32 = 1 << 16;
const PROGERR: u32 = 1 << 3;
const WRPERR: u32 = 1 << 4;
const PGAERR: u32 = 1 << 5;
const SIZERR: u32 = 1 << 6;
const PGSERR: u32 = 1 << 7;

fn unlocked(banks: Banks) -> Chip<Stm32L4> {
    let mut chip = Chip::new(Stm32L4::plus(banks, ReadProtection::Open), ORIGIN, BYTES);
    chip.write(KEYR, KEY1);
    chip.write(KEYR, KEY2);
    assert_eq!(chip.read(CR), OPTLOCK);
    chip
}

/// Unlocked, erased, PG set.
fn programming() -> Chip<Stm32L4> {
    let mut chip = unlocked(Banks::Dual);
    chip.array.erase_all();
    chip.array.take_dirty();
    chip.write(CR, PG);
    chip
}

#[test]
fn a_page_is_erased_and_a_double_word_programmed() {
    let mut chip = unlocked(Banks::Dual);
    chip.write(CR, PER | BKER | (2 << 3));
    chip.or(CR, STRT);
    assert!(chip.wait_clear(SR, BSY) > 0, "BSY is seen");
    assert_eq!(chip.erased_parts(4 * KIB), [256 + 2], "page 2 of bank 2");
    let address = ORIGIN + (256 + 2) * 4 * KIB;
    chip.write(CR, PG);
    chip.store(address, 0x1111_1111);
    assert_eq!(chip.word(address), u32::MAX, "half a double word changes nothing");
    chip.store(address + 4, 0x2222_2222);
    chip.wait_clear(SR, BSY);
    assert_eq!((chip.word(address), chip.word(address + 4)), (0x1111_1111, 0x2222_2222));
    assert_eq!(chip.read(SR), 0);
}

#[test]
fn pages_follow_the_bank_option() {
    let mut single = unlocked(Banks::Single);
    single.write(CR, PER | (255 << 3) | STRT);
    assert_eq!(single.erased_parts(8 * KIB), [255]);
    assert_eq!(single.read(OPTR), 0xFF8F_F8AA);
    assert_eq!(unlocked(Banks::Dual).read(OPTR), 0xFFEF_F8AA);
    let mut older = Chip::new(Stm32L4::new(ReadProtection::Open), ORIGIN, 1024 * KIB);
    older.write(KEYR, KEY1);
    older.write(KEYR, KEY2);
    older.write(CR, PER | BKER | (1 << 3) | STRT);
    assert_eq!(older.erased_parts(2 * KIB), [256 + 1]);
}

#[test]
fn banks_are_mass_erased_one_by_one_or_together() {
    for (bits, banks) in [(MER1, vec![0]), (MER2, vec![1]), (MER1 | MER2, vec![0, 1])] {
        let mut chip = unlocked(Banks::Dual);
        chip.write(CR, bits | STRT);
        assert_eq!(chip.erased_parts(1024 * KIB), banks);
    }
}

#[test]
fn violations_set_their_flag_and_change_nothing() {
    type Steps = fn(&mut Chip<Stm32L4>);
    let violations: [(&str, Steps, u32); 7] = [
        (
            "store without PG",
            |chip| {
                chip.write(CR, 0);
                chip.store(ORIGIN, 0)
            },
            PGSERR,
        ),
        (
            "store while an erase is set up",
            |chip| {
                chip.write(CR, PG | PER);
                chip.store(ORIGIN, 0)
            },
            PGSERR,
        ),
        ("half-word", |chip| chip.try_store(ORIGIN, 0, Width::Half).expect("a flag"), SIZERR),
        ("second half first", |chip| chip.store(ORIGIN + 4, 0), PGAERR),
        (
            "halves of two rows",
            |chip| {
                chip.store(ORIGIN, 1);
                chip.store(ORIGIN + 12, 2)
            },
            PGAERR,
        ),
        ("start without an operation", |chip| chip.write(CR, STRT), PGSERR),
        ("erase with PG set", |chip| chip.write(CR, PG | PER | STRT), PGSERR),
    ];
    for (name, steps, flag) in violations {
        let mut chip = programming();
        steps(&mut chip);
        assert_eq!(chip.read(SR), flag, "{name}");
        assert_eq!(chip.array.take_dirty(), None, "{name}");
    }
}

#[test]
fn a_double_word_that_is_not_erased_is_a_program_error_unless_it_becomes_zero() {
    let mut chip = programming();
    chip.store(ORIGIN, 0xFFFF_0000);
    chip.store(ORIGIN + 4, u32::MAX);
    chip.wait_clear(SR, BSY);
    chip.store(ORIGIN, 0x0000_0000);
    chip.store(ORIGIN + 4, 0x0000_0001);
    assert_eq!(chip.read(SR), PROGERR);
    assert_eq!(chip.word(ORIGIN), 0xFFFF_0000);
    chip.write(SR, PROGERR);
    chip.store(ORIGIN, 0);
    chip.store(ORIGIN + 4, 0);
    chip.wait_clear(SR, BSY);
    assert_eq!(chip.read(SR), 0);
    assert_eq!((chip.word(ORIGIN), chip.word(ORIGIN + 4)), (0, 0));
}

#[test]
fn an_error_that_was_not_cleared_refuses_the_next_operation() {
    let mut chip = programming();
    chip.store(ORIGIN + 4, 0);
    chip.store(ORIGIN, 0);
    chip.store(ORIGIN + 4, 0);
    assert_eq!(chip.read(SR), PGAERR | PGSERR);
    chip.write(CR, PER | STRT);
    assert_eq!(chip.array.take_dirty(), None);
    chip.write(SR, 0xC3FA);
    chip.write(CR, PER | STRT);
    assert!(chip.array.take_dirty().is_some());
}

#[test]
fn clearing_pg_forgets_half_a_double_word() {
    let mut chip = programming();
    chip.store(ORIGIN, 0x1234);
    chip.write(CR, 0);
    chip.write(CR, PG);
    chip.store(ORIGIN + 8, 0x5678);
    chip.store(ORIGIN + 12, 0);
    chip.wait_clear(SR, BSY);
    assert_eq!(chip.read(SR), 0);
    assert_eq!((chip.word(ORIGIN), chip.word(ORIGIN + 8)), (u32::MAX, 0x5678));
}

#[test]
fn keys_in_the_wrong_order_lock_until_reset() {
    let mut chip = Chip::new(Stm32L4::plus(Banks::Dual, ReadProtection::Open), ORIGIN, BYTES);
    assert!(chip.try_write(KEYR, KEY2).is_err());
    assert!(chip.try_write(KEYR, KEY1).is_err());
    chip.write(CR, PER | STRT);
    assert_eq!(chip.read(CR), LOCK | OPTLOCK);
    assert_eq!(chip.array.take_dirty(), None);
    chip.controller.reset();
    chip.write(KEYR, KEY1);
    chip.write(KEYR, KEY2);
    assert_eq!(chip.read(CR), OPTLOCK);
}

#[test]
fn option_keys_are_refused_while_the_flash_is_locked() {
    let mut chip = Chip::new(Stm32L4::plus(Banks::Dual, ReadProtection::Open), ORIGIN, BYTES);
    assert!(chip.try_write(OPTKEYR, 0x0819_2A3B).is_err());
    let mut open = unlocked(Banks::Dual);
    open.write(OPTKEYR, 0x0819_2A3B);
    open.write(OPTKEYR, 0x4C5D_6E7F);
    assert_eq!(open.read(CR), 0);
    open.write(CR, LOCK);
    assert_eq!(open.read(CR), LOCK | OPTLOCK);
}

#[test]
fn a_protected_chip_refuses_erase_and_program() {
    let mut chip = Chip::blank(Stm32L4::plus(Banks::Dual, ReadProtection::Level1), ORIGIN, BYTES);
    assert_eq!(chip.read(OPTR) & 0xFF, 0xBB);
    chip.write(KEYR, KEY1);
    chip.write(KEYR, KEY2);
    chip.write(CR, PER | STRT);
    assert_eq!(chip.read(SR), WRPERR);
    chip.write(SR, WRPERR);
    chip.write(CR, PG);
    chip.store(ORIGIN, 0);
    chip.store(ORIGIN + 4, 0);
    assert_eq!(chip.read(SR), WRPERR);
    assert_eq!(chip.array.take_dirty(), None);
}

#[test]
fn latency_reads_back() {
    let mut chip = unlocked(Banks::Dual);
    assert_eq!(chip.read(ACR), 0x600);
    chip.write(ACR, 0x705);
    assert_eq!(chip.read(ACR), 0x705);
}
