//! Rank sum: the ensemble that needs no scale.
//!
//! score of candidate c = Σ over proxies of rank(c), rank 1 for the lowest score, ties share the mean of their ranks
//!
//! Trap: ranks are relative to the list, so a sum is comparable only within one call. A candidate without a finite
//! score of every proxy gets −∞: it never wins, and it takes no rank from the others.

use crate::{Ensemble, Proxy, Scores};

/// The rank sum of every candidate, in the order given; higher is better.
#[must_use]
pub fn rank_sum(scores: &[&Scores], proxies: &[Proxy]) -> Vec<f64> {
    let column = |proxy: &Proxy| scores.iter().map(|scores| scores.get(*proxy).unwrap_or(f64::NAN)).collect();
    if proxies.is_empty() {
        vec![0.0; scores.len()]
    } else {
        Ensemble::RankSum.combine(&proxies.iter().map(column).collect::<Vec<_>>())
    }
}

/// Positions from best to worst by rank sum; equal sums in the order of `key`.
#[must_use]
pub fn ranking<K: Ord>(scores: &[&Scores], proxies: &[Proxy], key: impl Fn(usize) -> K) -> Vec<usize> {
    let sums = rank_sum(scores, proxies);
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| sums[*b].total_cmp(&sums[*a]).then_with(|| key(*a).cmp(&key(*b))));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(nwot: f64, synflow: f64) -> Scores {
        let mut scores = Scores::default();
        for (proxy, value) in [(Proxy::Nwot, nwot), (Proxy::Synflow, synflow)] {
            // A proxy that failed is not in the map.
            let _ = scores.insert(proxy, value);
        }
        scores
    }

    const BOTH: &[Proxy] = &[Proxy::Nwot, Proxy::Synflow];

    #[test]
    fn ranks_are_added_and_ties_are_averaged() {
        //                nwot rank   synflow rank
        let a = scores(1.0, 30.0); // 1          4
        let b = scores(2.0, 10.0); // 2.5        1.5
        let c = scores(2.0, 10.0); // 2.5        1.5
        let d = scores(9.0, 20.0); // 4          3
        assert_eq!(rank_sum(&[&a, &b, &c, &d], BOTH), [5.0, 4.0, 4.0, 7.0]);
        assert_eq!(ranking(&[&a, &b, &c, &d], BOTH, |i| i), [3, 0, 1, 2]);
        assert_eq!(ranking(&[&a, &b, &c, &d], BOTH, std::cmp::Reverse), [3, 0, 2, 1]);
    }

    #[test]
    fn what_failed_never_wins_and_takes_no_rank() {
        let good = scores(1.0, 1.0);
        let better = scores(2.0, 2.0);
        let nan = scores(f64::NAN, 1e9);
        let infinite = scores(f64::INFINITY, 1e9);
        let sums = rank_sum(&[&nan, &good, &infinite, &better], BOTH);
        assert_eq!(sums, [f64::NEG_INFINITY, 2.0, f64::NEG_INFINITY, 4.0]);
        assert_eq!(ranking(&[&nan, &good, &infinite, &better], BOTH, |i| i)[..2], [3, 1]);
    }

    #[test]
    fn the_order_of_the_list_does_not_matter() {
        let list: Vec<Scores> = (0..20).map(|i| scores(f64::from(i * 7 % 11), f64::from(i * 5 % 13))).collect();
        let forward: Vec<&Scores> = list.iter().collect();
        let backward: Vec<&Scores> = list.iter().rev().collect();
        let mut reversed = rank_sum(&backward, BOTH);
        reversed.reverse();
        assert_eq!(rank_sum(&forward, BOTH), reversed);
    }

    #[test]
    fn zero_and_minus_zero_are_a_tie() {
        assert_eq!(rank_sum(&[&scores(0.0, 1.0), &scores(-0.0, 1.0)], BOTH), [3.0, 3.0]);
    }
}
