//! Our operations against burn's own: activations, statistics and all four gradients, over odd sizes.
#![allow(clippy::unwrap_used)]

use burn::tensor::{Device, Tensor, TensorData};
use tinynas_burn::{ConvKind, ConvSpec, Ops, burn, conv_affine, conv_norm, cpu, cpu_autodiff, with_threads};
use tinynas_model::Activation;

const ACTIVATIONS: [Activation; 3] = [Activation::Linear, Activation::Relu, Activation::Relu6];

/// One convolution and its sizes.
#[derive(Clone, Copy, Debug)]
struct Case {
    spec: ConvSpec,
    images: usize,
    sides: [usize; 2],
    input: usize,
    output: usize,
    norm: Norm,
}

/// Where the factors per channel come from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Norm {
    Batch,
    Affine,
}

/// Numbers in ±1 from a linear congruence.
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// What an operation gives: activations, statistics, then the gradients of x, w and the two lists.
struct Results {
    named: Vec<(&'static str, Vec<f32>)>,
}

fn floats<const D: usize>(t: Tensor<D>) -> Vec<f32> {
    t.into_data().try_into_vec().unwrap()
}

fn tensor<const D: usize>(data: Vec<f32>, dims: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(data, dims), device)
}

impl Case {
    fn weight_dims(&self) -> [usize; 4] {
        let inputs = if self.spec.kind == ConvKind::Depthwise { 1 } else { self.input };
        [self.output, inputs, self.spec.kernel, self.spec.kernel]
    }

    fn inputs(&self, seed: u64, device: &Device) -> (Tensor<4>, Tensor<4>, Tensor<1>, Tensor<1>) {
        let dims = [self.images, self.sides[0], self.sides[1], self.input];
        let random = |count, seed, shift: f32| numbers(count, seed).iter().map(|x| x + shift).collect();
        (
            tensor(random(dims.iter().product(), seed, 0.1), dims, device),
            tensor(random(self.weight_dims().iter().product(), seed + 1, 0.05), self.weight_dims(), device),
            // Around 1.5, but some channels with a negative factor.
            tensor(numbers(self.output, seed + 2).iter().map(|x| 1.0 + 2.0 * x).collect(), [self.output], device),
            tensor(random(self.output, seed + 3, 0.5), [self.output], device),
        )
    }

    fn run(&self, ops: Ops, seed: u64) -> Results {
        let (x, w, a, b) = self.inputs(seed, &cpu_autodiff());
        let (x, w, a, b) = (x.require_grad(), w.require_grad(), a.require_grad(), b.require_grad());
        let mut named = Vec::new();
        let z = match self.norm {
            Norm::Affine => conv_affine(ops, x.clone(), w.clone(), a.clone(), b.clone(), self.spec),
            Norm::Batch => {
                let (z, mean, var) = conv_norm(ops, x.clone(), w.clone(), a.clone(), b.clone(), self.spec);
                named.extend([("mean", floats(mean)), ("variance", floats(var))]);
                z
            }
        };
        let dims = z.dims();
        named.push(("activations", floats(z.clone())));
        let flow = tensor(numbers(dims.iter().product(), seed + 9), dims, &cpu_autodiff());
        let grads = (z * flow).sum().backward();
        named.push(("gradient of x", floats(x.grad(&grads).unwrap())));
        named.push(("gradient of w", floats(w.grad(&grads).unwrap())));
        named.push(("gradient of the factor", floats(a.grad(&grads).unwrap())));
        named.push(("gradient of the term", floats(b.grad(&grads).unwrap())));
        Results { named }
    }

    /// Largest difference, relative to the largest value or 1.
    fn compare(&self, seed: u64) {
        let (ours, theirs) = (self.run(Ops::Fast, seed), self.run(Ops::Burn, seed));
        for ((name, a), (_, b)) in ours.named.iter().zip(&theirs.named) {
            assert_eq!(a.len(), b.len(), "{name} of {self:?}");
            let scale = b.iter().fold(1.0_f32, |m, x| m.max(x.abs()));
            let worst = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst <= 3e-5 * scale, "{name} differs by {worst} on values up to {scale}: {self:?}");
        }
    }
}

