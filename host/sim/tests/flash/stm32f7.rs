//! STM32F7: RM0385 and RM0410 section 3. What it shares with the F4 is tested there.

use tinynas_sim::flash::{Banks, ReadProtection, SectorFlash, stm32f7};

use crate::{Chip, KEY1, KEY2, KIB};

const ORIGIN: u32 = 0x0800_0000;
const KEYR: u32 = 0x4002_3C04;
const SR: u32 = 0x4002_3C0C;
const CR: u32 = 0x4002_3C10;
const OPTCR: u32 = 0x4002_3C14;
const SER: u32 = 1 << 1;
const MER: u32 = 1 << 2;
const MER2: u32 = 1 << 15;
const STRT: u32 = 1 << 16;
const ERSERR: u32 = 1 << 7;

fn unlocked(bytes: u32, banks: Banks) -> Chip<SectorFlash> {
    let mut chip = Chip::new(stm32f7(bytes, banks, ReadProtection::Open), ORIGIN, bytes);
    chip.write(KEYR, KEY1);
    chip.write(KEYR, KEY2);
    chip
}

#[test]
fn one_bank_has_sectors_of_32_128_and_256_kib() {
    let map = [(0, 0, 32), (3, 96, 32), (4, 128, 128), (5, 256, 256), (7, 768, 256)];
    for (number, start, kib) in map {
        let mut chip = unlocked(1024 * KIB, Banks::Single);
        chip.write(CR, SER | (number << 3) | STRT);
        let parts: Vec<u32> = (start / 32..(start + kib) / 32).collect();
        assert_eq!(chip.erased_parts(32 * KIB), parts, "sector {number}");
    }
    let mut large = unlocked(2048 * KIB, Banks::Single);
    large.write(CR, SER | (11 << 3) | STRT);
    assert_eq!(large.erased_parts(256 * KIB), [7]);
}

#[test]
fn two_banks_have_the_sectors_of_the_f4() {
    let map = [(0, 0, 16), (4, 64, 64), (11, 896, 128), (16, 1024, 16), (20, 1088, 64), (27, 1920, 128)];
    for (number, start, kib) in map {
        let mut chip = unlocked(2048 * KIB, Banks::Dual);
        chip.write(CR, SER | (number << 3) | STRT);
        let parts: Vec<u32> = (start / 16..(start + kib) / 16).collect();
        assert_eq!(chip.erased_parts(16 * KIB), parts, "sector {number}");
    }
    let mut gap = unlocked(2048 * KIB, Banks::Dual);
    gap.write(CR, SER | (12 << 3) | STRT);
    assert_eq!(gap.read(SR), ERSERR, "numbers 12 to 15 do not exist");
}

#[test]
fn banks_are_mass_erased_one_by_one_or_together() {
    for (bits, banks) in [(MER, vec![0]), (MER2, vec![1]), (MER | MER2, vec![0, 1])] {
        let mut chip = unlocked(2048 * KIB, Banks::Dual);
        chip.write(CR, bits | STRT);
        assert_eq!(chip.erased_parts(1024 * KIB), banks);
    }
}

#[test]
fn option_bytes_tell_the_number_of_banks() {
    assert_eq!(unlocked(1024 * KIB, Banks::Single).read(OPTCR), 0xC0FF_AAFD, "RM0385 section 3.7.7");
    assert_eq!(unlocked(2048 * KIB, Banks::Single).read(OPTCR), 0xFFFF_AAFD, "RM0410 section 3.7.7");
    assert_eq!(unlocked(2048 * KIB, Banks::Dual).read(OPTCR), 0xDFFF_AAFD, "nDBANK is clear");
}
