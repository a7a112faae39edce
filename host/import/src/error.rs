//! Why a model cannot be imported, each with a stable code and what would help.

use std::fmt;

use thiserror::Error;

/// Why a file cannot be imported.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file is not of the expected format.
    #[error("not a TensorFlow Lite model: the file does not carry the identifier `TFL3`")]
    NotTflite,
    /// The file is not an ONNX model.
    #[error("not an ONNX model: {reason}")]
    NotOnnx {
        /// Why.
        reason: String,
    },
    /// An offset or length leads outside the file, or a table contradicts itself.
    #[error("the file is damaged at byte {at}: {what}")]
    Damaged {
        /// What was being read.
        what: &'static str,
        /// Where.
        at: usize,
    },
    /// More of something than a model for a microcontroller has.
    #[error("{what}: {found}, at most {most} can be imported")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// How much.
        found: u64,
        /// The limit.
        most: u64,
    },
    /// A tensor that contradicts itself.
    #[error("tensor {tensor} `{name}`: {reason}")]
    Tensor {
        /// Number in the file.
        tensor: usize,
        /// Its name.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// An operator that contradicts its tensors.
    #[error("operator {operator} ({kind} `{layer}`): {reason}")]
    Operator {
        /// Number in the file.
        operator: usize,
        /// What it computes.
        kind: String,
        /// Name of its output.
        layer: String,
        /// What is wrong.
        reason: String,
    },
    /// The model is sound, but it needs what our kernels do not compute.
    #[error("{}", list(.0))]
    Unsupported(Vec<Unsupported>),
}

/// Something that our kernels do not compute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// Number of the operator in the file; `None` if it is about the whole model.
    pub operator: Option<usize>,
    /// What it computes, in the file's words.
    pub kind: String,
    /// Name of its output.
    pub layer: String,
    /// What is not supported.
    pub reason: String,
    /// The smallest change that helps.
    pub help: &'static str,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operator) = self.operator {
            write!(f, "operator {operator} ")?;
        }
        write!(f, "{} `{}`: {}", self.kind, self.layer, self.reason)
    }
}

/// Operators whose numbers are listed; more are only counted.
const LISTED: usize = 6;

/// For every reason: the operations, their numbers with the first layer's name, and what would help.
fn list(all: &[Unsupported]) -> String {
    let mut text = String::from("the model needs what the kernels do not compute");
    for (at, first) in all.iter().enumerate() {
        let is_same = |other: &&Unsupported| other.reason == first.reason && other.help == first.help;
        if all.iter().take(at).any(|other| is_same(&other)) {
            continue;
        }
        text.push_str(&format!("\n  {}:", first.reason));
        let same: Vec<&Unsupported> = all.iter().filter(is_same).collect();
        let mut kinds: Vec<&str> = same.iter().map(|one| one.kind.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            text.push_str(&operators(kind, &same));
        }
        text.push_str(&format!("\n    help: {}", first.help));
    }
    text
}

/// A line for one operation.
fn operators(kind: &str, all: &[&Unsupported]) -> String {
    let of_kind: Vec<&&Unsupported> = all.iter().filter(|one| one.kind == kind).collect();
    let layer = of_kind.first().map_or("", |one| one.layer.as_str());
    let numbers: Vec<String> = of_kind.iter().filter_map(|one| one.operator).map(|at| at.to_string()).collect();
    let listed = numbers.get(..LISTED).unwrap_or(&numbers).join(", ");
    match numbers.len() {
        0 => format!("\n    {kind} `{layer}`"),
        1 => format!("\n    {kind}: operator {listed} `{layer}`"),
        count if count <= LISTED => format!("\n    {kind}: operators {listed}, first `{layer}`"),
        count => format!("\n    {kind}: operators {listed} and {} more, first `{layer}`", count - LISTED),
    }
}

impl ImportError {
    /// A stable name of the kind of error, for `--format json`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotTflite => "import::not_tflite",
            Self::NotOnnx { .. } => "import::not_onnx",
            Self::Damaged { .. } => "import::damaged",
            Self::Limit { .. } => "import::limit",
            Self::Tensor { .. } => "import::tensor",
            Self::Operator { .. } => "import::operator",
            Self::Unsupported(_) => "import::unsupported",
        }
    }

    /// What the user can do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NotTflite => Some("give a file that the TensorFlow Lite converter wrote".into()),
            Self::NotOnnx { .. } => Some("give a quantized model (QDQ) that an ONNX exporter wrote".into()),
            Self::Damaged { .. } => Some("copy or convert the model again".into()),
            Self::Limit { .. } => Some("only networks that fit a microcontroller can be imported".into()),
            Self::Tensor { .. } | Self::Operator { .. } => {
                Some("convert the model again with int8 quantization".into())
            }
            Self::Unsupported(all) => all.first().map(|first| first.help.into()),
        }
    }
}
