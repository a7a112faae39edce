//! NAS-Bench-201 (Dong and Yang, ICLR 2020): 15,625 cells of six edges, each trained on three data sets.

mod cell;
mod classes;
mod network;
mod table;

pub use cell::{Cell, EDGES, EdgeOp};
pub use classes::Classes;
pub use network::Branches;
pub use table::{Accuracy, CellRow, CellTable, DATASETS};
