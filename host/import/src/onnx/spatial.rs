//! Convolutions, matrix products and poolings.

use std::sync::Arc;

use tract_onnx::pb::NodeProto;

use super::{
    Known, Reader, Seen,
    constant::{Attributes, Constant},
};
use crate::{Activation, Convolution, Element, Kind, Padding, Pooling, Quantization};

/// Weights with their scales; the bytes are signed.
struct Weights {
    shape: Vec<u32>,
    bytes: Vec<i8>,
    quant: Quantization,
}

impl Reader {
    fn weights(&mut self, name: Option<&String>) -> Option<Weights> {
        let known = name.and_then(|name| self.known.get(name)).cloned();
        let Some(Known::Quantized(constant, quant)) = known else { return None };
        self.spend(constant.len()?.checked_add(quant.scales.len())?)?;
        Some(Weights { shape: constant.shape.clone(), bytes: constant.bytes()?, quant: (*quant).clone() })
    }

    /// Biases in units of input scale × weight scale.
    pub(super) fn bias(&mut self, bias: Option<&Known>, input: usize, weights: &Quantization) -> Option<usize> {
        let input = self.net.tensors[input].quant.as_ref()?.scales.first().copied()?;
        let unit = |at: usize| {
            let scale = weights.scales.get(if weights.scales.len() == 1 { 0 } else { at });
            scale.map(|scale| f64::from(input) * f64::from(*scale))
        };
        let real: Vec<f64> = match bias? {
            Known::Quantized(constant, quant) => {
                self.spend(constant.len()?)?;
                let scale = |at: usize| quant.scales.get(if quant.scales.len() == 1 { 0 } else { at }).copied();
                let integers = constant.integers()?.into_iter().enumerate();
                integers.map(|(at, x)| Some(x as f64 * f64::from(scale(at)?))).collect::<Option<_>>()?
            }
            Known::Constant(constant) => {
                self.spend(constant.len()?)?;
                constant.floats()?.iter().map(|x| f64::from(*x)).collect()
            }
            _ => return None,
        };
        let levels: Option<Vec<i32>> =
            real.iter().enumerate().map(|(at, x)| Some((x / unit(at)?).round() as i32)).collect();
        let levels = levels?;
        Some(self.integers(&[levels.len() as u32], levels.into_iter()))
    }

    /// Conv; `None` if it is none that can be imported.
    pub(super) fn conv(&mut self, node: &NodeProto, input: Seen) -> Option<Seen> {
        let image = self.image(input);
        let &[1, h, w, c] = self.shape(image).as_slice() else { return None };
        let Weights { shape, bytes, quant } = self.weights(node.input.get(1))?;
        let &[outputs, depth, rows, columns] = shape.as_slice() else { return None };
        let group = u32::try_from(node.int("group", 1)).ok()?;
        let is_depthwise = group > 1 && group == c && depth == 1;
        if bytes.is_empty() || (group != 1 && !is_depthwise) {
            return None;
        }
        let (stride, dilation) = (node.pair("strides", 1)?, node.pair("dilations", 1)?);
        let padding = padding(node)?;
        let sides = outputs_of([h, w], [rows, columns], stride, dilation, padding)?;
        // [out, in, taps] → [out, taps, in], or [taps, out] for one filter per channel
        let (taps, depth) = ((rows * columns) as usize, depth as usize);
        let (ordered, shape): (Vec<i8>, _) = if is_depthwise {
            let taps_first = (0..taps).flat_map(|t| bytes.iter().skip(t).step_by(taps).copied());
            (taps_first.collect(), [1, rows, columns, outputs])
        } else {
            let filters = bytes.chunks_exact(taps * depth);
            let taps_first =
                filters.flat_map(|f| (0..taps).flat_map(move |t| (0..depth).map(move |i| f[i * taps + t])));
            (taps_first.collect(), [outputs, rows, columns, depth as u32])
        };
        let ordered = ordered.into_iter().map(|w| w as u8).collect();
        let weights = self.constant(&shape, Element::I8, Some(quant.clone()), ordered);
        let bias = self.argument(node, 2);
        let bias = self.bias(bias.as_ref(), image, &quant);
        let options = Convolution { stride, dilation, padding, activation: Activation::Linear };
        let kind = if is_depthwise { Kind::Depthwise(options) } else { Kind::Conv(options) };
        let output = self.tensor(name(node), &[1, sides[0], sides[1], outputs], Element::F32, None);
        self.push(kind, &node.op_type, vec![Some(image), Some(weights), bias], output);
        Some(Seen { tensor: output, is_image: true })
    }

