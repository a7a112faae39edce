//! Parameters of one layer, and what the layer computes with them.

use burn::module::{Module, Param, ParamId, RunningState};
use burn::tensor::{Device, Tensor, TensorData, activation::relu, module::avg_pool2d, ops::AvgPoolOptions};
use tinynas_model::{BN_EPSILON, Network, Op, Pool, WeightError, Weights};

use crate::{ConvKind, ConvSpec, Mode, Ops, conv_affine, conv_norm, init};

/// Share of the new batch in the running statistics, as in PyTorch.
const BN_MOMENTUM: f64 = 0.1;

/// Parameters of one layer.
#[derive(Module, Debug)]
pub enum Parameters {
    /// Convolution and its normalisation.
    Conv(ConvNorm),
    /// Convolution alone.
    Plain(Plain),
    /// Normalisation alone.
    Norm(Norm),
    /// Matrix and bias.
    Linear(Linear),
    /// Nothing to learn.
    None(Empty),
}

/// Parameters of a layer that has none.
#[derive(Module, Debug)]
pub struct Empty {
    #[module(skip)]
    marker: (),
}

/// Weight `[out, in/groups, k, k]`.
#[derive(Module, Debug)]
pub struct ConvNorm {
    pub weight: Param<Tensor<4>>,
    pub norm: Norm,
    #[module(skip)]
    pub spec: ConvSpec,
}

/// Weight `[out, in, k, k]`.
#[derive(Module, Debug)]
pub struct Plain {
    pub weight: Param<Tensor<4>>,
    #[module(skip)]
    spec: ConvSpec,
}

/// All `[c]`.
#[derive(Module, Debug)]
pub struct Norm {
    pub gamma: Param<Tensor<1>>,
    pub beta: Param<Tensor<1>>,
    mean: RunningState<Tensor<1>>,
    var: RunningState<Tensor<1>>,
}

/// Weight `[out, in]`, bias `[out]`.
#[derive(Module, Debug)]
pub struct Linear {
    pub weight: Param<Tensor<2>>,
    pub bias: Param<Tensor<1>>,
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

/// The elements of an f32 tensor.
pub fn floats(data: TensorData) -> Vec<f32> {
    data.try_into_vec::<f32>().unwrap_or_else(|_| unreachable!("all tensors are f32"))
}

impl Parameters {
    /// Those of layer `index`, taken from `weights`.
    pub fn new(network: &Network, index: usize, weights: &Weights, device: &Device) -> Result<Self, WeightError> {
        let layer = &network.layers[index];
        let get = |part: &str, shape: &[usize]| weights.get(&layer.name, part, shape).map(<[f32]>::to_vec);
        let dims = init::weight_dims(network, index);
        let out = layer.output.c as usize;
        let weight = || Ok(param(index, 0, tensor(get("weight", &dims)?, dims, device)));
        let vector = |part| Ok(tensor(get(part, &[out])?, [out], device));
        let norm = || {
            Ok::<_, WeightError>(Norm {
                gamma: param(index, 1, vector("gamma")?),
                beta: param(index, 2, vector("beta")?),
                mean: RunningState::with_id(id(index, 3), vector("mean")?),
                var: RunningState::with_id(id(index, 4), vector("var")?),
            })
        };
        Ok(match layer.op {
            Op::Conv(c) => {
                Self::Conv(ConvNorm { weight: weight()?, norm: norm()?, spec: ConvSpec::new(ConvKind::Full, &c) })
            }
            Op::Depthwise(c) => {
                Self::Conv(ConvNorm { weight: weight()?, norm: norm()?, spec: ConvSpec::new(ConvKind::Depthwise, &c) })
            }
            Op::PlainConv(c) => Self::Plain(Plain { weight: weight()?, spec: ConvSpec::new(ConvKind::Full, &c) }),
            Op::Norm => Self::Norm(norm()?),
            Op::Linear => {
                let (out, input) = (dims[0], dims[1]);
                let weight = tensor(get("weight", &[out, input])?, [out, input], device);
                Self::Linear(Linear { weight: param(index, 0, weight), bias: param(index, 1, vector("bias")?) })
            }
            Op::Add | Op::GlobalPool | Op::Relu | Op::AveragePool(_) | Op::Zero => Self::None(Empty { marker: () }),
        })
    }

