//! A few thousand instructions of every shape that could be counted wrongly: blocks of conditions, transfers of
//! several registers, calls, loops, table jumps, calls of the host.
//!
//! The rule: every instruction that is executed counts one, also IT itself and an instruction whose condition fails.
//! QEMU counts so with one instruction per block: `-singlestep -d nochain,exec` writes a line each.
#![no_std]
#![no_main]

use core::arch::asm;

use conformance::{
    random::Random,
    semihosting::{exit, line},
};

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    let mut random = Random::new();
    let mut numbers: [u32; 24] = core::array::from_fn(|_| random.integer());
    sort(&mut numbers);
    let mixed = numbers.iter().fold(0, |sum, number| rotate_by_cases(sum, *number));
    line(format_args!("{mixed:08x} {:08x} {}", transfer(&mut numbers), quotient(&numbers)));
    exit(0)
}

#[inline(never)]
fn sort(numbers: &mut [u32]) {
    for end in 1..numbers.len() {
        let mut at = end;
        while at > 0 && numbers[at - 1] > numbers[at] {
            numbers.swap(at - 1, at);
            at -= 1;
        }
    }
}

/// A jump by a table.
#[inline(never)]
fn rotate_by_cases(sum: u32, number: u32) -> u32 {
    match number % 7 {
        0 => sum.rotate_left(3) ^ number,
        1 => sum.wrapping_mul(number | 1),
        2 => sum.wrapping_sub(number),
        3 => sum & !number,
        4 => sum.swap_bytes(),
        5 => sum.leading_zeros() + number,
        _ => sum + number % 5,
    }
}

/// A division with 64 bits, which is a long routine of the compiler's on every core.
#[inline(never)]
fn quotient(numbers: &[u32; 24]) -> u64 {
    (u64::from(numbers[20]) << 32 | u64::from(numbers[21])) / (u64::from(numbers[9]) << 8 | 1)
}

/// Transfers of several registers, the stack, and blocks of which one half is not executed.
#[inline(never)]
fn transfer(numbers: &mut [u32; 24]) -> u32 {
    let mut low = 0;
    // SAFETY: reads and writes 20 words of the array; the stack is left as it was.
    unsafe {
        #[cfg(thumb2)]
        asm!(
            "2:",
            "ldmia {at}!, {{r0-r3}}",
            "push {{r0-r3, r8}}",
            "cmp r0, {low}",
            "itete hi",
            "addhi {low}, {low}, r0",
            "subls {low}, {low}, r1",
            "eorhi {low}, {low}, r2",
            "movls r1, r3",
            "pop {{r0-r3, r8}}",
            "stmdb {at}, {{r0, r1}}",
            "subs {count}, #1",
            "bne 2b",
            at = inout(reg) numbers.as_mut_ptr() => _,
            count = inout(reg) 5 => _,
            low = inout(reg) low,
            out("r0") _, out("r1") _, out("r2") _, out("r3") _,
        );
        #[cfg(not(thumb2))]
        asm!(
            "2:",
            "ldmia {at}!, {{r0-r3}}",
            "push {{r0-r3}}",
            "cmp r0, {low}",
            "bls 3f",
            "adds {low}, {low}, r0",
            "eors {low}, r2",
            "3:",
            "pop {{r0-r3}}",
            "subs {count}, #1",
            "bne 2b",
            at = inout(reg) numbers.as_mut_ptr() => _,
            count = inout(reg) 5 => _,
            low = inout(reg) low,
            out("r0") _, out("r1") _, out("r2") _, out("r3") _,
        );
    }
    low
}
