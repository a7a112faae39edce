//! The formulas written a second time, from the block table and not from the layers.

use proptest::prelude::*;
use tinynas_cost::{Engine, cost};
use tinynas_model::{Activation, Architecture, Block, Shape, Stem};

/// Bytes of the tensors around one block.
struct Sizes {
    input: u64,
    expanded: u64,
    filtered: u64,
    output: u64,
    skip: u64,
}

fn square(side: u32, channels: u32) -> u64 {
    u64::from(side) * u64::from(side) * u64::from(channels)
}

/// Sizes of all blocks, and the sides before their depthwise layers.
fn sizes(table: &Architecture) -> (u32, Vec<(Sizes, Block, u32)>) {
    let mut side = table.input.h.div_ceil(table.stem.stride);
    let blocks = table.blocks.iter().map(|block| {
        let before = side;
        side = side.div_ceil(block.stride);
        let input = square(before, block.input);
        let sizes = Sizes {
            input,
            expanded: if block.expansion == 1 { input } else { square(before, block.hidden) },
            filtered: square(side, block.hidden),
            output: square(side, block.output),
            skip: if block.skip { input } else { 0 },
        };
        (sizes, *block, before)
    });
    let blocks = blocks.collect();
    (side, blocks)
}

/// `peak = io + column buffer + kernel buffer`.
fn tinyengine(table: &Architecture) -> u64 {
    let (last, blocks) = sizes(table);
    let stem_taps = u64::from(table.stem.kernel * table.stem.kernel * table.input.c);
    let stem_out = square(table.input.h.div_ceil(table.stem.stride), table.stem.channels);
    let mut io = square(table.input.h, table.input.c) + stem_out;
    let mut columns = 4 * stem_taps;
    for (s, block, side) in &blocks {
        let expand = if block.expansion == 1 { 0 } else { s.input + s.expanded };
        io = io.max(expand).max(s.expanded + s.skip).max(s.filtered + s.output + s.skip);
        let padded = u64::from(side + block.kernel - 1);
        let widest = if block.expansion == 1 { block.hidden } else { block.input.max(block.hidden) };
        columns = columns.max(2 * padded * padded).max(4 * u64::from(widest));
    }
    let channels = table.blocks.last().map_or(table.stem.channels, |block| block.output);
    if let Some(mix) = table.feature_mix {
        io = io.max(square(last, channels) + square(last, mix));
        columns = columns.max(4 * u64::from(channels));
    }
    io + columns + 2 * stem_taps * u64::from(table.stem.channels)
}

/// Largest in + out; a residual block's depthwise layer carries the block's input.
fn naive(table: &Architecture) -> u64 {
    let (last, blocks) = sizes(table);
    let mut peak =
        square(table.input.h, table.input.c) + square(table.input.h.div_ceil(table.stem.stride), table.stem.channels);
    for (s, block, _) in &blocks {
        let expand = if block.expansion == 1 { 0 } else { s.input + s.expanded };
        peak = peak.max(expand).max(s.expanded + s.filtered + s.skip).max(s.filtered + s.output);
    }
    let channels = table.blocks.last().map_or(table.stem.channels, |block| block.output);
    let pooled = table.feature_mix.unwrap_or(channels);
    let mix = table.feature_mix.map_or(0, |mix| square(last, channels) + square(last, mix));
    peak.max(mix).max(u64::from(pooled + table.classes))
}

fn tables() -> impl Strategy<Value = Architecture> {
    let block = (prop::sample::select(vec![3u32, 5, 7]), 1u32..=6, 1u32..=32, 1u32..=2, any::<bool>());
    (4u32..=64, 1u32..=3, 1u32..=32, prop::collection::vec(block, 1..10), 0u32..=64).prop_map(
        |(side, channels, width, blocks, mix)| {
            let mut input = width;
            let mut chain = Vec::new();
            for (kernel, expansion, output, stride, same) in blocks {
                let output = if same { input } else { output };
                chain.push(Block::new(kernel, expansion, input, output, stride));
                input = output;
            }
            Architecture {
                input: Shape::new(side, side, channels),
                stem: Stem { kernel: 3, stride: 2, channels: width },
                blocks: chain,
                feature_mix: (mix > 0).then_some(mix),
                classes: 10,
                activation: Activation::Relu6,
            }
        },
    )
}

proptest! {
    #[test]
    fn tinyengine_is_its_closed_form(table in tables()) {
        let cost = cost(&table.network().unwrap(), Engine::Tinyengine).unwrap();
        prop_assert_eq!(cost.sram.0, tinyengine(&table));
    }

    #[test]
    fn naive_is_its_closed_form(table in tables()) {
        let cost = cost(&table.network().unwrap(), Engine::Naive).unwrap();
        prop_assert_eq!(cost.sram.0, naive(&table));
    }

    #[test]
    fn the_model_is_weights_and_eight_bytes_per_channel(table in tables()) {
        let network = table.network().unwrap();
        let mut expected = 0;
        for (index, layer) in network.layers.iter().enumerate() {
            let weights = network.layer_weights(index);
            expected += weights + if weights > 0 { 8 * u64::from(layer.output.c) } else { 0 };
        }
        let cost = cost(&network, Engine::Tinyengine).unwrap();
        prop_assert_eq!(cost.model.0, expected);
        prop_assert_eq!(cost.flash.0, expected + 64 * 1024);
    }
}
