//! Runs the folded network in f32: the source of activation ranges and an oracle for other runtimes.
//!
//! One thread, a fixed order of additions and no fused multiply-add, so the same weights and image
//! give the same bits on every machine. Weights are stored `[ky][kx][in][out]`, which makes the
//! innermost loop a vector operation over output channels.

use std::num::NonZeroUsize;

use tinynas_model::{Activation, Conv, Layer, Op, Preprocess, Shape};

use crate::{Folded, FoldedLayer, QuantError, images::Images};

/// Executes a [`Folded`] network image by image. Activations are HWC.
#[derive(Clone, Debug)]
pub struct FloatExecutor<'a> {
    folded: &'a Folded,
    packed: Vec<Vec<f32>>,
    tensors: Vec<Vec<f32>>,
}

impl<'a> FloatExecutor<'a> {
    /// Packs the weights and allocates every tensor.
    #[must_use]
    pub fn new(folded: &'a Folded) -> Self {
        let network = &folded.network;
        let shapes = std::iter::once(network.input).chain(network.layers.iter().map(|l| l.output));
        let pack = |(layer, fold): (&Layer, &FoldedLayer)| match layer.op {
            Op::Conv(c) => to_output_last(&fold.weight, fold.bias.len(), (c.kernel * c.kernel) as usize),
            Op::Depthwise(_) | Op::Linear => to_output_last(&fold.weight, fold.bias.len(), 1),
            _ => Vec::new(),
        };
        Self {
            folded,
            packed: network.layers.iter().zip(&folded.layers).map(pack).collect(),
            tensors: shapes.map(|s| vec![0.0; s.elements() as usize]).collect(),
        }
    }

    /// Runs one preprocessed image (HWC) and gives every tensor: 0 is the input, `i + 1` the output
    /// of layer `i`.
    ///
    /// # Errors
    /// [`QuantError::ImageSize`].
    pub fn run(&mut self, image: &[f32]) -> Result<&[Vec<f32>], QuantError> {
        let expected = self.tensors[0].len();
        if image.len() != expected {
            return Err(QuantError::ImageSize { expected, got: image.len() });
        }
        self.tensors[0].copy_from_slice(image);
        for index in 0..self.folded.layers.len() {
            self.layer(index);
        }
        Ok(&self.tensors)
    }

    /// As [`Self::run`], for one image of raw pixels (HWC).
    pub(crate) fn run_pixels(&mut self, pixels: &[u8], preprocess: &Preprocess) -> Result<&[Vec<f32>], QuantError> {
        let image: Vec<f32> = pixels.iter().map(|&p| preprocess.float(p)).collect();
        self.run(&image)
    }

    /// Logits of one preprocessed image (HWC).
    ///
    /// # Errors
    /// [`QuantError::ImageSize`].
    pub fn logits(&mut self, image: &[f32]) -> Result<Vec<f32>, QuantError> {
        Ok(self.run(image)?.last().cloned().unwrap_or_default())
    }

    fn layer(&mut self, index: usize) {
        let network = &self.folded.network;
        let (layer, fold) = (&network.layers[index], &self.folded.layers[index]);
        let (before, after) = self.tensors.split_at_mut(index + 1);
        let (x, y) = (&before[layer.inputs[0].index()], &mut after[0]);
        let input = network.input_of(index);
        match layer.op {
            Op::Conv(conv) => convolve(&conv, x, input, &self.packed[index], &fold.bias, y, layer.output),
            Op::Depthwise(conv) => depthwise(&conv, x, input, &self.packed[index], &fold.bias, y, layer.output),
            Op::Linear => {
                y.copy_from_slice(&fold.bias);
                accumulate(y, x, &self.packed[index]);
            }
            Op::Add => {
                let other = &before[layer.inputs[1].index()];
                y.iter_mut().zip(x).zip(other).for_each(|((y, a), b)| *y = a + b);
            }
            Op::GlobalPool => {
                y.fill(0.0);
                x.chunks_exact(y.len()).for_each(|pixel| y.iter_mut().zip(pixel).for_each(|(y, x)| *y += x));
                let pixels = input.pixels() as f32;
                y.iter_mut().for_each(|y| *y /= pixels);
            }
            Op::PlainConv(_) | Op::Norm | Op::Relu | Op::AveragePool(_) | Op::Zero => unreachable!("not folded"),
        }
        activate(y, fold.activation);
    }
}

