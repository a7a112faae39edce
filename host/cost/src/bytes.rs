//! Sizes: read with a binary unit, printed for people, bytes as an integer in JSON.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// A number of bytes. Reads `65536`, `64KiB`, `1.5 MiB`; prints `64.0 KiB`; serializes as an integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

/// Why a text is not a size.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BytesError {
    /// It does not start with a number.
    #[error("`{text}` is not a size: write bytes (`65536`) or a unit (`64KiB`, `1MiB`)")]
    NotANumber {
        /// The text.
        text: String,
    },
    /// A unit that is not one of `B`, `KiB`, `MiB`.
    #[error("`{text}` has the unit `{unit}`, which is not one of B, KiB, MiB{}", unit_help(.text, .unit))]
    Unit {
        /// The text.
        text: String,
        /// Its unit.
        unit: String,
    },
    /// A fraction of a byte.
    #[error("`{text}` is not a whole number of bytes")]
    Fraction {
        /// The text.
        text: String,
    },
    /// More than 64 bits.
    #[error("`{text}` is too large")]
    TooLarge {
        /// The text.
        text: String,
    },
}

/// `: write `64KiB` for …` where the unit was probably meant to be a binary one.
fn unit_help(text: &str, unit: &str) -> String {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim();
    let meant = match unit.to_ascii_lowercase().as_str() {
        "k" | "kb" | "kib" => "KiB",
        "m" | "mb" | "mib" => "MiB",
        _ => return String::new(),
    };
    match format!("{number}{meant}").parse::<Bytes>() {
        Ok(bytes) => format!(": write `{number}{meant}` for {} B", grouped(bytes.0)),
        Err(_) => String::new(),
    }
}

impl Bytes {
    /// So many KiB.
    #[must_use]
    pub const fn kib(count: u64) -> Self {
        Self(count * KIB)
    }

    /// So many MiB.
    #[must_use]
    pub const fn mib(count: u64) -> Self {
        Self(count * MIB)
    }

    /// `6.1 KiB (6,272 B)`: for people who need the exact number too.
    #[must_use]
    pub fn exact(self) -> String {
        if self.0 < KIB { self.to_string() } else { format!("{self} ({} B)", grouped(self.0)) }
    }

    /// Difference, 0 if `other` is larger.
    #[must_use]
    pub const fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// Digits in groups of three: `6,272`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.0 {
            bytes if bytes < KIB => format!("{bytes} B"),
            bytes if bytes < MIB => format!("{:.1} KiB", bytes as f64 / KIB as f64),
            bytes => format!("{:.2} MiB", bytes as f64 / MIB as f64),
        };
        f.pad(&text)
    }
}

impl FromStr for Bytes {
    type Err = BytesError;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let text: String = given.chars().filter(|c| !matches!(c, ' ' | '_')).collect();
        let given = || given.to_owned();
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        if !number.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(BytesError::NotANumber { text: given() });
        }
        let unit = match &text[number.len()..] {
            "" | "B" => 1,
            "KiB" => KIB,
            "MiB" => MIB,
            unit => return Err(BytesError::Unit { text: given(), unit: unit.to_owned() }),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || fraction.len() > 12 || number.ends_with('.') {
            return Err(BytesError::NotANumber { text: given() });
        }
        let too_large = || BytesError::TooLarge { text: given() };
        let whole: u64 = whole.parse().map_err(|_| too_large())?;
        let scale = 10u64.pow(fraction.len() as u32);
        let parts = if fraction.is_empty() { 0 } else { fraction.parse::<u64>().map_err(|_| too_large())? };
        let parts = u128::from(parts) * u128::from(unit);
        if !parts.is_multiple_of(u128::from(scale)) {
            return Err(BytesError::Fraction { text: given() });
        }
        let parts = u64::try_from(parts / u128::from(scale)).map_err(|_| too_large())?;
        whole.checked_mul(unit).and_then(|bytes| bytes.checked_add(parts)).map(Self).ok_or_else(too_large)
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl de::Visitor<'_> for Visitor {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a size such as `65536` or `64KiB`")
    }

    fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<Bytes, E> {
        Ok(Bytes(bytes))
    }

    fn visit_i64<E: de::Error>(self, bytes: i64) -> Result<Bytes, E> {
        u64::try_from(bytes)
            .map(Bytes)
            .map_err(|_| E::custom(format!("a size cannot be negative, this one is {bytes}")))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Bytes, E> {
        text.parse().map_err(E::custom)
    }
}

impl JsonSchema for Bytes {
    fn schema_name() -> Cow<'static, str> {
        "Bytes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Bytes as a number, or a text with a binary unit.",
            "oneOf": [
                { "type": "integer", "minimum": 0 },
                { "type": "string", "pattern": "^[0-9][0-9_]*(\\.[0-9]+)? ?(B|KiB|MiB)?$" }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn units_are_binary() {
        for (text, bytes) in [
            ("0", 0),
            ("65536", 65_536),
            ("65_536 B", 65_536),
            ("64KiB", 65_536),
            ("64 KiB", 65_536),
            ("1.5MiB", 1_572_864),
            ("0.5KiB", 512),
        ] {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
    }

    #[test]
    fn ambiguous_units_are_refused_with_the_binary_one() {
        let message = |text: &str| text.parse::<Bytes>().unwrap_err().to_string();
        assert_eq!(
            message("64k"),
            "`64k` has the unit `k`, which is not one of B, KiB, MiB: write `64KiB` for 65,536 B"
        );
        assert!(message("1 MB").ends_with("write `1MiB` for 1,048,576 B"), "{}", message("1 MB"));
        assert_eq!(message("3 apples"), "`3 apples` has the unit `apples`, which is not one of B, KiB, MiB");
        assert_eq!(message("0.3KiB"), "`0.3KiB` is not a whole number of bytes");
        for text in ["", "KiB", "-1", "1.KiB", "0x10", "1e3", "٣", "1.2.3"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
        assert!(message("99999999999999999999").contains("too large"));
        assert!(message("18446744073709551615KiB").contains("too large"));
    }

    #[test]
    fn people_see_a_unit_and_on_request_the_bytes() {
        assert_eq!(Bytes(512).to_string(), "512 B");
        assert_eq!(Bytes::kib(24).to_string(), "24.0 KiB");
        assert_eq!(Bytes::mib(1).to_string(), "1.00 MiB");
        assert_eq!(Bytes(6_272).exact(), "6.1 KiB (6,272 B)");
    }

    #[test]
    fn json_is_an_integer() {
        assert_eq!(serde_json::to_string(&Bytes::kib(1)).unwrap(), "1024");
        assert_eq!(serde_json::from_str::<Bytes>("\"1KiB\"").unwrap(), Bytes(1024));
        assert!(serde_json::from_str::<Bytes>("-3").unwrap_err().to_string().contains("cannot be negative"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = text.parse::<Bytes>();
        }

        #[test]
        fn a_number_of_bytes_is_read_back(bytes: u64) {
            prop_assert_eq!(bytes.to_string().parse(), Ok(Bytes(bytes)));
        }
    }
}
