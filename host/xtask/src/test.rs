//! `cargo xtask test`: everything that must hold before a change is taken.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    process::Stdio,
};

use crate::{
    setup,
    shell::{Failure, Workspace, answer, line, run, say},
};

/// Set-up, format, lints, documentation's tests, tests. Everything runs, then the failed ones are named.
pub fn everything(workspace: &Workspace) -> Result<(), Failure> {
    let missing = setup::what_is_possible(workspace);
    let mut failed = Vec::new();
    let mut check = |name: &'static str, result: Result<(), Failure>| {
        if let Err(failure) = result {
            say(&format!("error: {failure}"));
            failed.push(name);
        }
    };
    check("format", run(workspace.cargo(&["fmt", "--all", "--check"])));
    check("firmware format", run(workspace.cargo(&["fmt", "--check", "--manifest-path", "firmware/app/Cargo.toml"])));
    let lints = ["clippy", "--release", "--workspace", "--all-targets", "--", "--deny", "warnings"];
    check("lints", run(workspace.cargo(&lints)));
    check("documentation's tests", run(workspace.cargo(&["test", "--release", "--workspace", "--doc"])));
    let mut skipped = BTreeSet::new();
    check("tests", tests(workspace, &mut skipped));
    for line in &skipped {
        say(line);
    }
    for what in &missing {
        say(&format!("not available here: {what}"));
    }
    if failed.is_empty() {
        say(&format!("every check passed; {} tests were skipped", skipped.len()));
        Ok(())
    } else {
        Err(Failure::Checks(failed.join(", ")))
    }
}

/// Runs all tests, with nextest if it is installed, and collects the ones that said they skipped something.
fn tests(workspace: &Workspace, skipped: &mut BTreeSet<String>) -> Result<(), Failure> {
    if answer(workspace.cargo(&["nextest", "--version"])).is_some() {
        let report = workspace.root().join("target/nextest/default/junit.xml");
        // Only there after a run; an old one would tell of another.
        let _ = fs::remove_file(&report);
        let result = run(workspace.cargo(&["nextest", "run", "--release", "--workspace", "--no-fail-fast"]));
        // The profile in .config/nextest.toml writes this report, with the output of tests that passed.
        let report = fs::read_to_string(report).unwrap_or_default();
        skipped.extend(skipped_in_report(&report));
        return result;
    }
    let mut command = workspace.cargo(&[
        "test",
        "--release",
        "--workspace",
        "--no-fail-fast",
        "--all-targets",
        "--",
        "--show-output",
    ]);
    say(&format!("$ {}", line(&command)));
    let failure = |source| Failure::Io { what: "cargo test".to_owned(), source };
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failure)?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            say(&line);
            if line.starts_with(MARK) {
                skipped.insert(line);
            }
        }
    }
    let status = child.wait().map_err(failure)?;
    let failed = || Failure::Failed { program: "cargo test".to_owned(), status: status.to_string() };
    status.success().then_some(()).ok_or_else(failed)
}

/// How a test says that it could not do its work here.
const MARK: &str = "skipped: ";

/// The marked lines of a JUnit report, each with the name of its test.
fn skipped_in_report(report: &str) -> Vec<String> {
    let mut test = "";
    let mut found = Vec::new();
    for line in report.lines() {
        if let Some((_, rest)) = line.split_once("<testcase name=\"") {
            test = rest.split('"').next().unwrap_or_default();
        }
        if let Some((_, what)) = line.split_once(MARK) {
            let what = what.split("</").next().unwrap_or_default();
            found.push(format!(
                "{MARK}{} ({test})",
                what.replace("&apos;", "'").replace("&quot;", "\"").replace("&amp;", "&")
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::skipped_in_report;

    #[test]
    fn a_skipped_test_is_named() {
        let report = "<testcase name=\"tests::runs\" classname=\"device\" time=\"0.1\">\n<system-err>skipped: the emulator needs qemu-system-arm</system-err>\n</testcase>\n<testcase name=\"tests::other\"/>";
        assert_eq!(skipped_in_report(report), ["skipped: the emulator needs qemu-system-arm (tests::runs)"]);
    }
}
