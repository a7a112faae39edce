//! CIFAR-10 as WebP mosaics.

use std::{fs, path::Path};

use image_webp::{ColorType, WebPEncoder};
use tempfile::TempDir;
use tinynas_train::Dataset;

use crate::shared::shared;

/// `columns` × `rows` tiles; every pixel of tile `t` is (t, row, column).
fn mosaic(columns: usize, rows: usize) -> Vec<u8> {
    let (width, height) = (columns * 32, rows * 32);
    let pixel = |i: usize| {
        let (y, x) = (i / width, i % width);
        [(y / 32 * columns + x / 32) as u8, (y % 32) as u8, (x % 32) as u8]
    };
    let pixels: Vec<u8> = (0..width * height).flat_map(pixel).collect();
    let mut bytes = Vec::new();
    WebPEncoder::new(&mut bytes).encode(&pixels, width as u32, height as u32, ColorType::Rgb8).unwrap();
    bytes
}

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    let whole = mosaic(40, 25);
    for file in 0..50 {
        write(&format!("train_{file:02}.webp"), &whole);
    }
    write("train_labels.u8", &(0..50_000).map(|i| (i % 10) as u8).collect::<Vec<_>>());
    write("test_labels_all10000.u8", &(0..10_000).map(|i| (i % 7) as u8).collect::<Vec<_>>());
    write("test_lossless_1668_indices.u16le", &[3_u16, 8, 9_999].map(u16::to_le_bytes).concat());
    write("test_lossless_1668.webp", &mosaic(2, 2));
    folder
}

fn error(folder: &Path) -> String {
    Dataset::open(folder).unwrap_err().to_string()
}

#[test]
fn tiles_are_images_in_order_and_parts_follow_the_protocol() {
    let folder = folder();
    let data = Dataset::open(folder.path()).unwrap();
    let validation = data.validation.as_ref().unwrap();
    assert_eq!((data.train.len(), validation.len(), data.test.len()), (40_000, 5_000, 5_000));
    let pixel = |image: usize, row: usize, column: usize| &data.train.image(image)[(row * 32 + column) * 3..][..3];
    assert_eq!(pixel(41, 5, 6), [41, 5, 6]);
    assert_eq!(pixel(2_250, 31, 0), [250, 31, 0]);
    assert_eq!(data.more_tests[0].split.labels, [3, 1, 3]);
    assert_eq!(data.more_tests[0].split.image(2)[0], 2);

    // Damage: every file in turn.
    let at = |name: &str| folder.path().join(name);
    let whole = fs::read(at("train_44.webp")).unwrap();
    fs::write(at("train_44.webp"), &whole[..whole.len() / 2]).unwrap();
    assert!(error(folder.path()).contains("train_44.webp"));
    fs::write(at("train_44.webp"), mosaic(3, 3)).unwrap();
    assert!(error(folder.path()).ends_with("train_44.webp: 96x96 is not a mosaic of 1000 RGB tiles of 32x32"));
    fs::write(at("train_44.webp"), &whole).unwrap();
    fs::write(at("train_labels.u8"), [0; 49_999]).unwrap();
    assert!(error(folder.path()).ends_with("train_labels.u8: 49999 labels for 50000 images"));
    fs::write(at("train_labels.u8"), [11; 50_000]).unwrap();
    assert!(error(folder.path()).ends_with("label 11, but there are 10 classes (0 to 9)"));
    fs::write(at("train_labels.u8"), [1; 50_000]).unwrap();
    fs::write(at("test_lossless_1668_indices.u16le"), 10_000_u16.to_le_bytes()).unwrap();
    assert!(error(folder.path()).contains("indices.u16le: byte 0: record 10000"));
    fs::remove_file(at("test_lossless_1668.webp")).unwrap();
    fs::write(at("test_lossless_1668_indices.u16le"), [0, 0]).unwrap();
    assert!(error(folder.path()).contains("test_lossless_1668.webp: "));
}

#[test]
fn the_mosaics_hold_cifar_10() {
    let Some(folder) = shared("datasets/cifar10", "CIFAR-10's mosaics") else { return };
    let data = Dataset::open(&folder).unwrap();
    assert_eq!((data.train.len(), data.test.len(), data.more_tests[0].split.len()), (40_000, 5_000, 1_668));
    // Mean of all 50,000 images, published to eight digits, per channel and here over all three.
    let all = [&data.train, data.validation.as_ref().unwrap(), &data.test];
    for (channel, expected) in [0.491_399_68, 0.482_158_41, 0.446_530_91].into_iter().enumerate() {
        let sum: u64 =
            all.iter().flat_map(|split| split.images.iter().skip(channel).step_by(3)).map(|p| u64::from(*p)).sum();
        assert!((sum as f64 / (255.0 * 50_000.0 * 1024.0) - expected).abs() < 1e-8);
    }
}
