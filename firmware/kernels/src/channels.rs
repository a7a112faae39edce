//! Requantization constants per output channel, packed for sequential loads.
//!
//! Channels come in groups of four, 36 bytes each: four biases (i32), four multipliers (i32), four shifts (i8),
//! little endian. A kernel that makes four channels at a time loads nine consecutive words; a channel costs 9
//! bytes of flash. The last group is filled up with zeros.

use crate::{Output, Requant};

/// Channels in one group.
pub const CHANNEL_GROUP: usize = 4;
/// Bytes of one group.
pub const CHANNEL_GROUP_BYTES: usize = 36;

/// The constants of one output channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Channel {
    /// Bias less `input_zero · Σ weights`, in units of input scale × weight scale.
    pub bias: i32,
    /// Input scale × weight scale / output scale.
    pub requant: Requant,
}

impl Channel {
    /// The output for a sum of products of raw int8 inputs and weights, padding counted as the zero point.
    #[must_use]
    #[inline]
    pub fn finish(self, products: i32, output: Output) -> i8 {
        output.finish(self.requant.apply_once(products.wrapping_add(self.bias)))
    }

    /// The same outputs from a channel whose weights are all 0, if no input changes the output that `filter` makes.
    ///
    /// Training leaves such channels: pruned ones have no weights and a bias near 2³⁰ that a tiny factor undoes, which the
    /// short requantization cannot do exactly. Requantization never falls where its argument rises, so the outputs of the
    /// least and the largest sum decide.
    #[must_use]
    pub fn without_weights(self, filter: &[i8], output: Output) -> Option<Self> {
        let weights: i64 = filter.iter().map(|weight| i64::from(weight.unsigned_abs())).sum();
        let end = |products: i64| {
            let sum = i32::try_from(i64::from(self.bias) + products).ok()?;
            Some(output.finish(self.requant.apply(sum)))
        };
        let value = end(-128 * weights)?;
        if end(128 * weights)? != value {
            return None;
        }
        // (value − zero) · 2⁸ · 2⁻⁸: exact in both roundings.
        let bias = (i32::from(value) - i32::from(output.zero)) << 8;
        Some(Self { bias, requant: Requant { multiplier: 1 << 30, shift: -7 } })
    }

    /// Writes the constants as channel `index` of packed groups; `None` if `groups` is too short.
    pub fn write(self, groups: &mut [u8], index: usize) -> Option<()> {
        let (group, lane) = (index / CHANNEL_GROUP, index % CHANNEL_GROUP);
        let group = groups.as_chunks_mut::<CHANNEL_GROUP_BYTES>().0.get_mut(group)?;
        let (words, shifts) = group.split_at_mut(32);
        let words = words.as_chunks_mut::<4>().0;
        *words.get_mut(lane)? = self.bias.to_le_bytes();
        *words.get_mut(CHANNEL_GROUP + lane)? = self.requant.multiplier.to_le_bytes();
        *shifts.get_mut(lane)? = self.requant.shift.to_le_bytes()[0];
        Some(())
    }
}

/// The constants of all output channels of one step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Channels<'a> {
    groups: &'a [[u8; CHANNEL_GROUP_BYTES]],
    count: usize,
}

impl<'a> Channels<'a> {
    /// Bytes that `count` channels occupy.
    #[must_use]
    pub const fn bytes_for(count: u32) -> u64 {
        count.div_ceil(CHANNEL_GROUP as u32) as u64 * CHANNEL_GROUP_BYTES as u64
    }

    /// Views packed groups; `None` if `bytes` is not exactly as long as `count` channels need.
    #[must_use]
    pub fn new(bytes: &'a [u8], count: u32) -> Option<Self> {
        let whole = u64::try_from(bytes.len()).ok()? == Self::bytes_for(count);
        whole.then_some(Self { groups: bytes.as_chunks().0, count: usize::try_from(count).ok()? })
    }

    /// Number of channels.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are no channels.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All channels in order.
    pub fn iter(&self) -> impl Iterator<Item = Channel> + use<'a> {
        let count = self.count;
        self.groups.iter().flat_map(unpack).take(count)
    }

    /// Groups of four channels in order; the last one may end in zeros.
    pub(crate) fn groups(&self) -> impl Iterator<Item = [Channel; CHANNEL_GROUP]> + use<'a> {
        self.groups.iter().map(unpack)
    }
}

fn unpack(group: &[u8; CHANNEL_GROUP_BYTES]) -> [Channel; CHANNEL_GROUP] {
    let mut channels = [Channel::default(); CHANNEL_GROUP];
    let (words, shifts) = group.split_at(32);
    let (biases, multipliers) = words.split_at(16);
    let parts = biases.as_chunks::<4>().0.iter().zip(multipliers.as_chunks::<4>().0).zip(shifts);
    for (channel, ((bias, multiplier), shift)) in channels.iter_mut().zip(parts) {
        let requant = Requant { multiplier: i32::from_le_bytes(*multiplier), shift: i8::from_le_bytes([*shift]) };
        *channel = Channel { bias: i32::from_le_bytes(*bias), requant };
    }
    channels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_channels_are_read_back_in_order() {
        let channel = |i: i32| Channel {
            bias: -1_000_000 * i,
            requant: Requant { multiplier: i32::MAX - i, shift: i as i8 - 5 },
        };
        let mut bytes = [0u8; 2 * CHANNEL_GROUP_BYTES];
        for i in 0..6 {
            channel(i).write(&mut bytes, i as usize).unwrap();
        }
        let channels = Channels::new(&bytes, 6).unwrap();
        assert!(channels.iter().eq((0..6).map(channel)));
        assert_eq!(channels.groups().last().unwrap()[2..], [Channel::default(); 2]);
    }

    #[test]
    fn a_channel_that_no_input_changes_needs_no_weights() {
        let channel = |bias, multiplier, shift| Channel { bias, requant: Requant { multiplier, shift } };
        let relu = Output { zero: -128, min: -128, max: 127 };
        let pruned = channel(1 << 30, 1_320_764_593, -27);
        let constant = pruned.without_weights(&[0; 9], relu).unwrap();
        assert_eq!((constant.finish(0, relu), constant.bias), (pruned.finish(0, relu), 5 << 8));
        // A factor of 0, and one that is too small for these weights.
        for channel in [channel(-700, 0, 0), channel(900, 1 << 30, -20)] {
            let constant = channel.without_weights(&[127, -3], relu).unwrap();
            assert_eq!((constant.bias, constant.finish(0, relu)), (0, -128));
        }
        // Cut off by the activation at both ends.
        assert_eq!(channel(1 << 20, 1 << 30, 0).without_weights(&[1], relu).unwrap().finish(0, relu), 127);
        assert_eq!(channel(0, 1 << 30, -3).without_weights(&[1], relu), None);
        assert_eq!(channel(i32::MAX, 1 << 30, -31).without_weights(&[1], relu), None, "a sum that wraps");
    }

    #[test]
    fn a_wrong_length_is_refused() {
        assert!(Channels::new(&[0; 36], 5).is_none());
        assert!(Channels::new(&[0; 37], 4).is_none());
        assert!(Channel::default().write(&mut [0; 36], 4).is_none());
    }
}
