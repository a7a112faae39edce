//! Layers on slices: those with weights or normalisation as one convolution each, the others as they are.

use std::borrow::Cow;

use tinynas_model::{Network, Op, WeightError, Weights};

use super::windows;
use crate::fast::{Forward, Keep, Normalisation, conv_affine_slices, conv_norm_slices};
use crate::kernels::Geometry;
use crate::{ConvKind, ConvSpec, buffers, init};

/// A layer that is a convolution: also a matrix (one pixel) and a normalisation alone (one weight of one a channel).
pub struct Weighted<'a> {
    /// The convolution.
    pub spec: ConvSpec,
    /// Rows, columns and channels of the input.
    pub input: [usize; 3],
    /// Weights, borrowed where they are the network's.
    pub weight: Cow<'a, [f32]>,
    dims: [usize; 4],
    follow: Follow<'a>,
}

/// What follows the convolution.
#[derive(Clone)]
pub enum Follow<'a> {
    /// Normalisation by the batch: gamma and beta.
    Norm(&'a [f32], &'a [f32]),
    /// Factors and terms.
    Affine(Vec<f32>, Vec<f32>),
}

impl<'a> Weighted<'a> {
    /// Layer `index`; `None` if it has neither weights nor normalisation.
    pub fn new(network: &Network, index: usize, weights: &'a Weights) -> Result<Option<Self>, WeightError> {
        let layer = &network.layers[index];
        let (shape, out) = (network.input_of(index), layer.output.c as usize);
        let get = |part: &str, shape: &[usize]| weights.get(&layer.name, part, shape);
        let norm = || Ok::<_, WeightError>(Follow::Norm(get("gamma", &[out])?, get("beta", &[out])?));
        let point = ConvSpec { kind: ConvKind::Full, ..ConvSpec::IDENTITY };
        let dims = init::weight_dims(network, index);
        let image = [shape.h as usize, shape.w as usize, shape.c as usize];
        let (spec, input, follow) = match &layer.op {
            Op::Conv(conv) => (ConvSpec::new(ConvKind::Full, conv), image, norm()?),
            Op::Depthwise(conv) => (ConvSpec::new(ConvKind::Depthwise, conv), image, norm()?),
            Op::PlainConv(conv) => {
                (ConvSpec::new(ConvKind::Full, conv), image, Follow::Affine(vec![1.0; out], vec![0.0; out]))
            }
            Op::Linear => {
                let bias = get("bias", &[out])?.to_vec();
                (point, [1, 1, shape.elements() as usize], Follow::Affine(vec![1.0; out], bias))
            }
            Op::Norm => {
                let weight = Cow::Owned(vec![1.0; out]);
                let dims = [out, 1, 1, 1];
                return Ok(Some(Self { spec: ConvSpec::IDENTITY, input: image, weight, dims, follow: norm()? }));
            }
            Op::Add | Op::GlobalPool | Op::Relu | Op::AveragePool(_) | Op::Zero => return Ok(None),
        };
        let weight = get("weight", if layer.op == Op::Linear { &dims[..2] } else { &dims })?;
        Ok(Some(Self { spec, input, weight: Cow::Borrowed(weight), dims, follow }))
    }

    /// What is added last where nothing normalises; `None` where the batch's statistics take the weights' scale out.
    pub fn bias(&self) -> Option<&[f32]> {
        match &self.follow {
            Follow::Norm(..) => None,
            Follow::Affine(_, shift) => Some(shift),
        }
    }

    /// What follows the convolution.
    pub const fn follow(&self) -> &Follow<'a> {
        &self.follow
    }

    /// The same layer with other weights.
    pub fn with(&self, weight: Cow<'a, [f32]>) -> Self {
        Self { spec: self.spec, input: self.input, weight, dims: self.dims, follow: self.follow.clone() }
    }

    /// Activations of `images` inputs `x`; without the activation if it is held from outside.
    pub fn forward(&self, x: &[f32], images: usize, keep: Keep, held: bool) -> (Forward, Geometry, Normalisation) {
        let [rows, columns, channels] = self.input;
        let spec = if held { self.spec.linear() } else { self.spec };
        let g = Geometry::new([images, rows, columns, channels], self.dims, spec);
        match &self.follow {
            Follow::Norm(gamma, beta) => {
                let (forward, statistics) = conv_norm_slices(&g, x, &self.weight, gamma, beta, keep);
                (forward, g, Normalisation::Batch(statistics))
            }
            Follow::Affine(scale, shift) => {
                (conv_affine_slices(&g, x, &self.weight, scale, shift, keep), g, Normalisation::Constants)
            }
        }
    }
}

/// Output of a layer without weights and normalisation.
pub fn bare(network: &Network, index: usize, inputs: &[&[f32]], images: usize) -> Vec<f32> {
    let layer = &network.layers[index];
    let mut y = buffers::any(images * layer.output.elements() as usize);
    match layer.op {
        Op::Add => {
            let (x, other) = (inputs[0], inputs.get(1).unwrap_or(&inputs[0]));
            for ((y, a), b) in y.iter_mut().zip(x).zip(*other) {
                *y = a + b;
            }
        }
        // A comparison lets what is not a number through, a maximum would not.
        Op::Relu => y.iter_mut().zip(inputs[0]).for_each(|(y, x)| *y = if *x < 0.0 { 0.0 } else { *x }),
        Op::AveragePool(pool) => windows::average(&pool, network.input_of(index), layer.output, inputs[0], &mut y),
        Op::Zero => y.fill(0.0),
        _ => windows::mean(network.input_of(index), inputs[0], &mut y),
    }
    y
}
