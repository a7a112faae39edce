//! The Cortex-M0+ by its table.

use tinynas_sim::core::Core;

use crate::steps;

#[test]
fn the_m0_plus_follows_its_table() {
    steps(
        Core::M0Plus,
        &[
            (&[0x3201], 1),         // adds r2, #1
            (&[0x435a], 1),         // muls r2, r3
            (&[0x6804], 2),         // ldr r4, [r0]
            (&[0x7905], 2),         // ldrb r5, [r0, #4]; nothing overlaps
            (&[0x6084], 2),         // str r4, [r0, #8]
            (&[0x5384], 2),         // strh r4, [r0, r6]
            (&[0xc91c], 4),         // ldmia r1!, {r2-r4}; 1 + 3
            (&[0xc10c], 3),         // stmia r1!, {r2-r3}; 1 + 2
            (&[0xb530], 4),         // push {r4, r5, lr}; 1 + 3
            (&[0xbc70], 4),         // pop {r4-r6}
            (&[0xe000], 2),         // b over
            (&[0x46c0], 0),         // nop
            (&[0x429b], 1),         // over: cmp r3, r3
            (&[0xd1fd], 1),         // bne over; not taken
            (&[0xd000], 2),         // beq next
            (&[0x46c0], 0),         // nop
            (&[0xf000, 0xf801], 3), // next: bl function
            (&[0xe000], 2),         // b saved
            (&[0x4770], 2),         // function: bx lr
            (&[0xf000, 0xf801], 3), // saved: bl pushes
            (&[0xe001], 2),         // b last
            (&[0xb510], 3),         // pushes: push {r4, lr}
            (&[0xbd10], 5),         // pop {r4, pc}; 3 + 2
            (&[0xf3ef, 0x8210], 3), // last: mrs r2, primask
            (&[0xf382, 0x8810], 3), // msr primask, r2
            (&[0xf3bf, 0x8f5f], 3), // dmb
            (&[0xf3bf, 0x8f4f], 3), // dsb
            (&[0xf3bf, 0x8f6f], 3), // isb
            (&[0xb662], 1),         // cpsie i
            (&[0x46c0], 1),         // nop
        ],
    );
}
