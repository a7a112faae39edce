//! Damaged and hostile files: an error or a network that the kernels accept, never a panic and never a hang.
#![allow(clippy::unwrap_used)]

mod support;

use proptest::{collection::vec, prelude::*};
use support::{
    builder::{Field, Model, Tensor},
    execute::{compiled, tensors},
    shared,
};
use tinynas_engine::run_fed;
use tinynas_import::{ImportError, import};
use tinynas_plan::{Goal, Model as CompiledModel, Op, Params};

/// A small network with most operators: pad, convolutions, poolings, sums, products, softmax.
fn small() -> Model {
    let mut net = Model::default();
    let activation = |net: &mut Model, shape: &[i32]| net.tensor(Tensor::int8(shape, 0.05, -3));
    let input = activation(&mut net, &[1, 6, 6, 2]);
    let padded = activation(&mut net, &[1, 8, 8, 2]);
    let pads = net.tensor(Tensor::ints(&[4, 2], &[0, 0, 1, 1, 1, 1, 0, 0]));
    net.operator(34, &[input, pads], padded, vec![]);
    let data: Vec<i8> = (0..3 * 9 * 2).map(|n| (n * 37 % 255 - 127) as i8).collect();
    let filters = net.tensor(Tensor::weights(&[3, 3, 3, 2], vec![0.01, 0.02, 0.03], &data));
    let bias = net.tensor(Tensor::ints(&[3], &[100, -200, 300]));
    let conv = activation(&mut net, &[1, 6, 6, 3]);
    let same = |stride| vec![Field::Byte(0), Field::Int(stride), Field::Int(stride)];
    let valid = vec![Field::Byte(1), Field::Int(1), Field::Int(1), Field::Byte(1)];
    net.operator(3, &[padded, filters, bias], conv, valid);
    let filters = net.tensor(Tensor::weights(&[1, 3, 3, 3], vec![0.02], &data[..27]));
    let depthwise = activation(&mut net, &[1, 6, 6, 3]);
    net.operator(4, &[conv, filters, -1], depthwise, [same(1), vec![Field::Int(1), Field::Byte(3)]].concat());
    let sum = activation(&mut net, &[1, 6, 6, 3]);
    net.operator(0, &[conv, depthwise], sum, vec![]);
    let pooled = net.tensor(Tensor::int8(&[1, 3, 3, 3], 0.05, -3));
    net.operator(17, &[sum], pooled, [same(2), vec![Field::Int(2), Field::Int(2)]].concat());
    let constant = net.tensor(Tensor::weights(&[3], vec![0.01], &[5, -60, 100]));
    let product = activation(&mut net, &[1, 3, 3, 3]);
    net.operator(18, &[pooled, constant], product, vec![]);
    let joined = activation(&mut net, &[1, 3, 3, 6]);
    net.operator(2, &[product, pooled], joined, vec![Field::Int(3)]);
    let axes = net.tensor(Tensor::ints(&[2], &[1, 2]));
    let mean = activation(&mut net, &[1, 6]);
    net.operator(40, &[joined, axes], mean, vec![]);
    let weights = net.tensor(Tensor::weights(&[4, 6], vec![0.04], &data[..24]));
    let logits = activation(&mut net, &[1, 4]);
    net.operator(9, &[mean, weights, -1], logits, vec![]);
    let output = net.tensor(Tensor::int8(&[1, 4], 1.0 / 256.0, -128));
    net.operator(25, &[logits], output, vec![Field::Float(1.0)]);
    net.inputs = vec![input];
    net.outputs = vec![output];
    net
}

