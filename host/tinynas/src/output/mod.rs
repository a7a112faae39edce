//! Everything that is printed: the answer to stdout, all else to stderr.
//!
//! A command returns an [`Answer`] that holds the human text and the JSON value, so no command
//! can have one without the other. Nothing outside this module writes to stdout or stderr.

mod json;
mod progress;
mod table;

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
};

use serde::Serialize;
use serde_json::Value;

use crate::failure::Failure;

pub use progress::{Progress, Steps};
pub use table::{Align, Table, bar, kib, percent, thousands};

/// How answers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Text for people.
    #[default]
    Human,
    /// One JSON value on stdout.
    Json,
}

/// When text is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How a command that did not fail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Exit 0.
    Yes,
    /// Exit 1: the honest no (does not fit, outputs differ).
    No,
}

/// What a command says.
#[derive(Debug)]
pub struct Answer {
    /// Text for people, without a final newline.
    pub human: String,
    /// The same as data.
    pub json: Value,
    /// Yes or no.
    pub verdict: Verdict,
    /// The command to type next.
    pub next: Option<String>,
}

impl Answer {
    /// A yes with both forms.
    ///
    /// # Errors
    /// If `data` cannot be written as JSON.
    pub fn new(human: impl Into<String>, data: &impl Serialize) -> Result<Self, Failure> {
        let json = serde_json::to_value(data).map_err(Failure::internal)?;
        Ok(Self { human: human.into(), json, verdict: Verdict::Yes, next: None })
    }

    /// The same answer with the next command.
    #[must_use]
    pub fn next(mut self, command: impl Into<String>) -> Self {
        self.next = Some(command.into());
        self
    }

    /// The same answer as a no if `yes` is false.
    #[must_use]
    pub const fn verdict(mut self, verdict: Verdict) -> Self {
        self.verdict = verdict;
        self
    }
}

/// Writes answers, notes and progress.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    format: Format,
    quiet: bool,
    live: bool,
}

impl Printer {
    /// A printer; `quiet` silences everything but answers and errors.
    #[must_use]
    pub fn new(format: Format, quiet: bool, color: Color) -> Self {
        match color {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let live = io::stderr().is_terminal() && !quiet && !dumb && !set("CI") && !set("TINYNAS_NO_PROGRESS");
        Self { format, quiet, live }
    }

    /// One line about what is being done, to stderr.
    pub fn step(&self, stage: &str, text: &str) {
        if !self.quiet {
            let _ = writeln!(anstream::stderr(), "\x1b[1m{stage:<9}\x1b[0m {text}");
        }
    }

    /// A warning that the user can act on, to stderr.
    pub fn warn(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(anstream::stderr(), "\x1b[33mwarning\x1b[0m   {text}");
        }
    }

    /// Progress over `total` units of work.
    #[must_use]
    pub fn progress(&self, label: &str, total: u64) -> Progress {
        Progress::new(label, total, self.live, self.quiet)
    }

    /// Bars for the steps of flashing.
    #[must_use]
    pub fn steps(&self, label: &str) -> Steps {
        Steps::new(label, self.live, self.quiet)
    }

    /// Asks something on the terminal, whatever is silenced; the cursor stays behind it.
    pub fn question(&self, text: &str) {
        let mut terminal = anstream::stderr();
        let _ = write!(terminal, "{text}").and_then(|()| terminal.flush());
    }

    /// Writes the answer; a closed pipe is not an error.
    ///
    /// # Errors
    /// `io` if stdout cannot be written: a script must not take an empty file for an answer.
    pub fn answer(&self, answer: &Answer) -> Result<(), Failure> {
        let text = match self.format {
            Format::Human => answer.human.clone(),
            Format::Json => json::pretty(&answer.json),
        };
        let mut out = anstream::stdout();
        let written = writeln!(out, "{text}").and_then(|()| out.flush());
        if let Err(error) = written
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            return Err(Failure::io(Path::new("stdout"), &error));
        }
        if let (Some(next), Format::Human, false) = (&answer.next, self.format, self.quiet) {
            let _ = writeln!(anstream::stderr(), "\n\x1b[2mnext\x1b[0m      {next}");
        }
        Ok(())
    }

    /// Writes a text to stdout, such as the help that was asked for.
    pub fn text(&self, text: &str) {
        let mut out = anstream::stdout();
        let _ = writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush());
    }

    /// Writes an error: a diagnostic to stderr, in JSON mode also one object to stdout.
    pub fn failure(&self, failure: &Failure) {
        if self.format == Format::Json {
            let _ = writeln!(io::stdout(), "{}", json::pretty(&failure.json()));
        }
        let _ = writeln!(anstream::stderr(), "{}", failure.render());
    }
}
