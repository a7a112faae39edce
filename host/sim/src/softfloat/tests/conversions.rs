//! Integers, fixed point and halves.

use super::{
    super::{from_fixed, from_half, from_int, round_to_integral, to_fixed, to_half, to_int, to_int_directed},
    AHP, DN, FZ, IDC, IOC, IXC, MODES, OFC, Operands, UFC, run,
};

const MINUS: u32 = 1 << 31;
const INF: u32 = 0x7f80_0000;
const QUIET: u32 = 0xffc1_2345;
const SIGNAL: u32 = 0x7f81_2345;

fn bits(value: f32) -> u32 {
    value.to_bits()
}

/// The value rounded to an integer as a VRINT mode does, by the host.
fn rounded(value: f64, mode: u32, control: u32) -> f64 {
    match (mode, control >> 22 & 3) {
        (0, _) => value.round(),
        (1, _) | (5 | 6, 0) => value.round_ties_even(),
        (2, _) | (5 | 6, 1) => value.ceil(),
        (3, _) | (5 | 6, 2) => value.floor(),
        _ => value.trunc(),
    }
}

/// The integer and flags of a conversion, from its scaled and its rounded value.
fn saturated(scaled: f64, rounded: f64, signed: bool, width: u32) -> (u32, u32) {
    let (low, high) = if signed {
        (-(2f64.powi(width as i32 - 1)), 2f64.powi(width as i32 - 1) - 1.0)
    } else {
        (0.0, 2f64.powi(width as i32) - 1.0)
    };
    let flags = if rounded < low || rounded > high {
        IOC
    } else if rounded != scaled {
        IXC
    } else {
        0
    };
    (rounded.clamp(low, high) as i64 as u32, flags)
}

/// Values around and inside the range of integers.
fn operand(operands: &mut Operands) -> u32 {
    let any = operands.finite();
    if operands.word() & 1 == 0 { any } else { any & 0x8fff_ffff | 0x3000_0000 | (any & 0x1fff_ffff).min(0x1fff_ffff) }
}

#[test]
fn floats_become_integers_in_every_mode() {
    let mut operands = Operands(11);
    for _ in 0..200_000 {
        let m = operand(&mut operands);
        let value = f64::from(f32::from_bits(m));
        for signed in [false, true] {
            for control in MODES {
                for (toward_zero, mode) in [(true, 4), (false, 5)] {
                    let expected = saturated(value, rounded(value, mode, control), signed, 32);
                    assert_eq!(run(control, |fp| to_int(m, signed, toward_zero, fp)), expected, "{value} {mode}");
                }
            }
            for mode in 0..4 {
                let expected = saturated(value, rounded(value, mode, 0), signed, 32);
                assert_eq!(run(MODES[3], |fp| to_int_directed(m, mode, signed, fp)), expected, "{value} {mode}");
            }
        }
    }
}

#[test]
fn floats_become_fixed_point() {
    let mut operands = Operands(12);
    for _ in 0..200_000 {
        let d = operand(&mut operands);
        let word = operands.word();
        let (wide, signed) = (word & 1 != 0, word & 2 != 0);
        let width = if wide { 32 } else { 16 };
        let fraction = (word >> 8) as u32 % (width + 1);
        let scaled = f64::from(f32::from_bits(d)) * 2f64.powi(fraction as i32);
        let expected = saturated(scaled, scaled.trunc(), signed, width);
        let found = run(MODES[1], |fp| to_fixed(d, signed, wide, fraction, fp));
        assert_eq!(found, expected, "{scaled} {signed} {wide} {fraction}");
    }
}

