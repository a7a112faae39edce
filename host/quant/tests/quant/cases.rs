//! Random networks, weights and images.

use std::{fmt, num::NonZeroUsize};

use proptest::prelude::*;
use tinynas_model::{Activation, Conv, Network, NetworkBuilder, Op, Preprocess, Shape, TensorId, Weights};
use tinynas_plan::{Meta, MetaPreprocess};
use tinynas_quant::{Calibration, Compiled, Folded, Options, Quantized, compile, quantize};

pub const ONE: NonZeroUsize = NonZeroUsize::MIN;

/// A network with weights, preprocessing and images.
pub struct Case {
    pub seed: u64,
    pub network: Network,
    pub weights: Weights,
    pub preprocess: Preprocess,
    pub images: Vec<u8>,
}

/// All else follows from the seed.
impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {} input {}", self.seed, self.network.input)?;
        self.network.layers.iter().try_for_each(|l| writeln!(f, "{} {} {}", l.name, l.op.label(), l.output))
    }
}

impl Case {
    pub fn folded(&self) -> Folded {
        Folded::new(&self.network, &self.weights).unwrap()
    }

    pub fn quantized(&self, options: &Options) -> Quantized {
        let folded = self.folded();
        let calibration = Calibration::observe(&folded, &self.preprocess, &self.images, ONE).unwrap();
        quantize(&folded, &self.preprocess, &calibration, options).unwrap()
    }

    pub fn compiled(&self) -> Compiled {
        compile(&self.network, &self.quantized(&Options::default()), &self.meta()).unwrap()
    }

    pub fn meta(&self) -> Meta {
        let p = self.preprocess;
        let (size, channels) = (p.size as u16, p.channels as u8);
        Meta {
            preprocess: MetaPreprocess { size, channels, mean: p.mean, scale: p.scale },
            classes: self.classes(),
            sram_budget: 65_536,
            flash_budget: 262_144,
            provenance: "a random network".into(),
        }
    }

    pub fn classes(&self) -> Vec<String> {
        (0..self.network.classes()).map(|i| format!("class {i}")).collect()
    }

    /// Pixels per image.
    pub fn image_bytes(&self) -> usize {
        self.network.input.elements() as usize
    }
}

/// Numbers that are the same on every machine (SplitMix64).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in `low..high`.
    pub fn real(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * (self.bits() >> 40) as f32 / (1u32 << 24) as f32
    }

    fn reals(&mut self, count: usize, low: f32, high: f32) -> Vec<f32> {
        (0..count).map(|_| self.real(low, high)).collect()
    }
}

#[derive(Clone, Debug)]
struct Bottleneck {
    kernel: u32,
    stride: u32,
    expansion: u32,
    output: u32,
    activation: Activation,
}

fn bottleneck() -> impl Strategy<Value = Bottleneck> {
    let activation = prop_oneof![Just(Activation::Relu), Just(Activation::Relu6)];
    (prop_oneof![Just(3), Just(5), Just(7)], 1..3u32, 1..4u32, 1..10u32, activation).prop_map(
        |(kernel, stride, expansion, output, activation)| Bottleneck { kernel, stride, expansion, output, activation },
    )
}

/// Inverted bottlenecks on small images; a shortcut wherever the shapes allow one.
pub fn case() -> impl Strategy<Value = Case> {
    let blocks = prop::collection::vec(bottleneck(), 0..4);
    (4..13u32, prop_oneof![Just(1u32), Just(3)], 1..10u32, blocks, 2..12u32, any::<u64>()).prop_map(
        |(side, channels, stem, blocks, classes, seed)| {
            let mut net = NetworkBuilder::new(Shape::new(side, side, channels));
            let mut x = net.conv("stem", TensorId::INPUT, Conv::same(3, 2, Activation::Relu6), stem).unwrap();
            for (i, block) in blocks.iter().enumerate() {
                let input = x;
                let hidden = net.shape(x).c * block.expansion;
                x = net.conv(&format!("b{i}.expand"), x, Conv::same(1, 1, block.activation), hidden).unwrap();
                let window = Conv::same(block.kernel, block.stride, block.activation);
                x = net.depthwise(&format!("b{i}.dw"), x, window).unwrap();
                let linear = Conv::same(1, 1, Activation::Linear);
                let same = net.shape(input).h == net.shape(x).h;
                let output = if same && i % 2 == 1 { net.shape(input).c } else { block.output };
                x = net.conv(&format!("b{i}.project"), x, linear, output).unwrap();
                if net.shape(x) == net.shape(input) {
                    x = net.add(&format!("b{i}.add"), input, x).unwrap();
                }
            }
            let pool = net.global_pool("pool", x);
            net.linear("classifier", pool, classes);
            with_random_weights(net.finish(), seed)
        },
    )
}

/// Weights as after training (variances near one, one channel in ten dead) and sixteen images.
pub fn with_random_weights(network: Network, seed: u64) -> Case {
    let mut numbers = Numbers(seed);
    let mut weights = Weights::default();
    for (i, layer) in network.layers.iter().enumerate() {
        let (input, output) = (network.input_of(i).c as usize, layer.output.c as usize);
        let (inputs, kernel) = match layer.op {
            Op::Conv(c) => (input, c.kernel as usize),
            Op::Depthwise(c) => (1, c.kernel as usize),
            Op::Linear => (input, 1),
            Op::Add | Op::GlobalPool => continue,
            op => panic!("{op:?} is not for chips"),
        };
        let fan_in = inputs * kernel * kernel;
        let bound = (6.0 / fan_in as f32).sqrt();
        let mut weight = numbers.reals(output * fan_in, -bound, bound);
        weight.chunks_mut(fan_in).filter(|_| numbers.bits().is_multiple_of(10)).for_each(|filter| filter.fill(0.0));
        let name = |part: &str| format!("{}.{part}", layer.name);
        if layer.op == Op::Linear {
            weights.insert(name("weight"), vec![output, input], weight);
            weights.insert(name("bias"), vec![output], numbers.reals(output, -0.5, 0.5));
            continue;
        }
        weights.insert(name("weight"), vec![output, inputs, kernel, kernel], weight);
        for (part, low, high) in [("gamma", 0.3, 1.7), ("beta", -0.3, 0.6), ("mean", -0.3, 0.3), ("var", 0.3, 2.0)] {
            weights.insert(name(part), vec![output], numbers.reals(output, low, high));
        }
    }
    let input = network.input;
    let images = (0..16 * input.elements()).map(|_| numbers.bits() as u8).collect();
    let preprocess = Preprocess {
        size: input.h,
        channels: input.c,
        mean: (numbers.bits() % 256) as u8,
        scale: numbers.real(0.005, 0.03),
    };
    Case { seed, network, weights, preprocess, images }
}
