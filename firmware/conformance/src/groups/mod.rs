//! Every form of instruction under test, by architecture: one line per form.

#[cfg(v8m)]
mod armv8;
#[cfg(thumb2)]
mod branch;
#[cfg(dsp)]
mod dsp;
#[cfg(fpu)]
mod float;
#[cfg(thumb2)]
mod integer;
#[cfg(thumb2)]
mod memory;
mod narrow;

use crate::state::Group;

/// The groups that this target's core has.
pub const ALL: &[&[Group]] = &[
    narrow::DATA,
    narrow::SPECIAL,
    narrow::BRANCHES,
    narrow::MEMORY,
    #[cfg(thumb2)]
    integer::OPERATIONS,
    #[cfg(thumb2)]
    integer::PAIRS,
    #[cfg(thumb2)]
    integer::MOVES,
    #[cfg(thumb2)]
    integer::BITS,
    #[cfg(thumb2)]
    integer::PRODUCTS,
    #[cfg(thumb2)]
    integer::SPECIAL,
    #[cfg(thumb2)]
    branch::CONDITIONS,
    #[cfg(thumb2)]
    branch::BRANCHES,
    #[cfg(thumb2)]
    memory::TRANSFERS,
    #[cfg(thumb2)]
    memory::OTHERS,
    #[cfg(dsp)]
    dsp::PACKED,
    #[cfg(dsp)]
    dsp::EXTENSIONS,
    #[cfg(dsp)]
    dsp::OTHERS,
    #[cfg(dsp)]
    dsp::PRODUCTS,
    #[cfg(fpu)]
    float::ARITHMETIC,
    #[cfg(fpu)]
    float::CONVERSIONS,
    #[cfg(fpu)]
    float::MOVES,
    #[cfg(v8m)]
    armv8::MEMORY,
    #[cfg(v8m)]
    armv8::FLOAT,
];