/// Logits of many images of raw pixels (NHWC), in their order.
///
/// # Errors
/// [`QuantError::ImageSize`].
pub fn float_logits(
    folded: &Folded,
    preprocess: &Preprocess,
    pixels: &[u8],
    threads: NonZeroUsize,
) -> Result<Vec<Vec<f32>>, QuantError> {
    let executor = FloatExecutor::new(folded);
    let run = |executor: &mut FloatExecutor<'_>, image: &[u8]| {
        Ok(executor.run_pixels(image, preprocess)?.last().cloned().unwrap_or_default())
    };
    Images::new(pixels, folded.network.input)?.map(threads, || executor.clone(), run)
}

/// `[out][in][tap]` to `[tap][in][out]`.
fn to_output_last(weight: &[f32], outputs: usize, taps: usize) -> Vec<f32> {
    let fan_in = weight.len() / outputs.max(1);
    let inputs = fan_in / taps;
    let mut packed = vec![0.0; weight.len()];
    for (i, &w) in weight.iter().enumerate() {
        let (out, rest) = (i / fan_in, i % fan_in);
        let (input, tap) = (rest / taps, rest % taps);
        packed[(tap * inputs + input) * outputs + out] = w;
    }
    packed
}

/// `y[o] += Σ x[i] · w[i][o]`.
fn accumulate(y: &mut [f32], x: &[f32], weight: &[f32]) {
    for (&x, row) in x.iter().zip(weight.chunks_exact(y.len())) {
        y.iter_mut().zip(row).for_each(|(y, w)| *y += x * w);
    }
}

/// Calls `visit(tap, input pixel)` for every tap of the window of output pixel (`row`, `column`) that
/// lies inside the image.
fn for_each_tap(conv: &Conv, input: Shape, row: u32, column: u32, mut visit: impl FnMut(usize, usize)) {
    for ky in 0..conv.kernel {
        let Some(y) = (row * conv.stride + ky).checked_sub(conv.pad).filter(|&y| y < input.h) else { continue };
        for kx in 0..conv.kernel {
            let Some(x) = (column * conv.stride + kx).checked_sub(conv.pad).filter(|&x| x < input.w) else { continue };
            visit((ky * conv.kernel + kx) as usize, (y * input.w + x) as usize);
        }
    }
}

fn convolve(conv: &Conv, x: &[f32], input: Shape, weight: &[f32], bias: &[f32], y: &mut [f32], output: Shape) {
    let (inputs, block) = (input.c as usize, input.c as usize * bias.len());
    for (pixel, y) in (0u32..).zip(y.chunks_exact_mut(bias.len())) {
        y.copy_from_slice(bias);
        for_each_tap(conv, input, pixel / output.w, pixel % output.w, |tap, at| {
            accumulate(y, &x[at * inputs..][..inputs], &weight[tap * block..][..block]);
        });
    }
}

fn depthwise(conv: &Conv, x: &[f32], input: Shape, weight: &[f32], bias: &[f32], y: &mut [f32], output: Shape) {
    let channels = bias.len();
    for (pixel, y) in (0u32..).zip(y.chunks_exact_mut(channels)) {
        y.copy_from_slice(bias);
        for_each_tap(conv, input, pixel / output.w, pixel % output.w, |tap, at| {
            let (x, w) = (&x[at * channels..][..channels], &weight[tap * channels..][..channels]);
            y.iter_mut().zip(x).zip(w).for_each(|((y, x), w)| *y += x * w);
        });
    }
}

fn activate(y: &mut [f32], activation: Activation) {
    match activation {
        Activation::Linear => {}
        Activation::Relu => y.iter_mut().for_each(|y| *y = y.max(0.0)),
        Activation::Relu6 => y.iter_mut().for_each(|y| *y = y.clamp(0.0, 6.0)),
    }
}
