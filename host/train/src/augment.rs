//! Random numbers by `(seed, epoch, image)`, and what they do to an image.

use rand::Rng;
use rand_pcg::Pcg32;
use tinynas_model::Preprocess;

use crate::{
    TrainConfig,
    data::{Split, below, shuffle},
};

/// In place of an image's position: the order of the images.
const ORDER: u64 = u64::MAX;

/// The random numbers of one image in one epoch.
fn stream(seed: u64, epoch: u32, image: u64) -> Pcg32 {
    // SplitMix64 over the three, so that neighbours share nothing.
    let mix = |state: u64, value: u64| {
        let z = state.wrapping_add(value).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let state = mix(mix(mix(0, seed), u64::from(epoch)), image);
    Pcg32::new(state, mix(state, 1))
}

/// The order of `count` images in an epoch.
pub fn order(seed: u64, epoch: u32, count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    shuffle(&mut order, &mut stream(seed, epoch, ORDER));
    order
}

/// What is done to one image: taken from `(top, left)` of the image with borders, mirrored, partly blanked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Change {
    down: isize,
    right: isize,
    mirror: bool,
    blank: Option<Blank>,
}

/// A square of mean pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Blank {
    row: isize,
    column: isize,
    side: isize,
}

/// Changes images at random.
#[derive(Clone, Debug)]
pub struct Augment {
    seed: u64,
    side: isize,
    channels: usize,
    shift: isize,
    cutout: isize,
    flip: bool,
    /// The network's input for every pixel.
    table: Vec<f32>,
}

impl Augment {
    /// Changes by `config` for images of the size of `split`.
    pub fn new(config: &TrainConfig, split: &Split, preprocess: &Preprocess) -> Self {
        let side = split.side as f64;
        Self {
            seed: config.seed,
            side: split.side as isize,
            channels: split.channels,
            shift: (config.shift * side).round() as isize,
            cutout: (config.cutout * side).round() as isize,
            flip: config.flip,
            table: (0..=255).map(|pixel| preprocess.float(pixel)).collect(),
        }
    }

    fn change(&self, epoch: u32, image: usize) -> Change {
        let mut rng = stream(self.seed, epoch, image as u64);
        let mut shift = || below(&mut rng, 2 * self.shift as u32 + 1) as isize - self.shift;
        let (down, right) = (shift(), shift());
        let mirror = rng.next_u32() >> 31 == 1;
        let mut center = || below(&mut rng, self.side as u32) as isize - self.cutout / 2;
        let (row, column) = (center(), center());
        let blank = (self.cutout > 0).then_some(Blank { row, column, side: self.cutout });
        Change { down, right, mirror: self.flip && mirror, blank }
    }

    /// The network's input `[n, side, side, channels]` for the images at `indices` in an epoch.
    pub fn batch(&self, split: &Split, epoch: u32, indices: &[usize]) -> Vec<f32> {
        let mut floats = Vec::with_capacity(indices.len() * split.image_bytes());
        for index in indices {
            self.write(split.image(*index), self.change(epoch, *index), &mut floats);
        }
        floats
    }

    /// What lies outside or is blanked is 0, which is the mean pixel.
    fn write(&self, image: &[u8], change: Change, floats: &mut Vec<f32>) {
        let inside = 0..self.side;
        for row in 0..self.side {
            for column in 0..self.side {
                let (y, x) = (row - change.down, column - change.right);
                let x = if change.mirror { self.side - 1 - x } else { x };
                let blanked = change.blank.is_some_and(|b| {
                    (b.row..b.row + b.side).contains(&row) && (b.column..b.column + b.side).contains(&column)
                });
                if blanked || !inside.contains(&y) || !inside.contains(&x) {
                    floats.extend(std::iter::repeat_n(0.0, self.channels));
                } else {
                    let at = (y * self.side + x) as usize * self.channels;
                    let pixel = &image[at..at + self.channels];
                    floats.extend(pixel.iter().map(|p| self.table[usize::from(*p)]));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: usize = 6;

    fn split() -> Split {
        let images = (0..3 * SIDE * SIDE).map(|i| 10 + (i % 200) as u8).collect();
        Split { images, labels: vec![0, 1, 2], side: SIDE, channels: 1 }
    }

    fn preprocess() -> Preprocess {
        Preprocess { size: SIDE as u32, channels: 1, mean: 0, scale: 1.0 }
    }

    fn plain(change: Change) -> Vec<f32> {
        let config = TrainConfig::default();
        let mut floats = Vec::new();
        Augment::new(&config, &split(), &preprocess()).write(split().image(0), change, &mut floats);
        floats
    }

    const NOTHING: Change = Change { down: 0, right: 0, mirror: false, blank: None };

    #[test]
    fn no_change_is_the_image_and_a_mirror_reverses_the_rows() {
        let image = split().floats(&[0], &preprocess());
        assert_eq!(plain(NOTHING), image);
        let mirrored: Vec<f32> = image.chunks(SIDE).flat_map(|row| row.iter().rev().copied()).collect();
        assert_eq!(plain(Change { mirror: true, ..NOTHING }), mirrored);
    }

    #[test]
    fn a_shift_moves_the_image_and_the_mean_pixel_enters() {
        let moved = plain(Change { down: 2, right: -1, ..NOTHING });
        let image = split().floats(&[0], &preprocess());
        for row in 0..SIDE {
            for column in 0..SIDE {
                let expected = if row < 2 || column + 1 >= SIDE { 0.0 } else { image[(row - 2) * SIDE + column + 1] };
                assert_eq!(moved[row * SIDE + column], expected, "{row} {column}");
            }
        }
    }

    #[test]
    fn a_blank_is_a_square_that_may_leave_the_image() {
        let blank = Some(Blank { row: -1, column: 4, side: 3 });
        let blanked = plain(Change { blank, ..NOTHING });
        let zeros: Vec<usize> = (0..36).filter(|i| blanked[*i] == 0.0).collect();
        assert_eq!(zeros, [4, 5, 10, 11]);
    }

    #[test]
    fn changes_depend_on_seed_epoch_and_image_and_not_on_the_batch() {
        let config = TrainConfig { shift: 0.4, cutout: 0.4, flip: true, seed: 5, ..TrainConfig::default() };
        let augment = Augment::new(&config, &split(), &preprocess());
        let both = augment.batch(&split(), 3, &[2, 0]);
        assert_eq!(both, [augment.batch(&split(), 3, &[2]), augment.batch(&split(), 3, &[0])].concat());
        let changes: Vec<Change> = (0..200).map(|image| augment.change(3, image)).collect();
        // Every shift from -2 to 2 and both directions are drawn, and the next epoch draws others.
        for shift in -2..=2 {
            assert!(changes.iter().any(|c| c.down == shift) && changes.iter().any(|c| c.right == shift));
        }
        let mirrored = changes.iter().filter(|c| c.mirror).count();
        assert!((60..140).contains(&mirrored), "{mirrored}");
        let same = (0..200).filter(|image| augment.change(4, *image) == changes[*image]).count();
        assert!(same < 10, "{same}");
        assert_ne!(order(1, 1, 50), order(1, 2, 50));
        assert_ne!(order(1, 1, 50), order(2, 1, 50));
    }
}
