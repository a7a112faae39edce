//! The choices of one cell of NAS-Bench-201.

use std::{fmt, str::FromStr};

/// From where to where the edges go; node 0 is the cell's input, node 3 its output.
pub const EDGES: [(usize, usize); 6] = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)];
/// Choices of an edge.
const CHOICES: usize = 5;

/// What an edge computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EdgeOp {
    /// Nothing gets through.
    None,
    /// Its input.
    Skip,
    /// ReLU, convolution 1 × 1, normalisation.
    Conv1,
    /// ReLU, convolution 3 × 3, normalisation.
    Conv3,
    /// Average over 3 × 3.
    AveragePool,
}

impl EdgeOp {
    /// In the order of the digits.
    pub const ALL: [Self; CHOICES] = [Self::None, Self::Skip, Self::Conv1, Self::Conv3, Self::AveragePool];
}

/// A cell. Text form: six digits in the order of [`EDGES`], for example `213314`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell([EdgeOp; 6]);

impl Cell {
    /// Cells of the space.
    pub const COUNT: usize = CHOICES.pow(6);

    /// All cells in ascending order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).filter_map(Self::at)
    }

    /// The cell at a position of [`Self::all`].
    #[must_use]
    pub fn at(index: usize) -> Option<Self> {
        let op = |edge: usize| EdgeOp::ALL[index / CHOICES.pow(5 - edge as u32) % CHOICES];
        (index < Self::COUNT).then(|| Self(std::array::from_fn(op)))
    }

    /// Its position in [`Self::all`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0.iter().fold(0, |index, op| index * CHOICES + *op as usize)
    }

    /// What the edges compute, in the order of [`EDGES`].
    #[must_use]
    pub const fn ops(self) -> [EdgeOp; 6] {
        self.0
    }

    /// Whether each node gets anything from the input.
    #[must_use]
    pub fn fed(self) -> [bool; 4] {
        let mut fed = [true, false, false, false];
        for ((from, to), op) in EDGES.into_iter().zip(self.0) {
            fed[to] |= op != EdgeOp::None && fed[from];
        }
        fed
    }

    /// Whether each node gets to the output.
    #[must_use]
    pub fn used(self) -> [bool; 4] {
        let mut used = [false, false, false, true];
        for ((from, to), op) in EDGES.into_iter().zip(self.0).rev() {
            used[from] |= op != EdgeOp::None && used[to];
        }
        used
    }

    /// Whether each edge carries something from the input to the output.
    #[must_use]
    pub fn live(self) -> [bool; 6] {
        let (fed, used) = (self.fed(), self.used());
        std::array::from_fn(|edge| {
            let (from, to) = EDGES[edge];
            self.0[edge] != EdgeOp::None && fed[from] && used[to]
        })
    }

    /// Whether the output has anything of the input.
    #[must_use]
    pub fn is_connected(self) -> bool {
        self.fed()[3]
    }

    /// Cells that differ in one edge.
    #[must_use]
    pub fn neighbours(self) -> Vec<Self> {
        let change = |edge: usize| {
            EdgeOp::ALL.into_iter().filter(move |op| *op != self.0[edge]).map(move |op| {
                let mut ops = self.0;
                ops[edge] = op;
                Self(ops)
            })
        };
        (0..EDGES.len()).flat_map(change).collect()
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|op| write!(f, "{}", *op as usize))
    }
}

impl FromStr for Cell {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let ops: Option<Vec<EdgeOp>> =
            text.bytes().map(|byte| EdgeOp::ALL.get(usize::from(byte.wrapping_sub(b'0'))).copied()).collect();
        ops.and_then(|ops| ops.try_into().ok()).map(Self).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn cell(text: &str) -> Cell {
        text.parse().unwrap()
    }

    #[test]
    fn cells_are_counted_and_read_back() {
        for (index, cell) in Cell::all().enumerate() {
            assert_eq!(cell.index(), index);
            assert_eq!(cell.to_string().parse(), Ok(cell));
        }
        assert_eq!(Cell::all().count(), 15_625);
        for wrong in ["", "00000", "0000000", "000005", "00000a"] {
            assert_eq!(wrong.parse::<Cell>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn what_leads_nowhere_is_not_live() {
        // 1 <- 0 conv, nothing else leaves node 1; 3 <- 0 skip.
        assert_eq!(cell("300100").live(), [false, false, false, true, false, false]);
        // Node 2 is fed by node 1 alone, which nothing feeds.
        assert_eq!(cell("003004").live(), [false; 6]);
        assert!(!cell("003004").is_connected());
        assert_eq!(cell("303003").live(), [true, false, true, false, false, true]);
        assert!(cell("000100").is_connected());
    }

    #[test]
    fn a_cell_has_24_neighbours() {
        let own = cell("213314");
        let neighbours: HashSet<Cell> = own.neighbours().into_iter().collect();
        assert_eq!(neighbours.len(), 24);
        assert!(!neighbours.contains(&own) && neighbours.iter().all(|n| n.neighbours().contains(&own)));
    }
}
