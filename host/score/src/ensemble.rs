//! Ensembles: several scores made one without a common scale.
//!
//! | ensemble | score of candidate c |
//! |---|---|
//! | rank sum | Σ over proxies of rank(c); rank 1 is the lowest score, ties share the mean |
//! | log-rank sum (Lee and Ham, CVPR 2024, "AZ-NAS") | Σ over proxies of ln(rank(c) / n) |
//! | Copeland (Copeland, 1951) | pairs that c wins less pairs that it loses, each decided by the majority of proxies |
//!
//! Traps: all are relative to the list, so they compare only within one call. The log-rank sum punishes a low rank far
//! more than it rewards a high one. The "vote" of Abdelfattah et al. (ICLR 2021) is the majority too, but what they
//! print for it is the share of correctly ordered pairs ([`concordance`]), not a rank correlation. A candidate without
//! a finite score of every proxy gets −∞: it never wins, and it takes no rank from the others.

use std::{cmp::Ordering, fmt};

use serde::Serialize;

/// How scores of several proxies are made one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ensemble {
    /// Sum of ranks.
    RankSum,
    /// Sum of logarithms of ranks.
    LogRankSum,
    /// Pairs won less pairs lost by majority.
    Copeland,
}

impl Ensemble {
    /// All ensembles.
    pub const ALL: &[Self] = &[Self::RankSum, Self::LogRankSum, Self::Copeland];

    /// Name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RankSum => "rank-sum",
            Self::LogRankSum => "log-rank-sum",
            Self::Copeland => "copeland",
        }
    }

    /// The combined score of every candidate; higher is better. `columns` holds one list of scores per proxy, all of
    /// one length. Rank sums take O(n log n), Copeland O(n²).
    #[must_use]
    pub fn combine(self, columns: &[Vec<f64>]) -> Vec<f64> {
        let n = columns.first().map_or(0, Vec::len);
        let complete = complete(columns);
        let mut combined = vec![f64::NEG_INFINITY; n];
        let ranks: Vec<Vec<f64>> = columns.iter().map(|column| ranks(column, &complete)).collect();
        let among = complete.len() as f64;
        let wins = if self == Self::Copeland { margins(&ranks) } else { Vec::new() };
        for (at, candidate) in complete.iter().enumerate() {
            combined[*candidate] = match self {
                Self::RankSum => ranks.iter().map(|rank| rank[at]).sum(),
                Self::LogRankSum => ranks.iter().map(|rank| (rank[at] / among).ln()).sum(),
                Self::Copeland => f64::from(wins[at]),
            };
        }
        combined
    }
}

impl fmt::Display for Ensemble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Share of the pairs with different `truth` that the majority of proxies orders as `truth` does; a drawn vote counts
/// half. Candidates without a finite score of every proxy take no part. `None` if there is no such pair. O(n²).
///
/// # Panics
/// If a list is shorter than `truth`.
#[must_use]
pub fn concordance(columns: &[Vec<f64>], truth: &[f64]) -> Option<f64> {
    let complete: Vec<usize> = complete(columns).into_iter().filter(|i| truth[*i].is_finite()).collect();
    let ranks: Vec<Vec<f64>> = columns.iter().map(|column| ranks(column, &complete)).collect();
    let (mut right, mut pairs) = (0.0, 0.0);
    for (a, first) in complete.iter().enumerate() {
        for (b, second) in complete.iter().enumerate().take(a) {
            let order = sign(truth[*first], truth[*second]);
            if order != 0 {
                pairs += 1.0;
                right += 0.5 + 0.5 * f64::from(order * majority(&ranks, a, b));
            }
        }
    }
    (pairs > 0.0).then(|| right / pairs)
}

/// Candidates with a finite score of every proxy.
fn complete(columns: &[Vec<f64>]) -> Vec<usize> {
    let n = columns.first().map_or(0, Vec::len);
    (0..n).filter(|i| columns.iter().all(|column| column[*i].is_finite())).collect()
}

/// The ranks of `candidates` among themselves: 1 for the lowest, ties share the mean.
pub(crate) fn ranks(column: &[f64], candidates: &[usize]) -> Vec<f64> {
    let value = |at: usize| column[candidates[at]];
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by(|a, b| value(*a).total_cmp(&value(*b)));
    let mut ranks = vec![0.0; candidates.len()];
    let mut first = 0;
    for tied in order.chunk_by(|a, b| value(*a).partial_cmp(&value(*b)) == Some(Ordering::Equal)) {
        // Ranks first+1 ..= first+len: their mean.
        let rank = first as f64 + (tied.len() as f64 + 1.0) / 2.0;
        tied.iter().for_each(|at| ranks[*at] = rank);
        first += tied.len();
    }
    ranks
}

