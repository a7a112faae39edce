//! A training's state after an epoch, kept in a folder of its own.
//!
//! A file is a line of JSON (what it belongs to, the epochs so far, lengths), the parts, and the SHA-256 of
//! all that. It is written beside, synchronised and renamed; the newest two are kept, so that a damaged newest
//! one costs an epoch and not the training.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tinynas_model::{Network, Preprocess, Weights};

use crate::{EpochRecord, Split, TrainConfig, TrainError};

const SCHEMA: &str = "tinynas/checkpoint/1";
const HASH: usize = 32;
const EXTENSION: &str = "checkpoint";

/// What a training is determined by: a checkpoint of another one is not gone on from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    network: String,
    settings: String,
    images: String,
    program: String,
}

impl Identity {
    /// Hashes of all that decides the result.
    pub fn new(
        network: &Network,
        preprocess: &Preprocess,
        learn: &Split,
        choose: &Split,
        config: &TrainConfig,
    ) -> Self {
        Self {
            network: hash(&[format!("{network:?}").as_bytes()]),
            settings: hash(&[format!("{preprocess:?} {config:?}").as_bytes()]),
            images: hash(&[learn, choose].map(split_hash)),
            program: concat!("tinynas ", env!("CARGO_PKG_VERSION")).into(),
        }
    }

    /// What is not the same in `other`.
    fn difference(&self, other: &Self) -> Option<String> {
        let parts = [
            ("the network", &self.network, &other.network),
            ("the settings", &self.settings, &other.settings),
            ("the images", &self.images, &other.images),
            ("the program's versions", &self.program, &other.program),
        ];
        let names: Vec<&str> = parts.iter().filter(|(_, a, b)| a != b).map(|(name, ..)| *name).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

fn hash<T: AsRef<[u8]>>(parts: &[T]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.as_ref().len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn split_hash(split: &Split) -> String {
    let labels: Vec<u8> = split.labels.iter().flat_map(|label| label.to_le_bytes()).collect();
    hash(&[split.size().as_bytes(), &split.images, &labels])
}

/// A training's state after an epoch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    /// The epochs so far.
    pub epochs: Vec<EpochRecord>,
    /// Weights after the last of them.
    pub weights: Weights,
    /// Weights after the best of them.
    pub best_weights: Weights,
    /// The optimizer's state in burn's format.
    pub optimizer: Vec<u8>,
}

/// First line of a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    schema: String,
    identity: Identity,
    epochs: Vec<EpochRecord>,
    weights_bytes: usize,
    best_weights_bytes: usize,
    optimizer_bytes: usize,
}

impl Checkpoint {
    /// Appends an epoch; its weights are the best if no epoch before was better.
    pub fn add(&mut self, record: EpochRecord, weights: Weights) {
        self.epochs.push(record);
        if self.best().epoch as usize == self.epochs.len() {
            self.best_weights = weights.clone();
        }
        self.weights = weights;
    }

    /// The best epoch; of equals, the last.
    pub fn best(&self) -> EpochRecord {
        let best = self.epochs.iter().max_by(|a, b| a.accuracy.total_cmp(&b.accuracy));
        best.cloned().unwrap_or(EpochRecord { epoch: 0, loss: 0.0, accuracy: 0.0 })
    }

    fn to_bytes(&self, identity: &Identity) -> Result<Vec<u8>, TrainError> {
        let (weights, best) = (self.weights.to_bytes()?, self.best_weights.to_bytes()?);
        let header = Header {
            schema: SCHEMA.into(),
            identity: identity.clone(),
            epochs: self.epochs.clone(),
            weights_bytes: weights.len(),
            best_weights_bytes: best.len(),
            optimizer_bytes: self.optimizer.len(),
        };
        let mut bytes = serde_json::to_vec(&header).map_err(|e| TrainError::State { reason: e.to_string() })?;
        bytes.push(b'\n');
        bytes.extend(weights);
        bytes.extend(best);
        bytes.extend(&self.optimizer);
        let hash = Sha256::digest(&bytes);
        bytes.extend(hash);
        Ok(bytes)
    }

