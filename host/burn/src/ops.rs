//! The operations of an MBConv network as a burn backend extension.
//!
//! The default bodies are burn's own differentiable operations (NCHW inside); backends on the host override
//! them with `fast`.

#![cfg_attr(feature = "ndarray", allow(deprecated))] // upstream deprecates NdArray in favour of Flex

#[cfg(feature = "ndarray")]
use burn::backend::NdArray;
use burn::backend::{
    Autodiff, Backend, Dispatch, Flex, Scalar, TensorMetadata, autodiff::checkpoint::strategy::CheckpointStrategy,
    backend_extension, ops::ConvOptions, tensor::FloatTensor,
};
use burn::tensor::{Shape, Tensor};
use tinynas_model::{Activation, BN_EPSILON};

use crate::fast::{self, HostMemory};
use crate::{ConvKind, ConvSpec};

/// Which implementation of the operations a module uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ops {
    /// Ours where the backend has them.
    #[default]
    Fast,
    /// burn's own, the reference.
    Burn,
}

/// Convolution with normalisation and activation. Shapes: `x` `[n, h, w, in]`, `w` `[out, in/groups, k, k]`.
#[backend_extension(Flex, NdArray: cfg(feature = "ndarray"), Autodiff)]
pub trait NasOps: Backend {
    /// Convolution, normalisation by the batch's own statistics with `gamma` and `beta` `[out]`, activation.
    /// Gives the activations, the batch mean and the biased batch variance; the last two carry no gradient.
    fn nas_conv_norm(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        spec: ConvSpec,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        burn_conv_norm::<Self>(x, w, gamma, beta, spec)
    }

    /// Convolution, then `y * scale + shift` per channel, then the activation.
    fn nas_conv_affine(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        spec: ConvSpec,
    ) -> FloatTensor<Self> {
        burn_conv_affine::<Self>(x, w, scale, shift, spec)
    }
}

/// Our kernels for a backend whose tensors lie in this process's memory.
macro_rules! on_host {
    ($backend:ty) => {
        impl NasOps for $backend {
            fn nas_conv_norm(
                x: FloatTensor<Self>,
                w: FloatTensor<Self>,
                gamma: FloatTensor<Self>,
                beta: FloatTensor<Self>,
                spec: ConvSpec,
            ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
                let (z, [mean, var]) = fast::conv_norm::<Self>([x, w, gamma, beta], spec);
                (z, mean, var)
            }

            fn nas_conv_affine(
                x: FloatTensor<Self>,
                w: FloatTensor<Self>,
                scale: FloatTensor<Self>,
                shift: FloatTensor<Self>,
                spec: ConvSpec,
            ) -> FloatTensor<Self> {
                fast::conv_affine::<Self>([x, w, scale, shift], spec)
            }
        }

        impl BurnOps for $backend {}
    };
}

on_host!(Flex);
#[cfg(feature = "ndarray")]
on_host!(NdArray);

impl<B: NasOps + HostMemory, C: CheckpointStrategy> NasOps for Autodiff<B, C> {
    fn nas_conv_norm(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        spec: ConvSpec,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let (z, [mean, var]) = fast::tracked_conv_norm::<B, C>([x, w, gamma, beta], spec);
        (z, mean, var)
    }

    fn nas_conv_affine(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        spec: ConvSpec,
    ) -> FloatTensor<Self> {
        fast::tracked_conv_affine::<B, C>([x, w, scale, shift], spec)
    }
}

/// The same operations, always burn's own: the reference.
#[backend_extension(Flex, NdArray: cfg(feature = "ndarray"), Autodiff)]
trait BurnOps: Backend {
    fn ref_conv_norm(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        spec: ConvSpec,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        burn_conv_norm::<Self>(x, w, gamma, beta, spec)
    }

    fn ref_conv_affine(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        spec: ConvSpec,
    ) -> FloatTensor<Self> {
        burn_conv_affine::<Self>(x, w, scale, shift, spec)
    }
}

impl<B: BurnOps, C: CheckpointStrategy> BurnOps for Autodiff<B, C> {}