/// All combinations that fit.
fn cases(kind: ConvKind, sides: &[[usize; 2]], channels: &[[usize; 2]], kernels: &[usize]) -> Vec<Case> {
    let mut cases = Vec::new();
    for (i, sides) in sides.iter().enumerate() {
        for (j, &[input, output]) in channels.iter().enumerate() {
            for (l, &kernel) in kernels.iter().enumerate() {
                for stride in [1, 2] {
                    for norm in [Norm::Batch, Norm::Affine] {
                        let activation = ACTIVATIONS[(i + j + l + stride) % 3];
                        let pad = if (i + j) % 4 == 3 && sides.iter().all(|s| *s >= kernel) { 0 } else { kernel / 2 };
                        let spec = ConvSpec { kind, kernel, stride, pad, activation };
                        cases.push(Case { spec, images: 2 + (i + l) % 3, sides: *sides, input, output, norm });
                    }
                }
            }
        }
    }
    cases
}

#[test]
fn depthwise_equals_burns() {
    let channels = [1, 3, 8, 16, 21, 40].map(|c| [c, c]);
    for (seed, case) in
        cases(ConvKind::Depthwise, &[[7, 7], [4, 9], [13, 6], [8, 17]], &channels, &[3, 5, 7]).into_iter().enumerate()
    {
        case.compare(seed as u64);
    }
}

#[test]
fn pointwise_equals_burns() {
    let channels = [[1, 1], [8, 24], [24, 8], [16, 96], [13, 29], [72, 40], [200, 17]];
    for (seed, case) in cases(ConvKind::Full, &[[6, 5], [1, 7], [12, 12]], &channels, &[1]).into_iter().enumerate() {
        case.compare(seed as u64);
    }
}

#[test]
fn stems_equal_burns() {
    let channels = [[1, 8], [3, 16], [3, 13], [5, 24]];
    for (seed, case) in
        cases(ConvKind::Full, &[[8, 8], [11, 6], [5, 14]], &channels, &[2, 3, 5]).into_iter().enumerate()
    {
        case.compare(seed as u64);
    }
}

#[test]
fn batches_that_do_not_divide_into_chunks_equal_burns() {
    let spec = |kind, kernel| ConvSpec { kind, kernel, stride: 1, pad: kernel / 2, activation: Activation::Relu6 };
    for images in [1, 15, 16, 17, 33] {
        for (kind, kernel) in [(ConvKind::Depthwise, 3), (ConvKind::Full, 1), (ConvKind::Full, 3)] {
            let case = Case { spec: spec(kind, kernel), images, sides: [5, 4], input: 9, output: 9, norm: Norm::Batch };
            case.compare(images as u64);
        }
    }
}

/// A large mean beside a small deviation: variances by E[y²] − E[y]² would be noise.
#[test]
fn a_large_mean_costs_no_precision() {
    let spec = ConvSpec { kind: ConvKind::Depthwise, kernel: 1, stride: 1, pad: 0, activation: Activation::Linear };
    let dims = [4, 9, 9, 3];
    let data: Vec<f32> = numbers(dims.iter().product(), 3).iter().map(|x| 1000.0 + x).collect();
    let exact = data.iter().step_by(3).map(|x| f64::from(*x)).collect::<Vec<_>>();
    let mean = exact.iter().sum::<f64>() / exact.len() as f64;
    let variance = exact.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / exact.len() as f64;
    let ones = |n| Tensor::<1>::ones([n], &cpu());
    let (_, m, v) =
        conv_norm(Ops::Fast, tensor(data, dims, &cpu()), ones(3).reshape([3, 1, 1, 1]), ones(3), ones(3), spec);
    assert!((f64::from(floats(m)[0]) - mean).abs() < 1e-4);
    assert!((f64::from(floats(v)[0]) / variance - 1.0).abs() < 1e-5);
}

/// Central differences need nobody else's gradients.
#[test]
fn gradients_are_those_of_finite_differences() {
    for (kind, kernel, stride) in [(ConvKind::Depthwise, 3, 2), (ConvKind::Full, 1, 1), (ConvKind::Full, 3, 1)] {
        for norm in [Norm::Batch, Norm::Affine] {
            let spec = ConvSpec { kind, kernel, stride, pad: kernel / 2, activation: Activation::Linear };
            let case = Case { spec, images: 2, sides: [4, 3], input: 2, output: 2, norm };
            let results = case.run(Ops::Fast, 5);
            let gradient = |name: &str| results.named.iter().find(|(n, _)| *n == name).unwrap().1.clone();
            let names = ["gradient of x", "gradient of w", "gradient of the factor", "gradient of the term"];
            for (which, name) in names.into_iter().enumerate() {
                for (i, gradient) in gradient(name).iter().enumerate() {
                    let slope = (loss(&case, which, i, 0.01) - loss(&case, which, i, -0.01)) / 0.02;
                    let room = 0.02 * f64::from(gradient.abs()).max(1.0);
                    assert!((slope - f64::from(*gradient)).abs() < room, "{name} {i}: {slope}, {gradient}: {case:?}");
                }
            }
        }
    }
}

