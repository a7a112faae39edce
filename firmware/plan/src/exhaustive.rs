//! The smallest peak by simulating every possible segment row by row: slow, and what the closed form is tested against.

use crate::{Feed, Graph, extent::BATCHES, figures::Figures, segment::Flow};

/// Bytes of the largest segment of the best cuts; `None` if there are none.
#[doc(hidden)]
#[must_use]
pub fn exhaustive_peak(graph: &Graph, feed: Feed) -> Option<u64> {
    let flow = Flow::new(graph, feed);
    let steps = graph.steps.len();
    let mut best = alloc::vec![u64::MAX; steps + 1];
    best[0] = 0;
    for end in 1..=steps {
        for start in (0..end).rev() {
            let batches = if end - start == 1 { &BATCHES[..] } else { &BATCHES[..1] };
            let segments = batches.iter().filter_map(|batch| flow.measure(start..end, *batch));
            let bytes = segments.map(|segment| u64::from(segment.bytes) + flow.beside(&(start..end))).min();
            match bytes {
                Some(bytes) => best[end] = best[end].min(best[start].max(bytes)),
                None if end - start > 1 => break,
                None => {}
            }
        }
    }
    best.last().copied().filter(|bytes| *bytes < u64::MAX)
}

/// Segments whose closed form differs from what they take when they run: steps, closed form, simulation.
#[doc(hidden)]
#[must_use]
pub fn wrong_extents(graph: &Graph, feed: Feed) -> (usize, alloc::vec::Vec<(core::ops::Range<usize>, u16, u64, u64)>) {
    let flow = Flow::new(graph, feed);
    let figures = Figures::new(&flow);
    let (mut exact, mut wrong) = (0, alloc::vec::Vec::new());
    for start in 0..graph.steps.len() {
        figures.extents(start, |extent| {
            exact += usize::from(extent.is_exact);
            let steps = extent.start..extent.end;
            let found = figures.simulated(extent).map(|(extent, _)| extent.bytes);
            let right =
                if extent.is_exact { found == Some(extent.bytes) } else { found.is_none_or(|b| b >= extent.bytes) };
            if !right {
                wrong.push((steps, extent.batch, extent.bytes, found.unwrap_or(0)));
            }
            core::ops::ControlFlow::Continue(())
        });
    }
    (exact, wrong)
}
