//! Both ways to the list of layers agree, and what selection decides on it is what the whole count decides.

use proptest::prelude::*;
use rand_pcg::Pcg64Mcg;
use tinynas_model::{Architecture, ArchitectureError, Stem, graph};
use tinynas_plan::{Feed, Goal, plan_for};
use tinynas_space::Space;

use super::*;
use crate::{Bytes, Engine, Limits, cost, engine::Constants};

/// Block tables that chain, with every shape of block: no expansion, shortcut, stride, kernels larger than the image.
pub(crate) fn architecture() -> impl Strategy<Value = Architecture> {
    let kernel = || prop::sample::select(vec![1u32, 3, 5, 7]);
    let block = (kernel(), 1u32..=6, 1u32..=24, 1u32..=2, any::<bool>());
    (1u32..=40, 1u32..=3, (kernel(), 1u32..=2, 1u32..=24), prop::collection::vec(block, 0..8), (1u32..=20, 0u32..=40))
        .prop_map(|(side, channels, (kernel, stride, width), blocks, (classes, mix))| {
            let mut input = width;
            let blocks = blocks
                .into_iter()
                .map(|(kernel, expansion, output, stride, same)| {
                    let output = if same { input } else { output };
                    let block = Block::new(kernel, expansion, input, output, stride);
                    input = output;
                    block
                })
                .collect();
            Architecture {
                input: Shape::new(side, side, channels),
                stem: Stem { kernel, stride, channels: width },
                blocks,
                feature_mix: (mix > 0).then_some(mix),
                classes,
                activation: Activation::Relu6,
            }
        })
}

proptest! {
    #[test]
    fn the_block_table_and_the_network_give_the_same_layers(table in architecture()) {
        let network = table.network().unwrap();
        let mut uses = Vec::new();
        of_architecture(&table, &mut uses).unwrap();
        prop_assert_eq!(&uses, &of_network(&network).unwrap());
        // A graph knows no activation.
        let plain = |layer: &LayerUse| LayerUse { op: match layer.op {
            Op::Conv(conv) => Op::Conv(Conv { activation: Activation::Linear, ..conv }),
            Op::Depthwise(conv) => Op::Depthwise(Conv { activation: Activation::Linear, ..conv }),
            op => op,
        }, ..*layer };
        let plain: Vec<_> = uses.iter().map(plain).collect();
        prop_assert_eq!(of_graph(&graph(&network).unwrap()).unwrap(), plain);
        prop_assert_eq!(uses.iter().map(LayerUse::macs).sum::<u64>(), network.macs());
        for (index, layer) in uses.iter().enumerate() {
            prop_assert_eq!(layer.weights(), network.layer_weights(index));
        }
    }

    /// The oracle counts, layer by layer, every tensor that was made and is still to be read.
    #[test]
    fn what_lives_beside_a_layer_is_what_is_made_and_still_needed(table in architecture()) {
        let network = table.network().unwrap();
        for (index, layer) in of_network(&network).unwrap().iter().enumerate() {
            let reads = &network.layers[index].inputs;
            let needed = |tensor: &TensorId| network.layers[index..].iter().any(|l| l.inputs.contains(tensor));
            let tensors = (0..=index as u32).map(TensorId);
            let beside: u64 = tensors
                .filter(|tensor| needed(tensor) && !reads.contains(tensor))
                .map(|tensor| network.shape(tensor).elements())
                .sum();
            prop_assert_eq!(layer.beside, beside);
            let later = network.layers[index + 1..].iter().any(|l| l.inputs.contains(&reads[0]));
            prop_assert_eq!(layer.input_dies, !later);
        }
    }

    #[test]
    fn no_plan_goes_below_the_bound(table in architecture()) {
        let network = table.network().unwrap();
        let plan = plan_for(&graph(&network).unwrap(), Goal::Smallest, Feed::Whole).unwrap();
        let bound = Engine::Tinynas.peak(&of_network(&network).unwrap(), Constants::shipped().unwrap());
        prop_assert!(bound.bytes <= u64::from(plan.arena_bytes));
    }

    /// Early exits give the verdict of the whole count, at budgets around the network's own needs.
    #[test]
    fn cheap_checks_decide_as_the_whole_count(
        table in architecture(),
        engine in prop::sample::select(Engine::ALL.to_vec()),
        slack in prop::array::uniform3(-1i64..=1),
        limited: bool,
    ) {
        let network = table.network().unwrap();
        let cost = cost(&network, engine).unwrap();
        let near = |number: u64, slack: i64| number.saturating_add_signed(slack);
        let limits = Limits {
            engine,
            sram: Bytes(near(cost.sram.0, slack[0])),
            flash: Bytes(near(cost.flash.0, slack[1])),
            macs: limited.then(|| near(cost.macs, slack[2])),
        };
        match limits.check(&network).unwrap() {
            Ok(found) => {
                prop_assert!(limits.fits(&cost));
                prop_assert_eq!(found, cost);
            }
            Err(misfit) => {
                prop_assert!(!limits.fits(&cost));
                prop_assert!(misfit.needed > misfit.allowed, "{}", misfit);
            }
        }
    }
}

/// Drawing on is given up where the smallest network does not fit; this is why that is sound.
#[test]
fn no_network_of_a_space_needs_less_than_its_smallest() {
    let constants = Constants::shipped().unwrap();
    let mut rng = Pcg64Mcg::new(5);
    for name in Space::shipped() {
        let space = Space::open(name).unwrap();
        let variants = space.variants();
        let ends = [variants[0], variants[variants.len() / 2], variants[variants.len() - 1]];
        for variant in ends {
            let uses = |genotype| {
                let table = space.architecture(variant, &genotype, 3, 10).unwrap();
                let mut uses = Vec::new();
                of_architecture(&table, &mut uses).unwrap();
                uses
            };
            let least = uses(space.smallest());
            for _ in 0..200 {
                let other = uses(space.sample(&mut rng));
                for engine in Engine::ALL {
                    let peak = |uses: &[LayerUse]| engine.peak(uses, constants).bytes;
                    let model = |uses: &[LayerUse]| engine.formula_model_bytes(uses, constants);
                    assert!(peak(&least) <= peak(&other), "{name} {variant} {engine}");
                    assert!(model(&least) <= model(&other), "{name} {variant} {engine}");
                }
            }
        }
    }
}

#[test]
fn a_table_that_does_not_chain_is_refused_with_its_block() {
    let block = Block { kernel: 3, expansion: 3, input: 16, hidden: 48, output: 8, stride: 1, skip: false };
    let table = Architecture {
        input: Shape::new(8, 8, 3),
        stem: Stem { kernel: 3, stride: 2, channels: 8 },
        blocks: vec![block],
        feature_mix: None,
        classes: 2,
        activation: Activation::Relu6,
    };
    let error = of_architecture(&table, &mut Vec::new()).unwrap_err();
    assert!(matches!(error, CostError::Architecture(ArchitectureError::Channels { block: 0, expected: 16, got: 8 })));
    assert_eq!(error.code(), "cost::network");
}
