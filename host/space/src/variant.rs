//! One (width multiplier, resolution) version of a space, written `w0.5-r144`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Width;

/// One version of a space. Ordered by width, then by resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Variant {
    /// Multiplier of all channel counts.
    pub width: Width,
    /// Side of the square image in pixels.
    pub resolution: u32,
}

/// A text that is no variant.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{text}` is not a variant such as `w0.5-r144`")]
pub struct VariantError {
    /// The text.
    pub text: String,
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "w{}-r{}", self.width, self.resolution)
    }
}

impl FromStr for Variant {
    type Err = VariantError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = || {
            let (width, resolution) = text.strip_prefix('w')?.split_once("-r")?;
            let variant = Self { width: width.parse().ok()?, resolution: resolution.parse().ok()? };
            (variant.resolution > 0 && variant.to_string() == text).then_some(variant)
        };
        parts().ok_or_else(|| VariantError { text: text.into() })
    }
}

impl TryFrom<String> for Variant {
    type Error = VariantError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Variant> for String {
    fn from(variant: Variant) -> Self {
        variant.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_variant_is_named() {
        for text in ["", "w0.5", "w0.5-144", "w0.5-r", "w0.5-r0", "w0.50-r144", "w0.5-r0144", "w0.5-r+144", "W0.5-r144"]
        {
            assert_eq!(text.parse::<Variant>(), Err(VariantError { text: text.into() }));
        }
    }
}
