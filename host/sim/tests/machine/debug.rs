//! Halting, stepping and breakpoints through the debug registers, as a debugger uses them.

use tinynas_sim::{
    bus::Width,
    core::Core,
    machine::{Machine, Stop},
};

use crate::{CODE, machine, pc, r};

const DHCSR: u32 = 0xe000_edf0;
const KEY: u32 = 0xa05f_0000;
const HALT: u32 = KEY | 0b011;
const RUN: u32 = KEY | 0b001;
const STEP: u32 = KEY | 0b101;
const S_HALT: u32 = 1 << 17;
const S_LOCKUP: u32 = 1 << 19;
const DFSR: u32 = 0xe000_ed30;
const FP_CTRL: u32 = 0xe000_2000;
const FP_COMP0: u32 = 0xe000_2008;
const DEMCR: u32 = 0xe000_edfc;
const AIRCR: u32 = 0xe000_ed0c;

/// Counts in r0 for ever: movs r0, #0; loop: adds r0, #1; adds r0, #1; b loop.
const COUNT: [u16; 4] = [0x2000, 0x3001, 0x3001, 0xe7fc];

fn write(machine: &mut Machine, address: u32, value: u32) {
    machine.write_memory(address, value, Width::Word).expect("a register");
}

fn read(machine: &mut Machine, address: u32) -> u32 {
    machine.read_memory(address, Width::Word).expect("a register")
}

#[test]
fn a_halt_request_stops_and_a_release_goes_on() {
    let mut machine = machine(Core::M4F, &COUNT);
    assert_eq!(machine.run(100), Stop::Cycles);
    write(&mut machine, DHCSR, HALT);
    assert_eq!(machine.run(100), Stop::Halted);
    let before = r(&machine, 0);
    assert!(read(&mut machine, DHCSR) & S_HALT != 0);
    assert_eq!(machine.run(100), Stop::Halted);
    assert_eq!(r(&machine, 0), before);
    write(&mut machine, DHCSR, RUN);
    assert_eq!(machine.run(100), Stop::Cycles);
    assert!(r(&machine, 0) > before);
}

#[test]
fn a_step_executes_one_instruction() {
    let mut machine = machine(Core::M4F, &COUNT);
    write(&mut machine, DHCSR, HALT);
    machine.run(1);
    for expected in [CODE + 2, CODE + 4, CODE + 6, CODE + 2] {
        let before = machine.instructions();
        write(&mut machine, DHCSR, STEP);
        assert_eq!(machine.run(1000), Stop::Halted);
        assert_eq!((pc(&machine), machine.instructions()), (expected, before + 1));
    }
}

#[test]
fn a_comparator_stops_before_its_instruction_and_is_passed_on_release() {
    for (core, comparator) in [(Core::M4F, (1 << 31) | ((CODE + 6) & !3) | 1), (Core::M33F, (CODE + 6) | 1)] {
        let mut machine = machine(core, &COUNT);
        machine.run(50);
        write(&mut machine, DHCSR, HALT);
        write(&mut machine, FP_CTRL, 3);
        write(&mut machine, FP_COMP0, comparator);
        for _ in 0..3 {
            let before = r(&machine, 0);
            write(&mut machine, DHCSR, RUN);
            assert_eq!(machine.run(1000), Stop::Halted, "{core}");
            assert_eq!(pc(&machine), CODE + 6, "{core}");
            assert!(r(&machine, 0) <= before + 2, "{core}: one round at most");
            assert_eq!(read(&mut machine, DFSR) & 2, 2, "{core}: by a breakpoint");
        }
        write(&mut machine, FP_COMP0, 0);
        write(&mut machine, DHCSR, RUN);
        assert_eq!(machine.run(1000), Stop::Cycles, "{core}");
    }
}

#[test]
fn a_breakpoint_instruction_halts_under_a_debugger_and_is_a_fault_without() {
    // movs r0, #7; bkpt #1; movs r0, #8; b .
    let program = [0x2007, 0xbe01, 0x2008, 0xe7fe];
    let mut debugged = machine(Core::M4F, &program);
    write(&mut debugged, DHCSR, RUN);
    assert_eq!(debugged.run(100), Stop::Halted);
    assert_eq!((pc(&debugged), r(&debugged, 0)), (CODE + 2, 7));
    let mut alone = machine(Core::M4F, &program);
    alone.run(100);
    assert_eq!((pc(&alone), r(&alone, 0)), (0x30, 7), "in the handler of HardFault");
}

#[test]
fn a_caught_reset_stops_at_the_reset_vector() {
    let mut machine = machine(Core::M4F, &COUNT);
    machine.run(50);
    write(&mut machine, DHCSR, RUN);
    write(&mut machine, DEMCR, 1);
    write(&mut machine, AIRCR, 0x05fa_0004);
    assert_eq!(machine.run(1000), Stop::Halted);
    assert_eq!(pc(&machine), CODE);
    assert!(read(&mut machine, DHCSR) >> 25 & 1 != 0, "the reset is told");
    assert!(read(&mut machine, DHCSR) >> 25 & 1 == 0, "once");
}

#[test]
fn a_fault_in_the_handler_of_a_fault_locks_up_until_the_debugger_halts() {
    let mut machine = machine(Core::M4F, &[0xde00]);
    // The handler is an undefined instruction, too.
    machine.load(0x30, &0xde00_u16.to_le_bytes()).expect("in memory");
    assert_eq!(machine.run(1000), Stop::Lockup);
    assert!(read(&mut machine, DHCSR) & S_LOCKUP != 0);
    write(&mut machine, DHCSR, HALT);
    assert_eq!(machine.run(1), Stop::Halted);
    assert_eq!(read(&mut machine, DHCSR) & (S_LOCKUP | S_HALT), S_HALT);
}
