//! Tables of comma-separated values whose first line names the columns.

use std::{collections::HashMap, fs, path::Path};

use crate::TableError;

/// A table in memory; its lines are counted from 1, the header included.
#[derive(Clone, Debug)]
pub struct Csv {
    file: String,
    columns: Vec<String>,
    rows: Vec<(usize, Vec<String>)>,
}

/// Position of a column that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column(usize);

/// One line of a table.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    table: &'a Csv,
    /// Line of the file, from 1.
    pub line: usize,
    cells: &'a [String],
}

impl Csv {
    /// Reads a file.
    ///
    /// # Errors
    /// [`TableError`]: the file cannot be read, or as [`Self::parse`].
    pub fn read(path: &Path) -> Result<Self, TableError> {
        let text = fs::read_to_string(path).map_err(|source| TableError::Io { path: path.into(), source })?;
        Self::parse(&path.display().to_string(), &text)
    }

    /// Reads a text; `file` is what errors call it. Empty lines and lines that begin with `#` are
    /// skipped; there is no quoting.
    ///
    /// # Errors
    /// No header, a column named twice, a line with more or fewer cells than columns.
    pub fn parse(file: &str, text: &str) -> Result<Self, TableError> {
        let text = text.trim_start_matches('\u{feff}');
        let lines = text.lines().enumerate().map(|(i, line)| (i + 1, line.trim_end_matches('\r')));
        let mut lines = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        let Some((_, header)) = lines.next() else { return Err(TableError::Empty { file: file.into() }) };
        let columns: Vec<String> = header.split(',').map(|name| name.trim().to_owned()).collect();
        if let Some(twice) = columns.iter().enumerate().find(|(i, name)| columns[..*i].contains(name)) {
            return Err(TableError::DoubledColumn { file: file.into(), column: twice.1.clone() });
        }
        let mut rows = Vec::new();
        for (line, text) in lines {
            let cells: Vec<String> = text.split(',').map(|cell| cell.trim().to_owned()).collect();
            if cells.len() != columns.len() {
                let (got, expected) = (cells.len(), columns.len());
                return Err(TableError::CellCount { file: file.into(), line, got, expected });
            }
            rows.push((line, cells));
        }
        if rows.is_empty() {
            return Err(TableError::Empty { file: file.into() });
        }
        Ok(Self { file: file.into(), columns, rows })
    }

    /// What errors call the table.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Names of the columns in order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// A column by name.
    ///
    /// # Errors
    /// [`TableError::MissingColumn`].
    pub fn column(&self, name: &str) -> Result<Column, TableError> {
        let found = self.columns.iter().position(|column| column == name);
        found.map(Column).ok_or_else(|| TableError::MissingColumn { file: self.file.clone(), column: name.into() })
    }

    /// The rows in order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, cells)| Row { table: self, line: *line, cells })
    }

    /// Checks that no two rows have the same cell in `column`.
    ///
    /// # Errors
    /// [`TableError::DoubledRow`] with both lines.
    pub fn unique(&self, column: Column) -> Result<(), TableError> {
        let mut first: HashMap<&str, usize> = HashMap::with_capacity(self.rows.len());
        for row in self.rows() {
            if let Some(first_line) = first.insert(row.text(column), row.line) {
                let (key, line) = (row.text(column).to_owned(), row.line);
                return Err(TableError::DoubledRow { file: self.file.clone(), line, first_line, key });
            }
        }
        Ok(())
    }
}

impl<'a> Row<'a> {
    /// The cell as it is written.
    #[must_use]
    pub fn text(&self, column: Column) -> &'a str {
        &self.cells[column.0]
    }

    /// A finite number.
    ///
    /// # Errors
    /// [`TableError::BadCell`].
    pub fn number(&self, column: Column) -> Result<f64, TableError> {
        self.score(column)
            .ok()
            .filter(|value| value.is_finite())
            .ok_or_else(|| self.bad(column, "a finite number is needed"))
    }

    /// A percentage from 0 to 100.
    ///
    /// # Errors
    /// [`TableError::BadCell`].
    pub fn percent(&self, column: Column) -> Result<f64, TableError> {
        let value = self.number(column)?;
        if (0.0..=100.0).contains(&value) {
            Ok(value)
        } else {
            Err(self.bad(column, "an accuracy in percent is between 0 and 100"))
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// [`TableError::BadCell`].
    pub fn whole(&self, column: Column) -> Result<u64, TableError> {
        self.text(column).parse().map_err(|_| self.bad(column, "a whole number is needed"))
    }

    /// A number that may be infinite or NaN, as scores of networks without a score are.
    ///
    /// # Errors
    /// [`TableError::BadCell`].
    pub fn score(&self, column: Column) -> Result<f64, TableError> {
        self.text(column).parse().map_err(|_| self.bad(column, "a number is needed"))
    }

    /// The error for a cell of this row.
    #[must_use]
    pub fn bad(&self, column: Column, reason: &'static str) -> TableError {
        TableError::BadCell {
            file: self.table.file.clone(),
            line: self.line,
            column: self.table.columns[column.0].clone(),
            text: self.text(column).into(),
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_by_the_name_of_their_column() {
        let table = Csv::parse("t.csv", "\u{feff}# made by hand\na, b ,c\r\n1,x,-inf\r\n\n2,y,2.5e3\n").unwrap();
        let (a, b, c) = (table.column("a").unwrap(), table.column("b").unwrap(), table.column("c").unwrap());
        let rows: Vec<_> = table.rows().map(|row| (row.line, row.whole(a).unwrap(), row.text(b))).collect();
        assert_eq!(rows, [(3, 1, "x"), (5, 2, "y")]);
        let scores: Vec<f64> = table.rows().map(|row| row.score(c).unwrap()).collect();
        assert_eq!(scores, [f64::NEG_INFINITY, 2500.0]);
        assert!(table.unique(a).is_ok());
    }

    #[test]
    fn every_flaw_is_named_with_its_line() {
        let said = |text: &str| Csv::parse("t.csv", text).unwrap_err().to_string();
        assert_eq!(said(""), "t.csv: there are no rows");
        assert_eq!(said("a,b\n"), "t.csv: there are no rows");
        assert_eq!(said("a,a\n1,2"), "t.csv: the header names `a` twice");
        assert_eq!(said("a,b\n1,2\n1"), "t.csv:3: 1 cells, the header names 2 columns");
        let table = Csv::parse("t.csv", "a,b\n1,nan\n1,101\n").unwrap();
        let (a, b) = (table.column("a").unwrap(), table.column("b").unwrap());
        let row = table.rows().next().unwrap();
        assert_eq!(table.column("z").unwrap_err().to_string(), "t.csv: there is no column `z`");
        assert_eq!(table.unique(a).unwrap_err().to_string(), "t.csv:3: `1` stands in line 2 already");
        assert_eq!(row.number(b).unwrap_err().to_string(), "t.csv:2: `nan` in column `b`: a finite number is needed");
        assert!(row.score(b).unwrap().is_nan());
        let row = table.rows().last().unwrap();
        assert!(row.percent(b).unwrap_err().to_string().starts_with("t.csv:3: `101`"));
        assert!(row.whole(b).is_ok() && row.percent(a).is_ok());
    }
}
