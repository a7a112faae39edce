//! A [`Network`] as a burn module: parameters, running statistics, forward pass.

use burn::module::{Module, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use tinynas_model::{Layer, Network, Op, WeightError, Weights};

use crate::parameters::{Parameters, bare, floats};
use crate::{Ops, activate, init::initial_weights};

/// Where normalisation takes its statistics from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The batch; running statistics are updated.
    Train,
    /// The running statistics.
    Eval,
    /// The batch; nothing is updated. Proxies are defined on this one.
    BatchStats,
}

/// Sees a layer's position and its output before the activation.
type Observer<'a> = &'a mut dyn FnMut(usize, &Tensor<4>);

/// A network with float weights.
#[derive(Module, Debug)]
pub struct NetworkModule {
    parameters: Vec<Parameters>,
    #[module(skip)]
    network: Network,
    #[module(skip)]
    ops: Ops,
}

impl NetworkModule {
    /// The network with PyTorch's default initial weights. The weights follow from `seed` alone.
    #[must_use]
    pub fn new(network: &Network, seed: u64, device: &Device) -> Self {
        let weights = initial_weights(network, seed);
        Self::with_weights(network, &weights, device).unwrap_or_else(|error| unreachable!("{error}"))
    }

    /// The network with given weights.
    ///
    /// # Errors
    /// If a tensor is missing or has another shape.
    pub fn with_weights(network: &Network, weights: &Weights, device: &Device) -> Result<Self, WeightError> {
        let parameters = (0..network.layers.len()).map(|index| Parameters::new(network, index, weights, device));
        Ok(Self { parameters: parameters.collect::<Result<_, _>>()?, network: network.clone(), ops: Ops::Fast })
    }

    /// The same module computing with other operations.
    #[must_use]
    pub fn with_ops(mut self, ops: Ops) -> Self {
        self.ops = ops;
        self
    }

    /// What the module computes.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// Logits `[n, classes]` of a batch `[n, h, w, c]` of preprocessed images.
    #[must_use]
    pub fn forward(&self, x: Tensor<4>, mode: Mode) -> Tensor<2> {
        self.run(x, mode, None)
    }

    /// Like [`Self::forward`]; `observe` sees what enters the activation of every convolution, also of one that has
    /// none, and every rectifier alone, with the position of the layer.
    #[must_use]
    pub fn forward_observed(&self, x: Tensor<4>, mode: Mode, observe: &mut impl FnMut(usize, &Tensor<4>)) -> Tensor<2> {
        self.run(x, mode, Some(observe))
    }

    fn run(&self, x: Tensor<4>, mode: Mode, mut observe: Option<Observer<'_>>) -> Tensor<2> {
        let last_uses = self.network.last_uses();
        let mut tensors: Vec<Option<Tensor<4>>> = Vec::with_capacity(self.network.layers.len() + 1);
        tensors.push(Some(x));
        for (index, layer) in self.network.layers.iter().enumerate() {
            let mut inputs = Vec::with_capacity(2);
            for input in &layer.inputs {
                let slot = &mut tensors[input.index()];
                // A tensor read for the last time is moved out, so that it can be freed or reused.
                let last = last_uses[input.index()] == Some(index) && layer.inputs.last() == Some(input);
                inputs.extend(if last { slot.take() } else { slot.clone() });
            }
            tensors.push(Some(self.layer(index, layer, inputs, mode, &mut observe)));
        }
        let [n, h, w, c] = tensors.last().and_then(Option::as_ref).map_or([0; 4], Tensor::dims);
        match tensors.pop().flatten() {
            Some(output) => output.reshape([n, h * w * c]),
            None => unreachable!("the list starts with the input"),
        }
    }

    fn layer(
        &self,
        index: usize,
        layer: &Layer,
        inputs: Vec<Tensor<4>>,
        mode: Mode,
        observe: &mut Option<Observer<'_>>,
    ) -> Tensor<4> {
        let mut inputs = inputs.into_iter();
        let Some(x) = inputs.next() else { unreachable!("every layer reads a tensor") };
        match &self.parameters[index] {
            Parameters::Conv(conv) => match observe {
                Some(observe) => {
                    let y = conv.forward(self.ops, x, mode, conv.spec.linear());
                    observe(index, &y);
                    activate(y, conv.spec.activation)
                }
                None => conv.forward(self.ops, x, mode, conv.spec),
            },
            Parameters::Plain(plain) => plain.forward(self.ops, x),
            Parameters::Norm(norm) => norm.forward(self.ops, x, mode),
            Parameters::Linear(linear) => linear.forward(x),
            Parameters::None(_) => {
                if let (Op::Relu, Some(observe)) = (layer.op, observe) {
                    observe(index, &x);
                }
                bare(&layer.op, x, inputs.next())
            }
        }
    }

    /// All weights by name.
    #[must_use]
    pub fn weights(&self) -> Weights {
        let mut weights = Weights::default();
        for (layer, parameters) in self.network.layers.iter().zip(&self.parameters) {
            for (part, data) in parameters.parts() {
                let shape = data.shape().to_vec();
                weights.insert(format!("{}.{part}", layer.name), shape, floats(data));
            }
        }
        weights
    }

    /// The gradient of every parameter, in the order of the layers (weight, gamma, beta or weight, bias;
    /// as far as the layer has them);
    /// zeros where there is none.
    #[must_use]
    pub fn gradients(&self, grads: &GradientsParams) -> Vec<Vec<f32>> {
        fn of<const D: usize>(grads: &GradientsParams, param: &Param<Tensor<D>>) -> Vec<f32> {
            let zeros = || vec![0.0; param.lazy_shape().num_elements()];
            grads.get::<D>(param.id).map_or_else(zeros, |t| floats(t.into_data()))
        }
        let mut list = Vec::new();
        for parameters in &self.parameters {
            match parameters {
                Parameters::Conv(c) => {
                    list.extend([of(grads, &c.weight), of(grads, &c.norm.gamma), of(grads, &c.norm.beta)]);
                }
                Parameters::Plain(p) => list.push(of(grads, &p.weight)),
                Parameters::Norm(n) => list.extend([of(grads, &n.gamma), of(grads, &n.beta)]),
                Parameters::Linear(l) => list.extend([of(grads, &l.weight), of(grads, &l.bias)]),
                Parameters::None(_) => {}
            }
        }
        list
    }
}
