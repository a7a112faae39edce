//! The run directory: everything one run knows, written so that a kill at any point loses nothing.
//!
//! Stage outputs appear whole (written beside, synced, renamed); finished units of work are lines
//! of the journal. Times and dates live only in `run.json` and the journal, so that all other
//! files of equal runs are equal byte for byte.

mod atomic;
mod journal;
mod record;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::failure::Failure;

pub use atomic::write_atomic;
pub use journal::{Entry, Journal};
pub use record::{Hashes, RunRecord, sha256_hex, unix_seconds};

/// Names of the files in a run directory.
pub mod names {
    /// Arguments, seed, versions, hashes, times.
    pub const RUN: &str = "run.json";
    /// The experiment as given.
    pub const EXPERIMENT: &str = "experiment.yaml";
    /// Finished units of work.
    pub const JOURNAL: &str = "journal.jsonl";
    /// Ranking of the variants.
    pub const SELECT: &str = "select.json";
    /// The figure of the selection.
    pub const CDF: &str = "cdf.svg";
    /// Every scored candidate.
    pub const CANDIDATES: &str = "candidates.jsonl";
    /// What the search found, in short.
    pub const SEARCH: &str = "search.json";
    /// Training curves of the finalists.
    pub const TRAIN: &str = "train.json";
    /// The chosen network.
    pub const BEST: &str = "best.json";
    /// Its float weights.
    pub const WEIGHTS: &str = "weights.safetensors";
    /// The float network for other tools.
    pub const ONNX: &str = "model.onnx";
    /// The compiled model.
    pub const MODEL: &str = "model.tnm";
    /// Accuracies before and after quantization.
    pub const QUANT: &str = "quant.json";
    /// What a device said.
    pub const MEASURE: &str = "measure.json";
    /// Folder of the figures of benches, a file per board.
    pub const MEASUREMENTS: &str = "measurements";
    /// The page to read.
    pub const REPORT: &str = "report.html";
    /// Folder of training checkpoints.
    pub const CHECKPOINTS: &str = "checkpoints";

    /// Everything that a run writes but `run.json`.
    pub const OUTPUTS: [&str; 16] = [
        EXPERIMENT,
        SELECT,
        CDF,
        CANDIDATES,
        SEARCH,
        TRAIN,
        BEST,
        WEIGHTS,
        ONNX,
        MODEL,
        QUANT,
        MEASURE,
        MEASUREMENTS,
        REPORT,
        CHECKPOINTS,
        JOURNAL,
    ];
}

/// What becomes of a run that is already in the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Older {
    /// It stays, and nothing new is begun.
    Keep,
    /// Its files are removed.
    Replace,
}

/// An open run directory.
#[derive(Clone, Debug)]
pub struct RunDir {
    path: PathBuf,
}

impl RunDir {
    /// Makes a new run directory with its record and experiment.
    ///
    /// # Errors
    /// `run::exists` if the folder already holds a run that is to be kept, `run::leftovers` if it holds outputs
    /// of one, `run::busy` if the older run is at work, `io` if it cannot be written.
    pub fn create(path: &Path, record: &RunRecord, experiment: &str, older: Older) -> Result<Self, Failure> {
        let dir = Self { path: path.into() };
        match older {
            Older::Replace => dir.clear()?,
            Older::Keep if dir.has(names::RUN) => {
                return Err(Failure::new("run::exists", format!("{} already holds a run", path.display()))
                    .help(format!("go on with `tinynas resume {0}`, or give another --out", path.display())));
            }
            Older::Keep => {
                // Outputs of another run would be taken for this one's. The experiment alone is what a kill at the
                // very beginning leaves; it is written again.
                let foreign = |name: &&&str| **name != names::EXPERIMENT && dir.file(name).exists();
                if let Some(name) = names::OUTPUTS.iter().find(foreign) {
                    return Err(Failure::new(
                        "run::leftovers",
                        format!("{} holds {name} of a run whose run.json is gone", path.display()),
                    )
                    .help("give another --out, or --force to remove that run's files"));
                }
            }
        }
        fs::create_dir_all(path).map_err(|e| Failure::io(path, &e))?;
        dir.write(names::EXPERIMENT, experiment.as_bytes())?;
        dir.write_json(names::RUN, record)?;
        Ok(dir)
    }

    /// Opens an existing run directory and checks that this version of the tool can go on with it.
    ///
    /// # Errors
    /// `run::missing`, `run::damaged`, `run::version`.
    pub fn open(path: &Path) -> Result<(Self, RunRecord), Failure> {
        let dir = Self { path: path.into() };
        let file = dir.file(names::RUN);
        if !file.is_file() {
            return Err(Failure::new(
                "run::missing",
                format!("{} is not a run directory: it has no run.json", path.display()),
            )
            .help("give the folder that `tinynas run` or `tinynas demo` printed"));
        }
        let text = String::from_utf8_lossy(&dir.read(names::RUN)?).into_owned();
        let record = RunRecord::parse(&text, &file)?;
        Ok((dir, record))
    }

