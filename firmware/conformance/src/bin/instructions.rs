//! Runs every group of instructions on the same operands and prints what is left, as one hash per group.
#![no_std]
#![no_main]

use conformance::{
    groups,
    random::Random,
    semihosting::{exit, line},
    state::{Group, Hash, State},
};

/// Operand tuples per group.
const RUNS: usize = 320;

/// The group whose every run is printed: for finding the operands behind a difference.
const LOOK_AT: Option<&str> = option_env!("CONFORMANCE_GROUP");

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    let mut count = 0;
    let mut state = State::new();
    for group in groups::ALL.iter().copied().flatten() {
        let hash = run(group, &mut state);
        line(format_args!("{}: {:016x}", group.text, hash.0));
        count += 1;
    }
    line(format_args!("{count} groups, {RUNS} runs each"));
    exit(0)
}

fn run(group: &Group, state: &mut State) -> Hash {
    let mut random = Random::new();
    let mut hash = Hash::new();
    *state = State::new();
    for _ in 0..RUNS {
        state.fill(group.operands, &mut random);
        if LOOK_AT == Some(group.text) {
            line(format_args!("in  {state}"));
        }
        // SAFETY: the stub keeps to the calling convention, and its text reaches only the state's memory.
        unsafe { (group.run)(state) };
        if LOOK_AT == Some(group.text) {
            line(format_args!("out {state}"));
        }
        hash = state.digest(group.operands, hash);
    }
    hash
}
