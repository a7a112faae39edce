//! Where the cycles of one inference go, function by function; the simulator counts them.

use serde::{Deserialize, Serialize};
use tinynas_device::Image;
use tinynas_sim::profile::{Counters, FunctionProfile, Profile, Symbol};

use crate::{
    failure::Failure,
    output::{Align, Table, percent, thousands},
};

/// Functions in the table; the JSON form has all.
const SHOWN: usize = 15;

/// What one function cost, without the functions that it calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionCost {
    /// Demangled name.
    pub function: String,
    /// First address.
    pub address: u32,
    /// Executed instructions.
    pub instructions: u64,
    /// Modelled cycles, wait states included.
    pub cycles: u64,
    /// Wait states in `cycles`.
    pub wait_cycles: u64,
    /// Load instructions.
    pub loads: u64,
    /// Instructions that changed the program counter.
    pub taken_branches: u64,
}

/// What happened between two profiles, most cycles first.
///
/// # Errors
/// `internal` if the image has no symbols.
pub fn between(before: &Profile, after: &Profile, image: &Image) -> Result<Vec<FunctionCost>, Failure> {
    let symbols = Symbol::from_elf(image.elf()).map_err(Failure::internal)?;
    let earlier = before.by_function(&symbols);
    let cost = |now: FunctionProfile| {
        let then = earlier.iter().find(|old| old.address == now.address && old.name == now.name);
        let then = then.map_or_else(Counters::default, |old| old.counters);
        FunctionCost {
            function: now.name,
            address: now.address,
            instructions: now.counters.instructions - then.instructions,
            cycles: now.counters.cycles - then.cycles,
            wait_cycles: now.counters.stalls - then.stalls,
            loads: now.counters.loads - then.loads,
            taken_branches: now.counters.taken_branches - then.taken_branches,
        }
    };
    let mut costs: Vec<FunctionCost> = after.by_function(&symbols).into_iter().map(cost).collect();
    costs.retain(|cost| cost.instructions > 0);
    costs.sort_by(|a, b| b.cycles.cmp(&a.cycles).then(a.address.cmp(&b.address)));
    Ok(costs)
}

/// The most expensive functions as a table.
pub fn table(costs: &[FunctionCost]) -> Table {
    use Align::{Left, Right};
    let columns = ["cycles", "share", "instructions", "waits", "loads", "branches taken"];
    let columns: Vec<_> = columns.iter().map(|name| (*name, Right)).chain([("function", Left)]).collect();
    let mut table = Table::new(&columns);
    let total: u64 = costs.iter().map(|cost| cost.cycles).sum();
    for cost in costs.iter().take(SHOWN) {
        table.row(vec![
            thousands(cost.cycles),
            percent(cost.cycles as f64 / total.max(1) as f64),
            thousands(cost.instructions),
            thousands(cost.wait_cycles),
            thousands(cost.loads),
            thousands(cost.taken_branches),
            cost.function.clone(),
        ]);
    }
    table
}
