//! Stage 6: the page, made from the files of the run directory, however far the run got.

mod bytes;
mod found;
mod network;

use std::path::PathBuf;

use tinynas_cost::{Board, select::Selection};
use tinynas_quant::Int8Model;
use tinynas_report::{Command, Header, ReportData};

use super::{Chosen, NO_LIMIT, Pipeline, QuantRecord, SearchRecord, TrainRecord};
use crate::{
    device::Measured,
    experiment::{DEMO, Experiment},
    failure::Failure,
    run_dir::{RunDir, RunRecord, names},
};

/// What the page is made from; a stage that has not run has nothing.
struct Found {
    experiment: Experiment,
    board: Option<Board>,
    limits: Option<(u64, u64)>,
    ranking: Option<Selection>,
    search: Option<SearchRecord>,
    train: Option<TrainRecord>,
    chosen: Option<Chosen>,
    quant: Option<QuantRecord>,
    measured: Option<Measured>,
    model: Option<Vec<u8>>,
}

/// Writes `report.html`; false if the same page is there.
pub(super) fn run(pipeline: &mut Pipeline<'_>) -> Result<bool, Failure> {
    let page = page(&pipeline.dir, &pipeline.record)?;
    if pipeline.dir.read(names::REPORT).is_ok_and(|old| old == page.as_bytes()) {
        return Ok(false);
    }
    pipeline.dir.write(names::REPORT, page.as_bytes())?;
    Ok(true)
}

/// Writes the page of a run that need not be finished, and gives its path.
///
/// # Errors
/// If a file of the run is damaged, or the page cannot be written.
pub fn write_report(dir: &RunDir, record: &RunRecord) -> Result<PathBuf, Failure> {
    let page = page(dir, record)?;
    dir.write(names::REPORT, page.as_bytes())?;
    Ok(dir.file(names::REPORT))
}

fn page(dir: &RunDir, record: &RunRecord) -> Result<String, Failure> {
    Ok(tinynas_report::html(&data(dir, record)?))
}

fn data(dir: &RunDir, record: &RunRecord) -> Result<ReportData, Failure> {
    let found = Found::read(dir, record)?;
    let model = found.model.as_deref().map(Int8Model::new).transpose()?;
    let layers = found.chosen.as_ref().map(Chosen::network).transpose()?;
    let names: Option<Vec<String>> =
        layers.map(|network| network.layers.iter().map(|layer| layer.name.clone()).collect());
    let names = names.as_deref();
    let model = model.as_ref().map(Int8Model::model);
    Ok(ReportData {
        header: found.header(record),
        budget: found.budget(),
        selection: found.selection(),
        search: found.candidates(dir)?,
        network: found.network()?,
        layers: model.map(|model| network::layers(model, names, found.measured.as_ref())).unwrap_or_default(),
        arena: model.map(|model| network::arena(model, names)),
        memories: found.memories(),
        accuracy: found.accuracy(),
        bytes: found.bytes(),
        device: found.device(),
        reproduce: found.reproduce(),
        next: found.next(),
    })
}

impl Found {
    fn read(dir: &RunDir, record: &RunRecord) -> Result<Self, Failure> {
        let (experiment, _) = Experiment::load(&dir.file(names::EXPERIMENT))?;
        let base = std::path::Path::new(&record.base);
        // The page can be written where the board's file is no longer there.
        let board = experiment.board.as_deref().and_then(|name| super::inputs::board(base, name).ok());
        let limits = super::limits(board.as_ref(), &experiment.budget, experiment.select.engine).ok();
        let limits = limits.filter(|limits| limits.sram != NO_LIMIT).map(|limits| (limits.sram.0, limits.flash.0));
        Ok(Self {
            experiment,
            board,
            limits,
            ranking: dir.read_json_if_there(names::SELECT)?,
            search: dir.read_json_if_there(names::SEARCH)?,
            train: dir.read_json_if_there(names::TRAIN)?,
            chosen: dir.read_json_if_there(names::BEST)?,
            quant: dir.read_json_if_there(names::QUANT)?,
            measured: dir.read_json_if_there(names::MEASURE)?,
            model: dir.has(names::MODEL).then(|| dir.read(names::MODEL)).transpose()?,
        })
    }

    /// No dates and times: equal runs give equal pages.
    fn header(&self, record: &RunRecord) -> Header {
        let variant = self.search.as_ref().map(|search| search.variant.clone());
        Header {
            title: self.experiment.name.clone(),
            space: self.experiment.space.clone(),
            variant: variant.or_else(|| self.ranking.as_ref().map(|r| r.winner().variant.to_string())),
            board: self.experiment.board.clone(),
            data_set: Some(self.experiment.data.clone()),
            seed: record.seed,
            tool_version: record.version.clone(),
            date: None,
            stages: Vec::new(),
        }
    }

    fn budget(&self) -> Option<tinynas_report::Budget> {
        let (sram_bytes, flash_bytes) = self.limits?;
        Some(tinynas_report::Budget { sram_bytes, flash_bytes, macs: self.experiment.budget.macs })
    }

    fn reproduce(&self) -> Vec<Command> {
        let demo = Experiment::parse(DEMO, "demo.yaml").is_ok_and(|demo| demo.same_but_seed(&self.experiment));
        let (line, note) = if demo {
            (
                format!("tinynas demo --seed {} --out again", self.experiment.seed),
                "the whole run again, in another folder",
            )
        } else {
            let note = "the whole run again, typed where it was started; experiment.yaml lies beside this page";
            ("tinynas run experiment.yaml --out again".into(), note)
        };
        vec![Command { line, note: note.into() }]
    }

    /// Commands that make sense at this point of the run, typed in its folder: the page does not know where that is,
    /// so that equal runs have equal pages.
    fn next(&self) -> Vec<Command> {
        let command = |line: &str, note: &str| Command { line: line.into(), note: format!("{note} (in this folder)") };
        if self.model.is_none() {
            return vec![command("tinynas resume .", "go on with this run")];
        }
        vec![
            command("tinynas fit . --board nucleo-f401re", "whether the model fits another board"),
            command("tinynas eval .", "int8 accuracy on the host, bit-exact to the chip"),
            command("tinynas bench . --images 256", "compare more outputs with the device"),
            command("tinynas bench . --board all --virtual", "how long it takes on every board, modelled"),
            command("tinynas flash . --board NAME", "put it on a board that is connected"),
        ]
    }
}
