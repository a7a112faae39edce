//! Invented figures in the size and shape of a real run; the page says that they are invented.

use tinynas_report::{
    Accuracy, Arena, ArenaBlock, ArenaKind, Better, Block, BlockKind, Budget, Bytes, Candidate, CdfPoint, Command,
    Confusion, DeviceRun, Epoch, Evidence, Figures, Header, Layer, Memory, Network, Region, ReportData, Search,
    Selection, StageTime, Standing, TrainingCurve, Variant,
};

const CLASSES: [&str; 10] =
    ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

const CHOSEN: &str = "3f9a1c07b2d4";

/// A run that went through every stage.
pub fn full() -> ReportData {
    let (arena, layers) = execution();
    let search = search();
    let finalists: Vec<String> = search.candidates.iter().take(3).map(|c| c.id.clone()).collect();
    let confusion = confusion();
    let weights: u64 = layers.iter().map(|l| l.weight_bytes).sum();
    ReportData {
        header: header(),
        budget: Some(Budget { sram_bytes: 24 << 10, flash_bytes: 384 << 10, macs: Some(7_500_000) }),
        selection: Some(selection()),
        search: Some(search),
        network: Some(Network { macs: layers.iter().map(|l| l.macs).sum(), params: weights, ..network() }),
        layers,
        memories: memories(arena.bytes, weights + 3_072),
        bytes: Some(bytes(arena.bytes, weights + 3_072)),
        arena: Some(arena),
        accuracy: Some(accuracy(&finalists, confusion)),
        device: Some(DeviceRun {
            name: "qemu-mps2-an386".into(),
            evidence: Evidence::Emulated,
            outputs_equal: 64,
            outputs_total: 64,
            ..DeviceRun::default()
        }),
        reproduce: vec![command("tinynas run sample.yaml --seed 7 --out runs/sample", "the same bytes")],
        next: vec![
            command("tinynas fit runs/sample --board nucleo-f446re", "does it fit that board?"),
            command("tinynas eval runs/sample --data my-images/", "accuracy on your own images"),
        ],
    }
}

fn command(line: &str, note: &str) -> Command {
    Command { line: line.into(), note: note.into() }
}

fn header() -> Header {
    let stages = [("select", 3.1), ("search", 21.4), ("train", 96.0), ("quantize", 2.2), ("measure", 4.9)];
    Header {
        title: "sample (every figure is invented)".into(),
        space: "mnas-small".into(),
        variant: Some("w0.5-r28".into()),
        board: Some("qemu-mps2-an386".into()),
        data_set: Some("fashion-mnist-subset".into()),
        seed: 7,
        tool_version: "0.1.0".into(),
        date: Some("1 January 2026, 12:00 UTC".into()),
        stages: stages.map(|(stage, seconds)| StageTime { stage: stage.into(), seconds }).into(),
    }
}

/// The same numbers in every run, between 0 and 1.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1u64 << 31) as f64
    }

    /// About a bell.
    fn bell(&mut self) -> f64 {
        (0..6).map(|_| self.next()).sum::<f64>() / 6.0
    }
}

fn selection() -> Selection {
    let widths = ["0.5", "0.45", "0.6", "0.4", "0.7", "0.35", "0.3", "0.5", "0.25", "0.4", "0.2", "0.3"];
    let resolutions = [28, 28, 24, 28, 20, 28, 28, 24, 28, 20, 28, 20];
    let variants = widths.iter().zip(resolutions).enumerate();
    let variants = variants.map(|(rank, (width, resolution))| {
        let mean = 6.1e6 * 0.92f64.powi(rank as i32);
        let points = (0..=40).map(|i| {
            let x = f64::from(i) / 40.0;
            let share = x * x * (3.0 - 2.0 * x);
            CdfPoint { macs: (mean * (0.55 + 0.9 * x)).min(7.5e6), share }
        });
        Variant {
            name: format!("w{width}-r{resolution}"),
            samples: 1000,
            fitting: 310 + 55 * rank as u64,
            mean_macs: mean,
            p80_macs: Some((mean * (0.55 + 0.9 * 0.713)).min(7.5e6)),
            cdf: points.collect(),
        }
    });
    let variants: Vec<Variant> = variants.collect();
    Selection {
        total_variants: 48,
        engine: "tinynas".into(),
        winner: variants[0].name.clone(),
        variants,
        notes: vec!["The ranking was close: w0.45-r28 is within 8 % of the winner.".into()],
    }
}

