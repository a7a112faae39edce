//! A compiled model named on the command line: a `.tnm` file, or the run directory that holds one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tinynas_plan::Model;
use tinynas_train::Dataset;

use crate::{
    data,
    experiment::Experiment,
    failure::Failure,
    pipeline::{Chosen, QuantRecord, place},
    run_dir::{RunDir, names},
};

/// The bytes of a model that passed every check, and the run that it is from.
#[derive(Debug)]
pub struct ModelFile {
    /// The `.tnm` file.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The run, if a run directory was named.
    pub run: Option<Run>,
}

/// A run directory that a model is from.
#[derive(Debug)]
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
        if let Err(error) = Model::parse(&bytes) {
            return Err(Failure::from(error).about(&path));
        }
        Ok(Self { path, bytes, run })
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
        let (classes, channels) = (model.class_count(), model.input().dims.c);
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
