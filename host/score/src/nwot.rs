//! NWOT (Mellor, Turner, Storkey, Crowley, ICML 2021, "Neural Architecture Search without Training", second version).
//!
//! score = ln |det K|,  `K_ij` = N − `d_H(c_i, c_j)`
//!
//! `c_i` is the on/off code of all N rectified units for image i: a unit is on if what enters its rectifier is above
//! zero. Equal to Σ over layers of C Cᵀ + (1 − C)(1 − C)ᵀ with 0/1 matrices C, but counted in whole numbers on packed
//! bits: float products would be exact only up to 2²⁴ units. Weights are PyTorch's default, normalisation takes the
//! batch's statistics, images are not augmented.
//!
//! Traps: the score grows with the batch, never compare across batch sizes. ReLU6 counts as ReLU: that it also
//! saturates is not in the code. Units from which no path leads to the logits are not counted, as in the published
//! code, which looks for them with a backward pass; in cells every rectifier alone counts, also of one tensor.

use tinynas_burn::{Pass, differing_bits, forward, pack_positive};
use tinynas_model::{Network, Weights};

use crate::{Batch, Proxy, ScoreError, determinant::ln_abs_det, subject::Subject};

/// Log-determinant of the kernel between the images' codes, in nats.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    let images = subject.images(Proxy::Nwot)?;
    let codes = match subject.shared_pass(Proxy::Nwot)? {
        Some(pass) => Codes::of_pass(subject.network, pass),
        None => Codes::of(subject.network, subject.weights(), images)?,
    };
    codes.ln_det()
}

/// Rectifiers from which a path leads to the logits.
fn counted(network: &Network) -> Vec<bool> {
    let reaching = network.reaching();
    network.layers.iter().zip(reaching).map(|(layer, reaches)| reaches && layer.op.is_rectified()).collect()
}

/// Which rectified units every image switches on, one bit per unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes {
    /// Per image; the last word of every layer is filled up with zeros, which no distance sees.
    words: Vec<Vec<u64>>,
    units: u64,
}

impl Codes {
    /// Codes of no units yet.
    #[must_use]
    pub fn new(images: usize) -> Self {
        Self { words: vec![Vec::new(); images], units: 0 }
    }

    /// The codes of `images` in a network that normalises by the batch.
    ///
    /// # Errors
    /// [`ScoreError::Weights`] if the weights are of another network.
    pub fn of(network: &Network, weights: &Weights, images: &Batch) -> Result<Self, ScoreError> {
        let mut codes = Self::new(images.images());
        let counted = counted(network);
        // A rectifier gives more than zero exactly where it gets more than zero.
        forward(network, weights, images.data(), |index, y| {
            if counted[index] {
                codes.push(y);
            }
        })?;
        Ok(codes)
    }

    /// The codes of a pass that others look at, too.
    pub(crate) fn of_pass(network: &Network, pass: &Pass<'_>) -> Self {
        let mut codes = Self::new(pass.images());
        let counted = counted(network).into_iter().enumerate().filter(|(_, counted)| *counted);
        counted.for_each(|(index, _)| codes.push(pass.output(index)));
        codes
    }

    /// Adds a layer: what enters or leaves its rectifiers, image after image.
    ///
    /// # Panics
    /// If the numbers do not divide into the images.
    pub fn push(&mut self, inputs: &[f32]) {
        let images = self.words.len();
        assert!(images > 0 && inputs.len().is_multiple_of(images), "{} numbers, {images} images", inputs.len());
        let units = inputs.len() / images;
        if units == 0 {
            return;
        }
        for (code, image) in self.words.iter_mut().zip(inputs.chunks_exact(units)) {
            pack_positive(image, code);
        }
        self.units += units as u64;
    }

    /// Rectified units N.
    #[must_use]
    pub const fn units(&self) -> u64 {
        self.units
    }

    /// The code of an image, packed.
    ///
    /// # Panics
    /// If there is no such image.
    #[must_use]
    pub fn code(&self, image: usize) -> &[u64] {
        &self.words[image]
    }

