//! A small compiled model, and a virtual board that runs beside the test.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Stdio},
};

use serde_json::Value;

use crate::{Lab, image_is_missing};

/// A network of seconds.
const NETWORK: &str = "mnas-small@w0.15-r16:k3e3;k3e3;k3e3;k3e3;k3e3";

impl Lab {
    /// A laboratory for virtual boards, or nothing and a line that says what is missing.
    #[must_use]
    #[allow(clippy::print_stdout, reason = "where tests say what they skip")]
    pub fn with_board(program: &'static str, board: &str) -> Option<Self> {
        if let Some(missing) = image_is_missing(board) {
            println!("skipped: virtual boards need an image: {missing}");
            return None;
        }
        Some(Self::new(program, false))
    }

    /// Trains for one epoch and compiles; the run directory is `name`.
    ///
    /// # Panics
    /// If that fails.
    pub fn small_model(&self, name: &str, seed: u32) {
        let seed = seed.to_string();
        let train = ["train", NETWORK, "--data", "stripes", "--epochs", "1", "--out", name, "--seed", &seed, "--quiet"];
        for command in [&train[..], &["quantize", name, "--quiet"]] {
            let ended = self.finish(self.tinynas(command));
            assert_eq!(ended.code, Some(0), "{command:?}: {}", ended.stderr);
        }
    }

    /// Runs a command that answers in JSON; its exit status and answer.
    ///
    /// # Panics
    /// If the answer is no JSON.
    #[must_use]
    #[allow(clippy::unwrap_used, reason = "a test's tool")]
    pub fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let ended = self.finish(self.tinynas(&[arguments, &["--format", "json"]].concat()));
        let answer = serde_json::from_str(&ended.stdout);
        let answer = answer.unwrap_or_else(|error| panic!("{error}: {}{}", ended.stdout, ended.stderr));
        (ended.code.unwrap(), answer)
    }

    /// Starts `tinynas virtual-board`.
    ///
    /// # Panics
    /// If it does not say where it listens.
    #[must_use]
    #[allow(clippy::unwrap_used, reason = "a test's tool")]
    pub fn virtual_board(&self, board: &str) -> RunningBoard {
        let mut command = self.tinynas(&["virtual-board", "--board", board, "--format", "json"]);
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let mut text = String::new();
        while !text.ends_with("}\n") {
            assert!(lines.read_line(&mut text).unwrap() > 0, "it ended: {text}");
        }
        let answer: Value = serde_json::from_str(&text).unwrap();
        RunningBoard { process, _lines: lines, answer }
    }
}

/// A virtual board in a process of its own.
#[derive(Debug)]
pub struct RunningBoard {
    /// The process.
    pub process: Child,
    _lines: BufReader<ChildStdout>,
    /// What it said at its start.
    pub answer: Value,
}

impl RunningBoard {
    /// What names its probe.
    ///
    /// # Panics
    /// If it did not say.
    #[must_use]
    #[allow(clippy::unwrap_used, reason = "a test's tool")]
    pub fn probe(&self) -> String {
        self.answer["probe"].as_str().unwrap().to_owned()
    }
}

impl Drop for RunningBoard {
    fn drop(&mut self) {
        // Both fail only if it has ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
