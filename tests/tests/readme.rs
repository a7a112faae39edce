//! The commands of `README.md` print what it shows.
//!
//! Blocks that begin with ```` ```console ```` are run in order in one empty folder. `…` stands for anything: alone on a
//! line for any lines, within a line for any text. Times and figures of floating point are elided on both sides; in a
//! block after the comment `<!-- figures vary -->` every number is. What shows an error must fail, all else succeed.
//! `TINYNAS_TRANSCRIPTS=overwrite` puts what is printed in place of what is shown, where the two agree so far.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "transcripts/elide.rs"]
mod masks;
/// The commands' own words: they are elided where they are compared.
mod elide {
    pub fn elide(text: &str, _: &std::path::Path) -> String {
        text.to_owned()
    }
}
#[path = "transcripts/shell.rs"]
mod shell;

use std::{
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;
use tinynas::device::DEFAULT_BOARD;
use tinynas_tests::image_is_missing;

use masks::elide;

/// Precedes a block whose figures depend on the machine.
const VARY: &str = "<!-- figures vary -->";

/// A command with what the page shows of its output.
#[derive(Debug, PartialEq)]
struct Step {
    line: usize,
    command: String,
    output: Vec<String>,
    varies: bool,
}

impl Step {
    /// Line of the page on which the output begins.
    fn begin(&self) -> usize {
        self.line + 1
    }
}

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The commands of all console blocks.
fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut inside, mut varies) = (false, false);
    for (line, text) in (1..).zip(page.lines()) {
        match text {
            VARY => varies = true,
            "```console" => inside = true,
            "```" => (inside, varies) = (false, false),
            _ if !inside => {}
            _ => match (text.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => {
                    steps.push(Step { line, command: command.to_owned(), output: Vec::new(), varies });
                }
                (None, Some(step)) => step.output.push(text.to_owned()),
                (None, None) => panic!("README.md:{line}: output without a command"),
            },
        }
    }
    steps
}

/// What a replayed transcript holds per command: lines of output, exit status.
fn answers(transcript: &str) -> Vec<(Vec<String>, String)> {
    let mut answers = Vec::new();
    let mut output = Vec::new();
    for line in transcript.lines() {
        if line.starts_with("$ ") {
            output = Vec::new();
        } else if let Some(code) = line.strip_prefix("[exit ").and_then(|rest| rest.strip_suffix(']')) {
            answers.push((std::mem::take(&mut output), code.to_owned()));
        } else {
            output.push(line.to_owned());
        }
    }
    answers
}

/// A line without what may differ.
fn comparable(line: &str, varies: bool) -> String {
    let line = elide(&format!("{line}\n"), Path::new("/nowhere"));
    let mut line = line.trim_end().to_owned();
    if varies {
        for (pattern, with) in [(r"\b[0-9a-f]{8,}\b", "[ID]"), (r"[#.]{3,}", "[BAR]"), (r"\d[\d,.]*", "0"), (" +", " ")]
        {
            line = Regex::new(pattern).unwrap().replace_all(&line, with).into_owned();
        }
    }
    line
}

/// Which printed line each shown one stands for, if the two agree; `…` stands for none.
fn align(shown: &[String], printed: &[String], at: usize) -> Option<Vec<Option<usize>>> {
    let Some((first, rest)) = shown.split_first() else { return (at == printed.len()).then(Vec::new) };
    let with = |line: Option<usize>, rest: Vec<_>| [vec![line], rest].concat();
    if first == "…" {
        return (at..=printed.len()).find_map(|next| Some(with(None, align(rest, printed, next)?)));
    }
    let agrees = printed.get(at).is_some_and(|line| line_agrees(first, line));
    if agrees { Some(with(Some(at), align(rest, printed, at + 1)?)) } else { None }
}

fn line_agrees(shown: &str, printed: &str) -> bool {
    let parts: Vec<String> = shown.split('…').map(regex::escape).collect();
    Regex::new(&format!("^{}$", parts.join(".*"))).unwrap().is_match(printed)
}

/// Without empty lines at the end.
fn trimmed(lines: &[String]) -> &[String] {
    &lines[..lines.iter().rposition(|line| !line.is_empty()).map_or(0, |at| at + 1)]
}

#[test]
fn the_commands_of_the_readme_print_what_it_shows() {
    if let Some(missing) = image_is_missing(DEFAULT_BOARD) {
        println!("skipped: the commands of README.md need {missing}");
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let text = fs::read_to_string(&path).unwrap();
    let mut page: Vec<String> = text.lines().map(str::to_owned).collect();
    let steps = steps(&text);
    assert!(steps.len() >= 5, "the page shows what the program does");
    let transcript: String = steps.iter().map(|step| format!("$ {}\n\n", step.command)).collect();
    let replayed = shell::replay(&transcript, env!("CARGO_BIN_EXE_tinynas-under-test").as_ref());
    let answers = answers(&replayed);
    assert_eq!(answers.len(), steps.len(), "{replayed}");
    for (step, (printed, code)) in steps.iter().zip(&answers) {
        let place = format!("README.md:{}: {}", step.line, step.command);
        let fails = step.output.iter().any(|line| line.starts_with("error["));
        assert_eq!(code != "0", fails, "{place}: exit {code}\n{}", printed.join("\n"));
        let compare = |lines: &[String]| lines.iter().map(|line| comparable(line, step.varies)).collect::<Vec<_>>();
        let (shown, words) = (compare(trimmed(&step.output)), compare(trimmed(printed)));
        let Some(lines) = align(&shown, &words, 0) else {
            panic!("{place}\nshown:\n{}\n\nprinted:\n{}", shown.join("\n"), printed.join("\n"))
        };
        for (offset, at) in lines.into_iter().enumerate() {
            let line = &mut page[step.begin() - 1 + offset];
            if let Some(at) = at.filter(|_| !line.contains('…')) {
                line.clone_from(&printed[at]);
            }
        }
    }
    if std::env::var("TINYNAS_TRANSCRIPTS").is_ok_and(|mode| mode == "overwrite") {
        fs::write(&path, page.join("\n") + "\n").unwrap();
    }
}

#[test]
fn blocks_are_read_with_their_marks() {
    let page =
        "text\n<!-- figures vary -->\n```console\n$ a b\nx\n…\n$ c\n```\n```sh\n$ no\n```\n```console\n$ d\ny\n```\n";
    let step = |line, command: &str, output: &[&str], varies| Step {
        line,
        command: command.to_owned(),
        output: output.iter().map(ToString::to_string).collect(),
        varies,
    };
    assert_eq!(steps(page), [step(4, "a b", &["x", "…"], true), step(7, "c", &[], true), step(13, "d", &["y"], false)]);
}

#[test]
fn what_is_shown_must_be_printed() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let agrees = |shown: &str, printed: &str| align(&lines(shown), &lines(printed), 0).is_some();
    assert!(
        agrees("a\nb", "a\nb") && agrees("a\n…\nd", "a\nb\nc\nd") && agrees("…\nd", "d") && agrees("a … c", "a b c")
    );
    assert!(!agrees("a", "a\nb") && !agrees("a\nb", "a") && !agrees("a\n…\nd", "a\nb") && !agrees("a.c", "abc"));
    assert_eq!(align(&lines("a\n…\nd"), &lines("a\nb\nc\nd"), 0), Some(vec![Some(0), None, Some(3)]));
    assert_eq!(comparable("76 %   37.4 KiB  [####..]", true), comparable("5 % 1,024 KiB [##....]", true));
    assert_ne!(comparable("76 %", false), comparable("75 %", false));
}
