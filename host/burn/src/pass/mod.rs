//! One forward pass of a [`Network`] over a batch with all that gradients need, without autodiff: what scores share.
//!
//! It walks the same layers and calls the same kernels as [`NetworkModule`](crate::NetworkModule) in
//! [`Mode::BatchStats`](crate::Mode::BatchStats), so both compute one network. A tensor is kept only if a gradient
//! reads it. Gradients may be asked for again and again, with other gradients of the logits or only down to the
//! image: a convolution's weights and its input are two products, and what nobody asks for is not computed.

mod backward;
mod layers;
mod moved;
mod windows;

use tinynas_model::{Network, Op, TensorId, WeightError, Weights};

pub use backward::{Ask, PassGradients};
use layers::Weighted;

use crate::buffers;
use crate::fast::{Affine, Keep, Normalisation};
use crate::kernels::Geometry;

/// A batch that went forward.
pub struct Pass<'a> {
    network: &'a Network,
    weighted: Vec<Option<Weighted<'a>>>,
    images: usize,
    input: &'a [f32],
    /// Output of every layer; empty where no gradient reads it.
    outputs: Vec<Vec<f32>>,
    /// Of layers with normalisation or weights.
    saved: Vec<Option<SavedLayer>>,
    /// Whether rectifiers were held as in another pass.
    held: bool,
}

/// What a layer with weights or normalisation leaves for its gradients.
struct SavedLayer {
    g: Geometry,
    /// The convolution's output; empty where it is the layer's output.
    y: Vec<f32>,
    affine: Affine,
    normalisation: Normalisation,
}

impl std::fmt::Debug for Pass<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pass").field("images", &self.images).finish_non_exhaustive()
    }
}

impl<'a> Pass<'a> {
    /// Takes preprocessed images `[n, h, w, c]` forward; normalisation is by the batch's own statistics.
    ///
    /// # Errors
    /// [`WeightError`] if `weights` are not those of `network`.
    ///
    /// # Panics
    /// If `input` is not whole images of the network's input.
    pub fn new(network: &'a Network, weights: &'a Weights, input: &'a [f32]) -> Result<Self, WeightError> {
        let (images, weighted) = prepare(network, weights, input)?;
        Ok(Self::run(network, weighted, images, input, None))
    }

    /// Goes forward; rectifiers are held as they were in another pass of the batch, if one is given.
    fn run(
        network: &'a Network,
        weighted: Vec<Option<Weighted<'a>>>,
        images: usize,
        input: &'a [f32],
        as_in: Option<&Pass<'_>>,
    ) -> Self {
        let kept = kept(network);
        let mut outputs: Vec<Vec<f32>> = Vec::with_capacity(network.layers.len());
        let mut saved = Vec::with_capacity(network.layers.len());
        let last_uses = network.last_uses();
        for (index, layer) in network.layers.iter().enumerate() {
            let tensor = |id: TensorId| id.layer().map_or(input, |layer| &outputs[layer][..]);
            let inputs: Vec<&[f32]> = layer.inputs.iter().map(|id| tensor(*id)).collect();
            match &weighted[index] {
                Some(weighted) => {
                    let (mut forward, g, normalisation) =
                        weighted.forward(inputs[0], images, Keep::Output, as_in.is_some());
                    if let (Some(before), Some(limits)) = (as_in, moved::limits(weighted.spec.activation)) {
                        moved::hold(limits, &before.outputs[index], &mut forward.z);
                    }
                    saved.push(Some(SavedLayer { g, y: forward.y, affine: forward.affine, normalisation }));
                    outputs.push(forward.z);
                }
                None => {
                    let mut output = layers::bare(network, index, &inputs, images);
                    if let (Some(before), Op::Relu) = (as_in, layer.op) {
                        output.copy_from_slice(inputs[0]);
                        moved::hold((0.0, f32::INFINITY), &before.outputs[index], &mut output);
                    }
                    outputs.push(output);
                    saved.push(None);
                }
            }
            release(network, index, &last_uses, &mut outputs, |layer| kept[layer]);
        }
        Self { network, weighted, images, input, outputs, saved, held: as_in.is_some() }
    }

    /// Number of images.
    #[must_use]
    pub const fn images(&self) -> usize {
        self.images
    }

    /// Logits `[n, classes]`.
    #[must_use]
    pub fn logits(&self) -> &[f32] {
        self.outputs.last().map_or(self.input, |output| output)
    }

