//! Random networks: the lowered steps compute what the file says, and tables are close to their functions.
#![allow(clippy::unwrap_used)]

mod support;

use proptest::prelude::*;
#[path = "../../../firmware/engine/tests/shadow/mod.rs"]
mod shadow;

use support::{
    archive::Values,
    builder::{self, Field, Tensor},
    execute::{compiled, infer_compiled, quantized, tensors},
    naive,
};
use tinynas_import::{ImportError, lower, tflite};
use tinynas_plan::{Goal, Model, Op, Params};

/// Random numbers of the tests.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % below
    }

    fn bytes(&mut self, count: usize) -> Vec<i8> {
        (0..count).map(|_| (self.roll(255) as i32 - 127) as i8).collect()
    }

    fn scale(&mut self) -> f32 {
        0.01 + self.roll(1000) as f32 * 0.0003
    }
}

/// A network under construction and its newest tensor.
struct Random {
    net: builder::Model,
    dice: Dice,
    now: i32,
}

impl Random {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let shape = [1, 1 + dice.roll(6) as i32, 1 + dice.roll(6) as i32, 1 + dice.roll(4) as i32];
        let mut net = builder::Model::default();
        let now = net.tensor(Tensor::int8(&shape, 0.05, 7));
        net.inputs = vec![now];
        Self { net, dice, now }
    }

    fn shape(&self) -> Vec<i32> {
        self.net.tensors[self.now as usize].shape.clone()
    }

    /// Appends an operator on the newest tensor.
    fn push(&mut self, code: i32, more: &[i32], shape: &[i32], is_free: bool, options: Vec<Field>) {
        let (scale, zero) = match is_free {
            true => (self.dice.scale(), self.dice.roll(200) as i64 - 100),
            false => (self.net.tensors[self.now as usize].scales[0], self.net.tensors[self.now as usize].zero),
        };
        let output = self.net.tensor(Tensor::int8(shape, scale, zero));
        self.net.operator(code, &[&[self.now], more].concat(), output, options);
        self.now = output;
    }

    fn weights(&mut self, shape: &[i32], channels: i32) -> i32 {
        let count = if self.dice.roll(2) == 0 { 1 } else { channels as usize };
        let scales = (0..count).map(|_| self.dice.scale() * 0.3).collect();
        let data = self.dice.bytes(shape.iter().product::<i32>() as usize);
        self.net.tensor(Tensor::weights(shape, scales, &data))
    }

    fn bias(&mut self, count: i32) -> i32 {
        if self.dice.roll(3) == 0 {
            return -1;
        }
        let values: Vec<i32> = (0..count).map(|_| self.dice.roll(2000) as i32 - 1000).collect();
        self.net.tensor(Tensor::ints(&[count], &values))
    }

    /// A window on the newest tensor: padding, kernel, stride, output sides.
    fn window(&mut self) -> (i8, [i32; 2], [i32; 2], [i32; 2]) {
        let shape = self.shape();
        let padding = self.dice.roll(2) as i8;
        let (mut kernel, mut stride, mut sides) = ([1; 2], [1; 2], [1; 2]);
        for axis in 0..2 {
            let side = shape[1 + axis];
            kernel[axis] = 1 + self.dice.roll(if padding == 0 { 4 } else { side.min(4) as usize }) as i32;
            stride[axis] = 1 + self.dice.roll(2) as i32;
            let span = if padding == 0 { side } else { side - kernel[axis] + 1 };
            sides[axis] = (span + stride[axis] - 1) / stride[axis];
        }
        (padding, kernel, stride, sides)
    }

    /// Appends a random operator.
    fn step(&mut self) {
        let shape = self.shape();
        let [n, h, w, c] = *shape else { return self.vector() };
        let activation = Field::Byte(self.dice.roll(4) as i8);
        let is_image = n == 1;
        match self.dice.roll(13) {
            0 | 1 if is_image => {
                let (padding, kernel, stride, sides) = self.window();
                let outputs = 1 + self.dice.roll(4) as i32;
                let weights = self.weights(&[outputs, kernel[0], kernel[1], c], outputs);
                let bias = self.bias(outputs);
                let options = vec![Field::Byte(padding), Field::Int(stride[1]), Field::Int(stride[0]), activation];
                self.push(3, &[weights, bias], &[1, sides[0], sides[1], outputs], true, options);
            }
            2 if is_image => {
                let (padding, kernel, stride, sides) = self.window();
                let outputs = if c == 1 { 1 + self.dice.roll(4) as i32 } else { c };
                let weights = self.weights(&[1, kernel[0], kernel[1], outputs], outputs);
                let bias = self.bias(outputs);
                let steps = [Field::Int(stride[1]), Field::Int(stride[0]), Field::Int(outputs / c)];
                let options = [vec![Field::Byte(padding)], steps.to_vec(), vec![activation]].concat();
                self.push(4, &[weights, bias], &[1, sides[0], sides[1], outputs], true, options);
            }
            3 | 4 if is_image => {
                let (padding, kernel, stride, sides) = self.window();
                let code = if self.dice.roll(2) == 0 { 1 } else { 17 };
                let numbers = [stride[1], stride[0], kernel[1], kernel[0]].map(Field::Int);
                let options = [vec![Field::Byte(padding)], numbers.to_vec(), vec![activation]].concat();
                self.push(code, &[], &[1, sides[0], sides[1], c], false, options);
            }
            5 | 6 if is_image => {
                let pads: Vec<i32> = (0..4).map(|_| self.dice.roll(3) as i32).collect();
                let all = [0, 0, pads[0], pads[1], pads[2], pads[3], 0, 0];
                let pads_tensor = self.net.tensor(Tensor::ints(&[4, 2], &all));
                self.push(34, &[pads_tensor], &[1, h + pads[0] + pads[1], w + pads[2] + pads[3], c], false, vec![]);
            }
            7 => {
                let mut order: Vec<i32> = (0..4).collect();
                (1..4).rev().for_each(|at| order.swap(at, self.dice.roll(at + 1)));
                let order_tensor = self.net.tensor(Tensor::ints(&[4], &order));
                let made: Vec<i32> = order.iter().map(|axis| shape[*axis as usize]).collect();
                self.push(39, &[order_tensor], &made, false, vec![]);
            }
            8 => {
                let axes: Vec<i32> = (0..4).filter(|_| self.dice.roll(2) == 0).collect();
                let keeps = self.dice.roll(2) == 0;
                let made: Vec<i32> = (0..4)
                    .filter(|axis| keeps || !axes.contains(axis))
                    .map(|axis| if axes.contains(&axis) { 1 } else { shape[axis as usize] })
                    .collect();
                if made.is_empty() || axes.is_empty() {
                    return;
                }
                let axes: Vec<i32> = axes.iter().map(|a| if self.dice.roll(2) == 0 { *a } else { a - 4 }).collect();
                let axes_tensor = self.net.tensor(Tensor::ints(&[axes.len() as i32], &axes));
                self.push(40, &[axes_tensor], &made, true, vec![]);
            }
            9 => {
                let made = [vec![1, h * w, n, c], vec![1, n * h * w * c], vec![h * n, w * c], vec![n * c, h, w]];
                let made = made[self.dice.roll(4)].clone();
                self.push(22, &[], &made, false, vec![]);
            }
            10 => {
                let axis = self.dice.roll(4);
                let mut made = shape.clone();
                let copies = 1 + self.dice.roll(2) as i32;
                made[axis] *= copies + 1;
                let others = vec![self.now; copies as usize];
                self.push(2, &others, &made, false, vec![Field::Int(axis as i32 - 4)]);
            }
            11 if is_image => {
                let width = w * (1 + self.dice.roll(2) as i32);
                self.push(97, &[], &[1, h * 2, width, c], false, vec![]);
            }
            _ => self.pair(&shape),
        }
    }

    /// A sum or product with a constant or with the tensor itself, or another quantization.
    fn pair(&mut self, shape: &[i32]) {
        let c = shape[shape.len() - 1];
        let activation = Field::Byte(self.dice.roll(4) as i8);
        let code = if self.dice.roll(2) == 0 { 0 } else { 18 };
        match self.dice.roll(4) {
            0 => self.push(114, &[], shape, true, vec![]),
            1 => self.push(code, &[self.now], shape, true, vec![activation]),
            kind => {
                let made = if kind == 2 { vec![c] } else { vec![] };
                let (scale, data) = (self.dice.scale(), self.dice.bytes(made.iter().product::<i32>() as usize));
                let constant = self.net.tensor(Tensor::weights(&made, vec![scale], &data));
                self.net.tensors[constant as usize].zero = self.dice.roll(200) as i64 - 100;
                self.push(code, &[constant], shape, true, vec![activation]);
            }
        }
    }

    fn vector(&mut self) {
        let shape = self.shape();
        let (depth, all) = (shape[shape.len() - 1], shape.iter().product::<i32>());
        if self.dice.roll(3) == 0 {
            return self.pair(&shape);
        }
        let outputs = 1 + self.dice.roll(5) as i32;
        let flatten = self.dice.roll(2) == 0;
        let depth = if flatten { all } else { depth };
        let weights = self.weights(&[outputs, depth], outputs);
        let bias = self.bias(outputs);
        let mut made = shape;
        let last = made.len() - 1;
        made[last] = outputs;
        let made = if flatten { vec![1, outputs] } else { made };
        let activation = Field::Byte(self.dice.roll(4) as i8);
        self.push(9, &[weights, bias], &made, true, vec![activation]);
    }
}

