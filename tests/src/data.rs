//! A data set that is learned in seconds: stripes of four directions under noise, as MNIST's files.

use std::{fs, io, path::Path};

/// Side of an image.
const SIDE: usize = 28;

/// Writes the four IDX files with `train` and `test` images of four classes.
///
/// # Errors
/// If a file cannot be written.
pub fn write_stripes(folder: &Path, train: usize, test: usize) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (part, count, seed) in [("train", train, 1), ("t10k", test, 2)] {
        let mut noise = Noise(seed);
        let labels: Vec<u8> = (0..count).map(|index| (index % 4) as u8).collect();
        let images: Vec<u8> = labels.iter().flat_map(|label| image(*label, &mut noise)).collect();
        let header = |magic: u32, dims: &[usize]| {
            let numbers = std::iter::once(magic).chain(dims.iter().map(|d| *d as u32));
            numbers.flat_map(u32::to_be_bytes).collect::<Vec<u8>>()
        };
        let file = |kind: &str| folder.join(format!("{part}-{kind}-ubyte"));
        fs::write(file("images-idx3"), [header(0x0803, &[count, SIDE, SIDE]), images].concat())?;
        fs::write(file("labels-idx1"), [header(0x0801, &[count]), labels].concat())?;
    }
    Ok(())
}

fn image(label: u8, noise: &mut Noise) -> Vec<u8> {
    let (phase, contrast) = (noise.next() % 7, 60 + noise.next() % 100);
    let pixel = |at: usize, noise: &mut Noise| {
        let (x, y) = (at % SIDE, at / SIDE);
        let along = [x, y, x + y, x + SIDE - y][usize::from(label)] as u32 + phase;
        let stripe = if (along / 3).is_multiple_of(2) { contrast } else { 0 };
        (stripe + noise.next() % 90).min(255) as u8
    };
    (0..SIDE * SIDE).map(|at| pixel(at, noise)).collect()
}

/// xorshift32.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}
