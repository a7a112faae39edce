//! Every form of instruction under test, by architecture: one line per form.

mod narrow;

use crate::state::Group;

/// The groups that this target's core has.
pub const ALL: &[&[Group]] = &[narrow::DATA];
