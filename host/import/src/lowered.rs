//! A network as steps of our operations, with every integer that the kernels need.

use tinynas_plan::{Graph, Params, TensorQuant};

use crate::Edge;

/// A network that can be planned and compiled.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// What the user gives: tensor 0.
    pub input: Edge,
    /// What the user gets, in the file's order: parts of the last step's output.
    pub outputs: Vec<Edge>,
    /// Steps and shapes.
    pub graph: Graph,
    /// One per step.
    pub params: Vec<Params>,
    /// One per tensor, the input first.
    pub quant: Vec<TensorQuant>,
    /// Name of every step's output in the file.
    pub names: Vec<String>,
}