    /// Number of units in which two images differ.
    ///
    /// # Panics
    /// If there is no such image.
    #[must_use]
    pub fn distance(&self, first: usize, second: usize) -> u64 {
        differing_bits(&self.words[first], &self.words[second])
    }

    /// ln |det K| in nats.
    ///
    /// # Errors
    /// [`ScoreError::SameCode`] if two images have one code, [`ScoreError::Singular`] if K is singular otherwise.
    pub fn ln_det(&self) -> Result<f64, ScoreError> {
        let n = self.words.len();
        let mut kernel = vec![self.units as f64; n * n];
        for first in 0..n {
            for second in first + 1..n {
                let distance = self.distance(first, second);
                if distance == 0 {
                    return Err(ScoreError::SameCode { first, second });
                }
                let common = (self.units - distance) as f64;
                kernel[first * n + second] = common;
                kernel[second * n + first] = common;
            }
        }
        ln_abs_det(kernel, n).ok_or(ScoreError::Singular { images: n, units: self.units })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes from rows of `0` and `1`.
    fn codes(rows: &[&str]) -> Codes {
        let mut codes = Codes::new(rows.len());
        let bits: Vec<f32> =
            rows.iter().flat_map(|row| row.chars()).map(|c| if c == '1' { 0.5 } else { -0.5 }).collect();
        codes.push(&bits);
        codes
    }

    #[test]
    fn three_codes_by_hand() {
        // Distances 2, 3, 3 of 4 units: K = [4 2 1; 2 4 1; 1 1 4],
        // det = 4·(16 − 1) − 2·(8 − 1) + 1·(2 − 4) = 60 − 14 − 2 = 44.
        let codes = codes(&["1100", "1010", "0111"]);
        assert_eq!((codes.units(), codes.distance(0, 1), codes.distance(1, 2)), (4, 2, 3));
        assert!((codes.ln_det().unwrap() - 44.0_f64.ln()).abs() < 1e-14);
    }

    #[test]
    fn zero_minus_zero_and_nan_are_off() {
        let mut codes = Codes::new(2);
        codes.push(&[0.0, -0.0, f32::NAN, f32::MIN_POSITIVE, -1.0, -1.0, -1.0, -1.0]);
        assert_eq!(codes.distance(0, 1), 1);
    }

    #[test]
    fn layers_add_up_whatever_their_width() {
        let row = |image: usize, unit: usize| if (image * 31 + unit * unit) % 7 < 3 { 1.0 } else { -1.0 };
        let mut whole = Codes::new(3);
        let mut parts = Codes::new(3);
        whole.push(&(0..3).flat_map(|i| (0..200).map(move |u| row(i, u))).collect::<Vec<f32>>());
        for range in [0..1, 1..64, 64..65, 65..129, 129..200] {
            parts.push(&(0..3).flat_map(|i| range.clone().map(move |u| row(i, u))).collect::<Vec<f32>>());
        }
        assert_eq!(parts.units(), 200);
        assert_eq!(parts.ln_det().unwrap(), whole.ln_det().unwrap());
        let by_hand = (0..200).filter(|u| row(0, *u) != row(2, *u)).count() as u64;
        assert_eq!(parts.distance(0, 2), by_hand);
    }

    #[test]
    fn images_that_the_network_cannot_tell_apart_have_no_score() {
        let error = codes(&["1100", "0011", "1100"]).ln_det().unwrap_err();
        assert!(matches!(error, ScoreError::SameCode { first: 0, second: 2 }), "{error}");
        assert!(error.is_of_network());
        // Σ of the codes 00, 11 minus those of 01, 10 is zero: four codes of two units are dependent.
        let error = codes(&["00", "01", "10", "11"]).ln_det().unwrap_err();
        assert!(matches!(error, ScoreError::Singular { images: 4, units: 2 }), "{error}");
    }

    #[test]
    fn the_order_of_images_does_not_matter() {
        let rows = ["110010", "101001", "011110", "000111"];
        let score = codes(&rows).ln_det().unwrap();
        let turned = codes(&[rows[2], rows[0], rows[3], rows[1]]).ln_det().unwrap();
        assert!((score - turned).abs() < 1e-12);
    }
}
