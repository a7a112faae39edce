//! Layers in execution order, with shapes inferred once, here.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Shape;

/// A tensor of a [`Network`]: 0 is the input, `i + 1` the output of layer `i`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TensorId(pub u32);

impl TensorId {
    /// The network's input.
    pub const INPUT: Self = Self(0);

    /// The output of layer `index`.
    #[must_use]
    pub fn of_layer(index: usize) -> Self {
        Self(u32::try_from(index + 1).unwrap_or(u32::MAX))
    }

    /// Position in a list of all tensors.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The layer that writes this tensor; `None` for the input.
    #[must_use]
    pub fn layer(self) -> Option<usize> {
        self.index().checked_sub(1)
    }
}

/// What follows a convolution's batch normalisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// Nothing.
    Linear,
    /// max(x, 0).
    Relu,
    /// min(max(x, 0), 6).
    Relu6,
}

/// Square window with symmetric padding, followed by batch normalisation and an activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Conv {
    /// Side of the window.
    pub kernel: u32,
    /// Step of the window, both ways.
    pub stride: u32,
    /// Zeros on each side.
    pub pad: u32,
    /// Applied after normalisation.
    pub activation: Activation,
}

impl Conv {
    /// A window with half padding, so that stride 1 keeps the size.
    #[must_use]
    pub const fn same(kernel: u32, stride: u32, activation: Activation) -> Self {
        Self { kernel, stride, pad: (kernel - 1) / 2, activation }
    }

    const fn window(self) -> Pool {
        Pool { kernel: self.kernel, stride: self.stride, pad: self.pad }
    }
}

/// Square window of an average, with symmetric padding that is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pool {
    /// Side of the window.
    pub kernel: u32,
    /// Step of the window, both ways.
    pub stride: u32,
    /// Pixels on each side that take no part.
    pub pad: u32,
}

/// What a layer computes.
///
/// The first five are those of MBConv networks, which are deployed; the others are what cells of NAS benchmarks
/// need, which are only scored and trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Convolution over all input channels (1×1 included), no bias, then batch normalisation.
    Conv(Conv),
    /// One filter per channel, no bias, then batch normalisation.
    Depthwise(Conv),
    /// Elementwise sum of two tensors of one shape.
    Add,
    /// Mean over all pixels.
    GlobalPool,
    /// Matrix product plus bias.
    Linear,
    /// Convolution over all input channels, no bias, no normalisation; its activation is linear.
    PlainConv(Conv),
    /// Batch normalisation alone.
    Norm,
    /// max(x, 0) alone.
    Relu,
    /// Mean over the pixels of a window that are inside the image.
    AveragePool(Pool),
    /// Zeros of the input's shape: an edge that carries nothing, or a node that no edge reaches.
    Zero,
}

impl Op {
    /// Short name for tables.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Conv(c) if c.kernel == 1 => "pw 1x1".into(),
            Self::Conv(c) => format!("conv {0}x{0} s{1}", c.kernel, c.stride),
            Self::Depthwise(c) => format!("dw {0}x{0} s{1}", c.kernel, c.stride),
            Self::Add => "add".into(),
            Self::GlobalPool => "mean".into(),
            Self::Linear => "linear".into(),
            Self::PlainConv(c) => format!("plain {0}x{0} s{1}", c.kernel, c.stride),
            Self::Norm => "norm".into(),
            Self::Relu => "relu".into(),
            Self::AveragePool(p) => format!("avg {0}x{0} s{1}", p.kernel, p.stride),
            Self::Zero => "zero".into(),
        }
    }

    /// The convolution window, if it has one.
    #[must_use]
    pub const fn conv(&self) -> Option<&Conv> {
        match self {
            Self::Conv(c) | Self::Depthwise(c) | Self::PlainConv(c) => Some(c),
            _ => None,
        }
    }

    /// Whether it has weights: convolutions and linear layers.
    #[must_use]
    pub const fn has_weights(&self) -> bool {
        matches!(self, Self::Conv(_) | Self::Depthwise(_) | Self::PlainConv(_) | Self::Linear)
    }

    /// Whether boards have a kernel for it.
    #[must_use]
    pub const fn is_deployable(&self) -> bool {
        !matches!(self, Self::PlainConv(_) | Self::Norm | Self::Relu | Self::AveragePool(_) | Self::Zero)
    }

    /// Whether a rectifier is in it.
    #[must_use]
    pub fn is_rectified(&self) -> bool {
        *self == Self::Relu || self.conv().is_some_and(|conv| conv.activation != Activation::Linear)
    }
}

/// One step of a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Unique within the network, for example `s2.b0.dw`.
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// What it reads: two tensors for [`Op::Add`], else one.
    pub inputs: Vec<TensorId>,
    /// Shape of what it writes.
    pub output: Shape,
}

