//! The `.tnm` format: what is written is read back, sizes are known beforehand, damage is noticed.
#![allow(clippy::unwrap_used)]

mod chains;

use chains::{
    Builder, Random, mnas,
    params::{meta, params, quant},
    small, tangled,
    varied::varied,
};
use proptest::prelude::*;
use tinynas_kernels::{Channel, packed};
use tinynas_plan::{
    Channels, CompileError, Dims, Feed, Goal, Graph, Model, ModelError, Op, Output, Params, Plan, PlanError, Requant,
    StepParams, TensorQuant, Window, compile, graph_of, model_bytes, plan, plan_for, replan,
};

struct Compiled {
    graph: Graph,
    plan: Plan,
    quant: Vec<TensorQuant>,
    params: Vec<Params>,
}

impl Compiled {
    fn new(graph: Graph, seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0xabcd);
        let plan = plan(&graph).unwrap();
        let quant = quant(&graph, &mut random);
        let params = params(&graph, &quant, &mut random);
        Self { graph, plan, quant, params }
    }

    fn bytes(&self) -> Vec<u8> {
        self.try_bytes().unwrap()
    }

    fn try_bytes(&self) -> Result<Vec<u8>, CompileError> {
        compile(&self.graph, &self.plan, &self.params, &self.quant, &meta(3))
    }
}

/// Corrects the CRC after a change, so that the checks behind it are reached.
fn seal(bytes: &mut [u8]) {
    let crc = crc32fast::hash(&bytes[16..]);
    bytes[12..16].copy_from_slice(&crc.to_le_bytes());
}

fn bottleneck() -> Compiled {
    let mut net = Builder::new(Dims::new(8, 8, 4));
    let x = net.bottleneck(0, 3, 1, 3, 4).unwrap();
    let x = net.push(Op::Conv(Window::square(3, 2, 1)), &[x], 5).unwrap();
    let x = net.push(Op::GlobalPool, &[x], 0).unwrap();
    net.push(Op::Linear, &[x], 3).unwrap();
    Compiled::new(net.graph, 1)
}

proptest! {
    #[test]
    fn the_size_is_known_before_any_weight_exists(seed: u64, classes in 0usize..40) {
        let net = Compiled::new(if classes % 2 == 0 { small(seed) } else { varied(seed) }, seed);
        let meta = meta(classes);
        let bytes = compile(&net.graph, &net.plan, &net.params, &net.quant, &meta).unwrap();
        prop_assert_eq!(bytes.len() as u32, model_bytes(&net.graph, &meta));
        prop_assert_eq!(Model::parse(&bytes).unwrap().byte_len() as usize, bytes.len());
    }

    #[test]
    fn another_plan_gives_the_bytes_that_compiling_with_it_gives(seed: u64, rows: bool) {
        let net = Compiled::new(if seed % 2 == 0 { mnas(seed) } else { varied(seed) }, seed);
        let bytes = net.bytes();
        let model = Model::parse(&bytes).unwrap();
        prop_assert_eq!(&graph_of(&model), &net.graph);
        let feed = if rows { Feed::Rows } else { Feed::Whole };
        let plan = plan_for(&net.graph, Goal::Smallest, feed);
        // Some first steps need the whole input.
        prop_assume!(plan != Err(PlanError::NotFed));
        let plan = plan.unwrap();
        let compiled = Compiled { plan: plan.clone(), ..net };
        prop_assert_eq!(replan(&model, &plan).unwrap(), compiled.bytes());
        let other = Plan { tensors: plan.tensors[1..].to_vec(), ..plan };
        let refused = matches!(replan(&model, &other), Err(CompileError::Count { .. }));
        prop_assert!(refused);
    }

    #[test]
    fn every_step_is_read_back(seed: u64, kind in 0..3) {
        let graph = [|seed| tangled(seed, 12), small, varied][kind as usize](seed);
        let net = Compiled::new(graph, seed);
        let bytes = net.bytes();
        let model = Model::parse(&bytes).unwrap();
        prop_assert_eq!(model.arena_bytes(), net.plan.arena_bytes);
        prop_assert_eq!(model.steps().len(), net.graph.steps.len());
        for (index, quant) in net.quant.iter().enumerate() {
            let view = model.tensor(index);
            prop_assert_eq!(Some(view.dims), net.graph.dims(index));
            prop_assert_eq!((view.scale, view.zero), (quant.scale, quant.zero_point));
            prop_assert_eq!((view.placement(), view.rows), (net.plan.tensors[index].made(), net.plan.tensors[index].rows));
        }
        for (index, step) in model.steps().enumerate() {
            prop_assert_eq!(step.op, net.graph.steps[index].op);
            prop_assert_eq!(step.input, model.tensor(net.graph.steps[index].inputs[0]));
            prop_assert_eq!(step.second, model.tensor(*net.graph.steps[index].inputs.last().unwrap()));
            prop_assert_eq!(step.output, model.tensor(index + 1));
            if net.plan.scratch[index].bytes > 0 {
                prop_assert_eq!(step.scratch, net.plan.scratch[index]);
            }
            if let StepParams::Packed(weights) = step.params {
                let distance = weights.as_ptr().addr() - bytes.as_ptr().addr();
                prop_assert_eq!(distance % 4, 0, "weights are words");
            }
        }
    }

    #[test]
    fn any_flipped_bit_is_noticed(at: prop::sample::Index, bit in 0..8) {
        let mut bytes = bottleneck().bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1u8 << bit;
        prop_assert!(Model::parse(&bytes).is_err(), "byte {}", at);
    }
}

