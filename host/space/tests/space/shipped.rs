//! The shipped spaces are what they are said to be.

use std::collections::BTreeSet;

use rand_pcg::Pcg64Mcg;
use tinynas_space::{Space, Stage, Variant, Width, schema};

fn open(name: &str) -> Space {
    Space::open(name).unwrap()
}

fn width(text: &str) -> Width {
    text.parse().unwrap()
}

#[test]
fn mnas_is_the_grid_of_tinynas() {
    let space = open("mnas");
    let variants: Vec<String> = space.variants().iter().map(ToString::to_string).collect();
    assert_eq!(variants.len(), 108);
    assert_eq!(
        (&*variants[0], &*variants[1], &*variants[12], &*variants[107]),
        ("w0.2-r48", "w0.2-r64", "w0.3-r48", "w1.0-r224")
    );
    assert_eq!(
        space.widths().iter().map(|w| w.hundredths()).collect::<Vec<_>>(),
        (2..=10).map(|w| w * 10).collect::<Vec<_>>()
    );
    assert_eq!(space.resolutions(), (3..=14).map(|r| r * 16).collect::<Vec<_>>());
    let strides: Vec<u32> = space.stages().iter().map(|stage| stage.stride).collect();
    let widths: Vec<u32> = space.stages().iter().map(|stage| stage.width).collect();
    assert_eq!((space.stem().width, space.first().unwrap().width), (32, 16));
    assert_eq!((strides, widths), (vec![2, 2, 2, 1, 2, 1], vec![24, 40, 80, 96, 192, 320]));
    assert_eq!((space.feature_mix(), space.channels()), (None, 3));
}

#[test]
fn mnas_has_the_published_number_of_networks() {
    // Five stages of 9² + 9³ + 9⁴ = 7371, one of 9: appendix D of the paper says 2 × 10^19 for the five.
    assert_eq!(open("mnas").size(), 7371_f64.powi(5) * 9.0);
}

#[test]
fn channels_at_full_width_are_the_base_widths() {
    let space = open("mnas");
    let architecture = space.architecture(space.variant("w1.0-r224").unwrap(), &space.smallest(), 3, 1000).unwrap();
    assert_eq!(architecture.stem.channels, 32);
    let outputs: Vec<u32> = architecture.blocks.iter().map(|block| block.output).collect();
    assert_eq!(outputs, [16, 24, 24, 40, 40, 80, 80, 96, 96, 192, 192, 320]);
    let skips: Vec<bool> = architecture.blocks.iter().map(|block| block.skip).collect();
    assert_eq!(skips, [false, false, true, false, true, false, true, false, true, false, true, false]);
    let network = architecture.network().unwrap();
    assert_eq!(network.layers[network.layers.len() - 3].output.h, 7);
}

/// Channels of every searched layer divide by four, and no two widths give the same networks.
#[test]
fn every_width_of_mnas_small_is_another_network() {
    let space = open("mnas-small");
    let channels = |w: &Width| -> Vec<u32> {
        space.stages().iter().map(|stage: &Stage| space.rounding().channels(stage.width, *w)).collect()
    };
    let all: BTreeSet<Vec<u32>> = space.widths().iter().map(channels).collect();
    assert_eq!(all.len(), space.widths().len());
    assert!(all.iter().flatten().all(|c| c.is_multiple_of(4)));
    assert!(space.resolutions().contains(&28) && space.resolutions().iter().all(|r| (16..=40).contains(r)));
}

#[test]
fn mnas_small_is_rich_from_a_third_to_one_and_a_half_million_macs() {
    let space = open("mnas-small");
    let mut rng = Pcg64Mcg::new(7);
    let mut bins = [0; 5];
    for variant in space.variants() {
        for _ in 0..20 {
            let network = space.architecture(*variant, &space.sample(&mut rng), 1, 10).unwrap().network().unwrap();
            // Models of about 100 KiB at most, in bins of 0.3 M MACs.
            if network.params() < 95_000 && network.macs() < 1_500_000 {
                bins[(network.macs() / 300_000) as usize] += 1;
            }
        }
    }
    assert!(bins[1..].iter().all(|count| *count > 50), "{bins:?} of {}", 20 * space.variants().len());
    let smallest = space.variant("w0.15-r16").unwrap();
    let network = space.architecture(smallest, &space.smallest(), 1, 10).unwrap().network().unwrap();
    assert!(network.macs() < 120_000, "{}", network.macs());
}

#[test]
fn every_variant_of_every_space_builds_its_smallest_network() {
    for name in Space::shipped() {
        let space = open(name);
        assert_eq!(space.name, name);
        for variant in space.variants() {
            let architecture = space.architecture(*variant, &space.smallest(), space.channels(), 10).unwrap();
            assert_eq!(architecture.network().unwrap().classes(), 10);
        }
    }
}

#[test]
fn variants_are_read_back_from_their_text() {
    for name in Space::shipped() {
        let space = open(name);
        for variant in space.variants() {
            assert_eq!(space.variant(&variant.to_string()).unwrap(), *variant);
            let json = serde_json::to_string(variant).unwrap();
            assert_eq!(json, format!("\"{variant}\""));
            assert_eq!(serde_json::from_str::<Variant>(&json).unwrap(), *variant);
        }
    }
}

/// Journals name candidates by their id: it must never change.
#[test]
fn a_golden_id() {
    let space = open("mnas");
    let genotype = "k3e3,k5e4;k7e6,k3e3,k3e4;k3e3,k3e3,k3e3,k3e3;k5e6,k5e6;k7e3,k7e3;k3e6".parse().unwrap();
    space.check(&genotype).unwrap();
    let variant = Variant { width: width("0.5"), resolution: 144 };
    // sha256sum over "mnas", "w0.5-r144" and the genotype's text, each ended by a zero byte: its first 16 digits.
    assert_eq!(space.id(variant, &genotype).to_string(), "f100083f0a61a4e5");
}

#[test]
fn the_schema_in_the_repository_is_the_code_s() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spaces/space.schema.json");
    let hint = "cargo run --release -p tinynas-space --example schema > spaces/space.schema.json";
    assert!(std::fs::read_to_string(path).unwrap() == schema(), "spaces/space.schema.json is stale: {hint}");
}
