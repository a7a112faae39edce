//! What flows through a network whose weights are all positive and whose rectifiers and normalisations do nothing.
//!
//! Such a network is linear in every layer's weights θ, so by Euler's theorem Σ θ · ∂R/∂θ of a layer is Σ y · ∂R/∂y
//! over its outputs: the share of R that flows through the layer. One pass forward for y and one back for ∂R/∂y
//! suffice, and no gradient of a weight is formed.

use tinynas_model::{Conv, Network, Op, Pool, Shape, Weights};

use crate::{ScoreError, scaled::Scaled};

/// Absolute weights of one layer, ordered for both passes.
enum Synapses {
    /// `forward` `[k², in, out]`, `back` `[k², out, in]`.
    Full { forward: Vec<f64>, back: Vec<f64> },
    /// `[k², c]`.
    Depthwise(Vec<f64>),
    /// 1 / pixels of a mean, per output pixel. It is no parameter.
    Mean(Vec<f64>),
    /// What goes in comes out: sums, rectifiers of what is positive, normalisation that is left out.
    Identity,
    /// Zeros.
    Nothing,
}

/// The share of R = Σ logits (the classifier's bias left out) that flows through every layer with weights when the
/// image is all ones and weights are replaced by their absolute values.
pub fn shares(network: &Network, weights: &Weights) -> Result<Vec<Scaled>, ScoreError> {
    let layers = 0..network.layers.len();
    let synapses = layers.map(|i| Synapses::new(network, i, weights)).collect::<Result<Vec<_>, _>>()?;
    let tensors = forward(network, &synapses);
    Ok(back(network, &synapses, &tensors))
}

/// Every tensor of the network, the input first.
fn forward(network: &Network, synapses: &[Synapses]) -> Vec<Scaled> {
    let mut tensors = vec![Scaled::ones(network.input.elements() as usize)];
    for (index, layer) in network.layers.iter().enumerate() {
        let x = &tensors[layer.inputs[0].index()];
        let y = if matches!(synapses[index], Synapses::Identity) {
            layer.inputs[1..].iter().fold(x.clone(), |sum, other| sum.plus(&tensors[other.index()]))
        } else {
            let mut y = vec![0.0; layer.output.elements() as usize];
            let (cin, cout) = (network.input_of(index).c as usize, layer.output.c as usize);
            each_tap(network, index, |input, output, tap| {
                let x = &x.values[input * cin..][..cin];
                let y = &mut y[output * cout..][..cout];
                synapses[index].forward(tap, output, x, y);
            });
            Scaled::new(y, x.exponent)
        };
        tensors.push(y);
    }
    tensors
}

/// Walks from the logits to the image with ∂R/∂y and gives the share of every layer with weights.
fn back(network: &Network, synapses: &[Synapses], tensors: &[Scaled]) -> Vec<Scaled> {
    let mut gradients: Vec<Option<Scaled>> = vec![None; tensors.len()];
    if let (Some(last), Some(y)) = (gradients.last_mut(), tensors.last()) {
        *last = Some(Scaled::ones(y.values.len()));
    }
    let mut shares = Vec::new();
    for (index, layer) in network.layers.iter().enumerate().rev() {
        // A tensor that nothing reads has no gradient: no part of R flows through it.
        let Some(gradient) = gradients[index + 1].take() else { continue };
        if matches!(synapses[index], Synapses::Full { .. } | Synapses::Depthwise(_)) {
            shares.push(gradient.dot(&tensors[index + 1]));
        }
        if matches!(synapses[index], Synapses::Nothing) {
            continue;
        }
        if matches!(synapses[index], Synapses::Identity) {
            for input in &layer.inputs {
                accumulate(&mut gradients[input.index()], gradient.clone());
            }
            continue;
        }
        let (cin, cout) = (network.input_of(index).c as usize, layer.output.c as usize);
        let mut dx = vec![0.0; network.input_of(index).elements() as usize];
        each_tap(network, index, |input, output, tap| {
            let dy = &gradient.values[output * cout..][..cout];
            let dx = &mut dx[input * cin..][..cin];
            synapses[index].back(tap, output, dy, dx);
        });
        accumulate(&mut gradients[layer.inputs[0].index()], Scaled::new(dx, gradient.exponent));
    }
    shares.reverse();
    shares
}

fn accumulate(slot: &mut Option<Scaled>, gradient: Scaled) {
    *slot = Some(match slot.take() {
        Some(before) => before.plus(&gradient),
        None => gradient,
    });
}

/// Calls `visit(input pixel, output pixel, tap)` for all that a layer with one input connects.
fn each_tap(network: &Network, index: usize, mut visit: impl FnMut(usize, usize, usize)) {
    let (input, layer) = (network.input_of(index), &network.layers[index]);
    match &layer.op {
        Op::Conv(Conv { kernel, stride, pad, .. })
        | Op::Depthwise(Conv { kernel, stride, pad, .. })
        | Op::PlainConv(Conv { kernel, stride, pad, .. })
        | Op::AveragePool(Pool { kernel, stride, pad }) => {
            let window = Pool { kernel: *kernel, stride: *stride, pad: *pad };
            each_window(&window, input, layer.output, visit);
        }
        Op::Linear => visit(0, 0, 0),
        Op::GlobalPool => (0..input.pixels() as usize).for_each(|pixel| visit(pixel, 0, 0)),
        Op::Add | Op::Norm | Op::Relu | Op::Zero => {}
    }
}

