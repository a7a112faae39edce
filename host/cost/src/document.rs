//! Text files that users write: reading them with the place of what is wrong.

use serde::de::DeserializeOwned;

use crate::{CostError, suggestion::closest};

/// What is wrong in a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Stable name of the kind of error, for example `board::invalid`.
    pub code: &'static str,
    /// Name of the file, as it was given.
    pub file: String,
    /// The file's text.
    pub text: String,
    /// Line and column, both from 1.
    pub location: Option<(usize, usize)>,
    /// What is wrong.
    pub reason: String,
    /// The smallest change that helps.
    pub help: Option<String>,
}

/// A file and its text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Document<'a> {
    pub code: &'static str,
    pub file: &'a str,
    pub text: &'a str,
}

impl Document<'_> {
    /// Reads YAML.
    pub fn yaml<T: DeserializeOwned>(&self) -> Result<T, CostError> {
        yaml_serde::from_str(self.text).map_err(|error| {
            let location = error.location().map(|place| (place.line(), place.column()));
            self.flaw(location, &error.to_string())
        })
    }

    /// Reads JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CostError> {
        serde_json::from_str(self.text).map_err(|error| {
            let location = (error.line() > 0).then(|| (error.line(), error.column().max(1)));
            self.flaw(location, &error.to_string())
        })
    }

    /// An error of this file whose text may end with its own place.
    fn flaw(&self, location: Option<(usize, usize)>, message: &str) -> CostError {
        let reason = message.rsplit_once(" at line ").map_or(message, |(reason, _)| reason).to_owned();
        let help = unknown_field(&reason);
        CostError::Invalid(Box::new(self.at(location, reason, help)))
    }

    /// An error about the value under `keys`, for example `["sram", "bytes"]`.
    pub fn wrong(&self, keys: &[&str], reason: impl Into<String>, help: impl Into<String>) -> CostError {
        CostError::Invalid(Box::new(self.at(place(self.text, keys), reason.into(), Some(help.into()))))
    }

    fn at(&self, location: Option<(usize, usize)>, reason: String, help: Option<String>) -> Flaw {
        Flaw { code: self.code, file: self.file.into(), text: self.text.into(), location, reason, help }
    }
}

/// `did you mean` for serde's message about an unknown field or variant.
fn unknown_field(reason: &str) -> Option<String> {
    let (_, rest) = reason.split_once("unknown field ").or_else(|| reason.split_once("unknown variant "))?;
    let mut names = rest.split('`').skip(1).step_by(2);
    let wrong = names.next()?;
    closest(wrong, names).map(|name| format!("did you mean `{name}`?"))
}

/// Line and column of the last of `keys`, each searched behind the one before it. A key is a mapping's key
/// (`sram`), or a value that is written out (`name: axi`).
fn place(text: &str, keys: &[&str]) -> Option<(usize, usize)> {
    let mut at = 0;
    let mut found = None;
    for key in keys {
        let rest = text.get(at..)?;
        let next = rest.match_indices(key).find(|(start, key)| {
            let before = rest[..*start].chars().next_back();
            let after = rest[start + key.len()..].chars().next();
            let starts = before.is_none_or(|c| matches!(c, ' ' | '\n' | '{' | ',' | '-'));
            starts && after.is_none_or(|c| matches!(c, ':' | ' ' | ',' | '}' | '\n' | '\r'))
        });
        let Some((start, _)) = next else { break };
        found = Some(at + start);
        at += start + key.len();
    }
    let before = &text[..found?];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, str::len) + 1;
    Some((line, column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_by_the_path_of_its_keys() {
        let text = "name: x\nflash: { origin: 0, bytes: 1KiB }\nsram:\n  - { name: a, bytes: 2 }\n  - { name: ab, bytes: 0 }\n";
        assert_eq!(place(text, &["flash"]), Some((2, 1)));
        assert_eq!(place(text, &["flash", "bytes"]), Some((2, 21)));
        assert_eq!(place(text, &["sram", "name: ab", "bytes"]), Some((5, 17)));
        assert_eq!(place(text, &["sram", "missing"]), Some((3, 1)));
        assert_eq!(place(text, &["missing"]), None);
    }

    #[test]
    fn unknown_fields_get_a_suggestion() {
        let reason = "unknown field `sramm`, expected one of `name`, `sram`, `flash`";
        assert_eq!(unknown_field(reason).unwrap(), "did you mean `sram`?");
        assert_eq!(unknown_field("missing field `name`"), None);
    }
}