fn search() -> Search {
    let mut noise = Noise(7);
    let candidates = (0..220).map(|at| {
        let macs = 2_800_000 + (4_700_000.0 * noise.bell() * 1.3) as u64;
        let sram_bytes = 9_000 + (macs / 600) + (4_000.0 * noise.next()) as u64;
        let score = (macs as f64 / 20_000.0 + 120.0 * noise.bell()).round();
        Candidate {
            id: format!("{:012x}", 0x9e37_79b9_7f4a_u64.wrapping_mul(at + 1) & 0xffff_ffff_ffff),
            macs: macs.min(7_499_000),
            sram_bytes: sram_bytes.min(24_576),
            score: Some(score),
            ..Candidate::default()
        }
    });
    let mut candidates: Vec<Candidate> = candidates.collect();
    candidates.sort_by(|a, b| b.score.unwrap_or(0.0).total_cmp(&a.score.unwrap_or(0.0)));
    for (candidate, accuracy) in candidates.iter_mut().zip([0.8732, 0.8807, 0.8690]) {
        candidate.accuracy = Some(accuracy);
        candidate.standing = Standing::Finalist;
    }
    candidates[1].standing = Standing::Chosen;
    candidates[1].id = CHOSEN.into();
    Search {
        evaluated: 220,
        infeasible: 187,
        score: "rank sum of nwot, synflow, macs".into(),
        better: Better::Higher,
        candidates,
    }
}

fn block(name: &str, stage: u32, kernel: u32, expansion: u32, stride: u32, channels: [u32; 2], side: u32) -> Block {
    Block {
        name: name.into(),
        kind: if expansion > 0 { BlockKind::InvertedResidual } else { BlockKind::Conv },
        stage,
        kernel,
        expansion,
        stride,
        input_channels: channels[0],
        output: [side, side, channels[1]],
        skip: expansion > 0 && stride == 1 && channels[0] == channels[1],
    }
}

fn network() -> Network {
    let pool = Block {
        name: "pool".into(),
        kind: BlockKind::Pool,
        input_channels: 160,
        output: [1, 1, 160],
        stride: 1,
        ..Block::default()
    };
    let classifier = Block { name: "classifier".into(), kind: BlockKind::Linear, output: [1, 1, 10], ..pool.clone() };
    Network {
        id: CHOSEN.into(),
        genotype: "d2-3-2-2 k3.5-7.3.3-5.5-3.3 e3.6-4.3.3-6.4-3.6".into(),
        input: [28, 28, 1],
        classes: 10,
        blocks: vec![
            block("stem", 0, 3, 0, 2, [1, 16], 14),
            block("b1", 0, 3, 1, 1, [16, 8], 14),
            block("b2", 1, 3, 3, 1, [8, 16], 14),
            block("b3", 1, 5, 6, 1, [16, 16], 14),
            block("b4", 2, 7, 4, 2, [16, 24], 7),
            block("b5", 2, 3, 3, 1, [24, 24], 7),
            block("b6", 2, 3, 3, 1, [24, 24], 7),
            block("b7", 3, 5, 6, 1, [24, 40], 7),
            block("b8", 3, 5, 4, 1, [40, 40], 7),
            block("b9", 4, 3, 3, 2, [40, 80], 4),
            block("b10", 4, 3, 6, 1, [80, 80], 4),
            block("b11", 5, 3, 6, 1, [80, 160], 4),
            pool,
            classifier,
        ],
        ..Network::default()
    }
}

/// The arena and the layers, made from the network's blocks as a layer-by-layer engine would execute them.
fn execution() -> (Arena, Vec<Layer>) {
    let mut execution = Execution { steps: Vec::new(), blocks: Vec::new(), layers: Vec::new() };
    let mut held = ArenaBlock { name: "input".into(), kind: ArenaKind::Input, bytes: 28 * 28, ..ArenaBlock::default() };
    let mut shape = [28, 28, 1];
    for block in network().blocks {
        let (k, output) = (block.kernel, block.output);
        let inner = block.input_channels * block.expansion;
        let depthwise = format!("depthwise {k}x{k}/{}", block.stride);
        let parts = match block.kind {
            BlockKind::InvertedResidual => vec![
                (".expand", "conv 1x1".to_owned(), [shape[0], shape[1], inner], 1),
                (".depthwise", depthwise, [output[0], output[1], inner], k),
                (".project", "conv 1x1".to_owned(), output, 1),
            ],
            BlockKind::Conv => vec![("", format!("conv {k}x{k}/{}", block.stride), output, k)],
            BlockKind::Pool => vec![("", "global average pool".to_owned(), output, 0)],
            BlockKind::Linear => vec![("", "linear".to_owned(), output, 1)],
        };
        for (part, op, output, k) in parts.into_iter().skip(usize::from(block.expansion == 1)) {
            held = execution.step(format!("{}{part}", block.name), op, held, shape, output, k);
            shape = output;
        }
    }
    let last = execution.steps.len() - 1;
    execution.blocks.push(ArenaBlock { name: "output".into(), kind: ArenaKind::Output, last_step: last, ..held });
    let bytes = execution.blocks.iter().map(|b| b.offset + b.bytes).max().unwrap_or(0);
    (Arena { bytes, steps: execution.steps, blocks: execution.blocks }, execution.layers)
}

struct Execution {
    steps: Vec<String>,
    blocks: Vec<ArenaBlock>,
    layers: Vec<Layer>,
}

