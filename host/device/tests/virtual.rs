//! The firmware of every family on its virtual board, through stock probe-rs: attached, flashed with the vendor's
//! algorithm, verified, run; every output equal to the host's.

mod board;
mod common;

use std::time::Instant;

use board::{start, works};
use common::{Numbers, expected, model};
use tinynas_device::{Device, DeviceKind, FlashContent, ProbeOptions, Step, Written};

/// The whole way once.
fn runs(name: &str) {
    let Some((mut device, image)) = start(name, ProbeOptions::default()) else { return };
    let begin = Instant::now();
    let (plan, bytes) = model(1);
    assert_eq!(device.probe().inspect(&image).expect("readable"), FlashContent::Erased);
    let mut steps = Vec::new();
    let (info, written) = device
        .probe()
        .flash_with(&image, &bytes, &mut |progress| {
            if steps.last() != Some(&progress.step) {
                steps.push(progress.step);
            }
        })
        .unwrap_or_else(|error| panic!("{name}: {error}; {:?}", error.help()));
    let flashed = begin.elapsed();
    assert_eq!(written, Written { firmware: true, model: true });
    assert!(steps.ends_with(&[Step::Erase, Step::Program, Step::Verify]), "{steps:?}");
    assert_eq!((info.arena_bytes, info.model_bytes as usize), (plan.arena_bytes, bytes.len()));
    assert_eq!(device.kind(), DeviceKind::Virtual);

    let (mut numbers, ran) = (Numbers::new(2), Instant::now());
    for index in 0..4 {
        let input = numbers.bytes(17 * 17 * 3);
        let inference = device.run(&input).unwrap_or_else(|error| panic!("{name}: {error}; {:?}", error.help()));
        assert_eq!(inference.output, expected(&bytes, &input), "{name}: input {index}");
        assert_eq!(inference.layers.len(), common::graph().steps.len());
        let (cycles, instructions) =
            (inference.cycles().expect("cycles"), inference.instructions().expect("instructions"));
        assert!(
            instructions > 100_000 && cycles > instructions / 2 && cycles < instructions * 20,
            "{cycles} {instructions}"
        );
    }
    let (ran, figures, before) = (ran.elapsed(), Instant::now(), device.counters().instructions);
    let stats = device.stats().expect("stats");
    assert_eq!((stats.arena_high_water, stats.arena_touched), (plan.arena_bytes, plan.arena_bytes));
    let (all, instructions) = (device.counters().instructions, device.counters().instructions - before);
    eprintln!(
        "{name}: {:.2?} in all: flashed {flashed:.2?}, run {ran:.2?}, memory figures {:.2?} ({instructions} of {all} instructions)",
        begin.elapsed(),
        figures.elapsed()
    );
}

macro_rules! boards {
    ($($test:ident: $board:literal),* $(,)?) => {
        $(#[test]
        fn $test() {
            runs($board);
        })*
    };
}

boards! {
    stm32f401: "nucleo-f401re",
    stm32f412: "nucleo-f412zg",
    stm32f446: "nucleo-f446re",
    stm32l4: "nucleo-l4r5zi",
    stm32f746: "stm32f746g-disco",
    stm32f767: "nucleo-f767zi",
    stm32h7: "nucleo-h743zi2",
    stm32u5: "nucleo-u575zi-q",
    nrf52: "nrf52840-dk",
    nrf53: "nrf5340-dk",
    samd51: "feather-m4-express",
    rp2040: "raspberry-pi-pico",
    rp235x: "raspberry-pi-pico-2",
}

#[test]
fn only_what_differs_is_written() {
    let Some((mut device, image)) = start("nucleo-f446re", ProbeOptions::default()) else { return };
    let (first, second) = (model(1).1, model(2).1);
    let mut flash = |bytes: &[u8]| device.probe().flash_with(&image, bytes, &mut |_| {}).expect("flashed").1;
    assert_eq!(flash(&first), Written { firmware: true, model: true });
    assert_eq!(flash(&first), Written { firmware: false, model: false });
    assert_eq!(flash(&second), Written { firmware: false, model: true });
    assert_eq!(device.probe().inspect(&image).expect("readable"), FlashContent::Ours { firmware_same: true });
    let input = Numbers::new(5).bytes(17 * 17 * 3);
    assert_eq!(device.run(&input).expect("runs").output, expected(&second, &input));
}

#[test]
fn a_backup_is_the_whole_flash() {
    let Some((mut device, image)) = start("nucleo-f446re", ProbeOptions::default()) else { return };
    let bytes = model(3).1;
    device.flash(&image, &bytes).expect("flashed");
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("flash.bin");
    let mut last = None;
    let size = device.probe().backup(&path, &mut |progress| last = Some(progress)).expect("saved");
    assert_eq!(
        (size, last.map(|progress| (progress.step, progress.done))),
        (512 << 10, Some((Step::Backup, 512 << 10)))
    );
    let saved = std::fs::read(&path).expect("readable");
    let offset = (image.sections().model_address - 0x0800_0000) as usize;
    assert_eq!(&saved[offset..offset + bytes.len()], bytes);
    let segment = &image.segments().expect("segments")[0];
    assert_eq!(&saved[..segment.bytes.len()], segment.bytes);
    // The firmware goes on after it.
    let input = Numbers::new(6).bytes(17 * 17 * 3);
    assert_eq!(device.run(&input).expect("runs").output, expected(&bytes, &input));
}

#[test]
fn a_board_that_is_let_go_runs_on() {
    let Some((mut device, image)) = start("nucleo-f446re", ProbeOptions::default()) else { return };
    device.flash(&image, &model(4).1).expect("flashed");
    device.probe().reset().expect("reset");
    assert_eq!(device.run(&[]).expect_err("must be flashed again").code(), "device::not_flashed");
    let before = device.counters().instructions;
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert!(device.counters().instructions > before, "it does not run");
    works(&mut device, &image);
}
