//! The Cortex-M7 by the rules of `timing/m7.rs`: 0 is the second of a pair.

use tinynas_sim::core::Core;

use crate::takes;

#[test]
fn two_independent_instructions_issue_together() {
    takes(
        Core::M7F,
        &[
            (&[0x3201], 1), // adds r2, #1
            (&[0x3301], 0), // adds r3, #1; with the one before
            (&[0x3401], 1), // adds r4, #1
            (&[0x3501], 0), // adds r5, #1
        ],
    );
}

#[test]
fn a_result_is_there_in_the_next_cycle() {
    takes(
        Core::M7F,
        &[
            (&[0x3201], 1), // adds r2, #1
            (&[0x1c53], 1), // adds r3, r2, #1
            (&[0x1c5c], 1), // adds r4, r3, #1
        ],
    );
}

#[test]
fn a_loaded_word_is_there_in_the_next_cycle_a_byte_after_two() {
    takes(
        Core::M7F,
        &[
            (&[0x6802], 1), // ldr r2, [r0]
            (&[0x1c53], 1), // adds r3, r2, #1
            (&[0x7804], 0), // ldrb r4, [r0]
            (&[0x1c65], 2), // adds r5, r4, #1
        ],
    );
}

#[test]
fn registers_of_an_address_are_needed_a_stage_early() {
    takes(
        Core::M7F,
        &[
            (&[0x6805], 1), // ldr r5, [r0]
            (&[0x682e], 2), // ldr r6, [r5]; 1 for the load, 1 early
            (&[0x4605], 0), // mov r5, r0
            (&[0x682e], 2), // ldr r6, [r5]
            (&[0x4605], 0), // mov r5, r0
            (&[0xbf00], 1), // nop
            (&[0xbf00], 0), // nop
            (&[0x682e], 1), // ldr r6, [r5]; two cycles later
        ],
    );
}

#[test]
fn two_loads_or_one_store_a_cycle() {
    takes(
        Core::M7F,
        &[
            (&[0x6802], 1), // ldr r2, [r0]
            (&[0x6843], 0), // ldr r3, [r0, #4]
            (&[0x6004], 1), // str r4, [r0]
            (&[0x6045], 1), // str r5, [r0, #4]
            (&[0x6802], 0), // ldr r2, [r0]; a load and a store
        ],
    );
}

#[test]
fn a_base_is_written_back_at_once() {
    takes(
        Core::M7F,
        &[
            (&[0xf851, 0x2b04], 1), // ldr r2, [r1], #4
            (&[0x1c4c], 0),         // adds r4, r1, #1
            (&[0xf851, 0x3b04], 1), // ldr r3, [r1], #4; an address waits for the next cycle
            (&[0xf851, 0x5b04], 1), // ldr r5, [r1], #4
        ],
    );
}

#[test]
fn one_multiplication_a_cycle() {
    takes(
        Core::M7F,
        &[
            (&[0xfb03, 0xf204], 1), // mul r2, r3, r4
            (&[0xfb03, 0xf504], 1), // mul r5, r3, r4
            (&[0x1c56], 1),         // adds r6, r2, #1; two cycles after the first
            (&[0x1c6e], 1),         // adds r6, r5, #1; two after the second
            (&[0xfb03, 0xf204], 0), // mul r2, r3, r4
            (&[0x1c56], 2),         // adds r6, r2, #1
        ],
    );
}

#[test]
fn accumulators_are_needed_late() {
    takes(
        Core::M7F,
        &[
            (&[0xfb23, 0x2204], 1), // smlad r2, r3, r4, r2
            (&[0xfb25, 0x2204], 1), // smlad r2, r5, r4, r2
            (&[0xfb26, 0x2204], 1), // smlad r2, r6, r4, r2
            (&[0xfbc5, 0x3406], 1), // smlal r3, r4, r5, r6
            (&[0xfbc5, 0x3406], 1), // smlal r3, r4, r5, r6
        ],
    );
}

#[test]
fn simd_operations_come_first_in_a_pair() {
    takes(
        Core::M7F,
        &[
            (&[0xfa2f, 0xf283], 1), // sxtb16 r2, r3
            (&[0xfb26, 0x5504], 0), // smlad r5, r6, r4, r5
            (&[0x3301], 1),         // adds r3, #1
            (&[0xfa2f, 0xf486], 1), // sxtb16 r4, r6; not second
            (&[0xfa2f, 0xf786], 1), // sxtb16 r7, r6
            (&[0x3301], 0),         // adds r3, #1
        ],
    );
}

