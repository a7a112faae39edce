//! Logits and accuracy of given weights.

use tinynas_burn::{Mode, NetworkModule, batch, cpu};
use tinynas_model::{Network, Preprocess, Shape, Weights};

use crate::{Split, TrainError};

/// Images at a time; fixed, so that results do not depend on the memory at hand.
const BATCH: usize = 256;

/// The images must be what the network reads.
pub fn check_images(network: &Network, split: &Split) -> Result<(), TrainError> {
    let side = split.side as u32;
    let got = Shape::new(side, side, split.channels as u32);
    if got != network.input {
        return Err(TrainError::Images { expected: network.input.to_string(), got: got.to_string() });
    }
    Ok(())
}

/// Logits `[images][classes]`, computed by burn with the running statistics.
///
/// # Errors
/// [`TrainError::Images`] if the images are not of the network's size, [`TrainError::Weights`] if the weights
/// are not the network's.
pub fn logits(
    network: &Network,
    weights: &Weights,
    preprocess: &Preprocess,
    split: &Split,
) -> Result<Vec<Vec<f32>>, TrainError> {
    check_images(network, split)?;
    let device = cpu();
    let module = NetworkModule::with_weights(network, weights, &device)?;
    let indices: Vec<usize> = (0..split.len()).collect();
    let mut rows = Vec::with_capacity(split.len());
    for chunk in indices.chunks(BATCH) {
        let x = batch(split.floats(chunk, preprocess), [chunk.len(), split.side, split.side, split.channels], &device);
        let y = module.forward(x, Mode::Eval);
        let classes = y.dims()[1];
        let data = y.into_data().try_into_vec::<f32>().unwrap_or_else(|_| unreachable!("all tensors are f32"));
        rows.extend(data.chunks(classes.max(1)).map(<[f32]>::to_vec));
    }
    Ok(rows)
}

/// Share of the images whose largest logit is the label's; of equal logits the first counts. 0 without images.
#[must_use]
pub fn accuracy(logits: &[Vec<f32>], labels: &[u16]) -> f64 {
    let right = logits.iter().zip(labels).filter(|(row, label)| argmax(row) == usize::from(**label)).count();
    right as f64 / labels.len().max(1) as f64
}

fn argmax(row: &[f32]) -> usize {
    (1..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accuracy_counts_the_first_of_the_largest() {
        let rows = vec![vec![0.0, 2.0, 1.0], vec![5.0, 5.0, 0.0], vec![-1.0, -3.0, -0.5]];
        assert!((accuracy(&rows, &[1, 0, 2]) - 1.0).abs() < 1e-12);
        assert!((accuracy(&rows, &[1, 1, 0]) - 1.0 / 3.0).abs() < 1e-12);
        assert!(accuracy(&[], &[]).abs() < 1e-12);
    }
}
