//! From the gradient of the logits to those of weights and image, layer by layer.

use tinynas_model::{BN_EPSILON, Op, TensorId};

use super::layers::Follow;
use super::{Pass, moved, windows};
use crate::buffers;
use crate::fast::{Normalisation, Saved, Wanted, gradients, gradients_and_flow};

/// Which gradients are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Of all weights.
    Weights,
    /// Of the images alone.
    Input,
    /// Of neither: only how the number changes when weights are scaled.
    Scale,
}

/// Gradients of one number that depends on the logits.
#[derive(Clone, Debug, Default)]
pub struct PassGradients {
    /// Of the weights of every layer in their order; empty where a layer has none or none were asked for, zeros
    /// where no path leads from the layer to the logits.
    pub weights: Vec<Vec<f32>>,
    /// Of the images, if asked for.
    pub input: Vec<f32>,
    /// Of every layer with weights: Σ a · da over the pixels of each image and channel `[n, c]`, a what the
    /// convolution or the matrix gives, before normalisation. Empty as `weights`.
    pub flows: Vec<Vec<f64>>,
    /// Σ over all layers but the last of weight times gradient, if asked for. By Euler's theorem that is Σ y · dy over
    /// a layer's products y; a normalisation takes all of it out but the share of its ε.
    pub scale: f64,
}

impl Pass<'_> {
    /// The gradients of a number whose gradient with respect to the logits is `logits` `[n, classes]`.
    ///
    /// # Panics
    /// If `logits` has another length than [`Pass::logits`].
    #[must_use]
    pub fn gradients(&self, logits: &[f32], ask: Ask) -> PassGradients {
        assert_eq!(logits.len(), self.logits().len(), "one gradient per logit");
        let layers = &self.network.layers;
        let mut pending: Vec<Option<Vec<f32>>> = vec![None; layers.len() + 1];
        let mut found = PassGradients {
            weights: vec![Vec::new(); layers.len()],
            flows: vec![Vec::new(); layers.len()],
            ..Default::default()
        };
        pending[layers.len()] = Some(logits.to_vec());
        for (index, layer) in layers.iter().enumerate().rev() {
            let Some(dz) = pending[index + 1].take() else {
                self.nothing(index, ask, &mut found);
                continue;
            };
            let wants = |id: TensorId| id != TensorId::INPUT || ask == Ask::Input;
            let inputs = &layer.inputs[..];
            match layer.op {
                Op::Add => {
                    // An addition of a tensor to itself has one input.
                    let other = inputs.get(1).unwrap_or(&inputs[0]);
                    if wants(inputs[0]) {
                        add(&mut pending[inputs[0].index()], copy(&dz));
                    }
                    if wants(*other) {
                        add(&mut pending[other.index()], dz);
                    }
                }
                Op::Zero => buffers::give_back(dz),
                op if op.has_weights() || op == Op::Norm => {
                    if let Some(dx) = self.weighted(index, dz, wants(inputs[0]), ask, &mut found) {
                        add(&mut pending[inputs[0].index()], dx);
                    }
                }
                _ if wants(inputs[0]) => {
                    let dx = self.bare(index, dz);
                    add(&mut pending[inputs[0].index()], dx);
                }
                _ => buffers::give_back(dz),
            }
        }
        if ask == Ask::Input {
            found.input = pending[0].take().unwrap_or_else(|| vec![0.0; self.input.len()]);
        }
        found
    }

    /// Gradients of a layer that no path leads on from.
    fn nothing(&self, index: usize, ask: Ask, found: &mut PassGradients) {
        if let (Some(weighted), true, Ask::Weights) =
            (&self.weighted[index], self.network.layers[index].op.has_weights(), ask)
        {
            found.weights[index] = vec![0.0; weighted.weight.len()];
            found.flows[index] = vec![0.0; self.images * self.network.layers[index].output.c as usize];
        }
    }

    /// Gradient of the input of a layer with weights or normalisation; those of the weights go to `found`.
    fn weighted(
        &self,
        index: usize,
        mut dz: Vec<f32>,
        x: bool,
        ask: Ask,
        found: &mut PassGradients,
    ) -> Option<Vec<f32>> {
        let layer = &self.network.layers[index];
        let (Some(weighted), Some(saved)) = (&self.weighted[index], &self.saved[index]) else {
            unreachable!("saved on the way forward")
        };
        if let (true, Some(limits)) = (self.held, moved::limits(weighted.spec.activation)) {
            moved::hold_gradient(limits, &self.outputs[index], &mut dz);
        }
        let saved = Saved {
            g: &saved.g,
            x: self.tensor(layer.inputs[0]),
            w: &weighted.weight,
            y: &saved.y,
            affine: &saved.affine,
            normalisation: &saved.normalisation,
        };
        let w = ask == Ask::Weights && layer.op.has_weights();
        let wanted = Wanted { x, w };
        let gradients = if w {
            let (mut gradients, mut flow) = gradients_and_flow(&saved, &dz, wanted);
            if layer.op == Op::Linear {
                // What the matrix gives has its bias in it.
                flow = self.outputs[index].iter().zip(&dz).map(|(a, da)| f64::from(*a) * f64::from(*da)).collect();
            }
            found.weights[index] = gradients.w.take().unwrap_or_default();
            found.flows[index] = flow;
            gradients
        } else {
            gradients(&saved, &dz, wanted)
        };
        if ask == Ask::Scale && layer.op.has_weights() && index + 1 < self.outputs.len() {
            found.scale += match (weighted.follow(), saved.normalisation) {
                (Follow::Affine(_, bias), _) => products_times_gradients(&self.outputs[index], bias, &dz),
                (Follow::Norm(gamma, _), Normalisation::Batch(statistics)) => {
                    epsilon_share(gamma, &statistics.var, &gradients.scale)
                }
                (Follow::Norm(..), Normalisation::Constants) => unreachable!("a pass normalises by the batch"),
            };
        }
        buffers::give_back(dz);
        gradients.x
    }

    /// Gradient of the input of a layer without weights and normalisation that reads one tensor.
    fn bare(&self, index: usize, mut dz: Vec<f32>) -> Vec<f32> {
        let layer = &self.network.layers[index];
        let input = self.network.input_of(index);
        if layer.op == Op::Relu {
            // What is not a number passes its gradient on, so that it stays visible.
            for (dz, z) in dz.iter_mut().zip(&self.outputs[index]) {
                *dz = if *z == 0.0 { 0.0 } else { *dz };
            }
            return dz;
        }
        let mut dx = buffers::any(self.images * input.elements() as usize);
        match layer.op {
            Op::AveragePool(pool) => windows::average_gradient(&pool, input, layer.output, &dz, &mut dx),
            _ => windows::mean_gradient(input, &dz, &mut dx),
        }
        buffers::give_back(dz);
        dx
    }
}

