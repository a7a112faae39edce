//! Byte lanes: register accesses narrower than a word.

use crate::bus::Width;

const fn mask(width: Width) -> u32 {
    match width {
        Width::Byte => 0xFF,
        Width::Half => 0xFFFF,
        Width::Word => u32::MAX,
    }
}

/// The part of the word `value` (at `address & !3`) that a read of `width` at `address` sees.
pub(super) const fn lane(value: u32, address: u32, width: Width) -> u32 {
    (value >> ((address & 3) * 8)) & mask(width)
}

/// A write of `width` at `address` seen as a write of the whole word that holds `old`.
pub(super) const fn merge(old: u32, value: u32, address: u32, width: Width) -> u32 {
    let shift = (address & 3) * 8;
    let mask = mask(width) << shift;
    (old & !mask) | ((value << shift) & mask)
}
