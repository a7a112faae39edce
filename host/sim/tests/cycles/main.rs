//! Hand-counted cycles of every timing rule, as machine code that reads the cycle counter before and behind itself.
//!
//! Each line of a program is an instruction and the cycles of all its executions, derived beside it.

mod m0plus;
mod m3;
mod m33;
mod m4;
mod m4_flow;
mod m7;
mod waits;

use tinynas_sim::bus::{Memory, Width};
use tinynas_sim::core::Core;
use tinynas_sim::machine::{Machine, Register, Stop};
use tinynas_sim::waits::MemoryTiming;

/// An instruction and the cycles of all its executions.
pub type Line = (&'static [u16], u32);

/// Where the measured code begins: behind the reading of the counter.
const CODE: u32 = 0x108;

/// CYCCNT, DWT_CTRL, DEMCR, CPACR (ARMv7-M ARM, C1.8, C1.6.5, B3.2.20).
const CYCCNT: u32 = 0xe000_1004;
const DWT_CTRL: u32 = 0xe000_1000;
const DEMCR: u32 = 0xe000_edfc;
const CPACR: u32 = 0xe000_ed88;

/// Reads the counter into R12 and empties the pipeline: ldr r12, [r11]; isb.
const HEAD: [u16; 4] = [0xf8db, 0xc000, 0xf3bf, 0x8f6f];

/// Reads the counter into R10 and stays: ldr r10, [r11]; b .
const TAIL: [u16; 3] = [0xf8db, 0xa000, 0xe7fe];

/// `head`, the lines, `tail` from 0x100 on; RAM whose first words are pointers into it.
fn machine(core: Core, head: &[u16], lines: &[Line], tail: &[u16]) -> Machine {
    let mut halves = vec![0u16; 0x80];
    halves[..4].copy_from_slice(&[0x8000, 0x2000, 0x0101, 0x0000]);
    halves.extend(head);
    lines.iter().for_each(|(code, _)| halves.extend(*code));
    halves.extend(tail);
    let mut code: Vec<u8> = halves.iter().flat_map(|half| half.to_le_bytes()).collect();
    code.resize(0x1000, 0);
    let memories = vec![Memory::rom("code", 0, code).slow(), Memory::ram("sram", 0x2000_0000, 0x1_0000).slow()];
    let mut machine = Machine::new(core, memories, None, Vec::new());
    for word in 0..64 {
        machine.load(0x2000_0000 + 4 * word, &0x2000_0040u32.to_le_bytes()).expect("RAM");
    }
    let registers = [0x2000_0000, 0x2000_0100, 3, 5, 7, 11, 4, 13];
    for (number, value) in registers.into_iter().enumerate() {
        machine.set_register(Register::R(number as u8), value);
    }
    machine.set_register(Register::R(11), CYCCNT);
    machine
}

/// The counter's difference between head and tail, with the wait states of `waits`.
fn measured(core: Core, lines: &[Line], waits: MemoryTiming) -> (u32, Machine) {
    let mut machine = machine(core, &HEAD, lines, &TAIL);
    machine.set_memory_timing(waits);
    machine.enable_profile();
    machine.write_memory(DEMCR, 1 << 24, Width::Word).expect("a core register");
    machine.write_memory(DWT_CTRL, 1, Width::Word).expect("a core register");
    if core.has_float() {
        machine.write_memory(CPACR, 0xf << 20, Width::Word).expect("a core register");
    }
    assert_eq!(machine.run(10_000), Stop::Cycles);
    let end = CODE + 2 * lines.iter().map(|(code, _)| code.len() as u32).sum::<u32>() + 4;
    assert_eq!(machine.register(Register::Pc), end, "the program ended elsewhere");
    (machine.register(Register::R(10)) - machine.register(Register::R(12)), machine)
}

/// Cycles of the head, from its reading on.
const fn around(core: Core) -> u32 {
    match core {
        Core::M7F => 1 + 7,
        Core::M33F => 1 + 4,
        _ => 2 + 4,
    }
}

/// Sum of the lines' cycles.
fn sum(lines: &[Line]) -> u32 {
    lines.iter().map(|(_, cycles)| cycles).sum()
}

/// Checks the sum of the lines' cycles by the program's own readings of CYCCNT.
#[track_caller]
pub fn takes(core: Core, lines: &[Line]) {
    assert_eq!(measured(core, lines, MemoryTiming::none()).0, around(core) + sum(lines));
}

/// Checks every line's cycles, an instruction at a time, where there is no CYCCNT.
#[track_caller]
pub fn steps(core: Core, lines: &[Line]) {
    // movs r0, r0, four times; b .
    let mut machine = machine(core, &[0; 4], lines, &[0xe7fe]);
    let address_of = |index: usize| CODE + 2 * lines[..index].iter().map(|(code, _)| code.len() as u32).sum::<u32>();
    let mut spent = vec![0; lines.len()];
    while machine.register(Register::Pc) < CODE {
        machine.step();
    }
    while machine.register(Register::Pc) != address_of(lines.len()) {
        let pc = machine.register(Register::Pc);
        let before = machine.cycles();
        assert_eq!(machine.step(), Stop::Cycles);
        let index = (0..lines.len()).find(|index| address_of(*index) == pc).expect("in the program");
        spent[index] += u32::try_from(machine.cycles() - before).expect("few cycles");
    }
    assert_eq!(spent, lines.iter().map(|(_, cycles)| *cycles).collect::<Vec<_>>());
}

#[test]
fn nothing_takes_nothing() {
    for core in [Core::M3, Core::M4F, Core::M7F, Core::M33F] {
        takes(core, &[]);
    }
}