/// Σ y · dy behind a normalisation: with γ' the gradient of γ it is γ γ' ε / (variance + ε) per channel.
fn epsilon_share(gamma: &[f32], var: &[f32], gradient: &[f32]) -> f64 {
    let epsilon = f64::from(BN_EPSILON);
    let channels = gamma.iter().zip(var).zip(gradient);
    channels.map(|((g, v), d)| f64::from(*g) * f64::from(*d) * epsilon / (f64::from(*v) + epsilon)).sum()
}

/// Σ (z − bias) · dz.
fn products_times_gradients(z: &[f32], bias: &[f32], dz: &[f32]) -> f64 {
    let pixels = z.chunks_exact(bias.len()).zip(dz.chunks_exact(bias.len()));
    let pixel = |(z, dz): (&[f32], &[f32])| {
        z.iter().zip(bias).zip(dz).map(|((z, b), dz)| f64::from(z - b) * f64::from(*dz)).sum::<f64>()
    };
    pixels.map(pixel).sum()
}

fn copy(dz: &[f32]) -> Vec<f32> {
    let mut copy = buffers::any(dz.len());
    copy.copy_from_slice(dz);
    copy
}

/// Adds a gradient to what other readers of the tensor gave.
fn add(slot: &mut Option<Vec<f32>>, gradient: Vec<f32>) {
    match slot {
        None => *slot = Some(gradient),
        Some(sum) => {
            sum.iter_mut().zip(&gradient).for_each(|(sum, gradient)| *sum += gradient);
            buffers::give_back(gradient);
        }
    }
}
