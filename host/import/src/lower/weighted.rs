//! Convolutions and matrix products.
//!
//! Source of the factors: TensorFlow Lite `PopulateConvolutionQuantizationParams`, `GetQuantizedConvolutionMultipler`
//! (whose product of the two scales is rounded to f32).

use tinynas_plan::{Dims, Op, Params, Requant, Window};

use super::{
    context::{Known, Lowering},
    quant,
    refusal::{QUANTIZE, Refusal},
    window::{Moves, checked},
};
use crate::{Activation, Convolution, Element, Operator};

/// How the factor of a channel is computed from the scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Factor {
    /// All in f64.
    Double,
    /// One scale for all channels: its product with the input's scale in f32.
    SingleProduct,
}

/// CONV_2D.
pub fn conv(lowering: &mut Lowering<'_>, operator: &Operator, options: Convolution) -> Result<(), Refusal> {
    let (shape, weights) = filters(lowering, operator)?;
    let [outputs, rows, columns, depth] = shape;
    let (input, window, output) = placed(lowering, operator, options, [rows, columns])?;
    let channels = u32::from(lowering.dims(input).c);
    if channels != depth {
        let reason = format!("filters of {depth} channels on {channels} (grouped)");
        return Err(Refusal::Unsupported(reason, "use convolutions over all channels or over one (depthwise)"));
    }
    if u32::from(output.c) != outputs {
        return Err(Refusal::Wrong(format!("{outputs} filters make {} channels", output.c)));
    }
    // [out, taps, in] → [out, in, taps]
    let (taps, depth) = ((rows * columns) as usize, depth as usize);
    let filters = weights.chunks_exact(taps * depth);
    let weights = filters.flat_map(|f| (0..depth).flat_map(move |i| (0..taps).map(move |t| f[t * depth + i] as i8)));
    let params = params(lowering, operator, weights.collect(), output, options.activation, Factor::Double)?;
    lowering.make(operator, Op::Conv(window), vec![input], params)
}

/// DEPTHWISE_CONV_2D; with one input channel it is a convolution.
pub fn depthwise(lowering: &mut Lowering<'_>, operator: &Operator, options: Convolution) -> Result<(), Refusal> {
    let (shape, weights) = filters(lowering, operator)?;
    let [one, rows, columns, outputs] = shape;
    let (input, window, output) = placed(lowering, operator, options, [rows, columns])?;
    let channels = u32::from(lowering.dims(input).c);
    if one != 1 || u32::from(output.c) != outputs || !outputs.is_multiple_of(channels) {
        return Err(Refusal::Wrong(format!("filters of {shape:?} on {channels} channels make {}", output.c)));
    }
    if channels != 1 && channels != outputs {
        let reason = format!("depth multiplier {}", outputs / channels);
        return Err(Refusal::Unsupported(reason, "use depth multiplier 1 and a 1×1 convolution in front"));
    }
    // [taps, out] → [out, taps], which is also [out, in, taps] for one input channel
    let outputs = outputs as usize;
    let weights = (0..outputs).flat_map(|c| weights.iter().skip(c).step_by(outputs).map(|w| *w as i8));
    let params = params(lowering, operator, weights.collect(), output, options.activation, Factor::Double)?;
    let op = if channels == 1 { Op::Conv(window) } else { Op::Depthwise(window) };
    lowering.make(operator, op, vec![input], params)
}

/// FULLY_CONNECTED; over several vectors it is a 1×1 convolution.
pub fn fully_connected(
    lowering: &mut Lowering<'_>,
    operator: &Operator,
    activation: Activation,
    is_shuffled: bool,
) -> Result<(), Refusal> {
    if is_shuffled {
        return Err(Refusal::Unsupported("shuffled weights".into(), "convert the model again for microcontrollers"));
    }
    let tensor = lowering.argument(operator, 1)?;
    let weights = constant(lowering, tensor)?;
    let &[outputs, depth] = lowering.net.tensors[tensor].shape.as_slice() else {
        return Err(Refusal::Wrong("its weights are not a matrix".into()));
    };
    let value = lowering.value(lowering.argument(operator, 0)?)?;
    let value = lowering.plain(value)?;
    let elements = value.shape.iter().fold(1u64, |n, side| n.saturating_mul(u64::from(*side)));
    let made = lowering.net.tensors[operator.outputs[0]].elements();
    let vectors = elements.checked_div(u64::from(depth)).unwrap_or(0);
    let agrees = |side: u32, all: u64| vectors.checked_mul(side.into()) == Some(all);
    if vectors == 0 || !agrees(depth, elements) || !agrees(outputs, made) {
        return Err(Refusal::Wrong(format!("{outputs}×{depth} weights on {elements} values make {made}")));
    }
    let is_per_channel = quant::scales(lowering, tensor)?.0.len() > 1;
    let factor = if is_per_channel { Factor::Double } else { Factor::SingleProduct };
    let output = super::value::dims(&lowering.net.tensors[operator.outputs[0]].shape)?;
    if u32::from(output.c) != outputs {
        return Err(Refusal::Wrong(format!("{outputs} rows of weights make {} channels", output.c)));
    }
    let weights = weights.iter().map(|w| *w as i8).collect();
    let params = params(lowering, operator, weights, output, activation, factor)?;
    if vectors > 1 {
        let input = super::value::small([output.h.into(), output.w.into(), depth])?;
        let input = lowering.shaped(value.tensor, input)?;
        return lowering.make(operator, Op::Conv(Window::POINTWISE), vec![input], params);
    }
    lowering.make(operator, Op::Linear, vec![value.tensor], params)
}

