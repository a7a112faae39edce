//! The 32-bit loads and stores of ARMv7-M, aligned and not (ARMv7-M ARM, A5.3.5 to A5.3.9).

use crate::{groups, state::Group};

/// Every address of single transfers. Odd offsets: words and half-words need no alignment here.
macro_rules! transfers {
    ($($name:literal)*) => { groups![Memory: $(
        concat!($name, ".w r0, [r6, #59]"),
        concat!($name, " r0, [r6, #-33]"),
        concat!($name, " r0, [r6, #4]!"),
        concat!($name, " r0, [r6, #-4]!"),
        concat!($name, " r0, [r6], #255"),
        concat!($name, " r0, [r6], #-255"),
        concat!($name, ".w r0, [r6, r7]"),
        concat!($name, ".w r0, [r6, r7, lsl #1]"),
        concat!($name, ".w r0, [r6, r7, lsl #2]"),
        concat!($name, "t r0, [r6, #7]"),
    )*] };
}

/// Bytes, half-words, words.
pub const TRANSFERS: &[Group] = transfers!["ldr" "ldrb" "ldrh" "ldrsb" "ldrsh" "str" "strb" "strh"];

/// Literals, pairs, lists, exclusive accesses.
pub const OTHERS: &[Group] = groups![Memory:
    "ldr.w r0, 1f; b 2f; .align 2; 1: .word 0x89abcdef; 2:",
    "b 2f; .align 2; 1: .word 0x89abcdef; 2: ldr.w r0, 1b",
    "ldrb.w r0, 1f; b 2f; .align 2; 1: .word 0x89abcdef; 2:",
    "ldrsb.w r0, 1f; b 2f; .align 2; 1: .word 0x89abcdef; 2:",
    "ldrh.w r0, 1f; b 2f; .align 2; 1: .word 0x89abcdef; 2:",
    "ldrsh.w r0, 1f; b 2f; .align 2; 1: .word 0x89abcdef; 2:",
    "ldrd r0, r1, 1f; b 2f; .align 2; 1: .word 0x89abcdef, 0x01234567; 2:",
    "ldrd r0, r1, [r6, #16]",
    "ldrd r0, r1, [r6, #-16]",
    "ldrd r0, r1, [r6, #8]!",
    "ldrd r0, r1, [r6], #-8",
    "ldrd r6, r7, [r6]",
    "strd r0, r1, [r6, #16]",
    "strd r0, r1, [r6, #-16]",
    "strd r0, r1, [r6, #-8]!",
    "strd r0, r1, [r6], #8",
    "ldmia.w r6, {r0-r3}",
    "ldmia.w r6!, {r0, r3, r8, r9}; add r0, r8, r9",
    "ldmia.w r6, {r0, r6, r7}",
    "ldmdb r6, {r0-r3}",
    "ldmdb r6!, {r0, r3, r8, r9}; sub r0, r8, r9",
    "stmia.w r6!, {r0-r4, r7}",
    "stmia.w r6, {r0, r6, r7}",
    "stmdb r6!, {r0-r4, r7}",
    "stmdb r6, {r0, r6, r7}",
    "mov r8, r1; push.w {r0, r8}; pop.w {r2, r9}; mov r3, r9",
    "push.w {r1}; pop.w {r0}",
    "ldr r0, [sp, #-4]!; str r1, [sp], #4",
    "ldrex r0, [r6]; strex r1, r2, [r6]",
    "ldrex r0, [r6, #8]; strex r1, r2, [r6, #8]; strex r3, r4, [r6, #8]",
    "ldrexb r0, [r6]; strexb r1, r2, [r6]",
    "ldrexh r0, [r6]; strexh r1, r2, [r6]",
    "ldrex r0, [r6]; clrex; strex r1, r2, [r6]",
    "clrex; strexb r0, r1, [r6]",
    "pld [r6, #4]; pli [r6]",
    "ldr r0, [r6, r5]; str r0, [r6, #-8]; ldr r1, [r6, #-7]",
];
