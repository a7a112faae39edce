//! Tests that passed because what they need is not here: they say so, and are named at the end of a run.

/// How a test says that it could not do its work here.
const MARK: &str = "skipped: ";

/// The marked lines of a JUnit report, each with the name of its test.
pub fn in_report(report: &str) -> Vec<String> {
    let mut test = "";
    let mut found = Vec::new();
    for line in report.lines() {
        if let Some((_, rest)) = line.split_once("<testcase name=\"") {
            test = rest.split('"').next().unwrap_or_default();
        }
        if let Some((_, what)) = line.split_once(MARK) {
            let what = what.split("</").next().unwrap_or_default();
            found.push(format!("{MARK}{} ({test})", unescaped(what)));
        }
    }
    found
}

fn unescaped(text: &str) -> String {
    [("&apos;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The same from the lines of `cargo test -- --show-output`, which names a test before its output.
#[derive(Default)]
pub struct Lines {
    test: String,
}

impl Lines {
    /// Takes a line; gives what it tells.
    pub fn next(&mut self, line: &str) -> Option<String> {
        if let Some(test) = line.strip_prefix("---- ").and_then(|rest| rest.split_whitespace().next()) {
            test.clone_into(&mut self.test);
        }
        let what = line.strip_prefix(MARK)?;
        Some(format!("{MARK}{what} ({})", self.test))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipped_test_is_named_from_a_report() {
        let report = "<testcase name=\"tests::runs\" classname=\"device\" time=\"0.1\">\n<system-err>skipped: the emulator needs &quot;qemu-system-arm&quot;</system-err>\n</testcase>\n<testcase name=\"tests::other\"/>";
        assert_eq!(in_report(report), ["skipped: the emulator needs \"qemu-system-arm\" (tests::runs)"]);
    }

    #[test]
    fn a_skipped_test_is_named_from_lines() {
        let output = "running 2 tests\ntest tests::runs ... ok\n\nsuccesses:\n\n---- tests::runs stdout ----\nskipped: the emulator needs QEMU\n\n---- tests::other stdout ----\nall well\n";
        let mut lines = Lines::default();
        let found: Vec<String> = output.lines().filter_map(|line| lines.next(line)).collect();
        assert_eq!(found, ["skipped: the emulator needs QEMU (tests::runs)"]);
    }
}
