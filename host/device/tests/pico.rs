//! What only the Picos have: a boot ROM in front of the firmware, and on the RP2040 a system timer for the cycles.

mod board;
mod common;

use board::{start, works};
use common::Numbers;
use tinynas_device::{Crash, Device, ProbeOptions};

/// The layers' cycles cannot be more than the simulator counted, nor far below what their instructions take.
#[test]
fn layers_are_timed_by_the_system_timer_or_the_trace_unit() {
    for name in ["raspberry-pi-pico", "raspberry-pi-pico-2"] {
        let Some((mut device, image)) = start(name, ProbeOptions::default()) else { continue };
        works(&mut device, &image);
        let before = device.counters();
        let inference = device.run(&Numbers::new(2).bytes(17 * 17 * 3)).expect("runs");
        let after = device.counters();
        let (cycles, instructions) = (inference.cycles().expect("cycles"), inference.instructions().expect("counted"));
        eprintln!("{name}: {cycles} cycles, {instructions} instructions");
        assert!(cycles > instructions && cycles <= after.cycles - before.cycles, "{name}: {cycles} {instructions}");
        assert!(instructions <= after.instructions - before.instructions, "{name}");
        // The same input costs the same, but for what the flash's cache still holds and the timer's own exception.
        let again = device.run(&Numbers::new(2).bytes(17 * 17 * 3)).expect("runs").cycles().expect("cycles");
        assert!(again.abs_diff(cycles) * 10 < cycles, "{name}: {cycles}, then {again}");
    }
}

#[test]
fn a_crash_is_told_and_the_next_try_works() {
    for name in ["raspberry-pi-pico", "raspberry-pi-pico-2"] {
        for (how, code) in [
            (Crash::BadPointer, "device::hardfault"),
            (Crash::HardFault, "device::hardfault"),
            (Crash::Recursion, "device::stack_overflow"),
            (Crash::Panic, "device::panic"),
        ] {
            let Some((mut device, image)) = start(name, ProbeOptions::default()) else { continue };
            works(&mut device, &image);
            let error = device.probe().crash(how);
            assert_eq!(error.code(), code, "{name}, {how:?}: {error}");
            works(&mut device, &image);
        }
    }
}
