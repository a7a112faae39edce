//! What the Cortex-M3 does slower than the Cortex-M4.

use tinynas_sim::core::Core;

use crate::takes;

#[test]
fn the_m3_multiplies_slowly() {
    takes(
        Core::M3,
        &[
            (&[0x3201], 1),         // adds r2, #1
            (&[0x2305], 1),         // movs r3, #5
            (&[0xfb02, 0xf403], 1), // mul r4, r2, r3
            (&[0xfb02, 0x4403], 2), // mla r4, r2, r3, r4
            (&[0xfb02, 0x4413], 2), // mls r4, r2, r3, r4
            (&[0xfba2, 0x4503], 5), // umull r4, r5, r2, r3
            (&[0xfb82, 0x4503], 5), // smull r4, r5, r2, r3
            (&[0xfbe2, 0x4503], 7), // umlal r4, r5, r2, r3
            (&[0xfbc2, 0x4503], 7), // smlal r4, r5, r2, r3
            (&[0x6804], 2),         // ldr r4, [r0]
            (&[0x6845], 1),         // ldr r5, [r0, #4]
            (&[0x5185], 1),         // str r5, [r0, r6]
        ],
    );
}
