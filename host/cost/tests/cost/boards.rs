//! Boards: those that are shipped, those that agree with the firmware, and those that are wrong.

use std::fs;

use tinynas_cost::{Board, Bytes, Core, CostError, Engine};

use crate::workspace;

#[test]
fn every_shipped_board_reads_and_leaves_memory_for_networks() {
    let names = Board::shipped();
    assert_eq!(names.len(), 14);
    assert!(names.is_sorted());
    let mut files: Vec<_> = fs::read_dir(workspace().join("memory-models/boards"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort_by_key(|file| file.trim_end_matches(".yaml").to_owned());
    assert_eq!(files, names.iter().map(|name| format!("{name}.yaml")).collect::<Vec<_>>());
    for name in names {
        let board = Board::open(name).unwrap();
        assert_eq!(board.name, name);
        assert!(board.sram_budget() >= Bytes::kib(64), "{name}");
        assert!(board.flash_budget() >= Bytes::kib(256), "{name}");
        assert_eq!(board.chip.is_none(), name.starts_with("qemu-"), "{name}");
        assert_eq!(board.hash().len(), 64);
        assert!(board.text().contains(name));
    }
}

#[test]
fn memories_are_those_of_the_data_sheets() {
    for (name, core, mhz, flash, sram, all) in [
        ("nucleo-f401re", Core::CortexM4F, 84, 512, 96, 96),
        ("nucleo-f412zg", Core::CortexM4F, 100, 1024, 256, 256),
        ("nucleo-f446re", Core::CortexM4F, 180, 512, 128, 128),
        ("stm32f746g-disco", Core::CortexM7F, 216, 1024, 320, 320),
        ("nucleo-f767zi", Core::CortexM7F, 216, 2048, 512, 512),
        ("nucleo-h743zi2", Core::CortexM7F, 480, 2048, 512, 992),
        ("nucleo-l4r5zi", Core::CortexM4F, 120, 2048, 640, 640),
        ("nucleo-u575zi-q", Core::CortexM33F, 160, 2048, 768, 784),
        ("nrf52840-dk", Core::CortexM4F, 64, 1024, 256, 256),
        ("nrf5340-dk", Core::CortexM33F, 128, 1024, 512, 512),
        ("raspberry-pi-pico", Core::CortexM0Plus, 133, 2048, 264, 264),
        ("raspberry-pi-pico-2", Core::CortexM33F, 150, 4096, 520, 520),
        ("feather-m4-express", Core::CortexM4F, 120, 512, 192, 192),
    ] {
        let board = Board::open(name).unwrap();
        assert_eq!((board.core, board.clock_hz.value), (core, mhz * 1_000_000), "{name}");
        assert_eq!((board.flash.bytes, board.main_sram()), (Bytes::kib(flash), Bytes::kib(sram)), "{name}");
        assert_eq!(board.sram.iter().map(|region| region.bytes.0).sum::<u64>(), all * 1024, "{name}");
    }
}

/// The number behind `key` in a Rust source: `128 * 1024`, `4MiB`.
fn number_behind(source: &str, key: &str) -> u64 {
    let rest = source.split_once(key).unwrap_or_else(|| panic!("`{key}` is gone")).1;
    let text = rest.split([';', ' ', '}', '\n']).next().unwrap();
    match text.parse::<Bytes>() {
        Ok(bytes) => {
            let factor = rest[text.len()..].strip_prefix(" * ").map_or("1", |f| f.split(';').next().unwrap());
            bytes.0 * factor.parse::<u64>().unwrap()
        }
        Err(_) => {
            u64::from_str_radix(text.trim_start_matches("0x").trim_end_matches(',').replace('_', "").as_str(), 16)
                .unwrap()
        }
    }
}

#[test]
fn the_emulated_board_is_the_one_the_firmware_links_for() {
    let build = fs::read_to_string(workspace().join("firmware/app/build.rs")).unwrap();
    let board = Board::open("qemu-mps2-an386").unwrap();
    // The firmware's own map, should the file be missing.
    let flash = build.split_once("flash: {").unwrap().1;
    let sram = build.split_once("sram: [{").unwrap().1;
    for (linked, origin, bytes) in
        [(flash, board.flash.origin, board.flash.bytes), (sram, board.sram[0].origin, board.sram[0].bytes)]
    {
        assert_eq!(number_behind(linked, "origin: "), origin);
        assert_eq!(number_behind(linked, "bytes: "), bytes.0);
    }
    assert!(build.contains(&format!("core: {}", board.core)));
    let script = fs::read_to_string(workspace().join("firmware/app/memory.x.in")).unwrap();
    assert!(script.contains("_stack_start = ORIGIN(RAM) + LENGTH(RAM)"), "the stack is at the end of the first region");
    let source = fs::read_to_string(workspace().join("firmware/app/src/board/mps2.rs")).unwrap();
    assert!(source.contains(&format!("{} MHz system clock", board.clock_hz.value / 1_000_000)));
}

/// A model that keeps to the flash budget fits behind the code region that the firmware links.
#[test]
fn the_flash_reserve_is_the_rest_of_the_code_region() {
    let build = fs::read_to_string(workspace().join("firmware/app/build.rs")).unwrap();
    let region = number_behind(&build, "const CODE_REGION: u64 = ");
    let stack = number_behind(&build, "const STACK_RESERVE: u64 = ");
    for name in Board::shipped() {
        let board = Board::open(name).unwrap();
        let own = board.flash.code_region.as_ref().map_or(region, |code| code.bytes.0);
        let code = own.min(board.flash.bytes.0 / 2);
        assert_eq!(board.reserved.flash.bytes.0 + Engine::Tinynas.code_bytes().unwrap().0, code, "{name}");
        assert_eq!(board.reserved.stack.bytes.0, stack, "{name}");
    }
}

#[test]
fn an_unknown_board_gets_the_name_that_was_meant() {
    let error = Board::open("nucleo-f446er").unwrap_err();
    assert_eq!((error.code(), error.to_string().as_str()), ("board::unknown", "there is no board `nucleo-f446er`"));
    assert_eq!(error.help().as_deref(), Some("did you mean `nucleo-f446re`?"));
    let help = Board::open("esp32").unwrap_err().help().unwrap();
    assert!(help.starts_with("the shipped boards are feather-m4-express, nrf52840-dk"), "{help}");
    let error = Board::open("./nowhere/board.yaml").unwrap_err();
    assert!(matches!(error, CostError::Io { .. }));
    assert!(error.to_string().starts_with("./nowhere/board.yaml: No such file"), "{error}");
}

#[test]
fn a_file_of_one_s_own_is_opened_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.yaml");
    fs::write(&file, MINE).unwrap();
    let board = Board::open(file.to_str().unwrap()).unwrap();
    assert_eq!(board.sram_budget(), Bytes(128 * 1024 - 4096 - 256));
    assert_eq!(board.flash_budget(), Bytes::kib(512 - 96));
}

const MINE: &str = "\
name: mine
title: My board
chip: STM32F446RETx
core: cortex-m4f
clock_hz: { value: 180000000, source: measured }
flash: { origin: 0x08000000, bytes: 512KiB, source: manual }
sram:
  - { name: main, origin: 0x20000000, bytes: 128KiB, source: manual }
  - { name: extra, origin: 0x10000000, bytes: 64 KiB, source: manual }
reserved:
  stack: { bytes: 4KiB, source: measured }
  statics: { bytes: 256, source: measured }
  flash: { bytes: 96KiB, source: the code region }
";

/// Every mistake is named with its line and column and, where one is known, the change that helps.
#[test]
fn mistakes_have_a_place() {
    assert!(Board::parse(MINE, "mine.yaml").is_ok());
    let complaint = |from: &str, to: &str| {
        let text = MINE.replacen(from, to, 1);
        assert_ne!(text, MINE, "{from}");
        let error = Board::parse(&text, "mine.yaml").unwrap_err();
        assert_eq!(error.code(), "board::invalid");
        assert_eq!(error.source_file(), Some(("mine.yaml", text.as_str())));
        format!("{error} | {}", error.help().unwrap_or_default())
    };
    for (from, to, expected) in [
        ("chip:", "chips:", "mine.yaml:3:1: unknown field `chips`"),
        ("chip:", "chips:", "| did you mean `chip`?"),
        ("cortex-m4f", "cortex-m4", "mine.yaml:4:7: core: unknown variant `cortex-m4`"),
        ("cortex-m4f", "cortex-m4", "| did you mean `cortex-m4f`?"),
        ("bytes: 512KiB", "bytes: 512kB", "mine.yaml:6:37: flash.bytes: `512kB` has the unit `kB`"),
        ("bytes: 512KiB", "bytes: -5", "a size cannot be negative"),
        ("origin: 0x08000000, ", "", "missing field `origin`"),
        ("title: My board\n", "", "missing field `title`"),
        ("bytes: 512KiB", "bytes: 0", "mine.yaml:6:30: flash has 0 bytes | write its size"),
        ("bytes: 64 KiB", "bytes: 0", "mine.yaml:9:40: region `extra` has 0 bytes"),
        ("0x10000000", "0x20010000", "mine.yaml:9:20: region `extra` overlaps region `main`: 0x20010000 lies in both"),
        ("0x20000000", "0x08040000", "mine.yaml:8:19: region `main` overlaps flash: 0x8040000 lies in both"),
        ("0x20000000", "0xffffff00", "region `main` ends at 0x10001ff00, beyond the 32-bit address space"),
        ("name: extra", "name: main", "there are two memories with the name of region `main`"),
        (
            "stack: { bytes: 4KiB",
            "stack: { bytes: 128KiB",
            "mine.yaml:11:3: stack and statics reserve 128.2 KiB of 128.0 KiB of SRAM",
        ),
        (
            "flash: { bytes: 96KiB",
            "flash: { bytes: 1MiB",
            "mine.yaml:13:3: 1.00 MiB of 512.0 KiB of flash are reserved",
        ),
        (
            "source: manual }\nsram",
            "source: manual, code_region: { bytes: 512KiB, source: manual } }\nsram",
            "the code region takes 512.0 KiB of 512.0 KiB of flash",
        ),
        (
            "source: manual }\nsram",
            "source: manual, code_region: { bytes: 64KiB, source: '' } }\nsram",
            "a number without a source",
        ),
        ("value: 180000000", "value: 0", "mine.yaml:5:1: the clock is 0 Hz"),
        ("source: manual", "source: ''", "mine.yaml:6:45: a number without a source"),
        ("name: mine", "name: My Board", "mine.yaml:1:1: `My Board` is not a plain name"),
        ("title: My board", "title: [", "mine.yaml:"),
    ] {
        let found = complaint(from, to);
        assert!(found.contains(expected), "expected `{expected}`\n   found `{found}`");
    }
    let empty = MINE.replace("  - { name: main", "#").replace("  - { name: extra", "#").replace("sram:", "sram: []");
    let error = Board::parse(&empty, "mine.yaml").unwrap_err();
    assert_eq!(error.to_string(), "mine.yaml:7:1: `sram` has no region");
    assert!(Board::parse("", "mine.yaml").unwrap_err().to_string().starts_with("mine.yaml"));
}
