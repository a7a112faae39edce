//! The operations as burn calls them, and their registration in the autodiff graph.

use std::sync::Arc;

use burn::backend::{
    Autodiff, AutodiffBackend, TensorMetadata,
    autodiff::{
        checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
        grads::Gradients as Graph,
        ops::{Backward, Ops, OpsKind},
    },
    tensor::{Device, FloatTensor},
};
use burn::tensor::TensorData;

use super::HostMemory;
use super::backward::{self, Normalisation, Saved, Wanted};
use super::forward::{self, Forward, Keep};
use crate::kernels::Geometry;
use crate::kernels::norm::Affine;
use crate::{ConvSpec, buffers};

/// Input, weights and the two lists per channel.
type Inputs<T> = [T; 4];

/// Batch mean and biased variance.
type Moments<B> = [FloatTensor<B>; 2];

/// Activations and statistics.
type Normalised<B> = (FloatTensor<B>, Moments<B>);

fn dims<B: HostMemory>(tensor: &FloatTensor<B>) -> [usize; 4] {
    let shape = tensor.shape();
    [shape[0], shape[1], shape[2], shape[3]]
}

fn tensor<B: HostMemory, const D: usize>(data: Vec<f32>, dims: [usize; D], device: &Device<B>) -> FloatTensor<B> {
    B::float_from_data(TensorData::new(data, dims), device)
}

const fn output_dims(g: &Geometry) -> [usize; 4] {
    [g.n, g.oh, g.ow, g.cout]
}

/// Contiguous inputs and their sizes.
fn prepare<B: HostMemory>(inputs: Inputs<FloatTensor<B>>, spec: ConvSpec) -> (Inputs<FloatTensor<B>>, Geometry) {
    let g = Geometry::new(dims::<B>(&inputs[0]), dims::<B>(&inputs[1]), spec);
    (inputs.map(B::contiguous), g)
}

/// Keeps the buffers of tensors that nobody else holds for operations to come.
fn recycle<B: HostMemory>(tensors: impl IntoIterator<Item = FloatTensor<B>>) {
    tensors.into_iter().filter_map(B::reclaim).for_each(buffers::give_back);
}

fn run_norm<B: HostMemory>(
    g: &Geometry,
    inputs: &Inputs<FloatTensor<B>>,
    keep: Keep,
) -> (Forward, Normalisation, Moments<B>) {
    let [x, w, gamma, beta] = inputs.each_ref().map(B::elements);
    let (forward, statistics) = forward::conv_norm(g, x, w, gamma, beta, keep);
    let device = inputs[0].device();
    let list = |list: &[f32]| tensor::<B, 1>(list.to_vec(), [g.cout], &device);
    let moments = [list(&statistics.mean), list(&statistics.var)];
    (forward, Normalisation::Batch(statistics), moments)
}

fn run_affine<B: HostMemory>(g: &Geometry, inputs: &Inputs<FloatTensor<B>>, keep: Keep) -> Forward {
    let [x, w, scale, shift] = inputs.each_ref().map(B::elements);
    forward::conv_affine(g, x, w, scale, shift, keep)
}

/// Convolution, normalisation by the batch's statistics, activation; batch mean and variance.
pub fn conv_norm<B: HostMemory>(inputs: Inputs<FloatTensor<B>>, spec: ConvSpec) -> Normalised<B> {
    let (inputs, g) = prepare::<B>(inputs, spec);
    let (forward, _, moments) = run_norm::<B>(&g, &inputs, Keep::Nothing);
    let device = inputs[0].device();
    recycle::<B>(inputs);
    (tensor::<B, 4>(forward.z, output_dims(&g), &device), moments)
}

/// Convolution, `y * scale + shift`, activation.
pub fn conv_affine<B: HostMemory>(inputs: Inputs<FloatTensor<B>>, spec: ConvSpec) -> FloatTensor<B> {
    let (inputs, g) = prepare::<B>(inputs, spec);
    let forward = run_affine::<B>(&g, &inputs, Keep::Nothing);
    let device = inputs[0].device();
    recycle::<B>(inputs);
    tensor::<B, 4>(forward.z, output_dims(&g), &device)
}

/// What the backward pass reads.
#[derive(Clone)]
struct State<B: HostMemory> {
    x: FloatTensor<B>,
    w: FloatTensor<B>,
    rest: Arc<Rest>,
}

/// The part of the state that never leaves this crate.
struct Rest {
    g: Geometry,
    y: Vec<f32>,
    affine: Affine,
    normalisation: Normalisation,
}

impl<B: HostMemory> std::fmt::Debug for State<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("sizes", &self.rest.g).finish_non_exhaustive()
    }
}

