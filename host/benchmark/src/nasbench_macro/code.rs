//! The choices of one network of NAS-Bench-Macro.

use std::{fmt, str::FromStr};

/// Blocks of a network.
const BLOCKS: usize = 8;
/// Where the stages begin and end: two, three and three blocks.
const STAGES: [std::ops::Range<usize>; 3] = [0..2, 2..5, 5..8];
/// Choices of a block.
const CHOICES: usize = 3;

/// Eight digits: 0 identity, 1 expansion 3 with kernel 3, 2 expansion 6 with kernel 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MacroCode([u8; BLOCKS]);

impl MacroCode {
    /// Networks of the space.
    pub const COUNT: usize = CHOICES.pow(BLOCKS as u32);

    /// All codes in ascending order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).filter_map(Self::at)
    }

    /// The code at a position of [`Self::all`].
    #[must_use]
    pub fn at(index: usize) -> Option<Self> {
        let digit = |block: usize| (index / CHOICES.pow((BLOCKS - 1 - block) as u32) % CHOICES) as u8;
        (index < Self::COUNT).then(|| Self(std::array::from_fn(digit)))
    }

    /// Its position in [`Self::all`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0.iter().fold(0, |index, digit| index * CHOICES + usize::from(*digit))
    }

    /// The choices, one per block.
    #[must_use]
    pub const fn digits(self) -> [u8; BLOCKS] {
        self.0
    }

    /// Whether a block opens a stage and so halves the resolution, whatever it is.
    #[must_use]
    pub fn opens_stage(block: usize) -> bool {
        STAGES.iter().any(|stage| stage.start == block)
    }

    /// The same network with the identities of every stage at its end: 3,969 of the codes are of this form. The block
    /// that opens a stage is none of them, its identity is a convolution.
    #[must_use]
    pub fn canonical(self) -> Self {
        let mut digits = self.0;
        for stage in STAGES {
            // Stable: the others keep their order.
            digits[stage.start + 1..stage.end].sort_by_key(|digit| *digit == 0);
        }
        Self(digits)
    }

    /// Codes that differ in one block.
    #[must_use]
    pub fn neighbours(self) -> Vec<Self> {
        let change = |block: usize| {
            (0..CHOICES as u8).filter(move |digit| *digit != self.0[block]).map(move |digit| {
                let mut digits = self.0;
                digits[block] = digit;
                Self(digits)
            })
        };
        (0..BLOCKS).flat_map(change).collect()
    }
}

impl fmt::Display for MacroCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{digit}"))
    }
}

impl FromStr for MacroCode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits: Vec<u8> = text.bytes().map(|byte| byte.wrapping_sub(b'0')).collect();
        let digits: [u8; BLOCKS] = digits.try_into().map_err(|_| ())?;
        if digits.iter().all(|digit| usize::from(*digit) < CHOICES) { Ok(Self(digits)) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_counted_and_read_back() {
        for (index, code) in MacroCode::all().enumerate() {
            assert_eq!(code.index(), index);
            assert_eq!(code.to_string().parse(), Ok(code));
        }
        assert_eq!(MacroCode::all().count(), 6561);
        assert_eq!(MacroCode::at(6561), None);
        for wrong in ["", "0000000", "000000000", "00000003", "0000000x"] {
            assert_eq!(wrong.parse::<MacroCode>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn identities_move_to_the_end_of_their_stage() {
        let canonical = |text: &str| text.parse::<MacroCode>().unwrap().canonical().to_string();
        assert_eq!(canonical("22212202"), "22212220");
        assert_eq!(canonical("02000012"), "02000012");
        assert_eq!(canonical("00012102"), "00012120");
        // The published number of distinct networks.
        assert_eq!(MacroCode::all().map(MacroCode::canonical).collect::<HashSet<_>>().len(), 3969);
    }

    #[test]
    fn a_code_has_sixteen_neighbours() {
        let code: MacroCode = "22212202".parse().unwrap();
        let neighbours: HashSet<MacroCode> = code.neighbours().into_iter().collect();
        assert_eq!(neighbours.len(), 16);
        assert!(!neighbours.contains(&code) && neighbours.iter().all(|n| n.neighbours().contains(&code)));
    }
}
