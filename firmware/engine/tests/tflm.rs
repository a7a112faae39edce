//! A published network (MCUNet's vww, 53 layers) gives the same bits as TensorFlow Lite Micro's reference kernels.
//!
//! The network up to its last convolution runs in the engine; its head (two means after a transposition, which no
//! network of ours has, and the classifier) is computed here as TensorFlow Lite Micro does. Golden outputs: four
//! inputs, made with the reference kernels of the `tflite-micro` package.
#![allow(clippy::unwrap_used)]

#[path = "../../kernels/tests/reference/mod.rs"]
mod reference;
mod tflite;

use std::{collections::HashMap, fs, path::PathBuf};

use tflite::{Table, npz_floats};
use tinynas_engine::run;
use tinynas_plan::{
    Dims, Graph, Meta, MetaPreprocess, Model, Op, Params, Requant, Step, TensorQuant, Window, compile, plan,
};

fn shared(path: &str) -> Option<Vec<u8>> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("TINYNAS_SHARED").map_or(beside, PathBuf::from);
    let path = root.join("datasets/models").join(path);
    let bytes = fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("skipped: the comparison with TensorFlow Lite Micro needs {}", path.display());
    }
    bytes
}

/// The network while it is taken over.
struct Import<'a> {
    tensors: Vec<Table<'a>>,
    buffers: Vec<Table<'a>>,
    graph: Graph,
    quant: Vec<TensorQuant>,
    params: Vec<Params>,
    /// Our tensor, and the padding in front of its reader, for each of theirs.
    known: HashMap<i32, (usize, u8)>,
}

impl Import<'_> {
    fn data(&self, tensor: i32) -> Vec<u8> {
        self.buffers[self.tensors[tensor as usize].int(2) as usize].bytes(0)
    }

    fn ints(&self, tensor: i32) -> Vec<i32> {
        self.data(tensor).chunks_exact(4).map(|b| i32::from_le_bytes(b.try_into().unwrap())).collect()
    }

    fn scales(&self, tensor: i32) -> Vec<f32> {
        self.tensors[tensor as usize].table(4).unwrap().floats(2)
    }

    fn quant_of(&self, tensor: i32) -> TensorQuant {
        let zero_point = self.tensors[tensor as usize].table(4).unwrap().longs(3)[0] as i8;
        TensorQuant { scale: self.scales(tensor)[0], zero_point }
    }

    fn shape(&self, tensor: i32) -> Vec<u16> {
        self.tensors[tensor as usize].ints(0).into_iter().map(|n| n as u16).collect()
    }

    fn push(&mut self, op: Op, inputs: Vec<usize>, output: i32, params: Params) {
        let shape = self.shape(output);
        self.graph.steps.push(Step { op, inputs, output: Dims::new(shape[1], shape[2], shape[3]) });
        self.quant.push(self.quant_of(output));
        self.params.push(params);
        self.known.insert(output, (self.graph.steps.len(), 0));
    }

    /// Factors per channel and the activation's clamp.
    fn weighted(&self, ins: &[i32], output: i32, weights: Vec<i8>, activation: u8) -> Params {
        let (source, target) = (self.quant_of(ins[0]), self.quant_of(output));
        let real = |w: &f32| f64::from(source.scale) * f64::from(*w) / f64::from(target.scale);
        let factors: Vec<_> = self.scales(ins[1]).iter().map(|w| Requant::from_real(real(w))).collect();
        let level = |x: f32| (x / target.scale).round() as i32 + i32::from(target.zero_point);
        let (min, max) = match activation {
            0 => (-128, 127),
            3 => (level(0.0).max(-128) as i8, level(6.0).min(127) as i8),
            other => panic!("activation {other}"),
        };
        Params::Weighted {
            weights,
            bias: self.ints(ins[2]),
            multiplier: factors.iter().map(|f| f.multiplier).collect(),
            shift: factors.iter().map(|f| f.shift).collect(),
            input_zero: source.zero_point,
            output_zero: target.zero_point,
            min,
            max,
        }
    }

    fn conv(&mut self, ins: &[i32], output: i32, options: Table<'_>) {
        let shape = self.shape(ins[1]);
        let (taps, depth) = (usize::from(shape[1] * shape[2]), usize::from(shape[3]));
        // [out, taps, in] → [out, in, taps]
        let theirs = self.data(ins[1]);
        let filters = theirs.chunks_exact(taps * depth);
        let weights =
            filters.flat_map(|f| (0..depth).flat_map(move |i| (0..taps).map(move |t| f[t * depth + i] as i8)));
        let params = self.weighted(ins, output, weights.collect(), options.byte(3));
        self.windowed(Op::Conv, shape[1], ins, output, options, params);
    }

    fn depthwise(&mut self, ins: &[i32], output: i32, options: Table<'_>) {
        let shape = self.shape(ins[1]);
        let (taps, depth) = (usize::from(shape[1] * shape[2]), usize::from(shape[3]));
        // [taps, c] → [c, taps]
        let theirs = self.data(ins[1]);
        let weights =
            (0..depth).flat_map(|c| theirs.iter().skip(c).step_by(depth).map(|w| *w as i8)).collect::<Vec<_>>();
        assert_eq!(weights.len(), taps * depth);
        let params = self.weighted(ins, output, weights, options.byte(4));
        self.windowed(Op::Depthwise, shape[1], ins, output, options, params);
    }

    fn windowed(
        &mut self,
        op: fn(Window) -> Op,
        kernel: u16,
        ins: &[i32],
        output: i32,
        options: Table<'_>,
        params: Params,
    ) {
        let (input, padded) = self.known[&ins[0]];
        let is_same = options.byte(0) == 0;
        let pad = if is_same { (kernel as u8 - 1) / 2 } else { padded };
        let (from, to) = (self.shape(ins[0])[1], self.shape(output)[1]);
        let total = (to - 1) * options.int(1) as u16 + kernel - from;
        assert!(!is_same || total == 2 * u16::from(pad), "padding on one side only");
        let window = Window::square(kernel as u8, options.int(1) as u8, pad);
        self.push(op(window), vec![input], output, params);
    }
}

