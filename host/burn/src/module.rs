//! A [`Network`] as a burn module: parameters, running statistics, forward pass.

use burn::module::{Module, Param, ParamId, RunningState};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use tinynas_model::{BN_EPSILON, Layer, Network, Op, WeightError, Weights};

use crate::{ConvKind, ConvSpec, Ops, activate, conv_affine, conv_norm, init};

/// Share of the new batch in the running statistics, as in PyTorch.
const BN_MOMENTUM: f64 = 0.1;

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

/// Parameters of one layer.
#[derive(Module, Debug)]
enum Parameters {
    /// Convolution and its normalisation.
    Conv(ConvNorm),
    /// Matrix and bias.
    Linear(Linear),
    /// Nothing to learn.
    None(Empty),
}

/// Parameters of a layer that has none.
#[derive(Module, Debug)]
struct Empty {
    #[module(skip)]
    marker: (),
}

/// Weight `[out, in/groups, k, k]`; the rest `[out]`.
#[derive(Module, Debug)]
struct ConvNorm {
    weight: Param<Tensor<4>>,
    gamma: Param<Tensor<1>>,
    beta: Param<Tensor<1>>,
    mean: RunningState<Tensor<1>>,
    var: RunningState<Tensor<1>>,
    #[module(skip)]
    spec: ConvSpec,
}

/// Weight `[out, in]`, bias `[out]`.
#[derive(Module, Debug)]
struct Linear {
    weight: Param<Tensor<2>>,
    bias: Param<Tensor<1>>,
}

/// A network with float weights.
#[derive(Module, Debug)]
pub struct NetworkModule {
    parameters: Vec<Parameters>,
    #[module(skip)]
    network: Network,
    #[module(skip)]
    ops: Ops,
}

/// Parameter ids follow from the position, so that optimizer states survive a restart.
fn id(layer: usize, part: u64) -> ParamId {
    ParamId::from(layer as u64 * 8 + part + 1)
}

fn tensor<const D: usize>(data: Vec<f32>, dims: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(data, dims), device)
}

fn param<const D: usize>(layer: usize, part: u64, value: Tensor<D>) -> Param<Tensor<D>> {
    let tracked = value.device().is_autodiff();
    Param::initialized(id(layer, part), if tracked { value.require_grad() } else { value })
}

impl NetworkModule {
    /// The network with PyTorch's default initial weights. The weights follow from `seed` alone.
    #[must_use]
    pub fn new(network: &Network, seed: u64, device: &Device) -> Self {
        let initial = |index| Self::initial(network, index, seed, device);
        let parameters = (0..network.layers.len()).map(initial).collect();
        Self { parameters, network: network.clone(), ops: Ops::Fast }
    }

    /// The network with given weights.
    ///
    /// # Errors
    /// If a tensor is missing or has another shape.
    pub fn with_weights(network: &Network, weights: &Weights, device: &Device) -> Result<Self, WeightError> {
        let mut module = Self::new(network, 0, device);
        module.load(weights)?;
        Ok(module)
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

    fn initial(network: &Network, index: usize, seed: u64, device: &Device) -> Parameters {
        let layer = &network.layers[index];
        let (cin, cout) = (network.input_of(index).c as usize, layer.output.c as usize);
        let stream = index as u64 * 2;
        let conv = |kind, conv: &tinynas_model::Conv| {
            let spec = ConvSpec::new(kind, conv);
            let dims = weight_dims(&spec, cin, cout);
            let fan_in = dims[1..].iter().product();
            let weight = init::uniform(seed, stream, fan_in, dims.iter().product());
            Parameters::Conv(ConvNorm {
                weight: param(index, 0, tensor(weight, dims, device)),
                gamma: param(index, 1, Tensor::ones([cout], device)),
                beta: param(index, 2, Tensor::zeros([cout], device)),
                mean: RunningState::with_id(id(index, 3), Tensor::zeros([cout], device)),
                var: RunningState::with_id(id(index, 4), Tensor::ones([cout], device)),
                spec,
            })
        };
        match &layer.op {
            Op::Conv(c) => conv(ConvKind::Full, c),
            Op::Depthwise(c) => conv(ConvKind::Depthwise, c),
            Op::Linear => Parameters::Linear(Linear {
                weight: param(index, 0, tensor(init::uniform(seed, stream, cin, cin * cout), [cout, cin], device)),
                bias: param(index, 1, tensor(init::uniform(seed, stream + 1, cin, cout), [cout], device)),
            }),
            Op::Add | Op::GlobalPool => Parameters::None(Empty { marker: () }),
        }
    }

    /// Logits `[n, classes]` of a batch `[n, h, w, c]` of preprocessed images.
    #[must_use]
    pub fn forward(&self, x: Tensor<4>, mode: Mode) -> Tensor<2> {
        self.run(x, mode, None)
    }

    /// Like [`Self::forward`]; `observe` sees every convolution's output after normalisation and before
    /// its activation, with the position of the layer.
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
        match (&self.parameters[index], &layer.op) {
            (Parameters::Conv(conv), _) => match observe {
                Some(observe) => {
                    let y = conv.forward(self.ops, x, mode, conv.spec.linear());
                    observe(index, &y);
                    activate(y, conv.spec.activation)
                }
                None => conv.forward(self.ops, x, mode, conv.spec),
            },
            (Parameters::Linear(linear), _) => linear.forward(x),
            (Parameters::None(_), Op::Add) => match inputs.next() {
                Some(other) => x + other,
                None => x.clone() + x,
            },
            (Parameters::None(_), _) => global_pool(x),
        }
    }

