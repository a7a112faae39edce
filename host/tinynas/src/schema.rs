//! The JSON Schema of an experiment file, for editors that complete and check YAML.

use crate::experiment::Experiment;

/// The schema that is checked in as `host/tinynas/experiment.schema.json`, made from the types that read the file.
#[must_use]
pub fn experiment() -> String {
    // A schema of plain structs always has a JSON form.
    serde_json::to_string_pretty(&schemars::schema_for!(Experiment)).unwrap_or_default() + "\n"
}
