//! Stage 3: the finalists are trained, the best on the validation images wins.

use std::{
    fs,
    ops::ControlFlow,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use serde::{Deserialize, Serialize};
use tinynas_model::{CandidateId, Network, Preprocess, Weights};
use tinynas_search::CandidateRecord;
use tinynas_train::{EpochRecord, Split, TrainConfig, Trained, accuracy, logits, train, with_threads};

use super::{
    Chosen, INTERRUPTED, Pipeline,
    search::{SearchRecord, candidates},
};
use crate::{
    failure::Failure,
    output::{percent, thousands},
    run_dir::{Entry, names},
};

/// How the finalists were trained: `train.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrainRecord {
    /// `tinynas/train/1`.
    pub schema: String,
    /// Settings of the training.
    pub config: TrainConfig,
    /// Images learned from.
    pub learn_images: u64,
    /// Images chosen by.
    pub validation_images: u64,
    /// In the order of the search's ranking.
    pub finalists: Vec<Finalist>,
    /// The one with the best validation accuracy.
    pub winner: CandidateId,
}

/// A trained network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finalist {
    /// Candidate id.
    pub id: CandidateId,
    /// Validation accuracy at the best epoch, a fraction.
    pub accuracy: f64,
    /// The epoch whose weights were kept, 1-based.
    pub best_epoch: u32,
    /// All epochs.
    pub epochs: Vec<EpochRecord>,
}

/// A network to train.
struct Contender {
    record: CandidateRecord,
    chosen: Chosen,
    network: Network,
}

/// What all finalists are trained with.
struct School {
    config: TrainConfig,
    preprocess: Preprocess,
    learn: Split,
    choose: Split,
}

/// Writes `weights.safetensors`, `train.json` and `best.json`; false if they are there.
pub(super) fn run(pipeline: &mut Pipeline<'_>) -> Result<bool, Failure> {
    if pipeline.dir.has_all(&[names::BEST, names::TRAIN, names::WEIGHTS]) {
        return Ok(false);
    }
    let contenders = contenders(pipeline)?;
    let side = contenders[0].network.input.h;
    let school = school(pipeline, side);
    pipeline.printer.step(
        "train",
        &format!(
            "{} finalists, {} epochs on {} images, chosen by {} others",
            contenders.len(),
            school.config.epochs,
            thousands(school.learn.len() as u64),
            thousands(school.choose.len() as u64)
        ),
    );
    let trained = all(pipeline, &contenders, &school)?;
    let winner = winner(&contenders, &trained);
    let (contender, best) = (&contenders[winner], &trained[winner]);
    let test = pipeline.inputs.data.test.resized(side as usize);
    let scores = logits(&contender.network, &best.weights, &school.preprocess, &test)?;
    let chosen = Chosen {
        validation_accuracy: best.accuracy,
        test_accuracy: accuracy(&scores, &test.labels),
        best_epoch: best.best_epoch,
        ..contender.chosen.clone()
    };
    let finalist = |(contender, trained): (&Contender, &Trained)| Finalist {
        id: contender.record.id,
        accuracy: trained.accuracy,
        best_epoch: trained.best_epoch,
        epochs: trained.epochs.clone(),
    };
    let record = TrainRecord {
        schema: "tinynas/train/1".into(),
        config: school.config.clone(),
        learn_images: school.learn.len() as u64,
        validation_images: school.choose.len() as u64,
        finalists: contenders.iter().zip(&trained).map(finalist).collect(),
        winner: chosen.id,
    };
    pipeline.dir.write(names::WEIGHTS, &best.weights.to_bytes()?)?;
    pipeline.dir.write_json(names::TRAIN, &record)?;
    pipeline.dir.write_json(names::BEST, &chosen)?;
    let checkpoints = pipeline.dir.file(names::CHECKPOINTS);
    // Everything that the later stages need has been written; leftovers only cost space.
    let _ = fs::remove_dir_all(checkpoints);
    pipeline.printer.step(
        "train",
        &format!(
            "{} wins: {} on the validation images, {} on the test images",
            chosen.id,
            percent(chosen.validation_accuracy),
            percent(chosen.test_accuracy)
        ),
    );
    Ok(true)
}

/// The finalists of the search with their networks.
fn contenders(pipeline: &Pipeline<'_>) -> Result<Vec<Contender>, Failure> {
    let search: SearchRecord = pipeline.dir.read_json(names::SEARCH)?;
    let all = candidates(&pipeline.dir)?;
    let inputs = &pipeline.inputs;
    let mut contenders = Vec::with_capacity(search.finalists.len());
    for id in &search.finalists {
        let Some(record) = all.iter().find(|candidate| candidate.id == *id) else {
            return Err(Failure::new("run::damaged", format!("finalist {id} is not in candidates.jsonl"))
                .help("remove candidates.jsonl and search.json: `tinynas resume` makes them again"));
        };
        let architecture =
            inputs.space.architecture(record.variant, &record.genotype, inputs.channels(), inputs.classes())?;
        let network = architecture.network()?;
        let preprocess = inputs.data.preprocess(network.input.h);
        let chosen = Chosen::of(&inputs.space.name, record, architecture, preprocess, &inputs.data.classes);
        contenders.push(Contender { record: record.clone(), chosen, network });
    }
    Ok(contenders)
}