fn burn_conv<B: Backend>(x: FloatTensor<B>, w: FloatTensor<B>, spec: ConvSpec) -> FloatTensor<B> {
    let groups = if spec.kind == ConvKind::Depthwise { w.shape()[0] } else { 1 };
    let side = |v: usize| [v, v];
    let options = ConvOptions::new(side(spec.stride), side(spec.pad), [1, 1], groups);
    B::conv2d(B::float_permute(x, &[0, 3, 1, 2]), w, None, options)
}

fn burn_conv_norm<B: Backend>(
    x: FloatTensor<B>,
    w: FloatTensor<B>,
    gamma: FloatTensor<B>,
    beta: FloatTensor<B>,
    spec: ConvSpec,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let y = burn_conv::<B>(x, w, spec);
    let norm = B::batch_norm_train(y, gamma, beta, f64::from(BN_EPSILON));
    let z = burn_activate::<B>(B::float_permute(norm.output, &[0, 2, 3, 1]), spec.activation);
    (z, norm.mean, norm.variance)
}

fn burn_conv_affine<B: Backend>(
    x: FloatTensor<B>,
    w: FloatTensor<B>,
    scale: FloatTensor<B>,
    shift: FloatTensor<B>,
    spec: ConvSpec,
) -> FloatTensor<B> {
    let y = B::float_permute(burn_conv::<B>(x, w, spec), &[0, 2, 3, 1]);
    let per_channel = |t: FloatTensor<B>| {
        let channels = t.shape()[0];
        B::float_reshape(t, Shape::new([1, 1, 1, channels]))
    };
    let y = B::float_add(B::float_mul(y, per_channel(scale)), per_channel(shift));
    burn_activate::<B>(y, spec.activation)
}

fn burn_activate<B: Backend>(x: FloatTensor<B>, activation: Activation) -> FloatTensor<B> {
    match activation {
        Activation::Linear => x,
        Activation::Relu => B::relu(x),
        Activation::Relu6 => B::float_clamp(x, Scalar::Float(0.0), Scalar::Float(6.0)),
    }
}

/// Convolution, batch normalisation by the batch's own statistics, activation.
/// Gives the activations `[n, h, w, out]`, the batch mean and the biased batch variance `[out]`.
#[must_use]
pub fn conv_norm(
    ops: Ops,
    x: Tensor<4>,
    w: Tensor<4>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    spec: ConvSpec,
) -> (Tensor<4>, Tensor<1>, Tensor<1>) {
    let (x, w, gamma, beta) = (x.into_dispatch(), w.into_dispatch(), gamma.into_dispatch(), beta.into_dispatch());
    let (z, mean, var) = match ops {
        Ops::Fast => <Dispatch as NasOps>::nas_conv_norm(x, w, gamma, beta, spec),
        Ops::Burn => <Dispatch as BurnOps>::ref_conv_norm(x, w, gamma, beta, spec),
    };
    (Tensor::from_dispatch(z), Tensor::from_dispatch(mean), Tensor::from_dispatch(var))
}

/// Convolution, then `y * scale + shift` per channel, then the activation.
#[must_use]
pub fn conv_affine(
    ops: Ops,
    x: Tensor<4>,
    w: Tensor<4>,
    scale: Tensor<1>,
    shift: Tensor<1>,
    spec: ConvSpec,
) -> Tensor<4> {
    let (x, w, scale, shift) = (x.into_dispatch(), w.into_dispatch(), scale.into_dispatch(), shift.into_dispatch());
    Tensor::from_dispatch(match ops {
        Ops::Fast => <Dispatch as NasOps>::nas_conv_affine(x, w, scale, shift, spec),
        Ops::Burn => <Dispatch as BurnOps>::ref_conv_affine(x, w, scale, shift, spec),
    })
}

/// The activation alone.
#[must_use]
pub fn activate(x: Tensor<4>, activation: Activation) -> Tensor<4> {
    match activation {
        Activation::Linear => x,
        Activation::Relu => burn::tensor::activation::relu(x),
        Activation::Relu6 => x.clamp(0.0, 6.0),
    }
}
