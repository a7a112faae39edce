//! CIFAR-10's binary batches: one label byte, then the red, green and blue planes.

use std::{fs, path::Path};

use super::{DataError, Dataset, Split};

const PIXELS: usize = 32 * 32;
const RECORD: usize = 1 + 3 * PIXELS;

/// Class names of CIFAR-10 in the order of the labels.
pub const CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

pub fn is_here(folder: &Path) -> bool {
    folder.join("data_batch_1.bin").is_file()
}

pub fn open(folder: &Path) -> Result<Dataset, DataError> {
    let mut train = empty();
    for batch in 1..=5 {
        let path = folder.join(format!("data_batch_{batch}.bin"));
        if batch == 1 || path.exists() {
            read(&path, &mut train)?;
        }
    }
    let mut test = empty();
    read(&folder.join("test_batch.bin"), &mut test)?;
    Dataset::assemble(folder, CLASSES.map(str::to_owned).to_vec(), train, test)
}

const fn empty() -> Split {
    Split { images: Vec::new(), labels: Vec::new(), side: 32, channels: 3 }
}

fn read(path: &Path, split: &mut Split) -> Result<(), DataError> {
    let bytes = fs::read(path).map_err(DataError::io(path))?;
    let (records, rest) = bytes.as_chunks::<RECORD>();
    if !rest.is_empty() {
        let expected = ((records.len() + 1) * RECORD) as u64;
        return Err(DataError::Truncated { path: path.into(), got: bytes.len() as u64, expected });
    }
    for (index, record) in records.iter().enumerate() {
        if usize::from(record[0]) >= CLASSES.len() {
            let (at, reason) = ((index * RECORD) as u64, format!("label {}, labels are 0 to 9", record[0]));
            return Err(DataError::Corrupt { path: path.into(), at, reason });
        }
        split.labels.push(u16::from(record[0]));
        let plane = |c: usize| &record[1 + c * PIXELS..][..PIXELS];
        let pixel = |i: usize| [plane(0)[i], plane(1)[i], plane(2)[i]];
        split.images.extend((0..PIXELS).flat_map(pixel));
    }
    Ok(())
}