/// A network: a list of layers in execution order (a DAG through tensor ids).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// Shape of the image.
    pub input: Shape,
    /// Layers, each reading only tensors of earlier ones.
    pub layers: Vec<Layer>,
}

/// Why layers do not make a network.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkError {
    /// A window larger than its padded input.
    #[error("layer `{layer}`: a {kernel}x{kernel} window does not fit into {input}")]
    WindowTooLarge {
        /// Layer.
        layer: String,
        /// Window side.
        kernel: u32,
        /// Input shape.
        input: Shape,
    },
    /// An addition of two shapes.
    #[error("layer `{layer}`: cannot add {left} and {right}")]
    ShapeMismatch {
        /// Layer.
        layer: String,
        /// First input.
        left: Shape,
        /// Second input.
        right: Shape,
    },
}

impl Network {
    /// Shape of a tensor.
    ///
    /// # Panics
    /// If `id` is not of this network.
    #[must_use]
    pub fn shape(&self, id: TensorId) -> Shape {
        id.layer().map_or(self.input, |layer| self.layers[layer].output)
    }

    /// Shape of what layer `index` reads first.
    #[must_use]
    pub fn input_of(&self, index: usize) -> Shape {
        self.shape(self.layers[index].inputs[0])
    }

    /// Number of output classes (channels of the last layer).
    #[must_use]
    pub fn classes(&self) -> u32 {
        self.layers.last().map_or(self.input.c, |layer| layer.output.c)
    }

    /// Multiply-accumulates of convolutions and linear layers for one image.
    #[must_use]
    pub fn macs(&self) -> u64 {
        (0..self.layers.len()).map(|i| self.layer_macs(i)).sum()
    }

    /// Multiply-accumulates of one layer.
    #[must_use]
    pub fn layer_macs(&self, index: usize) -> u64 {
        let layer = &self.layers[index];
        // Only layers with weights have any: the rest is not counted, as in the literature.
        layer.output.pixels() * self.layer_weights(index)
    }

    /// Weights of one layer, biases and normalisation not counted.
    #[must_use]
    pub fn layer_weights(&self, index: usize) -> u64 {
        let layer = &self.layers[index];
        let (cin, cout) = (u64::from(self.input_of(index).c), u64::from(layer.output.c));
        match layer.op {
            Op::Conv(c) | Op::PlainConv(c) => cin * cout * u64::from(c.kernel) * u64::from(c.kernel),
            Op::Depthwise(c) => cout * u64::from(c.kernel) * u64::from(c.kernel),
            Op::Linear => cin * cout,
            Op::Add | Op::GlobalPool | Op::Norm | Op::Relu | Op::AveragePool(_) | Op::Zero => 0,
        }
    }

    /// Trainable parameters: weights, two per normalised channel, the classifier's bias.
    #[must_use]
    pub fn params(&self) -> u64 {
        let per_layer = |(i, layer): (usize, &Layer)| {
            let c = u64::from(layer.output.c);
            let extra = match layer.op {
                Op::Conv(_) | Op::Depthwise(_) | Op::Norm => 2 * c,
                Op::Linear => c,
                Op::Add | Op::GlobalPool | Op::PlainConv(_) | Op::Relu | Op::AveragePool(_) | Op::Zero => 0,
            };
            self.layer_weights(i) + extra
        };
        self.layers.iter().enumerate().map(per_layer).sum()
    }

    /// ReLU units: elements that pass through a rectifier for one image.
    #[must_use]
    pub fn relu_units(&self) -> u64 {
        self.layers.iter().filter(|layer| layer.op.is_rectified()).map(|layer| layer.output.elements()).sum()
    }

    /// From which layers a path leads to the network's output; none leads through [`Op::Zero`].
    #[must_use]
    pub fn reaching(&self) -> Vec<bool> {
        let mut reaching = vec![false; self.layers.len()];
        if let Some(last) = reaching.last_mut() {
            *last = true;
        }
        for (index, layer) in self.layers.iter().enumerate().rev() {
            if reaching[index] && layer.op != Op::Zero {
                layer.inputs.iter().filter_map(|id| id.layer()).for_each(|input| reaching[input] = true);
            }
        }
        reaching
    }

    /// The last layer that reads each tensor; `None` for the network's output.
    #[must_use]
    pub fn last_uses(&self) -> Vec<Option<usize>> {
        let mut last = vec![None; self.layers.len() + 1];
        for (i, layer) in self.layers.iter().enumerate() {
            for input in &layer.inputs {
                last[input.index()] = Some(i);
            }
        }
        last
    }
}

/// Builds a [`Network`] layer by layer and infers shapes.
#[derive(Debug)]
pub struct NetworkBuilder {
    network: Network,
}

