//! The choices of one network in canonical form, and the id made from them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Choices of one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockGene {
    /// Side of the depthwise window.
    pub kernel: u8,
    /// Expansion ratio.
    pub expansion: u8,
}

/// Choices of one stage: one gene per block, so that the depth is the length.
pub type StageGene = Vec<BlockGene>;

/// Choices of one network. Text form: `k3e4,k5e6;k7e3` (blocks by comma, stages by semicolon).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Genotype {
    /// Stages in order.
    pub stages: Vec<StageGene>,
}

/// Why a text is not a genotype.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{text}` is not a block such as `k3e4`")]
pub struct GenotypeError {
    /// The part that was not understood.
    pub text: String,
}

impl fmt::Display for Genotype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (s, stage) in self.stages.iter().enumerate() {
            let separator = if s == 0 { "" } else { ";" };
            f.write_str(separator)?;
            for (b, gene) in stage.iter().enumerate() {
                let comma = if b == 0 { "" } else { "," };
                write!(f, "{comma}k{}e{}", gene.kernel, gene.expansion)?;
            }
        }
        Ok(())
    }
}

impl FromStr for Genotype {
    type Err = GenotypeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let gene = |part: &str| {
            let (kernel, expansion) = part.strip_prefix('k')?.split_once('e')?;
            Some(BlockGene { kernel: kernel.parse().ok()?, expansion: expansion.parse().ok()? })
        };
        let block = |part: &str| gene(part).ok_or_else(|| GenotypeError { text: part.into() });
        let stage = |part: &str| part.split(',').map(block).collect::<Result<Vec<_>, _>>();
        Ok(Self { stages: text.split(';').map(stage).collect::<Result<_, _>>()? })
    }
}

impl TryFrom<String> for Genotype {
    type Error = GenotypeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Genotype> for String {
    fn from(genotype: Genotype) -> Self {
        genotype.to_string()
    }
}

/// Hash of a candidate's canonical form: 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CandidateId(pub u64);

impl CandidateId {
    /// Id of `genotype` within `variant` (`w0.5-r144`) of a space. The first eight bytes of SHA-256.
    #[must_use]
    pub fn new(space: &str, variant: &str, genotype: &Genotype) -> Self {
        Self(stable_hash(&[space, variant, &genotype.to_string()]))
    }

    /// A stream of random numbers for `seed` that belongs to this candidate alone.
    #[must_use]
    pub fn seed(self, seed: u64, purpose: &str) -> u64 {
        stable_hash(&[&seed.to_string(), &self.to_string(), purpose])
    }
}

/// First eight bytes of SHA-256 over the parts, each ended by a zero byte.
fn stable_hash(parts: &[&str]) -> u64 {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize().iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

impl fmt::Display for CandidateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for CandidateId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

impl TryFrom<String> for CandidateId {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<CandidateId> for String {
    fn from(id: CandidateId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_is_read_back() {
        let text = "k3e4,k5e6;k7e3";
        let genotype: Genotype = text.parse().unwrap();
        assert_eq!(genotype.stages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(genotype.to_string(), text);
    }

    #[test]
    fn a_wrong_block_is_named() {
        assert_eq!("k3e4,x".parse::<Genotype>(), Err(GenotypeError { text: "x".into() }));
    }

    #[test]
    fn ids_differ_by_space_variant_and_choice_and_never_change() {
        let genotype: Genotype = "k3e4".parse().unwrap();
        let id = CandidateId::new("mnas", "w0.5-r144", &genotype);
        assert_ne!(id, CandidateId::new("mnas", "w0.5-r160", &genotype));
        assert_ne!(id, CandidateId::new("mnas-small", "w0.5-r144", &genotype));
        assert_ne!(id.seed(1, "nwot"), id.seed(2, "nwot"));
        assert_eq!(id.to_string().parse(), Ok(id));
    }
}
