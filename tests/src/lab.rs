//! A folder with a small experiment that takes seconds, and ways to start, stop and kill its run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{command, write_stripes};

/// Files that must be equal byte for byte in equal runs.
pub const RESULTS: [&str; 12] = [
    "experiment.yaml",
    "select.json",
    "cdf.svg",
    "candidates.jsonl",
    "search.json",
    "train.json",
    "best.json",
    "weights.safetensors",
    "model.onnx",
    "model.tnm",
    "quant.json",
    "report.html",
];

/// How long a run may take before a test gives up on it.
const LIMIT: Duration = Duration::from_secs(300);

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// Exit status; `None` if a signal ended it.
    pub code: Option<i32>,
    /// The answer.
    pub stdout: String,
    /// Everything else.
    pub stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// A folder with a small experiment.
#[derive(Debug)]
pub struct Lab {
    folder: TempDir,
    program: &'static str,
}

impl Lab {
    /// Writes data set and experiment; `device` tells whether the run ends on the emulated board.
    ///
    /// # Panics
    /// If the folder cannot be written.
    #[must_use]
    #[allow(clippy::unwrap_used, reason = "a test's set-up")]
    pub fn new(program: &'static str, device: bool) -> Self {
        let folder = TempDir::new().unwrap();
        write_stripes(&folder.path().join("stripes"), 240, 80).unwrap();
        let experiment = EXPERIMENT.replace("KIND", if device { "qemu" } else { "none" });
        fs::write(folder.path().join("small.yaml"), experiment).unwrap();
        Self { folder, program }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Path of the run directory `name`.
    #[must_use]
    pub fn run_path(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// The program with arguments.
    #[must_use]
    pub fn tinynas(&self, arguments: &[&str]) -> Command {
        let mut command = command(self.program, self.path());
        command.args(arguments);
        command
    }

    /// The command that starts the run `name`, or goes on with it if it has begun.
    #[must_use]
    pub fn begin_or_resume(&self, name: &str, threads: usize) -> Command {
        let threads = threads.to_string();
        if self.run_path(name).join("run.json").exists() {
            self.tinynas(&["resume", name, "--threads", &threads])
        } else {
            self.tinynas(&["run", "small.yaml", "--out", name, "--threads", &threads])
        }
    }

    /// Runs a command to its end.
    ///
    /// # Panics
    /// If the program cannot be started.
    #[allow(clippy::unwrap_used, reason = "a test's tool")]
    pub fn finish(&self, mut command: Command) -> Ended {
        command.stdin(Stdio::null()).output().unwrap().into()
    }

    /// Starts the run, or goes on with it, and does something to the process once `point` holds for the run
    /// directory and `delay` has passed. The flag says whether the point came before the run's end.
    ///
    /// # Panics
    /// If the program cannot be started, or neither ends nor comes to the point.
    #[allow(clippy::unwrap_used, reason = "a test's tool")]
    pub fn disturb(
        &self,
        mut command: Command,
        name: &str,
        point: &dyn Fn(&Path) -> bool,
        delay: Duration,
        act: &dyn Fn(&mut Child),
    ) -> (bool, Ended) {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (run, begun) = (self.run_path(name), Instant::now());
        let mut reached = false;
        while child.try_wait().unwrap().is_none() {
            if point(&run) {
                thread::sleep(delay);
                reached = child.try_wait().unwrap().is_none();
                act(&mut child);
                break;
            }
            assert!(begun.elapsed() < LIMIT, "neither the point nor the end was reached");
            thread::sleep(Duration::from_micros(300));
        }
        (reached, child.wait_with_output().unwrap().into())
    }

    /// The results of the run `name`; a missing file is empty.
    #[must_use]
    pub fn results(&self, name: &str) -> Vec<(&'static str, Vec<u8>)> {
        RESULTS.iter().map(|file| (*file, fs::read(self.run_path(name).join(file)).unwrap_or_default())).collect()
    }

    /// Compares the results of two runs.
    ///
    /// # Panics
    /// With the file that differs.
    pub fn assert_same(&self, one: &str, other: &str) {
        for ((file, a), (_, b)) in self.results(one).iter().zip(&self.results(other)) {
            assert!(!a.is_empty(), "{one} has no {file}");
            assert!(a == b, "{file} of {one} and {other} differ ({} and {} bytes)", a.len(), b.len());
        }
    }
}

/// Number of whole lines in a run's journal that contain `unit`.
#[must_use]
pub fn journal_lines(run: &Path, unit: &str) -> usize {
    let text = fs::read_to_string(run.join("journal.jsonl")).unwrap_or_default();
    text.lines().filter(|line| line.contains(unit) && line.ends_with('}')).count()
}

/// A run of seconds.
const EXPERIMENT: &str = "\
name: small
space: mnas-small
data: stripes
board: qemu-mps2-an386
budget: { sram: 24KiB, flash: 160KiB, macs: 600000 }
seed: 3
select: { samples: 30 }
search: { evaluations: 14, population: 6, tournament: 3, images: 8, finalists: 2 }
train: { epochs: 3, batch: 8, calibration: 40 }
device: { images: 64, kind: KIND }
";
