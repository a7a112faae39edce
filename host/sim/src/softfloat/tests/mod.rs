//! Arithmetic against exact values, in every rounding mode; conversions and NaNs against the manual.

mod arithmetic;
mod conversions;
mod oracle;
mod rules;

use super::Context;

const MODES: [u32; 4] = [0, 1 << 22, 2 << 22, 3 << 22];
const FZ: u32 = 1 << 24;
const DN: u32 = 1 << 25;
const AHP: u32 = 1 << 26;

const IOC: u32 = 1;
const DZC: u32 = 2;
const OFC: u32 = 4;
const UFC: u32 = 8;
const IXC: u32 = 16;
const IDC: u32 = 128;

/// Result and flags of one operation.
fn run(control: u32, operation: impl FnOnce(&mut Context) -> u32) -> (u32, u32) {
    let mut context = Context::new(control);
    let result = operation(&mut context);
    let flags = context.fpscr();
    assert_eq!(flags & !0x9f, control, "control bits stay");
    (result, flags & 0x9f)
}

/// A generator of operands (SplitMix64: Steele, Lea, Flood, OOPSLA 2014).
struct Operands(u64);

impl Operands {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// Finite singles: corners, few significant bits, exponents near 127, or any.
    fn finite(&mut self) -> u32 {
        let word = self.word();
        let random = word as u32;
        let sign = random & 1 << 31;
        let magnitude = match word >> 32 & 7 {
            0 => CORNERS[(word >> 40) as usize % CORNERS.len()],
            1 => random & 0x7f80_0000 | 1 << (word >> 40 & 31).min(22),
            2 => random & 0x7fff_f000,
            3 | 4 => (random & 0x07ff_ffff) + 0x3c00_0000,
            5 => random & 0x00ff_ffff,
            _ => random & 0x7fff_ffff,
        };
        sign | if magnitude >= 0x7f80_0000 { magnitude & 0x7f7f_ffff } else { magnitude }
    }
}

const CORNERS: [u32; 14] = [
    0,
    1,
    2,
    0x007f_ffff,
    0x0080_0000,
    0x0080_0001,
    0x3f7f_ffff,
    0x3f80_0000,
    0x3f80_0001,
    0x4b00_0000,
    0x4b7f_ffff,
    0x7eff_ffff,
    0x7f00_0000,
    0x7f7f_ffff,
];
