//! The Cortex-M4 by the rules of `timing/m4.rs`; the second column sums all executions of an instruction.

use tinynas_sim::core::Core;

use crate::takes;

#[test]
fn arithmetic_takes_one_cycle() {
    takes(
        Core::M4F,
        &[
            (&[0x3201], 1),         // adds r2, #1
            (&[0x2305], 1),         // movs r3, #5
            (&[0xfb02, 0xf403], 1), // mul r4, r2, r3
            (&[0xfb02, 0x4403], 1), // mla r4, r2, r3, r4
            (&[0xfb22, 0x4403], 1), // smlad r4, r2, r3, r4
            (&[0xfba2, 0x4503], 1), // umull r4, r5, r2, r3
            (&[0xfbc2, 0x4503], 1), // smlal r4, r5, r2, r3
            (&[0xfbe2, 0x4563], 1), // umaal r4, r5, r2, r3
            (&[0xf325, 0x14c7], 1), // ssat r4, #8, r5, asr #7
            (&[0xfa24, 0xf495], 1), // sxtab16 r4, r4, r5, ror #8
            (&[0xeb04, 0x04c5], 1), // add r4, r4, r5, lsl #3
            (&[0xf3c5, 0x04c7], 1), // ubfx r4, r5, #3, #8
        ],
    );
}

#[test]
fn loads_overlap_with_the_load_before() {
    takes(
        Core::M4F,
        &[
            (&[0x6802], 2), // ldr r2, [r0]
            (&[0x6843], 1), // ldr r3, [r0, #4]; overlaps
            (&[0x7a04], 1), // ldrb r4, [r0, #8]; overlaps
            (&[0x5f85], 1), // ldrsh r5, [r0, r6]; overlaps
            (&[0x68c5], 1), // ldr r5, [r0, #12]; overlaps
            (&[0x682f], 2), // ldr r7, [r5]; its address is the load's result
            (&[0xbf00], 1), // nop
            (&[0x6807], 2), // ldr r7, [r0]; after what is no load
        ],
    );
}

#[test]
fn a_base_written_back_does_not_keep_loads_apart() {
    takes(
        Core::M4F,
        &[
            (&[0xf851, 0x2b04], 2), // ldr r2, [r1], #4
            (&[0xf851, 0x3b04], 1), // ldr r3, [r1], #4; the base is no result of memory
            (&[0xf851, 0x2f04], 1), // ldr r2, [r1, #4]!
        ],
    );
}

#[test]
fn stores_with_an_offset_register_take_a_cycle_more() {
    takes(
        Core::M4F,
        &[
            (&[0x6002], 1), // str r2, [r0]
            (&[0x5182], 2), // str r2, [r0, r6]
            (&[0x6804], 2), // ldr r4, [r0]; nothing overlaps with a store
            (&[0x5184], 1), // str r4, [r0, r6]; overlaps with the load before, whose result it stores
            (&[0x5182], 2), // str r2, [r0, r6]
            (&[0x6804], 2), // ldr r4, [r0]
            (&[0x6084], 1), // str r4, [r0, #8]
        ],
    );
}

#[test]
fn an_address_computed_just_before_comes_a_cycle_late() {
    takes(
        Core::M4F,
        &[
            (&[0x4605], 1),         // mov r5, r0
            (&[0x682c], 3),         // ldr r4, [r5]; 2 + 1
            (&[0x4605], 1),         // mov r5, r0
            (&[0xbf00], 1),         // nop
            (&[0x682c], 2),         // ldr r4, [r5]; computed earlier
            (&[0x2608], 1),         // movs r6, #8
            (&[0x5184], 3),         // str r4, [r0, r6]; 2 + 1: the offset
            (&[0x4605], 1),         // mov r5, r0
            (&[0x602c], 2),         // str r4, [r5]; 1 + 1
            (&[0x3401], 1),         // adds r4, #1
            (&[0x6004], 1),         // str r4, [r0]; data is not late
            (&[0x4605], 1),         // mov r5, r0
            (&[0xe895, 0x000c], 4), // ldmia r5, {r2, r3}; 1 + 2 + 1
            (&[0xfb06, 0xf506], 1), // mul r5, r6, r6
            (&[0x5944], 3),         // ldr r4, [r0, r5]; 2 + 1
        ],
    );
}

