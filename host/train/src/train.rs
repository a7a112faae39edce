//! The training loop: epochs of steps, the best epoch's weights, a checkpoint after every epoch.

use std::{ops::ControlFlow, path::Path, time::Instant};

use serde::{Deserialize, Serialize};
use tinynas_burn::{
    Mode, NetworkModule, batch,
    burn::{
        optim::{GradientsParams, ModuleOptimizer},
        tensor::{Bytes, Device},
    },
};
use tinynas_model::{Network, Preprocess, Weights};

use crate::{
    Split, TrainConfig, TrainError, accuracy,
    augment::{Augment, order},
    checkpoint::{Checkpoint, Folder, Identity},
    evaluate::{check_images, logits},
    loss::{cross_entropy, targets},
    optimizer::optimizer,
    schedule::Schedule,
};

/// What one epoch came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochRecord {
    /// From 1.
    pub epoch: u32,
    /// Mean loss of the steps, nats.
    pub loss: f64,
    /// Share of the images to choose by that are recognised.
    pub accuracy: f64,
}

/// A trained network.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// Weights after the best epoch.
    pub weights: Weights,
    /// All epochs in order.
    pub epochs: Vec<EpochRecord>,
    /// The epoch with the highest accuracy, from 1; of equals, the last.
    pub best_epoch: u32,
    /// Its accuracy on the images to choose by.
    pub accuracy: f64,
}

/// Trains a network on `learn` and keeps the weights of the epoch that is best on `choose`.
///
/// `checkpoint` is a folder of this training's own: it is made if missing, every finished epoch is kept there,
/// and a training that finds one goes on after it. `on_epoch` hears of every epoch trained by this call, with
/// the seconds it took, once the epoch is kept. The result depends on the arguments alone, not on
/// interruptions and not on the number of threads.
///
/// # Errors
/// [`TrainError::Interrupted`] if `on_epoch` breaks; else what is wrong with the settings, the images or the
/// checkpoint, or [`TrainError::Diverged`].
pub fn train(
    network: &Network,
    preprocess: &Preprocess,
    learn: &Split,
    choose: &Split,
    config: &TrainConfig,
    checkpoint: Option<&Path>,
    on_epoch: &mut dyn FnMut(&EpochRecord, f64) -> ControlFlow<()>,
) -> Result<Trained, TrainError> {
    config.check()?;
    check(network, learn, "learn from", 2)?;
    check(network, choose, "choose by", 1)?;
    let folder = match checkpoint {
        Some(path) => Some(Folder::open(path, Identity::new(network, preprocess, learn, choose, config))?),
        None => None,
    };
    let kept = match &folder {
        Some(folder) => folder.newest()?,
        None => None,
    };
    let (mut training, mut done) = match kept {
        Some(kept) => (Training::resume(network, config, &kept)?, kept),
        None => (Training::start(network, config)?, Checkpoint::default()),
    };
    let school = School::new(network, preprocess, learn, choose, config);
    while done.epochs.len() < config.epochs as usize {
        let start = Instant::now();
        let epoch = done.epochs.len() as u32 + 1;
        let loss = training.epoch(&school, epoch)?;
        let record = EpochRecord { epoch, loss, accuracy: school.accuracy(&training, epoch)? };
        done.add(record.clone(), training.module.weights());
        if let Some(folder) = &folder {
            done.optimizer = training.state()?;
            folder.keep(&done)?;
        }
        if on_epoch(&record, start.elapsed().as_secs_f64()).is_break() {
            return Err(TrainError::Interrupted);
        }
    }
    let best = done.best();
    Ok(Trained { best_epoch: best.epoch, accuracy: best.accuracy, weights: done.best_weights, epochs: done.epochs })
}

fn check(network: &Network, split: &Split, purpose: &'static str, least: usize) -> Result<(), TrainError> {
    if split.len() < least {
        return Err(TrainError::TooFew { purpose, images: split.len(), least });
    }
    check_images(network, split)?;
    let classes = network.classes() as usize;
    match split.labels.iter().find(|label| usize::from(**label) >= classes) {
        Some(label) => Err(TrainError::Label { purpose, label: *label, classes }),
        None => Ok(()),
    }
}

