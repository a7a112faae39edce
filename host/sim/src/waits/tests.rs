//! Stalls counted by hand.

use super::*;

const FLASH: Range<u32> = 0x0800_0000..0x0808_0000;

fn f4() -> MemoryTiming {
    MemoryTiming::for_chip("STM32F446RETx", Core::M4F, 5, FLASH)
}

#[test]
fn none_never_stalls() {
    let mut timing = MemoryTiming::none();
    assert_eq!(timing.fetch(0x0800_0000) + timing.load(0x0800_0000) + timing.store(0x2000_0000), 0);
    assert!(!timing.is_slow(&FLASH));
}

#[test]
fn the_accelerator_stalls_once_at_a_jump_and_never_in_a_row() {
    let mut timing = f4();
    assert_eq!(timing.fetch(0x0800_1000), 5, "reached by a jump");
    // The next line is read ahead: 6 cycles, as long as this one lasts.
    assert_eq!(timing.fetch(0x0800_1010), 0);
    assert_eq!(timing.fetch(0x0800_1000), 0, "back: in the cache");
    assert_eq!(timing.fetch(0x0800_1010), 0);
    // Read ahead twice, but never brought into the cache: a jump there stalls.
    assert_eq!(timing.fetch(0x0800_2000), 5);
    assert_eq!(timing.fetch(0x0800_1010), 5);
    assert_eq!(timing.fetch(0x0800_2000), 0);
    assert_eq!(timing.fetch(0x0800_1010), 0);
}

#[test]
fn seven_wait_states_are_longer_than_a_line_lasts() {
    let mut timing = MemoryTiming::for_chip("STM32F405RGTx", Core::M4F, 7, FLASH);
    assert_eq!(timing.fetch(0x0800_0000), 7);
    assert_eq!(timing.fetch(0x0800_0010), 7 + 1 - 6);
}

#[test]
fn weights_in_flash_stall_once_in_16_bytes() {
    let mut timing = f4();
    let stalls: u32 = (0..1024).map(|byte| timing.load(0x0801_0000 + byte)).sum();
    assert_eq!(stalls, 1024 / 16 * 5);
    // Eight lines are kept: those of the last 128 bytes.
    let again: u32 = (1024 - 128..1024).map(|byte| timing.load(0x0801_0000 + byte)).sum();
    assert_eq!(again, 0);
    assert_eq!(timing.load(0x0801_0000), 5);
}

#[test]
fn the_m7_caches_flash_and_axi_ram_but_not_dtcm() {
    let mut timing = MemoryTiming::for_chip("STM32H743ZITx", Core::M7F, 4, 0x0800_0000..0x0820_0000);
    assert!(timing.is_slow(&(0x2400_0000..0x2408_0000)));
    assert!(!timing.is_slow(&(0x2000_0000..0x2002_0000)));
    assert!(!timing.is_slow(&(0..0x1_0000)));
    assert_eq!(timing.load(0x0800_0000), 2 * (4 + 1) + 8);
    assert_eq!(timing.load(0x0800_001f), 0, "one line of 32 bytes");
    assert_eq!(timing.load(0x2400_0000), 12);
    assert_eq!(timing.store(0x2400_0020), 0, "the store buffer waits, not the core");
    assert_eq!(timing.load(0x2400_0020), 0, "it brought the line in");
    assert_eq!(timing.load(0x3000_0000), 20);
    assert_eq!(timing.load(0x2000_0000), 0);
    // Code and data have caches of their own.
    assert_eq!(timing.fetch(0x0800_0000), 18);
    assert_eq!(timing.fetch(0x0800_0010), 0);
}

#[test]
fn an_arena_larger_than_the_data_cache_is_fetched_again() {
    let mut timing = MemoryTiming::for_chip("STM32F746NGHx", Core::M7F, 7, 0x0800_0000..0x0810_0000);
    let mut pass = |bytes: u32| (0..bytes / 4).map(|word| timing.load(0x2001_0000 + word * 4)).sum::<u32>();
    assert_eq!(pass(4096), 4096 / 32 * 8);
    assert_eq!(pass(4096), 0);
    assert_eq!(pass(8192), 4096 / 32 * 8, "the first half is there, the second takes its place");
    assert_eq!(pass(8192), 8192 / 32 * 8, "in turn, each line is gone when it is needed");
    assert!(!timing.is_slow(&(0x2000_0000..0x2001_0000)), "DTCM");
}

#[test]
fn flash_over_itcm_goes_through_the_accelerator() {
    let mut timing = MemoryTiming::for_chip("STM32F746NGHx", Core::M7F, 7, 0x0800_0000..0x0810_0000);
    assert_eq!(timing.fetch(0x0020_0000), 7);
    assert_eq!(timing.fetch(0x0020_0010), 0, "in the same 32 bytes");
}

#[test]
fn one_cache_holds_code_and_constants() {
    let mut timing = MemoryTiming::for_chip("STM32U575ZITx", Core::M33F, 4, FLASH);
    assert_eq!(timing.fetch(0x0800_0000), 5);
    assert_eq!(timing.load(0x0800_0004), 0);
    let mut timing = MemoryTiming::for_chip("ATSAMD51J19A", Core::M4F, 0, 0..0x8_0000);
    assert_eq!(timing.load(0x100), 5);
    assert_eq!(timing.fetch(0x100), 0);
    let mut timing = MemoryTiming::for_chip("nRF5340_xxAA", Core::M33F, 0, 0..0x10_0000);
    assert_eq!(timing.load(0x100), 4);
    assert_eq!(timing.load(0x10c), 0);
}

#[test]
fn the_nrf52_caches_code_only() {
    let mut timing = MemoryTiming::for_chip("nRF52840_xxAA", Core::M4F, 0, 0..0x10_0000);
    assert_eq!(timing.fetch(0x100), 2);
    assert_eq!(timing.fetch(0x100), 0);
    assert_eq!(timing.load(0x200), 2);
    assert_eq!(timing.load(0x200), 2);
}

#[test]
fn serial_flash_is_read_in_lines_of_8_bytes() {
    let mut timing = MemoryTiming::for_chip("RP2040", Core::M0Plus, 0, 0x1000_0000..0x1020_0000);
    assert_eq!(timing.load(0x1000_0000), 28 * 2);
    assert_eq!(timing.load(0x1000_0004), 0);
    assert_eq!(timing.load(0x1000_0008), 28 * 2);
    assert_eq!(timing.fetch(0x1000_0100), 2 * 28 * 2, "16 bytes of code");
    assert_eq!(timing.fetch(0x1000_0208), 28 * 2, "their second half only");
    let mut timing = MemoryTiming::for_chip("RP235x", Core::M33F, 0, 0x1000_0000..0x1040_0000);
    assert_eq!(timing.load(0x1000_0000), 28 * 3);
}

#[test]
fn an_unknown_chip_stalls_at_every_access() {
    let mut timing = MemoryTiming::for_chip("MK66FX1M0", Core::M4F, 3, FLASH);
    assert_eq!(timing.load(0x0800_0000) + timing.load(0x0800_0000), 6);
    assert_eq!(timing.fetch(0x0800_0000) + timing.fetch(0x0800_0010), 6);
}

#[test]
fn a_reset_empties_the_caches() {
    let mut timing = f4();
    assert_eq!(timing.load(0x0800_0000), 5);
    timing.reset();
    assert_eq!(timing.load(0x0800_0000), 5);
}
