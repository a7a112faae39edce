//! From float weights and observed ranges to int8 weights, int32 biases and fixed-point factors.
//!
//! TensorFlow Lite's 8-bit scheme: weights symmetric per output channel in [-127, 127], biases in units of
//! input scale × weight scale, activations asymmetric per tensor, factors `s_in · s_w / s_out` in Q31.

use serde::{Deserialize, Serialize};
use tinynas_model::{Activation, GraphError, Op, Preprocess};
use tinynas_plan::{Params, Requant, TensorQuant};

use crate::{Calibration, Folded, FoldedLayer, LayerReport, QuantError, RangeRule, WeightReport};

/// Choices of the quantization. Of the four combinations the default kept the logits closest to the float network's
/// on two networks trained on Fashion-MNIST, whether calibrated on 128, 256 or 512 images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// How activation ranges are chosen.
    pub ranges: RangeRule,
    /// Whether biases make up for the mean error that rounding the weights causes.
    pub correct_bias: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { ranges: RangeRule::default(), correct_bias: true }
    }
}

/// A quantized network: all that compilation needs beside shapes.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantized {
    /// Per tensor: 0 is the input, `i + 1` the output of layer `i`.
    pub tensors: Vec<TensorQuant>,
    /// Per layer.
    pub params: Vec<Params>,
    /// Per layer, for the report.
    pub layers: Vec<LayerReport>,
}

/// Largest magnitude of a bias, and of a channel's sum of products: together they fit an i32.
const HALF_ACCUMULATOR: f64 = (1 << 30) as f64;
/// Scale of a tensor that was zero on every calibration image: int8 then covers a width of 1.
const UNSEEN_SCALE: f32 = 1.0 / 255.0;
/// Factor of a channel without weights; its bias alone decides, to 1/256 of an output step.
const DEAD_FACTOR: f64 = 1.0 / 256.0;

/// Quantizes a folded network. The input's scale and zero point are those of `preprocess`.
///
/// # Errors
/// [`QuantError::BadScale`], [`QuantError::PreprocessShape`], [`QuantError::EmptyCalibration`] if `calibration`
/// is of another network, [`QuantError::Unsupported`] for a layer whose sums do not fit 32 bits.
pub fn quantize(
    folded: &Folded,
    preprocess: &Preprocess,
    calibration: &Calibration,
    options: &Options,
) -> Result<Quantized, QuantError> {
    check_preprocess(folded, preprocess)?;
    if calibration.tensors.len() != folded.layers.len() + 1 {
        return Err(QuantError::EmptyCalibration);
    }
    let mut tensors = vec![TensorQuant { scale: preprocess.scale, zero_point: preprocess.zero_point() }];
    let mut params = Vec::with_capacity(folded.layers.len());
    let mut layers = Vec::with_capacity(folded.layers.len());
    for (index, (layer, fold)) in folded.network.layers.iter().zip(&folded.layers).enumerate() {
        let observed = &calibration.tensors[index + 1];
        let covered = observed.covered(options.ranges);
        let input = tensors[layer.inputs[0].index()];
        let mut report = LayerReport::new(&layer.name, covered, observed.histogram.share_outside(covered));
        let (step, output) = match layer.op {
            Op::Conv(_) | Op::Depthwise(_) | Op::Linear => {
                let output = covered.quant(if covered.width() > 0.0 { 0.0 } else { UNSEEN_SCALE });
                let means = options.correct_bias.then(|| &*calibration.tensors[layer.inputs[0].index()].channel_means);
                let job = Job { fold, input, output, means, per_channel: matches!(layer.op, Op::Depthwise(_)) };
                let (step, weights) = job.quantize(&layer.name)?;
                report.weights = Some(weights);
                (step, output)
            }
            Op::Add => {
                let right = tensors[layer.inputs[1].index()];
                // Keeps the factor 2·max/(2²⁰·scale) at a half or less, as its format asks.
                let floor = input.scale.max(right.scale) / (1 << 18) as f32;
                let output = covered.quant(floor);
                (Params::add(input, right, output), output)
            }
            Op::GlobalPool => {
                let output = covered.quant(if covered.width() > 0.0 { 0.0 } else { UNSEEN_SCALE });
                (Params::pool(input, output), output)
            }
            Op::PlainConv(_) | Op::Norm | Op::Relu | Op::AveragePool(_) | Op::Zero => {
                return Err(GraphError::no_kernel(&layer.name).into());
            }
        };
        report.scale = output.scale;
        report.zero_point = output.zero_point;
        tensors.push(output);
        params.push(step);
        layers.push(report);
    }
    Ok(Quantized { tensors, params, layers })
}

