//! The networks that MCUNet published are networks of `mnas`, to the last channel.

use std::{fs, path::PathBuf};

use serde_json::Value;
use tinynas_space::{BlockGene, Genotype, Space, Variant};

/// Name in the file and width multiplier.
const NETWORKS: [(&str, &str); 11] = [
    ("mcunet-in0", "0.6"),
    ("mcunet-in1", "0.5"),
    ("mcunet-in2", "0.5"),
    ("mcunet-in3", "0.5"),
    ("mcunet-in4", "1.0"),
    ("mcunet-vww0", "0.5"),
    ("mcunet-vww1", "0.5"),
    ("mcunet-vww2", "0.5"),
    ("int4-256", "0.9"),
    ("int4-320", "0.9"),
    ("int4-512", "1.5"),
];

fn published() -> Option<Value> {
    let shared = std::env::var_os("TINYNAS_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").into());
    match fs::read_to_string(shared.join("reference/mcunet/reference_networks.json")) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(_) => {
            eprintln!("skipped: the published block tables need ../shared/reference/mcunet/reference_networks.json");
            None
        }
    }
}

/// The shipped file with what the released networks have beyond the paper's lists: expansion 5, width 1.5.
fn released_choices() -> Space {
    let text =
        Space::open("mnas").unwrap().text().replace("[3, 4, 6]", "[3, 4, 5, 6]").replace("0.9, 1.0]", "0.9, 1.0, 1.5]");
    Space::parse(&text, "released.yaml").unwrap()
}

/// The searched blocks, a stage for every run of equal output channels.
fn genotype(blocks: &[tinynas_model::Block]) -> Genotype {
    let gene = |b: &tinynas_model::Block| BlockGene { kernel: b.kernel as u8, expansion: b.expansion as u8 };
    let stages = blocks[1..].chunk_by(|a, b| a.output == b.output);
    Genotype { stages: stages.map(|stage| stage.iter().map(gene).collect()).collect() }
}

#[test]
fn block_tables_macs_and_params_equal_the_published_ones() {
    let Some(file) = published() else { return };
    let space = released_choices();
    for (name, width) in NETWORKS {
        let network = file["nets"].as_array().unwrap().iter().find(|n| n["published"]["net_id"] == name).unwrap();
        let blocks: Vec<tinynas_model::Block> = serde_json::from_value(network["blocks"].clone()).unwrap();
        let resolution = network["resolution"].as_u64().unwrap() as u32;
        let classes = network["classifier"][1].as_u64().unwrap() as u32;
        let variant = Variant { width: width.parse().unwrap(), resolution };

        let ours = space.architecture(variant, &genotype(&blocks), 3, classes).unwrap();
        assert_eq!(ours.stem, serde_json::from_value(network["stem"].clone()).unwrap(), "{name}");
        assert_eq!(ours.blocks, blocks, "{name}");
        assert_eq!(ours.feature_mix, None);
        let layers = ours.network().unwrap();
        assert_eq!(Some(layers.macs()), network["recomputed"]["macs"].as_u64(), "{name}");
        assert_eq!(Some(layers.params()), network["recomputed"]["params_with_bn"].as_u64(), "{name}");
    }
}
