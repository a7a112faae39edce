//! `tinynas flash` and what stands before it, on a virtual board in a process of its own.
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path, process::Command};

use tinynas_cost::Board;
use tinynas_device::{FIRMWARE_MARK, Image, Manifest, Probe, ProbeOptions, find_image};
use tinynas_tests::{Lab, RunningBoard};

const BOARD: &str = "nucleo-f446re";

fn lab() -> Option<Lab> {
    Lab::with_board(env!("CARGO_BIN_EXE_tinynas-under-test"), BOARD)
}

/// Puts something into the flash that does not look like ours.
fn write_foreign(board: &RunningBoard, model: &[u8]) {
    let ours = find_image(BOARD, None).unwrap();
    let mut elf = ours.elf().to_vec();
    let mark = elf.windows(FIRMWARE_MARK.len()).position(|window| window == FIRMWARE_MARK).unwrap();
    elf[mark..mark + FIRMWARE_MARK.len()].fill(b'x');
    let path = Path::new("foreign.elf");
    let manifest = Manifest::describe(&elf, path, BOARD, "1", "none").unwrap();
    let image = Image::from_parts(path, elf, manifest).unwrap();
    let options = ProbeOptions { probe: Some(board.probe().parse().unwrap()), ..ProbeOptions::default() };
    let mut probe = Probe::new(&Board::open(BOARD).unwrap(), options).unwrap();
    probe.flash_with(&image, model, &mut |_| {}).unwrap();
}

#[test]
fn only_what_differs_is_written() {
    let Some(lab) = lab() else { return };
    lab.small_model("one", 1);
    lab.small_model("other", 2);
    let board = lab.virtual_board(BOARD);
    let probe = board.probe();
    let flash = |model: &str| {
        let (code, answer) = lab.json(&["flash", model, "--board", BOARD, "--probe", &probe]);
        assert_eq!(code, 0, "{answer}");
        (answer["written"]["firmware"].as_bool().unwrap(), answer["written"]["model"].as_bool().unwrap())
    };
    assert_eq!(flash("one"), (true, true), "an erased board");
    assert_eq!(flash("one"), (false, false), "the same again");
    assert_eq!(flash("other"), (false, true), "another model");

    // What is behind a virtual board's port is modelled, even if it is reached as a probe.
    let (_, bench) = lab.json(&["bench", "other", "--board", BOARD, "--probe", &probe, "--images", "2"]);
    assert_eq!((&bench["device"]["kind"], &bench["evidence"]), (&"virtual".into(), &"modelled".into()), "{bench}");
    assert_eq!(bench["outputs_equal"], 2);
}

#[test]
fn what_is_not_ours_is_erased_only_if_somebody_agrees() {
    let Some(lab) = lab() else { return };
    lab.small_model("t", 1);
    let board = lab.virtual_board(BOARD);
    let probe = board.probe();
    write_foreign(&board, &fs::read(lab.run_path("t").join("model.tnm")).unwrap());
    let (code, refused) = lab.json(&["flash", "t", "--board", BOARD, "--probe", &probe]);
    assert_eq!((code, refused["error"]["code"].as_str().unwrap()), (2, "device::would_erase"), "{refused}");
    let help = refused["error"]["help"].as_str().unwrap();
    assert!(help.contains("--yes") && help.contains("--backup"), "{help}");

    let (code, saved) = lab.json(&["flash", "t", "--board", BOARD, "--probe", &probe, "--backup", "old.bin"]);
    assert_eq!((code, &saved["written"]["firmware"]), (0, &true.into()), "{saved}");
    let backup = fs::read(lab.path().join("old.bin")).unwrap();
    assert_eq!(backup.len(), 512 << 10);
    assert!(!backup.windows(FIRMWARE_MARK.len()).any(|window| window == FIRMWARE_MARK), "the foreign one was saved");

    write_foreign(&board, &fs::read(lab.run_path("t").join("model.tnm")).unwrap());
    assert_eq!(lab.json(&["flash", "t", "--board", BOARD, "--probe", &probe, "--yes"]).0, 0);
}

#[test]
fn a_second_client_is_told_and_the_first_one_is_not_disturbed() {
    let Some(lab) = lab() else { return };
    lab.small_model("t", 1);
    let board = lab.virtual_board(BOARD);
    let options = ProbeOptions { probe: Some(board.probe().parse().unwrap()), ..ProbeOptions::default() };
    let mut first = Probe::new(&Board::open(BOARD).unwrap(), options).unwrap();
    first.attach().unwrap();
    let (code, busy) = lab.json(&["flash", "t", "--board", BOARD, "--probe", &board.probe()]);
    assert_eq!((code, busy["error"]["code"].as_str().unwrap()), (2, "device::probe_busy"), "{busy}");
    first.attach().unwrap();
    drop(first);
    assert_eq!(lab.json(&["flash", "t", "--board", BOARD, "--probe", &board.probe()]).0, 0);
}

#[test]
fn ctrl_c_ends_the_board() {
    let Some(lab) = lab() else { return };
    let mut board = lab.virtual_board(BOARD);
    assert_eq!(board.answer["chip"], "STM32F446RETx");
    let interrupted = Command::new("kill").args(["-INT", &board.process.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    assert_eq!(board.process.wait().unwrap().code(), Some(130));
}

#[test]
fn every_error_of_a_device_is_on_the_page_of_the_first_board() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/first-board.md")).unwrap();
    let mut codes = vec!["device::would_erase".to_owned()];
    for file in ["help.rs", "probe_help.rs"] {
        let source = fs::read_to_string(root.join("host/device/src/error").join(file)).unwrap();
        codes.extend(source.split('"').filter(|word| word.starts_with("device::")).map(str::to_owned));
    }
    assert!(codes.len() > 35, "{codes:?}");
    for code in codes {
        assert!(page.contains(&format!("| `{code}` |")), "docs/first-board.md says nothing of {code}");
    }
}