/// What stays the same from step to step.
struct School<'a> {
    network: &'a Network,
    preprocess: &'a Preprocess,
    learn: &'a Split,
    choose: &'a Split,
    config: &'a TrainConfig,
    augment: Augment,
    schedule: Schedule,
    /// Images per step.
    batch: usize,
    /// Steps per epoch; a remainder of images waits for another epoch's order.
    steps: usize,
}

impl<'a> School<'a> {
    fn new(
        network: &'a Network,
        preprocess: &'a Preprocess,
        learn: &'a Split,
        choose: &'a Split,
        config: &'a TrainConfig,
    ) -> Self {
        let batch = (config.batch as usize).min(learn.len());
        let steps = learn.len() / batch;
        let schedule = Schedule::new(config.peak_rate(), config.warm_up, config.epochs, steps);
        let augment = Augment::new(config, learn, preprocess);
        Self { network, preprocess, learn, choose, config, augment, schedule, batch, steps }
    }

    fn rate(&self, epoch: u32, step: usize) -> f64 {
        self.schedule.rate((epoch as usize - 1) * self.steps + step)
    }

    /// Accuracy on the images to choose by.
    fn accuracy(&self, training: &Training, epoch: u32) -> Result<f64, TrainError> {
        let weights = training.module.weights();
        if let Some((name, _)) = weights.iter().find(|(_, t)| t.data.iter().any(|x| !x.is_finite())) {
            let rate = self.rate(epoch, self.steps - 1);
            return Err(TrainError::Diverged { what: format!("`{name}`"), epoch, rate });
        }
        let rows = logits(self.network, &weights, self.preprocess, self.choose)?;
        Ok(accuracy(&rows, &self.choose.labels))
    }
}

/// What changes from step to step.
struct Training {
    module: NetworkModule,
    optimizer: ModuleOptimizer,
    device: Device,
}

impl Training {
    fn start(network: &Network, config: &TrainConfig) -> Result<Self, TrainError> {
        let device = config.backend.device()?;
        let module = NetworkModule::new(network, config.seed, &device);
        Ok(Self { module, optimizer: optimizer(config), device })
    }

    fn resume(network: &Network, config: &TrainConfig, kept: &Checkpoint) -> Result<Self, TrainError> {
        let device = config.backend.device()?;
        let module = NetworkModule::with_weights(network, &kept.weights, &device)?;
        let bytes = Bytes::from_bytes_vec(kept.optimizer.clone());
        let optimizer = optimizer(config).from_bytes(bytes).map_err(|e| TrainError::State { reason: e.to_string() })?;
        Ok(Self { module, optimizer, device })
    }

    fn state(&self) -> Result<Vec<u8>, TrainError> {
        let bytes = self.optimizer.into_bytes().map_err(|e| TrainError::State { reason: e.to_string() })?;
        Ok(bytes.to_vec())
    }

    /// One pass over the images; gives the mean loss.
    fn epoch(&mut self, school: &School<'_>, epoch: u32) -> Result<f64, TrainError> {
        let order = order(school.config.seed, epoch, school.learn.len());
        let mut sum = 0.0;
        for (step, indices) in order.chunks_exact(school.batch).enumerate() {
            let rate = school.rate(epoch, step);
            let loss = self.step(school, epoch, indices, rate);
            if !loss.is_finite() {
                return Err(TrainError::Diverged { what: "the loss".into(), epoch, rate });
            }
            sum += loss;
        }
        Ok(sum / school.steps as f64)
    }

    fn step(&mut self, school: &School<'_>, epoch: u32, indices: &[usize], rate: f64) -> f64 {
        let device = &self.device;
        let learn = school.learn;
        let images = school.augment.batch(learn, epoch, indices);
        let labels: Vec<u16> = indices.iter().map(|i| learn.labels[*i]).collect();
        let classes = school.network.classes() as usize;
        let targets = targets(&labels, classes, school.config.label_smoothing, device);
        let x = batch(images, [indices.len(), learn.side, learn.side, learn.channels], device);
        let loss = cross_entropy(self.module.forward(x, Mode::Train), targets);
        let value = f64::from(loss.clone().into_scalar::<f32>());
        let gradients = GradientsParams::from_grads(loss.backward(), &self.module);
        self.module = self.optimizer.step(rate, self.module.clone(), gradients);
        value
    }
}
