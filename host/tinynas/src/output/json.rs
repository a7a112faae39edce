//! Indented JSON in which a list of numbers or words stands on one line.

use serde_json::Value;

/// The text of a value.
pub fn pretty(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, &mut text);
    text
}

fn write(value: &Value, depth: usize, text: &mut String) {
    let indent = |depth: usize| format!("\n{}", "  ".repeat(depth));
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            text.push('{');
            for (index, (name, field)) in fields.iter().enumerate() {
                let comma = if index == 0 { "" } else { "," };
                text.push_str(&format!("{comma}{}{}: ", indent(depth + 1), Value::from(name.as_str())));
                write(field, depth + 1, text);
            }
            text.push_str(&indent(depth));
            text.push('}');
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                text.push_str(&indent(depth + 1));
                write(item, depth + 1, text);
            }
            text.push_str(&indent(depth));
            text.push(']');
        }
        Value::Array(items) => {
            let words: Vec<String> = items.iter().map(Value::to_string).collect();
            text.push_str(&format!("[{}]", words.join(", ")));
        }
        other => text.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_the_same_value_and_lists_are_short() {
        let value =
            json!({ "a": [1, 2.5, "x\"y"], "b": { "c": [], "d": {}, "e": [[1, 2], [3, 4]] }, "f": [{ "g": null }] });
        let text = pretty(&value);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert_eq!(text.lines().count(), 16, "{text}");
        assert!(text.contains("\"a\": [1, 2.5, \"x\\\"y\"],"), "{text}");
    }
}