#[test]
fn what_is_no_integer_is_invalid() {
    assert_eq!(run(0, |fp| to_int(QUIET, true, true, fp)), (0, IOC));
    assert_eq!(run(0, |fp| to_int(SIGNAL, false, true, fp)), (0, IOC));
    assert_eq!(run(0, |fp| to_int(INF, true, true, fp)), (0x7fff_ffff, IOC));
    assert_eq!(run(0, |fp| to_int(INF | MINUS, true, true, fp)), (0x8000_0000, IOC));
    assert_eq!(run(0, |fp| to_int(INF | MINUS, false, true, fp)), (0, IOC));
    assert_eq!(run(0, |fp| to_fixed(INF | MINUS, true, false, 3, fp)), (0xffff_8000, IOC));
    assert_eq!(run(0, |fp| to_fixed(INF, false, false, 3, fp)), (0xffff, IOC));
    assert_eq!(run(MODES[2], |fp| to_int(bits(-0.5), false, false, fp)), (0, IOC));
    assert_eq!(run(0, |fp| to_int(bits(-0.5), false, true, fp)), (0, IXC));
    assert_eq!(run(FZ | MODES[1], |fp| to_int(1, true, false, fp)), (0, IDC));
    assert_eq!(run(MODES[1], |fp| to_int(1, true, false, fp)), (1, IXC));
}

#[test]
fn integers_and_fixed_point_become_floats() {
    let mut operands = Operands(13);
    for _ in 0..200_000 {
        let word = operands.word();
        let m = word as u32 >> (word >> 32 & 31);
        let inexact = |value: f64, result: f32| if f64::from(result) == value { 0 } else { IXC };
        for (signed, value) in [(true, f64::from(m as i32)), (false, f64::from(m))] {
            let result = value as f32;
            assert_eq!(run(0, |fp| from_int(m, signed, fp)), (bits(result), inexact(value, result)));
            let fraction = (word >> 40) as u32 % 33;
            // Powers of two change no digit; rounding to nearest holds in every mode.
            let scaled = (value * 2f64.powi(-(fraction as i32))) as f32;
            let found = run(MODES[2], |fp| from_fixed(m, signed, true, fraction, fp));
            assert_eq!(found, (bits(scaled), inexact(value, result)));
        }
        let fraction = (word >> 40) as u32 % 17;
        let scale = 2f32.powi(-(fraction as i32));
        let found = run(MODES[1], |fp| from_fixed(m, true, false, fraction, fp));
        assert_eq!(found, (bits(f32::from(m as i16) * scale), 0));
        let found = run(MODES[1], |fp| from_fixed(m, false, false, fraction, fp));
        assert_eq!(found, (bits(f32::from(m as u16) * scale), 0));
    }
    assert_eq!(run(MODES[1], |fp| from_int(0x0100_0001, true, fp)), (bits(16_777_218.0), IXC));
    assert_eq!(run(MODES[2], |fp| from_int(0xfeff_ffff, true, fp)), (bits(-16_777_218.0), IXC));
    assert_eq!(run(MODES[3], |fp| from_int(u32::MAX, false, fp)), (bits(4_294_967_040.0), IXC));
    assert_eq!(run(MODES[2], |fp| from_int(0, true, fp)), (0, 0));
}

#[test]
fn floats_round_to_integral_floats() {
    let mut operands = Operands(14);
    for _ in 0..200_000 {
        let m = operand(&mut operands);
        let value = f32::from_bits(m);
        for control in MODES {
            for mode in 0..7 {
                let result = rounded(f64::from(value), mode, control) as f32;
                let flags = if mode == 6 && result != value { IXC } else { 0 };
                assert_eq!(run(control, |fp| round_to_integral(m, mode, fp)), (bits(result), flags), "{value} {mode}");
            }
        }
    }
    assert_eq!(run(0, |fp| round_to_integral(SIGNAL, 6, fp)), (SIGNAL | 1 << 22, IOC));
    assert_eq!(run(DN, |fp| round_to_integral(QUIET, 6, fp)), (0x7fc0_0000, 0));
    assert_eq!(run(0, |fp| round_to_integral(INF | MINUS, 0, fp)), (INF | MINUS, 0));
    assert_eq!(run(FZ, |fp| round_to_integral(MINUS | 1, 3, fp)), (MINUS, IDC));
}

