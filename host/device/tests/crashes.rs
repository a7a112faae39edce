//! Firmware that fails on purpose, on a virtual board: what the host learns of it, where it happened, and that the board
//! works again after it.

mod board;
mod common;

use std::time::{Duration, Instant};

use board::{start, works};
use tinynas_device::{Crash, ProbeOptions, Timeouts};

/// How long the firmware may say nothing.
const SILENCE: Duration = Duration::from_secs(2);

/// Longest that a failure may take to be told: the silence, and what looking at the core takes.
const BOUND: Duration = Duration::from_secs(6);

/// Lets the firmware of a board fail, as often as there are boards; `check` sees the message.
fn crash(how: Crash, code: &str, check: impl Fn(&str)) {
    for name in ["nucleo-f446re", "stm32f746g-disco", "nucleo-u575zi-q"] {
        let Some((mut device, image)) = start(name, ProbeOptions::default()) else { continue };
        device.probe().set_timeouts(Timeouts { message: SILENCE, ..Timeouts::default() });
        works(&mut device, &image);
        let begin = Instant::now();
        let error = device.probe().crash(how);
        assert!(begin.elapsed() < BOUND, "{name}: {error} after {:?}", begin.elapsed());
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(error.help().is_some_and(|help| !help.is_empty()), "{name}: {error}");
        eprintln!("{name}: {code}: {error}");
        check(&error.to_string());
        works(&mut device, &image);
    }
}

#[test]
fn a_hang_says_where() {
    crash(Crash::Hang, "device::hang", |error| assert!(error.contains("machine.rs:"), "{error}"));
}

#[test]
fn an_undefined_instruction() {
    crash(Crash::HardFault, "device::hardfault", |error| {
        assert!(error.contains("undefined instruction") && error.contains("machine.rs:"), "{error}");
    });
}

#[test]
fn a_bad_pointer() {
    crash(Crash::BadPointer, "device::hardfault", |error| {
        assert!(error.contains("bus error, address 0x0ffffff0"), "{error}");
    });
}

#[test]
fn a_stack_that_overflows() {
    crash(Crash::Recursion, "device::stack_overflow", |error| assert!(error.contains("its reserve"), "{error}"));
}

#[test]
fn a_stack_whose_end_was_written() {
    crash(Crash::Stack, "device::stack_overflow", |error| assert!(error.contains("its reserve"), "{error}"));
}

#[test]
fn a_panic_says_where() {
    crash(Crash::Panic, "device::panic", |error| assert!(error.contains("machine.rs:"), "{error}"));
}
