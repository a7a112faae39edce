//! From base width and multiplier to a number of channels.

use crate::Width;

/// How scaled channel counts are rounded: `make_divisible` of the MobileNet family, in exact integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounding {
    /// Channels are multiples of this.
    pub divisor: u32,
}

impl Rounding {
    /// `base × width` rounded to the nearest multiple of the divisor (a tie goes up), at least the divisor; one
    /// multiple more where rounding would lose over 10 %.
    #[must_use]
    pub const fn channels(self, base: u32, width: Width) -> u32 {
        let (divisor, exact) = (self.divisor as u64, base as u64 * width.hundredths() as u64);
        let step = 100 * divisor;
        let nearest = (2 * exact + step) / (2 * step) * divisor;
        let rounded = if nearest < divisor { divisor } else { nearest };
        let loses_too_much = 1000 * rounded < 9 * exact;
        (if loses_too_much { rounded + divisor } else { rounded }) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition in floating point, as its authors wrote it.
    fn make_divisible(v: f64, divisor: f64) -> f64 {
        let rounded = ((v + divisor / 2.0).trunc() / divisor).floor() * divisor;
        let rounded = rounded.max(divisor);
        if rounded < 0.9 * v { rounded + divisor } else { rounded }
    }

    #[test]
    fn channels_equal_the_floating_point_definition() {
        // Multipliers that are exact in binary, so that the definition has no rounding errors of its own.
        for divisor in [1, 2, 4, 8, 16] {
            for hundredths in [25, 50, 75, 100, 125, 150] {
                let width = Width::from_hundredths(hundredths).unwrap();
                for base in 1..700 {
                    let expected = make_divisible(f64::from(base) * f64::from(hundredths) / 100.0, f64::from(divisor));
                    assert_eq!(f64::from(Rounding { divisor }.channels(base, width)), expected, "{base} {width}");
                }
            }
        }
    }

    #[test]
    fn it_never_loses_over_a_tenth_and_divides() {
        for hundredths in 1..=200 {
            let width = Width::from_hundredths(hundredths).unwrap();
            for base in 1..400 {
                let channels = Rounding { divisor: 8 }.channels(base, width);
                assert!(channels >= 8 && channels.is_multiple_of(8));
                assert!(u64::from(channels) * 1000 >= 9 * u64::from(base) * u64::from(hundredths));
            }
        }
    }
}
