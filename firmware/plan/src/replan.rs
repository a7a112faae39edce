//! Another plan for a compiled model: where everything lies and what runs together changes, packed weights stay.

use alloc::vec::Vec;

use crate::{
    CompileError, Graph, Model, Plan, Step,
    writer::{Run, Writer},
};

/// The graph that a model was compiled from.
#[must_use]
pub fn graph_of(model: &Model<'_>) -> Graph {
    let steps = model.steps().map(|view| {
        let inputs = view.inputs.into_iter().take(view.op.arity()).collect();
        Step { op: view.op, inputs, output: view.output.dims }
    });
    Graph { input: model.input().dims, steps: steps.collect() }
}

/// The model with another plan of its own graph: the bytes that compiling with that plan gives.
///
/// # Errors
/// If the plan is of another graph, or the result would not pass [`Model::parse`].
pub fn replan(model: &Model<'_>, plan: &Plan) -> Result<Vec<u8>, CompileError> {
    let graph = graph_of(model);
    plan.check(&graph)?;
    let mut file = Writer { bytes: model.bytes().to_vec() };
    for (index, place) in plan.tensors.iter().enumerate() {
        file.place(index, *place);
    }
    for (index, scratch) in plan.scratch.iter().enumerate() {
        file.run(graph.steps.len(), index, Run::of(plan, index, *scratch));
    }
    file.finish(plan.arena_bytes);
    Model::parse(&file.bytes)?;
    Ok(file.bytes)
}
