//! Boards as data: memory, core and clock, and what the firmware keeps for itself.

mod checks;
mod shipped;

use std::{fmt, fs, path::Path};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Bytes, CostError, document::Document, suggestion::closest};

/// A board as its file describes it. Every number has its source beside it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// Name on the command line; the file is `NAME.yaml`.
    pub name: String,
    /// Name that people know it by.
    pub title: String,
    /// probe-rs target; none for a board without a debug port.
    #[serde(default)]
    pub chip: Option<String>,
    /// The core that runs the network.
    pub core: Core,
    /// The core's clock.
    pub clock_hz: Clock,
    /// Memory for code and model.
    pub flash: Flash,
    /// RAM. The first region holds statics, arena and stack; the others are not used.
    pub sram: Vec<Region>,
    /// What is not for networks.
    pub reserved: Reserved,
    /// The debug probe that reaches it.
    #[serde(default)]
    pub probe: Option<String>,
    #[serde(skip)]
    text: String,
    #[serde(skip)]
    hash: String,
}

/// Cortex-M cores; `f`: with a floating point unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Core {
    /// ARMv6-M, no DSP extension.
    #[serde(rename = "cortex-m0+")]
    CortexM0Plus,
    /// ARMv7E-M.
    #[serde(rename = "cortex-m4f")]
    CortexM4F,
    /// ARMv7E-M, dual issue.
    #[serde(rename = "cortex-m7f")]
    CortexM7F,
    /// ARMv8-M Mainline.
    #[serde(rename = "cortex-m33f")]
    CortexM33F,
}

impl fmt::Display for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::CortexM0Plus => "cortex-m0+",
            Self::CortexM4F => "cortex-m4f",
            Self::CortexM7F => "cortex-m7f",
            Self::CortexM33F => "cortex-m33f",
        })
    }
}

/// A clock in Hz.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Hz.
    pub value: u64,
    /// Where the number is from.
    pub source: String,
}

/// Wait states of the flash at the board's clock.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitStates {
    /// Cycles.
    pub value: u32,
    /// Where the number is from.
    pub source: String,
}

/// Memory for code and model.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flash {
    /// First address.
    pub origin: u64,
    /// Size.
    pub bytes: Bytes,
    /// What the firmware keeps for code at the start; the model begins behind it, on a sector's border. None: what the
    /// firmware takes where nothing is said.
    #[serde(default)]
    pub code_region: Option<ReservedBytes>,
    /// Wait states, where known.
    #[serde(default)]
    pub wait_states: Option<WaitStates>,
    /// Where address and size are from.
    pub source: String,
}

/// A contiguous RAM.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Name in the manual.
    pub name: String,
    /// First address.
    pub origin: u64,
    /// Size.
    pub bytes: Bytes,
    /// Where address and size are from.
    pub source: String,
}

/// What is not for networks.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reserved {
    /// The stack's reserve, at the end of the first RAM region.
    pub stack: ReservedBytes,
    /// `.data` and `.bss` of the firmware, at the start of the first RAM region.
    pub statics: ReservedBytes,
    /// Flash that neither code nor model can use.
    pub flash: ReservedBytes,
}

/// A reserve.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReservedBytes {
    /// Size.
    pub bytes: Bytes,
    /// Where the number is from.
    pub source: String,
}

impl Board {
    /// Names of the boards in `memory-models/boards`, in alphabetical order.
    #[must_use]
    pub fn shipped() -> Vec<&'static str> {
        shipped::FILES.iter().map(|(name, _)| *name).collect()
    }

    /// A shipped board by name, or a board file by path.
    ///
    /// # Errors
    /// [`CostError::Unknown`], [`CostError::Io`], and those of [`Board::parse`].
    pub fn open(name_or_path: &str) -> Result<Self, CostError> {
        if let Some((name, text)) = shipped::FILES.iter().find(|(name, _)| *name == name_or_path) {
            return Self::parse(text, &format!("memory-models/boards/{name}.yaml"));
        }
        let path = Path::new(name_or_path);
        let is_path = name_or_path.contains(['/', '\\']) || path.extension().is_some_and(|e| e == "yaml" || e == "yml");
        if !is_path && !path.is_file() {
            return Err(CostError::Unknown {
                what: "board",
                name: name_or_path.into(),
                known: Self::shipped().into_iter().map(Into::into).collect(),
                closest: closest(name_or_path, Self::shipped()).map(Into::into),
            });
        }
        let text = fs::read_to_string(path).map_err(|source| CostError::Io { path: path.into(), source })?;
        Self::parse(&text, name_or_path)
    }

    /// Reads the text of a board file; `file` is its name in messages.
    ///
    /// # Errors
    /// [`CostError::Invalid`] (`board::invalid`) with line and column: not YAML, an unknown or missing field, no memory,
    /// regions that overlap or leave the 32-bit address space, a reserve that leaves nothing.
    pub fn parse(text: &str, file: &str) -> Result<Self, CostError> {
        let document = Document { code: "board::invalid", file, text };
        let board: Self = document.yaml()?;
        checks::check(&board, &document)?;
        let hash = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { text: text.into(), hash, ..board })
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the file's text, as hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Bytes of the region that holds statics, arena and stack.
    #[must_use]
    pub fn main_sram(&self) -> Bytes {
        self.sram.first().map_or(Bytes(0), |region| region.bytes)
    }

    /// What a network's arena may take: the first region less stack and statics.
    #[must_use]
    pub fn sram_budget(&self) -> Bytes {
        self.main_sram().less(self.reserved.stack.bytes).less(self.reserved.statics.bytes)
    }

    /// What code and model may take together.
    #[must_use]
    pub fn flash_budget(&self) -> Bytes {
        self.flash.bytes.less(self.reserved.flash.bytes)
    }
}
