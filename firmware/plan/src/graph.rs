//! What is to be planned: steps in execution order with their shapes.

use alloc::vec::Vec;

use crate::{Dims, MAX_STEPS, Op, PlanError};

/// One step. Tensor 0 is the network's input, tensor `i + 1` the output of step `i`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// What it computes.
    pub op: Op,
    /// Tensors that it reads.
    pub inputs: Vec<usize>,
    /// Shape of its output.
    pub output: Dims,
}

impl Step {
    /// Tensors that it reads; the same twice where there is one.
    #[must_use]
    pub fn pair(&self) -> [usize; 2] {
        let first = self.inputs.first().copied().unwrap_or_default();
        [first, self.inputs.get(1).copied().unwrap_or(first)]
    }

    /// Whether it may write over an input that it reads last.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        self.op.is_in_place(self.pair())
    }
}

/// Steps in execution order; the last one makes the network's output.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Graph {
    /// Shape of the network's input.
    pub input: Dims,
    /// The steps.
    pub steps: Vec<Step>,
}

impl Graph {
    /// Shape of a tensor; `None` if there is no such tensor.
    #[must_use]
    pub fn dims(&self, tensor: usize) -> Option<Dims> {
        match tensor.checked_sub(1) {
            None => Some(self.input),
            Some(step) => self.steps.get(step).map(|step| step.output),
        }
    }

    /// Checks that every step reads earlier tensors of shapes that make its output.
    ///
    /// # Errors
    /// The first step that does not.
    pub fn check(&self) -> Result<(), PlanError> {
        if self.steps.is_empty() || self.steps.len() > MAX_STEPS {
            return Err(PlanError::Steps { steps: self.steps.len() });
        }
        for (index, step) in self.steps.iter().enumerate() {
            if step.inputs.len() != step.op.arity() {
                return Err(PlanError::Arity { step: index, inputs: step.inputs.len(), arity: step.op.arity() });
            }
            let mut inputs = [Dims::default(); 2];
            for (input, tensor) in inputs.iter_mut().zip(step.pair()) {
                let dims = self.dims(tensor).filter(|_| tensor <= index);
                *input = dims.ok_or(PlanError::Tensor { step: index, tensor })?;
            }
            if !step.op.makes(inputs, step.output) {
                return Err(PlanError::Shape { step: index, input: inputs[0], output: step.output });
            }
        }
        Ok(())
    }

    /// The last step that reads each tensor; the last step for the network's output.
    pub(crate) fn last_steps(&self) -> Vec<usize> {
        let mut last: Vec<usize> = (0..=self.steps.len()).map(|tensor| tensor.saturating_sub(1)).collect();
        for (index, step) in self.steps.iter().enumerate() {
            for &tensor in &step.inputs {
                if let Some(last) = last.get_mut(tensor) {
                    *last = index;
                }
            }
        }
        last
    }
}
