//! The Cortex-M4's jumps, the alignment of long instructions, and IT.

use tinynas_sim::core::Core;

use crate::takes;

#[test]
fn a_loop_pays_for_its_jumps() {
    takes(
        Core::M4F,
        &[
            (&[0x2203], 1), // movs r2, #3
            (&[0xbf00], 1), // nop
            (&[0x3a01], 3), // loop: subs r2, #1; 3 times 1
            (&[0xd1fd], 5), // bne loop; twice 1 + 1, once 1
        ],
    );
}

#[test]
fn branches_refill_the_pipeline() {
    takes(
        Core::M4F,
        &[
            (&[0xe000], 2),         // b over; 1 + 1
            (&[0xbf00], 0),         // nop; jumped over
            (&[0xb113], 1),         // over: cbz r3, next; r3 is not 0
            (&[0xb90b], 2),         // cbnz r3, next; 1 + 1
            (&[0xbf00], 0),         // nop
            (&[0xbf00], 0),         // nop
            (&[0xf000, 0xf801], 2), // next: bl function; 1 + 1
            (&[0xe001], 2),         // b register
            (&[0x4770], 3),         // function: bx lr; 1 + 2
            (&[0xbf00], 0),         // nop
            (&[0x467b], 1),         // register: mov r3, pc
            (&[0x3305], 1),         // adds r3, #5
            (&[0x4798], 3),         // blx r3; 1 + 2
            (&[0xe000], 2),         // b end
            (&[0x4770], 3),         // there: bx lr; 1 + 2
            (&[0xbf00], 1),         // end: nop
        ],
    );
}

#[test]
fn tables_and_loads_into_the_program_counter() {
    takes(
        Core::M4F,
        &[
            (&[0x2400], 1),         // movs r4, #0
            (&[0xbf00], 1),         // nop
            (&[0xe8df, 0xf004], 4), // tbb [pc, r4]; 2 + 2
            (&[0x0101], 0),         // .byte 1, 1; the table: one half-word on
            (&[0xb510], 3),         // push {r4, lr}
            (&[0x467d], 1),         // mov r5, pc
            (&[0x3507], 1),         // adds r5, #7
            (&[0x9501], 1),         // str r5, [sp, #4]
            (&[0xbd10], 5),         // pop {r4, pc}; 1 + 2 + 2
            (&[0xbf00], 0),         // nop
            (&[0x467d], 1),         // mov r5, pc
            (&[0x3506], 1),         // adds r5, #6
            (&[0xbf00], 1),         // nop
            (&[0xf8d5, 0xf000], 4), // ldr.w pc, [r5]; 2 + 2
            (&[0x012d, 0x0000], 0), // .word 0x12d; the next instruction
            (&[0x467d], 1),         // mov r5, pc
            (&[0x3504], 1),         // adds r5, #4
            (&[0x46af], 3),         // mov pc, r5; 1 + 2
            (&[0xbf00], 0),         // nop
            (&[0xbf00], 1),         // nop
        ],
    );
}

#[test]
fn a_jump_to_a_long_instruction_across_words_takes_a_cycle_more() {
    takes(
        Core::M4F,
        &[
            (&[0xe001], 2),         // b across
            (&[0xbf00], 0),         // nop
            (&[0xbf00], 0),         // nop
            (&[0xeb03, 0x0204], 2), // across: add.w r2, r3, r4; at 0x10e: 1 + 1
            (&[0xe001], 2),         // b along
            (&[0xbf00], 0),         // nop
            (&[0xbf00], 0),         // nop
            (&[0xeb03, 0x0204], 1), // along: add.w r2, r3, r4; at 0x118
        ],
    );
}

#[test]
fn runs_of_three_long_instructions_across_words_take_a_cycle_more() {
    takes(
        Core::M4F,
        &[
            (&[0xbf00], 1),         // nop
            (&[0xeb03, 0x0204], 1), // add.w r2, r3, r4; at 0x10a
            (&[0xeb03, 0x0204], 1), // add.w r2, r3, r4; two are free
            (&[0xbf00], 1),         // nop
            (&[0xeb03, 0x0204], 1), // add.w r2, r3, r4; at 0x114, along words
            (&[0xbf00], 1),         // nop
            (&[0xeb03, 0x0204], 1), // add.w r2, r3, r4; at 0x11a
            (&[0xeb03, 0x0204], 1), // add.w r2, r3, r4
            (&[0xeb03, 0x0204], 2), // add.w r2, r3, r4; the third pays
            (&[0xeb03, 0x0204], 1), // add.w r2, r3, r4; for all that follow
            (&[0xeb03, 0x0204], 1), // add.w r2, r3, r4
            (&[0xbf00], 1),         // nop
            (&[0xbf00], 1),         // nop
            (&[0xeb03, 0x0204], 1), // add.w r2, r3, r4; a new run
            (&[0xeb03, 0x0204], 1), // add.w r2, r3, r4
            (&[0xeb03, 0x0204], 2), // add.w r2, r3, r4
        ],
    );
}

#[test]
fn it_hides_behind_a_short_instruction() {
    takes(
        Core::M4F,
        &[
            (&[0x429b], 1),         // cmp r3, r3
            (&[0xbf08], 0),         // it eq; folded
            (&[0x462c], 1),         // moveq r4, r5
            (&[0xebb3, 0x0f03], 1), // cmp.w r3, r3
            (&[0xbf14], 1),         // ite ne; after a long one
            (&[0x462c], 1),         // movne r4, r5; skipped
            (&[0x462c], 1),         // moveq r4, r5
        ],
    );
}