#[test]
fn meta_data_is_read_back() {
    let bytes = bottleneck().bytes();
    let model = Model::parse(&bytes).unwrap();
    assert_eq!((model.class_count(), model.class(2), model.class(3)), (3, Some("class 2 µ"), None));
    assert_eq!(model.provenance(), "tinynas 0.1.0, seed 7");
    assert_eq!((model.sram_budget(), model.flash_budget()), (65_536, 262_144));
    let p = model.preprocess();
    assert_eq!((p.size, p.channels, p.mean, p.scale), (28, 1, 73, 0.0111));
}

#[test]
fn weights_and_folded_biases_are_in_the_order_of_the_kernels() {
    // 2×2 window on 2 channels, one output; weight [in, ky, kx] = 1…8, zero point 10, bias 1000.
    let mut net = Builder::new(Dims::new(2, 2, 2));
    net.push(Op::Conv(Window::square(2, 1, 0)), &[0], 1).unwrap();
    let mut net = Compiled::new(net.graph, 0);
    net.quant[0].zero_point = 10;
    net.params = vec![Params::Weighted {
        weights: (1..=8).collect(),
        bias: vec![1000],
        multiplier: vec![1 << 30],
        shift: vec![-3],
        input_zero: 10,
        output_zero: net.quant[1].zero_point,
        min: -128,
        max: 127,
    }];
    let bytes = net.bytes();
    let step = Model::parse(&bytes).unwrap().steps().next().unwrap();
    let StepParams::Packed(words) = step.params else { panic!("{step:?}") };
    // The packing is the kernels' affair; here: which weights and constants it got.
    let mut groups = [0; 36];
    let requant = Requant { multiplier: 1 << 30, shift: -3 };
    Channel { bias: 1000 - 10 * 36, requant }.write(&mut groups, 0).unwrap();
    let matrix = packed::Matrix { inputs: 8, outputs: 1 };
    let mut expected = vec![0; matrix.words() as usize];
    let out = Output { zero: net.quant[1].zero_point, min: -128, max: 127 };
    let channels = Channels::new(&groups, 1).unwrap();
    matrix.pack(&[1, 5, 2, 6, 3, 7, 4, 8], channels, out, &mut expected).unwrap();
    assert_eq!(words, expected);
}

#[test]
fn the_bytes_of_a_bottleneck_by_hand() {
    let net = bottleneck();
    // header 48; 8 tensors of 24; 7 steps of 32
    let tables = 48 + 8 * 24 + 7 * 32;
    // A word of flags and, for two channels, eight words with four inputs in two words more; a depthwise channel has four
    // words and three rows of two.
    let matrix = |inputs: usize, outputs: usize| 4 * (1 + outputs.div_ceil(2) * (8 + 2 * inputs.div_ceil(4)));
    let data = matrix(4, 12) + 12 * 40 + matrix(12, 4) + 16 + matrix(36, 5) + 8 + matrix(5, 3);
    let texts = 21 + 3 * (2 + 10);
    assert_eq!(net.bytes().len(), tables + data + texts);
}

#[test]
fn truncated_and_foreign_bytes_are_named() {
    let bytes = bottleneck().bytes();
    let parse = |bytes: &[u8]| Model::parse(bytes).map(|_| ());
    assert_eq!(parse(&[]), Err(ModelError::Magic));
    assert_eq!(parse(&bytes[..40]), Err(ModelError::Magic));
    let (found, expected) = (bytes.len() as u32 - 1, bytes.len() as u32);
    assert_eq!(parse(&bytes[..bytes.len() - 1]), Err(ModelError::Length { found, expected }));
    let mut other = bytes.clone();
    other[4] = 9;
    assert_eq!(parse(&other), Err(ModelError::Version { found: 9, expected: 2 }));
    other[4] = 2;
    other[6] = 7;
    assert_eq!(parse(&other), Err(ModelError::KernelSet { found: 7, expected: 2 }));
    other[6] = 2;
    *other.last_mut().unwrap() ^= 1;
    assert!(matches!(parse(&other), Err(ModelError::Crc { .. })));
}

