//! `cargo xtask test`: everything that must hold before a change is taken.

use std::collections::BTreeSet;

use crate::{
    doctests, licences, setup,
    shell::{Failure, Keep, Workspace, answer, clean, exists, run, say, watched},
    skipped,
};

/// Set-up, format, licences, lints, tests, documentation's tests. Everything runs, then the failed ones are named.
pub fn everything(workspace: &Workspace) -> Result<(), Failure> {
    let mut missing = setup::prepare(workspace, &setup::TESTS);
    let mut failed = Vec::new();
    let mut check = |name: &'static str, result: Result<(), Failure>| {
        if let Err(failure) = result {
            say(&format!("error: {failure}"));
            failed.push(name);
        }
    };
    if component(workspace, "fmt", "rustfmt", &mut missing) {
        check("format", run(workspace.cargo(&["fmt", "--all", "--check"])));
        for package in ["app", "conformance", "bench", "capi", "examples/classify"] {
            let manifest = format!("firmware/{package}/Cargo.toml");
            check("firmware format", run(workspace.cargo(&["fmt", "--check", "--manifest-path", &manifest])));
        }
    }
    check("licences", licences::check(workspace));
    if component(workspace, "clippy", "clippy", &mut missing) {
        let lints = ["clippy", "--release", "--workspace", "--all-targets", "--", "--deny", "warnings"];
        check("lints", run(workspace.cargo(&lints)));
    }
    let mut skipped = BTreeSet::new();
    check("tests", tests(workspace, &mut skipped));
    check("documentation's tests", documentation(workspace));
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

/// Whether cargo has a command that is a part of the toolchain of its own; rustup adds it if it can.
fn component(workspace: &Workspace, command: &str, name: &str, missing: &mut Vec<String>) -> bool {
    let there = || answer(workspace.cargo(&[command, "--version"])).is_some();
    if !there() && exists("rustup") {
        let mut rustup = clean(std::process::Command::new("rustup"), Keep::HostSettings);
        rustup.args(["component", "add", name]).current_dir(workspace.root());
        // What comes of it is seen below.
        let _ = run(rustup);
    }
    let there = there();
    if !there {
        missing.push(format!("cargo {command}\nhelp: rustup component add {name}, or your system's package of it"));
    }
    there
}

/// Runs all tests, with nextest if it is installed, and collects the ones that said they skipped something.
///
/// Examples are only compiled, by the lints.
fn tests(workspace: &Workspace, skipped: &mut BTreeSet<String>) -> Result<(), Failure> {
    let targets = ["--release", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests"];
    if answer(workspace.cargo(&["nextest", "--version"])).is_some() {
        let report = workspace.root().join("target/nextest/default/junit.xml");
        // Only there after a run; an old one would tell of another.
        let _ = std::fs::remove_file(&report);
        let result = run(workspace.cargo(&[&["nextest", "run"], &targets[..]].concat()));
        // The profile in .config/nextest.toml writes this report, with the output of tests that passed.
        skipped.extend(skipped::in_report(&std::fs::read_to_string(report).unwrap_or_default()));
        return result;
    }
    let mut lines = skipped::Lines::default();
    watched(workspace.cargo(&[&["test"], &targets[..], &["--", "--show-output"]].concat()), |line| {
        skipped.extend(lines.next(line));
    })
}

/// Only packages that have such tests: each of them is linked once more with all it depends on.
fn documentation(workspace: &Workspace) -> Result<(), Failure> {
    let packages = doctests::packages(workspace.root())?;
    let names = packages.iter().flat_map(|name| ["--package", name]);
    let arguments: Vec<&str> = ["test", "--release", "--doc"].into_iter().chain(names).collect();
    if packages.is_empty() { Ok(()) } else { run(workspace.cargo(&arguments)) }
}