    /// All weights by name.
    #[must_use]
    pub fn weights(&self) -> Weights {
        let mut weights = Weights::default();
        for (layer, parameters) in self.network.layers.iter().zip(&self.parameters) {
            let mut insert = |part: &str, data: TensorData| {
                let shape = data.shape().to_vec();
                weights.insert(format!("{}.{part}", layer.name), shape, floats(data));
            };
            match parameters {
                Parameters::Conv(conv) => {
                    insert("weight", conv.weight.val().into_data());
                    insert("gamma", conv.gamma.val().into_data());
                    insert("beta", conv.beta.val().into_data());
                    insert("mean", conv.mean.value_sync().into_data());
                    insert("var", conv.var.value_sync().into_data());
                }
                Parameters::Linear(linear) => {
                    insert("weight", linear.weight.val().into_data());
                    insert("bias", linear.bias.val().into_data());
                }
                Parameters::None(_) => {}
            }
        }
        weights
    }

    /// The gradient of every parameter, in the order of the layers (weight, gamma, beta or weight, bias);
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
                    list.extend([of(grads, &c.weight), of(grads, &c.gamma), of(grads, &c.beta)]);
                }
                Parameters::Linear(l) => list.extend([of(grads, &l.weight), of(grads, &l.bias)]),
                Parameters::None(_) => {}
            }
        }
        list
    }

    /// Replaces all weights.
    ///
    /// # Errors
    /// If a tensor is missing or has another shape; the module may then hold some of the new weights.
    pub fn load(&mut self, weights: &Weights) -> Result<(), WeightError> {
        for (index, parameters) in self.parameters.iter_mut().enumerate() {
            let layer = &self.network.layers[index];
            let get = |part: &str, shape: &[usize]| weights.get(&layer.name, part, shape).map(<[f32]>::to_vec);
            match parameters {
                Parameters::Conv(conv) => {
                    let device = conv.weight.val().device();
                    let dims = conv.weight.val().dims();
                    let vector = |part| Ok(tensor(get(part, &[dims[0]])?, [dims[0]], &device));
                    conv.weight = param(index, 0, tensor(get("weight", &dims)?, dims, &device));
                    conv.gamma = param(index, 1, vector("gamma")?);
                    conv.beta = param(index, 2, vector("beta")?);
                    conv.mean = RunningState::with_id(id(index, 3), vector("mean")?);
                    conv.var = RunningState::with_id(id(index, 4), vector("var")?);
                }
                Parameters::Linear(linear) => {
                    let device = linear.weight.val().device();
                    let dims = linear.weight.val().dims();
                    linear.weight = param(index, 0, tensor(get("weight", &dims)?, dims, &device));
                    linear.bias = param(index, 1, tensor(get("bias", &[dims[0]])?, [dims[0]], &device));
                }
                Parameters::None(_) => {}
            }
        }
        Ok(())
    }
}

/// The elements of an f32 tensor.
fn floats(data: TensorData) -> Vec<f32> {
    data.try_into_vec::<f32>().unwrap_or_else(|_| unreachable!("all tensors are f32"))
}

fn weight_dims(spec: &ConvSpec, cin: usize, cout: usize) -> [usize; 4] {
    let per_group = if spec.kind == ConvKind::Depthwise { 1 } else { cin };
    [cout, per_group, spec.kernel, spec.kernel]
}

impl ConvNorm {
    fn forward(&self, ops: Ops, x: Tensor<4>, mode: Mode, spec: ConvSpec) -> Tensor<4> {
        let (weight, gamma, beta) = (self.weight.val(), self.gamma.val(), self.beta.val());
        if mode == Mode::Eval {
            let scale = gamma / (self.var.value_sync() + BN_EPSILON).sqrt();
            let shift = beta - self.mean.value_sync() * scale.clone();
            return conv_affine(ops, x, weight, scale, shift, spec);
        }
        let (z, mean, var) = conv_norm(ops, x, weight, gamma, beta, spec);
        if mode == Mode::Train {
            let [n, h, w, _] = z.dims();
            let samples = (n * h * w) as f64;
            // PyTorch keeps the unbiased variance.
            let unbiased = var.mul_scalar(samples / (samples - 1.0).max(1.0));
            update(&self.mean, mean);
            update(&self.var, unbiased);
        }
        z
    }
}

fn update(running: &RunningState<Tensor<1>>, new: Tensor<1>) {
    let old = running.value_sync();
    running.update(old.mul_scalar(1.0 - BN_MOMENTUM).add(new.detach().mul_scalar(BN_MOMENTUM)).detach());
}

impl Linear {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [n, h, w, c] = x.dims();
        let y = x.reshape([n, h * w * c]).matmul(self.weight.val().transpose()) + self.bias.val().unsqueeze();
        let outputs = y.dims()[1];
        y.reshape([n, 1, 1, outputs])
    }
}

/// Mean over the pixels: `[n, 1, 1, c]`.
fn global_pool(x: Tensor<4>) -> Tensor<4> {
    let [n, h, w, c] = x.dims();
    x.reshape([n, h * w, c]).mean_dim(1).reshape([n, 1, 1, c])
}