/// Reads, lowers and, if it is small, runs a file; the error is returned.
fn try_all(file: &[u8]) -> Option<ImportError> {
    let net = match import(file) {
        Ok(net) => net,
        Err(error) => {
            assert!(!error.to_string().is_empty() && error.code().starts_with("import::"));
            return Some(error);
        }
    };
    let work = net.graph.steps.iter().zip(&net.params).map(|(step, params)| {
        let taps = if let Params::Weighted { weights, .. } = params { weights.len() as u64 } else { 64 };
        taps.saturating_mul(1 + step.output.elements())
    });
    let dims = (0..net.quant.len()).map(|tensor| net.graph.dims(tensor).unwrap().elements());
    let memory = dims.fold(0u64, u64::saturating_add);
    if work.fold(0u64, u64::saturating_add) < 50_000_000 && memory < 10_000_000 {
        tensors(&net, vec![1; net.graph.input.bytes() as usize]);
    }
    None
}

#[test]
fn the_small_network_is_imported() {
    let file = small().bytes();
    let net = import(&file).unwrap();
    let ops: Vec<Op> = net.graph.steps.iter().map(|step| step.op).collect();
    assert_eq!(ops.len(), 9, "the padding is part of the convolution: {ops:?}");
    assert!(try_all(&file).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn damaged_files_end_in_an_error_or_a_network(
        changes in vec((any::<prop::sample::Index>(), prop_oneof![Just(0u8), Just(0xff), Just(0x80), any::<u8>()]), 1..6),
        length in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let mut file = small().bytes();
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Some(length) = length {
            file.truncate(length.index(file.len()));
        }
        try_all(&file);
    }

    #[test]
    fn words_of_extreme_value_end_in_an_error_or_a_network(
        changes in vec((any::<prop::sample::Index>(), prop_oneof![
            Just(0u32), Just(1), Just(u32::MAX), Just(0x7fff_ffff), Just(0x8000_0000), Just(0x7fc0_0000), Just(0xffff),
            Just(0x7f80_0000), Just(0x0000_0001), any::<u32>()]), 1..4),
    ) {
        let mut file = small().bytes();
        for (at, word) in changes {
            let at = at.index(file.len() / 4) * 4;
            file[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        try_all(&file);
    }

    #[test]
    fn bytes_behind_the_identifier_end_in_an_error(bytes in vec(any::<u8>(), 0..200), root in 0u32..64) {
        let mut file = root.to_le_bytes().to_vec();
        file.extend(b"TFL3");
        file.extend(bytes);
        try_all(&file);
    }
}

#[test]
fn every_truncation_ends_in_an_error() {
    let file = small().bytes();
    for length in 0..file.len() {
        assert!(try_all(&file[..length]).is_some() || length + 16 > file.len(), "{length} of {} bytes", file.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn damaged_published_models_end_in_an_error_or_a_network(
        which in 0usize..4,
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
    ) {
        let names = ["tflite-micro/hello_world_int8", "tflite-micro/micro_speech_quantized",
            "nanonas/performance_overview__vww_nucleo_l010rb", "tflite-micro/trained_lstm_int8"];
        let Some(mut file) = shared(&format!("models/{}.tflite", names[which])) else { return Ok(()) };
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        try_all(&file);
    }
}

fn code_of(net: &Model) -> String {
    try_all(&net.bytes()).map_or_else(|| "none".into(), |error| format!("{}: {error}", error.code()))
}

#[test]
fn contradictions_are_named() {
    let changed = |change: fn(&mut Model)| {
        let mut net = small();
        change(&mut net);
        code_of(&net)
    };
    type Change = fn(&mut Model);
    let cases: [(&str, &str, Change); 12] = [
        ("import::operator", "nothing before it makes", |net| net.operators.swap(1, 2)),
        ("import::operator", "nothing before it makes", |net| net.operators[0].inputs[0] = net.operators[1].outputs[0]),
        ("import::operator", "exists already", |net| net.operators[3].outputs[0] = net.operators[1].outputs[0]),
        ("import::tensor", "scale 0", |net| net.tensors[1].scales[0] = 0.0),
        ("import::tensor", "scale NaN", |net| net.tensors[3].scales[1] = f32::NAN),
        ("import::tensor", "scale inf", |net| net.tensors[5].scales[0] = f32::INFINITY),
        ("import::tensor", "negative", |net| net.tensors[0].shape[1] = -6),
        ("import::tensor", "bytes of data", |net| net.tensors[3].shape[0] = i32::MAX),
        ("import::unsupported", "shape", |net| net.tensors[0].shape = vec![1, 70_000, 70_000, 70_000]),
        ("import::unsupported", "zero point", |net| net.tensors[3].zero = 4),
        ("import::damaged", "not there", |net| net.outputs[0] = 99),
        ("import::unsupported", "2 inputs", |net| {
            let second = net.tensor(Tensor::int8(&[1, 2], 0.1, 0));
            net.inputs.push(second);
        }),
    ];
    for (code, words, change) in cases {
        let found = changed(change);
        assert!(found.starts_with(code) && found.contains(words), "{code}, {words}: {found}");
    }
    assert!(matches!(try_all(b"PK\x03\x04"), Some(ImportError::NotTflite | ImportError::NotOnnx { .. })));
}

#[test]
fn a_table_that_leads_back_to_the_root_ends_in_an_error() {
    let file = small().bytes();
    let root = u32::from_le_bytes(file[..4].try_into().unwrap()) as usize;
    // Every offset of the root table leads to the root table itself.
    for field in 1..5 {
        let mut file = file.clone();
        let place = root + 4 + 8 * field;
        let back = (root as u32).wrapping_sub(place as u32);
        file[place..place + 4].copy_from_slice(&back.to_le_bytes());
        assert!(field == 3 || try_all(&file).is_some(), "field {field}");
    }
}

/// CRC-32, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let bit = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), bit))
}

/// Words of a file, aligned as a compiled model must be.
fn aligned(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks(4).map(|b| u32::from_le_bytes(std::array::from_fn(|at| b.get(at).copied().unwrap_or(0)))).collect()
}

/// Whether a damaged compiled model passes the checks of the chip; then it runs within its arena.
fn exercise(file: &[u8]) -> bool {
    let words = aligned(file);
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let Ok(model) = CompiledModel::parse(&bytes) else { return false };
    let size = model.arena_bytes() as usize;
    if size > 1 << 24 {
        return true;
    }
    let mut arena = vec![0x5a; size + 64];
    run_fed(&model, &mut arena, |_, row| row.fill(3), &mut ()).unwrap();
    assert_eq!(arena[size..], [0x5a; 64], "bytes behind the arena");
    true
}

#[test]
fn damaged_compiled_models_are_refused_or_run_within_their_arenas() {
    let mut files: Vec<Vec<u8>> = vec![small().bytes()];
    let names = ["nanonas/SensorsLetters24__melanoma_skin_cancer__STM32L010RBT6__resulting_architecture"];
    files.extend(names.iter().filter_map(|name| shared(&format!("models/{name}.tflite"))));
    let (mut accepted, mut refused) = (0, 0);
    for file in files {
        let net = import(&file).unwrap();
        for goal in [Goal::Fastest, Goal::Smallest] {
            let good = compiled(&net, goal);
            let tables = 48 + 24 * (net.graph.steps.len() + 1) + 32 * net.graph.steps.len();
            let mut random = 39u64;
            let mut next = |below: usize| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                ((random >> 33) as usize) % below
            };
            for _ in 0..1500 {
                let mut bytes = good.clone();
                for _ in 0..1 + next(3) {
                    let span = if next(4) == 0 { bytes.len() } else { tables.min(bytes.len()) };
                    let at = 16 + next(span - 16);
                    match next(4) {
                        0 => bytes[at] = next(256) as u8,
                        1 => bytes[at] = bytes[at].wrapping_add(1),
                        2 => bytes[at] ^= 1 << next(8),
                        _ => bytes[at] = next(20) as u8,
                    }
                }
                let crc = crc32(&bytes[16..]);
                bytes[12..16].copy_from_slice(&crc.to_le_bytes());
                if exercise(&bytes) { accepted += 1 } else { refused += 1 }
            }
        }
    }
    assert!(accepted > 200 && refused > 200, "{accepted} accepted, {refused} refused");
}
