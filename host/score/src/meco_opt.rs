//! MeCo-opt (Jiang, Wang, Wang, NeurIPS 2023, "MeCo: Zero-Shot NAS with One Data and Single Forward Pass").
//!
//! score = Σ over layers of (c / 8) · λ_min(P)
//!
//! P is Pearson's correlation between eight channels, drawn at random, of what the layer gives for one image of
//! standard normal numbers; c is how many channels it has. MeCo itself takes all channels, whose smallest eigenvalue
//! is zero wherever there are more channels than pixels, in cubic time.
//!
//! Traps: published code sums over all modules, containers too, so a block's output counts once for every container
//! around it; here every layer counts once, and a convolution and its rectifier are two. A channel that is constant
//! has no correlation; as in published code its row is zero, and so is the smallest eigenvalue then. No images are
//! needed; normalisation takes the statistics of the one image.

use rand::Rng;
use rand_pcg::Pcg32;
use tinynas_burn::forward;
use tinynas_model::{Activation, Op};

use crate::{Proxy, ScoreError, eigenvalues::eigenvalues, gaussian::normals, subject::Subject};

/// Channels that are compared.
const CHANNELS: usize = 8;
/// Streams of random numbers of the image and of the channels.
const STREAMS: [u64; 2] = [(1 << 40) + 2, (1 << 40) + 3];

/// Sum of the smallest eigenvalues of the correlations between channels.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    let (network, seed) = (subject.network, subject.seed());
    let image = normals(seed, STREAMS[0], network.input.elements() as usize);
    let mut rng = Pcg32::new(seed, STREAMS[1]);
    let mut sum = 0.0;
    forward(network, subject.weights(), &image, |index, y| {
        let layer = &network.layers[index];
        if layer.output.pixels() < 2 || layer.op == Op::Zero {
            return;
        }
        let channels = layer.output.c as usize;
        let chosen = draw(&mut rng, channels);
        let smallest = smallest_eigenvalue(y, channels, &chosen);
        // A normalisation changes no correlation, so a convolution counts with it as two modules, and as in published
        // code a rectifier as one more.
        let modules = match layer.op {
            Op::Conv(conv) | Op::Depthwise(conv) if conv.activation == Activation::Linear => 2.0,
            _ => 1.0,
        };
        sum += modules * smallest * channels as f64 / chosen.len() as f64;
    })?;
    if sum.is_finite() { Ok(sum) } else { Err(ScoreError::NotFinite { proxy: Proxy::MecoOpt, value: sum }) }
}

/// Different channels, as many as are compared or as there are.
fn draw(rng: &mut Pcg32, channels: usize) -> Vec<usize> {
    let mut all: Vec<usize> = (0..channels).collect();
    let count = CHANNELS.min(channels);
    for i in 0..count {
        let j = i + ((u64::from(rng.next_u32()) * (channels - i) as u64) >> 32) as usize;
        all.swap(i, j);
    }
    all.truncate(count);
    all
}

/// Of the correlation matrix of `chosen` channels of `[pixels, channels]`.
fn smallest_eigenvalue(y: &[f32], channels: usize, chosen: &[usize]) -> f64 {
    let rows: Vec<Vec<f64>> = chosen.iter().map(|c| unit(y.iter().skip(*c).step_by(channels))).collect();
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let matrix = rows.iter().flat_map(|a| rows.iter().map(move |b| product(a, b))).collect();
    let values = eigenvalues(matrix, rows.len()).unwrap_or_default();
    values.into_iter().fold(f64::INFINITY, f64::min)
}

/// Centred and of length one; zeros if constant.
fn unit<'a>(values: impl Iterator<Item = &'a f32>) -> Vec<f64> {
    let mut values: Vec<f64> = values.map(|v| f64::from(*v)).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter_mut().for_each(|v| *v -= mean);
    let norm = values.iter().map(|v| v * v).sum::<f64>().sqrt();
    let scale = if norm > 0.0 { 1.0 / norm } else { 0.0 };
    values.iter_mut().for_each(|v| *v *= scale);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_channels_by_hand() {
        // Correlation r of two channels: eigenvalues 1 ± r. Here (1, 2, 3, 4) and (1, 3, 2, 4), r = 0.8.
        let y = [1.0, 1.0, 2.0, 3.0, 3.0, 2.0, 4.0, 4.0];
        assert!((smallest_eigenvalue(&y, 2, &[0, 1]) - 0.2).abs() < 1e-12);
        // A constant channel: its row is zero.
        assert_eq!(smallest_eigenvalue(&[1.0, 5.0, 2.0, 5.0], 2, &[0, 1]), 0.0);
        assert!((smallest_eigenvalue(&y, 2, &[1]) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn channels_are_different_and_all_alike() {
        let mut rng = Pcg32::new(1, 1);
        let mut seen = [0; 20];
        for _ in 0..5000 {
            let mut chosen = draw(&mut rng, 20);
            chosen.iter().for_each(|c| seen[*c] += 1);
            chosen.sort_unstable();
            chosen.dedup();
            assert_eq!(chosen.len(), CHANNELS);
        }
        assert!(seen.iter().all(|n| (1800..2200).contains(n)), "{seen:?}");
        assert_eq!(draw(&mut rng, 3).len(), 3);
    }
}
