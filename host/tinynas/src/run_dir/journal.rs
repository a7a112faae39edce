//! `journal.jsonl`: one synced line per finished unit of work, append only.
//!
//! A line that a kill cut off is not an entry: it is dropped when the journal is opened, and the
//! unit is done again. A damaged line before the last one is an error, never skipped.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};

use serde::{Deserialize, Serialize};
use tinynas_model::CandidateId;
use tinynas_score::Scores;

use crate::{failure::Failure, run_dir::unix_seconds};

/// A finished unit of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "unit", rename_all = "snake_case")]
pub enum Entry {
    /// A run was started or went on.
    Start {
        /// Version of the tool.
        version: String,
    },
    /// A stage wrote its outputs.
    Stage {
        /// Name of the stage.
        stage: String,
        /// Seconds that it took in this process.
        seconds: f64,
    },
    /// A candidate was scored.
    Score {
        /// The candidate.
        id: CandidateId,
        /// Its scores.
        scores: Scores,
    },
    /// A finalist was trained for an epoch (its checkpoint is on disk).
    Epoch {
        /// The finalist.
        id: CandidateId,
        /// 1-based epoch.
        epoch: u32,
        /// Mean training loss.
        loss: f64,
        /// Accuracy on the validation split, a fraction.
        accuracy: f64,
        /// Seconds.
        seconds: f64,
    },
}

/// One line: when, and what.
#[derive(Serialize, Deserialize)]
struct Line {
    /// Seconds since 1970.
    time: u64,
    #[serde(flatten)]
    entry: Entry,
}

/// An open journal; may be written from several threads.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
}

impl Journal {
    /// Opens (or makes) the journal and reads what is in it. The flag says whether a cut-off last line was dropped.
    ///
    /// # Errors
    /// `io`, or `journal::damaged` with the line number.
    pub fn open(path: &Path) -> Result<(Self, Vec<Entry>, bool), Failure> {
        let io = |e: std::io::Error| Failure::io(path, &e);
        let mut file = lock(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let (entries, good) = parse(&bytes, path)?;
        let cut = good < bytes.len();
        if cut {
            file.set_len(good as u64).map_err(io)?;
        }
        file.seek(SeekFrom::Start(good as u64)).map_err(io)?;
        Ok((Self { path: path.into(), file: Mutex::new(file) }, entries, cut))
    }

    /// Appends an entry and syncs it to disk.
    ///
    /// # Errors
    /// `io`.
    pub fn append(&self, entry: Entry) -> Result<(), Failure> {
        let mut line = serde_json::to_vec(&Line { time: unix_seconds(), entry }).map_err(Failure::internal)?;
        line.push(b'\n');
        let mut file = self.file.lock().map_err(Failure::internal)?;
        let write = |file: &mut File| -> std::io::Result<()> {
            let end = file.stream_position()?;
            file.write_all(&line).and_then(|()| file.sync_data()).inspect_err(|_| {
                // Half a line must not stand before a later one. If this fails too, the file ends in it.
                let _ = file.set_len(end).and_then(|()| file.seek(SeekFrom::Start(end)));
            })
        };
        write(&mut file).map_err(|e| Failure::io(&self.path, &e))
    }
}

/// Opens (or makes) a journal for this process alone: two in one run would write over each other. The lock ends
/// with its process, however it ends.
///
/// # Errors
/// `io`, or `run::busy`.
pub(super) fn lock(path: &Path) -> Result<File, Failure> {
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let file = open.map_err(|e| Failure::io(path, &e))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            Err(Failure::new("run::busy", format!("another tinynas is at work in {}", folder(path)))
                .help("wait until it is done, or stop it"))
        }
        _ => Ok(file),
    }
}

fn folder(path: &Path) -> String {
    path.parent().unwrap_or(path).display().to_string()
}

/// Entries, and how many bytes of them are whole lines.
fn parse(bytes: &[u8], path: &Path) -> Result<(Vec<Entry>, usize), Failure> {
    let mut entries = Vec::new();
    let mut good = 0;
    let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
    for (number, line) in lines.iter().enumerate() {
        let whole = line.ends_with(b"\n");
        match serde_json::from_slice::<Line>(line) {
            Ok(parsed) if whole => {
                entries.push(parsed.entry);
                good += line.len();
            }
            // The last line may be cut off or torn by a power loss: that unit was not finished.
            _ if number + 1 == lines.len() => break,
            Ok(_) => break,
            Err(cause) => {
                let text = String::from_utf8_lossy(bytes).into_owned();
                let file = path.display().to_string();
                return Err(Failure::new(
                    "journal::damaged",
                    format!("{file} line {} is damaged: {cause}", number + 1),
                )
                .at(&file, &text, number + 1, 1, "this line")
                .help(format!("cut the file off before line {}: what came after it is done again", number + 1)));
            }
        }
    }
    Ok((entries, good))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(version: &str) -> Entry {
        Entry::Start { version: version.into() }
    }

    #[test]
    fn a_cut_off_tail_is_dropped_and_the_journal_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.jsonl");
        let (journal, entries, cut) = Journal::open(&path).unwrap();
        assert!(entries.is_empty() && !cut);
        journal.append(start("a")).unwrap();
        journal.append(start("b")).unwrap();
        drop(journal);
        let bytes = std::fs::read(&path).unwrap();
        for keep in 0..bytes.len() {
            std::fs::write(&path, &bytes[..keep]).unwrap();
            let (journal, entries, cut) = Journal::open(&path).unwrap();
            let whole = bytes[..keep].iter().filter(|b| **b == b'\n').count();
            assert_eq!(entries.len(), whole, "{keep}");
            assert_eq!(cut, keep > 0 && bytes[keep - 1] != b'\n');
            journal.append(start("c")).unwrap();
            drop(journal);
            let (_, entries, _) = Journal::open(&path).unwrap();
            assert_eq!(entries.last(), Some(&start("c")));
            assert_eq!(entries.len(), whole + 1);
        }
    }

    #[test]
    fn a_run_is_written_by_one_process_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.jsonl");
        let first = Journal::open(&path).unwrap();
        assert_eq!(Journal::open(&path).unwrap_err().code(), "run::busy");
        drop(first);
        Journal::open(&path).unwrap();
    }

    #[test]
    fn a_damaged_line_in_the_middle_is_an_error_with_its_number() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.jsonl");
        std::fs::write(&path, "{\"time\":1,\"unit\":\"start\",\"version\":\"a\"}\nrubbish\n{}\n").unwrap();
        let failure = Journal::open(&path).unwrap_err();
        assert_eq!(failure.code(), "journal::damaged");
        assert!(failure.to_string().contains("line 2"), "{failure}");
    }
}
