//! Models that other people trained, on virtual boards: every output equal, and no byte predicted that is not used.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::{env, fs, path::PathBuf};

use serde_json::Value;
use tinynas_tests::Lab;

/// Where their files are, below the reference data.
const FOLDERS: [&str; 5] = [
    "datasets/models/microflow-rs",
    "datasets/models/nanonas",
    "datasets/models/tflite-micro",
    "datasets/models/tinyengine",
    "datasets/mlperf_tiny/models",
];

fn models() -> Vec<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = env::var_os("TINYNAS_SHARED").map_or_else(beside, PathBuf::from);
    let files = FOLDERS.iter().flat_map(|folder| fs::read_dir(shared.join(folder)).into_iter().flatten());
    let mut models: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    models.retain(|path| path.extension().is_some_and(|extension| extension == "tflite"));
    models.sort();
    models
}

/// Benches every model that `board` can hold; how many ran.
fn bench(board: &str) -> Option<usize> {
    let lab = Lab::with_board(env!("CARGO_BIN_EXE_tinynas-under-test"), board)?;
    let models = models();
    if models.is_empty() {
        println!("skipped: the models of others need the reference data (TINYNAS_SHARED)");
        return None;
    }
    let mut run = 0;
    for model in models {
        let name = model.file_stem().unwrap().to_string_lossy().into_owned();
        let path = model.to_str().unwrap();
        let (_, answer) =
            lab.json(&["bench", path, "--board", board, "--virtual", "--images", "1", "--repeats", "1", "--quiet"]);
        if let Value::String(code) = &answer["error"]["code"] {
            assert!(["import::unsupported", "device::model_too_large"].contains(&code.as_str()), "{name}: {answer}");
            continue;
        }
        assert_eq!((&answer["outputs_equal"], &answer["outputs_total"]), (&1.into(), &1.into()), "{name}");
        for memory in ["sram", "flash"] {
            let bytes = &answer[memory];
            assert_eq!(bytes["linked_bytes"], bytes["predicted_bytes"], "{name}, {memory}: {bytes}");
            assert_eq!(bytes["observed_bytes"], bytes["predicted_bytes"], "{name}, {memory}: {bytes}");
        }
        run += 1;
    }
    Some(run)
}

#[test]
fn assembly_kernels_run_them() {
    // Two of the 27 that can be imported are larger than this board.
    assert!(bench("nucleo-f446re").is_none_or(|run| run == 25));
}

#[test]
fn portable_kernels_run_them() {
    assert!(bench("nucleo-u575zi-q").is_none_or(|run| run == 27));
}