    /// All tensors by the last part of their names.
    pub fn parts(&self) -> Vec<(&'static str, TensorData)> {
        match self {
            Self::Conv(conv) => {
                let mut parts = vec![("weight", conv.weight.val().into_data())];
                parts.extend(conv.norm.parts());
                parts
            }
            Self::Plain(plain) => vec![("weight", plain.weight.val().into_data())],
            Self::Norm(norm) => norm.parts().into(),
            Self::Linear(linear) => {
                vec![("weight", linear.weight.val().into_data()), ("bias", linear.bias.val().into_data())]
            }
            Self::None(_) => Vec::new(),
        }
    }
}

impl ConvNorm {
    pub fn forward(&self, ops: Ops, x: Tensor<4>, mode: Mode, spec: ConvSpec) -> Tensor<4> {
        self.norm.after(ops, x, self.weight.val(), mode, spec)
    }
}

impl Plain {
    pub fn forward(&self, ops: Ops, x: Tensor<4>) -> Tensor<4> {
        let weight = self.weight.val();
        let (out, device) = (weight.dims()[0], x.device());
        conv_affine(ops, x, weight, Tensor::ones([out], &device), Tensor::zeros([out], &device), self.spec)
    }
}

impl Norm {
    fn parts(&self) -> [(&'static str, TensorData); 4] {
        [
            ("gamma", self.gamma.val().into_data()),
            ("beta", self.beta.val().into_data()),
            ("mean", self.mean.value_sync().into_data()),
            ("var", self.var.value_sync().into_data()),
        ]
    }

    /// Normalisation of a tensor as it is.
    pub fn forward(&self, ops: Ops, x: Tensor<4>, mode: Mode) -> Tensor<4> {
        let (channels, device) = (x.dims()[3], x.device());
        self.after(ops, x, Tensor::ones([channels, 1, 1, 1], &device), mode, ConvSpec::IDENTITY)
    }

    /// A convolution, the normalisation, the activation.
    fn after(&self, ops: Ops, x: Tensor<4>, weight: Tensor<4>, mode: Mode, spec: ConvSpec) -> Tensor<4> {
        let (gamma, beta) = (self.gamma.val(), self.beta.val());
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
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [n, h, w, c] = x.dims();
        let y = x.reshape([n, h * w * c]).matmul(self.weight.val().transpose()) + self.bias.val().unsqueeze();
        let outputs = y.dims()[1];
        y.reshape([n, 1, 1, outputs])
    }
}

/// What a layer without parameters computes from its inputs; an addition reads one or two.
pub fn bare(op: &Op, x: Tensor<4>, other: Option<Tensor<4>>) -> Tensor<4> {
    match op {
        Op::Add => match other {
            Some(other) => x + other,
            None => x.clone() + x,
        },
        Op::Relu => relu(x),
        Op::AveragePool(pool) => average_pool(x, *pool),
        Op::Zero => x.zeros_like(),
        _ => global_pool(x),
    }
}

fn average_pool(x: Tensor<4>, pool: Pool) -> Tensor<4> {
    let options = AvgPoolOptions {
        kernel_size: [pool.kernel as usize; 2],
        stride: [pool.stride as usize; 2],
        padding: [(pool.pad as usize, pool.pad as usize); 2],
        count_include_pad: false,
        ceil_mode: false,
    };
    avg_pool2d(x.permute([0, 3, 1, 2]), options).permute([0, 2, 3, 1])
}

/// Mean over the pixels: `[n, 1, 1, c]`.
fn global_pool(x: Tensor<4>) -> Tensor<4> {
    let [n, h, w, c] = x.dims();
    x.reshape([n, h * w, c]).mean_dim(1).reshape([n, 1, 1, c])
}
