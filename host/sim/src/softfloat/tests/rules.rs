//! NaNs, infinities, comparisons and extremes: what the manual says.

use super::{
    super::{Context, add, compare, div, from_fixed, fused, max_number, min_number, mul, sqrt, sub},
    DN, DZC, FZ, IDC, IOC, IXC, MODES, OFC, UFC, run,
};

const INF: u32 = 0x7f80_0000;
const MINUS: u32 = 1 << 31;
const ONE: u32 = 0x3f80_0000;
const TWO: u32 = 0x4000_0000;
const NAN: u32 = 0x7fc0_0000;
const QUIET: u32 = 0xffc1_2345;
const OTHER: u32 = 0x7fc0_0abc;
const SIGNAL: u32 = 0x7f81_2345;
const MAX: u32 = 0x7f7f_ffff;

#[test]
fn the_first_signalling_nan_wins_then_the_first_quiet_one() {
    for operation in [add, sub, mul, div] {
        assert_eq!(run(0, |fp| operation(QUIET, SIGNAL, fp)), (SIGNAL | 1 << 22, IOC));
        assert_eq!(run(0, |fp| operation(SIGNAL, QUIET, fp)), (SIGNAL | 1 << 22, IOC));
        assert_eq!(run(0, |fp| operation(QUIET, OTHER, fp)), (QUIET, 0));
        assert_eq!(run(0, |fp| operation(ONE, OTHER, fp)), (OTHER, 0));
        assert_eq!(run(DN, |fp| operation(QUIET, ONE, fp)), (NAN, 0));
        assert_eq!(run(DN, |fp| operation(ONE, SIGNAL, fp)), (NAN, IOC));
        // A flushed operand is noticed beside a NaN.
        assert_eq!(run(FZ, |fp| operation(1, OTHER, fp)), (OTHER, IDC));
    }
    assert_eq!(run(0, |fp| sqrt(SIGNAL | MINUS, fp)), (SIGNAL | MINUS | 1 << 22, IOC));
    assert_eq!(run(0, |fp| sqrt(QUIET, fp)), (QUIET, 0));
}

#[test]
fn operations_without_a_result_are_invalid() {
    assert_eq!(run(0, |fp| add(INF, INF | MINUS, fp)), (NAN, IOC));
    assert_eq!(run(0, |fp| sub(INF, INF, fp)), (NAN, IOC));
    assert_eq!(run(0, |fp| mul(INF, MINUS, fp)), (NAN, IOC));
    assert_eq!(run(FZ, |fp| mul(INF, 1, fp)), (NAN, IOC | IDC));
    assert_eq!(run(0, |fp| div(0, MINUS, fp)), (NAN, IOC));
    assert_eq!(run(0, |fp| div(INF, INF, fp)), (NAN, IOC));
    assert_eq!(run(0, |fp| sqrt(ONE | MINUS, fp)), (NAN, IOC));
    assert_eq!(run(0, |fp| sqrt(INF | MINUS, fp)), (NAN, IOC));
    assert_eq!(run(0, |fp| sqrt(MINUS, fp)), (MINUS, 0));
    assert_eq!(run(0, |fp| sqrt(INF, fp)), (INF, 0));
}

#[test]
fn infinities_and_zero_divisors() {
    assert_eq!(run(0, |fp| add(INF, ONE, fp)), (INF, 0));
    assert_eq!(run(0, |fp| sub(ONE, INF, fp)), (INF | MINUS, 0));
    assert_eq!(run(0, |fp| sub(INF, INF | MINUS, fp)), (INF, 0));
    assert_eq!(run(0, |fp| mul(INF, ONE | MINUS, fp)), (INF | MINUS, 0));
    assert_eq!(run(0, |fp| div(ONE | MINUS, 0, fp)), (INF | MINUS, DZC));
    assert_eq!(run(0, |fp| div(INF, 0, fp)), (INF, 0));
    assert_eq!(run(FZ, |fp| div(ONE, 1, fp)), (INF, DZC | IDC));
    assert_eq!(run(0, |fp| div(ONE, INF | MINUS, fp)), (MINUS, 0));
}

#[test]
fn the_fused_operation_and_its_nans() {
    assert_eq!(run(0, |fp| fused(QUIET, INF, 0, fp)), (NAN, IOC));
    assert_eq!(run(0, |fp| fused(QUIET, MINUS, INF, fp)), (NAN, IOC));
    assert_eq!(run(0, |fp| fused(QUIET, INF, ONE, fp)), (QUIET, 0));
    assert_eq!(run(0, |fp| fused(SIGNAL, INF, 0, fp)), (SIGNAL | 1 << 22, IOC));
    assert_eq!(run(0, |fp| fused(QUIET, OTHER, SIGNAL, fp)), (SIGNAL | 1 << 22, IOC));
    assert_eq!(run(0, |fp| fused(ONE, OTHER, QUIET, fp)), (OTHER, 0));
    assert_eq!(run(0, |fp| fused(ONE, INF, 0, fp)), (NAN, IOC));
    assert_eq!(run(0, |fp| fused(INF, INF | MINUS, ONE, fp)), (NAN, IOC));
    assert_eq!(run(0, |fp| fused(INF, ONE, TWO, fp)), (INF, 0));
    assert_eq!(run(0, |fp| fused(ONE, INF | MINUS, TWO, fp)), (INF | MINUS, 0));
    // 1 - 1 * 1 is zero: negative when rounding down.
    assert_eq!(run(0, |fp| fused(ONE, ONE | MINUS, ONE, fp)), (0, 0));
    assert_eq!(run(MODES[2], |fp| fused(ONE, ONE | MINUS, ONE, fp)), (MINUS, 0));
}