#[test]
fn doubles_take_three_cycles() {
    takes(
        Core::M4F,
        &[
            (&[0xe9d0, 0x2300], 3), // ldrd r2, r3, [r0]
            (&[0x6804], 2),         // ldr r4, [r0]; nothing overlaps with a double
            (&[0xe9c0, 0x2302], 3), // strd r2, r3, [r0, #8]
            (&[0x6804], 2),         // ldr r4, [r0]
            (&[0xe9d0, 0x2300], 3), // ldrd r2, r3, [r0]; nor does it with a load
        ],
    );
}

#[test]
fn multiples_take_one_cycle_more_than_registers() {
    takes(
        Core::M4F,
        &[
            (&[0xe890, 0x003c], 5), // ldmia r0, {r2-r5}; 1 + 4
            (&[0xbf00], 1),         // nop
            (&[0xc11c], 4),         // stmia r1!, {r2-r4}; 1 + 3
            (&[0xb530], 4),         // push {r4, r5, lr}; 1 + 3
            (&[0x6806], 2),         // ldr r6, [r0]
            (&[0xbc70], 4),         // pop {r4-r6}; 1 + 3
        ],
    );
}

#[test]
fn divisions_end_early() {
    takes(
        Core::M4F,
        &[
            (&[0xf04f, 0x4200], 1),  // mov.w r2, #0x80000000
            (&[0xf04f, 0x0301], 1),  // mov.w r3, #1
            (&[0xfbb2, 0xf4f3], 12), // udiv r4, r2, r3; 31 bits: 2 + 10
            (&[0xfbb3, 0xf4f2], 2),  // udiv r4, r3, r2; none
            (&[0xf44f, 0x7280], 1),  // mov.w r2, #256
            (&[0xfb92, 0xf4f3], 5),  // sdiv r4, r2, r3; 8 bits: 2 + 80/31, rounded up
            (&[0x5904], 3),          // ldr r4, [r0, r4]; 2 + 1: the quotient is its offset
        ],
    );
}

#[test]
fn system_instructions() {
    takes(
        Core::M4F,
        &[
            (&[0xf3ef, 0x8210], 2), // mrs r2, primask
            (&[0xf382, 0x8810], 2), // msr primask, r2
            (&[0xb662], 2),         // cpsie i
            (&[0xbf00], 1),         // nop
            (&[0xf3bf, 0x8f5f], 1), // dmb
            (&[0xf3bf, 0x8f4f], 1), // dsb
            (&[0xf3bf, 0x8f6f], 4), // isb; 1 + 3
        ],
    );
}

#[test]
fn floating_point() {
    takes(
        Core::M4F,
        &[
            (&[0xee30, 0x0a81], 1),  // vadd.f32 s0, s1, s2
            (&[0xee62, 0x1a22], 1),  // vmul.f32 s3, s4, s5
            (&[0xee21, 0x3aa2], 2),  // vmul.f32 s6, s3, s5; uses the result just before
            (&[0xee03, 0x2a90], 1),  // vmov s7, r2
            (&[0xee33, 0x4aa0], 1),  // vadd.f32 s8, s7, s1; a move is no arithmetic
            (&[0xee00, 0x4a81], 3),  // vmla.f32 s8, s1, s2; an addend is needed later
            (&[0xee44, 0x4a01], 4),  // vmla.f32 s9, s8, s2; a factor is not: 3 + 1
            (&[0xeee0, 0x4a81], 3),  // vfma.f32 s9, s1, s2
            (&[0xee80, 0x5a81], 14), // vdiv.f32 s10, s1, s2
            (&[0xeef1, 0x5ae0], 14), // vsqrt.f32 s11, s1
            (&[0xeeb8, 0x6ae0], 1),  // vcvt.f32.s32 s12, s1
            (&[0xee16, 0x3a10], 2),  // vmov r3, s12; 1 + 1
            (&[0xeeb4, 0x0a60], 1),  // vcmp.f32 s0, s1
            (&[0xeef1, 0xfa10], 1),  // vmrs APSR_nzcv, fpscr
            (&[0xec55, 0x4a11], 2),  // vmov r4, r5, s2, s3
            (&[0xedd0, 0x0a00], 2),  // vldr s1, [r0]
            (&[0xedc0, 0x0a01], 2),  // vstr s1, [r0, #4]
            (&[0xed90, 0x1b02], 3),  // vldr d1, [r0, #8]
            (&[0xed80, 0x1b04], 3),  // vstr d1, [r0, #16]
            (&[0xec90, 0x0a04], 5),  // vldmia r0, {s0-s3}; 1 + 4
            (&[0xed2d, 0x8a02], 3),  // vpush {s16-s17}; 1 + 2
            (&[0xecbd, 0x8a02], 3),  // vpop {s16-s17}
        ],
    );
}
