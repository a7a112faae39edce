//! A line of a file with a mark under the place that is wrong.

/// Characters of a line that are shown around the place.
const WINDOW: usize = 96;

/// Most characters that are marked.
const LONGEST_MARK: usize = 24;

/// A place in a text file that the user wrote.
#[derive(Debug)]
pub struct Snippet {
    file: String,
    /// 1-based line.
    pub line: usize,
    /// 1-based column, in characters.
    pub column: usize,
    shown: String,
    label: String,
}

impl Snippet {
    /// Keeps the line at `line` of `text`; a place past the end becomes the end.
    pub fn new(file: &str, text: &str, line: usize, column: usize, label: &str) -> Self {
        let lines = text.lines().count().max(1);
        let (line, column) = if line > lines {
            (lines, text.lines().last().map_or(1, |last| last.chars().count() + 1))
        } else {
            (line.max(1), column.max(1))
        };
        let shown = text.lines().nth(line - 1).unwrap_or_default().replace(['\t', '\r'], " ");
        let column = column.min(shown.chars().count() + 1);
        Self { file: file.into(), line, column, shown, label: label.into() }
    }

    /// Three lines: place, text, mark.
    pub fn render(&self) -> String {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let at = self.column - 1;
        let total = self.shown.chars().count();
        let start = if total > WINDOW { at.saturating_sub(WINDOW / 2).min(total - WINDOW) } else { 0 };
        let cut: String = self.shown.chars().skip(start).take(WINDOW).collect();
        let before = if start > 0 { "…" } else { "" };
        let after = if start + WINDOW < total { "…" } else { "" };
        // A value such as `4 KiB` is marked up to a comment or what encloses it, a key up to its colon.
        let rest: String = self.shown.chars().skip(at).collect();
        let value = rest.split([',', '}', ']', ':', '#']).next().unwrap_or_default().trim_end().chars().count();
        let marked = value.clamp(1, LONGEST_MARK);
        let indent = " ".repeat(at - start + before.chars().count());
        format!(
            "{margin} ┌─ {}:{}:{}\n{number} │ {before}{cut}{after}\n{margin} │ {indent}{} {}",
            self.file,
            self.line,
            self.column,
            "^".repeat(marked),
            self.label
        )
        .trim_end()
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{}X{}", "a".repeat(300), "b".repeat(300));
        let rendered = Snippet::new("f", &text, 1, 301, "here").render();
        let lines: Vec<&str> = rendered.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() < 140), "{rendered}");
        let column = |line: &str, c: char| line.chars().position(|x| x == c);
        assert_eq!(column(lines[1], 'X'), column(lines[2], '^'));
    }

    #[test]
    fn a_value_or_a_key_is_marked_and_nothing_around_it() {
        for (text, column, marks) in
            [("a: { b: 6 KiB, c: 1 }", 9, 5), ("buget: { sram: 1 }", 1, 5), ("x: 4KiB # four", 4, 4)]
        {
            let rendered = Snippet::new("f", text, 1, column, "").render();
            assert_eq!(rendered.matches('^').count(), marks, "{rendered}");
        }
    }

    #[test]
    fn places_outside_the_text_are_its_end() {
        for (text, line, column) in [("", 1, 1), ("a", 9, 9), ("a: b\n", 2, 1), ("ä", 1, 7)] {
            let snippet = Snippet::new("f", text, line, column, "");
            assert!(snippet.render().contains('^'));
            assert!(snippet.line >= 1 && snippet.column >= 1);
        }
    }
}