fn each_window(window: &Pool, input: Shape, output: Shape, mut visit: impl FnMut(usize, usize, usize)) {
    // Position in the input of tap `t` for output `o`, if it is not in the padding.
    let at = |o: u32, t: u32, side: u32| (o * window.stride + t).checked_sub(window.pad).filter(|i| *i < side);
    for oy in 0..output.h {
        for ox in 0..output.w {
            for ky in 0..window.kernel {
                let Some(iy) = at(oy, ky, input.h) else { continue };
                for kx in 0..window.kernel {
                    let Some(ix) = at(ox, kx, input.w) else { continue };
                    let pixel = |y: u32, x: u32, shape: Shape| (y * shape.w + x) as usize;
                    visit(pixel(iy, ix, input), pixel(oy, ox, output), (ky * window.kernel + kx) as usize);
                }
            }
        }
    }
}

impl Synapses {
    fn new(network: &Network, index: usize, weights: &Weights) -> Result<Self, ScoreError> {
        let layer = &network.layers[index];
        let (cin, cout) = (network.input_of(index).c as usize, layer.output.c as usize);
        let side = layer.op.conv().map_or(1, |conv| conv.kernel as usize);
        let taps = side * side;
        Ok(match layer.op {
            Op::Conv(_) | Op::PlainConv(_) => {
                Self::full(weights.get(&layer.name, "weight", &[cout, cin, side, side])?, cin, cout, taps)
            }
            Op::Linear => Self::full(weights.get(&layer.name, "weight", &[cout, cin])?, cin, cout, 1),
            Op::Depthwise(_) => {
                let w = weights.get(&layer.name, "weight", &[cout, 1, side, side])?;
                let positive = |i: usize| f64::from(w[i % cout * taps + i / cout].abs());
                Self::Depthwise((0..taps * cout).map(positive).collect())
            }
            Op::GlobalPool | Op::AveragePool(_) => {
                let mut pixels = vec![0.0; layer.output.pixels() as usize];
                each_tap(network, index, |_, output, _| pixels[output] += 1.0);
                Self::Mean(pixels.into_iter().map(f64::recip).collect())
            }
            Op::Add | Op::Norm | Op::Relu => Self::Identity,
            Op::Zero => Self::Nothing,
        })
    }

    fn full(w: &[f32], cin: usize, cout: usize, taps: usize) -> Self {
        let mut forward = vec![0.0; w.len()];
        let mut back = vec![0.0; w.len()];
        for (i, weight) in w.iter().enumerate() {
            let (o, c, tap) = (i / (cin * taps), i / taps % cin, i % taps);
            let positive = f64::from(weight.abs());
            forward[(tap * cin + c) * cout + o] = positive;
            back[(tap * cout + o) * cin + c] = positive;
        }
        Self::Full { forward, back }
    }

    /// Adds what one tap carries from the input pixel `x` to the output pixel `y`, number `pixel`.
    fn forward(&self, tap: usize, pixel: usize, x: &[f64], y: &mut [f64]) {
        match self {
            Self::Full { forward, .. } => add_product(x, &forward[tap * x.len() * y.len()..], y),
            Self::Depthwise(w) => add_scaled(x, &w[tap * x.len()..], y),
            Self::Mean(w) => y.iter_mut().zip(x).for_each(|(y, x)| *y += x * w[pixel]),
            Self::Identity | Self::Nothing => {}
        }
    }

    /// Adds what one tap carries from the gradient `dy` of output pixel `pixel` to that of the input pixel.
    fn back(&self, tap: usize, pixel: usize, dy: &[f64], dx: &mut [f64]) {
        match self {
            Self::Full { back, .. } => add_product(dy, &back[tap * dx.len() * dy.len()..], dx),
            Self::Depthwise(w) => add_scaled(dy, &w[tap * dy.len()..], dx),
            Self::Mean(w) => dx.iter_mut().zip(dy).for_each(|(dx, dy)| *dx += dy * w[pixel]),
            Self::Identity | Self::Nothing => {}
        }
    }
}

/// `to += from · matrix`, `matrix` `[from, to]`.
fn add_product(from: &[f64], matrix: &[f64], to: &mut [f64]) {
    for (x, row) in from.iter().zip(matrix.chunks_exact(to.len())) {
        for (y, w) in to.iter_mut().zip(row) {
            *y += x * w;
        }
    }
}

/// `to += from · diagonal`.
fn add_scaled(from: &[f64], diagonal: &[f64], to: &mut [f64]) {
    for ((y, x), w) in to.iter_mut().zip(from).zip(diagonal) {
        *y += x * w;
    }
}
