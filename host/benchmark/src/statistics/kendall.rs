//! Kendall's tau-b by sorting, in O(n log n) (Knight, Journal of the American Statistical Association, 1966).

use super::ranks::worst_if_nan;

/// Kendall's tau-b of two lists; `None` if one of them is constant or shorter than two. NaN counts as the lowest.
///
/// tau-b = (concordant − discordant) / √((pairs − ties in a)(pairs − ties in b))
///
/// # Panics
/// If the lists differ in length.
#[must_use]
pub fn kendall(a: &[f64], b: &[f64]) -> Option<f64> {
    assert_eq!(a.len(), b.len(), "a value of one list belongs to one of the other");
    let mut pairs: Vec<(f64, f64)> = a.iter().zip(b).map(|(x, y)| (worst_if_nan(*x), worst_if_nan(*y))).collect();
    let compare = |x: f64, y: f64| x.partial_cmp(&y).unwrap_or(std::cmp::Ordering::Equal);
    pairs.sort_unstable_by(|p, q| compare(p.0, q.0).then_with(|| compare(p.1, q.1)));
    let all = choose2(pairs.len());
    let tied_a = ties(&pairs, |p, q| p.0 == q.0);
    let tied_both = ties(&pairs, |p, q| p == q);
    let mut second: Vec<f64> = pairs.into_iter().map(|(_, y)| y).collect();
    // Sorted by the first value, a pair is discordant exactly where the second values are inverted.
    let discordant = inversions(&mut second);
    let tied_b = ties(&second, |p, q| p == q);
    let concordant = all + tied_both - tied_a - tied_b - discordant;
    let tau = (concordant - discordant) / ((all - tied_a) * (all - tied_b)).sqrt();
    tau.is_finite().then_some(tau)
}

fn choose2(n: usize) -> f64 {
    n as f64 * (n as f64 - 1.0) / 2.0
}

/// Pairs within the groups of neighbours that are equal.
fn ties<T>(sorted: &[T], equal: impl FnMut(&T, &T) -> bool) -> f64 {
    sorted.chunk_by(equal).map(|group| choose2(group.len())).sum()
}

/// Sorts by merging and counts the pairs that stood in the wrong order.
fn inversions(values: &mut [f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let (left, right) = values.split_at_mut(values.len() / 2);
    let mut count = inversions(left) + inversions(right);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut i, mut j) = (0, 0);
    while i < left.len() && j < right.len() {
        if left[i] <= right[j] {
            merged.push(left[i]);
            i += 1;
        } else {
            count += (left.len() - i) as f64;
            merged.push(right[j]);
            j += 1;
        }
    }
    merged.extend_from_slice(&left[i..]);
    merged.extend_from_slice(&right[j..]);
    values.copy_from_slice(&merged);
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition, pair by pair.
    fn slow(a: &[f64], b: &[f64]) -> f64 {
        let sign = |x: f64| {
            if x > 0.0 {
                1.0
            } else if x < 0.0 {
                -1.0
            } else {
                0.0
            }
        };
        let (mut sum, mut in_a, mut in_b) = (0.0, 0.0, 0.0);
        for i in 0..a.len() {
            for j in 0..i {
                let (x, y) = (sign(a[i] - a[j]), sign(b[i] - b[j]));
                sum += x * y;
                in_a += x * x;
                in_b += y * y;
            }
        }
        let product: f64 = in_a * in_b;
        sum / product.sqrt()
    }

    #[test]
    fn tau_by_hand() {
        // 5 concordant pairs, 1 discordant.
        assert!((kendall(&[1.0, 2.0, 3.0, 4.0], &[1.0, 3.0, 2.0, 4.0]).unwrap() - 4.0 / 6.0).abs() < 1e-12);
        // (1,1) (2,3) (2,2) (3,4): one tie in a; 5 concordant of 5 · 6.
        let tau = kendall(&[1.0, 2.0, 2.0, 3.0], &[1.0, 3.0, 2.0, 4.0]).unwrap();
        assert!((tau - 5.0 / 30.0_f64.sqrt()).abs() < 1e-12, "{tau}");
        assert_eq!(kendall(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(kendall(&[1.0], &[1.0]), None);
    }

    #[test]
    fn it_is_the_count_over_all_pairs() {
        for n in [2, 3, 10, 57] {
            for ties in [3, 7, 1000] {
                let a: Vec<f64> = (0..n).map(|i| f64::from(i * i * 7919 % 101 % ties)).collect();
                let b: Vec<f64> = (0..n).map(|i| f64::from((i * 104_729 + i * i) % 97 % ties)).collect();
                let (fast, slow) = (kendall(&a, &b), slow(&a, &b));
                match fast {
                    Some(fast) => assert!((fast - slow).abs() < 1e-12, "{n} {ties}: {fast} {slow}"),
                    None => assert!(slow.is_nan()),
                }
            }
        }
    }
}