    /// Gemm and MatMul with constant weights.
    pub(super) fn product(&mut self, node: &NodeProto, input: Seen) -> Option<Seen> {
        let is_plain = node.float("alpha", 1.0) == 1.0 && node.float("beta", 1.0) == 1.0 && node.int("transA", 0) == 0;
        let Weights { shape, bytes, quant } = self.weights(node.input.get(1))?;
        let &[a, b] = shape.as_slice() else { return None };
        let is_rows_first = node.int("transB", 0) != 0;
        let (outputs, depth) = if is_rows_first { (a, b) } else { (b, a) };
        if !is_plain || outputs == 0 {
            return None;
        }
        let ordered: Vec<i8> = match is_rows_first {
            true => bytes,
            false => (0..b as usize).flat_map(|o| bytes.iter().skip(o).step_by(b as usize).copied()).collect(),
        };
        let input = self.logical(input);
        let mut made = self.shape(input);
        match made.last_mut() {
            Some(last) if *last == depth => *last = outputs,
            _ => return None,
        }
        let ordered = ordered.into_iter().map(|w| w as u8).collect();
        let weights = self.constant(&[outputs, depth], Element::I8, Some(quant.clone()), ordered);
        let bias = self.argument(node, 2);
        let bias = self.bias(bias.as_ref(), input, &quant);
        let output = self.tensor(name(node), &made, Element::F32, None);
        let kind = Kind::FullyConnected { activation: Activation::Linear, is_shuffled: false };
        self.push(kind, &node.op_type, vec![Some(input), Some(weights), bias], output);
        Some(Seen { tensor: output, is_image: false })
    }

    /// AveragePool and MaxPool keep their input's scale.
    pub(super) fn pool(&mut self, node: &NodeProto, input: Seen) -> Option<Seen> {
        let image = self.image(input);
        let &[1, h, w, c] = self.shape(image).as_slice() else { return None };
        let (kernel, stride) = (node.pair("kernel_shape", 0)?, node.pair("strides", 1)?);
        let padding = padding(node)?;
        let counts_padding = node.int("count_include_pad", 0) != 0 && !matches!(padding, Padding::Valid);
        let is_average = node.op_type == "AveragePool";
        if node.int("ceil_mode", 0) != 0 || node.pair("dilations", 1)? != [1, 1] || (is_average && counts_padding) {
            return None;
        }
        if is_average && kernel == [h, w] && matches!(padding, Padding::Valid) {
            return Some(self.global(node, image));
        }
        let [rows, columns] = outputs_of([h, w], kernel, stride, [1, 1], padding)?;
        let pooling = Pooling { kernel, stride, padding, activation: Activation::Linear };
        let kind = if is_average { Kind::AveragePool(pooling) } else { Kind::MaxPool(pooling) };
        let output = self.like(kind, &node.op_type, image, None, &[1, rows, columns, c]);
        Some(Seen { tensor: output, is_image: true })
    }

    /// The mean over an image; its output waits for a scale of its own.
    pub(super) fn global(&mut self, node: &NodeProto, image: usize) -> Seen {
        let channels = self.shape(image).last().copied().unwrap_or(1);
        let axes = self.integers(&[2], [1, 2].into_iter());
        let output = self.tensor(name(node), &[1, 1, 1, channels], Element::F32, None);
        self.push(Kind::Mean, &node.op_type, vec![Some(image), Some(axes)], output);
        Seen { tensor: output, is_image: true }
    }

    /// What an input of a node stands for.
    pub(super) fn argument(&self, node: &NodeProto, at: usize) -> Option<Known> {
        node.input.get(at).and_then(|name| self.known.get(name)).cloned()
    }

    /// A constant input of a node.
    pub(super) fn constant_argument(&self, node: &NodeProto, at: usize) -> Option<Arc<Constant>> {
        match self.argument(node, at) {
            Some(Known::Constant(constant)) => Some(constant),
            _ => None,
        }
    }
}

/// Name of a node's output.
pub(super) fn name(node: &NodeProto) -> &str {
    node.output.first().map_or("", String::as_str)
}

fn padding(node: &NodeProto) -> Option<Padding> {
    match node.text("auto_pad").as_str() {
        "SAME_UPPER" => Some(Padding::Same),
        "VALID" => Some(Padding::Valid),
        "" | "NOTSET" => match node.ints("pads") {
            None | Some(&[0, 0, 0, 0]) => Some(Padding::Valid),
            Some(&[top, left, bottom, right]) => {
                let [Ok(top), Ok(left), Ok(bottom), Ok(right)] = [top, left, bottom, right].map(u32::try_from) else {
                    return None;
                };
                Some(Padding::Explicit([top, left, bottom, right])).filter(|_| top < 256 && left < 256)
            }
            Some(_) => None,
        },
        _ => None,
    }
}

/// Rows and columns that a window makes.
fn outputs_of(
    sides: [u32; 2],
    kernel: [u32; 2],
    stride: [u32; 2],
    dilation: [u32; 2],
    padding: Padding,
) -> Option<[u32; 2]> {
    let mut made = [0; 2];
    for (axis, made) in made.iter_mut().enumerate() {
        let (side, stride) = (sides[axis], Some(stride[axis]).filter(|n| *n > 0)?);
        let window = dilation[axis].checked_mul(kernel[axis].checked_sub(1)?)?.checked_add(1)?;
        let padded = match padding {
            Padding::Same => {
                *made = side.div_ceil(stride);
                continue;
            }
            Padding::Valid => side,
            Padding::Explicit(pads) => side.checked_add(pads[axis])?.checked_add(pads[axis + 2])?,
        };
        *made = (padded.checked_sub(window)? / stride).checked_add(1)?;
    }
    Some(made)
}
