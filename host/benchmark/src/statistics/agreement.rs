//! All figures of one score against one truth, with bootstrap errors.

use rand::Rng;
use rand_pcg::Pcg32;
use serde::Serialize;

use super::{
    kendall,
    ranks::{Order, weighted_pearson},
};

/// A figure and the standard deviation of it over bootstrap resamples of the networks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// On the networks themselves.
    pub value: f64,
    /// Standard error.
    pub error: f64,
}

/// How well a score ranks networks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// Networks.
    pub n: usize,
    /// Networks without a finite score; they count as the worst.
    pub unscored: usize,
    /// Spearman's rho.
    pub rho: Option<Estimate>,
    /// Kendall's tau-b.
    pub tau: Option<Estimate>,
    /// Share of the truly best tenth among the tenth with the highest score.
    pub top_tenth: Estimate,
    /// Share of the truly best hundredth among the hundredth with the highest score.
    pub top_hundredth: Estimate,
    /// Truth of the network with the highest score.
    pub selected: Estimate,
}

/// Compares `scores` with `truth` by `draws` bootstrap resamples; tau's error takes a quarter of them.
///
/// # Panics
/// If the lists differ in length or are empty.
#[must_use]
pub fn agreement(scores: &[f64], truth: &[f64], draws: u32, seed: u64) -> Agreement {
    assert!(scores.len() == truth.len() && !truth.is_empty(), "one score per network, and some networks");
    let n = truth.len();
    let (by_score, by_truth) = (Order::new(scores), Order::new(truth));
    let figures = |counts: &[u32]| {
        let rho = weighted_pearson(&by_score.ranks(counts), &by_truth.ranks(counts), counts);
        let hits = |part: usize| top_hits(&by_score, &by_truth, counts, n.div_ceil(part));
        let best = by_score.positions().iter().rev().find(|i| counts[**i] > 0);
        [rho.unwrap_or(f64::NAN), hits(10), hits(100), best.map_or(f64::NAN, |i| truth[*i])]
    };
    let ones = vec![1; n];
    let here = figures(&ones);
    let mut resampled: [Vec<f64>; 5] = Default::default();
    let mut rng = Pcg32::new(seed, 0xb007);
    for draw in 0..draws {
        let mut counts = vec![0_u32; n];
        for _ in 0..n {
            counts[((u64::from(rng.next_u32()) * n as u64) >> 32) as usize] += 1;
        }
        for (list, figure) in resampled.iter_mut().zip(figures(&counts)) {
            list.push(figure);
        }
        if draw % 4 == 0 {
            let copies = |x: &[f64]| -> Vec<f64> {
                counts.iter().zip(x).flat_map(|(count, v)| std::iter::repeat_n(*v, *count as usize)).collect()
            };
            resampled[4].extend(kendall(&copies(scores), &copies(truth)));
        }
    }
    let error = |i: usize| deviation(&resampled[i]);
    let estimate = |i: usize| Estimate { value: here[i], error: error(i) };
    Agreement {
        n,
        unscored: scores.iter().filter(|score| !score.is_finite()).count(),
        rho: here[0].is_finite().then(|| estimate(0)),
        tau: kendall(scores, truth).map(|value| Estimate { value, error: error(4) }),
        top_tenth: estimate(1),
        top_hundredth: estimate(2),
        selected: estimate(3),
    }
}

/// Of the best `k` by truth, the share that is among the best `k` by score. Ties go to the later in the list.
fn top_hits(by_score: &Order, by_truth: &Order, counts: &[u32], k: usize) -> f64 {
    let top = |order: &Order| {
        let mut taken = vec![0_u32; counts.len()];
        let mut left = k as u32;
        for i in order.positions().iter().rev() {
            taken[*i] = counts[*i].min(left);
            left -= taken[*i];
        }
        taken
    };
    let hits: u32 = top(by_score).iter().zip(top(by_truth)).map(|(a, b)| (*a).min(b)).sum();
    f64::from(hits) / k as f64
}

/// Standard deviation of the finite ones.
fn deviation(values: &[f64]) -> f64 {
    let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let n = finite.len() as f64;
    if n < 2.0 {
        return 0.0;
    }
    let mean = finite.iter().sum::<f64>() / n;
    (finite.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_by_hand() {
        let truth: Vec<f64> = (0..20).map(f64::from).collect();
        let mut scores = truth.clone();
        // The best two are 18 and 19; by score 19 and 3.
        scores[3] = 100.0;
        let agreement = agreement(&scores, &truth, 50, 1);
        assert_eq!(agreement.top_tenth.value, 0.5);
        assert_eq!(agreement.top_hundredth.value, 0.0);
        assert_eq!(agreement.selected.value, 3.0);
        assert_eq!((agreement.n, agreement.unscored), (20, 0));
    }

    #[test]
    fn the_bootstrap_error_of_a_normal_pair_is_about_that_of_theory() {
        // Sums of uniform numbers, correlated .5: the error of rho is about (1 − .25)/√n · 1.06.
        let mut rng = Pcg32::new(3, 1);
        let mut normal = || (0..12).map(|_| f64::from(rng.next_u32()) / f64::from(u32::MAX)).sum::<f64>() - 6.0;
        let n = 400;
        let pairs: Vec<(f64, f64)> = (0..n).map(|_| (normal(), normal())).collect();
        let a: Vec<f64> = pairs.iter().map(|p| p.0).collect();
        let b: Vec<f64> = pairs.iter().map(|p| 0.5 * p.0 + 0.75_f64.sqrt() * p.1).collect();
        let rho = agreement(&a, &b, 400, 1).rho.unwrap();
        let theory = 0.75 / f64::from(n).sqrt() * 1.06;
        assert!((rho.error / theory - 1.0).abs() < 0.2, "{rho:?} {theory}");
        assert!((rho.value - 0.48).abs() < 4.0 * rho.error, "{rho:?}");
    }

    #[test]
    fn a_score_that_is_nowhere_finite_ranks_nothing() {
        let agreement = agreement(&[f64::NAN; 4], &[1.0, 2.0, 3.0, 4.0], 10, 1);
        assert_eq!((agreement.rho, agreement.tau, agreement.unscored), (None, None, 4));
    }
}