fn school(pipeline: &Pipeline<'_>, side: u32) -> School {
    let settings = &pipeline.experiment.train;
    let seed = pipeline.experiment.seed;
    let (learn, choose) = pipeline.inputs.data.learn_and_choose(settings.validation, seed);
    School {
        config: TrainConfig {
            epochs: settings.epochs,
            batch: settings.batch,
            learning_rate: settings.learning_rate,
            flip: settings.flip,
            backend: settings.backend,
            seed,
            ..TrainConfig::default()
        },
        preprocess: pipeline.inputs.data.preprocess(side),
        learn: learn.resized(side as usize),
        choose: choose.resized(side as usize),
    }
}

/// Position of the best validation accuracy; of equals, the least id.
fn winner(contenders: &[Contender], trained: &[Trained]) -> usize {
    let better = |a: &usize, b: &usize| {
        let accuracy = trained[*a].accuracy.total_cmp(&trained[*b].accuracy);
        accuracy.then_with(|| contenders[*b].record.id.cmp(&contenders[*a].record.id))
    };
    (0..trained.len()).max_by(better).unwrap_or(0)
}

/// Trains every contender: side by side if there are enough threads, else one after the other. The results
/// are the same.
fn all(pipeline: &Pipeline<'_>, contenders: &[Contender], school: &School) -> Result<Vec<Trained>, Failure> {
    let workers = if pipeline.threads >= contenders.len() { contenders.len() } else { 1 };
    let threads = (pipeline.threads / workers).max(1);
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let results: Mutex<Vec<Option<Result<Trained, Failure>>>> = Mutex::new(contenders.iter().map(|_| None).collect());
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::SeqCst);
            let Some(contender) = contenders.get(at) else { return };
            if failed.load(Ordering::SeqCst) {
                return;
            }
            let result = with_threads(threads, || one(pipeline, contender, school, &failed));
            if result.is_err() {
                failed.store(true, Ordering::SeqCst);
            }
            if let Ok(mut results) = results.lock() {
                results[at] = Some(result);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(work);
        }
        work();
    });
    let results = results.into_inner().map_err(Failure::internal)?;
    // A contender that stopped because another one failed says "interrupted"; the failure itself comes first.
    let mut trained = Vec::with_capacity(results.len());
    let mut interrupted = None;
    for result in results.into_iter().flatten() {
        match result {
            Ok(one) => trained.push(one),
            Err(failure) if failure.code() == INTERRUPTED => interrupted = Some(failure),
            Err(failure) => return Err(failure),
        }
    }
    match interrupted {
        Some(failure) => Err(failure),
        None if trained.len() == contenders.len() => Ok(trained),
        None => Err(Failure::internal("a training thread ended without a result")),
    }
}

fn one(
    pipeline: &Pipeline<'_>,
    contender: &Contender,
    school: &School,
    failed: &AtomicBool,
) -> Result<Trained, Failure> {
    let id = contender.record.id;
    let checkpoint = pipeline.dir.file(names::CHECKPOINTS).join(id.to_string());
    fs::create_dir_all(&checkpoint).map_err(|error| Failure::io(&checkpoint, &error))?;
    let mut journal_failed = None;
    let mut known = pipeline.trained.get(&id).copied().unwrap_or(0);
    let mut on_epoch = |epoch: &EpochRecord, seconds: f64| {
        if epoch.epoch <= known {
            let lost =
                format!("{id}: the checkpoint of epoch {known} is gone; training goes on from epoch {}", epoch.epoch);
            pipeline.printer.warn(&lost);
        }
        known = 0;
        let entry = Entry::Epoch { id, epoch: epoch.epoch, loss: epoch.loss, accuracy: epoch.accuracy, seconds };
        if let Err(failure) = pipeline.journal.append(entry) {
            journal_failed = Some(failure);
            return ControlFlow::Break(());
        }
        pipeline.printer.step(
            "train",
            &format!(
                "{id} epoch {:>2}/{}  loss {:.3}  accuracy {}  {seconds:.1} s",
                epoch.epoch,
                school.config.epochs,
                epoch.loss,
                percent(epoch.accuracy)
            ),
        );
        if pipeline.stop.load(Ordering::SeqCst) || failed.load(Ordering::SeqCst) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    };
    let trained = train(
        &contender.network,
        &school.preprocess,
        &school.learn,
        &school.choose,
        &school.config,
        Some(&checkpoint),
        &mut on_epoch,
    );
    match journal_failed {
        Some(failure) => Err(failure),
        None => Ok(trained?),
    }
}

/// The weights of the chosen network.
///
/// # Errors
/// `io`, or what is wrong with the file.
pub fn weights(dir: &crate::run_dir::RunDir) -> Result<Weights, Failure> {
    Ok(Weights::load(&dir.file(names::WEIGHTS))?)
}