impl NetworkBuilder {
    /// Starts with the input image.
    #[must_use]
    pub const fn new(input: Shape) -> Self {
        Self { network: Network { input, layers: Vec::new() } }
    }

    /// Shape of a tensor so far.
    #[must_use]
    pub fn shape(&self, id: TensorId) -> Shape {
        self.network.shape(id)
    }

    fn push(&mut self, name: &str, op: Op, inputs: Vec<TensorId>, output: Shape) -> TensorId {
        self.network.layers.push(Layer { name: name.into(), op, inputs, output });
        TensorId::of_layer(self.network.layers.len() - 1)
    }

    fn window(&self, name: &str, from: TensorId, window: Pool, channels: u32) -> Result<Shape, NetworkError> {
        let input = self.shape(from);
        let Pool { kernel, stride, pad } = window;
        let too_large = || NetworkError::WindowTooLarge { layer: name.into(), kernel, input };
        input.window(kernel, stride, pad, channels).ok_or_else(too_large)
    }

    /// Adds a convolution to `channels` outputs.
    ///
    /// # Errors
    /// [`NetworkError::WindowTooLarge`].
    pub fn conv(&mut self, name: &str, from: TensorId, conv: Conv, channels: u32) -> Result<TensorId, NetworkError> {
        let output = self.window(name, from, conv.window(), channels)?;
        Ok(self.push(name, Op::Conv(conv), vec![from], output))
    }

    /// Adds a depthwise convolution.
    ///
    /// # Errors
    /// [`NetworkError::WindowTooLarge`].
    pub fn depthwise(&mut self, name: &str, from: TensorId, conv: Conv) -> Result<TensorId, NetworkError> {
        let output = self.window(name, from, conv.window(), self.shape(from).c)?;
        Ok(self.push(name, Op::Depthwise(conv), vec![from], output))
    }

    /// Adds an elementwise sum.
    ///
    /// # Errors
    /// [`NetworkError::ShapeMismatch`].
    pub fn add(&mut self, name: &str, left: TensorId, right: TensorId) -> Result<TensorId, NetworkError> {
        let (l, r) = (self.shape(left), self.shape(right));
        if l != r {
            return Err(NetworkError::ShapeMismatch { layer: name.into(), left: l, right: r });
        }
        Ok(self.push(name, Op::Add, vec![left, right], l))
    }

    /// Adds a global average pool.
    pub fn global_pool(&mut self, name: &str, from: TensorId) -> TensorId {
        let output = Shape::vector(self.shape(from).c);
        self.push(name, Op::GlobalPool, vec![from], output)
    }

    /// Adds a linear layer with `outputs` outputs.
    pub fn linear(&mut self, name: &str, from: TensorId, outputs: u32) -> TensorId {
        self.push(name, Op::Linear, vec![from], Shape::vector(outputs))
    }

    /// Adds a convolution to `channels` outputs that nothing follows: no normalisation, no activation.
    ///
    /// # Errors
    /// [`NetworkError::WindowTooLarge`].
    pub fn plain_conv(
        &mut self,
        name: &str,
        from: TensorId,
        window: Pool,
        channels: u32,
    ) -> Result<TensorId, NetworkError> {
        let output = self.window(name, from, window, channels)?;
        let Pool { kernel, stride, pad } = window;
        let conv = Conv { kernel, stride, pad, activation: Activation::Linear };
        Ok(self.push(name, Op::PlainConv(conv), vec![from], output))
    }

    /// Adds an average over windows; padding is not counted.
    ///
    /// # Errors
    /// [`NetworkError::WindowTooLarge`], also where a window could lie in the padding alone.
    pub fn average_pool(&mut self, name: &str, from: TensorId, pool: Pool) -> Result<TensorId, NetworkError> {
        let input = self.shape(from);
        if pool.pad >= pool.kernel {
            return Err(NetworkError::WindowTooLarge { layer: name.into(), kernel: pool.kernel, input });
        }
        let output = self.window(name, from, pool, input.c)?;
        Ok(self.push(name, Op::AveragePool(pool), vec![from], output))
    }

    /// Adds a batch normalisation.
    pub fn norm(&mut self, name: &str, from: TensorId) -> TensorId {
        self.push(name, Op::Norm, vec![from], self.shape(from))
    }

    /// Adds a rectifier.
    pub fn relu(&mut self, name: &str, from: TensorId) -> TensorId {
        self.push(name, Op::Relu, vec![from], self.shape(from))
    }

    /// Adds zeros of the shape of `from`.
    pub fn zero(&mut self, name: &str, from: TensorId) -> TensorId {
        self.push(name, Op::Zero, vec![from], self.shape(from))
    }

    /// The finished network.
    #[must_use]
    pub fn finish(self) -> Network {
        self.network
    }
}
