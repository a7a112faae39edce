//! Random chains of inverted bottlenecks, and small random graphs, for the tests and the speed example.
#![allow(dead_code, clippy::unwrap_used)]

pub mod params;
pub mod varied;

use tinynas_plan::{Dims, Graph, Op, Step, Window};

/// A small generator of pseudo-random numbers (xorshift), so that seeds name graphs.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % n.max(1)
    }

    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    pub fn i8(&mut self) -> i8 {
        self.below(256) as u8 as i8
    }
}

/// Builds graphs step by step.
pub struct Builder {
    pub graph: Graph,
}

impl Builder {
    pub fn new(input: Dims) -> Self {
        Self { graph: Graph { input, steps: Vec::new() } }
    }

    pub fn dims(&self, tensor: usize) -> Dims {
        self.graph.dims(tensor).unwrap()
    }

    /// Adds a step if its shapes fit; returns its output.
    pub fn push(&mut self, op: Op, inputs: &[usize], channels: u16) -> Option<usize> {
        let input = self.dims(inputs[0]);
        let output = match op {
            Op::Conv(window) => window.output(input, channels)?,
            Op::Depthwise(window) => window.output(input, input.c)?,
            Op::Add => input,
            Op::GlobalPool => Dims::vector(input.c),
            Op::Linear => Dims::vector(channels),
            op => panic!("{op:?}"),
        };
        self.graph.steps.push(Step { op, inputs: inputs.to_vec(), output });
        Some(self.graph.steps.len())
    }

    /// One inverted bottleneck; expansion 1 has no expanding convolution. Returns its output.
    pub fn bottleneck(&mut self, input: usize, kernel: u8, stride: u8, expansion: u16, outputs: u16) -> Option<usize> {
        let pointwise = Op::Conv(Window::POINTWISE);
        let window = Window::square(kernel, stride, (kernel - 1) / 2);
        let channels = self.dims(input).c;
        let mut x = input;
        if expansion > 1 {
            x = self.push(pointwise, &[x], channels * expansion)?;
        }
        x = self.push(Op::Depthwise(window), &[x], 0)?;
        x = self.push(pointwise, &[x], outputs)?;
        if stride == 1 && outputs == channels {
            x = self.push(Op::Add, &[input, x], 0)?;
        }
        Some(x)
    }
}

/// A network of the MNAS family with random choices.
pub fn mnas(seed: u64) -> Graph {
    let mut random = Random::new(seed);
    let width = random.of(&[2usize, 3, 4, 5, 6, 7, 8, 9, 10]);
    let side = random.of(&[48u16, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224]);
    let channels = |base: usize| ((base * width).div_ceil(10).div_ceil(8) * 8) as u16;
    let mut net = Builder::new(Dims::new(side, side, 3));
    let stem = Op::Conv(Window::square(3, 2, 1));
    let mut x = net.push(stem, &[0], channels(32)).unwrap();
    x = net.bottleneck(x, 3, 1, 1, channels(16)).unwrap();
    let stages = [(24, 2), (40, 2), (80, 2), (96, 1), (192, 2)];
    for (base, stride) in stages {
        for block in 0..random.of(&[2, 3, 4]) {
            let stride = if block == 0 { stride } else { 1 };
            x = net.bottleneck(x, random.of(&[3, 5, 7]), stride, random.of(&[3, 4, 6]), channels(base)).unwrap();
        }
    }
    x = net.bottleneck(x, random.of(&[3, 5, 7]), 1, random.of(&[3, 4, 6]), channels(320)).unwrap();
    x = net.push(Op::GlobalPool, &[x], 0).unwrap();
    net.push(Op::Linear, &[x], 1000).unwrap();
    net.graph
}

/// A chain of inverted bottlenecks with stem and head, some shortcuts longer than a block.
pub fn chain(seed: u64) -> Graph {
    let mut random = Random::new(seed);
    let mut net = Builder::new(Dims::new(6 + random.below(35) as u16, 6 + random.below(9) as u16, random.of(&[1, 3])));
    let mut x = net.push(Op::Conv(Window::square(3, 2, 1)), &[0], random.of(&[4, 8])).unwrap();
    for _ in 0..1 + random.below(5) {
        let outputs = random.of(&[net.dims(x).c, net.dims(x).c, 8, 5]);
        let (kernel, stride) = (random.of(&[3, 5, 7]), random.of(&[1, 1, 2]));
        let before = x;
        x = net.bottleneck(x, kernel, stride, random.of(&[1, 3, 4, 6]), outputs).unwrap();
        if net.dims(x) == net.dims(before) && random.below(3) == 0 {
            x = net.push(Op::Add, &[x, before], 0).unwrap();
        }
    }
    if random.below(2) == 0 {
        x = net.push(Op::GlobalPool, &[x], 0).unwrap();
        net.push(Op::Linear, &[x], 10).unwrap();
    }
    net.graph
}

/// A small network with odd shapes, all operations, shortcuts of any length, and tensors read more than once.
pub fn small(seed: u64) -> Graph {
    let mut random = Random::new(seed);
    let input = Dims::new(1 + random.below(9) as u16, 1 + random.below(9) as u16, 1 + random.below(6) as u16);
    let mut net = Builder::new(input);
    let mut x = 0;
    let steps = 1 + random.below(12);
    while net.graph.steps.len() < steps {
        let kernel = [(); 2].map(|()| 1 + random.below(5) as u8);
        let stride = [(); 2].map(|()| 1 + random.below(3) as u8);
        let window = Window { kernel, stride, pad: kernel.map(|side| random.below(usize::from(side)) as u8) };
        let same = Window::square(3, 1, 1);
        let channels = 1 + random.below(9) as u16;
        let any = if random.below(4) == 0 { random.below(net.graph.steps.len() + 1) } else { x };
        let made = match random.below(10) {
            0 => net.push(Op::Conv(window), &[any], channels),
            1 | 2 => net.push(Op::Conv(Window::POINTWISE), &[any], channels),
            3 | 4 => net.push(Op::Depthwise(window), &[any], 0),
            5 => net.push(Op::Depthwise(same), &[any], 0),
            6 => net.bottleneck(any, 3, 1, 1 + random.below(4) as u16, net.dims(any).c),
            7 => {
                let same: Vec<usize> = (0..=net.graph.steps.len()).filter(|t| net.dims(*t) == net.dims(x)).collect();
                let other = random.of(&same);
                net.push(Op::Add, &[other, x], 0)
            }
            8 => net.push(Op::Linear, &[any], channels),
            _ if random.below(3) == 0 => net.push(Op::GlobalPool, &[any], 0),
            _ => None,
        };
        x = made.unwrap_or(x);
    }
    net.graph
}

/// A graph whose tensors live long and overlap in many ways: hard to place.
pub fn tangled(seed: u64, steps: usize) -> Graph {
    let mut random = Random::new(seed);
    let mut net = Builder::new(Dims::new(2, 2, 1 + random.below(12) as u16));
    let window = Window::square(3, 1, 1);
    let half = Window::square(2, 2, 0);
    for _ in 0..steps {
        let recent = net.graph.steps.len().saturating_sub(random.below(4));
        let channels = 1 + random.below(12) as u16;
        let made = match random.below(6) {
            0 => net.push(Op::Depthwise(window), &[recent], 0),
            1 => net.push(Op::Depthwise(half), &[recent], 0),
            _ => net.push(Op::Conv(Window::POINTWISE), &[recent], channels),
        };
        made.or_else(|| net.push(Op::Conv(window), &[recent], channels)).unwrap();
    }
    net.graph
}
