//! The data set that the program carries: a fixed part of Fashion-MNIST, and how it was drawn.
//!
//! Fashion-MNIST is © 2017 Zalando SE, MIT licence; the notice stands beside the files.

use std::io::{self, Write};

use flate2::{Compression, GzBuilder};
use rand_pcg::Pcg32;
use sha2::{Digest, Sha256};

use super::{DataError, Dataset, IdxBytes, Split, idx::NAMES, split::shuffle};

/// Class names of Fashion-MNIST in the order of the labels.
pub const CLASSES: [&str; 10] =
    ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

/// Its name.
const NAME: &str = "fashion-mnist-subset";

macro_rules! shipped {
    ($file:literal) => {
        include_bytes!(concat!("../../data/fashion-mnist-subset/", $file, ".gz"))
    };
}

/// The data set that the program carries.
pub fn open() -> Result<Dataset, DataError> {
    let bytes = IdxBytes {
        train_images: shipped!("train-images-idx3-ubyte"),
        train_labels: shipped!("train-labels-idx1-ubyte"),
        test_images: shipped!("t10k-images-idx3-ubyte"),
        test_labels: shipped!("t10k-labels-idx1-ubyte"),
    };
    Dataset::from_bytes(NAME, &CLASSES, &bytes)
}

/// How a part of a data set is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subset {
    /// Training images of every class.
    pub train_per_class: usize,
    /// Test images of every class.
    pub test_per_class: usize,
    /// Which ones.
    pub seed: u64,
}

impl Subset {
    /// The one that is shipped.
    pub const SHIPPED: Self = Self { train_per_class: 750, test_per_class: 150, seed: 1 };

    /// The files of the part of a grey data set, by name: four IDX files as `.gz`, `classes.txt` and `SHA256SUMS`.
    /// Images keep their order.
    ///
    /// # Errors
    /// [`DataError::ClassTooSmall`] if a class has too few images; [`DataError::Io`] does not happen in memory.
    pub fn files(&self, source: &Dataset) -> Result<Vec<(String, Vec<u8>)>, DataError> {
        let train = self.draw(source, &source.train, self.train_per_class, "training")?;
        let test = self.draw(source, &source.test, self.test_per_class, "test")?;
        let contents = [images(&train), labels(&train), images(&test), labels(&test)];
        let mut files = vec![("classes.txt".to_owned(), format!("{}\n", CLASSES.join("\n")).into_bytes())];
        for (name, content) in NAMES.iter().zip(contents) {
            let name = format!("{name}.gz");
            let bytes = packed(&content).map_err(DataError::io(name.as_ref()))?;
            files.push((name, bytes));
        }
        let sums: String = files.iter().map(|(name, bytes)| format!("{}  {name}\n", sha256(bytes))).collect();
        files.push(("SHA256SUMS".into(), sums.into_bytes()));
        Ok(files)
    }

    fn draw(&self, source: &Dataset, split: &Split, count: usize, part: &str) -> Result<Split, DataError> {
        let mut chosen = Vec::with_capacity(count * source.classes.len());
        for (class, name) in source.classes.iter().enumerate() {
            let mut members: Vec<usize> = (0..split.len()).filter(|i| usize::from(split.labels[*i]) == class).collect();
            if members.len() < count {
                let (class, images) = (format!("{name} ({part})"), members.len());
                return Err(DataError::ClassTooSmall { path: (&source.name).into(), class, images, least: count });
            }
            shuffle(&mut members, &mut Pcg32::new(self.seed, class as u64));
            chosen.extend_from_slice(&members[..count]);
        }
        chosen.sort_unstable();
        Ok(split.select(&chosen))
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn header(dims: &[usize]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, dims.len() as u8];
    dims.iter().for_each(|d| bytes.extend((*d as u32).to_be_bytes()));
    bytes
}

fn images(split: &Split) -> Vec<u8> {
    [header(&[split.len(), split.side, split.side]), split.images.clone()].concat()
}

fn labels(split: &Split) -> Vec<u8> {
    [header(&[split.len()]), split.labels.iter().map(|label| *label as u8).collect()].concat()
}

/// Without name and time, so that equal contents give equal bytes.
fn packed(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}
