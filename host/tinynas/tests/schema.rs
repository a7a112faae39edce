//! The schema that editors read is the one that the program reads by.

#![allow(clippy::unwrap_used)]

const CHECKED_IN: &str = include_str!("../experiment.schema.json");

#[test]
fn the_checked_in_schema_is_not_stale() {
    let now = tinynas::schema::experiment();
    assert_eq!(
        CHECKED_IN, now,
        "write it again: cargo run --release -p tinynas --example experiment_schema > host/tinynas/experiment.schema.json"
    );
}

#[test]
fn every_field_of_an_experiment_is_explained() {
    let schema: serde_json::Value = serde_json::from_str(CHECKED_IN).unwrap();
    let definitions = schema["$defs"].as_object().unwrap().values();
    for object in std::iter::once(&schema).chain(definitions) {
        for (name, field) in object["properties"].as_object().into_iter().flatten() {
            assert!(field["description"].is_string(), "`{name}` has no description");
        }
        if object["properties"].is_object() {
            assert_eq!(object["additionalProperties"], false, "unknown fields must be refused");
        }
    }
}