    fn from_bytes(bytes: &[u8], path: &Path) -> Result<(Self, Identity), TrainError> {
        let damaged = |reason: String| TrainError::Damaged { path: path.into(), reason };
        let Some((content, hash)) = bytes.split_last_chunk::<HASH>() else {
            return Err(damaged(format!("{} bytes only", bytes.len())));
        };
        if Sha256::digest(content)[..] != hash[..] {
            return Err(damaged(format!("its {} bytes do not have the hash that ends it", bytes.len())));
        }
        let line = content.iter().position(|byte| *byte == b'\n').unwrap_or(content.len());
        let header: Header = serde_json::from_slice(&content[..line]).map_err(|e| damaged(e.to_string()))?;
        if header.schema != SCHEMA {
            return Err(damaged(format!("schema `{}`, this program reads `{SCHEMA}`", header.schema)));
        }
        let mut rest = content.get(line + 1..).unwrap_or_default();
        let mut part = |length: usize| match rest.split_at_checked(length) {
            Some((part, after)) => {
                rest = after;
                Ok(part)
            }
            None => Err(damaged(format!("ends in a part of {length} bytes"))),
        };
        let name = path.display().to_string();
        let weights = |bytes: &[u8]| Weights::from_bytes(bytes, &name).map_err(|e| damaged(e.to_string()));
        let checkpoint = Self {
            weights: weights(part(header.weights_bytes)?)?,
            best_weights: weights(part(header.best_weights_bytes)?)?,
            optimizer: part(header.optimizer_bytes)?.to_vec(),
            epochs: header.epochs,
        };
        Ok((checkpoint, header.identity))
    }
}

/// The checkpoints of one training.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    identity: Identity,
}

impl Folder {
    /// Opens or makes the folder.
    pub fn open(path: &Path, identity: Identity) -> Result<Self, TrainError> {
        fs::create_dir_all(path).map_err(TrainError::io(path))?;
        Ok(Self { path: path.into(), identity })
    }

    fn file(&self, epoch: usize) -> PathBuf {
        self.path.join(format!("epoch-{epoch:04}.{EXTENSION}"))
    }

    /// The epochs that have a file, ascending.
    fn epochs(&self) -> Result<Vec<usize>, TrainError> {
        let mut epochs = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(TrainError::io(&self.path))? {
            let name = entry.map_err(TrainError::io(&self.path))?.file_name();
            let name = name.to_string_lossy();
            let number = name.strip_prefix("epoch-").and_then(|n| n.strip_suffix(EXTENSION)?.strip_suffix('.'));
            epochs.extend(number.and_then(|n| n.parse::<usize>().ok()).filter(|epoch| self.file(*epoch).is_file()));
        }
        epochs.sort_unstable();
        Ok(epochs)
    }

    fn read(&self, epoch: usize) -> Result<Checkpoint, TrainError> {
        let path = self.file(epoch);
        let bytes = fs::read(&path).map_err(TrainError::io(&path))?;
        let (checkpoint, identity) = Checkpoint::from_bytes(&bytes, &path)?;
        if let Some(difference) = self.identity.difference(&identity) {
            return Err(TrainError::Foreign { path, difference });
        }
        if checkpoint.epochs.len() != epoch {
            let reason = format!("holds {} epochs", checkpoint.epochs.len());
            return Err(TrainError::Damaged { path, reason });
        }
        Ok(checkpoint)
    }

    /// The newest checkpoint; if that one is damaged, the one before it, so that its epoch is done again.
    pub fn newest(&self) -> Result<Option<Checkpoint>, TrainError> {
        let epochs = self.epochs()?;
        let Some((newest, older)) = epochs.split_last() else { return Ok(None) };
        let before = newest.saturating_sub(1);
        match self.read(*newest) {
            Ok(checkpoint) => Ok(Some(checkpoint)),
            Err(TrainError::Damaged { .. }) if before == 0 => Ok(None),
            Err(TrainError::Damaged { .. }) if older.last() == Some(&before) => self.read(before).map(Some),
            Err(error) => Err(error),
        }
    }

    /// Writes a checkpoint whole and removes all but the one before it.
    pub fn keep(&self, checkpoint: &Checkpoint) -> Result<(), TrainError> {
        let epoch = checkpoint.epochs.len();
        let path = self.file(epoch);
        let beside = path.with_extension("partial");
        let bytes = checkpoint.to_bytes(&self.identity)?;
        let write = || {
            let mut file = File::create(&beside)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            File::open(&self.path)?.sync_all()
        };
        if let Err(error) = write() {
            // What was half written only costs space.
            let _ = fs::remove_file(&beside);
            return Err(TrainError::io(&path)(error));
        }
        for old in self.epochs()?.into_iter().filter(|old| old + 1 < epoch) {
            let old = self.file(old);
            fs::remove_file(&old).map_err(TrainError::io(&old))?;
        }
        Ok(())
    }
}
