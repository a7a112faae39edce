//! Images of one size with their labels.

use rand::Rng;
use rand_pcg::Pcg32;
use tinynas_model::Preprocess;

use super::resize::Resize;

/// Images of one size with their labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Pixels `[n, side, side, channels]`, row by row, channels together.
    pub images: Vec<u8>,
    /// Class of each image.
    pub labels: Vec<u16>,
    /// Rows and columns of an image.
    pub side: usize,
    /// 1 (grey) or 3 (RGB).
    pub channels: usize,
}

impl Split {
    /// Number of images.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no images.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Bytes of one image.
    #[must_use]
    pub const fn image_bytes(&self) -> usize {
        self.side * self.side * self.channels
    }

    /// Pixels `[side, side, channels]` of an image.
    ///
    /// # Panics
    /// If there is no such image.
    #[must_use]
    pub fn image(&self, index: usize) -> &[u8] {
        &self.images[index * self.image_bytes()..][..self.image_bytes()]
    }

    /// `28x28x1`.
    #[must_use]
    pub fn size(&self) -> String {
        format!("{0}x{0}x{1}", self.side, self.channels)
    }

    /// The images at `indices`, in that order.
    ///
    /// # Panics
    /// If there is no such image.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        Self {
            images: indices.iter().flat_map(|i| self.image(*i)).copied().collect(),
            labels: indices.iter().map(|i| self.labels[*i]).collect(),
            ..*self
        }
    }

    /// The network's input for the images at `indices`: `[n, side, side, channels]`.
    ///
    /// # Panics
    /// If there is no such image.
    #[must_use]
    pub fn floats(&self, indices: &[usize], preprocess: &Preprocess) -> Vec<f32> {
        let table: Vec<f32> = (0..=255).map(|pixel| preprocess.float(pixel)).collect();
        indices.iter().flat_map(|i| self.image(*i)).map(|pixel| table[usize::from(*pixel)]).collect()
    }

    /// All images resized to `side` × `side`: bilinear, averaging over the covered pixels when shrinking.
    #[must_use]
    pub fn resized(&self, side: usize) -> Self {
        if side == self.side {
            return self.clone();
        }
        let resize = Resize::new(self.side, side);
        let images = (0..self.len()).flat_map(|i| resize.square(self.image(i), self.channels)).collect();
        Self { images, labels: self.labels.clone(), side, channels: self.channels }
    }

    pub(super) fn into_resized(self, side: usize) -> Self {
        if side == self.side { self } else { self.resized(side) }
    }

    /// Two parts: `share` of every class, drawn by `seed`, is the second. Both keep the order of the images.
    /// The second has at least one image of every class that has two.
    #[must_use]
    pub fn stratified(&self, share: f64, seed: u64) -> (Self, Self) {
        let classes = self.labels.iter().max().map_or(0, |label| usize::from(*label) + 1);
        let mut chosen = vec![false; self.len()];
        for class in 0..classes {
            let mut members: Vec<usize> = (0..self.len()).filter(|i| usize::from(self.labels[*i]) == class).collect();
            shuffle(&mut members, &mut Pcg32::new(seed, class as u64));
            let wanted = (members.len() as f64 * share).round() as usize;
            let most = members.len().saturating_sub(1);
            for index in members.iter().take(wanted.max(1).min(most)) {
                chosen[*index] = true;
            }
        }
        let indices = |second: bool| (0..self.len()).filter(|i| chosen[*i] == second).collect::<Vec<_>>();
        (self.select(&indices(false)), self.select(&indices(true)))
    }

    /// Mean pixel, rounded, and 1 / standard deviation of the pixels.
    pub(super) fn statistics(&self) -> (u8, f32) {
        let mut histogram = [0_u64; 256];
        self.images.iter().for_each(|pixel| histogram[usize::from(*pixel)] += 1);
        let count = self.images.len().max(1) as f64;
        let sum = |f: &dyn Fn(f64) -> f64| -> f64 {
            histogram.iter().enumerate().map(|(pixel, n)| f(pixel as f64) * *n as f64).sum()
        };
        let mean = sum(&|p| p) / count;
        let variance = sum(&|p| (p - mean) * (p - mean)) / count;
        // Images of one single colour have no deviation; any scale is right for them.
        let scale = if variance > 0.0 { 1.0 / variance.sqrt() } else { 1.0 };
        (mean.round() as u8, scale as f32)
    }
}

/// Fisher–Yates.
pub fn shuffle<T>(items: &mut [T], rng: &mut Pcg32) {
    for i in (1..items.len()).rev() {
        let j = below(rng, i as u32 + 1) as usize;
        items.swap(i, j);
    }
}

/// A number from 0 to `n - 1` (Lemire's multiplication; its bias is below n / 2³²).
pub fn below(rng: &mut Pcg32, n: u32) -> u32 {
    ((u64::from(rng.next_u32()) * u64::from(n)) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(labels: Vec<u16>) -> Split {
        let images = (0..labels.len() * 4).map(|i| i as u8).collect();
        Split { images, labels, side: 2, channels: 1 }
    }

    #[test]
    fn a_stratified_split_takes_the_share_of_every_class_and_loses_nothing() {
        let all = split((0..60).map(|i| if i < 40 { 0 } else { 1 }).collect());
        let (learn, choose) = all.stratified(0.1, 3);
        assert_eq!(choose.labels, [0, 0, 0, 0, 1, 1]);
        let mut images: Vec<&[u8]> = (0..54).map(|i| learn.image(i)).chain((0..6).map(|i| choose.image(i))).collect();
        images.sort_unstable();
        assert_eq!(images.concat(), all.images);
        assert_eq!(all.stratified(0.1, 3), (learn, choose));
        assert_ne!(all.stratified(0.1, 4).1.images, all.stratified(0.1, 3).1.images);
    }

    #[test]
    fn statistics_are_those_of_the_pixels() {
        let s = Split { images: vec![0, 10, 20, 31], labels: vec![0], side: 2, channels: 1 };
        let (mean, scale) = s.statistics();
        // Mean 15.25, variance (232.5625 + 27.5625 + 22.5625 + 248.0625) / 4 = 132.6875.
        assert_eq!(mean, 15);
        assert!((scale - 1.0 / 132.6875_f32.sqrt()).abs() < 1e-7);
    }

    #[test]
    fn a_shuffle_is_a_permutation_that_every_seed_changes() {
        let mut x: Vec<u32> = (0..100).collect();
        shuffle(&mut x, &mut Pcg32::new(1, 1));
        let mut y: Vec<u32> = (0..100).collect();
        shuffle(&mut y, &mut Pcg32::new(2, 1));
        assert_ne!(x, y);
        x.sort_unstable();
        assert_eq!(x, (0..100).collect::<Vec<_>>());
    }
}
