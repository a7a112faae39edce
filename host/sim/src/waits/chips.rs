//! Accelerators, caches and buses of the chips, with the source of each number.
//!
//! `ws` are the wait states of the flash. What stands as *choice* was found in no manual.
//!
//! | chip | code | data in flash | RAM | source |
//! |---|---|---|---|---|
//! | STM32F4, G4 | 64 lines of 16 B, all of the 16 B read ahead | 8 lines of 16 B | – | RM0090, RM0390: ART accelerator. A miss stalls `ws`; lines read ahead do not enter the cache. A line read ahead is there after `ws` + 1 cycles, its predecessor lasts 6 (*choice*: 4 to 8 instructions) |
//! | STM32L4 | 64 lines of 16 B, read ahead | 16 lines of 16 B | – | RM0432: 1 KiB and 256 B in lines of 4 × 64 bits; the 16 B granularity is a *choice*: a row is filled in reads of 128 bits |
//! | STM32F74 | 4 KiB, 2 ways of 32 B | 4 KiB, 4 ways of 32 B | SRAM1, 2 through the data cache | DS10916, Arm DDI0489 (caches); a miss in flash stalls `ws` + 5, in SRAM 8 (*choice*: first word of a burst over AXI) |
//! | STM32F76, F77 | 16 KiB | 16 KiB | as F74 | DS11532 |
//! | STM32F7 through ITCM (0x0020_0000) | 64 lines of 32 B, read ahead | the same | – | RM0385: ART accelerator on the ITCM interface |
//! | STM32H7 | 16 KiB, 2 ways of 32 B; H72, H73 32 KiB | 16 KiB, 4 ways of 32 B; 32 KiB | AXI SRAM and D2, D3 SRAM through the data cache | DS12110, RM0433: AXI at half the core's clock. A miss in flash stalls 2 (`ws` + 1) + 8, in AXI SRAM 12, in the other SRAMs 20 (*choice*) |
//! | STM32U5 | 8 KiB, 2 ways of 16 B, code and constants | the same | – | RM0456: ICACHE on the code bus; a miss stalls `ws` + 1 |
//! | nRF52 | 2 KiB, 2 ways of 16 B | every load `ws` | – | nRF52840 PS: NVMC's cache holds code only; its size and the wait states where none are given (2) are a *choice* |
//! | nRF53 | 8 KiB, 2 ways of 16 B, code and data, LRU | the same | – | nRF5340 PS: CACHE; a miss stalls `ws` where given, else 4 (*choice*) |
//! | SAMD51, SAME5 | 4 KiB, 4 ways of 16 B, code and data | the same | – | DS60001507: CMCC; a miss stalls `ws` where given, else 5 (table of NVM wait states at 120 MHz) |
//! | RP2040 | 16 KiB, 2 ways of 8 B | the same | – | RP2040 data sheet 2.6.3: XIP cache; a miss takes 12 + 16 serial clocks of 2 core clocks (*choice*: divider of the usual second stage) |
//! | RP235x | as RP2040 | the same | – | a miss takes 12 + 16 serial clocks of 3 core clocks (divider that the boot ROM leaves) |
//!
//! A store that misses the M7's data cache does not stall: the store buffer brings the line in (*choice*), and dirty
//! lines leave without a stall (*choice*). The M7 replaces at random; here the line used longest ago goes (*choice*).

use std::ops::Range;

use super::{LineCache, MemoryTiming, Path, Window};
use crate::core::Core;

/// Cycles that the instructions of 16 bytes last while the next 16 are read ahead.
const LINE_LASTS: u32 = 6;

