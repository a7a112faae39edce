//! The batch that benchmarks are scored on: CIFAR-10 images, normalised per channel.

use tinynas_model::Shape;
use tinynas_score::{Batch, Proxy, Scorer};
use tinynas_train::Split;

use crate::{
    args::ImageArgs,
    data::{self, sample},
    failure::Failure,
};

/// A scorer for `proxies` on training images of the folder, as many of every class, not augmented.
///
/// # Errors
/// What is wrong with the folder, or images of another shape than 32 × 32 × 3.
pub fn scorer(args: &ImageArgs, proxies: &[Proxy]) -> Result<Scorer, Failure> {
    let dataset = data::open(&args.images)?;
    let (side, channels) = (dataset.train.side, dataset.train.channels);
    if (side, channels) != (32, 3) {
        return Err(Failure::new("benchmark::images", format!("{}: images of {}", args.images, dataset.train.size()))
            .help("networks of these benchmarks read 32x32x3: give CIFAR-10"));
    }
    let batch = |purpose: &str| -> Result<Batch, Failure> {
        let chosen = sample(&dataset.train, args.batch as usize, args.work.seed, purpose);
        let labels = chosen.iter().map(|i| u32::from(dataset.train.labels[*i])).collect();
        Ok(Batch::new(normalised(&dataset.train, &chosen), Shape::new(32, 32, 3))?.with_labels(labels)?)
    };
    let scorer = Scorer::new(args.work.seed, proxies).with_images(batch("proxies")?);
    Ok(scorer.with_second(batch("second batch")?))
}

/// Pixels less the channel's mean over all images, divided by its standard deviation.
fn normalised(split: &Split, chosen: &[usize]) -> Vec<f32> {
    let channels = split.channels;
    let mut sums = vec![(0.0_f64, 0.0_f64); channels];
    for pixel in split.images.chunks_exact(channels) {
        for ((sum, square), value) in sums.iter_mut().zip(pixel) {
            let value = f64::from(*value);
            *sum += value;
            *square += value * value;
        }
    }
    let count = (split.images.len() / channels) as f64;
    let scale: Vec<(f64, f64)> = sums
        .into_iter()
        .map(|(sum, square)| (sum / count, (square / count - (sum / count) * (sum / count)).sqrt().max(1e-6)))
        .collect();
    let value = |(at, pixel): (usize, &u8)| {
        let (mean, deviation) = scale[at % channels];
        ((f64::from(*pixel) - mean) / deviation) as f32
    };
    chosen.iter().flat_map(|i| split.image(*i).iter().enumerate().map(value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_has_mean_zero_and_deviation_one() {
        let images = (0..48).map(|i| (i * 37 % 100 + i % 3 * 50) as u8).collect();
        let split = Split { images, labels: vec![0; 4], side: 2, channels: 3 };
        let values = normalised(&split, &[0, 1, 2, 3]);
        for channel in 0..3 {
            let own: Vec<f32> = values.iter().skip(channel).step_by(3).copied().collect();
            let mean = own.iter().sum::<f32>() / 16.0;
            let square = own.iter().map(|v| v * v).sum::<f32>() / 16.0;
            assert!(mean.abs() < 1e-5 && (square - 1.0).abs() < 1e-5, "{channel}: {mean} {square}");
        }
        assert_eq!(normalised(&split, &[2])[..], values[24..36]);
    }
}
