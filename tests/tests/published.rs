//! Figures that others published, through the command line.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::{env, path::PathBuf};

use serde_json::Value;
use tinynas_tests::tinynas;

/// The published networks; not part of the repository.
fn reference() -> Option<PathBuf> {
    let shared = env::var_os("TINYNAS_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    Some(shared.join("reference/mcunet/reference_networks.json")).filter(|path| path.is_file())
}

fn json(arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let output = tinynas!(folder.path()).args(arguments).args(["--format", "json"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn all_fifteen_networks_cost_what_was_published() {
    let Some(path) = reference() else {
        println!("skipped: published figures need ../shared/reference/mcunet/reference_networks.json");
        return;
    };
    let published: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let published = published["nets"].as_array().unwrap();
    let answer = json(&["cost", path.to_str().unwrap()]);
    let rows = answer["networks"].as_array().unwrap();
    assert_eq!((rows.len(), published.len()), (15, 15));
    for (row, network) in rows.iter().zip(published) {
        let recomputed = &network["recomputed"];
        assert_eq!(row["name"], network["name"]);
        for (ours, theirs) in [
            ("macs", "macs"),
            ("params", "params_with_bn"),
            ("naive_act_bytes", "peak_act_mcunet_formula"),
            ("tinyengine_peak_bytes", "te_peak"),
            ("tinyengine_model_bytes", "te_model_size"),
        ] {
            assert!(row[ours].is_u64(), "{ours}");
            assert_eq!(row[ours], recomputed[theirs], "{} of {}", ours, network["name"]);
        }
    }
}

#[test]
fn selection_for_256_kib_under_tinyengine_has_the_known_winner() {
    let line = "select mnas --sram 256KiB --flash 1MiB --classes 1000 --engine tinyengine --seed 1 --threads 1";
    let answer = json(&line.split(' ').collect::<Vec<_>>());
    assert_eq!(answer["schema"], "tinynas/select/1");
    assert_eq!(answer["winner"]["variant"], "w0.5-r160");
    assert_eq!(answer["variants"].as_array().unwrap().len(), 108);
    assert!(answer["variants"].as_array().unwrap().iter().all(|variant| variant["samples"] == 1000));
    assert!(answer["elapsed_s"].is_number());
}
