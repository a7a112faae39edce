//! The firmware: answers the host, runs whatever model lies in the model region.
//!
//! One image per board. The code is built once; a new network is a new model in flash and nothing
//! else. No allocator, no interrupt handlers: the wire is polled, the engine runs to the end.
#![no_std]
#![no_main]

mod board;
#[cfg(any(family = "rp2040", family = "rp235x"))]
mod boot;
#[cfg(any(family = "stm32f7", family = "stm32h7"))]
mod cache;
mod clock;
#[cfg(not(architecture = "armv6m"))]
mod copy;
mod counters;
mod failure;
mod guard;
mod machine;
mod memory;
mod register;
#[cfg(not(family = "mps2"))]
mod rtt;
mod vectors;

use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    memory::paint_stack(memory::STACK_PAINT);
    memory::take_vectors();
    guard::start();
    let clock_hz = clock::start();
    let mut port = board::Wire::open();
    // SAFETY: `main` runs once, so this is the only chip.
    let mut machine = unsafe { machine::Chip::start(clock_hz) };
    tinynas_wire::serve(&mut port, &mut machine);
    board::exit(board::Exit::Idle)
}
