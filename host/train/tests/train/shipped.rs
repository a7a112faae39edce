//! The data that the program carries.

use std::{collections::HashSet, fs, path::Path};

use sha2::{Digest, Sha256};
use tinynas_train::{Dataset, Subset};

use crate::shared::shared;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/data/fashion-mnist-subset"))
}

#[test]
fn files_have_their_checksums_and_stay_small() {
    let sums = fs::read_to_string(folder().join("SHA256SUMS")).unwrap();
    let mut total = sums.len();
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        let bytes = fs::read(folder().join(name)).unwrap();
        let got: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(got, sum, "{name}");
        total += bytes.len();
    }
    assert_eq!(sums.lines().count(), 5);
    assert!(total <= 4_000_000, "{total}");
    assert!(fs::read_to_string(folder().join("LICENSE")).unwrap().contains("Zalando SE"));
}

#[test]
fn every_class_has_as_many_images_and_none_is_there_twice() {
    let data = Dataset::shipped().unwrap();
    assert_eq!((data.name.as_str(), data.train.len(), data.test.len()), ("fashion-mnist-subset", 7_500, 1_500));
    assert_eq!((data.train.side, data.channels(), data.classes[9].as_str()), (28, 1, "Ankle boot"));
    for class in 0..10 {
        assert_eq!(data.train.labels.iter().filter(|label| **label == class).count(), 750);
        assert_eq!(data.test.labels.iter().filter(|label| **label == class).count(), 150);
    }
    let train: HashSet<&[u8]> = (0..7_500).map(|i| data.train.image(i)).collect();
    assert_eq!(train.len(), 7_500);
    assert!((0..1_500).all(|i| !train.contains(data.test.image(i))));
    assert_eq!(Dataset::open(folder()).unwrap().fingerprint(), data.fingerprint());
}

#[test]
fn the_script_draws_the_same_bytes_again() {
    let Some(source) = shared("datasets/fashion_mnist", "drawing the shipped images again") else { return };
    let source = Dataset::open(&source).unwrap();
    for (name, bytes) in Subset::SHIPPED.files(&source).unwrap() {
        assert!(fs::read(folder().join(&name)).unwrap() == bytes, "{name} differs");
    }
    // Another seed draws others, so the comparison can fail.
    let other = Subset { seed: 2, ..Subset::SHIPPED }.files(&source).unwrap();
    assert!(other[1].1 != fs::read(folder().join(&other[1].0)).unwrap());
}
