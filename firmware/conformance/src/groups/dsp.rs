//! The DSP extension of ARMv7E-M: packed arithmetic, products of half-words, saturation (ARMv7-M ARM, A4.4.6).

use crate::{groups, state::Group};

/// Packed sums and differences. The GE flags stand in the APSR, and a selection by them follows.
macro_rules! packed {
    ($($prefix:literal)*) => { groups![Integer: $(
        concat!($prefix, "add16 r0, r1, r2; sel r3, r1, r2"),
        concat!($prefix, "asx r0, r1, r2; sel r3, r1, r2"),
        concat!($prefix, "sax r0, r1, r2; sel r3, r1, r2"),
        concat!($prefix, "sub16 r0, r1, r2; sel r3, r1, r2"),
        concat!($prefix, "add8 r0, r1, r2; sel r3, r1, r2"),
        concat!($prefix, "sub8 r0, r1, r2; sel r3, r1, r2"),
    )*] };
}

/// Extensions with their four rotations, with and without a sum.
macro_rules! extensions {
    ($($name:literal)*) => { groups![Integer: $(
        concat!($name, " r1, r2"),
        concat!($name, " r1, r2, ror #8"),
        concat!($name, " r1, r2, ror #16"),
        concat!($name, " r1, r2, ror #24"),
    )*] };
}

/// Signed, saturating, halving; unsigned likewise.
pub const PACKED: &[Group] = packed!["s" "q" "sh" "u" "uq" "uh"];

/// Extensions of two half-words, and extensions that are added.
pub const EXTENSIONS: &[Group] =
    extensions!["sxtb16" "uxtb16" "sxtab r0," "sxtah r0," "sxtab16 r0," "uxtab r0," "uxtah r0," "uxtab16 r0,"];

/// Selection, packing, saturation, sums of differences.
pub const OTHERS: &[Group] = groups![Integer:
    "msr apsr_nzcvqg, r1; mrs r0, apsr",
    "msr apsr_g, r1",
    "sel r0, r1, r2",
    "pkhbt r0, r1, r2",
    "pkhbt r0, r1, r2, lsl #5",
    "pkhbt r0, r1, r2, lsl #31",
    "pkhtb r0, r1, r2, asr #5",
    "pkhtb r0, r1, r2, asr #32",
    "ssat16 r0, #1, r1",
    "ssat16 r0, #8, r1",
    "ssat16 r0, #16, r1",
    "usat16 r0, #0, r1",
    "usat16 r0, #8, r1",
    "usat16 r0, #15, r1",
    "usad8 r0, r1, r2",
    "usada8 r0, r1, r2, r3",
    "qadd r0, r1, r2",
    "qsub r0, r1, r2",
    "qdadd r0, r1, r2",
    "qdsub r0, r1, r2",
];

/// Products.
pub const PRODUCTS: &[Group] = groups![Integer:
    "smulbb r0, r1, r2",
    "smulbt r0, r1, r2",
    "smultb r0, r1, r2",
    "smultt r0, r1, r2",
    "smulwb r0, r1, r2",
    "smulwt r0, r1, r2",
    "smlabb r0, r1, r2, r3",
    "smlabt r0, r1, r2, r3",
    "smlatb r0, r1, r2, r3",
    "smlatt r0, r1, r2, r3",
    "smlawb r0, r1, r2, r3",
    "smlawt r0, r1, r2, r3",
    "smlalbb r0, r1, r2, r3",
    "smlalbt r0, r1, r2, r3",
    "smlaltb r0, r1, r2, r3",
    "smlaltt r0, r1, r2, r3",
    "smlad r0, r1, r2, r3",
    "smladx r0, r1, r2, r3",
    "smlsd r0, r1, r2, r3",
    "smlsdx r0, r1, r2, r3",
    "smuad r0, r1, r2",
    "smuadx r0, r1, r2",
    "smusd r0, r1, r2",
    "smusdx r0, r1, r2",
    "smlald r0, r1, r2, r3",
    "smlaldx r0, r1, r2, r3",
    "smlsld r0, r1, r2, r3",
    "smlsldx r0, r1, r2, r3",
    "smmul r0, r1, r2",
    "smmulr r0, r1, r2",
    "smmla r0, r1, r2, r3",
    "smmlar r0, r1, r2, r3",
    "smmls r0, r1, r2, r3",
    "smmlsr r0, r1, r2, r3",
    "umaal r0, r1, r2, r3",
];
