//! What a chip says of itself: identity registers, factory information and CoreSight ROM tables.

use std::ops::Range;
use std::sync::Arc;

use crate::bus::{BusError, Peripheral, Width};
use crate::core::Core;
use crate::probe::faults::Switches;

/// Registers that can only be read.
#[derive(Clone, Debug)]
pub struct Constants {
    window: Range<u32>,
    words: Vec<(u32, u32)>,
    /// What the window holds elsewhere.
    fill: u32,
    /// The address whose value an injected fault may replace.
    identity: Option<(u32, Arc<Switches>)>,
}

impl Constants {
    /// Words at absolute addresses in a window that reads as `fill` elsewhere.
    #[must_use]
    pub const fn new(window: Range<u32>, words: Vec<(u32, u32)>, fill: u32) -> Self {
        Self { window, words, fill, identity: None }
    }

    /// One word.
    #[must_use]
    pub fn word(address: u32, value: u32) -> Self {
        Self::new(address..address + 4, vec![(address, value)], 0)
    }

    /// The same, with the word at `address` as the chip's identity.
    #[must_use]
    pub fn identified_by(mut self, address: u32, switches: &Arc<Switches>) -> Self {
        self.identity = Some((address, Arc::clone(switches)));
        self
    }

    /// Identification of the core's own components: system control, trace, breakpoint and instrumentation unit. Writes
    /// there, such as to the lock access register that Cortex-M7 has, change nothing: nothing is locked.
    ///
    /// Sources: the cores' Technical Reference Manuals, "ROM table" (Cortex-M0+: DDI 0484, without an instrumentation
    /// unit; M4: DDI 0439; M33: 100230); DDI 0553, DDEVARCH, DWT_DEVARCH, FP_DEVARCH, ITM_DEVARCH.
    #[must_use]
    pub fn core_components(core: Core) -> Vec<Self> {
        const ARM: (u32, u32) = (4, 0x3b);
        // Base, first identification register, part of Cortex-M4 and M7, of M0+, architecture on Armv8-M.
        let units = [
            (0xe000_e000, 0xfbc, 0x00c, 0x008, 0x4770_2a04),
            (0xe000_1000, 0xfb0, 0x002, 0x00a, 0x4770_1a02),
            (0xe000_2000, 0xfb0, 0x003, 0x00b, 0x4770_1a03),
            (0xe000_0000, 0xfd0, 0x001, 0, 0x4770_1a01),
        ];
        let identify = |(base, first, part, small, architecture): (u32, u32, u32, u32, u32)| {
            let (part, class) = match core {
                Core::M0Plus => (small, 0xe0),
                _ if core.is_v8() => (0xd21, 0x90),
                _ => (part, 0xe0),
            };
            let mut words = identification(base, ARM, part, class);
            if core.is_v8() {
                words.push((base + 0xfbc, architecture));
            }
            Self::new(base + first..base + 0x1000, words, 0)
        };
        let count = if core == Core::M0Plus { 3 } else { units.len() };
        units.into_iter().take(count).map(identify).collect()
    }

    /// A class 1 ROM table (Arm ADIv5.2, chapter D3) of a maker: JEP106 continuation code and identity, and
    /// part number. `components` are addresses.
    #[must_use]
    pub fn rom_table(base: u32, (continuation, maker): (u32, u32), part: u32, components: &[u32]) -> Self {
        let mut words: Vec<(u32, u32)> =
            (base..).step_by(4).zip(components).map(|(at, component)| (at, component.wrapping_sub(base) | 3)).collect();
        words.extend(identification(base, (continuation, maker), part, 0x10));
        Self::new(base..base + 0x1000, words, 0)
    }
}

/// Peripheral and component identification registers of a CoreSight component.
fn identification(base: u32, (continuation, maker): (u32, u32), part: u32, class: u32) -> Vec<(u32, u32)> {
    let peripheral = [part & 0xff, (maker & 0xf) << 4 | part >> 8, 8 | maker >> 4, 0];
    let component = [0x0d, class, 0x05, 0xb1];
    let values = peripheral.into_iter().chain(component);
    let mut words: Vec<(u32, u32)> = (base + 0xfe0..).step_by(4).zip(values).collect();
    words.push((base + 0xfd0, continuation));
    words
}

impl Peripheral for Constants {
    fn windows(&self) -> Vec<Range<u32>> {
        vec![self.window.clone()]
    }

    fn read(&mut self, address: u32, width: Width) -> Result<u32, BusError> {
        let aligned = address & !3;
        let mut word = self.words.iter().find(|word| word.0 == aligned).map_or(self.fill, |word| word.1);
        if let Some((at, switches)) = &self.identity
            && *at == aligned
        {
            word = switches.identity(word);
        }
        let lane = word >> (8 * (address & 3));
        Ok(match width {
            Width::Byte => lane & 0xff,
            Width::Half => lane & 0xffff,
            Width::Word => lane,
        })
    }

    fn write(&mut self, _: u32, _: u32, _: Width) -> Result<(), BusError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;

    #[test]
    fn a_rom_table_names_its_maker_and_leads_to_its_components() {
        let mut table = Constants::rom_table(0xe00f_f000, (2, 0x44), 0x8, &[0xe000_e000, 0xe000_1000]);
        let mut read = |address| table.read(address, Width::Word).unwrap();
        // The entries of Cortex-M4's table in its TRM.
        assert_eq!([read(0xe00f_f000), read(0xe00f_f004), read(0xe00f_f008)], [0xfff0_f003, 0xfff0_2003, 0]);
        assert_eq!([read(0xe00f_ffe0), read(0xe00f_ffe4), read(0xe00f_ffe8), read(0xe00f_ffd0)], [0x8, 0x40, 0xc, 2]);
        assert_eq!([read(0xe00f_fff0), read(0xe00f_fff4), read(0xe00f_fff8), read(0xe00f_fffc)], [0x0d, 0x10, 5, 0xb1]);
    }

    #[test]
    fn the_trace_unit_says_who_it_is_and_takes_the_key_of_its_lock() {
        for (core, part, class) in [(Core::M7F, 0x002, 0xe0), (Core::M33F, 0xd21, 0x90)] {
            let mut unit = Constants::core_components(core).swap_remove(1);
            assert_eq!(unit.write(0xe000_1fb0, 0xc5ac_ce55, Width::Word), Ok(()));
            let mut read = |address| unit.read(address, Width::Word).unwrap();
            assert_eq!(read(0xe000_1fe0) | (read(0xe000_1fe4) & 0xf) << 8, part);
            assert_eq!([read(0xe000_1ff4), read(0xe000_1fd0), read(0xe000_1fb4)], [class, 4, 0]);
        }
    }

    #[test]
    fn an_injected_identity_replaces_the_chips_own() {
        let switches = Arc::new(Switches::default());
        let mut word = Constants::word(0xe004_2000, 0x1000_6421).identified_by(0xe004_2000, &switches);
        assert_eq!(word.read(0xe004_2000, Width::Half), Ok(0x6421));
        switches.identity.store(0x1000_6413, Ordering::Relaxed);
        assert_eq!(word.read(0xe004_2000, Width::Word), Ok(0x1000_6413));
    }
}
