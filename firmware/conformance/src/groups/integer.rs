//! The 32-bit data processing of ARMv7-M (ARMv7-M ARM, A5.3 and A7.7).

use crate::{groups, state::Group};

/// Every kind of second operand for operations with a destination, with and without flags.
macro_rules! operations {
    ($($name:literal)*) => { groups![Integer: $(
        concat!($name, " r0, r1, #200"),
        concat!($name, " r0, r1, #0x00ab00ab"),
        concat!($name, " r0, r1, #0xab00ab00"),
        concat!($name, " r0, r1, #0x7f800000"),
        concat!($name, ".w r0, r1, r2"),
        concat!($name, " r0, r1, r2, lsl #3"),
        concat!($name, " r0, r1, r2, lsr #32"),
        concat!($name, " r0, r1, r2, asr #31"),
        concat!($name, " r0, r1, r2, ror #7"),
        concat!($name, " r0, r1, r2, rrx"),
        concat!($name, "s r0, r1, #0xabababab"),
        concat!($name, "s r0, r1, #0x7f800000"),
        concat!($name, "s r0, r1, #0x80000000"),
        concat!($name, "s.w r0, r1, r2"),
        concat!($name, "s r0, r1, r2, lsl #31"),
        concat!($name, "s r0, r1, r2, lsr #1"),
        concat!($name, "s r0, r1, r2, asr #32"),
        concat!($name, "s r0, r1, r2, ror #31"),
        concat!($name, "s r0, r1, r2, rrx"),
    )*] };
}

/// The same for operations with one source or without a destination.
macro_rules! pairs {
    ($($name:literal)*) => { groups![Integer: $(
        concat!($name, ".w r1, #200"),
        concat!($name, " r1, #0xabababab"),
        concat!($name, " r1, #0x7f800000"),
        concat!($name, " r1, #0x80000000"),
        concat!($name, ".w r1, r2"),
        concat!($name, ".w r1, r2, lsl #1"),
        concat!($name, ".w r1, r2, lsr #32"),
        concat!($name, ".w r1, r2, asr #5"),
        concat!($name, ".w r1, r2, ror #16"),
        concat!($name, ".w r1, r2, rrx"),
    )*] };
}

/// And, or, exclusive or, clear, or not; sums and differences with and without carry.
pub const OPERATIONS: &[Group] = operations!["and" "orr" "eor" "bic" "orn" "add" "sub" "adc" "sbc" "rsb"];

/// Comparisons and moves.
pub const PAIRS: &[Group] = pairs!["tst" "teq" "cmp" "cmn" "mvn" "mvns"];

/// Moves, wide constants, shifts by register.
pub const MOVES: &[Group] = groups![Integer:
    "mov.w r0, #0x7f800000",
    "movs.w r0, #0x80000000",
    "movs.w r0, #0x7f800000",
    "movs.w r0, #200",
    "mov.w r0, r1",
    "movs.w r0, r1",
    "movw r0, #0xabcd",
    "movt r0, #0xabcd",
    "lsl.w r0, r1, #7",
    "lsr.w r0, r1, #32",
    "asr.w r0, r1, #32",
    "ror.w r0, r1, #7",
    "rrx r0, r1",
    "lsls.w r0, r1, #7",
    "lsrs.w r0, r1, #32",
    "asrs.w r0, r1, #32",
    "rors r0, r1, #7",
    "rrxs r0, r1",
    "lsl.w r0, r1, r2",
    "lsr.w r0, r1, r2",
    "asr.w r0, r1, r2",
    "ror.w r0, r1, r2",
    "lsls.w r0, r1, r2",
    "lsrs.w r0, r1, r2",
    "asrs.w r0, r1, r2",
    "rors.w r0, r1, r2",
    "addw r0, r1, #4095",
    "subw r0, r1, #4095",
    "add.w r8, r1, r2; sub.w r0, r8, r3, lsl #2",
    "add r0, sp, #0xab0; mov r1, sp; subs r0, r0, r1",
    "sub r0, sp, #0xab0; mov r1, sp; subs r0, r0, r1",
    "add.w r0, sp, r1, lsl #3; mov r2, sp",
    "sub.w r0, sp, r1; mov r2, sp",
    "sub.w sp, sp, #64; mov r0, sp; add.w sp, sp, #64",
    "adr.w r0, 1f; nop; nop; 1:",
    "1: nop; adr.w r0, 1b",
];

/// Bit fields, counts, reversals, extensions, saturation.
pub const BITS: &[Group] = groups![Integer:
    "bfi r0, r1, #0, #1",
    "bfi r0, r1, #0, #32",
    "bfi r0, r1, #31, #1",
    "bfi r0, r1, #5, #11",
    "bfc r0, #0, #32",
    "bfc r0, #5, #11",
    "bfc r0, #31, #1",
    "sbfx r0, r1, #0, #1",
    "sbfx r0, r1, #0, #32",
    "sbfx r0, r1, #31, #1",
    "sbfx r0, r1, #5, #11",
    "ubfx r0, r1, #0, #1",
    "ubfx r0, r1, #0, #32",
    "ubfx r0, r1, #31, #1",
    "ubfx r0, r1, #5, #11",
    "clz r0, r1",
    "rbit r0, r1",
    "rev.w r0, r1",
    "rev16.w r0, r1",
    "revsh.w r0, r1",
    "sxtb.w r0, r1",
    "sxtb r0, r1, ror #8",
    "sxtb r0, r1, ror #24",
    "sxth.w r0, r1",
    "sxth r0, r1, ror #8",
    "sxth r0, r1, ror #24",
    "uxtb.w r0, r1",
    "uxtb r0, r1, ror #16",
    "uxtb r0, r1, ror #24",
    "uxth.w r0, r1",
    "uxth r0, r1, ror #16",
    "uxth r0, r1, ror #24",
    "ssat r0, #1, r1",
    "ssat r0, #16, r1",
    "ssat r0, #32, r1",
    "ssat r0, #8, r1, lsl #5",
    "ssat r0, #8, r1, lsl #31",
    "ssat r0, #24, r1, asr #1",
    "ssat r0, #8, r1, asr #31",
    "usat r0, #0, r1",
    "usat r0, #16, r1",
    "usat r0, #31, r1",
    "usat r0, #8, r1, lsl #5",
    "usat r0, #24, r1, asr #1",
    "usat r0, #8, r1, asr #31",
];

/// Products and quotients.
pub const PRODUCTS: &[Group] = groups![Integer:
    "mul r0, r1, r2",
    "mla r0, r1, r2, r3",
    "mls r0, r1, r2, r3",
    "umull r0, r1, r2, r3",
    "smull r0, r1, r2, r3",
    "umlal r0, r1, r2, r3",
    "smlal r0, r1, r2, r3",
    "sdiv r0, r1, r2",
    "udiv r0, r1, r2",
    "sdiv r0, r0, r0",
];

/// Special registers that ARMv6-M lacks. Only the upper two bits of a priority are certain to exist.
pub const SPECIAL: &[Group] = groups![Integer:
    "msr apsr_nzcvq, r1; mrs r0, apsr",
    "mov r0, #0x80; msr basepri, r0; mrs r1, basepri; mov r2, #0; msr basepri, r2; mrs r3, basepri",
    "mov r0, #0x80; msr basepri_max, r0; mov r0, #0xc0; msr basepri_max, r0; mrs r1, basepri; mov r2, #0; msr basepri, r2",
    "cpsid f; mrs r0, faultmask; cpsie f; mrs r1, faultmask",
    "nop.w; clrex; dbg #0",
];
