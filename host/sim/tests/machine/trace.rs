//! The trace unit's counters: instructions follow from them as the architecture says.

use tinynas_sim::{bus::Width, core::Core, machine::Machine};

use crate::{RAM, machine};

const DWT_CTRL: u32 = 0xe000_1000;
const ALL_COUNTERS: u32 = 0x1f << 17 | 1;

fn counters(machine: &mut Machine) -> [u32; 6] {
    [4, 8, 0xc, 0x10, 0x14, 0x18].map(|offset| machine.read_memory(DWT_CTRL + offset, Width::Word).expect("a counter"))
}

#[test]
fn cycles_less_what_the_counters_explain_are_instructions() {
    // Loads, a branch, a division, a call of the supervisor, an IT block behind a 16-bit instruction.
    let program = [
        0xf04f, 0x5000, // mov r0, #0x2000_0000
        0x6801, // ldr r1, [r0]
        0x6842, // ldr r2, [r0, #4]
        0xc80c, // ldm r0!, {r2, r3}
        0x2164, // movs r1, #100
        0x2207, // movs r2, #7
        0xfbb1, 0xf3f2, // udiv r3, r1, r2
        0x2900, // cmp r1, #0
        0xbf08, // it eq
        0x2101, // moveq r1, #1
        0xdf00, // svc #0
        0xe7fe, // b .
    ];
    let mut machine = machine(Core::M4F, &program);
    // The handler of every exception returns.
    machine.load(0x30, &0x4770_u16.to_le_bytes()).expect("in memory");
    machine.write_memory(DWT_CTRL, ALL_COUNTERS, Width::Word).expect("a register");
    machine.write_memory(RAM, 0, Width::Word).expect("memory");
    let before = machine.instructions();
    (0..13).for_each(|_| {
        machine.step();
    });
    let [cycles, cpi, exception, sleep, load_store, fold] = counters(&mut machine);
    let instructions = (machine.instructions() - before) as u32;
    assert_eq!(instructions, cycles - cpi - exception - sleep - load_store + fold);
    assert_eq!((exception, sleep, fold), (12 + 10, 0, 1));
    assert!(cpi > 0 && load_store > 0);
}

#[test]
fn counters_that_are_off_stay() {
    let mut machine = machine(Core::M4F, &[0xe7fe]);
    machine.run(100);
    assert_eq!(counters(&mut machine), [0; 6]);
    machine.write_memory(DWT_CTRL, 1, Width::Word).expect("a register");
    machine.run(100);
    let [cycles, rest @ ..] = counters(&mut machine);
    assert!((100..104).contains(&cycles), "{cycles}");
    assert_eq!(rest, [0; 5]);
}

#[test]
fn the_smallest_core_has_none() {
    let mut machine = machine(Core::M0Plus, &[0xe7fe]);
    machine.write_memory(DWT_CTRL, ALL_COUNTERS, Width::Word).expect("a register");
    machine.run(100);
    assert_eq!(counters(&mut machine), [0; 6]);
    assert_eq!(machine.read_memory(DWT_CTRL, Width::Word).map(|control| control >> 24 & 3), Ok(3));
}
