//! Plain text tables, bars and numbers with units.

use std::fmt::Write;

/// Alignment of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table with a header line.
#[derive(Debug)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    #[must_use]
    pub fn new(columns: &[(&str, Align)]) -> Self {
        Self { columns: columns.iter().map(|(name, align)| ((*name).to_owned(), *align)).collect(), rows: Vec::new() }
    }

    /// Adds a row of as many cells as there are columns.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The text, two spaces between columns, no spaces at line ends.
    #[must_use]
    pub fn render(&self) -> String {
        let width = |i: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.chars().count());
            cells.chain([self.columns[i].0.chars().count()]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let header: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let mut text = String::new();
        for (i, row) in std::iter::once(&header).chain(&self.rows).enumerate() {
            let mut line = String::new();
            for ((cell, width), (_, align)) in row.iter().zip(&widths).zip(&self.columns) {
                let _ = match align {
                    Align::Left => write!(line, "{cell:<width$}  "),
                    Align::Right => write!(line, "{cell:>width$}  "),
                };
            }
            if i > 0 {
                text.push('\n');
            }
            text.push_str(line.trim_end());
        }
        text
    }
}

/// A bar of 32 cells for `part` of `whole`.
#[must_use]
pub fn bar(part: u64, whole: u64) -> String {
    let filled = usize::try_from((part * 32).checked_div(whole).unwrap_or(32).min(32)).unwrap_or(32);
    format!("|{}{}|", "#".repeat(filled), ".".repeat(32 - filled))
}

/// `24.0 KiB`.
#[must_use]
pub fn kib(bytes: u64) -> String {
    format!("{:.1} KiB", bytes as f64 / 1024.0)
}

/// A fraction as `84.1 %`.
#[must_use]
pub fn percent(fraction: f64) -> String {
    format!("{:.1} %", fraction * 100.0)
}

/// `1 234 567` with thin groups as commas: `1,234,567`.
#[must_use]
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_end_without_spaces() {
        let mut table = Table::new(&[("name", Align::Left), ("bytes", Align::Right)]);
        table.row(vec!["stem".into(), "9".into()]);
        table.row(vec!["b0.dw".into(), "1,000".into()]);
        assert_eq!(table.render(), "name   bytes\nstem       9\nb0.dw  1,000");
    }

    #[test]
    fn numbers_have_units() {
        assert_eq!(kib(24576), "24.0 KiB");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(12), "12");
        assert_eq!(percent(0.8412), "84.1 %");
        assert_eq!(bar(1, 2).matches('#').count(), 16);
        assert_eq!(bar(3, 2).matches('#').count(), 32);
    }
}
