//! Weights of matrix products, packed by two output channels.

use super::{
    product::Pair,
    scale::{Rounding, Scale},
};
use crate::{Channel, Channels, KernelError, Output};

/// Sums are doubled, and outputs below the zero point are cut off.
pub(super) const DOUBLED: u32 = 1;
/// A factor may be ½ or more.
const LONG: u32 = 2;
/// Half-words are two plain bytes; factors may be ½ or more.
pub(super) const PLAIN_BYTES: u32 = 4;
/// At least one channel goes by the definition.
const DEFINED: u32 = 8;

/// Words of a record beside its weights.
const CONSTANTS: usize = 8;

/// Size of the packed weights of a product of `outputs` sums over `inputs` values, and their packing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// Values in one sum.
    pub inputs: u32,
    /// Output channels.
    pub outputs: u32,
}

impl Matrix {
    /// Words of packed weights.
    #[must_use]
    pub const fn words(self) -> u64 {
        1 + self.outputs.div_ceil(2) as u64 * (CONSTANTS as u64 + 2 * self.inputs.div_ceil(4) as u64)
    }

    /// Packs `weights` (`[out][in]`) with their constants for outputs `out`.
    ///
    /// # Errors
    /// If a slice does not match the shape.
    pub fn pack(
        self,
        weights: &[i8],
        channels: Channels<'_>,
        out: Output,
        words: &mut [u32],
    ) -> Result<(), KernelError> {
        let inputs = usize::try_from(self.inputs).map_err(|_| KernelError::Shape)?;
        let outputs = usize::try_from(self.outputs).map_err(|_| KernelError::Shape)?;
        if inputs == 0 || outputs == 0 || u64::try_from(words.len()) != Ok(self.words()) {
            return Err(KernelError::Shape);
        }
        if channels.len() != outputs {
            return Err(KernelError::Channels);
        }
        if Some(weights.len()) != inputs.checked_mul(outputs) {
            return Err(KernelError::Weights);
        }
        let pairs = || {
            let mut rows = weights.chunks_exact(inputs).zip(channels.iter());
            core::iter::from_fn(move || {
                let a = rows.next()?;
                Some([a, rows.next().unwrap_or((&[], Channel::default()))])
            })
        };
        let (header, records) = words.split_first_mut().ok_or(KernelError::Shape)?;
        let allows = |flags: u32| {
            pairs().flatten().all(|(row, channel)| {
                let scale = |rounding| Scale::short(channel.requant, out.zero, bound(row, channel.bias), rounding);
                row.is_empty() || scale(rounding(flags)).is_some() || scale(Rounding::Long).is_none()
            })
        };
        // Doubling costs an instruction for two inputs and saves one for every output.
        let worth = out.min >= out.zero && 2 * u64::from(self.outputs) > u64::from(self.inputs);
        let mut flags = if worth && allows(DOUBLED) { DOUBLED } else { 0 };
        if !allows(flags) {
            flags = LONG;
        }
        if pairs().any(|[a, b]| !joins(a.0, b, flags)) {
            flags = PLAIN_BYTES;
        }
        let rounding = rounding(flags);
        *header = flags;
        for (record, pair) in records.chunks_exact_mut(record_words(inputs)).zip(pairs()) {
            let scales = pair.map(|(row, channel)| {
                // A channel that is only there to make the number even has no weights.
                let absent = row.is_empty();
                Scale::short(channel.requant, out.zero, bound(row, channel.bias), rounding)
                    .or(absent.then_some(Scale::default()))
            });
            let defined = scales.contains(&None);
            if defined {
                *header |= DEFINED;
            }
            fill(record, pair, scales, if defined { PLAIN_BYTES | DEFINED } else { flags });
        }
        Ok(())
    }
}

/// Words of one record.
pub(crate) const fn record_words(inputs: usize) -> usize {
    CONSTANTS + 2 * inputs.div_ceil(4)
}

