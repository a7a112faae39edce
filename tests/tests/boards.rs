//! `tinynas bench` and `search --latency device` on virtual boards.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;

use serde_json::Value;
use tinynas_tests::{Lab, image_is_missing};

const BOARD: &str = "nucleo-f446re";

fn lab() -> Option<Lab> {
    Lab::with_board(env!("CARGO_BIN_EXE_tinynas-under-test"), BOARD)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// What every bench of a virtual board must hold.
fn check_modelled(bench: &Value, board: &str) {
    assert_eq!(bench["device"]["kind"], "virtual");
    assert_eq!(bench["device"]["board"], board);
    assert_eq!(bench["evidence"], "modelled");
    assert_eq!(bench["outputs_equal"], bench["outputs_total"], "{board}");
    assert_eq!(bench["sram"]["observed_bytes"], bench["sram"]["predicted_bytes"], "{board}");
    assert_eq!(bench["flash"]["observed_bytes"], bench["flash"]["predicted_bytes"], "{board}");
    let (cycles, clock) = (number(&bench["cycles"]), number(&bench["clock_hz"]));
    assert!((number(&bench["ms"]) - cycles / clock * 1e3).abs() < 1e-9, "{board}");
    assert!(cycles > number(&bench["instructions"]) / 2.0 && number(&bench["instructions"]) > 100_000.0, "{board}");
    assert!(number(&bench["wait_cycles"]) < cycles, "{board}");
    assert!(number(&bench["timing_model"]["error_low_percent"]) < number(&bench["timing_model"]["error_high_percent"]));
    let layers = bench["layers"].as_array().unwrap();
    let sum = |field: &str| layers.iter().map(|layer| number(&layer[field])).sum::<f64>();
    // Each layer's least need not be of one run.
    assert!(sum("cycles") <= cycles && sum("cycles") > 0.98 * cycles, "{board}: {} of {cycles}", sum("cycles"));
    assert!((sum("share") - 1.0).abs() < 1e-9);
}

#[test]
fn a_bench_of_a_virtual_board_holds_in_every_bit_and_byte() {
    let Some(lab) = lab() else { return };
    lab.small_model("t", 1);
    let (code, bench) = lab.json(&["bench", "t", "--board", BOARD, "--virtual", "--images", "8", "--repeats", "3"]);
    assert_eq!((code, bench["schema"].as_str().unwrap()), (0, "tinynas/bench/1"), "{bench}");
    check_modelled(&bench, BOARD);
    assert_eq!(bench["device"]["chip"], "STM32F446RETx");
    assert_eq!(bench["clock_hz"], 180_000_000);
    assert_eq!((&bench["outputs_total"], &bench["repeats"]), (&8.into(), &3.into()));
    assert!(bench["layers"][0]["name"] == "stem");

    // The same again: the figures of every layer are appended.
    let (_, again) = lab.json(&["bench", "t", "--board", BOARD, "--virtual", "--images", "1", "--profile"]);
    assert_eq!(again["instructions"], bench["instructions"]);
    let text = fs::read_to_string(lab.run_path("t").join("measurements").join(format!("{BOARD}.jsonl"))).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2 * bench["layers"].as_array().unwrap().len());
    assert_eq!(lines[0]["evidence"], "modelled");
    assert_eq!(lines[0]["firmware_sha256"], bench["firmware_sha256"]);
    assert_eq!(lines[0]["cycles"], bench["layers"][0]["cycles"]);
    let profile = again["profile"].as_array().unwrap();
    assert!(profile.iter().any(|row| row["function"].as_str().unwrap().contains("tinynas_kernels")), "{profile:?}");
}

