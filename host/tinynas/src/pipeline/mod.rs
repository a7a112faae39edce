//! The pipeline: stages that each read what the ones before wrote into the run directory.
//!
//! Every stage is a function of files and the experiment, so that going on after a kill is the
//! same as running: outputs that are there are read, finished units come from the journal, and
//! the rest is done.

mod chosen;
mod inputs;
mod latency;
mod measure;
mod quantize;
mod report;
mod search;
mod select;
mod summary;
mod train;

use std::{
    collections::HashMap,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use tinynas_cost::Board;
use tinynas_device::DeviceKind;
use tinynas_model::CandidateId;
use tinynas_score::Scores;

use crate::{
    args::DeviceArgs,
    device::EMULATED,
    experiment::{Experiment, Kind},
    failure::Failure,
    interrupt,
    output::Printer,
    run_dir::{Entry, Hashes, Journal, Older, RunDir, RunRecord, names, sha256_hex, unix_seconds},
};

pub use chosen::Chosen;
pub use inputs::{Inputs, NO_LIMIT, limits, meta, place};
pub use latency::LatencyRecord;
pub use quantize::{QuantRecord, trained};
pub use report::write_report;
pub use search::{SearchRecord, candidates, scorer};
pub use select::{Question, cached_selection};
pub use summary::Summary;
pub use train::{Finalist, TrainRecord};

/// Code of the failure that Ctrl-C makes.
const INTERRUPTED: &str = "interrupted";

/// Exit status of an error, which another try may not meet.
const EXIT_ERROR: u8 = 2;

/// The stages in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Rank the variants.
    Select,
    /// Find candidates.
    Search,
    /// Train the finalists.
    Train,
    /// To int8 and to one file.
    Quantize,
    /// On a device.
    Measure,
    /// The page.
    Report,
}

impl Stage {
    /// Name on screen, in the journal and in `run.json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::Search => "search",
            Self::Train => "train",
            Self::Quantize => "quantize",
            Self::Measure => "measure",
            Self::Report => "report",
        }
    }

    /// All stages.
    pub const ALL: [Self; 6] = [Self::Select, Self::Search, Self::Train, Self::Quantize, Self::Measure, Self::Report];
}

/// A run in progress.
#[derive(Debug)]
pub struct Pipeline<'a> {
    /// Where it writes.
    pub dir: RunDir,
    /// What was asked.
    pub experiment: Experiment,
    /// Space, board, data, limits.
    pub inputs: Inputs,
    /// How the board is reached.
    pub device: DeviceArgs,
    record: RunRecord,
    journal: Journal,
    known: HashMap<CandidateId, Scores>,
    /// The last epoch that each finalist is known to have finished.
    trained: HashMap<CandidateId, u32>,
    threads: usize,
    printer: &'a Printer,
    stop: &'a AtomicBool,
}

impl<'a> Pipeline<'a> {
    /// Starts a new run in `path`.
    ///
    /// # Errors
    /// If an input is wrong or the directory already holds a run.
    pub fn create(
        path: &Path,
        experiment: Experiment,
        text: &str,
        older: Older,
        threads: usize,
        printer: &'a Printer,
        stop: &'a AtomicBool,
    ) -> Result<Self, Failure> {
        let base = std::env::current_dir().map_err(|error| Failure::io(Path::new("."), &error))?;
        let inputs = Inputs::load(&experiment, &base)?;
        let hashes = Hashes { experiment: sha256_hex(text.as_bytes()), ..inputs.hashes() };
        let record = RunRecord::new(experiment.seed, threads, hashes, &base);
        let dir = RunDir::create(path, &record, text, older)?;
        Self::start(dir, record, experiment, inputs, threads, printer, stop)
    }

    /// Goes on with the run in `path`.
    ///
    /// # Errors
    /// If it is not a run of this version, or its inputs have changed.
    pub fn resume(path: &Path, threads: usize, printer: &'a Printer, stop: &'a AtomicBool) -> Result<Self, Failure> {
        let (dir, record) = RunDir::open(path)?;
        let (experiment, text) = Experiment::load(&dir.file(names::EXPERIMENT))?;
        let inputs = Inputs::load(&experiment, Path::new(&record.base))?;
        let hashes = Hashes { experiment: sha256_hex(text.as_bytes()), ..inputs.hashes() };
        if hashes != record.hashes {
            let changed = [
                ("experiment", hashes.experiment != record.hashes.experiment),
                ("space", hashes.space != record.hashes.space),
                ("board", hashes.board != record.hashes.board),
                ("data set", hashes.data != record.hashes.data),
            ];
            let list: Vec<&str> = changed.iter().filter(|(_, c)| *c).map(|(name, _)| *name).collect();
            return Err(Failure::new(
                "run::changed",
                format!("the {} changed since {} was started", list.join(" and the "), path.display()),
            )
            .help("put it back as it was, or start a new run with another --out"));
        }
        Self::start(dir, record, experiment, inputs, threads, printer, stop)
    }

