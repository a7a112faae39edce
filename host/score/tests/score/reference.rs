//! Networks by their definition: loops in f64 or in numbers with a derivative, gradients by hand, no shared code.

use std::ops::{Add, Mul, Sub};

use tinynas_model::{Activation, BN_EPSILON, Network, Op, Shape, Weights};

/// A number, possibly with its derivative along one direction.
pub trait Number: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {
    fn of(value: f64) -> Self;
    fn value(self) -> f64;
    /// `f(self)` from the value and the slope there.
    fn map(self, value: f64, slope: f64) -> Self;
}

impl Number for f64 {
    fn of(value: f64) -> Self {
        value
    }
    fn value(self) -> f64 {
        self
    }
    fn map(self, value: f64, _: f64) -> Self {
        value
    }
}

/// A value and its derivative.
#[derive(Clone, Copy, Debug)]
pub struct Dual(pub f64, pub f64);

impl Add for Dual {
    type Output = Self;
    fn add(self, x: Self) -> Self {
        Self(self.0 + x.0, self.1 + x.1)
    }
}

impl Sub for Dual {
    type Output = Self;
    fn sub(self, x: Self) -> Self {
        Self(self.0 - x.0, self.1 - x.1)
    }
}

impl Mul for Dual {
    type Output = Self;
    fn mul(self, x: Self) -> Self {
        Self(self.0 * x.0, self.0 * x.1 + self.1 * x.0)
    }
}

impl Number for Dual {
    fn of(value: f64) -> Self {
        Self(value, 0.0)
    }
    fn value(self) -> f64 {
        self.0
    }
    fn map(self, value: f64, slope: f64) -> Self {
        Self(value, self.1 * slope)
    }
}

/// All that proxies are made of.
pub struct Found<T> {
    pub loss: T,
    /// Per layer, `[out, in/groups, k, k]`; empty without weights.
    pub weights: Vec<Vec<T>>,
    /// Σ a · da per layer, image and channel.
    pub flows: Vec<Vec<T>>,
    /// Of Σ logits with respect to the images.
    pub input: Vec<T>,
}

/// Weights of every layer, empty where it has none.
pub fn weights_of(network: &Network, weights: &Weights) -> Vec<Vec<f64>> {
    let of = |layer: &tinynas_model::Layer| {
        let name = format!("{}.weight", layer.name);
        let found = weights.iter().find(|(n, _)| *n == name);
        found.map_or_else(Vec::new, |(_, tensor)| tensor.data.iter().map(|x| f64::from(*x)).collect())
    };
    network.layers.iter().map(of).collect()
}

struct Walk<'a, T> {
    network: &'a Network,
    weights: &'a [Vec<T>],
    images: usize,
    tensors: Vec<Vec<T>>,
    /// What the convolution or matrix gives, per layer.
    products: Vec<Vec<T>>,
}

/// Calls `visit(image, input element, output element, weight)` for all products of a layer.
fn each_product(network: &Network, index: usize, images: usize, mut visit: impl FnMut(usize, usize, usize, usize)) {
    let layer = &network.layers[index];
    let (i, o) = (network.input_of(index), layer.output);
    let at = |s: Shape, y: u32, x: u32, c: u32| ((y * s.w + x) * s.c + c) as usize;
    let (k, stride, pad) = layer.op.conv().map_or((1, 1, 0), |c| (c.kernel, c.stride, c.pad));
    let depthwise = matches!(layer.op, Op::Depthwise(_));
    let ins = if depthwise { 1 } else { i.c };
    for image in 0..images {
        for (oy, ox, oc) in (0..o.h).flat_map(|y| (0..o.w).flat_map(move |x| (0..o.c).map(move |c| (y, x, c)))) {
            for (ky, kx, ic) in (0..k).flat_map(|y| (0..k).flat_map(move |x| (0..ins).map(move |c| (y, x, c)))) {
                let (y, x) = ((oy * stride + ky).wrapping_sub(pad), (ox * stride + kx).wrapping_sub(pad));
                if y < i.h && x < i.w {
                    let channel = if depthwise { oc } else { ic };
                    let weight = (((oc * ins + ic) * k + ky) * k + kx) as usize;
                    let (from, to) = (image * i.elements() as usize, image * o.elements() as usize);
                    visit(image, from + at(i, y, x, channel), to + at(o, oy, ox, oc), weight);
                }
            }
        }
    }
}