/// The value of a half, infinity apart.
fn half(bits: u32) -> f64 {
    let (exponent, fraction) = (bits >> 10 & 31, f64::from(bits & 0x3ff));
    let magnitude = match exponent {
        0 => fraction * 2f64.powi(-24),
        _ => (1024.0 + fraction) * 2f64.powi(exponent as i32 - 25),
    };
    if bits & 0x8000 != 0 { -magnitude } else { magnitude }
}

#[test]
fn every_half_is_a_single_and_back() {
    for (control, end) in [(0, 0x7c00), (AHP, 0x8000), (FZ, 0x7c00)] {
        for magnitude in 0..end {
            for pattern in [magnitude, magnitude | 0x8000] {
                let single = bits(half(pattern) as f32);
                assert_eq!(run(control, |fp| from_half(pattern, fp)), (single, 0), "{pattern:#x}");
                assert_eq!(run(control, |fp| to_half(single, fp)), (pattern, 0), "{pattern:#x}");
            }
        }
    }
}

#[test]
fn between_two_halves_the_mode_decides() {
    for (control, last) in [(0, 0x7bff), (AHP, 0x7fff)] {
        for lower in 0..last {
            let middle = bits(f64::midpoint(half(lower), half(lower + 1)) as f32);
            let flags = if lower < 0x400 { UFC | IXC } else { IXC };
            let tie = lower + (lower & 1);
            for (m, nearest) in [(middle - 1, lower), (middle, tie), (middle + 1, lower + 1)] {
                assert_eq!(run(control, |fp| to_half(m, fp)), (nearest, flags), "{m:#x}");
                assert_eq!(run(control | MODES[1], |fp| to_half(m, fp)), (lower + 1, flags));
                assert_eq!(run(control | MODES[1], |fp| to_half(m | MINUS, fp)), (lower | 0x8000, flags));
                assert_eq!(run(control | MODES[2], |fp| to_half(m | MINUS, fp)), ((lower + 1) | 0x8000, flags));
                assert_eq!(run(control | MODES[3], |fp| to_half(m, fp)), (lower, flags));
            }
        }
    }
}

#[test]
fn halves_have_their_own_ends() {
    assert_eq!(run(0, |fp| to_half(bits(65_520.0), fp)), (0x7c00, OFC | IXC));
    assert_eq!(run(0, |fp| to_half(bits(65_519.0), fp)), (0x7bff, IXC));
    assert_eq!(run(MODES[3], |fp| to_half(bits(-1e9), fp)), (0xfbff, OFC | IXC));
    assert_eq!(run(AHP, |fp| to_half(bits(131_008.0), fp)), (0x7fff, 0));
    assert_eq!(run(AHP, |fp| to_half(bits(-131_072.0), fp)), (0xffff, IOC));
    assert_eq!(run(AHP, |fp| to_half(INF, fp)), (0x7fff, IOC));
    assert_eq!(run(AHP, |fp| to_half(QUIET, fp)), (0x8000, IOC));
    assert_eq!(run(0, |fp| to_half(INF | MINUS, fp)), (0xfc00, 0));
    // A NaN keeps the high bits of its payload.
    assert_eq!(run(0, |fp| to_half(QUIET, fp)), (0xfe09, 0));
    assert_eq!(run(0, |fp| to_half(SIGNAL, fp)), (0x7e09, IOC));
    assert_eq!(run(DN, |fp| to_half(QUIET, fp)), (0x7e00, 0));
    assert_eq!(run(0, |fp| from_half(0xfc00, fp)), (INF | MINUS, 0));
    assert_eq!(run(0, |fp| from_half(0xfe09, fp)), (0xffc1_2000, 0));
    assert_eq!(run(0, |fp| from_half(0x7c09, fp)), (0x7fc1_2000, IOC));
    assert_eq!(run(DN, |fp| from_half(0xfe09, fp)), (0x7fc0_0000, 0));
    // Flushing holds for singles only.
    assert_eq!(run(FZ, |fp| to_half(bits(2f32.powi(-24)), fp)), (1, 0));
    assert_eq!(run(FZ, |fp| to_half(1 | MINUS, fp)), (0x8000, IDC));
}
