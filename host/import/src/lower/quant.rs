//! Scales, zero points and clamps, computed as TensorFlow Lite Micro does.
//!
//! Source: TensorFlow Lite `kernel_util.cc` (`CalculateActivationRangeQuantized`).

use tinynas_plan::{Output, TensorQuant};

use super::{
    context::Lowering,
    refusal::{QUANTIZE, Refusal},
};
use crate::{Activation, ImportError};

/// The one scale of a tensor and its zero point.
pub fn scale_and_zero(lowering: &Lowering<'_>, tensor: usize) -> Result<(f32, i64), Refusal> {
    let (scales, zeros) = scales(lowering, tensor)?;
    match (scales, zeros) {
        ([scale], []) => Ok((*scale, 0)),
        ([scale], [zero]) => Ok((*scale, *zero)),
        _ => Err(wrong(lowering, tensor, "an activation with several scales".into())),
    }
}

/// The one scale of an int8 tensor and its zero point.
pub fn tensor_quant(lowering: &Lowering<'_>, tensor: usize) -> Result<TensorQuant, Refusal> {
    let (scale, zero) = scale_and_zero(lowering, tensor)?;
    let zero_point = i8::try_from(zero).map_err(|_| wrong(lowering, tensor, format!("zero point {zero}")))?;
    Ok(TensorQuant { scale, zero_point })
}

/// All scales of a tensor, finite and positive, and its zero points.
pub fn scales<'n>(lowering: &Lowering<'n>, tensor: usize) -> Result<(&'n [f32], &'n [i64]), Refusal> {
    let net = lowering.net;
    let Some(quant) = &net.tensors[tensor].quant else {
        return Err(Refusal::Unsupported("a tensor without scale".into(), QUANTIZE));
    };
    if let Some(scale) = quant.scales.iter().find(|scale| !scale.is_finite() || **scale <= 0.0) {
        return Err(wrong(lowering, tensor, format!("scale {scale}")));
    }
    Ok((&quant.scales, &quant.zeros))
}

fn wrong(lowering: &Lowering<'_>, tensor: usize, reason: String) -> Refusal {
    let name = lowering.net.tensors[tensor].name.clone();
    Refusal::Import(ImportError::Tensor { tensor, name, reason })
}

/// Zero point and clamp of an output with a fused activation.
pub fn output(quant: TensorQuant, activation: Activation) -> Result<Output, Refusal> {
    let level = |x: f32| {
        let steps = (x / quant.scale).round() as i64;
        steps.saturating_add(quant.zero_point.into()).clamp(-128, 127) as i8
    };
    let (min, max) = match activation {
        Activation::Linear => (-128, 127),
        Activation::Relu => (level(0.0), 127),
        Activation::ReluN1To1 => (level(-1.0), level(1.0)),
        Activation::Relu6 => (level(0.0), level(6.0)),
        Activation::Other(number) => {
            let reason = format!("fused activation {number}");
            return Err(Refusal::Unsupported(reason, "use ReLU or ReLU6"));
        }
    };
    Ok(Output { zero: quant.zero_point, min, max })
}
