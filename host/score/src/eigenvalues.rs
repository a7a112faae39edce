//! Eigenvalues of a symmetric matrix by Jacobi's rotations (1846), in the cyclic order.

/// Sweeps until all is diagonal; matrices of proxies take six to ten.
const SWEEPS: usize = 60;

/// Eigenvalues of a symmetric matrix, `n` rows of `n` numbers, in no order; `None` if a number is not finite.
pub fn eigenvalues(mut a: Vec<f64>, n: usize) -> Option<Vec<f64>> {
    if a.iter().any(|x| !x.is_finite()) {
        return None;
    }
    let square: f64 = a.iter().map(|x| x * x).sum();
    for _ in 0..SWEEPS {
        let beside: f64 =
            (0..n).flat_map(|p| (0..p).map(move |q| (p, q))).map(|(p, q)| a[p * n + q] * a[p * n + q]).sum();
        if beside <= square * 1e-30 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, n, p, q);
            }
        }
    }
    Some((0..n).map(|i| a[i * n + i]).collect())
}

/// Turns rows and columns p and q so that their common entry is zero.
fn rotate(a: &mut [f64], n: usize, p: usize, q: usize) {
    let apq = a[p * n + q];
    if apq == 0.0 {
        return;
    }
    let theta = (a[q * n + q] - a[p * n + p]) / (2.0 * apq);
    // The smaller of the two angles.
    let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    let (low, high) = a.split_at_mut(q * n);
    for (x, y) in low[p * n..(p + 1) * n].iter_mut().zip(&mut high[..n]) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
    for row in a.chunks_exact_mut(n) {
        (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(a: Vec<f64>, n: usize) -> Vec<f64> {
        let mut values = eigenvalues(a, n).unwrap();
        values.sort_by(f64::total_cmp);
        values
    }

    #[test]
    fn small_matrices_by_hand() {
        assert!(sorted(vec![2.0, 1.0, 1.0, 2.0], 2).iter().zip([1.0, 3.0]).all(|(a, b)| (a - b).abs() < 1e-14));
        // A zero on the diagonal's difference: the angle is 45°.
        assert!(sorted(vec![0.0, -2.0, -2.0, 0.0], 2).iter().zip([-2.0, 2.0]).all(|(a, b)| (a - b).abs() < 1e-14));
        assert_eq!(sorted(vec![5.0], 1), [5.0]);
        assert_eq!(eigenvalues(vec![f64::NAN], 1), None);
    }

    /// The path of n vertices: 2 − 2 cos(k π / (n + 1)).
    #[test]
    fn a_matrix_whose_eigenvalues_are_known() {
        let n = 40;
        let entry = |i: usize| match (i / n).abs_diff(i % n) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        };
        let values = sorted((0..n * n).map(entry).collect(), n);
        for (k, value) in values.iter().enumerate() {
            let expected = 2.0 - 2.0 * ((k + 1) as f64 * std::f64::consts::PI / (n + 1) as f64).cos();
            assert!((value - expected).abs() < 1e-13, "{k}: {value} {expected}");
        }
    }
}
