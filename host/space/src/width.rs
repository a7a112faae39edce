//! The width multiplier as an exact number of hundredths.

use std::{fmt, str::FromStr};

/// A width multiplier, kept in hundredths so that equal means equal. Prints as `0.5`, `0.35`, `1.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Width {
    hundredths: u16,
}

impl Width {
    /// The largest multiplier, 10.0.
    pub const MAX: Self = Self { hundredths: 1000 };

    /// A multiplier of `hundredths` / 100; `None` for zero and above [`Width::MAX`].
    #[must_use]
    pub const fn from_hundredths(hundredths: u16) -> Option<Self> {
        if hundredths == 0 || hundredths > Self::MAX.hundredths { None } else { Some(Self { hundredths }) }
    }

    /// The multiplier closest to `value`; `None` if it has more than two decimals or is out of range.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        let hundredths = (value * 100.0).round();
        let exact = (value * 100.0 - hundredths).abs() < 1e-6;
        let in_range = hundredths >= 1.0 && hundredths <= f64::from(Self::MAX.hundredths);
        if exact && in_range { Self::from_hundredths(hundredths as u16) } else { None }
    }

    /// The multiplier times 100.
    #[must_use]
    pub const fn hundredths(self) -> u16 {
        self.hundredths
    }
}

impl fmt::Display for Width {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.hundredths / 100, self.hundredths % 100);
        if rest % 10 == 0 { write!(f, "{whole}.{}", rest / 10) } else { write!(f, "{whole}.{rest:02}") }
    }
}

impl FromStr for Width {
    type Err = ();

    /// Reads the printed form only, so that one width has one text.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let width = text.parse().ok().and_then(Self::from_f64).ok_or(())?;
        if width.to_string() == text { Ok(width) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_is_read_back_from_its_text_and_from_its_float() {
        for hundredths in 1..=1000 {
            let width = Width::from_hundredths(hundredths).unwrap();
            assert_eq!(width.to_string().parse(), Ok(width));
            assert_eq!(Width::from_f64(f64::from(hundredths) / 100.0), Some(width));
        }
    }

    #[test]
    fn it_prints_as_papers_do() {
        let text = |hundredths| Width::from_hundredths(hundredths).map(|w| w.to_string());
        assert_eq!([50, 35, 100, 5, 120].map(|h| text(h).unwrap()), ["0.5", "0.35", "1.0", "0.05", "1.2"]);
    }

    #[test]
    fn what_is_not_a_width() {
        for value in [0.0, -0.5, 0.333, 10.01, 0.001, f64::NAN, f64::INFINITY] {
            assert_eq!(Width::from_f64(value), None, "{value}");
        }
        for text in ["0.50", ".5", "1", "+0.5", "5e-1", "", "nan"] {
            assert_eq!(text.parse::<Width>(), Err(()), "{text}");
        }
    }
}