    /// Removes the files of an older run, `run.json` last, and nothing else in the folder.
    fn clear(&self) -> Result<(), Failure> {
        if self.has(names::RUN) {
            let text = String::from_utf8_lossy(&self.read(names::RUN)?).into_owned();
            if !record::is_of_a_run(&text) {
                let file = self.file(names::RUN);
                return Err(Failure::new("run::foreign", format!("{} is not from tinynas", file.display()))
                    .help("give another --out: --force replaces runs, nothing else"));
            }
        }
        // Held until the files are gone: a run at work is not pulled away.
        let journal = self.file(names::JOURNAL);
        let _lock = journal.is_file().then(|| journal::lock(&journal)).transpose()?;
        let gone = |result: std::io::Result<()>, path: &Path| match result {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::io(path, &error)),
            _ => Ok(()),
        };
        for name in names::OUTPUTS {
            let path = self.file(name);
            gone(if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }, &path)?;
        }
        let path = self.file(names::RUN);
        gone(fs::remove_file(&path), &path)
    }

    /// Removes what a kill left half-written. Only the process that holds the journal may do this.
    pub fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.path) else { return };
        for entry in entries.flatten().filter(|entry| atomic::is_half_written(&entry.file_name())) {
            // A leftover that cannot be removed is never read.
            let _ = fs::remove_file(entry.path());
        }
    }

    /// Where the run directory is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Path of one of its files.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Whether all of these stage outputs are there.
    #[must_use]
    pub fn has_all(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.has(name))
    }

    /// Whether a stage output is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.file(name).is_file()
    }

    /// Writes a file whole.
    ///
    /// # Errors
    /// `io`.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        write_atomic(&self.file(name), bytes)
    }

    /// Writes a value as indented JSON.
    ///
    /// # Errors
    /// `io`.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), Failure> {
        let mut text = serde_json::to_string_pretty(value).map_err(Failure::internal)?;
        text.push('\n');
        self.write(name, text.as_bytes())
    }

    /// Reads a file whole.
    ///
    /// # Errors
    /// `io`.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, Failure> {
        let path = self.file(name);
        fs::read(&path).map_err(|e| Failure::io(&path, &e))
    }

    /// Reads a JSON file.
    ///
    /// # Errors
    /// `io` or `run::damaged`, with the place.
    pub fn read_json<T: DeserializeOwned>(&self, name: &str) -> Result<T, Failure> {
        let text = String::from_utf8_lossy(&self.read(name)?).into_owned();
        serde_json::from_str(&text).map_err(|e| {
            let file = self.file(name).display().to_string();
            Failure::new("run::damaged", format!("{file} cannot be read: {e}"))
                .at(&file, &text, e.line(), e.column(), "here")
                .help(format!("remove {file}: `tinynas resume {}` makes it again", self.path.display()))
        })
    }

    /// Reads a JSON file that a stage may not have written yet.
    ///
    /// # Errors
    /// As [`Self::read_json`].
    pub fn read_json_if_there<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Failure> {
        self.has(name).then(|| self.read_json(name)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(path: &Path, older: Older) -> Result<RunDir, &'static str> {
        let record = RunRecord::new(1, 1, Hashes::default(), Path::new("/x"));
        RunDir::create(path, &record, "name: x\n", older).map_err(|failure| failure.code())
    }

    #[test]
    fn only_a_run_is_replaced_and_only_its_own_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::write(path.join("notes.txt"), "mine").unwrap();
        fs::write(path.join(names::RUN), "{}").unwrap();
        assert_eq!(create(path, Older::Replace).err(), Some("run::foreign"));
        fs::remove_file(path.join(names::RUN)).unwrap();

        let dir = create(path, Older::Keep).unwrap();
        dir.write(names::MODEL, b"model").unwrap();
        fs::create_dir(dir.file(names::CHECKPOINTS)).unwrap();
        assert_eq!(create(path, Older::Keep).err(), Some("run::exists"));
        let (journal, ..) = Journal::open(&dir.file(names::JOURNAL)).unwrap();
        assert_eq!(create(path, Older::Replace).err(), Some("run::busy"));
        drop(journal);

        let dir = create(path, Older::Replace).unwrap();
        assert!(dir.has(names::RUN) && !dir.has(names::MODEL) && !dir.file(names::CHECKPOINTS).exists());
        assert_eq!(fs::read(path.join("notes.txt")).unwrap(), b"mine");
    }

    #[test]
    fn outputs_without_their_record_are_not_taken_for_ones_own() {
        let folder = tempfile::tempdir().unwrap();
        let dir = create(folder.path(), Older::Keep).unwrap();
        fs::remove_file(dir.file(names::RUN)).unwrap();
        assert!(create(folder.path(), Older::Keep).is_ok(), "the experiment alone is no output");
        dir.write(names::SELECT, b"{}").unwrap();
        fs::remove_file(dir.file(names::RUN)).unwrap();
        assert_eq!(create(folder.path(), Older::Keep).err(), Some("run::leftovers"));
        assert!(create(folder.path(), Older::Replace).is_ok());
    }
}
