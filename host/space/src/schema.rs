//! The JSON Schema of a space's file.

use crate::file::SpaceFile;

/// The schema that is checked in as `spaces/space.schema.json`, made from the types that read the file.
#[must_use]
pub fn schema() -> String {
    // A schema of plain structs always has a JSON form.
    let text = serde_json::to_string_pretty(&schemars::schema_for!(SpaceFile)).unwrap_or_default();
    text + "\n"
}
