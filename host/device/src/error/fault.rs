//! Words for faults of the core.

use crate::Location;

/// A place in the source, as the end of a sentence.
pub(super) fn at(location: Option<&Location>) -> String {
    location.map_or_else(String::new, |location| format!(", {location}"))
}

/// The address that could not be used, if the core knows it.
pub(super) fn access(address: u32) -> String {
    if address == 0 { String::new() } else { format!(", address {address:#010x}") }
}

/// The first cause that the status register names (ARMv7-M ARM, B3.2.15).
pub(super) fn fault_name(cfsr: u32) -> &'static str {
    const CAUSES: [(u32, &str); 12] = [
        (1 << 0, "instruction access violation"),
        (1 << 1, "data access violation"),
        (1 << 4, "memory fault while stacking"),
        (1 << 8, "instruction bus error"),
        (1 << 9, "precise data bus error"),
        (1 << 10, "imprecise data bus error"),
        (1 << 12, "bus fault while stacking"),
        (1 << 16, "undefined instruction"),
        (1 << 17, "invalid state"),
        (1 << 18, "invalid return"),
        (1 << 19, "no coprocessor"),
        (1 << 24, "unaligned access"),
    ];
    CAUSES.iter().find(|(bit, _)| cfsr & bit != 0).map_or("no cause given", |(_, name)| name)
}
