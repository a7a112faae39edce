//! What one of our tensors means in the file: a shape, an order of the axes, a border not yet drawn.

use tinynas_plan::Dims;

use super::refusal::{Refusal, SHAPES};

/// A tensor of the file in terms of one of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// Our tensor.
    pub tensor: usize,
    /// The file's shape.
    pub shape: Vec<u32>,
    /// Place in memory of every axis of the shape: 0 is the slowest.
    pub order: Vec<usize>,
    /// A border of the zero point that the reader takes over: above, left, below, right. `shape` includes it.
    pub border: Option<[u32; 4]>,
}

impl Value {
    /// A tensor in the order of its shape.
    pub fn plain(tensor: usize, shape: &[u32]) -> Self {
        Self { tensor, shape: shape.to_vec(), order: (0..shape.len()).collect(), border: None }
    }

    /// Axes from the slowest to the fastest in memory.
    pub fn in_memory(&self) -> Vec<usize> {
        let mut axes: Vec<usize> = (0..self.shape.len()).collect();
        axes.sort_by_key(|axis| self.order[*axis]);
        axes
    }

    /// Whether the bytes lie in the order of the shape; axes of one position do not matter.
    pub fn is_plain(&self) -> bool {
        let memory: Vec<usize> = self.in_memory().into_iter().filter(|axis| self.shape[*axis] != 1).collect();
        memory.is_sorted()
    }
}

/// A shape of the file as rows, columns and channels; leading axes of one position are dropped.
pub fn dims(shape: &[u32]) -> Result<Dims, Refusal> {
    let ones = shape.iter().take_while(|side| **side == 1).count().min(shape.len().saturating_sub(3));
    let sides = &shape[ones..];
    if sides.len() > 3 {
        return Err(Refusal::Unsupported(format!("a tensor of shape {shape:?}"), SHAPES));
    }
    let mut all = [1u32; 3];
    all[3 - sides.len()..].copy_from_slice(sides);
    small(all)
}

/// Sides that are not 0 and fit our shapes.
pub fn small(sides: [u32; 3]) -> Result<Dims, Refusal> {
    let side = |n: u32| u16::try_from(n).ok().filter(|n| *n > 0);
    match sides.map(side) {
        [Some(h), Some(w), Some(c)] => Ok(Dims::new(h, w, c)),
        _ => Err(Refusal::Unsupported(format!("a tensor of shape {sides:?}"), "sides of 1 to 65,535 can be imported")),
    }
}
