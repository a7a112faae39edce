//! What the closed form of segments asks of a graph again and again: readers, windows, scratch, of every tensor and step.
//!
//! The window of a tensor does not depend on the segment that it is inside: it is as high as its reader's window, or,
//! where a shortcut of a bottleneck reads it as well, as the rows between the two readers.

use alloc::vec::Vec;

use tinynas_kernels::Axis;

use crate::{Need, Op, reach::Reach, segment::Flow};

/// The window of a tensor inside a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ring {
    pub rows: u16,
    /// Rows made of the tensor from the rows that its last reader made.
    pub reach: Reach,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Tensor {
    pub bytes: u32,
    pub row_bytes: u32,
    pub rows: u16,
    /// The last step that reads it.
    pub last: usize,
    /// `None` where its readers are none of the two cases with a closed form.
    pub ring: Option<Ring>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// What a row needs; `None` if it needs all.
    pub axis: Option<Axis>,
    /// Rows of work.
    pub rows: u16,
    /// Scratch as one of several steps.
    pub scratch: u32,
    pub is_pool: bool,
    /// Whether it reads the tensor made just before it.
    pub is_chained: bool,
    /// The other tensor that it reads.
    pub other: Option<usize>,
    /// One more, of a step that does not read the tensor made just before it.
    pub another: Option<usize>,
}

impl Step {
    /// Whether it may be one of several steps without being the last.
    pub const fn is_inner(&self) -> bool {
        self.axis.is_some() && !self.is_pool
    }
}

/// A graph's figures.
pub(crate) struct Figures<'a> {
    pub flow: &'a Flow<'a>,
    pub tensors: Vec<Tensor>,
    pub steps: Vec<Step>,
    /// Bytes of the older tensors alive when a step begins: without the one made just before it.
    pub older: Vec<u64>,
    /// Numbers of them.
    pub olders: Vec<u32>,
}

/// The row of the same number.
pub(crate) const ONE: Axis = Axis { kernel: 1, stride: 1, pad: 0 };

impl<'a> Figures<'a> {
    pub fn new(flow: &'a Flow<'a>) -> Self {
        let count = flow.graph.steps.len();
        let mut figures = Self {
            flow,
            tensors: Vec::with_capacity(count + 1),
            steps: Vec::with_capacity(count),
            older: alloc::vec![0; count + 1],
            olders: alloc::vec![0; count + 1],
        };
        let mut readers = alloc::vec![0u32; count + 1];
        for tensor in 0..=count {
            let dims = flow.graph.dims(tensor).unwrap_or_default();
            let last = flow.last.get(tensor).copied().unwrap_or_default();
            let row_bytes = u32::from(dims.w) * u32::from(dims.c);
            figures.tensors.push(Tensor { bytes: dims.bytes(), row_bytes, rows: dims.h, last, ring: None });
            // Alive beside the steps after `tensor` up to its last reader.
            for step in tensor + 1..last.min(count - 1) + 1 {
                figures.older[step] += u64::from(dims.bytes());
                figures.olders[step] += 1;
            }
        }
        for (index, step) in flow.graph.steps.iter().enumerate() {
            let pair = step.pair();
            readers[pair[0]] += 1;
            readers[pair[1]] += u32::from(pair[0] != pair[1]);
            let input = flow.graph.dims(pair[0]).unwrap_or_default();
            let axis = match step.op.need() {
                Need::Window(axis) => Some(axis),
                Need::Same => Some(ONE),
                Need::All => None,
            };
            let others = || pair.into_iter().filter(|tensor| *tensor != index);
            let other = others().max();
            figures.steps.push(Step {
                axis,
                rows: step.op.work_rows(input, step.output),
                scratch: u32::try_from(step.op.scratch_bytes(input, step.output, 1, true)).unwrap_or(u32::MAX),
                is_pool: step.op == Op::GlobalPool,
                is_chained: pair.contains(&index),
                other,
                another: others().min().filter(|tensor| Some(*tensor) != other),
            });
        }
        // Rows that lead nowhere are not asked for.
        if readers.iter().take(count).all(|readers| *readers > 0) {
            figures.find_rings(&readers);
        }
        figures
    }