/// The loss of [`Case::run`] with element `i` of input `which` moved.
fn loss(case: &Case, which: usize, i: usize, step: f32) -> f64 {
    let (x, w, a, b) = case.inputs(5, &cpu());
    let moved = |data: Vec<f32>, mine: usize| {
        data.into_iter().enumerate().map(|(j, v)| if mine == which && i == j { v + step } else { v }).collect()
    };
    let (xd, wd, n) = (x.dims(), w.dims(), case.output);
    let (x, w) = (tensor(moved(floats(x), 0), xd, &cpu()), tensor(moved(floats(w), 1), wd, &cpu()));
    let (a, b) = (tensor(moved(floats(a), 2), [n], &cpu()), tensor(moved(floats(b), 3), [n], &cpu()));
    let z = match case.norm {
        Norm::Affine => conv_affine(Ops::Fast, x, w, a, b, case.spec),
        Norm::Batch => conv_norm(Ops::Fast, x, w, a, b, case.spec).0,
    };
    let z = floats(z);
    z.iter().zip(numbers(z.len(), 5 + 9)).map(|(z, f)| f64::from(*z) * f64::from(f)).sum()
}

/// Large enough to be shared among threads.
const LARGE: Case = Case {
    spec: ConvSpec { kind: ConvKind::Depthwise, kernel: 5, stride: 1, pad: 2, activation: Activation::Relu6 },
    images: 21,
    sides: [16, 16],
    input: 24,
    output: 24,
    norm: Norm::Batch,
};

#[test]
fn the_number_of_threads_changes_no_bit() {
    let full = |kernel| ConvSpec { kind: ConvKind::Full, kernel, pad: kernel / 2, ..LARGE.spec };
    for case in [LARGE, Case { spec: full(1), ..LARGE }, Case { spec: full(3), norm: Norm::Affine, ..LARGE }] {
        let bits = |threads| {
            let results = with_threads(threads, || case.run(Ops::Fast, 1)).named;
            results.into_iter().flat_map(|(_, v)| v).map(f32::to_bits).collect::<Vec<_>>()
        };
        let one = bits(1);
        for threads in [1, 2, 3, 16, 40] {
            assert_eq!(bits(threads), one, "{threads} threads: {case:?}");
        }
    }
}

#[test]
fn one_gradient_alone_is_the_same_as_among_all() {
    let full = ConvSpec { kind: ConvKind::Full, kernel: 1, pad: 0, ..LARGE.spec };
    for case in [LARGE, Case { spec: full, ..LARGE }, Case { norm: Norm::Affine, ..LARGE }] {
        let all = case.run(Ops::Fast, 1).named;
        for (which, name) in [(0, "gradient of x"), (1, "gradient of w")] {
            let (x, w, a, b) = case.inputs(1, &cpu_autodiff());
            let (x, w) = if which == 0 { (x.require_grad(), w) } else { (x, w.require_grad()) };
            let z = match case.norm {
                Norm::Affine => conv_affine(Ops::Fast, x.clone(), w.clone(), a, b, case.spec),
                Norm::Batch => conv_norm(Ops::Fast, x.clone(), w.clone(), a, b, case.spec).0,
            };
            let dims = z.dims();
            let grads = (z * tensor(numbers(dims.iter().product(), 10), dims, &cpu_autodiff())).sum().backward();
            let (asked, other) = if which == 0 { (x, w) } else { (w, x) };
            assert!(other.grad(&grads).is_none());
            assert_eq!(floats(asked.grad(&grads).unwrap()), all.iter().find(|(n, _)| *n == name).unwrap().1, "{name}");
        }
    }
}

#[test]
fn not_a_number_stays_visible() {
    let (x, w, a, b) = LARGE.inputs(1, &cpu());
    let z = conv_norm(Ops::Fast, x * f32::NAN, w, a, b, LARGE.spec).0;
    assert!(floats(z).iter().all(|z| z.is_nan()));
}

/// The comparisons above once more, on every instruction set that this processor has.
#[test]
fn every_instruction_set_equals_burns() {
    let names = ["depthwise_equals_burns", "pointwise_equals_burns", "stems_equal_burns", "the_number_of_threads"];
    for level in ["portable", "wide", "avx2"] {
        let mut tests = std::process::Command::new(std::env::current_exe().unwrap());
        let output = tests.args(names).env("TINYNAS_SIMD", level).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("4 passed"), "{level}: {text}");
    }
}
