//! Cells that compute the same: one of each class is scored for all.

use super::{Cell, EDGES, EdgeOp};

/// One edge of a reduced cell: from, to, operation.
type Edge = (usize, usize, EdgeOp);

/// The classes of cells whose live parts are the same network.
///
/// Edges that carry nothing are left out; a node with a skip as its only input is its source, one with a skip as its
/// only output is its target; the two inner nodes may change places. Weights are shared exactly where they are shared
/// in the cell, so this is finer than equal expressions.
#[derive(Clone, Debug)]
pub struct Classes {
    representative: Vec<usize>,
}

impl Default for Classes {
    fn default() -> Self {
        Self::new()
    }
}

impl Classes {
    /// Sorts all cells into classes.
    #[must_use]
    pub fn new() -> Self {
        let mut first = std::collections::BTreeMap::new();
        let representative =
            Cell::all().map(|cell| *first.entry(reduced(cell)).or_insert_with(|| cell.index())).collect();
        Self { representative }
    }

    /// The first cell of the class of `cell`.
    #[must_use]
    pub fn representative(&self, cell: Cell) -> Cell {
        Cell::at(self.representative[cell.index()]).unwrap_or(cell)
    }

    /// One cell of every class in ascending order.
    #[must_use]
    pub fn representatives(&self) -> Vec<Cell> {
        Cell::all().filter(|cell| self.representative[cell.index()] == cell.index()).collect()
    }
}

/// The normal form: sorted edges, the smaller one of the two orders of the inner nodes.
fn reduced(cell: Cell) -> Vec<Edge> {
    let live = cell.live();
    let mut edges: Vec<Edge> =
        (0..EDGES.len()).filter(|i| live[*i]).map(|i| (EDGES[i].0, EDGES[i].1, cell.ops()[i])).collect();
    while contract(&mut edges) {}
    let renamed = |swap: bool| {
        let name = |node: usize| if swap && (node == 1 || node == 2) { 3 - node } else { node };
        let mut list: Vec<Edge> = edges.iter().map(|(from, to, op)| (name(*from), name(*to), *op)).collect();
        list.sort_unstable();
        list
    };
    renamed(false).min(renamed(true))
}

/// Removes one node that only passes something on; false if there is none.
fn contract(edges: &mut Vec<Edge>) -> bool {
    for node in [1, 2] {
        let only_skip = |side: &dyn Fn(&Edge) -> bool| {
            let mut touching = (0..edges.len()).filter(|i| side(&edges[*i]));
            let first = touching.next().filter(|i| edges[*i].2 == EdgeOp::Skip);
            first.filter(|_| touching.next().is_none())
        };
        if let Some(i) = only_skip(&|edge| edge.1 == node) {
            let source = edges.swap_remove(i).0;
            edges.iter_mut().filter(|edge| edge.0 == node).for_each(|edge| edge.0 = source);
            return true;
        }
        if let Some(i) = only_skip(&|edge| edge.0 == node) {
            let target = edges.swap_remove(i).1;
            edges.iter_mut().filter(|edge| edge.1 == node).for_each(|edge| edge.1 = target);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) -> bool {
        let classes = Classes::new();
        let of = |text: &str| classes.representative(text.parse().unwrap());
        of(a) == of(b)
    }

    #[test]
    fn equal_networks_are_one_class() {
        // The inner nodes change places.
        assert!(same("320012", "230021"));
        // A convolution that leads nowhere.
        assert!(same("300100", "000100"));
        // 3 <- 0 by conv: at once, after a skip to node 1, before a skip from node 2.
        assert!(same("000300", "100030") && same("000300", "030001"));
        // All that is disconnected.
        assert!(same("000000", "300000"));
        // Two convolutions of one input are not one that is used twice: their weights differ.
        assert!(same("330011", "300310") && !same("330011", "301011"));
        assert!(!same("000300", "000200"));
    }

    #[test]
    fn there_are_5425_classes_and_each_stands_for_itself() {
        let classes = Classes::new();
        let representatives = classes.representatives();
        assert_eq!(representatives.len(), 5425);
        assert!(representatives.iter().all(|cell| classes.representative(*cell) == *cell));
        assert!(Cell::all().all(|cell| classes.representative(cell) <= cell));
    }
}
