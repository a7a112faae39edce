//! Code that changes, memory seen at two addresses, the guard of the protection unit, the instruction counter.

use tinynas_sim::{
    bus::{BusError, Memory, Width},
    core::Core,
    machine::{INSTRUCTION_COUNTER, Machine, Register, Stop},
};

use crate::{CODE, RAM, machine, pc, r};

#[test]
fn an_instruction_that_the_program_replaced_is_the_new_one() {
    // loop: adds r0, #1; strh r1, [r2]; b loop. r1 = `adds r0, #2`, r2 = address of the first.
    let mut machine = machine(Core::M4F, &[0x3001, 0x8011, 0xe7fc]);
    machine.set_register(Register::R(1), 0x3002);
    machine.set_register(Register::R(2), CODE);
    for (steps, expected) in [(1, 1), (2, 1), (1, 3), (3, 5)] {
        (0..steps).for_each(|_| assert_eq!(machine.step(), Stop::Cycles));
        assert_eq!(r(&machine, 0), expected);
    }
}

#[test]
fn the_debugger_replaces_code_that_already_ran() {
    let mut machine = machine(Core::M4F, &[0x3001, 0xe7fd]);
    machine.run(30);
    machine.write_memory(CODE, 0x3064, Width::Half).expect("memory"); // adds r0, #100
    let before = r(&machine, 0);
    machine.step();
    machine.step();
    assert_eq!(r(&machine, 0), before + 100);
}

#[test]
fn code_in_ram_is_decoded_again_after_other_code_ran() {
    // blx r3; b back: calls a routine in RAM for ever.
    let mut machine = machine(Core::M4F, &[0x4798, 0xe7fd]);
    machine.set_register(Register::R(3), RAM | 1);
    machine.load(RAM, &[0x01, 0x30, 0x70, 0x47]).expect("memory"); // adds r0, #1; bx lr
    (0..8).for_each(|_| assert_eq!(machine.step(), Stop::Cycles));
    assert_eq!(r(&machine, 0), 2);
    machine.write_memory(RAM, 0x3010, Width::Half).expect("memory");
    (0..4).for_each(|_| assert_eq!(machine.step(), Stop::Cycles));
    assert_eq!(r(&machine, 0), 18);
}

#[test]
fn a_memory_is_seen_and_executed_at_its_alias() {
    let mut machine = machine(Core::M4F, &[0x3001, 0xe7fd]);
    machine.add_alias(0x0800_0000..0x0800_1000, 0);
    assert_eq!(machine.read_memory(0x0800_0000 + CODE, Width::Half), Ok(0x3001));
    machine.set_register(Register::Pc, 0x0800_0000 + CODE);
    machine.step();
    assert_eq!((r(&machine, 0), pc(&machine)), (1, 0x0800_0000 + CODE + 2));
}

#[test]
fn where_nothing_answers_is_an_error_for_the_debugger_and_a_fault_for_the_core() {
    // ldr r0, [r1]
    let mut machine = machine(Core::M4F, &[0x6808]);
    assert_eq!(machine.read_memory(0x6800_0000, Width::Word), Err(BusError { address: 0x6800_0000 }));
    assert_eq!(machine.read_memory(RAM + 1, Width::Word), Err(BusError { address: RAM + 1 }));
    machine.set_register(Register::R(1), 0x6800_0000);
    machine.run(100);
    assert_eq!(pc(&machine), 0x30);
    assert_eq!(machine.read_memory(0xe000_ed38, Width::Word), Ok(0x6800_0000), "BFAR");
}

#[test]
fn the_guard_refuses_stores_and_allows_loads() {
    // ldr r0, [r1]; str r0, [r1]
    let mut machine = machine(Core::M4F, &[0x6808, 0x6008]);
    let region = [(0xe000_ed98, 0), (0xe000_ed9c, RAM + 0x100), (0xe000_eda0, 0x0600_0009), (0xe000_ed94, 5)];
    for (address, value) in region {
        machine.write_memory(address, value, Width::Word).expect("a register");
    }
    machine.set_register(Register::R(1), RAM + 0x104);
    machine.step();
    assert_eq!(pc(&machine), CODE + 2);
    machine.step();
    assert_eq!(pc(&machine), 0x30);
    assert_eq!(machine.read_memory(0xe000_ed34, Width::Word), Ok(RAM + 0x104), "MMFAR");
}

#[test]
fn rom_is_not_changed_by_stores() {
    let rom = Memory::rom("rom", 0, vec![0; 0x100]);
    let mut machine = Machine::new(Core::M0Plus, vec![rom, Memory::ram("ram", RAM, 0x100)], None, Vec::new());
    assert_eq!(machine.write_memory(0x10, 1, Width::Word), Err(BusError { address: 0x10 }));
    assert_eq!(machine.read_memory(0x10, Width::Word), Ok(0));
}

#[test]
fn the_program_can_read_how_many_instructions_it_executed() {
    // ldr r1, [r0]; nop; nop; nop; ldr r2, [r0]
    let mut machine = machine(Core::M0Plus, &[0x6801, 0xbf00, 0xbf00, 0xbf00, 0x6802]);
    machine.set_register(Register::R(0), INSTRUCTION_COUNTER);
    (0..5).for_each(|_| assert_eq!(machine.step(), Stop::Cycles));
    assert_eq!(r(&machine, 2) - r(&machine, 1), 4);
}
