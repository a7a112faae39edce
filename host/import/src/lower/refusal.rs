//! Why an operator is not lowered, and what would help.

use crate::ImportError;

/// Why an operator is not lowered.
#[derive(Debug)]
pub enum Refusal {
    /// It reads what a refused operator would have made.
    Follows,
    /// Our kernels do not compute it: why, and what would help.
    Unsupported(String, &'static str),
    /// It contradicts its tensors.
    Wrong(String),
    /// The file is no good.
    Import(ImportError),
}

impl From<ImportError> for Refusal {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

/// Help for what is not int8.
pub const QUANTIZE: &str = "convert the model with full integer quantization: `converter.optimizations = \
     [tf.lite.Optimize.DEFAULT]`, a `representative_dataset` and `supported_ops = [TFLITE_BUILTINS_INT8]`";
/// Help for shapes.
pub const SHAPES: &str = "export the model for one image at a time: `[1, rows, columns, channels]`";

/// Real values inside the network.
pub fn float(is_hybrid: bool) -> Refusal {
    let reason = if is_hybrid { "float32 activations with int8 weights (hybrid)" } else { "float32 activations" };
    Refusal::Unsupported(reason.into(), QUANTIZE)
}

/// An operator that no kernel computes.
pub fn other(title: &str) -> Refusal {
    const RECURRENT: &str =
        "the engine keeps no state between inferences: replace the recurrent layer by convolutions over time";
    const AUDIO: &str = "compute the audio features outside the network and import the network behind them";
    let (reason, help) = match title {
        "SVDF"
        | "LSTM"
        | "RNN"
        | "UNIDIRECTIONAL_SEQUENCE_LSTM"
        | "BIDIRECTIONAL_SEQUENCE_LSTM"
        | "UNIDIRECTIONAL_SEQUENCE_RNN"
        | "BIDIRECTIONAL_SEQUENCE_RNN" => ("a recurrent layer", RECURRENT),
        "VAR_HANDLE" | "READ_VARIABLE" | "ASSIGN_VARIABLE" | "CALL_ONCE" => ("state between inferences", RECURRENT),
        "LOG_SOFTMAX" => (
            "the logarithm of a softmax",
            "end the model with its logits or with SOFTMAX: the most likely class is the same",
        ),
        "RESIZE_BILINEAR" => ("bilinear interpolation", "use nearest neighbour, or a resized input"),
        "TRANSPOSE_CONV" => ("a transposed convolution", "use RESIZE_NEAREST_NEIGHBOR followed by a convolution"),
        "SUB" | "DIV" => ("an elementwise operation without a kernel", "express it as ADD or MUL"),
        "IF" | "WHILE" | "CALL" => ("control flow", "export the model with fixed sizes"),
        _ if title.starts_with("CUSTOM") && title.contains("Signal") => ("an audio front end", AUDIO),
        _ if title.starts_with("CUSTOM") => ("a custom operator", "export the model with builtin operators only"),
        _ => ("no kernel computes it", "replace the layer by one of the operators that docs/engine.md lists"),
    };
    Refusal::Unsupported(reason.into(), help)
}
