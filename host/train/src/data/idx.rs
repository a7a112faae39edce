//! IDX files of the MNIST family, plain or gzip: a header of sizes, then bytes.

use std::{fs, io::Read, path::Path, path::PathBuf};

use flate2::read::GzDecoder;

use super::{DataError, Dataset, Split};

/// The four files of a data set in memory, plain or gzip.
#[derive(Clone, Copy, Debug)]
pub struct IdxBytes<'a> {
    /// `train-images-idx3-ubyte`.
    pub train_images: &'a [u8],
    /// `train-labels-idx1-ubyte`.
    pub train_labels: &'a [u8],
    /// `t10k-images-idx3-ubyte`.
    pub test_images: &'a [u8],
    /// `t10k-labels-idx1-ubyte`.
    pub test_labels: &'a [u8],
}

/// File names, plain or with `.gz`.
pub const NAMES: [&str; 4] =
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

/// The plain file or the `.gz` beside it.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    [folder.join(name), folder.join(format!("{name}.gz"))].into_iter().find(|path| path.is_file())
}

pub fn is_here(folder: &Path) -> bool {
    NAMES[..2].iter().any(|name| find(folder, name).is_some())
}

pub fn open(folder: &Path) -> Result<Dataset, DataError> {
    let file = |name: &str| {
        let missing = folder.join(format!("{name}.gz"));
        let path = find(folder, name).ok_or_else(|| DataError::io(&missing)(std::io::ErrorKind::NotFound.into()))?;
        let bytes = fs::read(&path).map_err(DataError::io(&path))?;
        Ok((path, bytes))
    };
    let files = NAMES.iter().map(|name| file(name)).collect::<Result<Vec<_>, DataError>>()?;
    let classes = folder.join("classes.txt");
    let classes = if classes.is_file() {
        fs::read_to_string(&classes).map_err(DataError::io(&classes))?.lines().map(str::to_owned).collect()
    } else {
        Vec::new()
    };
    let named = |i: usize| (files[i].0.as_path(), files[i].1.as_slice());
    dataset(folder, classes, [named(0), named(1), named(2), named(3)])
}

pub fn from_bytes(name: &str, classes: Vec<String>, bytes: &IdxBytes<'_>) -> Result<Dataset, DataError> {
    let contents = [bytes.train_images, bytes.train_labels, bytes.test_images, bytes.test_labels];
    let paths = NAMES.map(|file| Path::new(name).join(file));
    let named = |i: usize| (paths[i].as_path(), contents[i]);
    dataset(Path::new(name), classes, [named(0), named(1), named(2), named(3)])
}

fn dataset(folder: &Path, classes: Vec<String>, files: [(&Path, &[u8]); 4]) -> Result<Dataset, DataError> {
    let train = split(files[0], files[1])?;
    let test = split(files[2], files[3])?;
    let highest = train.labels.iter().max().map_or(0, |label| usize::from(*label));
    let classes = if classes.is_empty() { (0..=highest).map(|c| c.to_string()).collect() } else { classes };
    Dataset::assemble(folder, classes, train, test)
}

fn split(images: (&Path, &[u8]), labels: (&Path, &[u8])) -> Result<Split, DataError> {
    let pixels = Idx::read(images.0, images.1)?;
    let classes = Idx::read(labels.0, labels.1)?;
    let (count, height, width, channels) = match pixels.dims[..] {
        [n, h, w] => (n, h, w, 1),
        [n, h, w, c @ (1 | 3)] => (n, h, w, c),
        _ => return Err(corrupt(images.0, 3, format!("{} dimensions where images have 3", pixels.dims.len()))),
    };
    if classes.dims.len() != 1 {
        return Err(corrupt(labels.0, 3, format!("{} dimensions where labels have 1", classes.dims.len())));
    }
    if height != width || height == 0 {
        return Err(DataError::NotSquare { path: images.0.into(), height, width });
    }
    if classes.dims[0] != count {
        return Err(DataError::CountMismatch { path: labels.0.into(), images: count, labels: classes.dims[0] });
    }
    let labels = classes.bytes.iter().map(|label| u16::from(*label)).collect();
    Ok(Split { images: pixels.bytes, labels, side: height, channels })
}

/// One file: sizes, outermost first, and as many bytes.
struct Idx {
    dims: Vec<usize>,
    bytes: Vec<u8>,
}

impl Idx {
    fn read(path: &Path, file: &[u8]) -> Result<Self, DataError> {
        let mut bytes = if file.starts_with(&[0x1f, 0x8b]) { unpack(path, file)? } else { file.to_vec() };
        let truncated =
            |got: usize, expected: u64| DataError::Truncated { path: path.into(), got: got as u64, expected };
        let Some(&[a, b, kind, rank]) = bytes.first_chunk::<4>() else {
            return Err(truncated(bytes.len(), 4));
        };
        if (a, b) != (0, 0) {
            return Err(corrupt(path, 0, format!("{a:02x} {b:02x} where an IDX file has 00 00")));
        }
        if kind != 0x08 {
            return Err(corrupt(path, 2, format!("element type {kind:#04x}, only 0x08 (unsigned byte) is read")));
        }
        let header = 4 + 4 * usize::from(rank);
        if bytes.len() < header {
            return Err(truncated(bytes.len(), header as u64));
        }
        let dims: Vec<u32> = bytes[4..header].as_chunks::<4>().0.iter().map(|b| u32::from_be_bytes(*b)).collect();
        let elements = dims.iter().try_fold(1_u64, |n, d| n.checked_mul(u64::from(*d)));
        let Some(expected) = elements.and_then(|n| n.checked_add(header as u64)) else {
            return Err(corrupt(path, 4, format!("impossible sizes {dims:?}")));
        };
        if (bytes.len() as u64) < expected {
            return Err(truncated(bytes.len(), expected));
        }
        if bytes.len() as u64 > expected {
            return Err(corrupt(path, expected, "bytes after the end that the header gives".into()));
        }
        bytes.drain(..header);
        Ok(Self { dims: dims.iter().map(|d| *d as usize).collect(), bytes })
    }
}

fn unpack(path: &Path, file: &[u8]) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::new();
    let result = GzDecoder::new(file).read_to_end(&mut bytes);
    let at = bytes.len() as u64;
    match result {
        Ok(_) => Ok(bytes),
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(corrupt(path, at, "the gzip stream ends here (unpacked position)".into()))
        }
        Err(e) => Err(corrupt(path, at, format!("{e} (unpacked position)"))),
    }
}

fn corrupt(path: &Path, at: u64, reason: String) -> DataError {
    DataError::Corrupt { path: path.into(), at, reason }
}
