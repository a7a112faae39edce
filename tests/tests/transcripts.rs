//! Golden transcripts of the command line: `transcripts/*.txt` hold commands, what they print, and their exit status.
//!
//! A line that starts with `$ ` is run by `sh` in an empty folder with `tinynas` in its path (`> ` goes on with the
//! same command); what follows is stdout and stderr as a terminal of 100 columns without colours would show them, then
//! `[exit N]`. Paths, times and versions are elided. `TINYNAS_TRANSCRIPTS=overwrite` writes the files anew.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "transcripts/elide.rs"]
mod elide;
#[path = "transcripts/shell.rs"]
mod shell;

use std::{fs, path::PathBuf};

use tinynas::device::DEFAULT_BOARD;
use tinynas_tests::{board_is_missing, image_is_missing};

/// What a transcript needs beside the program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    /// The emulator and its firmware image.
    Board,
    /// The firmware image of the virtual board.
    Image,
}

macro_rules! transcripts {
    ($($name:ident: $needs:ident),* $(,)?) => {
        const ALL: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                check(stringify!($name), Needs::$needs);
            }
        )*
    };
}

transcripts! {
    bench: Board,
    boards: Nothing,
    completions: Nothing,
    cost: Nothing,
    damaged_files: Nothing,
    devices: Image,
    doctor: Nothing,
    eval: Nothing,
    fit: Nothing,
    help: Nothing,
    impossible_budgets: Nothing,
    json_errors: Nothing,
    pipes: Nothing,
    quantize: Nothing,
    report: Nothing,
    run: Board,
    score: Nothing,
    search: Nothing,
    select: Nothing,
    spaces: Nothing,
    train: Nothing,
    unknown_names: Nothing,
    wrong_data: Nothing,
    wrong_yaml: Nothing,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

/// Inputs that are checked in.
fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn check(name: &str, needs: Needs) {
    let missing = match needs {
        Needs::Nothing => None,
        Needs::Board => board_is_missing().or_else(|| image_is_missing(DEFAULT_BOARD)),
        Needs::Image => image_is_missing(DEFAULT_BOARD),
    };
    if let Some(missing) = missing {
        println!("skipped: transcript `{name}` needs {missing}");
        return;
    }
    let path = folder().join(format!("{name}.txt"));
    let expected = fs::read_to_string(&path).unwrap();
    let actual = shell::replay(&expected, env!("CARGO_BIN_EXE_tinynas-under-test").as_ref());
    if std::env::var("TINYNAS_TRANSCRIPTS").is_ok_and(|mode| mode == "overwrite") {
        fs::write(&path, &actual).unwrap();
        return;
    }
    if let Some((line, (expected, got))) =
        (1..).zip(expected.lines().zip(actual.lines())).find(|(_, (expected, got))| expected != got)
    {
        panic!("{}:{line}\nexpected: {expected}\n     got: {got}\n\n{actual}", path.display());
    }
    assert_eq!(
        expected.lines().count(),
        actual.lines().count(),
        "{}: one of the two ends early:\n{actual}",
        path.display()
    );
}

#[test]
fn every_transcript_in_the_folder_is_run() {
    let mut files: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    files.sort();
    assert_eq!(files, ALL);
}
