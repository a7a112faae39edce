//! Logarithm of a determinant by LU decomposition with row pivoting.

/// ln |det A| of a square matrix, `n` rows of `n` numbers; `None` if it is singular to working precision.
///
/// Singular: a pivot is below `n` ε times the largest entry. No product of pivots is formed, so nothing overflows.
pub fn ln_abs_det(mut a: Vec<f64>, n: usize) -> Option<f64> {
    let largest = a.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    let tolerance = n as f64 * f64::EPSILON * largest;
    let mut sum = 0.0;
    for column in 0..n {
        let pivot_row = (column..n).max_by(|r, s| a[r * n + column].abs().total_cmp(&a[s * n + column].abs()))?;
        let pivot = a[pivot_row * n + column];
        if pivot.is_nan() || pivot.abs() <= tolerance {
            return None;
        }
        for k in 0..n {
            a.swap(column * n + k, pivot_row * n + k);
        }
        sum += pivot.abs().ln();
        let (above, below) = a.split_at_mut((column + 1) * n);
        let pivot_values = &above[column * n..];
        for row in below.chunks_exact_mut(n) {
            let factor = row[column] / pivot;
            for (x, p) in row[column..].iter_mut().zip(&pivot_values[column..]) {
                *x -= factor * p;
            }
        }
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_determinants_by_hand() {
        // 2·(3·1 − 1·0) − 0 + 1·(0·0 − 3·4) = 6 − 12 = −6
        let a = vec![2.0, 0.0, 1.0, 0.0, 3.0, 1.0, 4.0, 0.0, 1.0];
        assert!((ln_abs_det(a, 3).unwrap() - 6.0_f64.ln()).abs() < 1e-14);
        // A zero in the corner needs the pivot: |0·0 − 2·5| = 10.
        assert!((ln_abs_det(vec![0.0, 2.0, 5.0, 0.0], 2).unwrap() - 10.0_f64.ln()).abs() < 1e-14);
        // The empty product is 1.
        assert_eq!(ln_abs_det(Vec::new(), 0), Some(0.0));
    }

    #[test]
    fn dependent_rows_are_singular() {
        assert_eq!(ln_abs_det(vec![1.0, 2.0, 2.0, 4.0], 2), None);
        // Row 3 = row 1 + row 2, up to rounding.
        assert_eq!(ln_abs_det(vec![0.1, 0.2, 0.3, 0.7, 0.1, 0.9, 0.8, 0.3, 1.2], 3), None);
        assert_eq!(ln_abs_det(vec![f64::NAN], 1), None);
    }

    #[test]
    fn a_determinant_beyond_the_range_of_f64_has_a_logarithm() {
        let n = 40;
        let a = (0..n * n).map(|i| if i % (n + 1) == 0 { 1e30 } else { 0.0 }).collect();
        assert!((ln_abs_det(a, n).unwrap() - 40.0 * 1e30_f64.ln()).abs() < 1e-9);
    }
}
