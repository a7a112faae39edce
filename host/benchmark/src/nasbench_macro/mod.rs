//! NAS-Bench-Macro (Su et al., CVPR 2021, "Prioritized Architecture Sampling with Monto-Carlo Tree Search"): 6,561
//! networks of eight MobileNetV2 blocks, each trained three times on CIFAR-10.

mod code;
mod network;
mod table;

pub use code::MacroCode;
pub use table::{MacroRow, MacroTable};
