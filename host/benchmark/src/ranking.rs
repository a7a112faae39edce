//! Every proxy and ensemble against the accuracies of a benchmark.

use serde::Serialize;
use tinynas_score::{Ensemble, Proxy, concordance};

use crate::{
    BenchmarkError, Code, ScoreTable,
    nasbench_macro::MacroCode,
    nasbench201::{Branches, Cell, Classes},
    searches::TableSpace,
    statistics::{Agreement, agreement},
    subset,
};

/// Networks of a sample at least.
pub const LEAST_SAMPLE: usize = 200;
/// Bootstrap resamples.
const DRAWS: u32 = 200;
/// Seed of the resamples.
const SEED: u64 = 1;

/// Proxies that are combined, each by every [`Ensemble`]. The list was fixed before any of them was computed: those of
/// the notes that this project has proxies for, and the count of ReLU units in place of NWOT.
pub const COMBINATIONS: &[&[&str]] = &[
    &["nwot", "synflow"],
    &["nwot", "zico"],
    &["nwot", "macs"],
    &["nwot", "params"],
    &["nwot", "zen"],
    &["nwot", "meco-opt"],
    &["relu-units", "synflow"],
    &["relu-units", "zico"],
    &["synflow", "jacob-cov", "snip"],
    &["nwot", "synflow", "jacob-cov"],
    &["nwot", "synflow", "zico"],
    &["nwot", "synflow", "params", "jacob-cov"],
];

/// A proxy or an ensemble against the accuracies.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankingRow {
    /// `nwot`, or `nwot+synflow`.
    pub name: String,
    /// The ensemble; `None` for a proxy alone.
    pub ensemble: Option<Ensemble>,
    /// Networks.
    pub n: usize,
    /// Whether these are all of the space; else the fixed sample.
    pub whole: bool,
    /// One per list of accuracies.
    pub agreement: Vec<Agreement>,
    /// For a majority: the share of pairs that it orders as the accuracies do, one per list of accuracies.
    pub concordance: Option<Vec<f64>>,
}

/// The codes that a score file has to hold for a space: one of every class of equal networks.
#[must_use]
pub fn codes(space: TableSpace) -> Vec<Code> {
    match space {
        TableSpace::Nasbench201 => {
            Classes::new().representatives().into_iter().map(|cell| Code::Cell(cell, Branches::Live)).collect()
        }
        TableSpace::NasbenchMacro => {
            MacroCode::all().filter(|code| code.canonical() == *code).map(Code::Macro).collect()
        }
    }
}

/// For every network of a space by position, the code that is scored for it.
#[must_use]
pub fn all_codes(space: TableSpace) -> Vec<Code> {
    match space {
        TableSpace::Nasbench201 => {
            let classes = Classes::new();
            Cell::all().map(|cell| Code::Cell(classes.representative(cell), Branches::Live)).collect()
        }
        TableSpace::NasbenchMacro => MacroCode::all().map(|code| Code::Macro(code.canonical())).collect(),
    }
}

/// The scores of all networks of a space, as far as they are known.
#[derive(Debug)]
pub struct Scored<'a> {
    table: &'a ScoreTable,
    /// By position: the code that is scored for it.
    codes: Vec<Code>,
    /// By position: parameters, MACs, ReLU units, all branches counted.
    counts: Vec<[f64; 3]>,
    order: Vec<usize>,
}

impl<'a> Scored<'a> {
    /// The scores of `space` in `table`. What can be counted is counted here, without the table.
    ///
    /// # Errors
    /// [`BenchmarkError::Network`]; no code gives one.
    pub fn new(space: TableSpace, table: &'a ScoreTable) -> Result<Self, BenchmarkError> {
        let own: Vec<Code> = match space {
            TableSpace::Nasbench201 => Cell::all().map(|cell| Code::Cell(cell, Branches::All)).collect(),
            TableSpace::NasbenchMacro => MacroCode::all().map(Code::Macro).collect(),
        };
        let codes = all_codes(space);
        let count = |code: &Code| -> Result<[f64; 3], BenchmarkError> {
            let network = code.network()?;
            Ok([network.params() as f64, network.macs() as f64, network.relu_units() as f64])
        };
        let counts = own.iter().map(count).collect::<Result<_, _>>()?;
        let order = subset::order(codes.len());
        Ok(Self { table, codes, counts, order })
    }

