//! Mean cross-entropy over a batch: its gradient, and how the gradient turns when the logits move.

use crate::ScoreError;

/// Softmax of one image's logits, in f64.
fn softmax(logits: &[f32]) -> Vec<f64> {
    let largest = logits.iter().fold(f32::NEG_INFINITY, |m, x| m.max(*x));
    let powers: Vec<f64> = logits.iter().map(|x| f64::from(x - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|p| p / sum).collect()
}

/// ∂L/∂z for logits z `[n, classes]`: (softmax − one-hot) / n.
///
/// # Errors
/// [`ScoreError::Label`] for a label that is no class.
pub fn cross_entropy(logits: &[f32], labels: &[u32], classes: u32) -> Result<Vec<f32>, ScoreError> {
    if let Some(label) = labels.iter().find(|label| **label >= classes) {
        return Err(ScoreError::Label { label: *label, classes });
    }
    let images = labels.len() as f64;
    let mut gradient = Vec::with_capacity(logits.len());
    for (logits, label) in logits.chunks_exact(classes as usize).zip(labels) {
        let hit = |class: usize| if class == *label as usize { 1.0 } else { 0.0 };
        gradient.extend(softmax(logits).into_iter().enumerate().map(|(class, p)| ((p - hit(class)) / images) as f32));
    }
    Ok(gradient)
}

/// How ∂L/∂z turns when z moves along `direction`: (diag p − p pᵀ) · direction / n, image by image.
pub fn turn(logits: &[f32], direction: &[f64], classes: usize) -> Vec<f64> {
    let images = (logits.len() / classes) as f64;
    let mut turned = Vec::with_capacity(logits.len());
    for (logits, direction) in logits.chunks_exact(classes).zip(direction.chunks_exact(classes)) {
        let p = softmax(logits);
        let mean: f64 = p.iter().zip(direction).map(|(p, d)| p * d).sum();
        turned.extend(p.iter().zip(direction).map(|(p, d)| p * (d - mean) / images));
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_classes_by_hand() {
        // p = (1/4, 3/4) for logits that differ by ln 3; two images.
        let logits = [0.0, 3.0_f32.ln(), 1.0, 1.0 + 3.0_f32.ln()];
        let gradient = cross_entropy(&logits, &[0, 1], 2).unwrap();
        for (g, expected) in gradient.iter().zip([-0.375, 0.375, 0.125, -0.125]) {
            assert!((g - expected).abs() < 1e-7, "{g} {expected}");
        }
        // p(1 − p) = 3/16 on either side, half of it per image.
        let turned = turn(&logits, &[1.0, 0.0, 2.0, 2.0], 2);
        for (t, expected) in turned.iter().zip([3.0 / 32.0, -3.0 / 32.0, 0.0, 0.0]) {
            assert!((t - expected).abs() < 1e-7, "{t} {expected}");
        }
    }

    #[test]
    fn large_logits_do_not_overflow_and_a_wrong_label_is_named() {
        assert_eq!(cross_entropy(&[1e4, -1e4], &[1], 2).unwrap(), [1.0, -1.0]);
        let error = cross_entropy(&[0.0; 4], &[0, 2], 2).unwrap_err();
        assert_eq!(error.to_string(), "the label 2 is none of the network's 2 classes");
    }
}