pub(super) fn timing(chip: &str, core: Core, wait_states: u32, flash: Range<u32>) -> MemoryTiming {
    let is = |names: &[&str]| names.iter().any(|name| chip.to_ascii_uppercase().starts_with(name));
    let or = |default: u32| if wait_states == 0 { default } else { wait_states };
    if is(&["STM32F4", "STM32G4"]) {
        accelerator(wait_states, flash, LineCache::new(1024, 16, 64), LineCache::new(128, 16, 8))
    } else if is(&["STM32L4"]) {
        accelerator(wait_states, flash, LineCache::new(1024, 16, 64), LineCache::new(256, 16, 16))
    } else if is(&["STM32F7"]) && matches!(core, Core::M7F) {
        let (bytes, tightly) = if is(&["STM32F74", "STM32F75"]) { (4096, 0x1_0000) } else { (16384, 0x2_0000) };
        let sram = (0x2000_0000 + tightly..0x2008_0000, 8);
        let through_itcm = 0x0020_0000..0x0020_0000 + (flash.end - flash.start);
        level_one(bytes, flash, wait_states + 5, &[sram])
            .with_cache(LineCache::new(2048, 32, 64))
            .with_window(accelerated(through_itcm, wait_states, 2, 2))
    } else if is(&["STM32H7"]) && matches!(core, Core::M7F) {
        let bytes = if is(&["STM32H72", "STM32H73"]) { 32768 } else { 16384 };
        let axi = (0x2400_0000..0x2408_0000, 12);
        let domains = [(0x3000_0000..0x3004_8000, 20), (0x3800_0000..0x3801_0000, 20)];
        let [second, third] = domains;
        level_one(bytes, flash, 2 * (wait_states + 1) + 8, &[axi, second, third])
    } else if is(&["STM32U5"]) {
        unified(LineCache::new(8192, 16, 2), flash, wait_states + 1)
    } else if is(&["NRF52"]) {
        let wait_states = or(2);
        MemoryTiming::none().with_cache(LineCache::new(2048, 16, 2)).with_window(Window {
            range: flash,
            fetch: Path::cached(0, wait_states),
            load: Path::uncached(wait_states),
            store: Path::FREE,
        })
    } else if is(&["NRF53"]) {
        unified(LineCache::new(8192, 16, 2), flash, or(4))
    } else if is(&["ATSAMD51", "ATSAME5"]) {
        unified(LineCache::new(4096, 16, 4), flash, or(5))
    } else if is(&["RP2040"]) {
        unified(LineCache::new(16384, 8, 2), flash, (12 + 16) * 2)
    } else if is(&["RP235"]) {
        unified(LineCache::new(16384, 8, 2), flash, (12 + 16) * 3)
    } else {
        let path = Path::uncached(wait_states);
        MemoryTiming::none().with_window(Window { range: flash, fetch: path, load: path, store: Path::FREE })
    }
}

/// ST's accelerator: lines of code behind jumps, and a few of data.
fn accelerator(wait_states: u32, flash: Range<u32>, code: LineCache, data: LineCache) -> MemoryTiming {
    let timing = MemoryTiming::none().with_cache(code).with_cache(data);
    timing.with_window(accelerated(flash, wait_states, 0, 1))
}

fn accelerated(range: Range<u32>, wait_states: u32, code: usize, data: usize) -> Window {
    let sequential = Some((wait_states + 1).saturating_sub(LINE_LASTS));
    let fetch = Path { sequential, ..Path::cached(code, wait_states) };
    Window { range, fetch, load: Path::cached(data, wait_states), store: Path::FREE }
}

/// The Cortex-M7's caches in front of flash and of the RAMs behind AXI.
fn level_one(bytes: u32, flash: Range<u32>, flash_miss: u32, rams: &[(Range<u32>, u32)]) -> MemoryTiming {
    let window = |range: Range<u32>, miss: u32| Window {
        range,
        fetch: Path::cached(0, miss),
        load: Path::cached(1, miss),
        store: Path::cached(1, 0),
    };
    let caches = MemoryTiming::none().with_cache(LineCache::new(bytes, 32, 2)).with_cache(LineCache::new(bytes, 32, 4));
    let with_flash = caches.with_window(window(flash, flash_miss));
    rams.iter().fold(with_flash, |timing, (range, miss)| timing.with_window(window(range.clone(), *miss)))
}

/// One cache for code and data in flash.
fn unified(cache: LineCache, flash: Range<u32>, miss: u32) -> MemoryTiming {
    let path = Path::cached(0, miss);
    MemoryTiming::none().with_cache(cache).with_window(Window {
        range: flash,
        fetch: path,
        load: path,
        store: Path::FREE,
    })
}
