//! Observes what values every tensor takes on calibration images.
//!
//! Two passes of the float network: the first finds the extremes, the second fills a histogram between
//! them, from which [`RangeRule`] chooses the range that int8 covers. Values outside saturate.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};
use tinynas_model::Preprocess;

use crate::{FloatExecutor, Folded, Histogram, QuantError, Range, images::Images};

/// How the int8 range of a tensor follows from the values it takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RangeRule {
    /// From the smallest to the largest value, as TensorFlow Lite calibrates: nothing saturates.
    MinMax,
    /// The range with the least mean squared error of rounding and saturation together.
    #[default]
    LeastSquares,
}

/// What was seen on the calibration images.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// Number of images.
    pub images: usize,
    /// Per tensor: 0 is the input, `i + 1` the output of layer `i`.
    pub tensors: Vec<Observed>,
}

/// Values of one tensor over all calibration images.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// The extremes.
    pub range: Range,
    /// How often each part of the range was taken.
    pub histogram: Histogram,
    /// Mean value per channel.
    pub channel_means: Vec<f64>,
}

impl Observed {
    /// The range that int8 is to cover.
    #[must_use]
    pub fn covered(&self, rule: RangeRule) -> Range {
        match rule {
            RangeRule::MinMax => self.range,
            RangeRule::LeastSquares => self.histogram.least_squares(),
        }
    }
}

/// Sums of one image: smallest and largest value and sum per channel, for each tensor.
struct ImageSums {
    range: Range,
    sums: Vec<f64>,
}

impl Calibration {
    /// Runs `pixels` (NHWC, at the network's input size) through the float network.
    ///
    /// # Errors
    /// [`QuantError::EmptyCalibration`], [`QuantError::ImageSize`], or [`QuantError::NonFiniteActivation`].
    pub fn observe(
        folded: &Folded,
        preprocess: &Preprocess,
        pixels: &[u8],
        threads: NonZeroUsize,
    ) -> Result<Self, QuantError> {
        let network = &folded.network;
        let images = Images::new(pixels, network.input)?;
        if images.len() == 0 {
            return Err(QuantError::EmptyCalibration);
        }
        let executor = FloatExecutor::new(folded);
        let channels: Vec<usize> = std::iter::once(network.input.c)
            .chain(network.layers.iter().map(|layer| layer.output.c))
            .map(|c| c as usize)
            .collect();
        let first = images.map(
            threads,
            || executor.clone(),
            |executor, image| {
                let tensors = executor.run_pixels(image, preprocess)?;
                tensors.iter().zip(&channels).enumerate().map(|(i, (x, c))| sums(folded, i, x, *c)).collect()
            },
        )?;
        let ranges = merge_ranges(&first);
        let empty: Vec<Histogram> = ranges.iter().map(|range| Histogram::new(*range)).collect();
        let workers = images.fold(
            threads,
            || (executor.clone(), empty.clone()),
            |(executor, histograms), image| {
                let tensors = executor.run_pixels(image, preprocess)?;
                tensors.iter().zip(histograms).for_each(|(x, histogram)| histogram.count(x));
                Ok(())
            },
        )?;
        let mut tensors: Vec<Observed> = Vec::with_capacity(ranges.len());
        for (index, &range) in ranges.iter().enumerate() {
            let shape = index.checked_sub(1).map_or(network.input, |layer| network.layers[layer].output);
            let values = shape.pixels() as f64 * images.len() as f64;
            let mut histogram = Histogram::new(range);
            workers.iter().for_each(|(_, counted)| histogram.merge(&counted[index]));
            let mut channel_means = vec![0.0; channels[index]];
            for image in &first {
                channel_means.iter_mut().zip(&image[index].sums).for_each(|(mean, sum)| *mean += sum / values);
            }
            tensors.push(Observed { range, histogram, channel_means });
        }
        Ok(Self { images: images.len(), tensors })
    }
}

fn sums(folded: &Folded, tensor: usize, values: &[f32], channels: usize) -> Result<ImageSums, QuantError> {
    if let Some(value) = values.iter().find(|x| !x.is_finite()) {
        let layer = tensor.checked_sub(1).map_or("input", |layer| &folded.network.layers[layer].name);
        return Err(QuantError::NonFiniteActivation { layer: layer.into(), value: value.to_string() });
    }
    let mut sums = vec![0.0; channels];
    for pixel in values.chunks_exact(channels) {
        sums.iter_mut().zip(pixel).for_each(|(sum, x)| *sum += f64::from(*x));
    }
    Ok(ImageSums { range: Range::of(values), sums })
}

fn merge_ranges(images: &[Vec<ImageSums>]) -> Vec<Range> {
    let mut ranges = vec![Range::default(); images.first().map_or(0, Vec::len)];
    for image in images {
        ranges.iter_mut().zip(image).for_each(|(range, sums)| *range = range.union(sums.range));
    }
    ranges
}