/// Calls `visit(input element, output element, share)` for all that an average connects.
fn each_share(network: &Network, index: usize, images: usize, mut visit: impl FnMut(usize, usize, f64)) {
    let (i, o) = (network.input_of(index), network.layers[index].output);
    let (k, stride, pad) = match network.layers[index].op {
        Op::AveragePool(p) => (p.kernel, p.stride, p.pad),
        _ => (i.h.max(i.w), 1, 0),
    };
    for image in 0..images as u32 {
        for (oy, ox) in (0..o.h).flat_map(|y| (0..o.w).map(move |x| (y, x))) {
            let pixels: Vec<(u32, u32)> = (0..k)
                .flat_map(|y| (0..k).map(move |x| (y, x)))
                .map(|(y, x)| ((oy * stride + y).wrapping_sub(pad), (ox * stride + x).wrapping_sub(pad)))
                .filter(|(y, x)| *y < i.h && *x < i.w)
                .collect();
            for (y, x) in &pixels {
                for c in 0..i.c {
                    let from = ((image * i.h + y) * i.w + x) * i.c + c;
                    let to = ((image * o.h + oy) * o.w + ox) * o.c + c;
                    visit(from as usize, to as usize, 1.0 / pixels.len() as f64);
                }
            }
        }
    }
}

fn sum<T: Number>(list: impl Iterator<Item = T>) -> T {
    list.fold(T::of(0.0), |a, b| a + b)
}

/// Mean and 1 / √(variance + ε) of a channel over all pixels.
fn statistics<T: Number>(y: &[T], channels: usize, c: usize) -> (T, T) {
    let share = T::of(channels as f64 / y.len() as f64);
    let channel = || y.iter().skip(c).step_by(channels).copied();
    let mean = sum(channel()) * share;
    let var = sum(channel().map(|y| (y - mean) * (y - mean))) * share + T::of(f64::from(BN_EPSILON));
    let inverse = var.value().sqrt().recip();
    (mean, var.map(inverse, -0.5 * inverse / var.value()))
}

fn normalise<T: Number>(y: &[T], channels: usize) -> Vec<T> {
    let list: Vec<(T, T)> = (0..channels).map(|c| statistics(y, channels, c)).collect();
    y.iter().enumerate().map(|(i, y)| (*y - list[i % channels].0) * list[i % channels].1).collect()
}

/// dy from dz, gamma one.
fn normalise_back<T: Number>(y: &[T], dz: &[T], channels: usize) -> Vec<T> {
    let share = T::of(channels as f64 / y.len() as f64);
    let z = normalise(y, channels);
    let pick = |list: &[T], c: usize| list.iter().skip(c).step_by(channels).copied().collect::<Vec<_>>();
    let mut dy = dz.to_vec();
    for c in 0..channels {
        let (_, inverse) = statistics(y, channels, c);
        let plain = sum(pick(dz, c).into_iter()) * share;
        let centred = sum(pick(dz, c).into_iter().zip(pick(&z, c)).map(|(a, b)| a * b)) * share;
        for i in (c..dy.len()).step_by(channels) {
            dy[i] = (dz[i] - plain - z[i] * centred) * inverse;
        }
    }
    dy
}

const fn limits(activation: Activation) -> (f64, f64) {
    match activation {
        Activation::Linear => (f64::NEG_INFINITY, f64::INFINITY),
        Activation::Relu => (0.0, f64::INFINITY),
        Activation::Relu6 => (0.0, 6.0),
    }
}

fn clamp<T: Number>(x: T, (low, high): (f64, f64)) -> T {
    if x.value() > low && x.value() < high { x } else { T::of(x.value().clamp(low, high)) }
}

impl<'a, T: Number> Walk<'a, T> {
    fn forward(network: &'a Network, weights: &'a [Vec<T>], biases: &Weights, images: &[f32]) -> Self {
        let count = images.len() / network.input.elements() as usize;
        let tensors = vec![images.iter().map(|x| T::of(f64::from(*x))).collect()];
        let mut walk = Self { network, weights, images: count, tensors, products: Vec::new() };
        for (index, layer) in network.layers.iter().enumerate() {
            let x = &walk.tensors[layer.inputs[0].index()];
            let channels = layer.output.c as usize;
            let mut y = vec![T::of(0.0); count * layer.output.elements() as usize];
            if layer.op.has_weights() {
                each_product(network, index, count, |_, i, o, w| y[o] = y[o] + x[i] * weights[index][w]);
            }
            if layer.op == Op::Linear {
                let bias = biases.get(&layer.name, "bias", &[channels]).unwrap();
                y.iter_mut().enumerate().for_each(|(i, y)| *y = *y + T::of(f64::from(bias[i % channels])));
            }
            walk.products.push(y.clone());
            let z = match layer.op {
                Op::Conv(c) | Op::Depthwise(c) => {
                    normalise(&y, channels).into_iter().map(|z| clamp(z, limits(c.activation))).collect()
                }
                Op::Linear | Op::PlainConv(_) | Op::Zero => y,
                Op::Norm => normalise(x, channels),
                Op::Relu => x.iter().map(|x| clamp(*x, limits(Activation::Relu))).collect(),
                Op::Add => x.iter().zip(&walk.tensors[layer.inputs[1].index()]).map(|(a, b)| *a + *b).collect(),
                Op::GlobalPool | Op::AveragePool(_) => {
                    each_share(network, index, count, |i, o, share| y[o] = y[o] + x[i] * T::of(share));
                    y
                }
            };
            walk.tensors.push(z);
        }
        walk
    }

