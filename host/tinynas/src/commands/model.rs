//! A model named on the command line: a `.tnm` file, the run directory that holds one, or a `.tflite` or `.onnx` file, which
//! is compiled here.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tinynas_cost::Board;
use tinynas_import::{Lowered, import, lower, tflite};
use tinynas_plan::{Feed, Goal, Meta, MetaPreprocess, Model, compile, graph_of, model_bytes, plan_for, replan};
use tinynas_quant::QuantError;
use tinynas_train::Dataset;

use crate::{
    args::PlanArgs,
    data,
    experiment::Experiment,
    failure::Failure,
    pipeline::{Chosen, QuantRecord, place},
    run_dir::{RunDir, names},
};

/// The bytes of a model that passed every check, and the run that it is from.
#[derive(Clone, Debug)]
pub struct ModelFile {
    /// The `.tnm` file.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The run, if a run directory was named.
    pub run: Option<Run>,
    /// The network, if other people's file was named.
    pub imported: Option<Imported>,
}

/// A network from a file of another format.
#[derive(Clone, Debug)]
pub struct Imported {
    lowered: Lowered,
    provenance: String,
}

impl Imported {
    fn meta(&self) -> Meta {
        let dims = self.lowered.graph.input;
        let channels = u8::try_from(dims.c).unwrap_or_default();
        Meta {
            preprocess: MetaPreprocess { size: dims.h, channels, mean: 128, scale: self.lowered.input.quant.scale },
            classes: Vec::new(),
            sram_budget: 0,
            flash_budget: 0,
            provenance: self.provenance.clone(),
        }
    }

    fn compiled(&self) -> Result<Vec<u8>, QuantError> {
        let Lowered { graph, params, quant, .. } = &self.lowered;
        Ok(compile(graph, &plan_for(graph, Goal::Fastest, Feed::Whole)?, params, quant, &self.meta())?)
    }

    /// Inputs that a seed decides, each with its number.
    pub fn random_inputs(&self, count: u32) -> Vec<(u64, Vec<i8>)> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut byte = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 56) as u8 as i8
        };
        let bytes = self.lowered.graph.input.bytes();
        (0..count).map(|index| (index.into(), (0..bytes).map(|_| byte()).collect())).collect()
    }
}

/// Whether a file is a network of another format.
fn is_foreign(path: &Path, bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(b"TFL3") || is_named(path, "tflite") || is_named(path, "onnx")
}

fn is_named(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case(extension))
}

/// A run directory that a model is from.
#[derive(Clone, Debug)]
pub struct Run {
    /// Where it is.
    pub dir: RunDir,
    /// What was asked.
    pub experiment: Experiment,
    /// Where its relative paths start.
    pub base: PathBuf,
}

impl Run {
    /// The run's data set, wherever the command is typed.
    pub fn data(&self) -> String {
        place(&self.base, &self.experiment.data, &[data::SHIPPED])
    }
}

