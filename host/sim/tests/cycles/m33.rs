//! The Cortex-M33 by the rules of `timing/m33.rs`: 0 is the second of a pair.

use tinynas_sim::core::Core;

use crate::takes;

#[test]
fn pairs_of_short_instructions_in_a_word() {
    takes(
        Core::M33F,
        &[
            (&[0x3201], 1),         // adds r2, #1; at a word
            (&[0x3301], 0),         // adds r3, #1
            (&[0x3401], 1),         // adds r4, #1
            (&[0x1c65], 1),         // adds r5, r4, #1; uses the result
            (&[0x6802], 1),         // ldr r2, [r0]
            (&[0x3301], 0),         // adds r3, #1; after a load
            (&[0x6002], 1),         // str r2, [r0]
            (&[0x2401], 0),         // movs r4, #1
            (&[0x3401], 1),         // adds r4, #1
            (&[0x6802], 1),         // ldr r2, [r0]; a load is not second
            (&[0xbf00], 1),         // nop
            (&[0xeb03, 0x0204], 1), // add.w r2, r3, r4; long, across words
            (&[0x3201], 1),         // adds r2, #1; second half of a word, but its first is no short instruction
            (&[0x429a], 1),         // cmp r2, r3
            (&[0x416c], 1),         // adcs r4, r5; needs the carry
        ],
    );
}

#[test]
fn a_load_is_late_for_the_next_instruction() {
    takes(
        Core::M33F,
        &[
            (&[0x6802], 1), // ldr r2, [r0]
            (&[0x1c53], 2), // adds r3, r2, #1; 1 + 1
            (&[0x6802], 1), // ldr r2, [r0]
            (&[0xbf00], 0), // nop
            (&[0x1c53], 1), // adds r3, r2, #1
            (&[0xbf00], 0), // nop
            (&[0x6805], 1), // ldr r5, [r0]
            (&[0xbf00], 0), // nop
        ],
    );
}

#[test]
fn memory_and_multiplication() {
    takes(
        Core::M33F,
        &[
            (&[0xfb03, 0x2204], 1), // mla r2, r3, r4, r2
            (&[0xfb23, 0x2204], 1), // smlad r2, r3, r4, r2
            (&[0xfba2, 0x4503], 1), // umull r4, r5, r2, r3
            (&[0xe9d0, 0x2300], 2), // ldrd r2, r3, [r0]
            (&[0xe9c0, 0x2302], 2), // strd r2, r3, [r0, #8]
            (&[0xe890, 0x003c], 5), // ldmia r0, {r2-r5}; 1 + 4
            (&[0xb510], 3),         // push {r4, lr}; 1 + 2
            (&[0xbc30], 3),         // pop {r4, r5}
            (&[0xbf00], 1),         // nop
        ],
    );
}

#[test]
fn branches() {
    takes(
        Core::M33F,
        &[
            (&[0x2203], 1),         // movs r2, #3
            (&[0xbf00], 0),         // nop
            (&[0x3a01], 3),         // loop: subs r2, #1; 3 times 1
            (&[0xd1fd], 5),         // bne loop; twice 2, once 1
            (&[0xf000, 0xf802], 2), // bl function
            (&[0xe003], 2),         // b tail
            (&[0xbf00], 0),         // nop
            (&[0x4770], 3),         // function: bx lr
            (&[0xbf00], 0),         // nop
            (&[0xbf00], 0),         // nop
            (&[0xe000], 2),         // tail: b across
            (&[0xbf00], 0),         // nop
            (&[0xeb03, 0x0204], 2), // across: add.w r2, r3, r4; at a half-word: 1 + 1
            (&[0xbf00], 1),         // nop
        ],
    );
}

#[test]
fn divisions_and_system() {
    takes(
        Core::M33F,
        &[
            (&[0xf04f, 0x4200], 1),  // mov.w r2, #0x80000000
            (&[0xf04f, 0x0301], 1),  // mov.w r3, #1
            (&[0xfbb2, 0xf4f3], 11), // udiv r4, r2, r3; 31 bits: 2 + 9
            (&[0xfbb3, 0xf4f2], 2),  // udiv r4, r3, r2
            (&[0xf3ef, 0x8210], 2),  // mrs r2, primask
            (&[0xf3bf, 0x8f5f], 1),  // dmb
            (&[0xf3bf, 0x8f6f], 4),  // isb
        ],
    );
}

#[test]
fn conditions() {
    takes(
        Core::M33F,
        &[
            (&[0x2401], 1), // movs r4, #1
            (&[0x429b], 0), // cmp r3, r3
            (&[0xbf08], 1), // it eq; reads the flags, but in a word of its own
            (&[0x462c], 1), // moveq r4, r5; IT is not the first of a pair
        ],
    );
}

#[test]
fn floating_point() {
    takes(
        Core::M33F,
        &[
            (&[0xee30, 0x0a81], 1),  // vadd.f32 s0, s1, s2
            (&[0xee60, 0x1a01], 2),  // vmul.f32 s3, s0, s2; 1 + 1
            (&[0xeee0, 0x1a81], 3),  // vfma.f32 s3, s1, s2; the addend is not waited for
            (&[0xee80, 0x2a81], 14), // vdiv.f32 s4, s1, s2
            (&[0xedd0, 0x2a00], 1),  // vldr s5, [r0]
            (&[0xed90, 0x3b00], 2),  // vldr d3, [r0]
            (&[0xec90, 0x0a04], 5),  // vldmia r0, {s0-s3}; 1 + 4
        ],
    );
}