    /// The score of the network at a position; `None` if it is not known, NaN if there is none.
    #[must_use]
    pub fn get(&self, index: usize, proxy: Proxy) -> Option<f64> {
        match proxy {
            Proxy::Params => Some(self.counts[index][0]),
            Proxy::Macs => Some(self.counts[index][1]),
            Proxy::ReluUnits => Some(self.counts[index][2]),
            _ => self.table.get(&self.codes[index].to_string(), proxy),
        }
    }

    /// The scores of all networks by position.
    ///
    /// # Errors
    /// [`BenchmarkError::Unscored`].
    pub fn column(&self, proxy: Proxy) -> Result<Vec<f64>, BenchmarkError> {
        let scores: Vec<Option<f64>> = (0..self.codes.len()).map(|i| self.get(i, proxy)).collect();
        let missing = scores.iter().filter(|score| score.is_none()).count();
        if missing > 0 {
            return Err(BenchmarkError::Unscored { proxy, missing, wanted: self.codes.len() });
        }
        Ok(scores.into_iter().flatten().collect())
    }

    /// The networks that all `proxies` have looked at: all by position, or the longest beginning of the fixed random
    /// order; `None` if that is shorter than [`LEAST_SAMPLE`].
    fn common(&self, proxies: &[Proxy]) -> Option<(Vec<usize>, bool)> {
        let known = |i: &usize| proxies.iter().all(|proxy| self.get(*i, *proxy).is_some());
        let sample: Vec<usize> = self.order.iter().copied().take_while(known).collect();
        if sample.len() == self.codes.len() {
            return Some(((0..self.codes.len()).collect(), true));
        }
        (sample.len() >= LEAST_SAMPLE).then_some((sample, false))
    }

    /// Rows for all proxies and ensembles that enough networks are known of, against lists of accuracies by position.
    /// Copeland, which compares all pairs, takes a sample of 2,000 where the whole space is known.
    #[must_use]
    pub fn rank(&self, accuracies: &[Vec<f64>]) -> Vec<RankingRow> {
        let mut wanted: Vec<(Vec<Proxy>, Option<Ensemble>)> =
            Proxy::ALL.iter().map(|proxy| (vec![*proxy], None)).collect();
        let named = |names: &&[&str]| names.iter().map(|name| name.parse().ok()).collect::<Option<Vec<Proxy>>>();
        for proxies in COMBINATIONS.iter().filter_map(named) {
            wanted.extend(Ensemble::ALL.iter().map(|ensemble| (proxies.clone(), Some(*ensemble))));
        }
        std::thread::scope(|scope| {
            // Every second row on a second thread: the rows are independent and keep their order.
            let rows = |first: usize| {
                let part = wanted.iter().skip(first).step_by(2);
                part.map(|(proxies, ensemble)| self.row(proxies, *ensemble, accuracies)).collect::<Vec<_>>()
            };
            let odd = scope.spawn(move || rows(1));
            let even = rows(0);
            let odd = odd.join().unwrap_or_default();
            let longest = even.len();
            let mut pairs = (even.into_iter(), odd.into_iter());
            let both = (0..longest).flat_map(|_| [pairs.0.next(), pairs.1.next()]);
            both.flatten().flatten().collect()
        })
    }

    fn row(&self, proxies: &[Proxy], ensemble: Option<Ensemble>, accuracies: &[Vec<f64>]) -> Option<RankingRow> {
        let (mut networks, mut whole) = self.common(proxies)?;
        if ensemble == Some(Ensemble::Copeland) && whole {
            (networks, whole) = (self.order[..MOST_COPELAND.min(self.order.len())].to_vec(), false);
        }
        let column = |proxy: &Proxy| networks.iter().filter_map(|i| self.get(*i, *proxy)).collect::<Vec<f64>>();
        let columns: Vec<Vec<f64>> = proxies.iter().map(column).collect();
        let scores = ensemble.map_or_else(|| columns[0].clone(), |ensemble| ensemble.combine(&columns));
        let of = |list: &Vec<f64>| networks.iter().map(|i| list[*i]).collect::<Vec<f64>>();
        let votes = ensemble == Some(Ensemble::Copeland);
        Some(RankingRow {
            name: proxies.iter().map(|proxy| proxy.name()).collect::<Vec<_>>().join("+"),
            ensemble,
            n: networks.len(),
            whole,
            agreement: accuracies.iter().map(|list| agreement(&scores, &of(list), DRAWS, SEED)).collect(),
            concordance: votes.then(|| accuracies.iter().filter_map(|list| concordance(&columns, &of(list))).collect()),
        })
    }
}

/// Networks that all pairs are compared of at most.
const MOST_COPELAND: usize = 2000;
