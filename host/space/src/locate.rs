//! Line and column of a value in a YAML text.
//!
//! The parser gives a place only with its own errors. So the text is read once more, along a path
//! to the value in question, and refused there: the place of that error is the place of the value.

use std::{collections::BTreeSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// One step from a value to a value inside it.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// Into a mapping.
    Key(&'a str),
    /// Into a list.
    Index(usize),
}

/// Line and column, from 1, of the value at `path`; of the innermost value that exists if the path leads nowhere.
pub fn locate(text: &str, path: &[Step<'_>]) -> Option<(usize, usize)> {
    let error = Walk(path).deserialize(yaml_serde::Deserializer::from_str(text)).err()?;
    error.location().map(|place| (place.line(), place.column()))
}

struct Walk<'a>(&'a [Step<'a>]);

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Whatever is not visited here is refused by serde's own default.
impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if let [Step::Key(wanted), rest @ ..] = self.0 {
            while let Some(key) = map.next_key::<String>()? {
                if key == *wanted {
                    return map.next_value_seed(Walk(rest));
                }
                map.next_value::<IgnoredAny>()?;
            }
        }
        Err(A::Error::custom("here"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if let [Step::Index(wanted), rest @ ..] = self.0 {
            for _ in 0..*wanted {
                list.next_element::<IgnoredAny>()?;
            }
            list.next_element_seed(Walk(rest))?;
        }
        Err(A::Error::custom("here"))
    }
}

/// Line and column, from 1, of the first key that its mapping already has. The parser's own error for it gives the
/// place of the whole mapping.
pub fn locate_repeated_key(text: &str) -> Option<(usize, usize)> {
    let error = Distinct.deserialize(yaml_serde::Deserializer::from_str(text)).err()?;
    error.location().map(|place| (place.line(), place.column()))
}

/// Reads any value and refuses it at the first repeated key.
struct Distinct;

impl<'de> DeserializeSeed<'de> for Distinct {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Distinct {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = BTreeSet::new();
        while map.next_key_seed(NewKey(&mut seen))?.is_some() {
            map.next_value_seed(Distinct)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Distinct)?.is_some() {}
        Ok(())
    }
}

/// A key that is refused, at its place, if it was seen before.
struct NewKey<'a>(&'a mut BTreeSet<String>);

impl<'de> DeserializeSeed<'de> for NewKey<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for NewKey<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a new key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<(), E> {
        if self.0.insert(key.into()) { Ok(()) } else { Err(E::custom("repeated")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Step::{Index, Key};

    const TEXT: &str = "name: x\nlist:\n  - { a: [1, 22] }\n  - a: 5\n    b: ~\n";

    #[test]
    fn values_are_found() {
        assert_eq!(locate(TEXT, &[Key("name")]), Some((1, 7)));
        assert_eq!(locate(TEXT, &[Key("list"), Index(0), Key("a")]), Some((3, 10)));
        assert_eq!(locate(TEXT, &[Key("list"), Index(0), Key("a"), Index(1)]), Some((3, 14)));
        assert_eq!(locate(TEXT, &[Key("list"), Index(1), Key("a")]), Some((4, 8)));
        assert_eq!(locate(TEXT, &[Key("list"), Index(1), Key("b")]), Some((5, 8)));
    }

    #[test]
    fn a_path_that_leads_nowhere_ends_at_what_is_there() {
        assert_eq!(locate(TEXT, &[Key("list"), Index(1), Key("c")]), Some((4, 5)));
        assert_eq!(locate(TEXT, &[Key("name"), Key("c")]), Some((1, 7)));
        assert!(locate(TEXT, &[Key("list"), Index(7)]).is_some());
    }

    #[test]
    fn a_repeated_key_is_found_at_any_depth() {
        assert_eq!(locate_repeated_key(TEXT), None);
        assert_eq!(locate_repeated_key("a: 1\nb: [1.5, true]\na: x\n"), Some((3, 1)));
        assert_eq!(locate_repeated_key("a:\n  - { b: -1, c: ~, b: 2 }\n"), Some((2, 20)));
    }
}