impl Execution {
    /// Executes a layer on `held` and gives its output: over the input if it is depthwise, else beside it.
    fn step(
        &mut self,
        name: String,
        op: String,
        held: ArenaBlock,
        input: [u32; 3],
        output: [u32; 3],
        k: u32,
    ) -> ArenaBlock {
        let step = self.steps.len();
        let size = |[h, w, c]: [u32; 3]| u64::from(h * w * c);
        let in_place = op.starts_with("depthwise");
        let end = held.offset + held.bytes;
        let offset = match held.offset {
            at if in_place => at,
            at if at >= size(output) => 0,
            _ => end,
        };
        let mut live = if in_place { held.bytes } else { held.bytes + size(output) };
        if in_place {
            let bytes = u64::from((input[0] + k - 1) * (input[1] + k - 1));
            let kind = ArenaKind::Scratch;
            let name = format!("{name} scratch");
            self.blocks.push(ArenaBlock { name, kind, offset: end, bytes, first_step: step, last_step: step });
            live += bytes;
        }
        self.blocks.push(ArenaBlock { last_step: step, ..held });
        let inputs = if in_place { 1 } else { input[2] };
        let weights = u64::from(k * k * inputs * output[2]);
        self.steps.push(name.clone());
        self.layers.push(Layer {
            name: name.clone(),
            op,
            output,
            macs: weights * u64::from(output[0] * output[1]),
            weight_bytes: if k == 0 { 0 } else { weights + 8 * u64::from(output[2]) },
            live_bytes: live,
            ..Layer::default()
        });
        let kind = ArenaKind::Tensor;
        ArenaBlock { name, kind, offset, bytes: size(output), first_step: step, last_step: step }
    }
}

fn memories(arena: u64, model: u64) -> Vec<Memory> {
    let region = |name: &str, address: u64, bytes: u64| Region {
        name: name.into(),
        address: Some(address),
        bytes,
        high_water_bytes: None,
    };
    let ram = 0x2000_0000;
    vec![
        Memory {
            name: "SRAM".into(),
            origin: Some(ram),
            bytes: Some(4 << 20),
            budget_bytes: Some((24 << 10) + 1_392 + 4096),
            regions: vec![
                region(".data", ram, 24),
                region(".bss", ram + 24, 1_368),
                Region { high_water_bytes: Some(arena), ..region("arena", ram + 1_392, arena) },
                Region { high_water_bytes: Some(1_712), ..region("stack reserve", ram + (4 << 20) - 4096, 4096) },
            ],
        },
        Memory {
            name: "flash".into(),
            origin: Some(0),
            bytes: Some(4 << 20),
            budget_bytes: Some(384 << 10),
            regions: vec![region("code", 0, 46_512), region("model", 128 << 10, model)],
        },
    ]
}

fn bytes(arena: u64, model: u64) -> Bytes {
    let all = |n| Figures { predicted: Some(n), linked: Some(n), observed: Some(n) };
    let linked = |n| Figures { observed: None, ..all(n) };
    let sram = arena + 1_392 + 4096;
    Bytes {
        arena: Figures { linked: None, ..all(arena) },
        statics: all(1_392),
        stack_reserve: all(4096),
        stack_high_water: Some(1_712),
        sram: Figures { linked: None, ..all(sram) },
        code: all(46_512),
        model: linked(model),
        flash: linked(46_512 + model),
    }
}

fn accuracy(finalists: &[String], confusion: Confusion) -> Accuracy {
    let right: u64 = confusion.counts.iter().enumerate().map(|(label, row)| row[label]).sum();
    let int8 = right as f64 / 2000.0;
    let curve = |(seed, id): (usize, &String)| {
        let mut noise = Noise(seed as u64 + 1);
        let best = int8 + 0.002 - 0.004 * seed as f64;
        let epochs = (1..=12).map(|epoch| {
            let left = (-f64::from(epoch) / 3.0).exp();
            let (loss, accuracy) = (0.55 + 1.3 * left, best - 0.35 * left + 0.008 * (noise.next() - 0.5));
            Epoch { epoch, loss: loss + 0.02 * noise.next(), accuracy }
        });
        let epochs: Vec<Epoch> = epochs.collect();
        let best_epoch = epochs.iter().max_by(|a, b| a.accuracy.total_cmp(&b.accuracy)).map(|e| e.epoch);
        TrainingCurve { id: id.clone(), chosen: id == CHOSEN, best_epoch, epochs }
    };
    Accuracy {
        float: Some(int8 + 0.0015),
        int8: Some(int8),
        images: 2000,
        finalists: finalists.iter().enumerate().map(curve).collect(),
        confusion: Some(confusion),
    }
}

fn confusion() -> Confusion {
    let mut noise = Noise(11);
    let mut counts = vec![vec![0u64; 10]; 10];
    let alike = [(0, 6), (2, 4), (2, 6), (4, 6), (3, 4), (5, 7), (7, 9), (5, 9)];
    for (a, b) in alike.into_iter().flat_map(|(a, b)| [(a, b), (b, a)]) {
        counts[a][b] = 6 + (18.0 * noise.next()) as u64;
    }
    for (label, row) in counts.iter_mut().enumerate() {
        row[label] = 200 - row.iter().sum::<u64>();
    }
    Confusion { of: "int8 model".into(), classes: CLASSES.map(str::to_owned).into(), counts }
}
