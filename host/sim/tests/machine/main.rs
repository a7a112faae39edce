//! A machine as its holder sees it: stops, steps, breakpoints, code that changes, sleep, aliases.

mod debug;
mod memory;
mod sleep;
mod trace;

use tinynas_sim::{
    bus::Memory,
    core::Core,
    machine::{Machine, Register},
};

/// Where the programs' code begins, behind 16 vectors.
const CODE: u32 = 0x40;
const RAM: u32 = 0x2000_0000;

/// A machine with `code` behind its vector table, reset; every handler is an endless loop at 0x30.
fn machine(core: Core, code: &[u16]) -> Machine {
    let mut memory = vec![0u8; 0x1000];
    let vector = |memory: &mut [u8], index: usize, value: u32| {
        memory[4 * index..4 * index + 4].copy_from_slice(&value.to_le_bytes());
    };
    vector(&mut memory, 0, RAM + 0x1000);
    vector(&mut memory, 1, CODE | 1);
    for index in 2..12 {
        vector(&mut memory, index, 0x31);
    }
    memory[0x30..0x32].copy_from_slice(&0xe7fe_u16.to_le_bytes()); // b .
    for (half, place) in code.iter().zip(memory[CODE as usize..].chunks_exact_mut(2)) {
        place.copy_from_slice(&half.to_le_bytes());
    }
    let memories = vec![Memory::ram("code", 0, memory.len()), Memory::ram("ram", RAM, 0x1000)];
    let mut machine = Machine::new(core, memories, None, Vec::new());
    machine.load(0, &memory).expect("the program fits");
    machine.reset();
    machine
}

fn pc(machine: &Machine) -> u32 {
    machine.register(Register::Pc)
}

fn r(machine: &Machine, number: u8) -> u32 {
    machine.register(Register::R(number))
}
