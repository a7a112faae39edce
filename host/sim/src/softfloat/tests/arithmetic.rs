//! Finite operands against the oracle: results and flags; results to nearest against the host as well.

use super::{
    super::{add, div, fused, mul, sqrt, sub},
    FZ, IDC, MODES, Operands,
    oracle::{Value, double},
    run,
};

const ROUNDS: u32 = 300_000;

/// What flush to zero makes of an operand.
fn flushed(bits: u32, control: u32) -> (u32, u32) {
    let denormal = bits & 0x7f80_0000 == 0 && bits & 0x007f_ffff != 0;
    if denormal && control & FZ != 0 { (bits & 1 << 31, IDC) } else { (bits, 0) }
}

/// The rounded value, or for zero the sign of `zero`.
fn expected(value: Value, zero: bool, control: u32) -> (u32, u32) {
    if value.is_zero() { (u32::from(zero) << 31, 0) } else { value.round(control) }
}

/// The sign of an exact sum of zero.
fn zero_sum(a: u32, b: u32, control: u32) -> bool {
    let (a_sign, b_sign) = (a >> 31 != 0, b >> 31 != 0);
    let zeros = (a | b) & 0x7fff_ffff == 0;
    if zeros && a_sign == b_sign { a_sign } else { control >> 22 & 3 == 2 }
}

fn controls() -> impl Iterator<Item = u32> {
    MODES.into_iter().flat_map(|mode| [mode, mode | FZ])
}

#[test]
fn sums_and_differences_round_once() {
    let mut operands = Operands(1);
    for _ in 0..ROUNDS {
        let (n, m) = (operands.finite(), operands.finite());
        for control in controls() {
            let ((a, first), (b, second)) = (flushed(n, control), flushed(m, control));
            let input = first | second;
            let (result, flags) = expected(Value::sum(double(a), double(b)), zero_sum(a, b, control), control);
            assert_eq!(run(control, |fp| add(n, m, fp)), (result, flags | input), "{n:#x} + {m:#x}, {control:#x}");
            let (c, negated) = (b ^ 1 << 31, m ^ 1 << 31);
            assert_eq!(c, flushed(negated, control).0);
            assert_eq!(run(control, |fp| sub(n, negated, fp)), (result, flags | input), "{n:#x} - -{m:#x}");
        }
        let host = f32::from_bits(n) + f32::from_bits(m);
        assert_eq!(run(0, |fp| add(n, m, fp)).0, host.to_bits());
    }
}

#[test]
fn products_round_once() {
    let mut operands = Operands(2);
    for _ in 0..ROUNDS {
        let (n, m) = (operands.finite(), operands.finite());
        for control in controls() {
            let ((a, first), (b, second)) = (flushed(n, control), flushed(m, control));
            let zero = (a ^ b) >> 31 != 0;
            let (result, flags) = expected(Value::product(double(a), double(b)), zero, control);
            assert_eq!(run(control, |fp| mul(n, m, fp)), (result, flags | first | second), "{n:#x} * {m:#x}");
        }
        let host = f32::from_bits(n) * f32::from_bits(m);
        assert_eq!(run(0, |fp| mul(n, m, fp)).0, host.to_bits());
    }
}

#[test]
fn quotients_round_once() {
    let mut operands = Operands(3);
    for _ in 0..ROUNDS {
        let (n, m) = (operands.finite(), operands.finite());
        for control in controls() {
            let ((a, first), (b, second)) = (flushed(n, control), flushed(m, control));
            if b & 0x7fff_ffff == 0 {
                continue;
            }
            let zero = (a ^ b) >> 31 != 0;
            let (result, flags) = expected(Value::quotient(double(a), double(b)), zero, control);
            assert_eq!(run(control, |fp| div(n, m, fp)), (result, flags | first | second), "{n:#x} / {m:#x}");
        }
        if m & 0x7fff_ffff != 0 {
            let host = f32::from_bits(n) / f32::from_bits(m);
            assert_eq!(run(0, |fp| div(n, m, fp)).0, host.to_bits());
        }
    }
}

#[test]
fn roots_round_once() {
    let mut operands = Operands(4);
    for _ in 0..ROUNDS {
        let m = operands.finite() & 0x7fff_ffff;
        for control in controls() {
            let (a, input) = flushed(m, control);
            let (result, flags) = expected(Value::root(double(a)), false, control);
            assert_eq!(run(control, |fp| sqrt(m, fp)), (result, flags | input), "sqrt {m:#x}, {control:#x}");
        }
        assert_eq!(run(0, |fp| sqrt(m, fp)).0, f32::from_bits(m).sqrt().to_bits());
    }
}

#[test]
fn fused_products_and_sums_round_once() {
    let mut operands = Operands(5);
    for round in 0..ROUNDS {
        let (n, m) = (operands.finite(), operands.finite());
        // Every other addend nearly cancels the product.
        let product = (f32::from_bits(n) * f32::from_bits(m)).to_bits();
        let near = (product ^ 1 << 31).wrapping_add(operands.word() as u32 & 3);
        let usable = round & 1 == 0 && near & 0x7f80_0000 != 0x7f80_0000;
        let d = if usable { near } else { operands.finite() };
        for control in controls() {
            let ((c, third), (a, first), (b, second)) = (flushed(d, control), flushed(n, control), flushed(m, control));
            let input = first | second | third;
            let sign = (a ^ b) & 1 << 31;
            let factor = double(a) * double(b);
            let zero = zero_sum(c, if factor == 0.0 { sign } else { sign | 1 }, control);
            let (result, flags) = expected(Value::sum(double(c), factor), zero, control);
            let found = run(control, |fp| fused(d, n, m, fp));
            assert_eq!(found, (result, flags | input), "{d:#x} + {n:#x} * {m:#x}, {control:#x}");
        }
        let host = f32::from_bits(n).mul_add(f32::from_bits(m), f32::from_bits(d));
        assert_eq!(run(0, |fp| fused(d, n, m, fp)).0, host.to_bits());
    }
}

#[test]
fn the_fast_path_agrees_with_the_exact_one() {
    // Default NaNs change nothing for finite operands but turn the fast path off.
    let mut operands = Operands(6);
    for _ in 0..ROUNDS {
        let (d, n, m) = (operands.finite(), operands.finite(), operands.finite());
        assert_eq!(run(0, |fp| add(n, m, fp)), run(super::DN, |fp| add(n, m, fp)));
        assert_eq!(run(0, |fp| mul(n, m, fp)), run(super::DN, |fp| mul(n, m, fp)));
        assert_eq!(run(0, |fp| fused(d, n, m, fp)), run(super::DN, |fp| fused(d, n, m, fp)));
    }
}