#[test]
fn a_plan_that_overwrites_living_bytes_is_refused() {
    // Tensors 0 (skip) and 1 (expanded) must not share bytes, nor the sum and a part of the skip, nor the scratch of step 1
    // and tensor 1.
    for (tensor, offset) in [(1, 0), (4, 4)] {
        let mut net = bottleneck();
        net.plan.tensors[0].offset = 0;
        net.plan.tensors[0].moved = 0;
        (net.plan.tensors[tensor].offset, net.plan.tensors[tensor].moved) = (offset, offset);
        let error = net.try_bytes().unwrap_err();
        assert!(matches!(error, CompileError::Refused(ModelError::Overlap { .. })), "{error}");
    }
    let mut net = bottleneck();
    net.plan.scratch[1].offset = net.plan.tensors[1].offset;
    let refused = net.try_bytes();
    assert!(matches!(refused, Err(CompileError::Refused(ModelError::Overlap { step: 1, .. }))), "{refused:?}");
}

#[test]
fn an_arena_that_is_not_exactly_the_plan_is_refused() {
    for change in [-1, 1] {
        let mut net = bottleneck();
        net.plan.arena_bytes = net.plan.arena_bytes.checked_add_signed(change).unwrap();
        assert!(matches!(net.try_bytes(), Err(CompileError::Refused(_))));
    }
}

#[test]
fn a_factor_out_of_range_is_refused() {
    let with = |factor: i32, by: i8| {
        let mut net = bottleneck();
        if let Params::Weighted { multiplier, shift, .. } = &mut net.params[0] {
            (multiplier[1], shift[1]) = (factor, by);
        }
        net.try_bytes().map(|_| ())
    };
    let wrong = Err(CompileError::Params { step: 0, what: "a factor is out of range" });
    assert_eq!(with(1 << 30, 31), wrong);
    assert_eq!(with(1 << 30, -32), wrong);
    assert_eq!(with(-1, 0), wrong);
    assert_eq!(with(1 << 30, 30), Ok(()));
    // In the file, the factors of an addition: its data is 16 bytes, the shifts at 12.
    let bytes = bottleneck().bytes();
    let step = 48 + 8 * 24 + 3 * 32;
    let data = u32::from_le_bytes(bytes[step + 20..step + 24].try_into().unwrap()) as usize;
    let mut damaged = bytes.clone();
    damaged[data + 12] = 1;
    seal(&mut damaged);
    assert_eq!(Model::parse(&damaged).map(|_| ()), Err(ModelError::Step { step: 3, what: "factor" }));
}

#[test]
fn parameters_that_do_not_belong_are_named() {
    let mut net = bottleneck();
    net.params.swap(0, 3);
    assert!(matches!(net.try_bytes(), Err(CompileError::Params { step: 0, .. })));
    let mut net = bottleneck();
    net.quant[1].zero_point = net.quant[1].zero_point.wrapping_add(1);
    assert!(matches!(net.try_bytes(), Err(CompileError::Params { step: 0, .. })));
    let mut net = bottleneck();
    if let Params::Weighted { weights, .. } = &mut net.params[1] {
        weights.pop();
    }
    let wrong = CompileError::Length { step: 1, what: "weights", found: 107, expected: 108 };
    assert_eq!(net.try_bytes(), Err(wrong));
    let mut net = bottleneck();
    net.quant[0].zero_point = -128;
    if let Params::Weighted { bias, input_zero, weights, .. } = &mut net.params[0] {
        (bias[2], *input_zero) = (i32::MAX, -128);
        weights.fill(1);
    }
    if let Params::Add { left_zero, .. } = &mut net.params[3] {
        *left_zero = -128;
    }
    assert_eq!(net.try_bytes(), Err(CompileError::Bias { step: 0, channel: 2 }));
    let mut net = bottleneck();
    net.params.pop();
    assert!(matches!(net.try_bytes(), Err(CompileError::Count { found: 6, expected: 7, .. })));
}

#[test]
fn a_whole_network_compiles() {
    let net = Compiled::new(mnas(3), 3);
    let bytes = net.bytes();
    assert_eq!(bytes.len() as u32, model_bytes(&net.graph, &meta(3)));
}