#[test]
fn another_plan_and_rows_change_bytes_and_no_output() {
    let Some(lab) = lab() else { return };
    lab.small_model("t", 1);
    let bench = |options: &[&str]| {
        let fixed = ["bench", "t", "--board", BOARD, "--virtual", "--images", "2", "--repeats", "1"];
        let (code, bench) = lab.json(&[&fixed[..], options].concat());
        assert_eq!(code, 0, "{bench}");
        check_modelled(&bench, BOARD);
        number(&bench["sram"]["arena_bytes"])
    };
    let fastest = bench(&["--plan", "fastest"]);
    let smallest = bench(&["--plan", "smallest"]);
    let rows = bench(&["--plan", "smallest", "--rows"]);
    assert!(rows <= smallest && smallest < fastest, "{rows} {smallest} {fastest}");
    // The run's own measurements are those of its own plan.
    assert!(!lab.run_path("t").join("measurements").exists());
}

#[test]
fn every_board_is_run_or_refused_with_its_reason() {
    let Some(lab) = lab() else { return };
    lab.small_model("t", 1);
    let (code, table) =
        lab.json(&["bench", "t", "--board", "all", "--virtual", "--images", "1", "--repeats", "1", "--record", "r"]);
    assert_eq!(code, 0, "{table}");
    let boards = table["boards"].as_array().unwrap();
    assert_eq!(boards.len(), 13);
    for row in boards {
        let board = row["board"].as_str().unwrap();
        match row["status"].as_str().unwrap() {
            "run" => check_modelled(row, board),
            _ => {
                let code = row["code"].as_str().unwrap();
                println!("{board}: {code}: {}", row["reason"]);
                let known = ["device::no_virtual_board", "device::image_missing"];
                assert!(known.contains(&code), "{board}: {row}");
                assert!(code != "device::image_missing" || image_is_missing(board).is_some(), "{row}");
                assert!(!row["help"].as_str().unwrap().is_empty(), "{row}");
            }
        }
    }
    assert!(table["ran"].as_u64().unwrap() >= 1);
}

#[test]
fn a_search_asks_the_board_and_remembers() {
    let Some(lab) = lab() else { return };
    let arguments =
        ["search", "mnas-small@w0.15-r16", "--data", "stripes", "--board", BOARD, "--virtual", "--seed", "2"];
    let search = |more: &[&str]| {
        let ended = lab.finish(lab.tinynas(&[&arguments[..], more, &["--format", "json"]].concat()));
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        (serde_json::from_str::<Value>(&ended.stdout).unwrap(), ended.stderr)
    };
    let (first, told) = search(&["--latency", "device", "--evaluations", "60", "--out", "first"]);
    let latency = &first["latency"];
    assert_eq!((&latency["kind"], &latency["too_slow"]), (&"modelled".into(), &0.into()), "{latency}");
    assert!(latency["asked"].as_u64().unwrap() >= 48 && latency["device"]["kind"] == "virtual", "{latency}");
    assert!(told.contains(&format!("{} ran on {BOARD} (virtual), 0 known from before", latency["asked"])), "{told}");
    let best = number(&first["top"][0]["latency_ms"]);
    assert_eq!(number(&latency["best_ms"]), best);

    // The same again needs no board, and ends in the same bytes.
    let (_, told) = search(&["--latency", "device", "--evaluations", "60", "--out", "again"]);
    assert!(told.contains(&format!("0 ran on {BOARD} (virtual), {} known from before", latency["asked"])), "{told}");
    for file in ["search.json", "candidates.jsonl"] {
        let read = |run: &str| fs::read(lab.run_path(run).join(file)).unwrap();
        assert!(read("first") == read("again"), "{file}");
    }

    // With a limit below the best one: what is slower never wins.
    let limit = format!("{}", best * 0.9);
    let (second, _) =
        search(&["--latency", "device", "--latency-ms", &limit, "--evaluations", "60", "--out", "second"]);
    assert!(second["latency"]["too_slow"].as_u64().unwrap() >= 1, "{}", second["latency"]);
    for row in second["top"].as_array().unwrap() {
        assert!(number(&row["latency_ms"]) <= best * 0.9, "{row}");
    }
}
