//! The JSON Schemas beside the files are those of this build. `TINYNAS_UPDATE=1` writes them.

use std::fs;

use schemars::Schema;
use tinynas_cost::schema;

use crate::workspace;

fn check(name: &str, schema: &Schema) {
    let file = workspace().join("memory-models").join(name);
    let text = serde_json::to_string_pretty(schema).unwrap() + "\n";
    if std::env::var_os("TINYNAS_UPDATE").is_some() {
        fs::write(&file, text).unwrap();
        return;
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(found == text, "{name} is stale: TINYNAS_UPDATE=1 cargo nextest run --release -p tinynas-cost schemas");
}

#[test]
fn the_board_schema_is_current() {
    check("board.schema.json", &schema::board());
}

#[test]
fn the_engine_schema_is_current() {
    check("engine.schema.json", &schema::engine());
}