    fn start(
        dir: RunDir,
        record: RunRecord,
        experiment: Experiment,
        inputs: Inputs,
        threads: usize,
        printer: &'a Printer,
        stop: &'a AtomicBool,
    ) -> Result<Self, Failure> {
        let (journal, entries, cut) = Journal::open(&dir.file(names::JOURNAL))?;
        dir.sweep();
        tinynas_train::set_threads(threads);
        interrupt::on_second(printer, dir.path());
        if cut {
            printer.warn("the journal's last line was cut off; that unit of work is done again");
        }
        let (mut known, mut trained) = (HashMap::new(), HashMap::new());
        for entry in entries {
            match entry {
                Entry::Score { id, scores } => drop(known.insert(id, scores)),
                Entry::Epoch { id, epoch, .. } => drop(trained.insert(id, epoch)),
                Entry::Start { .. } | Entry::Stage { .. } => {}
            }
        }
        journal.append(Entry::Start { version: env!("CARGO_PKG_VERSION").into() })?;
        let device = DeviceArgs::default();
        Ok(Self { dir, experiment, inputs, device, record, journal, known, trained, threads, printer, stop })
    }

    /// Says how the board is reached, and warns of what is missing for that.
    #[must_use]
    pub fn with_device(mut self, device: &DeviceArgs) -> Self {
        self.device = device.clone();
        measure::preflight(&self);
        self
    }

    /// The kind of device that the options, else the experiment, choose for a board.
    fn device_kind(&self, board: &Board) -> DeviceKind {
        let asked = match &self.device {
            args if args.virtual_board => Some(Kind::Virtual),
            args if args.qemu => Some(Kind::Qemu),
            _ => self.experiment.device.kind,
        };
        match asked {
            Some(Kind::Probe) => DeviceKind::Probe,
            Some(Kind::Qemu) => DeviceKind::Qemu,
            _ if board.name == EMULATED => DeviceKind::Qemu,
            _ => DeviceKind::Virtual,
        }
    }

    /// Does every stage up to and including `last` that is not done.
    ///
    /// # Errors
    /// The first failure of a stage; what was finished before it is kept.
    pub fn run_until(&mut self, last: Stage) -> Result<(), Failure> {
        for stage in Stage::ALL.into_iter().filter(|stage| *stage <= last) {
            self.check_stop()?;
            let begun = Instant::now();
            let done = match stage {
                Stage::Select => select::run(self),
                Stage::Search => search::run(self),
                Stage::Train => train::run(self),
                Stage::Quantize => quantize::run(self),
                Stage::Measure => measure::run(self),
                Stage::Report => report::run(self),
            };
            let seconds = begun.elapsed().as_secs_f64();
            let fresh = match done {
                Ok(fresh) => fresh,
                Err(failure) => {
                    *self.record.seconds.entry(stage.name().into()).or_default() += seconds;
                    // Only the sum of times is lost if this cannot be written, too.
                    let _ = self.dir.write_json(names::RUN, &self.record);
                    return Err(self.stopped_by(failure));
                }
            };
            if fresh {
                self.journal.append(Entry::Stage { stage: stage.name().into(), seconds })?;
                *self.record.seconds.entry(stage.name().into()).or_default() += seconds;
                self.record.finished = (stage == Stage::Report).then(unix_seconds);
                self.dir.write_json(names::RUN, &self.record)?;
            }
        }
        Ok(())
    }

    /// The failure that ends the run, after saying how to go on where that helps.
    fn stopped_by(&self, failure: Failure) -> Failure {
        if failure.code() == INTERRUPTED {
            return Failure::interrupted(Some(self.dir.path()));
        }
        // What the experiment or its data got wrong cannot be mended in a run that has begun.
        if failure.exit() == EXIT_ERROR && (failure.code() == "io" || failure.code().starts_with("device::")) {
            let resume = format!(
                "everything finished is kept; once mended, `tinynas resume {}` goes on",
                self.dir.path().display()
            );
            self.printer.step("stopped", &resume);
        }
        failure
    }

    /// Fails if Ctrl-C was pressed.
    fn check_stop(&self) -> Result<(), Failure> {
        if self.stop.load(Ordering::SeqCst) {
            return Err(Failure::interrupted(Some(self.dir.path())));
        }
        Ok(())
    }
}
