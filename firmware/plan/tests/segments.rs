//! The closed form of segments is what they take when they run, and the fast search finds the smallest peak.
#![allow(clippy::unwrap_used)]

mod chains;

use chains::{mnas, small, tangled};
use tinynas_plan::{Feed, Goal, Graph, exhaustive_peak, fits, least_bytes, plan, plan_for, wrong_extents};

const FEEDS: [Feed; 2] = [Feed::Whole, Feed::Rows];

#[test]
fn closed_forms_are_simulations() {
    let graphs = (0..2000).flat_map(|seed| [small(seed), tangled(seed, 12)]).chain((0..20).map(mnas));
    let mut exact = 0;
    for graph in graphs {
        for feed in FEEDS {
            let (count, wrong) = wrong_extents(&graph, feed);
            exact += count;
            assert_eq!(wrong, [], "{feed:?} {graph:?}");
        }
    }
    assert!(exact > 100_000, "{exact} segments");
}

/// The fast search against all segments simulated.
fn check(graph: &Graph) {
    for feed in FEEDS {
        let found = least_bytes(graph, feed);
        let smallest = plan_for(graph, Goal::Smallest, feed).map(|plan| plan.arena_bytes);
        assert_eq!(found, smallest, "{feed:?} {graph:?}");
        let Some(peak) = exhaustive_peak(graph, feed) else {
            found.unwrap_err();
            continue;
        };
        let found = found.unwrap();
        let layers = plan(graph).unwrap().arena_bytes;
        let layers = if feed == Feed::Whole { layers } else { u32::MAX };
        let peak = u32::try_from(peak).unwrap().next_multiple_of(4);
        // Only gaps between tensors that live long make it more.
        assert!(
            found >= peak.min(layers) && (found <= peak || found <= layers || gaps_are_possible(graph)),
            "{feed:?} {found} {peak} {graph:?}"
        );
        for bytes in [found - 1, found, found + 1] {
            assert_eq!(fits(graph, bytes, feed).unwrap(), bytes >= found, "{feed:?} {bytes} {found} {graph:?}");
        }
        let fitting = plan_for(graph, Goal::Fits(found + found / 5), feed).unwrap();
        assert!(fitting.arena_bytes <= found + found / 5);
    }
}

/// Whether two tensors live beside some step that neither reads nor makes them.
fn gaps_are_possible(graph: &Graph) -> bool {
    let last = |tensor: usize| graph.steps.iter().rposition(|step| step.inputs.contains(&tensor)).unwrap_or(0);
    (1..graph.steps.len()).any(|step| (0..step).filter(|tensor| last(*tensor) >= step).count() > 1)
}

#[test]
fn the_fast_search_finds_the_smallest_peak_of_chains_of_bottlenecks() {
    for seed in 0..320 {
        let graph = mnas(seed);
        assert!(!gaps_are_possible(&graph));
        check(&graph);
    }
}

#[test]
fn the_fast_search_finds_the_smallest_peak_of_odd_graphs() {
    for seed in 0..3000 {
        check(&small(seed));
        check(&tangled(seed, 4 + seed as usize % 9));
    }
}
