//! From the chosen network and its compiled model to the page: blocks, layers, the arena over time.

use tinynas_model::{Architecture, Genotype, Network as Layers};
use tinynas_plan::Model;
use tinynas_report::{Arena, ArenaBlock, ArenaKind, Block, BlockKind, Layer, Network};

use super::Found;
use crate::{device::Measured, failure::Failure, memory};

impl Found {
    pub(super) fn network(&self) -> Result<Option<Network>, Failure> {
        let Some(chosen) = &self.chosen else { return Ok(None) };
        let layers = chosen.network()?;
        let input = layers.input;
        Ok(Some(Network {
            id: chosen.id.to_string(),
            genotype: chosen.genotype.to_string(),
            macs: chosen.macs,
            params: chosen.params,
            input: [input.h, input.w, input.c],
            classes: layers.classes(),
            blocks: blocks(&chosen.architecture, &chosen.genotype, &layers),
        }))
    }
}

/// Stem, inverted bottlenecks and head; a block's shape is that of its last layer.
fn blocks(architecture: &Architecture, genotype: &Genotype, layers: &Layers) -> Vec<Block> {
    let output = |prefix: &str| {
        let of_block =
            |name: &str| name == prefix || name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'));
        let last = layers.layers.iter().rfind(|layer| of_block(&layer.name));
        last.map_or([0; 3], |layer| [layer.output.h, layer.output.w, layer.output.c])
    };
    let stem = architecture.stem;
    let mut blocks = vec![Block {
        name: "stem".into(),
        kind: BlockKind::Conv,
        kernel: stem.kernel,
        stride: stem.stride,
        input_channels: architecture.input.c,
        output: output("stem"),
        ..Block::default()
    }];
    let stages: Vec<u32> =
        (1..).zip(&genotype.stages).flat_map(|(stage, genes)| genes.iter().map(move |_| stage)).collect();
    // Blocks before the first stage have no choices and no gene.
    let fixed = architecture.blocks.len().saturating_sub(stages.len());
    for (index, block) in architecture.blocks.iter().enumerate() {
        let name = format!("b{index}");
        blocks.push(Block {
            kind: BlockKind::InvertedResidual,
            stage: index.checked_sub(fixed).map_or(0, |at| stages[at]),
            kernel: block.kernel,
            expansion: block.expansion,
            stride: block.stride,
            input_channels: block.input,
            output: output(&name),
            skip: block.skip,
            name,
        });
    }
    for (name, kind) in [("mix", BlockKind::Conv), ("pool", BlockKind::Pool), ("classifier", BlockKind::Linear)] {
        let Some(index) = layers.layers.iter().position(|layer| layer.name == name) else { continue };
        let kernel = layers.layers[index].op.conv().map_or(0, |conv| conv.kernel);
        let stride = layers.layers[index].op.conv().map_or(0, |conv| conv.stride);
        let (input_channels, output) = (layers.input_of(index).c, output(name));
        blocks.push(Block { name: name.into(), kind, kernel, stride, input_channels, output, ..Block::default() });
    }
    blocks
}

/// The layer table of a compiled model.
pub(super) fn layers(model: &Model<'_>, names: Option<&[String]>, measured: Option<&Measured>) -> Vec<Layer> {
    let counters = |index: usize| measured.and_then(|measured| measured.layers.get(index));
    let layer = |row: memory::StepRow| Layer {
        cycles: counters(row.index).and_then(|layer| layer.cycles),
        instructions: counters(row.index).and_then(|layer| layer.instructions),
        name: row.name,
        op: row.op,
        output: row.output,
        macs: row.macs,
        weight_bytes: row.weight_bytes,
        live_bytes: row.live_bytes,
    };
    memory::steps(model, names).into_iter().map(layer).collect()
}

/// The arena of a compiled model over its steps.
pub(super) fn arena(model: &Model<'_>, names: Option<&[String]>) -> Arena {
    let block = |block: memory::Block| ArenaBlock {
        name: block.name,
        kind: match block.kind {
            memory::BlockKind::Input => ArenaKind::Input,
            memory::BlockKind::Tensor => ArenaKind::Tensor,
            memory::BlockKind::Output => ArenaKind::Output,
            memory::BlockKind::Scratch => ArenaKind::Scratch,
        },
        offset: block.place.offset.into(),
        bytes: block.place.bytes.into(),
        first_step: block.first_step,
        last_step: block.last_step,
    };
    Arena {
        bytes: model.arena_bytes().into(),
        steps: memory::steps(model, names).into_iter().map(|row| row.name).collect(),
        blocks: memory::blocks(model, names).into_iter().map(block).collect(),
    }
}