    /// What layer `index` gave, `[n, h, w, c]`; empty unless it is rectified or a gradient reads it.
    #[must_use]
    pub fn output(&self, index: usize) -> &[f32] {
        &self.outputs[index]
    }

    /// Weights of layer `index`, if it has any.
    #[must_use]
    pub fn weights(&self, index: usize) -> Option<&[f32]> {
        let weighted = self.weighted[index].as_ref().filter(|_| self.network.layers[index].op.has_weights());
        weighted.map(|weighted| &weighted.weight[..])
    }

    /// What layer `index` adds to its products, if it has weights that no normalisation follows.
    #[must_use]
    pub fn bias(&self, index: usize) -> Option<&[f32]> {
        self.weighted[index].as_ref().and_then(Weighted::bias)
    }

    fn tensor(&self, id: TensorId) -> &[f32] {
        id.layer().map_or(self.input, |layer| &self.outputs[layer])
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.outputs.drain(..).for_each(buffers::give_back);
        self.saved.drain(..).flatten().for_each(|saved| buffers::give_back(saved.y));
    }
}

/// Takes images forward and keeps nothing; `observe` sees the output of every layer with its position.
/// Gives the logits.
///
/// # Errors
/// As [`Pass::new`].
///
/// # Panics
/// As [`Pass::new`].
pub fn forward(
    network: &Network,
    weights: &Weights,
    input: &[f32],
    mut observe: impl FnMut(usize, &[f32]),
) -> Result<Vec<f32>, WeightError> {
    let (images, weighted) = prepare(network, weights, input)?;
    let last_uses = network.last_uses();
    let mut outputs: Vec<Vec<f32>> = Vec::with_capacity(network.layers.len());
    for (index, layer) in network.layers.iter().enumerate() {
        let tensor = |id: TensorId| id.layer().map_or(input, |layer| &outputs[layer][..]);
        let inputs: Vec<&[f32]> = layer.inputs.iter().map(|id| tensor(*id)).collect();
        let output = match &weighted[index] {
            Some(weighted) => weighted.forward(inputs[0], images, Keep::Nothing, false).0.z,
            None => layers::bare(network, index, &inputs, images),
        };
        observe(index, &output);
        outputs.push(output);
        release(network, index, &last_uses, &mut outputs, |_| false);
    }
    Ok(outputs.pop().unwrap_or_else(|| input.to_vec()))
}

type Prepared<'a> = (usize, Vec<Option<Weighted<'a>>>);

fn prepare<'a>(network: &Network, weights: &'a Weights, input: &[f32]) -> Result<Prepared<'a>, WeightError> {
    let image = network.input.elements() as usize;
    assert!(image > 0 && input.len().is_multiple_of(image), "{} numbers, images of {}", input.len(), network.input);
    let weighted = (0..network.layers.len()).map(|index| Weighted::new(network, index, weights));
    Ok((input.len() / image, weighted.collect::<Result<_, _>>()?))
}

/// Gives back the outputs that layer `index` was the last to read, and its own if nothing reads it.
fn release(
    network: &Network,
    index: usize,
    last_uses: &[Option<usize>],
    outputs: &mut [Vec<f32>],
    kept: impl Fn(usize) -> bool,
) {
    let unread = last_uses[index + 1].is_none() && index + 1 < network.layers.len();
    let read = network.layers[index].inputs.iter().filter_map(|id| id.layer());
    let read = read.filter(|layer| last_uses[layer + 1] == Some(index));
    for layer in read.chain(unread.then_some(index)).filter(|layer| !kept(*layer)) {
        buffers::give_back(std::mem::take(&mut outputs[layer]));
    }
}

/// Which outputs gradients read: inputs of layers with weights or normalisation, what a rectifier made, and what no
/// normalisation follows.
fn kept(network: &Network) -> Vec<bool> {
    let own = |op: Op| op.is_rectified() || matches!(op, Op::PlainConv(_) | Op::Linear);
    let mut kept: Vec<bool> = network.layers.iter().map(|layer| own(layer.op)).collect();
    for layer in &network.layers {
        if let (true, Some(input)) = (layer.op.has_weights() || layer.op == Op::Norm, layer.inputs[0].layer()) {
            kept[input] = true;
        }
    }
    kept
}