/// Compares the lowered steps of a random network with the oracle; whether it was supported.
fn compare(seed: u64) -> bool {
    let mut random = Random::new(seed);
    for _ in 0..1 + random.dice.roll(7) {
        random.step();
    }
    random.net.outputs = vec![random.now];
    if random.now == 0 {
        return false;
    }
    let file = random.net.bytes();
    let net = tflite::read(&file).unwrap();
    let lowered = match lower(&net) {
        Ok(lowered) => lowered,
        Err(ImportError::Unsupported(_)) => return false,
        Err(error) => panic!("seed {seed}: {error}\n{:#?}", net.operators),
    };
    let count = net.tensors[0].elements() as usize;
    let input = random.dice.bytes(count);
    let expected = naive::run(&net, &input);
    let input = Values::Int8(input);
    let found = tensors(&lowered, quantized(&lowered.input, input.clone()));
    let found = found.last().unwrap();
    assert_eq!(found, &expected, "seed {seed}\n{:#?}\n{:#?}", net.operators, lowered.graph.steps);
    if seed.is_multiple_of(4) {
        for goal in [Goal::Fastest, Goal::Smallest] {
            let file = compiled(&lowered, goal);
            let model = Model::parse(&file).unwrap();
            shadow::check(&model);
            let mut arena = vec![0x77; model.arena_bytes() as usize];
            let found = infer_compiled(&lowered, &model, &mut arena, input.clone());
            assert_eq!(found, [Values::Int8(expected.clone())], "seed {seed} {goal:?}\n{:#?}", lowered.graph.steps);
        }
    }
    true
}

