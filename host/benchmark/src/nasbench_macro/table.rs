//! The table of NAS-Bench-Macro: what every network reached after training.

use std::path::Path;

use super::MacroCode;
use crate::{Csv, TableError};

/// One network of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MacroRow {
    /// The network.
    pub code: MacroCode,
    /// Mean accuracy of three seeds on CIFAR-10's test images after 50 epochs, percent.
    pub accuracy: f64,
    /// Accuracy of each seed, percent.
    pub seeds: [f64; 3],
    /// Parameters.
    pub params: u64,
    /// Multiply-accumulates.
    pub macs: u64,
}

/// All 6,561 networks.
#[derive(Clone, Debug)]
pub struct MacroTable {
    rows: Vec<MacroRow>,
}

impl MacroTable {
    /// Reads a table with the columns `arch, mean_acc, acc0, acc1, acc2, params, macs`, in any order.
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
        let [arch, mean, a, b, c, params, macs] =
            ["arch", "mean_acc", "acc0", "acc1", "acc2", "params", "macs"].map(|name| csv.column(name));
        let (arch, mean, seeds, params, macs) = (arch?, mean?, [a?, b?, c?], params?, macs?);
        let mut rows: Vec<Option<MacroRow>> = vec![None; MacroCode::COUNT];
        csv.unique(arch)?;
        for row in csv.rows() {
            let code: MacroCode =
                row.text(arch).parse().map_err(|()| row.bad(arch, "eight digits from 0 to 2 are needed"))?;
            rows[code.index()] = Some(MacroRow {
                code,
                accuracy: row.percent(mean)?,
                seeds: [row.percent(seeds[0])?, row.percent(seeds[1])?, row.percent(seeds[2])?],
                params: row.whole(params)?,
                macs: row.whole(macs)?,
            });
        }
        let got = rows.iter().flatten().count();
        match MacroCode::all().find(|code| rows[code.index()].is_none()) {
            None => Ok(Self { rows: rows.into_iter().flatten().collect() }),
            Some(missing) => {
                let (file, expected, example) = (csv.file().into(), MacroCode::COUNT, missing.to_string());
                Err(TableError::MissingRows { file, got, expected, example })
            }
        }
    }

    /// All rows, by code.
    #[must_use]
    pub fn rows(&self) -> &[MacroRow] {
        &self.rows
    }

    /// The row of a network.
    #[must_use]
    pub fn row(&self, code: MacroCode) -> &MacroRow {
        &self.rows[code.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A whole table with made-up figures, one line changed.
    fn table(change: impl Fn(usize, String) -> String) -> Result<MacroTable, TableError> {
        let mut text = String::from("arch,mean_acc,acc0,acc1,acc2,params,macs\n");
        for code in MacroCode::all() {
            let line = format!("{code},{0},{0},{0},{0},1,2\n", code.index() as f64 / 100.0);
            text.push_str(&change(code.index(), line));
        }
        MacroTable::new(&Csv::parse("m.csv", &text).unwrap())
    }

    #[test]
    fn a_whole_table_is_read_and_every_flaw_has_its_line() {
        let whole = table(|_, line| line).unwrap();
        let code: MacroCode = "00000012".parse().unwrap();
        assert_eq!((whole.row(code).code, whole.row(code).accuracy), (code, 0.05));
        let said = |index: usize, line: &str| {
            table(|i, own| if i == index { line.into() } else { own }).unwrap_err().to_string()
        };
        assert_eq!(said(5, ""), "m.csv: 6560 of 6561 networks; `00000012` is missing");
        assert_eq!(said(5, "00000011,1,1,1,1,1,1\n"), "m.csv:7: `00000011` stands in line 6 already");
        let nan = "m.csv:7: `nan` in column `mean_acc`: a finite number is needed";
        assert_eq!(said(5, "00000012,nan,1,1,1,1,1\n"), nan);
        assert!(said(5, "0000012,1,1,1,1,1,1\n").contains("eight digits"));
        assert!(said(5, "00000012,1,1,1,1,-1,1\n").contains("whole number"));
    }
}
