//! The 16-bit instructions of ARMv6-M, which every core has (ARMv6-M ARM, A6.7).

use crate::{groups, state::Group};

/// Moves, arithmetic, shifts, extensions.
pub const DATA: &[Group] = groups![Integer:
    "movs r0, #200",
    concat!("adds", " r0, r1, r2"),
];
