//! Step by step through a model: finds the bytes of a step in the arena and calls its kernel.

use tinynas_kernels::{self as kernels, KernelError};
use tinynas_plan::{Model, Op, StepParams, StepView, Window};

use crate::{EngineError, Observer};

/// Runs a model. The input must lie at `model.input().range()` of the arena; the output is left at
/// `model.output().range()`. Input and scratch are overwritten. Bytes of the arena past the plan stay untouched.
///
/// # Errors
/// If the arena is too short. A model that was parsed has no other error.
pub fn run(model: &Model<'_>, arena: &mut [u8], observer: &mut impl Observer) -> Result<(), EngineError> {
    let (needed, given) = (model.arena_bytes(), arena.len());
    let planned = usize::try_from(needed).ok().and_then(|needed| arena.get_mut(..needed));
    let arena = planned.ok_or(EngineError::Arena { needed, given })?;
    for step in model.steps() {
        observer.before(step.index);
        run_step(&step, arena)?;
        observer.after(step.index);
    }
    Ok(())
}

/// Runs one step; its inputs must lie in the arena.
///
/// # Errors
/// If a place or a shape does not fit, which a parsed model rules out.
pub fn run_step(step: &StepView<'_>, arena: &mut [u8]) -> Result<(), EngineError> {
    let arena: &mut [i8] = bytemuck::must_cast_slice_mut(arena);
    let place = EngineError::Place { step: step.index };
    let result = match (step.op, step.params) {
        (Op::Depthwise(window), StepParams::Weighted { .. }) if step.is_in_place() => {
            return depthwise_in_place(step, window, arena);
        }
        (Op::Depthwise(window), StepParams::Weighted { weights, channels }) => {
            let ranges = [step.input.range(), step.output.range(), step.scratch.range()];
            let [input, output, scratch] = arena.get_disjoint_mut(ranges).map_err(|_| place)?;
            let (dims, zero) = (step.input.dims, step.input.zero);
            kernels::depthwise(input, dims, window, zero, weights, channels, step.finish, output, scratch)
        }
        (Op::Add, StepParams::Add(params)) if step.input.offset == step.second.offset => {
            let [input, output] =
                arena.get_disjoint_mut([step.input.range(), step.output.range()]).map_err(|_| place)?;
            kernels::add(input, input, &params, step.finish, output)
        }
        (Op::Add, StepParams::Add(params)) => {
            let ranges = [step.input.range(), step.second.range(), step.output.range()];
            let [left, right, output] = arena.get_disjoint_mut(ranges).map_err(|_| place)?;
            kernels::add(left, right, &params, step.finish, output)
        }
        (op, params) => {
            let ranges = [step.input.range(), step.output.range()];
            let [input, output] = arena.get_disjoint_mut(ranges).map_err(|_| place)?;
            let (dims, zero, finish) = (step.input.dims, step.input.zero, step.finish);
            match (op, params) {
                (Op::Conv(Window::POINTWISE), StepParams::Weighted { weights, channels }) => {
                    kernels::pointwise(input, dims, weights, channels, finish, output)
                }
                (Op::Conv(window), StepParams::Weighted { weights, channels }) => {
                    kernels::conv(input, dims, window, zero, weights, channels, finish, output)
                }
                (Op::Linear, StepParams::Weighted { weights, channels }) => {
                    kernels::linear(input, dims, weights, channels, finish, output)
                }
                (Op::GlobalPool, StepParams::Pool(params)) => {
                    kernels::global_pool(input, dims, &params, finish, output)
                }
                _ => Err(KernelError::Shape),
            }
        }
    };
    result.map_err(|source| EngineError::Kernel { step: step.index, source })
}

/// The output starts where the input starts; together they take the bytes of the larger one.
fn depthwise_in_place(step: &StepView<'_>, window: Window, arena: &mut [i8]) -> Result<(), EngineError> {
    let (input, output) = (step.input.range(), step.output.range());
    let data = input.start..input.end.max(output.end);
    let ranges = arena.get_disjoint_mut([data, step.scratch.range()]);
    let [data, scratch] = ranges.map_err(|_| EngineError::Place { step: step.index })?;
    let StepParams::Weighted { weights, channels } = step.params else {
        return Err(EngineError::Kernel { step: step.index, source: KernelError::Shape });
    };
    let (dims, zero) = (step.input.dims, step.input.zero);
    kernels::depthwise_in_place(data, dims, window, zero, weights, channels, step.finish, scratch)
        .map_err(|source| EngineError::Kernel { step: step.index, source })
}
