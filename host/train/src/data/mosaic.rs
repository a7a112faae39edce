//! CIFAR-10 as lossless WebP mosaics of 32 × 32 tiles, with the protocol that goes with them:
//! learn from records 0…39,999, choose on 40,000…44,999, report on 45,000…49,999 and on the
//! lossless part of the test batch. This is not "the CIFAR-10 test accuracy".

use std::{fs, io::Cursor, path::Path};

use image_webp::WebPDecoder;

use super::{DataError, Dataset, NamedSplit, Split, cifar::CLASSES};

const TILE: usize = 32;
const PER_FILE: usize = 1000;

pub fn is_here(folder: &Path) -> bool {
    folder.join("train_00.webp").is_file()
}

pub fn open(folder: &Path) -> Result<Dataset, DataError> {
    let labels_path = folder.join("train_labels.u8");
    let labels = read(&labels_path)?;
    let files = 50;
    if labels.len() != files * PER_FILE {
        let (images, labels) = (files * PER_FILE, labels.len());
        return Err(DataError::CountMismatch { path: labels_path, images, labels });
    }
    let part = |from: usize, to: usize| -> Result<Split, DataError> {
        let mut images = Vec::with_capacity((to - from) * TILE * TILE * 3);
        for file in from / PER_FILE..to / PER_FILE {
            images.extend(tiles(&folder.join(format!("train_{file:02}.webp")), PER_FILE)?);
        }
        Ok(split(images, &labels[from..to]))
    };
    let (train, validation, test) = (part(0, 40_000)?, part(40_000, 45_000)?, part(45_000, 50_000)?);
    let mut dataset = Dataset::assemble(folder, CLASSES.map(str::to_owned).to_vec(), train, test)?;
    dataset.validation = Some(validation);
    dataset.more_tests.push(lossless(folder)?);
    Ok(dataset)
}

/// The images of the official test batch that are there without loss.
fn lossless(folder: &Path) -> Result<NamedSplit, DataError> {
    let indices_path = folder.join("test_lossless_1668_indices.u16le");
    let labels_path = folder.join("test_labels_all10000.u8");
    let (indices, labels) = (read(&indices_path)?, read(&labels_path)?);
    let indices: Vec<usize> = indices.as_chunks::<2>().0.iter().map(|b| usize::from(u16::from_le_bytes(*b))).collect();
    let label = |(i, index): (usize, &usize)| {
        labels.get(*index).copied().ok_or_else(|| DataError::Corrupt {
            path: indices_path.clone(),
            at: 2 * i as u64,
            reason: format!("record {index}, but there are {} labels", labels.len()),
        })
    };
    let labels = indices.iter().enumerate().map(label).collect::<Result<Vec<_>, _>>()?;
    let images = tiles(&folder.join("test_lossless_1668.webp"), indices.len())?;
    Ok(NamedSplit { name: format!("{} lossless test images", indices.len()), split: split(images, &labels) })
}

fn split(images: Vec<u8>, labels: &[u8]) -> Split {
    Split { images, labels: labels.iter().map(|l| u16::from(*l)).collect(), side: TILE, channels: 3 }
}

fn read(path: &Path) -> Result<Vec<u8>, DataError> {
    fs::read(path).map_err(DataError::io(path))
}

/// The first `count` tiles of a mosaic, row by row.
fn tiles(path: &Path, count: usize) -> Result<Vec<u8>, DataError> {
    let unreadable = |reason: String| DataError::Unreadable { path: path.into(), reason };
    let bytes = read(path)?;
    let mut decoder = WebPDecoder::new(Cursor::new(&bytes)).map_err(|e| unreadable(e.to_string()))?;
    let (width, height) = decoder.dimensions();
    let (width, height) = (width as usize, height as usize);
    let columns = width / TILE;
    if decoder.has_alpha() || width % TILE != 0 || columns * (height / TILE) < count {
        return Err(unreadable(format!("{width}x{height} is not a mosaic of {count} RGB tiles of {TILE}x{TILE}")));
    }
    let mut pixels = vec![0; width * height * 3];
    decoder.read_image(&mut pixels).map_err(|e| unreadable(e.to_string()))?;
    let mut images = Vec::with_capacity(count * TILE * TILE * 3);
    for tile in 0..count {
        let (top, left) = (tile / columns * TILE, tile % columns * TILE);
        for row in top..top + TILE {
            images.extend_from_slice(&pixels[(row * width + left) * 3..][..TILE * 3]);
        }
    }
    Ok(images)
}