impl ModelFile {
    /// Reads a model and checks every byte that is used later.
    ///
    /// # Errors
    /// `io`, `run::*`, `model::missing`, `model::*`.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let (path, run) = if path.is_dir() {
            let (dir, record) = RunDir::open(path)?;
            let (experiment, _) = Experiment::load(&dir.file(names::EXPERIMENT))?;
            let base = PathBuf::from(record.base);
            let file = dir.file(names::MODEL);
            if !file.is_file() {
                return Err(Failure::new("model::missing", format!("{} holds no compiled model yet", path.display()))
                    .help(format!("go on with: tinynas quantize {}", path.display())));
            }
            (file, Some(Run { dir, experiment, base }))
        } else {
            (path.to_owned(), None)
        };
        let bytes = fs::read(&path).map_err(|e| Failure::io(&path, &e))?;
        if is_foreign(&path, &bytes) {
            return Self::import(path, &bytes);
        }
        if let Err(error) = Model::parse(&bytes) {
            return Err(Failure::from(error).about(&path));
        }
        Ok(Self { path, bytes, run, imported: None })
    }

    /// Reads a network of another format and compiles it for speed.
    fn import(path: PathBuf, file: &[u8]) -> Result<Self, Failure> {
        let about = |failure: Failure| failure.about(&path);
        // What is named so and does not begin so is a damaged file of that format, none of another.
        let read =
            if is_named(&path, "tflite") { tflite::read(file).and_then(|model| lower(&model)) } else { import(file) };
        let lowered = read.map_err(|error| about(error.into()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let imported = Imported { lowered, provenance: format!("tinynas {}, {name}", env!("CARGO_PKG_VERSION")) };
        let bytes = imported.compiled().map_err(|error| about(error.into()))?;
        Ok(Self { path, bytes, run: None, imported: Some(imported) })
    }

    /// The model for a board.
    ///
    /// # Errors
    /// As [`Self::planned`].
    pub fn planned_for(&self, board: &Board, wanted: PlanArgs) -> Result<Self, Failure> {
        self.planned(board.sram_budget().0, wanted)
    }

    /// The model with the plan that is wanted within `sram` bytes of arena. If none is, a network of another format gets the
    /// fastest that fits, and a compiled model keeps its own.
    ///
    /// # Errors
    /// If the model cannot be planned so.
    pub fn planned(&self, sram: u64, wanted: PlanArgs) -> Result<Self, Failure> {
        if wanted.is_empty() && self.imported.is_none() {
            return Ok(self.clone());
        }
        let model = self.model()?;
        let plan = plan_for(&graph_of(&model), wanted.goal(sram), wanted.feed()).map_err(QuantError::from)?;
        Ok(Self { bytes: replan(&model, &plan).map_err(QuantError::from)?, ..self.clone() })
    }

    /// The parsed model.
    ///
    /// # Errors
    /// None after [`Self::open`].
    pub fn model(&self) -> Result<Model<'_>, Failure> {
        Ok(Model::parse(&self.bytes)?)
    }

    /// Names of the layers: known where the model is from a run.
    ///
    /// # Errors
    /// If the run's files are damaged.
    pub fn layer_names(&self) -> Result<Option<Vec<String>>, Failure> {
        if let Some(imported) = &self.imported {
            return Ok(Some(imported.lowered.names.clone()));
        }
        let Some(run) = &self.run else { return Ok(None) };
        let network = run.dir.read_json::<Chosen>(names::BEST)?.network()?;
        Ok(Some(network.layers.into_iter().map(|layer| layer.name).collect()))
    }

    /// The data set: the one named, else the run's, else the shipped one; at the model's size.
    ///
    /// # Errors
    /// `data::*`, or `data::mismatch` if it has other classes or colours than the model.
    pub fn data(&self, named: Option<&str>) -> Result<Dataset, Failure> {
        let of_run = self.run.as_ref().map(Run::data);
        let name = named.or(of_run.as_deref()).unwrap_or(data::SHIPPED);
        let dataset = data::open(name)?;
        let model = self.model()?;
        let unnamed = self.imported.is_some();
        let classes = if unnamed { usize::from(model.output().dims.c) } else { model.class_count() };
        let channels = model.input().dims.c;
        let differs = |what: &str, model: usize, data: usize| {
            Failure::new("data::mismatch", format!("the model has {model} {what}, `{name}` has {data}"))
                .help("give the data set that the model was trained on with --data")
        };
        if dataset.classes.len() != classes {
            return Err(differs("classes", classes, dataset.classes.len()));
        }
        if dataset.channels() != usize::from(channels) {
            return Err(differs("channels", channels.into(), dataset.channels()));
        }
        let names = (0..classes).filter_map(|class| model.class(class));
        if let Some((expected, got)) = names.zip(&dataset.classes).find(|(expected, got)| *expected != got.as_str()) {
            return Err(Failure::new(
                "data::mismatch",
                format!("the model's class `{expected}` is `{got}` in `{name}`"),
            )
            .help("give the data set that the model was trained on with --data"));
        }
        Ok(dataset.resized(usize::from(model.preprocess().size)))
    }

    /// Size of the model as the run predicted it before compiling; of a file without a run, its size.
    ///
    /// # Errors
    /// If the run's files are damaged.
    pub fn predicted_bytes(&self) -> Result<u64, Failure> {
        if let Some(imported) = &self.imported {
            return Ok(model_bytes(&imported.lowered.graph, &imported.meta()).into());
        }
        let record =
            self.run.as_ref().map(|run| run.dir.read_json_if_there::<QuantRecord>(names::QUANT)).transpose()?;
        Ok(record.flatten().map_or(self.bytes.len() as u64, |record| record.predicted_model_bytes))
    }

    /// How the model is named in commands: the run directory, else the file.
    pub fn name(&self) -> String {
        let path = self.run.as_ref().map_or(self.path.as_path(), |run| run.dir.path());
        path.display().to_string()
    }
}
