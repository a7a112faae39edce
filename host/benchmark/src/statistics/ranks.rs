//! Ranks with ties, and Spearman's rho on them.

/// The order of `values` from the lowest, and where ties begin: computed once, used for many resamples.
///
/// NaN stands below everything, tied with −∞: a network without a score is the worst.
#[derive(Clone, Debug)]
pub struct Order {
    /// Positions from the lowest to the highest value.
    positions: Vec<usize>,
    /// Per position of the order: the index of its group of equal values.
    groups: Vec<usize>,
}

/// NaN as −∞.
#[must_use]
pub fn worst_if_nan(value: f64) -> f64 {
    if value.is_nan() { f64::NEG_INFINITY } else { value }
}

impl Order {
    /// Sorts.
    #[must_use]
    pub fn new(values: &[f64]) -> Self {
        let value = |i: usize| worst_if_nan(values[i]);
        let mut positions: Vec<usize> = (0..values.len()).collect();
        positions.sort_by(|a, b| value(*a).partial_cmp(&value(*b)).unwrap_or(std::cmp::Ordering::Equal));
        let mut groups = Vec::with_capacity(values.len());
        for (at, position) in positions.iter().enumerate() {
            let group = match at.checked_sub(1) {
                Some(before) => groups[before] + usize::from(value(positions[before]) < value(*position)),
                None => 0,
            };
            groups.push(group);
        }
        Self { positions, groups }
    }

    /// Positions from the lowest to the highest value; ties in the order of the list.
    #[must_use]
    pub fn positions(&self) -> &[usize] {
        &self.positions
    }

    /// The rank of every value where value `i` is there `counts[i]` times: 1 for the lowest, ties share the mean.
    #[must_use]
    pub fn ranks(&self, counts: &[u32]) -> Vec<f64> {
        let mut ranks = vec![0.0; self.positions.len()];
        let (mut begin, mut before) = (0, 0.0);
        while begin < self.positions.len() {
            let group = self.groups[begin];
            let end = begin + self.groups[begin..].iter().take_while(|g| **g == group).count();
            let tied = &self.positions[begin..end];
            let size: f64 = tied.iter().map(|i| f64::from(counts[*i])).sum();
            for i in tied {
                ranks[*i] = before + (size + 1.0) / 2.0;
            }
            before += size;
            begin = end;
        }
        ranks
    }
}

/// Spearman's rho of two lists: Pearson's correlation of their ranks; `None` if one of them is constant or shorter
/// than two. NaN counts as the lowest.
///
/// # Panics
/// If the lists differ in length.
#[must_use]
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    assert_eq!(a.len(), b.len(), "a value of one list belongs to one of the other");
    let counts = vec![1; a.len()];
    weighted_pearson(&Order::new(a).ranks(&counts), &Order::new(b).ranks(&counts), &counts)
}

/// Pearson's correlation where pair `i` is there `counts[i]` times.
pub(super) fn weighted_pearson(a: &[f64], b: &[f64], counts: &[u32]) -> Option<f64> {
    let weight = |i: usize| f64::from(counts[i]);
    let n: f64 = (0..a.len()).map(weight).sum();
    let mean = |x: &[f64]| (0..x.len()).map(|i| weight(i) * x[i]).sum::<f64>() / n;
    let (ma, mb) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for i in 0..a.len() {
        let (x, y, w) = (a[i] - ma, b[i] - mb, weight(i));
        ab += w * x * y;
        aa += w * x * x;
        bb += w * y * y;
    }
    let rho = ab / (aa * bb).sqrt();
    rho.is_finite().then_some(rho)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_the_mean_of_their_ranks_and_nan_is_lowest() {
        let order = Order::new(&[3.0, f64::NAN, 3.0, 1.0, f64::NEG_INFINITY, 7.0]);
        assert_eq!(order.ranks(&[1; 6]), [4.5, 1.5, 4.5, 3.0, 1.5, 6.0]);
        // The third one twice, the fourth not at all: 3.0 stands at ranks 3, 4, 5.
        assert_eq!(order.ranks(&[1, 1, 2, 0, 1, 1])[0], 4.0);
    }

    #[test]
    fn rho_by_hand() {
        // Without ties: 1 − 6 Σd²/(n(n² − 1)) = 1 − 6 · 4/(5 · 24) = 0.8.
        let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 1.0, 4.0, 3.0, 6.0]);
        assert!((spearman(&a, &b).unwrap() - 0.8).abs() < 1e-12);
        // Ranks (1, 2.5, 2.5, 4) and (1, 3, 2, 4): covariance 4.5, variances 4.5 and 5.
        let rho = spearman(&[1.0, 2.0, 2.0, 3.0], &[1.0, 3.0, 2.0, 4.0]).unwrap();
        assert!((rho - 4.5 / (4.5_f64 * 5.0).sqrt()).abs() < 1e-12, "{rho}");
        assert_eq!(spearman(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(spearman(&[], &[]), None);
        assert_eq!(spearman(&a, &a.map(|x| -x * x)), Some(-1.0));
    }

    #[test]
    fn counts_are_the_same_as_copies() {
        let (a, b) = ([1.0, 5.0, 2.0, 2.0], [0.3, 0.2, 0.1, 0.4]);
        let counts = [2, 1, 0, 3];
        let copies =
            |x: &[f64]| -> Vec<f64> { (0..4).flat_map(|i| std::iter::repeat_n(x[i], counts[i] as usize)).collect() };
        let weighted = weighted_pearson(&Order::new(&a).ranks(&counts), &Order::new(&b).ranks(&counts), &counts);
        assert!((weighted.unwrap() - spearman(&copies(&a), &copies(&b)).unwrap()).abs() < 1e-12);
    }
}
