//! Scores of the networks of a benchmark, kept in a file so that rankings and searches take seconds.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use tinynas_score::{Proxy, Scores};

use crate::{BenchmarkError, Csv, TableError};

/// How the scores of a file were made; scores of different conditions are never put into one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// Images per batch.
    pub images: u32,
    /// Seed of weights and images.
    pub seed: u64,
}

/// Scores by code and proxy.
///
/// As a file: a comment line with the conditions, a header, one line per network. `-` stands for a network that the
/// proxy cannot score, an empty cell for one that was not scored yet. Scores have seven significant digits.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreTable {
    conditions: Conditions,
    scores: BTreeMap<String, BTreeMap<Proxy, Option<f64>>>,
}

impl ScoreTable {
    /// An empty table.
    #[must_use]
    pub const fn new(conditions: Conditions) -> Self {
        Self { conditions, scores: BTreeMap::new() }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`BenchmarkError`], which names file and line.
    pub fn read(path: &Path) -> Result<Self, BenchmarkError> {
        let text = std::fs::read_to_string(path).map_err(|source| TableError::Io { path: path.into(), source })?;
        Self::parse(&path.display().to_string(), &text)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(file: &str, text: &str) -> Result<Self, BenchmarkError> {
        let conditions =
            text.lines().next().and_then(conditions).ok_or_else(|| BenchmarkError::Conditions { file: file.into() })?;
        let csv = Csv::parse(file, text)?;
        let code = csv.column("code")?;
        csv.unique(code)?;
        let mut proxies = Vec::new();
        for name in csv.columns().iter().filter(|name| *name != "code") {
            let proxy: Proxy = name.parse().map_err(|_| TableError::MissingColumn {
                file: file.into(),
                column: format!("{name}, which is no proxy"),
            })?;
            proxies.push((proxy, csv.column(name)?));
        }
        let mut table = Self::new(conditions);
        for row in csv.rows() {
            let scores = table.scores.entry(row.text(code).to_owned()).or_default();
            for (proxy, column) in &proxies {
                match row.text(*column) {
                    "" => {}
                    "-" => drop(scores.insert(*proxy, None)),
                    _ => drop(scores.insert(*proxy, Some(row.number(*column)?))),
                }
            }
        }
        Ok(table)
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        let proxies = self.proxies();
        let mut text = format!("# images {}, seed {}\ncode", self.conditions.images, self.conditions.seed);
        proxies.iter().for_each(|proxy| text.push_str(&format!(",{proxy}")));
        for (code, scores) in &self.scores {
            let _ = write!(text, "\n{code}");
            for proxy in &proxies {
                text.push(',');
                match scores.get(proxy) {
                    Some(Some(score)) => text.push_str(&short(*score)),
                    Some(None) => text.push('-'),
                    None => {}
                }
            }
        }
        text.push('\n');
        text
    }

    /// How the scores were made.
    #[must_use]
    pub const fn conditions(&self) -> Conditions {
        self.conditions
    }

    /// Proxies that some network has been scored by.
    #[must_use]
    pub fn proxies(&self) -> Vec<Proxy> {
        let has = |proxy: &&Proxy| self.scores.values().any(|scores| scores.contains_key(*proxy));
        Proxy::ALL.iter().filter(has).copied().collect()
    }

    /// Those of `proxies` that `code` has not been scored by.
    #[must_use]
    pub fn missing(&self, code: &str, proxies: &[Proxy]) -> Vec<Proxy> {
        let known = self.scores.get(code);
        proxies.iter().filter(|proxy| known.is_none_or(|scores| !scores.contains_key(*proxy))).copied().collect()
    }

    /// Keeps what `code` was scored by; of `proxies` those that are not in `scores` could not score it.
    pub fn insert(&mut self, code: &str, proxies: &[Proxy], scores: &Scores) {
        let row = self.scores.entry(code.to_owned()).or_default();
        row.extend(proxies.iter().map(|proxy| (*proxy, scores.get(*proxy))));
    }

    /// The score of `code`: `None` if it was not scored by this proxy, NaN if it could not be.
    #[must_use]
    pub fn get(&self, code: &str, proxy: Proxy) -> Option<f64> {
        self.scores.get(code)?.get(&proxy).map(|score| score.unwrap_or(f64::NAN))
    }
}

/// `# images 64, seed 1`.
fn conditions(line: &str) -> Option<Conditions> {
    let (images, seed) = line.strip_prefix("# images ")?.split_once(", seed ")?;
    Some(Conditions { images: images.parse().ok()?, seed: seed.trim().parse().ok()? })
}

/// Seven significant digits, in the shortest form that reads back.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.6e}").parse().unwrap_or(value);
    let (plain, scientific) = (format!("{rounded}"), format!("{rounded:e}"));
    if plain.len() <= scientific.len() { plain } else { scientific }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONDITIONS: Conditions = Conditions { images: 64, seed: 1 };

    #[test]
    fn a_table_is_read_back() {
        let mut table = ScoreTable::new(CONDITIONS);
        let mut scores = Scores::default();
        scores.insert(Proxy::Nwot, 401.234_567_89).unwrap();
        table.insert("000010", &[Proxy::Nwot, Proxy::Synflow], &scores);
        table.insert("000011", &[Proxy::Macs], &scores);
        let text = table.text();
        assert_eq!(text, "# images 64, seed 1\ncode,macs,nwot,synflow\n000010,,401.2346,-\n000011,-,,\n");
        let read = ScoreTable::parse("s.csv", &text).unwrap();
        assert_eq!(read.text(), text);
        assert_eq!(read.conditions(), CONDITIONS);
        assert_eq!(read.get("000010", Proxy::Nwot), Some(401.2346));
        assert!(read.get("000010", Proxy::Synflow).unwrap().is_nan());
        assert_eq!(read.get("000010", Proxy::Macs), None);
        assert_eq!(read.missing("000010", Proxy::DEFAULT), []);
        assert_eq!(read.missing("000012", Proxy::DEFAULT), Proxy::DEFAULT);
    }

    #[test]
    fn digits_are_few_and_ranks_survive() {
        let said: Vec<String> = [1.0, -0.5, 123_456_789.0, 1.234_567_891e-7, -12.345_678_9].map(short).into();
        assert_eq!(said, ["1", "-0.5", "123456800", "1.234568e-7", "-12.34568"]);
    }

    #[test]
    fn a_file_without_conditions_or_with_a_strange_column_is_refused() {
        let said = |text: &str| ScoreTable::parse("s.csv", text).unwrap_err().to_string();
        assert!(said("code,nwot\na,1\n").contains("first line"));
        assert!(said("# images 64, seed 1\ncode,nought\na,1\n").contains("nought, which is no proxy"));
        assert!(said("# images 64, seed 1\ncode,nwot\na,1\na,2\n").contains("s.csv:4: `a` stands in line 3 already"));
        assert!(said("# images 64, seed 1\ncode,nwot\na,inf\n").contains("a finite number is needed"));
    }
}
