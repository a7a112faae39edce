//! Operands: a fixed sequence, so that every run of a program sees the same ones.

/// Numbers at which integer instructions change their behaviour.
const CORNERS: [u32; 16] = [
    0,
    1,
    2,
    0xffff_ffff,
    0x8000_0000,
    0x7fff_ffff,
    0x8000_8000,
    0x7fff_7fff,
    0x7fff_8000,
    0x8080_8080,
    0x7f7f_7f7f,
    0x80,
    0xff,
    0xffff,
    0x1_0000,
    0x0001_ffff,
];

/// Zeros, ones, halves, limits of integers, infinities, NaNs of both kinds, the ends of the subnormal and normal range.
const FLOAT_CORNERS: [u32; 32] = [
    0x0000_0000,
    0x8000_0000,
    0x3f80_0000,
    0xbf80_0000,
    0x3f00_0000,
    0xbf00_0000,
    0x3fc0_0000,
    0xbfc0_0000,
    0x4020_0000,
    0xc020_0000,
    0x4f00_0000,
    0xcf00_0000,
    0x4eff_ffff,
    0x4f80_0000,
    0x4f7f_ffff,
    0x7f80_0000,
    0xff80_0000,
    0x7fc0_0000,
    0xffc0_1234,
    0x7f80_0001,
    0xff81_2345,
    0x7fff_ffff,
    0x0000_0001,
    0x8000_0001,
    0x007f_ffff,
    0x807f_ffff,
    0x0080_0000,
    0x8080_0000,
    0x7f7f_ffff,
    0xff7f_ffff,
    0x4600_0000,
    0x3300_0000,
];

/// Marsaglia's xorshift with 32 bits (Journal of Statistical Software 8 (14), 2003; shifts 13, 17, 5).
pub struct Random(u32);

impl Random {
    /// Every group starts from the same seed, so that a new group changes no other one.
    pub const fn new() -> Self {
        Self(0x7_1e57)
    }

    /// Any 32 bits but zero.
    pub fn bits(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// An operand of an integer instruction: a corner, a small number (shifts, lengths), or anything.
    pub fn integer(&mut self) -> u32 {
        let bits = self.bits();
        match bits >> 29 {
            0 | 1 => CORNERS[(bits % 16) as usize],
            2 => bits % 72,
            3 => (bits as i32 >> (bits % 24)) as u32,
            _ => self.bits(),
        }
    }

    /// The bits of an operand of a floating-point instruction: a corner, a number near one, or anything.
    pub fn float(&mut self) -> u32 {
        let bits = self.bits();
        match bits >> 29 {
            0..=2 => FLOAT_CORNERS[(bits % 32) as usize],
            // The exponent stays within 16 of that of one: sums and products round.
            3..=5 => bits & 0x807f_ffff | 111 + (bits >> 23 & 31) << 23,
            _ => self.bits(),
        }
    }
}

impl Default for Random {
    fn default() -> Self {
        Self::new()
    }
}
