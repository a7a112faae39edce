//! Our scores beside those of other programs: the rank agreement per proxy.

use std::path::Path;

use serde::Serialize;
use tinynas_score::{Proxy, Scores};

use crate::{Code, Csv, TableError, nasbench201::Branches, statistics::spearman};

/// Columns that are not named as the proxy is, with `_` for `-`.
const NAMES: &[(&str, &str)] = &[("macs", "flops"), ("fisher-channel", "fisher_ch")];

/// Scores of some networks of a benchmark that another program computed.
#[derive(Clone, Debug)]
pub struct Reference {
    codes: Vec<Code>,
    columns: Vec<(String, Vec<f64>)>,
}

/// How well our ranks agree with theirs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgreeRow {
    /// Our proxy.
    pub proxy: Proxy,
    /// Their column.
    pub column: String,
    /// Where our definition was made theirs for the comparison: how.
    pub as_theirs: Option<&'static str>,
    /// Spearman's rho over the networks with two finite scores.
    pub rho: Option<f64>,
    /// Those networks.
    pub n: usize,
    /// Networks that only one of the two programs could score.
    pub one_sided: usize,
}

impl Reference {
    /// Reads a table with a column `ops` (NAS-Bench-201) or `arch` (NAS-Bench-Macro) and one column per proxy. Cells
    /// are built with all branches, as the benchmark's code does.
    ///
    /// # Errors
    /// [`TableError`], which names file and line.
    pub fn read(path: &Path) -> Result<Self, TableError> {
        Self::new(&Csv::read(path)?)
    }

    /// As [`Self::read`], from what was read.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn new(csv: &Csv) -> Result<Self, TableError> {
        let key = csv.column("ops").or_else(|_| csv.column("arch"));
        let key = key.map_err(|_| TableError::UnknownKind { file: csv.file().into() })?;
        csv.unique(key)?;
        let code = |text: &str| -> Result<Code, ()> {
            let cell = |text: &str| text.parse().map(|cell| Code::Cell(cell, Branches::All));
            let block = |text: &str| text.parse().map(Code::Macro);
            if csv.column("ops").is_ok() { cell(text) } else { block(text) }
        };
        let codes =
            csv.rows().map(|row| code(row.text(key)).map_err(|()| row.bad(key, "this is no code of its space")));
        let codes = codes.collect::<Result<_, _>>()?;
        let mut columns = Vec::new();
        for name in csv.columns().iter().filter(|name| !matches!(name.as_str(), "ops" | "arch")) {
            let column = csv.column(name)?;
            columns.push((name.clone(), csv.rows().map(|row| row.score(column)).collect::<Result<_, _>>()?));
        }
        Ok(Self { codes, columns })
    }

    /// Keeps the first `networks` only.
    pub fn truncate(&mut self, networks: usize) {
        self.codes.truncate(networks);
        self.columns.iter_mut().for_each(|(_, values)| values.truncate(networks));
    }

    /// The networks in the order of the table.
    #[must_use]
    pub fn codes(&self) -> &[Code] {
        &self.codes
    }

    /// The scores of a column in the order of the networks.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&[f64]> {
        self.columns.iter().find(|(column, _)| column == name).map(|(_, values)| values.as_slice())
    }

    /// Proxies that the table has a column for.
    #[must_use]
    pub fn proxies(&self) -> Vec<Proxy> {
        Proxy::ALL.iter().copied().filter(|proxy| self.column(&column_of(*proxy)).is_some()).collect()
    }

    /// The agreement of `scores`, one per network, with every column that has a proxy of ours.
    #[must_use]
    pub fn agree(&self, proxies: &[Proxy], scores: &[Scores]) -> Vec<AgreeRow> {
        let ours = |proxy: Proxy| scores.iter().map(|scores| scores.get(proxy)).collect::<Vec<_>>();
        proxies.iter().filter_map(|proxy| self.compare(*proxy, None, &ours(*proxy))).collect()
    }

    /// The agreement of one list of scores with the column of `proxy`; `None` if there is no such column.
    #[must_use]
    pub fn compare(&self, proxy: Proxy, as_theirs: Option<&'static str>, ours: &[Option<f64>]) -> Option<AgreeRow> {
        let column = column_of(proxy);
        let theirs = self.column(&column)?.iter().map(|v| Some(*v).filter(|v| v.is_finite()));
        let pairs: Vec<(Option<f64>, Option<f64>)> = ours.iter().copied().zip(theirs).collect();
        let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().filter_map(|(a, b)| Some(((*a)?, (*b)?))).unzip();
        let one_sided = pairs.iter().filter(|(a, b)| a.is_some() != b.is_some()).count();
        Some(AgreeRow { proxy, column, as_theirs, rho: spearman(&a, &b), n: a.len(), one_sided })
    }
}

/// The column that holds the scores of a proxy.
fn column_of(proxy: Proxy) -> String {
    let named = NAMES.iter().find(|(name, _)| *name == proxy.name());
    named.map_or_else(|| proxy.name().replace('-', "_"), |(_, column)| (*column).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(nwot: f64, macs: f64) -> Scores {
        let mut scores = Scores::default();
        let _ = scores.insert(Proxy::Nwot, nwot);
        let _ = scores.insert(Proxy::Macs, macs);
        scores
    }

    #[test]
    fn rows_that_are_finite_in_both_are_compared() {
        let text = "arch,mean_acc,flops,nwot\n00000000,1,1,10\n00000001,2,2,nan\n00000002,3,3,12\n00000010,4,4,11\n";
        let reference = Reference::new(&Csv::parse("r.csv", text).unwrap()).unwrap();
        assert_eq!(reference.proxies(), [Proxy::Macs, Proxy::Nwot]);
        assert_eq!(reference.codes()[3].to_string(), "00000010");
        let ours = [scores(1.0, 1.0), scores(2.0, 2.0), scores(5.0, 9.0), scores(f64::NAN, 8.0)];
        let rows = reference.agree(&reference.proxies(), &ours);
        assert_eq!((rows[0].column.as_str(), rows[0].n, rows[0].one_sided), ("flops", 4, 0));
        assert!((rows[0].rho.unwrap() - 0.8).abs() < 1e-12);
        assert_eq!((rows[1].rho, rows[1].n, rows[1].one_sided), (Some(1.0), 2, 2));
    }

    #[test]
    fn a_table_of_another_kind_is_refused_by_name() {
        let said = |text: &str| Reference::new(&Csv::parse("r.csv", text).unwrap()).unwrap_err().to_string();
        assert!(said("name,nwot\na,1\n").contains("neither a column `ops`"));
        assert_eq!(said("ops,nwot\n00000,1\n"), "r.csv:2: `00000` in column `ops`: this is no code of its space");
        assert_eq!(said("ops,nwot\n000000,x\n"), "r.csv:2: `x` in column `nwot`: a number is needed");
        assert_eq!(said("ops,nwot\n000000,1\n000000,1\n"), "r.csv:3: `000000` stands in line 2 already");
    }
}
