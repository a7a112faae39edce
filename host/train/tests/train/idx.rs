//! IDX files: what is read, and that nothing damaged is.

use std::{fs, io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use tempfile::TempDir;
use tinynas_train::{DataError, Dataset, IdxBytes};

use crate::shared::shared;

const NAMES: [&str; 4] =
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

fn idx(dims: &[u32], content: &[u8]) -> Vec<u8> {
    let sizes = dims.iter().flat_map(|d| d.to_be_bytes());
    [0, 0, 8, dims.len() as u8].into_iter().chain(sizes).chain(content.iter().copied()).collect()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Six training images of 2×2 and three for the test.
fn files() -> [Vec<u8>; 4] {
    let pixels: Vec<u8> = (0..24).map(|i| i * 10).collect();
    [idx(&[6, 2, 2], &pixels), idx(&[6], &[0, 1, 2, 0, 1, 2]), idx(&[3, 2, 2], &pixels[..12]), idx(&[3], &[2, 1, 0])]
}

fn read(files: &[Vec<u8>; 4]) -> Result<Dataset, DataError> {
    let [train_images, train_labels, test_images, test_labels] = files;
    Dataset::from_bytes("d", &[], &IdxBytes { train_images, train_labels, test_images, test_labels })
}

fn folder(files: &[Vec<u8>; 4], extension: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in NAMES.iter().zip(files) {
        fs::write(folder.path().join(format!("{name}{extension}")), bytes).unwrap();
    }
    folder
}

#[test]
fn plain_and_packed_files_are_the_same_data() {
    let plain = folder(&files(), "");
    let packed = folder(&files().map(|bytes| gz(&bytes)), ".gz");
    let (a, b) = (Dataset::open(plain.path()).unwrap(), Dataset::open(packed.path()).unwrap());
    assert_eq!(a.train, b.train);
    assert_eq!(a.fingerprint(), b.fingerprint());
    assert_eq!((a.train.len(), a.train.side, a.channels()), (6, 2, 1));
    assert_eq!(a.train.image(1), [40, 50, 60, 70]);
    assert_eq!(a.test.labels, [2, 1, 0]);
    assert_eq!(a.classes, ["0", "1", "2"]);
    fs::write(plain.path().join("classes.txt"), "cat\ndog\nowl\n").unwrap();
    assert_eq!(Dataset::open(plain.path()).unwrap().classes, ["cat", "dog", "owl"]);
}

/// The error of the data set with file `which` replaced.
fn error(which: usize, bytes: Vec<u8>) -> DataError {
    let mut all = files();
    all[which] = bytes;
    read(&all).unwrap_err()
}

#[test]
fn errors_name_the_file_and_the_place() {
    let cases = [
        (0, idx(&[6, 2, 2], &[0; 23]), "data::truncated", "d/train-images-idx3-ubyte: ends at byte 39, 40 bytes"),
        (0, vec![0, 0, 8], "data::truncated", "ends at byte 3, 4 bytes"),
        (0, idx(&[6, 2, 2], &[0; 25]), "data::corrupt", "byte 40: bytes after the end"),
        (0, b"GIF89a and so on".to_vec(), "data::corrupt", "byte 0: 47 49 where"),
        (0, [vec![0, 0, 0x0d, 3], vec![0; 12]].concat(), "data::corrupt", "byte 2: element type 0x0d"),
        (0, idx(&[6, 4], &[0; 24]), "data::corrupt", "byte 3: 2 dimensions"),
        (0, idx(&[6, 1, 4], &[0; 24]), "data::not_square", "images of 1x4 pixels"),
        (0, idx(&[u32::MAX; 3], &[]), "data::", "d/train-images"),
        (1, idx(&[5], &[0; 5]), "data::count_mismatch", "d/train-labels-idx1-ubyte: 5 labels for 6 images"),
        (3, idx(&[3], &[2, 1, 9]), "data::label", "label 9, but there are 3 classes (0 to 2)"),
        (2, idx(&[3, 1, 1], &[0; 3]), "data::mixed_size", "images of 1x1x1, but the training images are 2x2x1"),
    ];
    for (which, bytes, code, text) in cases {
        let error = error(which, bytes);
        assert!(error.code().starts_with(code), "{error}");
        assert!(error.to_string().contains(text), "{error}");
    }
    let mut none = files();
    (none[2], none[3]) = (idx(&[0, 2, 2], &[]), idx(&[0], &[]));
    assert_eq!(read(&none).unwrap_err().to_string(), "d: no test images");
}

#[test]
fn a_missing_file_is_named() {
    let folder = folder(&files(), ".gz");
    fs::remove_file(folder.path().join("t10k-labels-idx1-ubyte.gz")).unwrap();
    let error = Dataset::open(folder.path()).unwrap_err();
    assert_eq!(error.code(), "data::io");
    assert!(error.to_string().contains("t10k-labels-idx1-ubyte.gz"), "{error}");
}

#[test]
fn a_packed_file_cut_anywhere_is_noticed() {
    let packed = gz(&files()[0]);
    for length in 2..packed.len() {
        let error = error(0, packed[..length].to_vec());
        assert!(error.to_string().starts_with("d/train-images-idx3-ubyte: byte "), "{length}: {error}");
    }
}

#[test]
fn the_official_files_are_read() {
    let Some(folder) = shared("datasets/fashion_mnist", "the whole of Fashion-MNIST") else { return };
    let data = Dataset::open(&folder).unwrap();
    assert_eq!((data.train.len(), data.test.len(), data.train.side), (60_000, 10_000, 28));
    // Published: mean 0.2860, deviation 0.3530 of pixels in 0…1.
    assert_eq!(data.mean, 73);
    assert!((1.0 / (255.0 * data.scale) - 0.3530).abs() < 1e-4);
    assert!((0..10).all(|class| data.test.labels.iter().filter(|l| **l == class).count() == 1000));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn any_bytes_are_an_error_and_never_a_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..64), kind in 0..3) {
        // A third begins as an IDX file, a third as a gzip stream.
        match kind {
            0 => { bytes.splice(0..0, [0, 0, 8, 3]); }
            1 => { bytes.splice(0..0, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]); }
            _ => {}
        }
        prop_assert!(error(0, bytes).to_string().starts_with("d/train-"));
    }

    #[test]
    fn a_changed_byte_of_the_header_never_changes_the_images_silently(at in 0_usize..16, value: u8) {
        let mut all = files();
        let before = std::mem::replace(&mut all[0][at], value);
        match read(&all) {
            Ok(data) => { prop_assert!(value == before, "{:?}", data.train.size()); }
            Err(e) => prop_assert!(e.to_string().starts_with("d"), "{}", e),
        }
    }

    #[test]
    fn a_changed_byte_of_a_packed_file_is_noticed_or_changes_nothing(at: prop::sample::Index, value: u8) {
        let packed = gz(&files()[0]);
        let mut changed = packed.clone();
        let at = at.index(packed.len());
        changed[at] = value;
        let mut all = files();
        all[0] = changed;
        if let Ok(data) = read(&all) {
            // Nothing depends on the header's time, nor on the bits between the last block and the checksum.
            prop_assert_eq!(data.train, read(&files()).unwrap().train);
        }
    }
}

#[test]
fn a_path_that_is_no_folder_is_named() {
    let error = Dataset::open(Path::new("/nowhere/at/all")).unwrap_err();
    assert_eq!(error.code(), "data::io");
    let file = tempfile::NamedTempFile::new().unwrap();
    assert_eq!(Dataset::open(file.path()).unwrap_err().code(), "data::unknown_kind");
}
