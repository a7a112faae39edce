//! The table of NAS-Bench-201: what every cell reached after training.

use std::path::Path;

use super::Cell;
use crate::{Csv, TableError};

/// Data sets in the order of [`CellRow::accuracy`], with the names of their columns.
pub const DATASETS: [&str; 3] = ["cifar10", "cifar100", "in16"];

/// What a cell reached on one data set after 200 epochs, percent, mean over seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accuracy {
    /// On validation images: what a search may see.
    pub validation: f64,
    /// On test images: what is reported.
    pub test: f64,
}

/// One cell of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellRow {
    /// The cell.
    pub cell: Cell,
    /// Accuracies in the order of [`DATASETS`].
    pub accuracy: [Accuracy; 3],
}

/// All 15,625 cells.
#[derive(Clone, Debug)]
pub struct CellTable {
    rows: Vec<CellRow>,
}

impl CellTable {
    /// Reads a table with the columns `ops` and, for cifar10, cifar100 and in16, `NAME_val` and `NAME_test`, in any
    /// order; other columns are not looked at.
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
        let ops = csv.column("ops")?;
        csv.unique(ops)?;
        let mut columns = Vec::with_capacity(DATASETS.len());
        for name in DATASETS {
            columns.push((csv.column(&format!("{name}_val"))?, csv.column(&format!("{name}_test"))?));
        }
        let mut rows: Vec<Option<CellRow>> = vec![None; Cell::COUNT];
        for row in csv.rows() {
            let cell: Cell = row.text(ops).parse().map_err(|()| row.bad(ops, "six digits from 0 to 4 are needed"))?;
            let mut accuracy = [Accuracy { validation: 0.0, test: 0.0 }; 3];
            for (accuracy, (validation, test)) in accuracy.iter_mut().zip(&columns) {
                *accuracy = Accuracy { validation: row.percent(*validation)?, test: row.percent(*test)? };
            }
            rows[cell.index()] = Some(CellRow { cell, accuracy });
        }
        let got = rows.iter().flatten().count();
        match Cell::all().find(|cell| rows[cell.index()].is_none()) {
            None => Ok(Self { rows: rows.into_iter().flatten().collect() }),
            Some(missing) => {
                let (file, expected, example) = (csv.file().into(), Cell::COUNT, missing.to_string());
                Err(TableError::MissingRows { file, got, expected, example })
            }
        }
    }

    /// All rows, by cell.
    #[must_use]
    pub fn rows(&self) -> &[CellRow] {
        &self.rows
    }

    /// The row of a cell.
    #[must_use]
    pub fn row(&self, cell: Cell) -> &CellRow {
        &self.rows[cell.index()]
    }

    /// Test accuracies on data set `dataset` of [`DATASETS`], by cell, percent.
    ///
    /// # Panics
    /// If there is no such data set.
    #[must_use]
    pub fn test(&self, dataset: usize) -> Vec<f64> {
        self.rows.iter().map(|row| row.accuracy[dataset].test).collect()
    }

    /// Validation accuracies on data set `dataset` of [`DATASETS`], by cell, percent.
    ///
    /// # Panics
    /// If there is no such data set.
    #[must_use]
    pub fn validation(&self, dataset: usize) -> Vec<f64> {
        self.rows.iter().map(|row| row.accuracy[dataset].validation).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A whole table with made-up figures, one line changed.
    fn table(change: impl Fn(usize, String) -> String) -> Result<CellTable, TableError> {
        let mut text = String::from("ops,cifar10_val,cifar10_test,cifar100_val,cifar100_test,in16_val,in16_test\n");
        for cell in Cell::all() {
            let line = format!("{cell},{0},1,2,3,4,5\n", cell.index() as f64 / 1000.0);
            text.push_str(&change(cell.index(), line));
        }
        CellTable::new(&Csv::parse("c.csv", &text).unwrap())
    }

    #[test]
    fn a_whole_table_is_read_and_every_flaw_has_its_line() {
        let whole = table(|_, line| line).unwrap();
        let cell: Cell = "000012".parse().unwrap();
        assert_eq!(whole.row(cell).accuracy[0], Accuracy { validation: 0.007, test: 1.0 });
        assert_eq!((whole.test(2)[3], whole.validation(1)[3]), (5.0, 2.0));
        let said = |index: usize, line: &str| {
            table(|i, own| if i == index { line.into() } else { own }).unwrap_err().to_string()
        };
        assert_eq!(said(7, ""), "c.csv: 15624 of 15625 networks; `000012` is missing");
        assert_eq!(said(7, "000011,1,1,1,1,1,1\n"), "c.csv:9: `000011` stands in line 8 already");
        let nan = "c.csv:9: `NaN` in column `in16_test`: a finite number is needed";
        assert_eq!(said(7, "000012,1,1,1,1,1,NaN\n"), nan);
        assert!(said(7, "000012,1,1,1,1,1,100.5\n").contains("between 0 and 100"));
        assert!(said(7, "00001,1,1,1,1,1,1\n").contains("six digits"));
    }
}
