//! Accuracy and confusion over labelled images, for any executor.

use serde::{Deserialize, Serialize};

use crate::{LayerReport, QuantError, QuantSummary};

/// Position of the largest score; the first one of equals.
#[must_use]
pub fn top1<T: PartialOrd>(scores: &[T]) -> usize {
    let larger = |best: usize, i: usize| if scores[i] > scores[best] { i } else { best };
    (0..scores.len()).fold(0, larger)
}

/// Choices of an executor against the labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Images.
    pub images: usize,
    /// Images whose choice is the label.
    pub correct: usize,
    /// `confusion[label][choice]` counts images.
    pub confusion: Vec<Vec<u32>>,
    /// Class chosen for every image.
    pub choices: Vec<u16>,
}

impl Evaluation {
    /// Compares the scores of every image with its label.
    ///
    /// # Errors
    /// [`QuantError::EmptyTestSet`], [`QuantError::LabelCount`] or [`QuantError::Label`].
    pub fn of<T: PartialOrd>(scores: &[Vec<T>], labels: &[u16]) -> Result<Self, QuantError> {
        if scores.len() != labels.len() {
            return Err(QuantError::LabelCount { images: scores.len(), labels: labels.len() });
        }
        let classes = scores.first().ok_or(QuantError::EmptyTestSet)?.len();
        let mut evaluation = Self {
            images: scores.len(),
            correct: 0,
            confusion: vec![vec![0; classes]; classes],
            choices: Vec::with_capacity(scores.len()),
        };
        for (image, (scores, label)) in scores.iter().zip(labels).enumerate() {
            let (choice, label) = (top1(scores), usize::from(*label));
            let row = evaluation.confusion.get_mut(label).ok_or(QuantError::Label { label, image, classes })?;
            row[choice] += 1;
            evaluation.correct += usize::from(choice == label);
            evaluation.choices.push(u16::try_from(choice).unwrap_or(u16::MAX));
        }
        Ok(evaluation)
    }

    /// Share of correct choices, 0…1.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.images as f64
    }

    /// What int8 costs against `self`, the float network on the same images.
    #[must_use]
    pub fn summary(&self, int8: &Self, layers: &[LayerReport]) -> QuantSummary {
        let (float_accuracy, int8_accuracy) = (self.accuracy(), int8.accuracy());
        QuantSummary {
            images: self.images,
            float_accuracy,
            int8_accuracy,
            lost_points: 100.0 * (float_accuracy - int8_accuracy),
            same_choice: self.choices.iter().zip(&int8.choices).filter(|(a, b)| a == b).count(),
            layers: layers.to_vec(),
        }
    }
}

/// How far two executors agree on the same images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Images on which both choose the same class.
    pub top1_equal: usize,
    /// Images.
    pub total: usize,
    /// Largest absolute difference of a logit. Logits are of order 1 to 10: two float runtimes that add in
    /// different orders stay below 1e-4, wherever the difference is not a bug.
    pub max_abs_diff: f32,
}

impl Agreement {
    /// Largest difference of logits that two correct float runtimes show.
    pub const TOLERANCE: f32 = 1e-4;

    /// Whether every choice is equal and the logits are within [`Self::TOLERANCE`].
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.top1_equal == self.total && self.max_abs_diff <= Self::TOLERANCE
    }
}

/// Compares the logits of two executors image by image. Lists or rows of different lengths never agree.
#[must_use]
pub fn agree(a: &[Vec<f32>], b: &[Vec<f32>]) -> Agreement {
    let mut agreement = Agreement { total: a.len().max(b.len()), ..Agreement::default() };
    for (a, b) in a.iter().zip(b) {
        let differences = a.iter().zip(b).map(|(x, y)| (x - y).abs());
        let largest = differences.fold(0.0, |largest: f32, d| if d.is_nan() { f32::INFINITY } else { largest.max(d) });
        agreement.max_abs_diff = agreement.max_abs_diff.max(largest);
        agreement.top1_equal += usize::from(a.len() == b.len() && top1(a) == top1(b));
    }
    agreement
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confusion_counts_labels_by_row_and_choices_by_column() {
        let scores = [vec![1i8, 0, 0], vec![0, 5, 5], vec![-9, -1, 3]];
        let evaluation = Evaluation::of(&scores, &[0, 2, 2]).unwrap();
        assert_eq!(evaluation.correct, 2);
        assert_eq!(evaluation.confusion, [[1, 0, 0], [0, 0, 0], [0, 1, 1]]);
        assert_eq!(evaluation.choices, [0, 1, 2]);
    }

    #[test]
    fn wrong_labels_are_named() {
        let scores = [vec![1i8, 0]];
        assert_eq!(Evaluation::of(&scores, &[2]).unwrap_err().code(), "quant::label");
        assert_eq!(Evaluation::of(&scores, &[0, 1]).unwrap_err().code(), "quant::label_count");
        assert_eq!(Evaluation::of::<i8>(&[], &[]).unwrap_err().code(), "quant::empty_test_set");
    }

    #[test]
    fn nan_and_missing_rows_never_agree() {
        let row = |x: f32| vec![0.0, x];
        assert!(agree(&[row(1.0)], &[row(1.00001)]).is_full());
        assert!(!agree(&[row(1.0)], &[row(1.1)]).is_full());
        assert!(!agree(&[row(1.0)], &[row(f32::NAN)]).is_full());
        assert!(!agree(&[row(1.0), row(1.0)], &[row(1.0)]).is_full());
    }
}
