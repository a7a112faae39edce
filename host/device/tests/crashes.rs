//! Firmware that fails on purpose, on a virtual board: what the host learns of it, where it happened, and that the board
//! works again after it.

mod common;

use std::time::{Duration, Instant};

use common::{Numbers, expected, model};
use tinynas_cost::Board;
use tinynas_device::{Crash, Device, DeviceError, Image, ProbeOptions, Timeouts, VirtualBoard, find_image};

/// How long the firmware may say nothing.
const SILENCE: Duration = Duration::from_secs(2);

/// Longest that a failure may take to be told: the silence, and what looking at the core takes.
const BOUND: Duration = Duration::from_secs(6);

/// Lets the firmware of a board fail, as often as there are boards; `check` sees the message.
fn crash(how: Crash, code: &str, check: impl Fn(&str)) {
    for name in ["nucleo-f446re", "stm32f746g-disco", "nucleo-u575zi-q"] {
        let image = match find_image(name, None) {
            Ok(image) => image,
            Err(error @ (DeviceError::ImageMissing { .. } | DeviceError::ImageStale { .. })) => {
                eprintln!("skipped: {name} needs `cargo xtask firmware` ({error})");
                continue;
            }
            Err(error) => panic!("{name}: {error}"),
        };
        let mut device =
            VirtualBoard::start(&Board::open(name).expect("shipped"), ProbeOptions::default()).expect("started");
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

/// The board does its work.
fn works(device: &mut VirtualBoard, image: &Image) {
    let bytes = model(9).1;
    device.flash(image, &bytes).unwrap_or_else(|error| panic!("next try: {error}"));
    let input = Numbers::new(10).bytes(17 * 17 * 3);
    assert_eq!(device.run(&input).expect("runs").output, expected(&bytes, &input));
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