impl<B: HostMemory> State<B> {
    fn new(g: Geometry, inputs: Inputs<FloatTensor<B>>, forward: Forward, normalisation: Normalisation) -> Self {
        let [x, w, _, _] = inputs;
        Self { x, w, rest: Arc::new(Rest { g, y: forward.y, affine: forward.affine, normalisation }) }
    }
}

#[derive(Debug)]
struct ConvBackward;

impl<B: HostMemory> Backward<B, 4> for ConvBackward {
    type State = State<B>;

    fn backward(self, ops: Ops<State<B>, 4>, grads: &mut Graph, _: &mut Checkpointer) {
        let [x, w, scale, shift] = ops.parents;
        let State { x: input, w: weights, rest } = ops.state;
        let Rest { g, y, affine, normalisation } = &*rest;
        let dz = B::contiguous(grads.consume::<B>(&ops.node));
        let saved = Saved { g, x: B::elements(&input), w: B::elements(&weights), y, affine, normalisation };
        let wanted = Wanted { x: x.is_some(), w: w.is_some() };
        let gradients = backward::gradients(&saved, B::elements(&dz), wanted);
        let device = input.device();
        let weight_dims = dims::<B>(&weights);
        if let (Some(node), Some(dx)) = (x, gradients.x) {
            grads.register::<B>(node.id, tensor::<B, 4>(dx, [g.n, g.h, g.w, g.cin], &device));
        }
        if let (Some(node), Some(dw)) = (w, gradients.w) {
            grads.register::<B>(node.id, tensor::<B, 4>(dw, weight_dims, &device));
        }
        if let Some(node) = scale {
            grads.register::<B>(node.id, tensor::<B, 1>(gradients.scale, [g.cout], &device));
        }
        if let Some(node) = shift {
            grads.register::<B>(node.id, tensor::<B, 1>(gradients.shift, [g.cout], &device));
        }
        recycle::<B>([input, dz]);
        if let Ok(rest) = Arc::try_unwrap(rest) {
            buffers::give_back(rest.y);
        }
    }
}

/// [`conv_norm`], recorded for the backward pass if any input needs it.
pub fn tracked_conv_norm<B: HostMemory, C: CheckpointStrategy>(
    inputs: Inputs<FloatTensor<Autodiff<B, C>>>,
    spec: ConvSpec,
) -> Normalised<Autodiff<B, C>> {
    let [(x, nx), (w, nw), (gamma, ng), (beta, nb)] = inputs.map(FloatTensor::<Autodiff<B, C>>::into_parts);
    let inputs = [x, w, gamma, beta];
    let (z, moments) = match ConvBackward.prepare::<C>([nx, nw, ng, nb]).compute_bound().stateful() {
        OpsKind::Tracked(prep) => {
            let (inputs, g) = prepare::<B>(inputs, spec);
            let (mut forward, normalisation, moments) = run_norm::<B>(&g, &inputs, Keep::Output);
            let z = tensor::<B, 4>(std::mem::take(&mut forward.z), output_dims(&g), &inputs[0].device());
            (prep.finish(State::new(g, inputs, forward, normalisation), z), moments)
        }
        OpsKind::UnTracked(prep) => {
            let (z, moments) = conv_norm::<B>(inputs, spec);
            (prep.finish(z), moments)
        }
    };
    (z, moments.map(<Autodiff<B, C> as AutodiffBackend>::from_inner))
}

/// [`conv_affine`], recorded for the backward pass if any input needs it.
pub fn tracked_conv_affine<B: HostMemory, C: CheckpointStrategy>(
    inputs: Inputs<FloatTensor<Autodiff<B, C>>>,
    spec: ConvSpec,
) -> FloatTensor<Autodiff<B, C>> {
    let [(x, nx), (w, nw), (scale, ns), (shift, nt)] = inputs.map(FloatTensor::<Autodiff<B, C>>::into_parts);
    let inputs = [x, w, scale, shift];
    match ConvBackward.prepare::<C>([nx, nw, ns, nt]).compute_bound().stateful() {
        OpsKind::Tracked(prep) => {
            let (inputs, g) = prepare::<B>(inputs, spec);
            let mut forward = run_affine::<B>(&g, &inputs, Keep::Output);
            let z = tensor::<B, 4>(std::mem::take(&mut forward.z), output_dims(&g), &inputs[0].device());
            prep.finish(State::new(g, inputs, forward, Normalisation::Constants), z)
        }
        OpsKind::UnTracked(prep) => prep.finish(conv_affine::<B>(inputs, spec)),
    }
}
