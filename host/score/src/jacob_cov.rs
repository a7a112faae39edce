//! Jacobian covariance (Mellor, Turner, Storkey, Crowley, 2020, first version of "Neural Architecture Search without
//! Training").
//!
//! score = −Σ (ln(λ + k) + 1 / (λ + k)),  λ the eigenvalues of C, k = 10⁻⁵
//!
//! C is the correlation between the rows of J, row i the gradient of Σ logits with respect to image i. Only the
//! gradient of the images is computed, none of a weight; the forward pass is the one of the other gradients.
//!
//! Traps: values lie near −n for n images and differ in the decimals, so eigenvalues are taken in f64 by a symmetric
//! method (the published code takes an unsymmetric one, which may give complex numbers or not converge). An image
//! without a gradient has no correlation; the published code then gives NaN, here it is an error. The first version
//! of the paper summed one logit over 256 images; codes that followed take all logits over 64, and so does this one.

use tinynas_burn::Ask;

use crate::{Proxy, ScoreError, eigenvalues::eigenvalues, subject::Subject};

/// Added to every eigenvalue.
const K: f64 = 1e-5;

/// How little the images' gradients are alike.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    let pass = subject.pass(Proxy::JacobCov)?;
    let rows = pass.gradients(&vec![1.0; pass.logits().len()], Ask::Input).input;
    let correlation = correlation(&rows, pass.images())?;
    let lambda = eigenvalues(correlation, pass.images());
    let lambda = lambda.ok_or(ScoreError::NotFinite { proxy: Proxy::JacobCov, value: f64::NAN })?;
    Ok(-lambda.into_iter().map(|l| (l + K).ln() + 1.0 / (l + K)).sum::<f64>())
}

/// Pearson's correlation of `n` rows, `n` × `n`.
fn correlation(rows: &[f32], n: usize) -> Result<Vec<f64>, ScoreError> {
    let length = rows.len() / n;
    let mut unit = Vec::with_capacity(rows.len());
    for (image, row) in rows.chunks_exact(length).enumerate() {
        let mean = row.iter().map(|x| f64::from(*x)).sum::<f64>() / length as f64;
        let first = unit.len();
        unit.extend(row.iter().map(|x| f64::from(*x) - mean));
        let norm = unit[first..].iter().map(|x| x * x).sum::<f64>().sqrt();
        if norm == 0.0 {
            return Err(ScoreError::NoGradient { proxy: Proxy::JacobCov, image });
        }
        unit[first..].iter_mut().for_each(|x| *x /= norm);
    }
    let mut matrix = vec![1.0; n * n];
    for first in 0..n {
        for second in 0..first {
            let (a, b) = (&unit[first * length..][..length], &unit[second * length..][..length]);
            let product = dot(a, b);
            matrix[first * n + second] = product;
            matrix[second * n + first] = product;
        }
    }
    Ok(matrix)
}

/// Σ a · b in eight sums side by side.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        sums.iter_mut().zip(a).zip(b).for_each(|((sum, a), b)| *sum += a * b);
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_by_hand() {
        // Deviations (−1, 0, 1), (1, 0, −1) and (0, −1, 1): correlations −1 and ±½.
        let matrix = correlation(&[1.0, 2.0, 3.0, 5.0, 4.0, 3.0, 1.0, 0.0, 2.0], 3).unwrap();
        let expected = [1.0, -1.0, 0.5, -1.0, 1.0, -0.5, 0.5, -0.5, 1.0];
        assert!(matrix.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{matrix:?}");
    }

    #[test]
    fn a_constant_row_is_named() {
        let error = correlation(&[1.0, 2.0, 7.0, 7.0], 2).unwrap_err();
        assert!(matches!(error, ScoreError::NoGradient { image: 1, .. }) && error.is_of_network(), "{error}");
    }
}