#[test]
fn overflow_goes_where_the_mode_says() {
    for (mode, up, down) in [(0, INF, INF | MINUS), (1, INF, MAX | MINUS), (2, MAX, INF | MINUS), (3, MAX, MAX | MINUS)]
    {
        assert_eq!(run(MODES[mode], |fp| add(MAX, MAX, fp)), (up, OFC | IXC));
        assert_eq!(run(MODES[mode], |fp| mul(MAX, TWO | MINUS, fp)), (down, OFC | IXC));
    }
}

#[test]
fn underflow_is_seen_before_rounding() {
    // (1 - 2^-24) * 2^-126 rounds to the smallest normal number, and still it underflows.
    assert_eq!(run(0, |fp| mul(0x3f7f_ffff, 0x0080_0000, fp)), (0x0080_0000, UFC | IXC));
    assert_eq!(run(FZ, |fp| mul(0x3f7f_ffff, 0x0080_0000, fp)), (0, UFC));
    // Exact denormals do not.
    assert_eq!(run(0, |fp| mul(0x3f00_0000, 0x0080_0000, fp)), (0x0040_0000, 0));
    assert_eq!(run(FZ, |fp| mul(0x3f00_0000, 0x0080_0000 | MINUS, fp)), (MINUS, UFC));
    assert_eq!(run(FZ, |fp| add(0x0040_0000, ONE, fp)), (ONE, IDC));
}

#[test]
fn flags_are_kept() {
    let given = 0xf000_0000 | IOC | DZC;
    let mut context = Context::new(given);
    assert_eq!(add(MAX, MAX, &mut context), INF);
    assert_eq!(context.fpscr(), given | OFC | IXC);
    // Rounding to nearest does not outlast the conversion that asks for it.
    let mut context = Context::new(MODES[3]);
    assert_eq!(from_fixed(u32::MAX, false, true, 0, &mut context), 0x4f80_0000);
    assert_eq!(context.fpscr(), MODES[3] | IXC);
}

#[test]
fn comparisons() {
    let (less, equal, greater, unordered) = (0x8000_0000, 0x6000_0000, 0x2000_0000, 0x3000_0000);
    for (a, b, flags) in [
        (ONE, TWO, less),
        (TWO, ONE, greater),
        (ONE | MINUS, ONE, less),
        (ONE | MINUS, TWO | MINUS, greater),
        (0, MINUS, equal),
        (INF, INF, equal),
        (INF | MINUS, MAX | MINUS, less),
        (1, 0, greater),
    ] {
        assert_eq!(run(0, |fp| compare(a, b, true, fp)), (flags, 0), "{a:#x} {b:#x}");
    }
    assert_eq!(run(FZ, |fp| compare(1, MINUS | 2, false, fp)), (equal, IDC));
    assert_eq!(run(0, |fp| compare(QUIET, ONE, false, fp)), (unordered, 0));
    assert_eq!(run(0, |fp| compare(QUIET, ONE, true, fp)), (unordered, IOC));
    assert_eq!(run(0, |fp| compare(ONE, SIGNAL, false, fp)), (unordered, IOC));
}

#[test]
fn larger_and_smaller_numbers() {
    assert_eq!(run(0, |fp| max_number(ONE, TWO, fp)), (TWO, 0));
    assert_eq!(run(0, |fp| min_number(ONE, TWO | MINUS, fp)), (TWO | MINUS, 0));
    for operation in [max_number, min_number] {
        assert_eq!(run(0, |fp| operation(QUIET, ONE, fp)), (ONE, 0));
        assert_eq!(run(0, |fp| operation(INF | MINUS, OTHER, fp)), (INF | MINUS, 0));
        assert_eq!(run(0, |fp| operation(QUIET, OTHER, fp)), (QUIET, 0));
        assert_eq!(run(0, |fp| operation(QUIET, SIGNAL, fp)), (SIGNAL | 1 << 22, IOC));
        assert_eq!(run(0, |fp| operation(SIGNAL, ONE, fp)), (SIGNAL | 1 << 22, IOC));
        assert_eq!(run(DN, |fp| operation(QUIET, OTHER, fp)), (NAN, 0));
    }
    assert_eq!(run(0, |fp| max_number(MINUS, 0, fp)), (0, 0));
    assert_eq!(run(0, |fp| min_number(0, MINUS, fp)), (MINUS, 0));
    assert_eq!(run(FZ, |fp| max_number(1, MINUS | 1, fp)), (0, IDC));
}
