//! CIFAR-10's binary batches.

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;
use tinynas_train::Dataset;

const RECORD: usize = 3073;

/// `label` and planes of red = row, green = column, blue = 7.
fn record(label: u8) -> Vec<u8> {
    let planes = [|i: usize| (i / 32) as u8, |i: usize| (i % 32) as u8, |_| 7];
    std::iter::once(label).chain(planes.iter().flat_map(|plane| (0..1024).map(plane))).collect()
}

fn folder(train: &[u8], test: &[u8]) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("data_batch_1.bin"), train).unwrap();
    fs::write(folder.path().join("test_batch.bin"), test).unwrap();
    folder
}

#[test]
fn planes_become_pixels() {
    let folder = folder(&[record(3), record(9)].concat(), &record(0));
    fs::write(folder.path().join("data_batch_2.bin"), record(5)).unwrap();
    let data = Dataset::open(folder.path()).unwrap();
    assert_eq!(data.train.labels, [3, 9, 5]);
    assert_eq!((data.train.side, data.channels(), data.classes[3].as_str()), (32, 3, "cat"));
    let pixel = |row: usize, column: usize| &data.train.image(2)[(row * 32 + column) * 3..][..3];
    assert_eq!(pixel(0, 0), [0, 0, 7]);
    assert_eq!(pixel(30, 12), [30, 12, 7]);
}

#[test]
fn damage_is_named_with_its_place() {
    let cut = folder(&record(1)[..3000], &record(0));
    let error = Dataset::open(cut.path()).unwrap_err();
    assert_eq!(error.code(), "data::truncated");
    assert!(error.to_string().ends_with("data_batch_1.bin: ends at byte 3000, 3073 bytes were expected"), "{error}");
    let label = folder(&record(1), &[record(2), record(10)].concat());
    let error = Dataset::open(label.path()).unwrap_err();
    assert!(error.to_string().ends_with("test_batch.bin: byte 3073: label 10, labels are 0 to 9"), "{error}");
    let empty = folder(&[], &record(0));
    assert_eq!(Dataset::open(empty.path()).unwrap_err().code(), "data::empty");
    fs::remove_file(empty.path().join("test_batch.bin")).unwrap();
    assert_eq!(Dataset::open(empty.path()).unwrap_err().code(), "data::io");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn only_whole_records_are_read(length in 1_usize..3 * RECORD) {
        let bytes: Vec<u8> = (0..3).flat_map(record).take(length).collect();
        let folder = folder(&bytes, &record(0));
        match Dataset::open(folder.path()) {
            Ok(data) => prop_assert_eq!(data.train.len() * RECORD, length),
            Err(error) => prop_assert!(error.code() == "data::truncated" && length % RECORD != 0, "{}", error),
        }
    }
}