#[test]
fn random_networks_compute_what_the_file_says() {
    let supported = (0..20_000).filter(|seed| compare(*seed)).count();
    assert!(supported > 10_000, "only {supported} of 20,000 networks were supported");
}

/// The table of an operator of one input.
fn table(code: i32, (scale, zero): (f32, i64), (out_scale, out_zero): (f32, i64), options: Vec<Field>) -> Vec<i8> {
    let mut net = builder::Model::default();
    let input = net.tensor(Tensor::int8(&[1, 256], scale, zero));
    let output = net.tensor(Tensor::int8(&[1, 256], out_scale, out_zero));
    net.operator(code, &[input], output, options);
    (net.inputs, net.outputs) = (vec![input], vec![output]);
    let lowered = lower(&tflite::read(&net.bytes()).unwrap()).unwrap();
    let Params::Lookup(table) = &lowered.params[0] else { panic!("{:?}", lowered.graph) };
    table.to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn tables_are_within_one_step_of_their_functions(
        scale in 0.002f32..0.3, zero in -128i64..128, out_scale in 0.005f32..0.05, out_zero in -128i64..128,
    ) {
        type Case = (i32, (f32, i64), fn(f64) -> f64, Vec<Field>);
        let functions: [Case; 6] = [
            (14, (1.0 / 256.0, -128), |x| 1.0 / (1.0 + (-x).exp()), vec![]),
            (28, (1.0 / 128.0, 0), f64::tanh, vec![]),
            (117, (out_scale.max(scale / 100.0), out_zero), |x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0, vec![]),
            (19, (out_scale, out_zero), |x| x.max(0.0), vec![]),
            (21, (scale, zero), |x| x.clamp(0.0, 6.0), vec![]),
            (98, (out_scale, out_zero), |x| if x < 0.0 { x * 0.125 } else { x }, vec![Field::Float(0.125)]),
        ];
        for (code, output, function, options) in functions {
            let found = table(code, (scale, zero), output, options);
            for (found, x) in found.iter().zip(-128i32..) {
                let real = f64::from(x - zero as i32) * f64::from(scale);
                let exact = (function(real) / f64::from(output.0) + output.1 as f64).clamp(-128.0, 127.0);
                prop_assert!((f64::from(*found) - exact).abs() < 1.6, "operator {code} of {real}: {found} for {exact}");
            }
        }
    }
}

#[test]
fn tables_behind_tables_are_one_table() {
    let mut net = builder::Model::default();
    let [a, b, c] = [0.1, 0.05, 1.0 / 256.0].map(|scale| net.tensor(Tensor::int8(&[1, 4], scale, -128)));
    net.operator(19, &[a], b, vec![]);
    net.operator(14, &[b], c, vec![]);
    (net.inputs, net.outputs) = (vec![a], vec![c]);
    let lowered = lower(&tflite::read(&net.bytes()).unwrap()).unwrap();
    assert_eq!(lowered.graph.steps.len(), 1);
    let relu = table(19, (0.1, -128), (0.05, -128), vec![]);
    let sigmoid = table(14, (0.05, -128), (1.0 / 256.0, -128), vec![]);
    let both: Vec<i8> = relu.iter().map(|x| sigmoid[usize::from(*x as u8 ^ 0x80)]).collect();
    assert_eq!(lowered.graph.steps[0].op, Op::Lookup);
    assert_eq!(lowered.params[0], Params::Lookup(Box::new(both.try_into().unwrap())));
}
