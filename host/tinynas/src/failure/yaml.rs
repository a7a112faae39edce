//! What the YAML reader finds wrong, with the place and the nearest field name.

use super::Failure;

/// How alike a wrong name must be to be taken for a slip of the pen.
const ALIKE: f64 = 0.7;

impl Failure {
    /// A YAML file that cannot be read: at the reader's place, with "did you mean" for a misspelt field.
    #[must_use]
    pub fn yaml(code: &'static str, file: &str, text: &str, error: &yaml_serde::Error) -> Self {
        let message = error.to_string();
        let place = error.location();
        let words = match (message.rsplit_once(" at line "), &place) {
            (Some((words, _)), Some(_)) => words,
            _ => message.as_str(),
        };
        let failure = Self::new(code, words).maybe_help(nearest(words).map(|name| format!("did you mean `{name}`?")));
        match place {
            Some(place) => failure.at(file, text, place.line(), place.column(), ""),
            None => failure.about(std::path::Path::new(file)),
        }
    }

    /// Points at the value of a field such as `train.epochs` in a YAML file; at the file if it is not written there.
    #[must_use]
    pub fn at_field(self, file: &str, text: &str, field: &str, label: &str) -> Self {
        match place(text, field) {
            Some((line, column)) => self.at(file, text, line, column, label),
            None => self.about(std::path::Path::new(file)),
        }
    }
}

/// Line and column of the value of `field`, whose parts are searched one behind the other.
fn place(text: &str, field: &str) -> Option<(usize, usize)> {
    let mut at = 0;
    for key in field.split('.') {
        let rest = &text[at..];
        let is_key = |start: usize| {
            let before = rest[..start].chars().next_back();
            before.is_none_or(|c| matches!(c, ' ' | '\n' | '{' | ',')) && rest[start + key.len()..].starts_with(':')
        };
        let start = rest.match_indices(key).map(|(start, _)| start).find(|start| is_key(*start))?;
        at += start + key.len() + 1;
    }
    at += text[at..].len() - text[at..].trim_start_matches(' ').len();
    let before = &text[..at];
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    Some((before.matches('\n').count() + 1, column))
}

/// The expected name that is most like the unknown one in serde's "unknown field `a`, expected one of `b`, `c`".
pub(super) fn nearest(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("unknown field `").or_else(|| message.split_once("unknown variant `"))?;
    let (unknown, rest) = rest.split_once('`')?;
    let names = rest.split('`').skip(1).step_by(2);
    let likeness = |name: &str| strsim::jaro_winkler(unknown, name);
    names.max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|name| likeness(name) > ALIKE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;

    #[test]
    fn a_field_is_found_by_its_path() {
        let text = "name: epochs\nsearch: { evaluations: 3 }\ntrain:\n  epochs:  0 # none\n";
        assert_eq!(place(text, "train.epochs"), Some((4, 12)));
        assert_eq!(place(text, "search.evaluations"), Some((2, 24)));
        assert_eq!(place(text, "name"), Some((1, 7)));
        assert_eq!(place(text, "train.batch"), None);
    }

    #[test]
    fn a_misspelt_field_gets_its_place_and_the_nearest_name() {
        let text = "name: a\nspace: mnas\ndata: d\nbuget: {}\n";
        let error = yaml_serde::from_str::<Experiment>(text).unwrap_err();
        let json = Failure::yaml("experiment::invalid", "e.yaml", text, &error).json();
        assert_eq!(json["error"]["line"], 4);
        assert_eq!(json["error"]["help"], "did you mean `budget`?");
        assert!(!json["error"]["message"].as_str().unwrap().contains("at line"));
    }
}