pub(super) fn rounding(flags: u32) -> Rounding {
    match flags {
        _ if flags & DOUBLED != 0 => Rounding::DoubledClamped,
        _ if flags & (LONG | PLAIN_BYTES) != 0 => Rounding::Long,
        _ => Rounding::Plain,
    }
}

/// The largest magnitude of a sum, bias included.
pub(crate) fn bound(row: &[i8], bias: i32) -> i64 {
    let weights: i64 = row.iter().map(|w| i64::from(w.unsigned_abs())).sum();
    128 * weights + i64::from(bias).abs()
}

/// Whether two rows can share half-words.
fn joins(a: &[i8], (b, channel): (&[i8], Channel), flags: u32) -> bool {
    let fits = !a.iter().zip(b).any(|(a, b)| *a < 0 && *b == i8::MIN);
    let factor = if flags & DOUBLED != 0 { 2 } else { 1 };
    fits && factor * bound(b, channel.bias) < 1 << 23
}

fn fill(record: &mut [u32], pair: [(&[i8], Channel); 2], scales: [Option<Scale>; 2], flags: u32) {
    let [(a, first), (b, second)] = pair;
    let constants = record.len() - 6;
    let at = |row: &[i8], i: usize| i16::from(row.get(i).copied().unwrap_or_default());
    let half = |i: usize| {
        let (a, b) = (at(a, i), at(b, i));
        let half = if flags & PLAIN_BYTES != 0 { b << 8 | a & 0xff } else { 256 * b + a };
        u32::from(half.cast_unsigned())
    };
    for (index, word) in record.iter_mut().take(constants).skip(2).enumerate() {
        let i = index / 2 * 4 + index % 2;
        *word = half(i) | half(i + 2) << 16;
    }
    let factor = if flags & DOUBLED != 0 { 2 } else { 1 };
    let starts = [first.bias, second.bias].map(|bias| bias.wrapping_mul(factor));
    let start = match flags & PLAIN_BYTES {
        0 => starts[1].wrapping_mul(256).wrapping_add(starts[0]),
        _ => starts[1],
    };
    let scales = [(scales[0], first), (scales[1], second)].map(|(scale, channel)| {
        if flags & DEFINED != 0 { Scale::by_definition(channel) } else { scale.unwrap_or_default() }
    });
    let words = [starts[0].cast_unsigned(), start.cast_unsigned()];
    record.iter_mut().zip(words).for_each(|(to, word)| *to = word);
    let words = scales.into_iter().flat_map(Scale::words);
    record.iter_mut().skip(constants).zip(words).for_each(|(to, word)| *to = word);
}

/// Packed weights whose length was checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub inputs: usize,
    pub outputs: usize,
    pub flags: u32,
    pub records: &'a [u32],
}

impl<'a> View<'a> {
    pub fn new(words: &'a [u32], inputs: usize, outputs: usize) -> Result<Self, KernelError> {
        let sizes = (u32::try_from(inputs), u32::try_from(outputs));
        let (Ok(i), Ok(o)) = sizes else { return Err(KernelError::Shape) };
        if inputs == 0 || outputs == 0 {
            return Err(KernelError::Shape);
        }
        let right = u64::try_from(words.len()) == Ok(Matrix { inputs: i, outputs: o }.words());
        let (flags, records) = words.split_first().filter(|_| right).ok_or(KernelError::Weights)?;
        Ok(Self { inputs, outputs, flags: *flags, records })
    }

    pub fn pairs(&self) -> impl Iterator<Item = Pair<'a>> + use<'a> {
        let flags = self.flags;
        self.records.chunks_exact(record_words(self.inputs)).filter_map(move |record| Pair::new(record, flags))
    }
}

/// What decides which assembly runs.
#[cfg(dsp)]
impl View<'_> {
    pub fn is_doubled(&self) -> bool {
        self.flags & DOUBLED != 0
    }

    pub fn is_long(&self) -> bool {
        self.flags & LONG != 0
    }

    pub fn has_plain_bytes(&self) -> bool {
        self.flags & PLAIN_BYTES != 0
    }

    pub fn has_defined(&self) -> bool {
        self.flags & DEFINED != 0
    }
}