/// 1 if `a` is higher, −1 if lower, 0 if equal.
fn sign(a: f64, b: f64) -> i32 {
    i32::from(a > b) - i32::from(a < b)
}

/// What most proxies say of a pair: 1 if the first is better.
fn majority(ranks: &[Vec<f64>], a: usize, b: usize) -> i32 {
    ranks.iter().map(|rank| sign(rank[a], rank[b])).sum::<i32>().signum()
}

/// Pairs won less pairs lost.
fn margins(ranks: &[Vec<f64>]) -> Vec<i32> {
    let n = ranks.first().map_or(0, Vec::len);
    let mut margins = vec![0; n];
    for a in 0..n {
        for b in 0..a {
            let won = majority(ranks, a, b);
            margins[a] += won;
            margins[b] -= won;
        }
    }
    margins
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;

    #[test]
    fn three_ensembles_by_hand() {
        // Ranks: 1 2 3 4; 1.5 1.5 4 3; 2 1 3 4.
        let columns = [vec![1.0, 2.0, 3.0, 4.0], vec![5.0, 5.0, 9.0, 7.0], vec![0.2, 0.1, 0.3, 0.4]];
        assert_eq!(Ensemble::RankSum.combine(&columns), [4.5, 4.5, 10.0, 11.0]);
        let log = Ensemble::LogRankSum.combine(&columns);
        assert!((log[0] - (1.0_f64 * 1.5 * 2.0 / 64.0).ln()).abs() < 1e-12, "{log:?}");
        assert!((log[3] - (4.0_f64 * 3.0 * 4.0 / 64.0).ln()).abs() < 1e-12, "{log:?}");
        // 0 and 1 draw (one each, one tie); 3 beats 2 by two to one.
        assert_eq!(Ensemble::Copeland.combine(&columns), [-2.0, -2.0, 1.0, 3.0]);
    }

    #[test]
    fn concordance_by_hand() {
        let columns = [vec![1.0, 2.0, 3.0], vec![1.0, 3.0, 2.0], vec![3.0, 1.0, 2.0]];
        // Majority: 1 over 0, 2 over 0, 2 over 1. By truth 1 > 2 > 0: two of three.
        assert_eq!(concordance(&columns, &[1.0, 3.0, 2.0]), Some(2.0 / 3.0));
        // A pair of equal truth takes no part.
        assert_eq!(concordance(&columns, &[1.0, 3.0, 3.0]), Some(1.0));
        // Two proxies that disagree: a coin.
        assert_eq!(concordance(&[vec![1.0, 2.0], vec![2.0, 1.0]], &[1.0, 2.0]), Some(0.5));
        assert_eq!(concordance(&columns, &[1.0; 3]), None);
    }

    #[test]
    fn what_failed_never_wins_and_takes_no_rank() {
        let columns = [vec![NAN, 1.0, f64::INFINITY, 2.0], vec![9.0, 1.0, 9.0, 2.0]];
        for ensemble in Ensemble::ALL {
            let combined = ensemble.combine(&columns);
            assert_eq!((combined[0], combined[2]), (f64::NEG_INFINITY, f64::NEG_INFINITY), "{ensemble}");
            assert!(combined[3] > combined[1] && combined[1].is_finite(), "{ensemble}");
        }
        assert_eq!(concordance(&columns, &[9.0, 1.0, 9.0, 2.0]), Some(1.0));
        assert_eq!(Ensemble::RankSum.combine(&[]), Vec::<f64>::new());
    }

    #[test]
    fn the_order_of_the_list_does_not_matter() {
        let columns: Vec<Vec<f64>> =
            [7, 5, 3].iter().map(|step| (0..20).map(|i| f64::from(i * step % 11)).collect()).collect();
        let turned: Vec<Vec<f64>> = columns.iter().map(|c| c.iter().rev().copied().collect()).collect();
        for ensemble in Ensemble::ALL {
            let mut back = ensemble.combine(&turned);
            back.reverse();
            for (a, b) in ensemble.combine(&columns).iter().zip(&back) {
                assert!((a - b).abs() < 1e-12, "{ensemble}");
            }
        }
    }
}
