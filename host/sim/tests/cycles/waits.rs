//! Wait states in a running machine: they come on top of the core's cycles and are counted apart.

use tinynas_sim::core::Core;
use tinynas_sim::waits::MemoryTiming;

use crate::{Line, around, measured, sum};

const NOP: &[u16] = &[0xbf00];

/// From 0x108 on: four to the end of the line, then a loop over one line and its neighbour.
const LOOP: [Line; 13] = [
    (NOP, 1),
    (NOP, 1),
    (NOP, 1),
    (NOP, 1),
    (&[0x3a01], 3), // loop: subs r2, #1; at 0x110, three times
    (NOP, 3),
    (NOP, 3),
    (NOP, 3),
    (NOP, 3),
    (NOP, 3),
    (NOP, 3),
    (NOP, 3),
    (&[0xd1f6], 5), // bne loop; at 0x120, twice 2, once 1
];

#[test]
fn the_accelerator_of_the_f4_stalls_at_new_jumps_only() {
    let waits = MemoryTiming::for_chip("STM32F446RETx", Core::M4F, 5, 0..0x1000);
    let (cycles, machine) = measured(Core::M4F, &LOOP, waits);
    // The line at 0x100 after reset; that at 0x110 by its first jump. 0x120 is read ahead each time.
    assert_eq!(machine.flash_stalls(), 5 + 5);
    assert_eq!(cycles, around(Core::M4F) + sum(&LOOP) + 5 + 5);
}

#[test]
fn literals_stall_once_in_16_bytes() {
    let lines: [Line; 3] = [
        (&[0x4a09], 2), // ldr r2, [pc, #36]; at 0x108: from 0x130
        (&[0x4b09], 1), // ldr r3, [pc, #36]; at 0x10a: from 0x130, too
        (&[0x4c0c], 1), // ldr r4, [pc, #48]; at 0x10c: from 0x140
    ];
    let waits = MemoryTiming::for_chip("STM32F446RETx", Core::M4F, 5, 0..0x1000);
    let (cycles, machine) = measured(Core::M4F, &lines, waits);
    // The first line of code, two lines of data.
    assert_eq!(machine.flash_stalls(), 5 + 5 + 5);
    assert_eq!(cycles, around(Core::M4F) + sum(&lines) + 15);
}

#[test]
fn the_same_code_on_an_m7_stalls_once_a_line_of_32_bytes() {
    let waits = MemoryTiming::for_chip("STM32H743ZITx", Core::M7F, 4, 0..0x1000);
    let (_, machine) = measured(Core::M7F, &LOOP, waits);
    // 0x100 to 0x11f and 0x120 to 0x13f: 2 (4 + 1) + 8 each.
    assert_eq!(machine.flash_stalls(), 2 * 18);
}

#[test]
fn the_profile_counts_what_the_machine_counts() {
    let waits = MemoryTiming::for_chip("STM32F446RETx", Core::M4F, 5, 0..0x1000);
    let (_, machine) = measured(Core::M4F, &LOOP, waits);
    let profile = machine.profile().expect("enabled");
    let total = profile.total();
    assert_eq!(total.cycles, machine.cycles());
    assert_eq!(total.instructions, machine.instructions());
    assert_eq!(total.stalls, machine.flash_stalls());
    let at = |address| profile.addresses().into_iter().find(|(one, _)| *one == address).expect("executed").1;
    assert_eq!((at(0x110).instructions, at(0x110).cycles, at(0x110).stalls), (3, 3 + 5, 5));
    assert_eq!((at(0x120).instructions, at(0x120).cycles, at(0x120).taken_branches), (3, 5, 2));
    assert_eq!(at(0x100).loads, 1);
}
