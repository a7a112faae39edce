//! Errors as the user sees them: a stable code, what, where, and the smallest change that helps.

mod cause;
mod snippet;
pub mod usage;
mod yaml;

use std::{fmt, path::Path};

use serde_json::{Value, json};
use snippet::Snippet;

/// Why a command failed. Exit 2, or 1 for the honest "no" with nothing to show, or 130 when interrupted.
#[derive(Debug)]
pub struct Failure {
    code: &'static str,
    message: String,
    help: Option<String>,
    file: Option<String>,
    snippet: Option<Box<Snippet>>,
    exit: u8,
}

/// Exit status of misuse and errors.
pub const EXIT_ERROR: u8 = 2;
/// Exit status of the honest no.
pub const EXIT_NO: u8 = 1;
/// Exit status after Ctrl-C.
pub const EXIT_INTERRUPTED: u8 = 130;

impl Failure {
    /// An error with a stable code such as `board::unknown`.
    pub fn new(code: &'static str, message: impl fmt::Display) -> Self {
        Self { code, message: message.to_string(), help: None, file: None, snippet: None, exit: EXIT_ERROR }
    }

    /// The honest no: nothing fits, nothing found.
    pub fn no(code: &'static str, message: impl fmt::Display) -> Self {
        Self { exit: EXIT_NO, ..Self::new(code, message) }
    }

    /// Stopped by Ctrl-C; `resume` is the run directory that can go on.
    #[must_use]
    pub fn interrupted(resume: Option<&Path>) -> Self {
        let failure =
            Self { exit: EXIT_INTERRUPTED, ..Self::new("interrupted", "stopped; everything finished is kept") };
        match resume {
            Some(dir) => failure.help(format!("go on with: tinynas resume {}", dir.display())),
            None => failure,
        }
    }

    /// A fault of the tool itself.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::new("internal", cause).help("this is a bug in tinynas: please report it with the command line")
    }

    /// A file that cannot be read or written.
    #[must_use]
    pub fn io(path: &Path, cause: &std::io::Error) -> Self {
        let failure = Self::new("io", format!("{}: {}", path.display(), words(cause))).file(path.display());
        match cause.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => failure.help(
                "free some space, then run the same command or `tinynas resume DIR` again: nothing finished is lost",
            ),
            std::io::ErrorKind::NotFound => failure.help("check the path"),
            std::io::ErrorKind::IsADirectory => failure.help("give a file, not a folder"),
            std::io::ErrorKind::InvalidData => failure.help("the file is not the kind of text that belongs there"),
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                failure.help("give a place that you may read and write, for example with --out")
            }
            _ => failure,
        }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl fmt::Display) -> Self {
        self.help = Some(help.to_string());
        self
    }

    /// Adds what to do, if something is known.
    #[must_use]
    pub fn maybe_help(self, help: Option<impl fmt::Display>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// Names the file that is at fault, for programs that read the JSON form.
    #[must_use]
    pub fn file(mut self, file: impl fmt::Display) -> Self {
        self.file = Some(file.to_string());
        self
    }

    /// The same failure with the file that it is about named in front.
    #[must_use]
    pub fn about(self, path: &Path) -> Self {
        let message = format!("{}: {}", path.display(), self.message);
        Self { message, ..self }.file(path.display())
    }

    /// Points at `label` in the text of a file at a 1-based line and column.
    #[must_use]
    pub fn at(mut self, file: &str, text: &str, line: usize, column: usize, label: &str) -> Self {
        self.file = Some(file.to_owned());
        self.snippet = Some(Box::new(Snippet::new(file, text, line, column, label)));
        self
    }

    /// What to do, if something is known.
    #[must_use]
    pub fn helps(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// The exit status.
    #[must_use]
    pub const fn exit(&self) -> u8 {
        self.exit
    }

    /// `{"schema", "error": {"code", "message", "help", "exit", "file", "line", "column"}}`.
    #[must_use]
    pub fn json(&self) -> Value {
        let place = self.snippet.as_ref();
        json!({ "schema": "tinynas/error/1", "error": {
            "code": self.code, "message": self.message, "help": self.help, "exit": self.exit,
            "file": self.file, "line": place.map(|p| p.line), "column": place.map(|p| p.column) } })
    }

    /// Text with ANSI colours, which the output strips where they are not wanted.
    #[must_use]
    pub fn render(&self) -> String {
        const BOLD: &str = "\x1b[1m";
        const RED: &str = "\x1b[1;31m";
        const CYAN: &str = "\x1b[36m";
        const PLAIN: &str = "\x1b[0m";
        let word = match self.exit {
            EXIT_INTERRUPTED => format!("{BOLD}{}{PLAIN}", self.code),
            _ => format!("{RED}error[{}]{PLAIN}", self.code),
        };
        let mut text = format!("{word}: {BOLD}{}{PLAIN}", self.message);
        if let Some(snippet) = &self.snippet {
            text.push('\n');
            text.push_str(&snippet.render());
        }
        if let Some(help) = &self.help {
            // Further lines stand below the first one's text.
            text.push_str(&format!("\n{CYAN}help{PLAIN}: {}", help.replace('\n', "\n      ")));
        }
        text
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The system's words without its error number.
fn words(cause: &std::io::Error) -> String {
    let text = cause.to_string();
    match cause.kind() {
        std::io::ErrorKind::NotFound => return "no such file or directory".into(),
        std::io::ErrorKind::InvalidData => return "is not a text file".into(),
        _ => {}
    }
    match text.split_once(" (os error ") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_says_code_what_where_and_what_to_do() {
        let failure = Failure::new("budget::invalid", "`4 KiX` is no size")
            .at("b.yaml", "name: b\nsram: 4 KiX\n", 2, 7, "not a number of bytes")
            .help("write 4KiB");
        assert_eq!(
            anstream::adapter::strip_str(&failure.render()).to_string(),
            "error[budget::invalid]: `4 KiX` is no size\n  ┌─ b.yaml:2:7\n2 │ sram: 4 KiX\n  │       ^^^^^ not a number of bytes\nhelp: write 4KiB"
        );
        let json = failure.json();
        assert_eq!(json["error"]["line"], 2);
        assert_eq!(json["error"]["file"], "b.yaml");
    }

    #[test]
    fn system_errors_are_said_in_words() {
        let failure = Failure::io(Path::new("a/b"), &std::io::Error::from_raw_os_error(28));
        assert_eq!(failure.to_string(), "a/b: no space left on device");
        assert!(failure.json()["error"]["help"].as_str().unwrap().contains("resume"));
    }
}
