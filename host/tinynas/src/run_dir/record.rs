//! `run.json`: what was asked, with which versions and inputs, and how long it took.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::failure::Failure;

/// Format of the run directory; a run of another format is refused.
pub const FORMAT: u32 = 1;

/// Hashes of a run's inputs; a resumed run must find the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hashes {
    /// SHA-256 of the experiment.
    pub experiment: String,
    /// SHA-256 of the space's file.
    pub space: String,
    /// SHA-256 of the board's file, if a board was named.
    pub board: Option<String>,
    /// SHA-256 over the data set's pixels and labels.
    pub data: Option<String>,
}

/// The contents of `run.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunRecord {
    /// `tinynas/run-record/1`.
    pub schema: String,
    /// Format of the run directory.
    pub format: u32,
    /// Version of the tool.
    pub version: String,
    /// Folder that the experiment's relative paths start from.
    pub base: String,
    /// The command line.
    pub arguments: Vec<String>,
    /// The run's seed.
    pub seed: u64,
    /// Threads that were asked for.
    pub threads: usize,
    /// Hashes of the inputs.
    pub hashes: Hashes,
    /// Seconds since 1970.
    pub started: u64,
    /// Seconds since 1970 when the last stage ended.
    pub finished: Option<u64>,
    /// Seconds per stage, summed over resumed parts.
    pub seconds: BTreeMap<String, f64>,
}

impl RunRecord {
    /// A record of a run that starts now.
    #[must_use]
    pub fn new(seed: u64, threads: usize, hashes: Hashes, base: &Path) -> Self {
        Self {
            schema: "tinynas/run-record/1".into(),
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            base: base.display().to_string(),
            arguments: std::env::args().collect(),
            seed,
            threads,
            hashes,
            started: unix_seconds(),
            finished: None,
            seconds: BTreeMap::new(),
        }
    }

    /// Reads the contents of the file `name`. Format and version come first: a record of another version may
    /// have other fields.
    pub(super) fn parse(text: &str, name: &Path) -> Result<Self, Failure> {
        let file = name.display().to_string();
        let damaged = |error: serde_json::Error| {
            Failure::new("run::damaged", format!("{file} cannot be read: {error}"))
                .at(&file, text, error.line(), error.column(), "here")
                .help("without run.json the run cannot be trusted: start a new one with another --out")
        };
        let raw: serde_json::Value = serde_json::from_str(text).map_err(damaged)?;
        let written = raw["version"].as_str().unwrap_or("of an unknown version");
        let format = raw["format"].as_u64();
        let here = env!("CARGO_PKG_VERSION");
        if format != Some(FORMAT.into()) || written != here {
            let format = format.map_or_else(|| "none".into(), |format| format.to_string());
            let message =
                format!("{file} was written by tinynas {written} (format {format}), this is {here} (format {FORMAT})");
            return Err(Failure::new("run::version", message)
                .help(format!("use tinynas {written}, or start a new run with another --out")));
        }
        serde_json::from_str(text).map_err(damaged)
    }
}

/// Whether a `run.json` is from this tool, of whatever version.
pub(super) fn is_of_a_run(text: &str) -> bool {
    let raw: Result<serde_json::Value, _> = serde_json::from_str(text);
    raw.is_ok_and(|raw| raw["schema"].as_str().is_some_and(|schema| schema.starts_with("tinynas/run-record/")))
}

/// Hash of bytes in hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// Now, in seconds since 1970.
#[must_use]
pub fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_is_refused_before_its_fields_are_read() {
        let record = RunRecord::new(1, 2, Hashes::default(), Path::new("/x"));
        let text = serde_json::to_string(&record).unwrap();
        let name = Path::new("run.json");
        assert_eq!(RunRecord::parse(&text, name).unwrap().seed, 1);
        let code = |text: &str| RunRecord::parse(text, name).unwrap_err().code();
        assert_eq!(code(r#"{"format":2,"version":"9.9.9","other":true}"#), "run::version");
        assert_eq!(code(&text.replace(env!("CARGO_PKG_VERSION"), "0.0.9")), "run::version");
        assert_eq!(code(&text[..text.len() / 2]), "run::damaged");
        assert_eq!(code(&text.replace("\"seed\":1,", "")), "run::damaged");
    }
}
