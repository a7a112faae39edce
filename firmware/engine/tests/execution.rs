//! The engine computes what the graph means, whatever the arena held before and whatever dies on the way.
#![allow(clippy::unwrap_used)]

#[path = "../../plan/tests/chains/mod.rs"]
mod chains;
mod naive;
#[path = "../../kernels/tests/reference/mod.rs"]
mod reference;

use chains::{Builder, Random, chain, small, tangled};
use naive::{Net, bytes};
use proptest::prelude::*;
use tinynas_engine::{EngineError, Observer, run, run_segment};
use tinynas_plan::{Dims, Graph, Model, Op, Window};

fn graph(seed: u64) -> Graph {
    match seed % 3 {
        0 => chain(seed),
        1 => small(seed),
        _ => tangled(seed, 15),
    }
}

/// Runs the model in an arena full of `garbage`, one byte longer than planned at both ends of the check.
fn execute(model: &Model<'_>, input: &[i8], garbage: u64) -> Vec<u8> {
    let mut random = Random::new(garbage);
    let mut arena: Vec<u8> = (0..=model.arena_bytes()).map(|_| random.i8() as u8).collect();
    let beyond = arena.last().copied();
    arena[model.input().range()].copy_from_slice(&bytes(input));
    run(model, &mut arena, &mut ()).unwrap();
    assert_eq!(arena.last().copied(), beyond, "the byte past the plan");
    arena[model.output().range()].to_vec()
}

/// Tensors that a step at or after `step` still reads.
fn read_from(graph: &Graph, step: usize) -> impl Fn(usize) -> bool {
    move |tensor| graph.steps[step..].iter().any(|s| s.inputs.contains(&tensor))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_output_is_that_of_separate_buffers_whatever_the_arena_held(seed: u64, garbage: u64) {
        let net = Net::new(graph(seed), seed);
        let file = net.compile();
        let model = Model::parse(&file).unwrap();
        let input = net.input(seed);
        let expected = bytes(net.execute(&input).last().unwrap());
        prop_assert_eq!(&execute(&model, &input, garbage), &expected);
        prop_assert_eq!(&execute(&model, &input, !garbage), &expected);
    }

    #[test]
    fn every_plan_reads_only_live_bytes(seed: u64, poison: u64) {
        let net = Net::new(graph(seed), seed);
        let file = net.compile();
        let model = Model::parse(&file).unwrap();
        let input = net.input(seed);
        let expected = net.execute(&input);
        let mut random = Random::new(poison);
        let mut arena = vec![0u8; model.arena_bytes() as usize];
        arena[model.input().range()].copy_from_slice(&bytes(&input));
        for ((index, step), segment) in model.steps().enumerate().zip(model.segments()) {
            // Everything but the tensors that are still read becomes garbage, the output's place and scratch included.
            let is_read = read_from(&net.graph, index);
            let mut poisoned: Vec<u8> = arena.iter().map(|_| random.i8() as u8).collect();
            for tensor in (0..=index).filter(|t| is_read(*t)) {
                let range = model.tensor(tensor).range();
                poisoned[range.clone()].copy_from_slice(&arena[range]);
            }
            let before = poisoned.clone();
            run_segment(&model, &segment, &mut poisoned, &mut |_, _| (), &mut ()).unwrap();
            let output = &poisoned[step.output.range()];
            prop_assert_eq!(output, bytes(&expected[index + 1]), "output of step {}", index);
            // It wrote nothing but its output and its scratch (its input's place where it runs in place).
            for (at, (old, new)) in before.iter().zip(&poisoned).enumerate() {
                let mine = step.output.range().contains(&at) || step.scratch.range().contains(&at);
                prop_assert!(mine || old == new, "step {} wrote byte {}", index, at);
            }
            let is_read = read_from(&net.graph, index + 1);
            for tensor in (0..=index).filter(|t| is_read(*t)) {
                let held = &poisoned[model.tensor(tensor).range()];
                prop_assert_eq!(held, bytes(&expected[tensor]), "tensor {} after step {}", tensor, index);
            }
            arena = poisoned;
        }
    }
}

#[test]
fn a_depthwise_in_place_shrinks_and_grows() {
    for (window, input) in [
        (Window::square(3, 2, 1), Dims::new(7, 5, 6)),
        (Window::square(2, 1, 1), Dims::new(4, 4, 3)),
        (Window::square(7, 3, 6), Dims::new(3, 9, 5)),
    ] {
        let mut net = Builder::new(input);
        net.push(Op::Depthwise(window), &[0], 0).unwrap();
        let net = Net::new(net.graph, 4);
        assert_eq!(net.plan.tensors[0].offset, net.plan.tensors[1].offset);
        let file = net.compile();
        let values = net.input(1);
        let output = execute(&Model::parse(&file).unwrap(), &values, 9);
        assert_eq!(output, bytes(net.execute(&values).last().unwrap()));
    }
}

#[test]
fn a_tensor_can_be_added_to_itself() {
    let mut net = Builder::new(Dims::new(3, 3, 2));
    net.push(Op::Add, &[0, 0], 0).unwrap();
    let net = Net::new(net.graph, 8);
    let file = net.compile();
    let values = net.input(2);
    assert_eq!(execute(&Model::parse(&file).unwrap(), &values, 1), bytes(net.execute(&values).last().unwrap()));
}

#[test]
fn an_arena_that_is_too_short_is_named() {
    let net = Net::new(chain(1), 1);
    let file = net.compile();
    let model = Model::parse(&file).unwrap();
    let needed = model.arena_bytes();
    let mut arena = vec![0; needed as usize - 1];
    let error = run(&model, &mut arena, &mut ());
    assert_eq!(error, Err(EngineError::Arena { needed, given: arena.len() }));
}

#[test]
fn the_observer_sees_every_step_once_in_order() {
    #[derive(Default)]
    struct Log(Vec<(char, usize)>);
    impl Observer for Log {
        fn before(&mut self, step: usize) {
            self.0.push(('<', step));
        }
        fn after(&mut self, step: usize) {
            self.0.push(('>', step));
        }
    }
    let net = Net::new(chain(2), 2);
    let file = net.compile();
    let model = Model::parse(&file).unwrap();
    let mut log = Log::default();
    run(&model, &mut vec![0; model.arena_bytes() as usize], &mut log).unwrap();
    let expected: Vec<_> = (0..model.step_count()).flat_map(|step| [('<', step), ('>', step)]).collect();
    assert_eq!(log.0, expected);
}