#[test]
fn data_of_a_store_is_needed_late() {
    takes(
        Core::M7F,
        &[
            (&[0x3201], 1),         // adds r2, #1
            (&[0x6002], 0),         // str r2, [r0]
            (&[0xfb02, 0xf302], 1), // mul r3, r2, r2
            (&[0xbf00], 0),         // nop
            (&[0x6003], 1),         // str r3, [r0]
            (&[0xfb02, 0xf402], 0), // mul r4, r2, r2
            (&[0x6004], 1),         // str r4, [r0]
        ],
    );
}

#[test]
fn a_shifted_operand_is_needed_early_and_there_is_one_shifter() {
    takes(
        Core::M7F,
        &[
            (&[0xeb03, 0x0284], 1), // add.w r2, r3, r4, lsl #2
            (&[0xeb06, 0x0587], 1), // add.w r5, r6, r7, lsl #2
            (&[0x2401], 0),         // movs r4, #1
            (&[0xeb03, 0x0284], 2), // add.w r2, r3, r4, lsl #2
            (&[0x00ab], 1),         // lsls r3, r5, #2
            (&[0x0093], 1),         // lsls r3, r2, #2
        ],
    );
}

#[test]
fn some_instructions_issue_alone() {
    takes(
        Core::M7F,
        &[
            (&[0x3201], 1),         // adds r2, #1
            (&[0xfbb2, 0xf4f3], 7), // udiv r4, r2, r3
            (&[0x3501], 1),         // adds r5, #1
            (&[0xe890, 0x003c], 2), // ldmia r0, {r2-r5}; 4/2
            (&[0x3601], 1),         // adds r6, #1
            (&[0xe881, 0x007c], 3), // stmia r1, {r2-r6}; 5/2, rounded up
            (&[0xe9d0, 0x2300], 1), // ldrd r2, r3, [r0]
            (&[0x3601], 1),         // adds r6, #1
            (&[0xe9c0, 0x4500], 1), // strd r4, r5, [r0]
            (&[0x3701], 1),         // adds r7, #1
            (&[0xf3ef, 0x8210], 3), // mrs r2, primask
            (&[0xf3bf, 0x8f5f], 3), // dmb
            (&[0xf3bf, 0x8f6f], 7), // isb
        ],
    );
}

#[test]
fn a_loop_costs_a_misprediction_at_its_end() {
    takes(
        Core::M7F,
        &[
            (&[0x2203], 1), // movs r2, #3
            (&[0x3a01], 3), // loop: subs r2, #1; 3 times 1
            (&[0xd1fd], 6), // bne loop; backwards, predicted; the last time not taken: 6
        ],
    );
}

#[test]
fn a_branch_forwards_is_predicted_not_taken() {
    takes(
        Core::M7F,
        &[
            (&[0xb113], 1), // cbz r3, over
            (&[0xbf00], 0), // nop
            (&[0xb903], 7), // cbnz r3, over; 1 + 6
            (&[0xbf00], 0), // nop
            (&[0xbf00], 1), // over: nop
        ],
    );
}

#[test]
fn returns_are_predicted_from_the_second_time_on() {
    takes(
        Core::M7F,
        &[
            (&[0x2402], 1),         // movs r4, #2
            (&[0xe000], 0),         // b call
            (&[0x4770], 8),         // function: bx lr; 1 + 6, then 1
            (&[0xf7ff, 0xfffd], 2), // call: bl function; twice 1
            (&[0x3c01], 2),         // subs r4, #1
            (&[0xd1fb], 6),         // bne call; taken, then mispredicted
        ],
    );
}

#[test]
fn floating_point_pipeline() {
    takes(
        Core::M7F,
        &[
            (&[0xee30, 0x0a81], 1),  // vadd.f32 s0, s1, s2
            (&[0x3201], 0),          // adds r2, #1
            (&[0xee62, 0x1a22], 1),  // vmul.f32 s3, s4, s5; one a cycle
            (&[0xee31, 0x3a82], 3),  // vadd.f32 s6, s3, s4
            (&[0xee40, 0x3a81], 1),  // vmla.f32 s7, s1, s2
            (&[0xee42, 0x3a22], 3),  // vmla.f32 s7, s4, s5; 6, less 3 for an addend
            (&[0xee33, 0x4aa0], 6),  // vadd.f32 s8, s7, s1
            (&[0xeec0, 0x4a81], 1),  // vdiv.f32 s9, s1, s2
            (&[0xee30, 0x5a81], 16), // vadd.f32 s10, s1, s2; the unit is busy
            (&[0xedd0, 0x0a00], 0),  // vldr s1, [r0]
            (&[0xee70, 0x5a81], 1),  // vadd.f32 s11, s1, s2
            (&[0xedc0, 0x5a01], 1),  // vstr s11, [r0, #4]; 3, less 2 for the data of a store
        ],
    );
}