    /// Gradients of weights and image, and Σ a · da, from the gradient of the logits.
    fn back(&self, logits: Vec<T>) -> (Vec<Vec<T>>, Vec<Vec<T>>, Vec<T>) {
        let network = self.network;
        let mut gradients: Vec<Vec<T>> = self.tensors.iter().map(|t| vec![T::of(0.0); t.len()]).collect();
        let mut found: Vec<Vec<T>> = self.weights.iter().map(|w| vec![T::of(0.0); w.len()]).collect();
        let mut flows = vec![Vec::new(); found.len()];
        *gradients.last_mut().unwrap() = logits;
        for (index, layer) in network.layers.iter().enumerate().rev() {
            let (dz, z) = (std::mem::take(&mut gradients[index + 1]), &self.tensors[index + 1]);
            let (from, channels) = (layer.inputs[0].index(), layer.output.c as usize);
            let gate = |activation: Activation| {
                let (low, high) = limits(activation);
                let open = |z: &T| z.value() > low && z.value() < high;
                dz.iter().zip(z).map(|(d, z)| if open(z) { *d } else { T::of(0.0) }).collect::<Vec<_>>()
            };
            let dy = match layer.op {
                Op::Conv(c) | Op::Depthwise(c) => normalise_back(&self.products[index], &gate(c.activation), channels),
                Op::Norm => normalise_back(&self.tensors[from], &dz, channels),
                Op::Relu => gate(Activation::Relu),
                _ => dz,
            };
            if layer.op.has_weights() {
                flows[index] = vec![T::of(0.0); self.images * channels];
                let pixels = layer.output.pixels() as usize;
                for (i, (a, da)) in self.products[index].iter().zip(&dy).enumerate() {
                    let to = i / channels / pixels * channels + i % channels;
                    flows[index][to] = flows[index][to] + *a * *da;
                }
                let (x, dx) = (&self.tensors[from], &mut gradients[from]);
                each_product(network, index, self.images, |_, i, o, w| {
                    found[index][w] = found[index][w] + x[i] * dy[o];
                    dx[i] = dx[i] + self.weights[index][w] * dy[o];
                });
                continue;
            }
            match layer.op {
                Op::Zero => {}
                Op::GlobalPool | Op::AveragePool(_) => {
                    let dx = &mut gradients[from];
                    each_share(network, index, self.images, |i, o, share| dx[i] = dx[i] + dy[o] * T::of(share));
                }
                _ => {
                    for input in &layer.inputs {
                        gradients[input.index()].iter_mut().zip(&dy).for_each(|(dx, dy)| *dx = *dx + *dy);
                    }
                }
            }
        }
        (found, flows, gradients.swap_remove(0))
    }
}

/// Loss and gradients of a batch; `weights` may carry derivatives.
pub fn run<T: Number>(
    network: &Network,
    weights: &[Vec<T>],
    biases: &Weights,
    images: &[f32],
    labels: &[u32],
) -> Found<T> {
    let walk = Walk::forward(network, weights, biases, images);
    let logits = walk.tensors.last().unwrap();
    let classes = network.classes() as usize;
    let share = T::of(1.0 / labels.len() as f64);
    let (mut loss, mut gradient) = (T::of(0.0), Vec::new());
    for (z, label) in logits.chunks_exact(classes).zip(labels) {
        let powers: Vec<T> = z.iter().map(|z| z.map(z.value().exp(), z.value().exp())).collect();
        let total = sum(powers.iter().copied());
        let inverse = total.map(total.value().recip(), -total.value().recip().powi(2));
        loss = loss + (total.map(total.value().ln(), total.value().recip()) - z[*label as usize]) * share;
        for (class, power) in powers.into_iter().enumerate() {
            let hit = T::of(if class == *label as usize { 1.0 } else { 0.0 });
            gradient.push((power * inverse - hit) * share);
        }
    }
    let ones = vec![T::of(1.0); logits.len()];
    let input = walk.back(ones).2;
    let (weights, flows, _) = walk.back(gradient);
    Found { loss, weights, flows, input }
}
