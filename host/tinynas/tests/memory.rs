//! The bytes that `fit` shows per layer are the planner's own, although they are read from the compiled model alone.

#![allow(clippy::unwrap_used)]

use tinynas::memory::{BlockKind, blocks, steps};
use tinynas_model::graph;
use tinynas_plan::{Graph, Meta, MetaPreprocess, Model, Op, Params, Plan, TensorQuant, compile, plan};
use tinynas_space::Space;

const UNIT: TensorQuant = TensorQuant { scale: 1.0, zero_point: 0 };

/// Parameters that any step can have.
fn params(graph: &Graph, index: usize) -> Params {
    let step = &graph.steps[index];
    let input = graph.dims(step.inputs[0]).unwrap();
    let channels = usize::from(step.output.c);
    match step.op {
        Op::Add => Params::add(UNIT, UNIT, UNIT),
        Op::GlobalPool => Params::pool(UNIT, UNIT),
        op => Params::Weighted {
            weights: vec![1; op.weights(input, step.output) as usize],
            bias: vec![0; channels],
            multiplier: vec![1 << 30; channels],
            shift: vec![0; channels],
            input_zero: 0,
            output_zero: 0,
            min: -128,
            max: 127,
        },
    }
}

fn compiled(space: &Space, variant: &str, genotype: &str) -> (Graph, Plan, Vec<u8>, Vec<String>) {
    let architecture = space.architecture(space.variant(variant).unwrap(), &genotype.parse().unwrap(), 1, 10).unwrap();
    let network = architecture.network().unwrap();
    let graph = graph(&network).unwrap();
    let plan = plan(&graph).unwrap();
    let params: Vec<Params> = (0..graph.steps.len()).map(|index| params(&graph, index)).collect();
    let size = u16::try_from(network.input.h).unwrap();
    let meta = Meta {
        preprocess: MetaPreprocess { size, channels: 1, mean: 128, scale: 1.0 },
        classes: (0..10).map(|class| class.to_string()).collect(),
        sram_budget: 0,
        flash_budget: 0,
        provenance: String::new(),
    };
    let bytes = compile(&graph, &plan, &params, &vec![UNIT; graph.steps.len() + 1], &meta).unwrap();
    (graph, plan, bytes, network.layers.into_iter().map(|layer| layer.name).collect())
}

#[test]
fn live_bytes_places_and_macs_are_those_of_plan_and_network() {
    let space = Space::open("mnas-small").unwrap();
    let genotypes = [
        "k3e3;k3e3;k3e3;k3e3;k3e3",
        "k3e4,k5e6;k7e3,k3e6,k5e4;k3e3,k3e3;k5e6,k3e4,k3e3;k5e6",
        "k5e6,k5e6;k3e3;k7e4,k7e4,k7e4;k3e6;k3e4",
    ];
    for (variant, genotype) in ["w0.15-r16", "w0.4-r28", "w0.8-r40"].into_iter().zip(genotypes) {
        let (graph, plan, bytes, names) = compiled(&space, variant, genotype);
        let model = Model::parse(&bytes).unwrap();
        let rows = steps(&model, Some(&names));
        // The planner counts whole words.
        for (row, planned) in rows.iter().zip(&plan.live_bytes) {
            assert!((planned - 12..=*planned).contains(&(row.live_bytes as u32)), "{variant}: {row:?}, {planned}");
        }
        assert!(rows.iter().map(|row| &row.name).eq(&names));
        let macs: u64 = rows.iter().map(|row| row.macs).sum();
        let variant = space.variant(variant).unwrap();
        let network = space.architecture(variant, &genotype.parse().unwrap(), 1, 10).unwrap().network().unwrap();
        assert_eq!(macs, network.macs());
        let blocks = blocks(&model, Some(&names));
        for (tensor, block) in blocks.iter().filter(|block| block.kind != BlockKind::Scratch).enumerate() {
            assert_eq!(block.place, plan.tensors[tensor].made());
            let last = graph.steps.iter().rposition(|step| step.inputs.contains(&tensor));
            assert_eq!(block.last_step, last.unwrap_or(graph.steps.len() - 1), "{tensor}");
        }
    }
}
