//! The firmware in QEMU against the host: outputs, memory, failures.

mod common;

use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

use common::{Numbers, expected, model};
use tinynas_device::{Crash, Device, DeviceError, DeviceKind, Image, Qemu, Timeouts, find_image};

/// Emulator and image, or nothing and a line that says what is missing.
fn board() -> Option<(Qemu, Image)> {
    let parts = Qemu::find().and_then(|qemu| find_image(qemu.board(), None).map(|image| (qemu, image)));
    match parts {
        Ok(parts) => Some(parts),
        Err(
            error @ (DeviceError::QemuMissing { .. }
            | DeviceError::ImageMissing { .. }
            | DeviceError::ImageStale { .. }),
        ) => {
            eprintln!("skipped: the emulated board needs qemu-system-arm and `cargo xtask firmware` ({error})");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn flashed(seed: u64) -> Option<(Qemu, Vec<u8>)> {
    let (mut qemu, image) = board()?;
    let (_, bytes) = model(seed);
    qemu.flash(&image, &bytes).expect("flashed");
    Some((qemu, bytes))
}

#[test]
fn outputs_equal_the_hosts_on_64_inputs() {
    let Some((mut qemu, bytes)) = flashed(1) else { return };
    assert_eq!(qemu.kind(), DeviceKind::Qemu);
    let mut numbers = Numbers::new(2);
    let mut distinct = std::collections::BTreeSet::new();
    for index in 0..64 {
        let input = numbers.bytes(17 * 17 * 3);
        let inference = qemu.run(&input).expect("runs");
        assert_eq!(inference.output, expected(&bytes, &input), "input {index}");
        assert_eq!(inference.layers.len(), common::graph().steps.len());
        assert_eq!((inference.cycles(), inference.instructions()), (None, None), "QEMU counts nothing");
        distinct.insert(inference.output);
    }
    assert!(distinct.len() > 32, "the model tells inputs apart, else equality means little");
}

#[test]
fn memory_is_what_the_plan_and_the_elf_say() {
    let Some((mut qemu, image)) = board() else { return };
    let (plan, bytes) = model(3);
    let info = qemu.flash(&image, &bytes).expect("flashed");
    assert_eq!((info.arena_bytes, info.model_bytes as usize), (plan.arena_bytes, bytes.len()));
    let stats = qemu.stats().expect("stats");
    let sections = image.sections();
    assert_eq!(stats.arena_high_water, plan.arena_bytes);
    assert_eq!(stats.arena_touched, plan.arena_bytes, "every byte of the arena is written");
    let linked = [
        sections.flash_bytes,
        sections.text_bytes,
        sections.rodata_bytes,
        sections.data_bytes,
        sections.bss_bytes,
        sections.stack_reserve_bytes,
        sections.arena_region_bytes,
    ];
    let observed = [
        stats.flash_bytes,
        stats.text_bytes,
        stats.rodata_bytes,
        stats.data_bytes,
        stats.bss_bytes,
        stats.stack_reserve,
        stats.arena_region,
    ];
    assert_eq!(observed.map(u64::from), linked);
    assert!(stats.stack_high_water > 256 && stats.stack_high_water < stats.stack_reserve, "{stats:?}");
    eprintln!("{stats:?}");
}

#[test]
fn stats_leave_the_model_working() {
    let Some((mut qemu, bytes)) = flashed(4) else { return };
    let input = Numbers::new(5).bytes(17 * 17 * 3);
    qemu.run(&input).expect("runs");
    qemu.stats().expect("stats");
    assert_eq!(qemu.run(&input).expect("runs again").output, expected(&bytes, &input));
}

#[test]
fn every_damaged_byte_is_rejected_before_the_first_run() {
    let Some((mut qemu, image)) = board() else { return };
    let (_, bytes) = model(6);
    for place in [0, 5, 20, bytes.len() / 2, bytes.len() - 1] {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x10;
        let error = qemu.flash(&image, &damaged).expect_err("damaged");
        assert_eq!(error.code(), "device::model_rejected", "byte {place}: {error}");
        assert_eq!(qemu.run(&[]).expect_err("nothing runs").code(), "device::not_flashed");
    }
    let error = qemu.flash(&image, &[]).expect_err("empty");
    assert!(error.to_string().contains("magic"), "{error}");
    let error = qemu.flash(&image, &bytes[..bytes.len() - 8]).expect_err("cut short");
    assert_eq!(error.code(), "device::model_rejected", "{error}");
}

#[test]
fn a_model_larger_than_its_region_is_not_flashed() {
    let Some((mut qemu, image)) = board() else { return };
    let error = qemu.flash(&image, &vec![0; image.sections().model_region_bytes as usize + 1]).expect_err("too large");
    assert_eq!(error.code(), "device::model_too_large");
}

#[test]
fn an_input_of_the_wrong_length_changes_nothing() {
    let Some((mut qemu, bytes)) = flashed(7) else { return };
    assert_eq!(qemu.run(&[1, 2, 3]).expect_err("short").code(), "device::input_length");
    let input = Numbers::new(8).bytes(17 * 17 * 3);
    assert_eq!(qemu.run(&input).expect("still runs").output, expected(&bytes, &input));
}

#[test]
fn a_panic_comes_back_with_its_place() {
    let Some((mut qemu, _)) = flashed(9) else { return };
    match qemu.crash(Crash::Panic) {
        DeviceError::Panic { message, file, line } => {
            assert_eq!(message, "on purpose");
            assert!(file.ends_with("src/machine.rs") && line > 0, "{file}:{line}");
        }
        other => panic!("{other}"),
    }
    assert_eq!(qemu.run(&[]).expect_err("it ended").code(), "device::not_flashed");
}

#[test]
fn a_hardfault_comes_back_with_its_place() {
    let Some((mut qemu, _)) = flashed(10) else { return };
    let error = qemu.crash(Crash::HardFault);
    assert_eq!(error.code(), "device::hardfault");
    let text = error.to_string();
    assert!(text.contains("undefined instruction") && text.contains("machine.rs:"), "{text}");
}

#[test]
fn a_stack_that_leaves_its_reserve_is_noticed() {
    let Some((mut qemu, _)) = flashed(11) else { return };
    assert_eq!(qemu.crash(Crash::Stack).code(), "device::stack_overflow");
}

#[test]
fn a_hang_ends_at_the_limit_and_the_emulator_with_it() {
    let Some((mut qemu, image)) = board() else { return };
    qemu.set_timeouts(Timeouts { message: Duration::from_millis(300), ..Timeouts::default() });
    qemu.flash(&image, &model(12).1).expect("flashed");
    let process = qemu.process_id().expect("running");
    let start = Instant::now();
    assert_eq!(qemu.crash(Crash::Hang).code(), "device::timeout");
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(!Path::new(&format!("/proc/{process}")).exists(), "the emulator was left behind");
}

#[test]
fn a_dropped_device_leaves_no_process() {
    let Some((mut qemu, _)) = flashed(13) else { return };
    let process = qemu.process_id().expect("running");
    drop(qemu);
    assert!(!Path::new(&format!("/proc/{process}")).exists());
}

#[test]
fn an_emulator_that_is_killed_is_no_hang() {
    let Some((mut qemu, bytes)) = flashed(14) else { return };
    let process = qemu.process_id().expect("running");
    let killed = std::process::Command::new("kill").args(["-KILL", &process.to_string()]).status().expect("kill");
    assert!(killed.success());
    let start = Instant::now();
    let error = qemu.run(&vec![0; 17 * 17 * 3]).expect_err("it is gone");
    assert!(matches!(&error, DeviceError::Exited { status, .. } if status.contains("signal: 9")), "{error}");
    assert!(start.elapsed() < Duration::from_secs(10));
    let (_, image) = board().expect("as before");
    qemu.flash(&image, &bytes).expect("flashed again");
    qemu.run(&vec![0; 17 * 17 * 3]).expect("runs again");
}

#[test]
fn what_the_emulator_says_when_it_fails_is_in_the_help() {
    let Some((_, image)) = board() else { return };
    let folder = tempfile::tempdir().expect("temporary folder");
    let program = folder.path().join("emulator");
    std::fs::write(&program, "#!/bin/sh\necho no such machine >&2\nexit 3\n").expect("write");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    let error = Qemu::at(&program).flash(&image, &[]).expect_err("it fails");
    assert_eq!(error.code(), "device::exited");
    assert!(error.to_string().contains("exit status: 3"), "{error}");
    assert!(error.help().is_some_and(|help| help.contains("no such machine")));
    let error = Qemu::at(folder.path().join("nothing")).flash(&image, &[]).expect_err("not there");
    assert_eq!(error.code(), "device::io");
}
