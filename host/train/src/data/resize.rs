//! Bilinear resizing of square images, separable; shrinking averages over the covered pixels.

/// Weights from an axis of `from` pixels to one of `to`.
pub struct Resize {
    from: usize,
    taps: Vec<Vec<(usize, f32)>>,
}

impl Resize {
    /// Weights of a triangle as wide as the larger of the two pixel sizes.
    pub fn new(from: usize, to: usize) -> Self {
        let ratio = from as f64 / to as f64;
        let radius = ratio.max(1.0);
        let taps = |i: usize| {
            let center = (i as f64 + 0.5) * ratio - 0.5;
            let weight = |j: usize| (1.0 - (j as f64 - center).abs() / radius).max(0.0);
            let sum: f64 = (0..from).map(weight).sum();
            (0..from).map(|j| (j, (weight(j) / sum) as f32)).filter(|(_, w)| *w > 0.0).collect()
        };
        Self { from, taps: (0..to).map(taps).collect() }
    }

    /// A square image `[from, from, channels]` as `[to, to, channels]`.
    pub fn square(&self, pixels: &[u8], channels: usize) -> Vec<u8> {
        let mut wide = Vec::with_capacity(self.from * self.taps.len() * channels);
        for row in pixels.chunks_exact(self.from * channels) {
            for taps in &self.taps {
                let value = |c| taps.iter().map(|(j, w)| f32::from(row[j * channels + c]) * w).sum::<f32>();
                wide.extend((0..channels).map(value));
            }
        }
        let row = self.taps.len() * channels;
        let mut out = Vec::with_capacity(self.taps.len() * row);
        for taps in &self.taps {
            let value = |x: usize| taps.iter().map(|(j, w)| wide[j * row + x] * w).sum::<f32>();
            out.extend((0..row).map(|x| value(x).round().clamp(0.0, 255.0) as u8));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_colour_stays_one_colour() {
        for (from, to) in [(28, 24), (7, 20), (32, 32), (5, 1), (1, 4)] {
            assert_eq!(Resize::new(from, to).square(&vec![137; from * from * 3], 3), vec![137; to * to * 3]);
        }
    }

    #[test]
    fn doubling_is_textbook_bilinear() {
        // Half-pixel centres: 1/4 and 3/4 between neighbours, the border repeated.
        assert_eq!(Resize::new(2, 4).square(&[0, 100, 0, 100], 1)[..4], [0, 25, 75, 100]);
    }

    #[test]
    fn halving_averages_with_a_triangle_and_keeps_channels_apart() {
        let pixels: Vec<u8> = (0..16).flat_map(|i| [if i % 4 < 2 { 0 } else { 80 }, 9]).collect();
        let half = Resize::new(4, 2).square(&pixels, 2);
        // Taps of the left column: 3/8 3/8 ... cut at the border: (0.75 0.75 0.25) / 1.75.
        let left = (80.0_f32 * 0.25 / 1.75).round() as u8;
        assert_eq!(half[..4], [left, 9, 80 - left, 9]);
    }
}
