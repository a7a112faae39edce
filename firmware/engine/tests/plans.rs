//! Every plan of a graph computes the same, in the bytes that it says, and reads only what is there.
#![allow(clippy::unwrap_used)]

#[path = "../../plan/tests/chains/mod.rs"]
mod chains;
mod naive;
#[path = "../../kernels/tests/reference/mod.rs"]
mod reference;
mod shadow;

use chains::{Random, chain, small, tangled, varied::varied};
use naive::{Net, bytes};
use proptest::prelude::*;
use tinynas_engine::run_fed;
use tinynas_plan::{Feed, Goal, Graph, Model, Plan, PlanError, plan_for};

fn graph(seed: u64) -> Graph {
    match seed % 6 {
        0 | 1 => chain(seed),
        2 => small(seed),
        3 => tangled(seed, 12),
        _ => varied(seed),
    }
}

/// Runs `plan` in an arena full of garbage.
fn execute(net: &Net, plan: Plan, input: &[i8], garbage: u64) -> Vec<u8> {
    let net = Net { plan, graph: net.graph.clone(), quant: net.quant.clone(), params: net.params.clone() };
    let file = net.compile();
    let model = Model::parse(&file).unwrap();
    shadow::check(&model);
    let mut random = Random::new(garbage);
    let mut arena: Vec<u8> = (0..=model.arena_bytes()).map(|_| random.i8() as u8).collect();
    let beyond = arena.last().copied();
    if !model.is_fed_by_rows() {
        arena[model.input().range()].copy_from_slice(&bytes(input));
    }
    let row = model.input().row_bytes() as usize;
    let feed = |number: u16, to: &mut [i8]| to.copy_from_slice(&input[usize::from(number) * row..][..row]);
    run_fed(&model, &mut arena, feed, &mut ()).unwrap();
    assert_eq!(arena.last().copied(), beyond, "the byte past the plan");
    arena[model.output().range()].to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_plan_gives_the_output_of_separate_buffers(seed: u64, garbage: u64, share in 0u32..=8) {
        let net = Net::new(graph(seed), seed);
        let input = net.input(seed);
        let expected = bytes(net.execute(&input).last().unwrap());
        let fastest = plan_for(&net.graph, Goal::Fastest, Feed::Whole).unwrap();
        let smallest = plan_for(&net.graph, Goal::Smallest, Feed::Whole).unwrap();
        prop_assert!(smallest.arena_bytes <= fastest.arena_bytes, "{:?} {:?}", smallest, fastest);
        let between = smallest.arena_bytes + fastest.arena_bytes.saturating_sub(smallest.arena_bytes) * share / 8;
        let fitting = plan_for(&net.graph, Goal::Fits(between), Feed::Whole).unwrap();
        prop_assert!(fitting.arena_bytes <= between);
        for plan in [fastest, smallest, fitting] {
            prop_assert_eq!(&execute(&net, plan, &input, garbage), &expected);
        }
    }

    #[test]
    fn an_input_that_comes_by_rows_gives_the_same(seed: u64, garbage: u64) {
        let net = Net::new(graph(seed), seed);
        let input = net.input(seed);
        for goal in [Goal::Fastest, Goal::Smallest] {
            match plan_for(&net.graph, goal, Feed::Rows) {
                Ok(plan) => {
                    let expected = bytes(net.execute(&input).last().unwrap());
                    prop_assert_eq!(&execute(&net, plan, &input, garbage), &expected);
                }
                Err(error) => prop_assert_eq!(error, PlanError::NotFed),
            }
        }
    }
}
