//! The simulator against QEMU: the same programs, the same lines, the same number of instructions.
//!
//! The programs are in `firmware/conformance`. QEMU is the oracle; a line that differs is a fault of the simulator,
//! unless the architecture leaves it open, and then the program should not print it.
#![allow(clippy::print_stdout)]

mod emulated;

use emulated::{Emulated, Pace};
use tinynas_sim::core::Core;

/// Differences that a failed comparison shows.
const SHOWN: usize = 60;

fn compare(machine: &Emulated, program: &str, pace: Pace) {
    if let Some(missing) = machine.missing(program) {
        println!("skipped: `{program}` on QEMU's {} needs {missing}", machine.name);
        return;
    }
    let expected = machine.emulate(program, pace);
    assert_eq!(expected.code, 0, "{program} on QEMU's {}:\n{}", machine.name, expected.text);
    let found = machine.simulate(program);
    let pairs = expected.text.lines().zip(found.text.lines()).enumerate();
    let different: Vec<String> = pairs
        .filter(|(_, (expected, found))| expected != found)
        .map(|(index, (expected, found))| format!("line {}\n  QEMU      {expected}\n  simulator {found}", index + 1))
        .collect();
    let lines = (expected.text.lines().count(), found.text.lines().count());
    assert!(
        different.is_empty() && lines.0 == lines.1,
        "{program} on {}: {} of {} lines differ, the simulator prints {}:\n{}",
        machine.name,
        different.len(),
        lines.0,
        lines.1,
        different[..different.len().min(SHOWN)].join("\n")
    );
    assert_eq!(found.code, expected.code, "{program} on {}: exit code", machine.name);
    if let Some(instructions) = expected.instructions {
        assert_eq!(found.instructions, Some(instructions), "{program} on {}: instructions", machine.name);
        println!("{program} on {}: {instructions} instructions on both", machine.name);
    }
    println!("{program} on {}: {} lines are equal", machine.name, lines.0);
}

/// The tests of each machine.
macro_rules! machines {
    ($($test:ident = $name:literal, $target:literal, $core:ident, code $code:literal, ram $ram:expr;)*) => {$(
        mod $test {
            use super::*;

            const MACHINE: Emulated =
                Emulated { name: $name, target: $target, core: Core::$core, code: $code, ram: $ram };

            #[test]
            fn every_group_of_instructions_leaves_the_same_registers_flags_and_memory() {
                compare(&MACHINE, "instructions", Pace::Full);
            }

            #[test]
            fn exceptions_push_the_same_frames_and_run_in_the_same_order() {
                compare(&MACHINE, "exceptions", Pace::Full);
            }

            #[test]
            fn the_same_number_of_instructions_is_executed() {
                compare(&MACHINE, "counting", Pace::Traced);
            }
        }
    )*};
}

machines! {
    armv6m = "microbit", "thumbv6m-none-eabi", M0Plus, code 0, ram (0x2000_0000, 16 << 10);
    armv7m = "mps2-an385", "thumbv7m-none-eabi", M3, code 0, ram (0x2000_0000, 64 << 10);
    armv7em = "mps2-an386", "thumbv7em-none-eabihf", M4F, code 0, ram (0x2000_0000, 64 << 10);
    armv7em_m7 = "mps2-an500", "thumbv7em-none-eabihf", M7F, code 0, ram (0x2000_0000, 64 << 10);
    armv8m = "mps2-an505", "thumbv8m.main-none-eabihf", M33F, code 0x1000_0000, ram (0x3800_0000, 64 << 10);
}
