//! The written rule by which the default score is chosen from two benchmarks.
//!
//! 1. A score's figure on a benchmark is Spearman's rho with test accuracy, the mean over the benchmark's data sets.
//! 2. Its merit is the smaller of its two figures: a default must not fail on either kind of network.
//! 3. The best merit is found, and with it the bootstrap error of that figure.
//! 4. Chosen is the cheapest score whose merit is within one such error of the best; of equal cost, the better one.
//!
//! Nothing is fitted: the list of scores was fixed before.

use serde::Serialize;
use tinynas_score::{Ensemble, Proxy};

use crate::ranking::RankingRow;

/// One score on both benchmarks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChoiceRow {
    /// `nwot`, or `nwot+synflow`.
    pub name: String,
    /// The ensemble; `None` for a proxy alone.
    pub ensemble: Option<Ensemble>,
    /// Mean rho on NAS-Bench-201.
    pub nasbench201: f64,
    /// Rho on NAS-Bench-Macro.
    pub nasbench_macro: f64,
    /// The smaller of the two.
    pub merit: f64,
    /// Bootstrap error of that one.
    pub error: f64,
    /// What it takes: see [`cost`].
    pub cost: u32,
}

/// What the rule chose.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Choice {
    /// All scores that both benchmarks know, the best merit first.
    pub rows: Vec<ChoiceRow>,
    /// Position of the chosen one.
    pub chosen: usize,
}

/// What a proxy takes, in round numbers of forward passes of a batch: 0 for what is counted, 1 for SynFlow and others
/// that need no batch or one forward pass, 3 with gradients, 6 with gradients of two batches or more.
#[must_use]
pub fn cost(proxy: Proxy) -> u32 {
    match proxy {
        Proxy::Params | Proxy::Macs | Proxy::ReluUnits | Proxy::Depth | Proxy::L2Norm => 0,
        Proxy::Zico | Proxy::Grasp => 6,
        proxy if proxy.needs_labels() || proxy == Proxy::JacobCov => 3,
        _ => 1,
    }
}

/// Applies the rule; `None` if no score is in both lists.
#[must_use]
pub fn choose(nasbench201: &[RankingRow], nasbench_macro: &[RankingRow]) -> Option<Choice> {
    let figure = |row: &RankingRow| -> Option<(f64, f64)> {
        let rhos: Vec<_> = row.agreement.iter().map(|agreement| agreement.rho).collect::<Option<_>>()?;
        let n = rhos.len() as f64;
        Some((rhos.iter().map(|rho| rho.value).sum::<f64>() / n, rhos.iter().map(|rho| rho.error).sum::<f64>() / n))
    };
    let mut rows: Vec<ChoiceRow> = Vec::new();
    for row in nasbench201 {
        let same = nasbench_macro.iter().find(|other| (&other.name, other.ensemble) == (&row.name, row.ensemble));
        let Some(((cells, cells_error), (blocks, blocks_error))) = figure(row).zip(same.and_then(figure)) else {
            continue;
        };
        let (merit, error) = if cells < blocks { (cells, cells_error) } else { (blocks, blocks_error) };
        let proxies = row.name.split('+').filter_map(|name| name.parse().ok());
        rows.push(ChoiceRow {
            name: row.name.clone(),
            ensemble: row.ensemble,
            nasbench201: cells,
            nasbench_macro: blocks,
            merit,
            error,
            cost: proxies.map(cost).sum(),
        });
    }
    rows.sort_by(|a, b| b.merit.total_cmp(&a.merit));
    let best = rows.first()?;
    let bound = best.merit - best.error;
    let near = rows.iter().enumerate().filter(|(_, row)| row.merit >= bound);
    let chosen = near.min_by_key(|(at, row)| (row.cost, *at)).map_or(0, |(at, _)| at);
    Some(Choice { rows, chosen })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::{Agreement, Estimate};

    fn row(name: &str, ensemble: Option<Ensemble>, rho: f64) -> RankingRow {
        let estimate = |value| Estimate { value, error: 0.02 };
        let rho = Some(estimate(rho));
        let zero = estimate(0.0);
        let agreement =
            Agreement { n: 9, unscored: 0, rho, tau: None, top_tenth: zero, top_hundredth: zero, selected: zero };
        RankingRow { name: name.into(), ensemble, n: 9, whole: true, agreement: vec![agreement], concordance: None }
    }

    #[test]
    fn the_cheapest_within_one_error_of_the_best_smaller_figure() {
        let sum = Some(Ensemble::RankSum);
        let cells = [row("params", None, 0.7), row("nwot", None, 0.80), row("nwot+zico", sum, 0.815)];
        let blocks = [row("params", None, 0.3), row("nwot", None, 0.9), row("nwot+zico", sum, 0.82)];
        let choice = choose(&cells, &blocks).unwrap();
        assert_eq!(choice.rows[0].name, "nwot+zico");
        assert_eq!((choice.rows[choice.chosen].name.as_str(), choice.rows[choice.chosen].cost), ("nwot", 1));
        assert_eq!(choice.rows[2].merit, 0.3);
        // Further than an error away it is not chosen.
        let cells = [row("nwot", None, 0.78), row("nwot+zico", sum, 0.815)];
        assert_eq!(choose(&cells, &blocks).unwrap().chosen, 0);
        assert_eq!(choose(&cells, &[]), None);
    }
}