/// All steps up to the transposition, whose input is returned with the classifier's tensors.
fn import(file: &[u8]) -> (Import<'_>, Vec<i32>) {
    let model = Table::root(file);
    let codes: Vec<i32> = model.tables(1).iter().map(|c| c.int(3).max(c.byte(0).into())).collect();
    let subgraph = model.tables(2)[0];
    let mut net = Import {
        tensors: subgraph.tables(0),
        buffers: model.tables(4),
        graph: Graph { input: Dims::new(80, 80, 3), steps: Vec::new() },
        quant: Vec::new(),
        params: Vec::new(),
        known: HashMap::new(),
    };
    for op in subgraph.tables(3) {
        let (ins, outs) = (op.ints(1), op.ints(2));
        let code = codes[op.int(0) as usize];
        match (code, op.table(4)) {
            (114, _) => {
                net.quant.push(net.quant_of(outs[0]));
                net.known.insert(outs[0], (0, 0));
            }
            (34, _) => {
                let pads = net.ints(ins[1]);
                assert_eq!(pads, [0, 0, pads[2], pads[2], pads[2], pads[2], 0, 0]);
                net.known.insert(outs[0], (net.known[&ins[0]].0, pads[2] as u8));
            }
            (3, Some(options)) => net.conv(&ins, outs[0], options),
            (4, Some(options)) => net.depthwise(&ins, outs[0], options),
            (0, _) => {
                let params = Params::add(net.quant_of(ins[0]), net.quant_of(ins[1]), net.quant_of(outs[0]));
                let inputs = ins.iter().map(|t| net.known[t].0).collect();
                net.push(Op::Add, inputs, outs[0], params);
            }
            (39, _) => assert_eq!(net.known[&ins[0]].0, net.graph.steps.len()),
            (40, _) => assert_eq!(net.quant_of(ins[0]), net.quant_of(outs[0]), "a plain mean"),
            (9, _) => return (net, vec![ins[0], ins[1], ins[2], outs[0]]),
            (code, _) => panic!("operation {code}"),
        }
    }
    panic!("no classifier")
}

#[test]
fn mcunet_vww_gives_the_bits_of_tensorflow_lite_micro() {
    let (Some(file), Some(golden)) =
        (shared("tinyengine/vww.tflite"), shared("golden_tflm/models__tinyengine__vww.npz"))
    else {
        return;
    };
    let (net, head) = import(&file);
    assert_eq!(net.graph.steps.len(), 53);
    let preprocess = MetaPreprocess { size: 80, channels: 3, mean: 128, scale: 1.0 };
    let meta = Meta { preprocess, classes: vec![], sram_budget: 0, flash_budget: 0, provenance: String::new() };
    let bytes = compile(&net.graph, &plan(&net.graph).unwrap(), &net.params, &net.quant, &meta).unwrap();
    let model = Model::parse(&bytes).unwrap();
    let (inputs, outputs) = (npz_floats(&golden, "inputs"), npz_floats(&golden, "outputs"));
    let input = model.input();
    let mut arena = vec![0u8; model.arena_bytes() as usize];
    for (pixels, expected) in inputs.chunks_exact(80 * 80 * 3).zip(outputs.chunks_exact(2)) {
        let level = |x: &f32| ((x / input.scale).round() as i32 + i32::from(input.zero)).clamp(-128, 127) as i8 as u8;
        for (byte, pixel) in arena[input.range()].iter_mut().zip(pixels) {
            *byte = level(pixel);
        }
        run(&model, &mut arena, &mut ()).unwrap();
        let features: Vec<i8> = arena[model.output().range()].iter().map(|b| *b as i8).collect();
        assert_eq!(classify(&net, &head, model.output().dims, &features), expected);
    }
}

/// Mean over columns, mean over rows, classifier, real values.
fn classify(net: &Import<'_>, head: &[i32], dims: Dims, features: &[i8]) -> Vec<f32> {
    let (h, w, c) = (usize::from(dims.h), usize::from(dims.w), usize::from(dims.c));
    let (source, target) = (net.quant_of(head[0]), net.quant_of(head[3]));
    let one = Requant::from_real(1.0); // both means keep scale and zero point
    let mean = |values: &[i8], shape| {
        let clamp = (source.zero_point, -128, 127);
        reference::global_pool(values, shape, source.zero_point, (one.multiplier, one.shift), clamp)
    };
    let rows: Vec<i8> = features.chunks_exact(w * c).flat_map(|row| mean(row, (1, w, c))).collect();
    let pooled = mean(&rows, (h, 1, c));
    let weights: Vec<i8> = net.data(head[1]).iter().map(|b| *b as i8).collect();
    let factor = f64::from(source.scale) * f64::from(net.scales(head[1])[0]) / f64::from(target.scale);
    let Requant { multiplier, shift } = Requant::from_real(factor);
    let scales: Vec<_> =
        net.ints(head[2]).into_iter().map(|bias| reference::Scale { bias, multiplier, shift }).collect();
    let clamp = (target.zero_point, -128, 127);
    let logits = reference::linear(&pooled, source.zero_point, &weights, &scales, clamp);
    logits.iter().map(|x| (f32::from(*x) - f32::from(target.zero_point)) * target.scale).collect()
}