/// Shape and bytes of the filters: four sides.
fn filters<'n>(lowering: &Lowering<'n>, operator: &Operator) -> Result<([u32; 4], &'n [u8]), Refusal> {
    let tensor = lowering.argument(operator, 1)?;
    let weights = constant(lowering, tensor)?;
    let shape = lowering.net.tensors[tensor].shape.as_slice();
    match *shape {
        [a, b, c, d] if !weights.is_empty() => Ok(([a, b, c, d], weights)),
        _ => Err(Refusal::Wrong(format!("its filters have shape {shape:?}"))),
    }
}

/// Bytes of constant int8 weights whose zero points are 0.
fn constant<'n>(lowering: &Lowering<'n>, tensor: usize) -> Result<&'n [u8], Refusal> {
    let weights = &lowering.net.tensors[tensor];
    if weights.element != Element::I8 {
        return Err(Refusal::Unsupported(format!("{} weights", weights.element.name()), QUANTIZE));
    }
    let (Known::Constant, Some(data)) = (lowering.known(tensor), &weights.data) else {
        return Err(Refusal::Unsupported("weights that are computed".into(), "export the model with constant weights"));
    };
    if quant::scales(lowering, tensor)?.1.iter().any(|zero| *zero != 0) {
        return Err(Refusal::Unsupported("weights with a zero point".into(), "quantize the weights symmetrically"));
    }
    Ok(data)
}

/// The input, our window on it and the output's shape; a border around the input becomes the window's padding.
fn placed(
    lowering: &mut Lowering<'_>,
    operator: &Operator,
    options: Convolution,
    kernel: [u32; 2],
) -> Result<(usize, Window, Dims), Refusal> {
    if options.dilation != [1, 1] {
        let reason = format!("dilation {:?}", options.dilation);
        return Err(Refusal::Unsupported(reason, "use dilation 1, with more layers or a larger kernel"));
    }
    let moves = Moves { kernel, stride: options.stride, padding: options.padding };
    let source = lowering.argument(operator, 0)?;
    let value = lowering.value(source)?;
    if let (Some(border), true) = (value.border, value.is_plain()) {
        let outer = super::value::dims(&value.shape)?;
        let inner = |side: u16, a: u32, b: u32| u32::from(side).saturating_sub(a.saturating_add(b));
        let [top, left, bottom, right] = border;
        let dims = super::value::small([inner(outer.h, top, bottom), inner(outer.w, left, right), outer.c.into()])?;
        if let Ok((window, output)) = checked(lowering, operator, moves, dims, border)
            && window.fits(dims, output)
        {
            return Ok((lowering.shaped(value.tensor, dims)?, window, output));
        }
    }
    let input = lowering.tensor(source)?;
    let dims = lowering.dims(input);
    let (window, output) = checked(lowering, operator, moves, dims, [0; 4])?;
    if !window.fits(dims, output) {
        return Err(Refusal::Unsupported("a window that sees padding only".into(), "pad less"));
    }
    Ok((input, window, output))
}

/// Factors per channel, biases and the activation's clamp.
fn params(
    lowering: &Lowering<'_>,
    operator: &Operator,
    weights: Vec<i8>,
    output: Dims,
    activation: Activation,
    factor: Factor,
) -> Result<Params, Refusal> {
    let outputs = usize::from(output.c);
    let source = quant::tensor_quant(lowering, lowering.argument(operator, 0)?)?;
    let target = quant::tensor_quant(lowering, operator.outputs[0])?;
    let (scales, _) = quant::scales(lowering, lowering.argument(operator, 1)?)?;
    if scales.len() != 1 && scales.len() != outputs {
        return Err(Refusal::Wrong(format!("{} scales for {outputs} channels", scales.len())));
    }
    let real = |w: f32| match factor {
        Factor::Double => f64::from(source.scale) * f64::from(w) / f64::from(target.scale),
        Factor::SingleProduct => f64::from(source.scale * w) / f64::from(target.scale),
    };
    let requant = (0..outputs).map(|c| Requant::from_real(real(if scales.len() == 1 { scales[0] } else { scales[c] })));
    let bias = match operator.inputs.get(2).copied().flatten() {
        None => vec![0; outputs],
        Some(tensor) => biases(lowering, tensor, outputs)?,
    };
    let (multiplier, shift) = requant.map(|factor| (factor.multiplier, factor.shift)).unzip();
    let (input_zero, out) = (source.zero_point, quant::output(target, activation)?);
    let (output_zero, min, max) = (out.zero, out.min, out.max);
    Ok(Params::Weighted { weights, bias, multiplier, shift, input_zero, output_zero, min, max })
}

fn biases(lowering: &Lowering<'_>, tensor: usize, outputs: usize) -> Result<Vec<i32>, Refusal> {
    let bias = &lowering.net.tensors[tensor];
    match (&bias.data, bias.element) {
        (Some(data), Element::I32) if data.len() == 4 * outputs => {
            Ok(data.as_chunks::<4>().0.iter().map(|b| i32::from_le_bytes(*b)).collect())
        }
        (Some(_), Element::I32) => Err(Refusal::Wrong(format!("its biases are not {outputs}"))),
        (Some(_), element) => Err(Refusal::Unsupported(format!("{} biases", element.name()), QUANTIZE)),
        (None, _) => Err(Refusal::Unsupported("biases that are computed".into(), "export constant biases")),
    }
}
