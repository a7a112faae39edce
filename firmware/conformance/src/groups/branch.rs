//! IT blocks, compare-and-branch, table branches and wide branches (ARMv7-M ARM, A7.7.12 to A7.7.38).

use crate::{groups, state::Group};

/// One condition and its opposite: a move, a 16-bit operation that sets no flags here, two ways of a block.
macro_rules! conditions {
    ($($then:literal $otherwise:literal)*) => { groups![Integer: $(
        concat!("it ", $then, "; mov", $then, " r0, r1"),
        concat!("ite ", $then, "; add", $then, " r0, r1, r2; sub", $otherwise, " r0, r1, r2"),
        concat!("itett ", $then, "; add", $then, ".w r0, r1, r2; mov", $otherwise, " r0, r1; mul", $then, " r3, r4, r3; mov", $then, " r4, #7"),
        concat!("ittt ", $then, "; cmp", $then, " r1, r2; add", $then, " r0, r1, r2; lsl", $then, " r3, r4"),
        concat!("b", $then, ".w 1f; mov r0, r1; 1:"),
    )*] };
}

/// All conditions.
pub const CONDITIONS: &[Group] = conditions![
    "eq" "ne" "ne" "eq" "cs" "cc" "cc" "cs" "mi" "pl" "pl" "mi" "vs" "vc" "vc" "vs"
    "hi" "ls" "ls" "hi" "ge" "lt" "lt" "ge" "gt" "le" "le" "gt"
];

/// Blocks with loads, branches and flag-setting instructions in them, and the branches that only Thumb-2 has.
pub const BRANCHES: &[Group] = groups![Memory:
    "itt ne; ldrne r0, [r6, #4]; strne r1, [r6, #8]",
    "it cs; bcs 1f; mov r0, r1; 1:",
    "itt pl; movpl r0, r1; bpl.w 1f; mov r0, r2; 1:",
    "ittee mi; addsmi.w r0, r1, r2; movmi r3, r1; movpl r3, r2; subspl.w r4, r1, r2",
    "itt gt; tstgt r0, r1; movgt r0, #1",
    "it al; moval r0, r1",
    "it vs; bfivs r0, r1, #4, #8",
    "ite hi; ldmiahi r6!, {r0, r1}; stmdbls r6!, {r0, r1}",
    "cbz r7, 1f; mov r0, r1; 1:",
    "cbnz r7, 1f; mov r0, r1; 1:",
    "and r3, r7, #3; tbb [pc, r3]; 1: .byte (2f-1b)/2, (3f-1b)/2, (4f-1b)/2, (5f-1b)/2; 2: mov r0, #1; 3: add r0, r1; 4: add r0, r2; 5:",
    "and r3, r7, #3; tbh [pc, r3, lsl #1]; 1: .short (2f-1b)/2, (3f-1b)/2, (4f-1b)/2, (5f-1b)/2; 2: mov r0, #1; 3: add r0, r1; 4: add r0, r2; 5:",
    "movs r3, #1; strb r3, [r6, r7]; tbb [r6, r7]; mov r0, r1; mov r0, r2",
    "b.w 1f; mov r0, r1; 1:",
    "bl 1f; b 2f; .space 4096; 1: mov r0, lr; bx lr; 2:",
    "adr r3, 1f; add r3, #1; str r3, [r6]; ldr pc, [r6]; mov r0, r1; .align 2; 1:",
    "adr r3, 1f; add r3, #1; str r3, [r6]; ldr pc, [r6], #8; mov r0, r1; .align 2; 1:",
    "adr r3, 1f; add r3, #1; str r3, [r6, #4]; ldmia r6!, {r0, pc}; mov r0, r1; .align 2; 1:",
    "adr r3, 1f; add r3, #1; push {r3}; pop.w {pc}; mov r0, r1; .align 2; 1:",
    "adr r3, 1f; add r3, #1; cmp r1, r2; it lt; bxlt r3; mov r0, r1; .align 2; 1:",
    "adr r3, 1f; add r3, #1; mov r12, r3; blx r12; .align 2; 1: mov r0, lr",
];
