//! Folds every batch normalisation into the convolution before it.
//!
//! `gamma · (W∗x − mean) / √(var + ε) + beta` is a convolution again: its weights are
//! `W · g` and its bias `beta − mean · g` with `g = gamma / √(var + ε)` per output channel.

use tinynas_model::{Activation, BN_EPSILON, GraphError, Layer, Network, Op, Weights};

use crate::QuantError;

/// One layer without batch normalisation. Additions and pools have no weights.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedLayer {
    /// `[out, in/groups, k, k]`, linear `[out, in]`, row-major.
    pub weight: Vec<f32>,
    /// `[out]`.
    pub bias: Vec<f32>,
    /// Applied last.
    pub activation: Activation,
}

impl FoldedLayer {
    /// Weights per output channel; 0 for layers without weights.
    #[must_use]
    pub fn fan_in(&self) -> usize {
        self.weight.len().checked_div(self.bias.len()).unwrap_or(0)
    }
}

/// A float network without batch normalisation: what is exported, calibrated and quantized.
#[derive(Clone, Debug, PartialEq)]
pub struct Folded {
    /// The layers and their shapes.
    pub network: Network,
    /// One per layer of `network`.
    pub layers: Vec<FoldedLayer>,
}

impl Folded {
    /// Folds trained `weights` into `network`.
    ///
    /// # Errors
    /// If a tensor is missing, has a wrong shape or holds NaN or an infinity, or if a layer is linear
    /// over more than one pixel.
    pub fn new(network: &Network, weights: &Weights) -> Result<Self, QuantError> {
        let layers = network.layers.iter().enumerate();
        let layers = layers.map(|(i, layer)| fold(network, i, layer, weights)).collect::<Result<_, _>>()?;
        Ok(Self { network: network.clone(), layers })
    }
}

fn fold(network: &Network, index: usize, layer: &Layer, weights: &Weights) -> Result<FoldedLayer, QuantError> {
    let (input, out) = (network.input_of(index), layer.output.c as usize);
    match layer.op {
        Op::Conv(conv) => {
            let k = conv.kernel as usize;
            convolution(layer, &[out, input.c as usize, k, k], conv.activation, weights)
        }
        Op::Depthwise(conv) => {
            let k = conv.kernel as usize;
            convolution(layer, &[out, 1, k, k], conv.activation, weights)
        }
        Op::Linear if input.pixels() != 1 => {
            let reason = "a linear layer reads one pixel; put a global pool before it";
            Err(QuantError::Unsupported { layer: layer.name.clone(), reason })
        }
        Op::Linear => {
            let weight = finite(layer, weights, "weight", &[out, input.c as usize])?.to_vec();
            let bias = finite(layer, weights, "bias", &[out])?.to_vec();
            Ok(FoldedLayer { weight, bias, activation: Activation::Linear })
        }
        Op::Add | Op::GlobalPool => {
            Ok(FoldedLayer { weight: Vec::new(), bias: Vec::new(), activation: Activation::Linear })
        }
        Op::PlainConv(_) | Op::Norm | Op::Relu | Op::AveragePool(_) | Op::Zero => {
            Err(GraphError::no_kernel(&layer.name).into())
        }
    }
}

fn convolution(
    layer: &Layer,
    shape: &[usize],
    activation: Activation,
    weights: &Weights,
) -> Result<FoldedLayer, QuantError> {
    let channels = [shape[0]];
    let mut weight = finite(layer, weights, "weight", shape)?.to_vec();
    let gamma = finite(layer, weights, "gamma", &channels)?;
    let beta = finite(layer, weights, "beta", &channels)?;
    let mean = finite(layer, weights, "mean", &channels)?;
    let variance = finite(layer, weights, "var", &channels)?;
    let mut bias = Vec::with_capacity(shape[0]);
    for (channel, filter) in weight.chunks_exact_mut(shape[1..].iter().product()).enumerate() {
        let gain = f64::from(gamma[channel]) / (f64::from(variance[channel]) + f64::from(BN_EPSILON)).sqrt();
        filter.iter_mut().for_each(|w| *w = (f64::from(*w) * gain) as f32);
        bias.push((f64::from(beta[channel]) - f64::from(mean[channel]) * gain) as f32);
        if !bias[channel].is_finite() || filter.iter().any(|w| !w.is_finite()) {
            let (layer, variance) = (layer.name.clone(), variance[channel]);
            return Err(QuantError::BadNormalisation { layer, channel, variance });
        }
    }
    Ok(FoldedLayer { weight, bias, activation })
}

/// The tensor `layer.part`, refused if it holds anything but numbers.
fn finite<'a>(
    layer: &Layer,
    weights: &'a Weights,
    part: &'static str,
    shape: &[usize],
) -> Result<&'a [f32], QuantError> {
    let data = weights.get(&layer.name, part, shape)?;
    match data.iter().find(|x| !x.is_finite()) {
        None => Ok(data),
        Some(x) => Err(QuantError::NanWeight { layer: layer.name.clone(), part, value: x.to_string() }),
    }
}
