//! Constants of the engines, read from `memory-models/engines/*.yaml`. Every number carries its source.

use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};

use super::Engine;
use crate::{Bytes, CostError, document::Document};

/// A number and where it is from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sourced {
    /// The number, bytes.
    pub value: Bytes,
    /// Data sheet, paper, code or measurement that it is from.
    pub source: String,
}

/// Constants of all engines.
#[derive(Clone, Debug)]
pub(crate) struct Constants {
    pub naive: Naive,
    pub tflm: Tflm,
    pub tinyengine: Tinyengine,
    pub tinynas: Tinynas,
}

/// A file in `memory-models/engines`: the constants of one of the engines.
#[derive(JsonSchema)]
#[schemars(untagged, title = "Engine")]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) enum EngineFile {
    Naive(Naive),
    Tflm(Tflm),
    Tinyengine(Tinyengine),
    Tinynas(Tinynas),
}

/// Constants of one engine. `S`: of its SRAM formula, `F`: of its flash formula.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model<S, F> {
    /// Name on the command line.
    pub name: String,
    /// What it is, one line.
    #[expect(dead_code, reason = "for readers of the file")]
    pub title: String,
    /// The formula of the peak in words.
    #[expect(dead_code, reason = "for readers of the file")]
    pub formula: String,
    /// Constants of the SRAM formula.
    pub sram: S,
    /// Constants of the flash formula.
    pub flash: F,
}

pub(crate) type Naive = Model<NoConstants, FlashPerWeight>;
pub(crate) type Tflm = Model<TflmSram, TflmFlash>;
pub(crate) type Tinyengine = Model<TinyengineSram, FlashPerWeight>;
pub(crate) type Tinynas = Model<NoConstants, TinynasFlash>;

/// The formula has no constants.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoConstants {}

/// Flash that grows with weights and channels.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlashPerWeight {
    /// Per weight.
    pub weight_bytes: Sourced,
    /// Per output channel: bias, scale and the like.
    pub channel_bytes: Sourced,
    /// The runtime's code.
    pub code_bytes: Sourced,
}

/// TensorFlow Lite Micro's arena beside the living tensors.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TflmSram {
    /// Per output channel of every weighted operator.
    pub channel_bytes: Sourced,
    /// Per operator.
    pub op_bytes: Sourced,
}

/// TensorFlow Lite Micro's flash.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TflmFlash {
    /// Per weight.
    pub weight_bytes: Sourced,
    /// Per output channel.
    pub channel_bytes: Sourced,
    /// Per operator.
    pub op_bytes: Sourced,
    /// The runtime's code.
    pub code_bytes: Sourced,
}

/// TinyEngine's buffers beside the living tensors.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TinyengineSram {
    /// Per element of a convolution's column (k·k·cin).
    pub column_bytes: Sourced,
    /// Per pixel of the padded input of a depthwise convolution.
    pub plane_bytes: Sourced,
    /// Per weight of a convolution that is not 1×1.
    pub kernel_bytes: Sourced,
}

/// Flash of this project's engine: the format's own code counts all but this.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TinynasFlash {
    /// Code and constants of the image.
    pub code_bytes: Sourced,
    /// A class name, where the names are not known yet.
    pub class_name_bytes: Sourced,
    /// The provenance, where it is not known yet.
    pub provenance_bytes: Sourced,
}

/// The text of an engine's file.
pub(super) const fn text(engine: Engine) -> &'static str {
    match engine {
        Engine::Naive => include_str!("../../../../memory-models/engines/naive.yaml"),
        Engine::Tflm => include_str!("../../../../memory-models/engines/tflm.yaml"),
        Engine::Tinyengine => include_str!("../../../../memory-models/engines/tinyengine.yaml"),
        Engine::Tinynas => include_str!("../../../../memory-models/engines/tinynas.yaml"),
    }
}

impl Constants {
    /// The constants that this build ships.
    ///
    /// # Errors
    /// `engine::invalid`: a shipped file is damaged; a test reads them all.
    pub fn shipped() -> Result<&'static Self, CostError> {
        static SHIPPED: OnceLock<Constants> = OnceLock::new();
        match SHIPPED.get() {
            Some(constants) => Ok(constants),
            None => Self::read().map(|constants| SHIPPED.get_or_init(|| constants)),
        }
    }

    fn read() -> Result<Self, CostError> {
        Ok(Self {
            naive: read(Engine::Naive, |model: &Naive| &model.name)?,
            tflm: read(Engine::Tflm, |model: &Tflm| &model.name)?,
            tinyengine: read(Engine::Tinyengine, |model: &Tinyengine| &model.name)?,
            tinynas: read(Engine::Tinynas, |model: &Tinynas| &model.name)?,
        })
    }
}

fn read<T: DeserializeOwned>(engine: Engine, name: fn(&T) -> &String) -> Result<T, CostError> {
    let file = format!("memory-models/engines/{engine}.yaml");
    let document = Document { code: "engine::invalid", file: &file, text: text(engine) };
    let model = document.yaml()?;
    if name(&model) == engine.name() {
        Ok(model)
    } else {
        Err(document.wrong(&["name"], "the name differs from the file's", format!("write `name: {engine}`")))
    }
}