pub(crate) fn check_preprocess(folded: &Folded, preprocess: &Preprocess) -> Result<(), QuantError> {
    let Preprocess { size, channels, scale, .. } = *preprocess;
    if !(scale.is_finite() && scale > 0.0) {
        return Err(QuantError::BadScale { scale });
    }
    let input = folded.network.input;
    if (input.h, input.w, input.c) != (size, size, channels) {
        return Err(QuantError::PreprocessShape { size, channels, network: input.to_string() });
    }
    Ok(())
}

/// One layer with weights.
struct Job<'a> {
    fold: &'a FoldedLayer,
    input: TensorQuant,
    output: TensorQuant,
    /// Mean of every input channel, if biases are to be corrected.
    means: Option<&'a [f64]>,
    /// Output channel `c` reads input channel `c` only.
    per_channel: bool,
}

impl Job<'_> {
    fn quantize(&self, layer: &str) -> Result<(Params, WeightReport), QuantError> {
        let (s_in, s_out) = (f64::from(self.input.scale), f64::from(self.output.scale));
        let mut weights = Vec::with_capacity(self.fold.weight.len());
        let (mut bias, mut multiplier, mut shift) = (Vec::new(), Vec::new(), Vec::new());
        let mut report = WeightReport::default();
        let fan_in = self.fold.fan_in();
        for (channel, &b) in self.fold.bias.iter().enumerate() {
            let filter = &self.fold.weight[channel * fan_in..][..fan_in];
            let scale = self.weight_scale(filter, b);
            let start = weights.len();
            weights.extend(filter.iter().map(|w| (f64::from(*w) / scale).round().clamp(-127.0, 127.0) as i8));
            let rounded = &weights[start..];
            let products: f64 = rounded.iter().map(|q| f64::from(q.unsigned_abs()) * 255.0).sum();
            if products > HALF_ACCUMULATOR {
                let reason = "a channel has so many weights that its sum does not fit 32 bits";
                return Err(QuantError::Unsupported { layer: layer.into(), reason });
            }
            let b = f64::from(b) - self.mean_error(channel, filter, rounded, scale);
            bias.push((b / (s_in * scale)).round().clamp(-HALF_ACCUMULATOR, HALF_ACCUMULATOR) as i32);
            let factor = Requant::from_real(s_in * scale / s_out);
            multiplier.push(factor.multiplier);
            shift.push(factor.shift);
            report.channel(scale, rounded, factor);
        }
        let (min, max) = self.clamp();
        let (input_zero, output_zero) = (self.input.zero_point, self.output.zero_point);
        Ok((Params::Weighted { weights, bias, multiplier, shift, input_zero, output_zero, min, max }, report))
    }

    /// Scale of one channel's weights: the largest one becomes ±127, unless the bias would then overflow or
    /// there is no weight at all.
    fn weight_scale(&self, filter: &[f32], bias: f32) -> f64 {
        let (s_in, s_out) = (f64::from(self.input.scale), f64::from(self.output.scale));
        let largest = filter.iter().fold(0.0f32, |largest, w| largest.max(w.abs()));
        let dead = f64::from(largest) * s_in < s_out * f64::powi(2.0, -31);
        let scale = if dead { DEAD_FACTOR * s_out / s_in } else { f64::from(largest) / 127.0 };
        let for_bias = f64::from(bias.abs()) / (s_in * HALF_ACCUMULATOR);
        f64::from((scale.max(for_bias)) as f32)
    }

    /// Mean of what this channel computes too much because its weights are rounded.
    fn mean_error(&self, channel: usize, filter: &[f32], rounded: &[i8], scale: f64) -> f64 {
        let Some(means) = self.means else { return 0.0 };
        let taps = if self.per_channel { filter.len() } else { filter.len() / means.len().max(1) };
        let error = |w: &f32, q: &i8| f64::from(*q) * scale - f64::from(*w);
        let sums = filter.chunks(taps.max(1)).zip(rounded.chunks(taps.max(1)));
        let sums = sums.map(|(w, q)| w.iter().zip(q).map(|(w, q)| error(w, q)).sum::<f64>());
        let first = if self.per_channel { channel } else { 0 };
        sums.zip(means.iter().skip(first)).map(|(sum, mean)| sum * mean).sum()
    }

    /// Smallest and largest int8 output of the activation.
    fn clamp(&self) -> (i8, i8) {
        let TensorQuant { scale, zero_point } = self.output;
        let six = (f64::from(zero_point) + (6.0 / f64::from(scale)).round()).clamp(-128.0, 127.0) as i8;
        match self.fold.activation {
            Activation::Linear => (i8::MIN, i8::MAX),
            Activation::Relu => (zero_point, i8::MAX),
            Activation::Relu6 => (zero_point, six),
        }
    }
}
