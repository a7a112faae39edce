//! An exact value as a double and the sign of what it lacks, rounded by comparison with neighbouring singles.

use std::cmp::Ordering;

use super::{FZ, IXC, OFC, UFC};

/// 2^128: where singles end.
const END: f64 = 340_282_366_920_938_463_463_374_607_431_768_211_456.0;

/// The exact value is `near` plus something of the sign of `rest`, less than half a unit of `near`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    near: f64,
    rest: f64,
}

pub(super) fn double(bits: u32) -> f64 {
    f64::from(f32::from_bits(bits))
}

impl Value {
    pub(super) fn sum(a: f64, b: f64) -> Self {
        let near = a + b;
        let second = near - a;
        Self { near, rest: (a - (near - second)) + (b - second) }
    }

    pub(super) fn product(a: f64, b: f64) -> Self {
        Self { near: a * b, rest: 0.0 }
    }

    pub(super) fn quotient(a: f64, b: f64) -> Self {
        let near = a / b;
        Self { near, rest: (-near).mul_add(b, a) * b.signum() }
    }

    pub(super) fn root(a: f64) -> Self {
        let near = a.sqrt();
        Self { near, rest: (-near).mul_add(near, a) }
    }

    fn compare(self, other: f64) -> Ordering {
        self.near.total_cmp(&(other + 0.0)).then(self.rest.total_cmp(&0.0))
    }

    pub(super) fn is_zero(self) -> bool {
        self.near == 0.0
    }

    /// The single and its flags under the control bits; the value is not zero.
    pub(super) fn round(self, control: u32) -> (u32, u32) {
        let negative = self.near < 0.0;
        let magnitude = Self { near: self.near.abs(), rest: if negative { -self.rest + 0.0 } else { self.rest + 0.0 } };
        let sign = u32::from(negative) << 31;
        let tiny = magnitude.compare(f64::from(f32::MIN_POSITIVE)) == Ordering::Less;
        if tiny && control & FZ != 0 {
            return (sign, UFC);
        }
        // The last single not above the magnitude, and the next.
        let mut lower = (magnitude.near as f32).min(f32::MAX);
        if magnitude.compare(f64::from(lower)) == Ordering::Less {
            lower = lower.next_down();
        }
        if magnitude.compare(f64::from(lower)) == Ordering::Equal {
            return (sign | lower.to_bits(), 0);
        }
        let upper = lower.next_up();
        let end = if upper.is_finite() { f64::from(upper) } else { END };
        let middle = f64::midpoint(f64::from(lower), end);
        let up = match control >> 22 & 3 {
            0 => match magnitude.compare(middle) {
                Ordering::Less => false,
                Ordering::Equal => lower.to_bits() & 1 != 0,
                Ordering::Greater => true,
            },
            1 => !negative,
            2 => negative,
            _ => false,
        };
        let result = if up { upper } else { lower };
        let overflow = result.is_infinite() || magnitude.compare(END) != Ordering::Less;
        let flags = IXC | if overflow { OFC } else { 0 } | if tiny { UFC } else { 0 };
        (sign | result.to_bits(), flags)
    }
}