    fn find_rings(&mut self, readers: &[u32]) {
        // Rows of the output that a step is asked for at least, wherever the segment ends.
        let mut asked = self.tensors.last().map_or(0, |tensor| tensor.rows);
        for tensor in (0..self.steps.len()).rev() {
            let step = self.steps[tensor];
            let rows = self.tensors[tensor].rows;
            let made = if step.is_pool || step.axis.is_none() { step.rows } else { asked };
            self.tensors[tensor].ring = self.ring(tensor, readers, made);
            asked = match step.axis {
                Some(axis) if step.is_chained => axis.seen(made.saturating_sub(1), rows).end,
                Some(_) => 1,
                None => rows,
            };
        }
    }

    fn ring(&self, tensor: usize, readers: &[u32], made: u16) -> Option<Ring> {
        let Tensor { rows, last, .. } = self.tensors[tensor];
        let reader = self.steps.get(tensor)?;
        if !reader.is_chained {
            return None;
        }
        let axis = reader.axis?;
        if last == tensor {
            let kernel = rows.min(axis.kernel.into());
            // A few rows may be fewer than any window sees of them; what then is asked for is found by simulation.
            let seen = |row: u16| axis.seen(row, rows);
            let window = (0..made).map(|row| seen(row).end - seen(row).start).find(|seen| *seen >= kernel);
            let window = window?;
            return Some(Ring { rows: window, reach: Reach::filled(Reach::start(axis), window, rows) });
        }
        if readers[tensor] != 2 || last >= self.steps.len() || self.steps[last].axis != Some(ONE) {
            return None;
        }
        // A shortcut: everything between has one reader, the same rows, and steps of one row.
        let inner = tensor + 1..last + 1;
        let is_plain = |step: &Step| {
            step.is_chained && step.is_inner() && step.other.is_none() && step.axis.is_some_and(|axis| axis.stride == 1)
        };
        let is_chain =
            inner.clone().all(|t| readers[t] == 1 && self.tensors[t].last == t && self.tensors[t].rows == rows);
        if !is_chain || !self.steps[tensor..last].iter().all(is_plain) || !self.steps[last].is_chained {
            return None;
        }
        let side = |step: &Step| step.axis.map_or((1, 0), |axis| (i64::from(axis.kernel), i64::from(axis.pad)));
        let (kernel, pad) = side(reader);
        let ahead: i64 = self.steps[tensor + 1..last].iter().map(|step| side(step).0 - 1 - side(step).1).sum();
        let height = i64::from(rows);
        let window = kernel.max(ahead + kernel - pad).min(height);
        if pad > 0 && (i64::from(made) <= pad || self.steps[tensor..last].iter().any(|step| side(step).0 >= height)) {
            return None;
        }
        let first = if pad > 0 { (self.lead(tensor, last, window)? - pad).min(0) } else { 0 };
        let window = u16::try_from(window).ok()?;
        let start = Reach { slope: 1, shift: first, low: 0, high: i64::MAX };
        Some(Ring { rows: window, reach: Reach::filled(start, window, rows) })
    }

    /// How many rows the first reader of a shortcut's tensor is ahead of the last one, at most: each stage between
    /// them is bounded by its own window and by its input's.
    fn lead(&self, tensor: usize, last: usize, window: i64) -> Option<i64> {
        let axes = || self.steps[tensor..last].iter().map(|step| step.axis.unwrap_or(ONE));
        let mut leads = [0i64; crate::MAX_SEGMENT];
        let leads = leads.get_mut(..last - tensor)?;
        let mut reader = ONE;
        let mut lead = 0;
        for (axis, slot) in axes().rev().zip(leads.iter_mut().rev()) {
            lead += i64::from(reader.kernel) - i64::from(reader.pad);
            *slot = lead;
            reader = axis;
        }
        for _ in 0..=leads.len() {
            let first = axes().next()?;
            let mut input = (leads.first()? - i64::from(first.pad)).min(0) + window;
            for (axis, slot) in axes().zip(leads.iter_mut()) {
                *slot = (*slot).min(input + i64::from(axis.pad) - i64::from(axis.kernel) + 1);
                input = *slot;
            }
            // What is behind is bounded by what its reader has left.
            let mut next: Option<(i64, Axis)> = None;
            for (axis, slot) in axes().rev().zip(leads.iter_mut().rev()) {
                if let Some((lead, reader)) = next {
                    *slot = (*slot).min(lead - i64::from(reader.pad) + i64::from(reader.kernel));
                }
                next = Some((*slot, axis));
            }
        }
        leads.first().copied()
    }
}
