//! Measures how fast the simulator is: simulated instructions in a second of this machine.
//!
//! ```console
//! $ cargo run --release -p tinynas-sim --example speed
//! ```
//!
//! It runs the inner loop of an int8 convolution as a compiler writes it for the DSP extension. Where
//! the system tells it (Linux), seconds are processor time, so that other programs disturb less.

#![allow(clippy::print_stdout, reason = "an example that prints a table")]

use std::time::Instant;

use tinynas_sim::bus::Memory;
use tinynas_sim::core::Core;
use tinynas_sim::machine::Machine;

/// `outer` sums 256 words of four products each, saturates, stores, and begins again.
const CONVOLUTION: [u16; 34] = [
    0x0000, 0x2001, // stack pointer
    0x0009, 0x0000, // reset: outer
    0x2001, // outer: movs r0, #1
    0x0740, // lsls r0, r0, #29
    0xf500, 0x5180, // add r1, r0, #4096
    0x2200, // movs r2, #0
    0xf44f, 0x7380, // mov r3, #256
    0xf850, 0x4b04, // loop: ldr r4, [r0], #4
    0xf851, 0x5b04, // ldr r5, [r1], #4
    0xfa2f, 0xf684, // sxtb16 r6, r4
    0xfa2f, 0xf794, // sxtb16 r7, r4, ror #8
    0xfa2f, 0xf885, // sxtb16 r8, r5
    0xfa2f, 0xf995, // sxtb16 r9, r5, ror #8
    0xfb26, 0x2208, // smlad r2, r6, r8, r2
    0xfb27, 0x2209, // smlad r2, r7, r9, r2
    0x3b01, // subs r3, #1
    0xd1ed, // bne loop
    0xf322, 0x12c7, // ssat r2, #8, r2, asr #7
    0xf881, 0x2010, // strb r2, [r1, #16]
    0xe7e1, // b outer
];

/// Cycles of one measured run.
const CYCLES: u64 = 100_000_000;
const RUNS: usize = 5;

fn machine(core: Core) -> Machine {
    let mut code: Vec<u8> = CONVOLUTION.iter().flat_map(|half| half.to_le_bytes()).collect();
    code.resize(0x1_0000, 0);
    let memories = vec![Memory::rom("code", 0, code), Memory::ram("sram", 0x2000_0000, 0x1_0000)];
    Machine::new(core, memories, None, Vec::new())
}

/// Processor time of this process.
fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    text.split(' ').next()?.parse::<f64>().ok().map(|nanoseconds| nanoseconds * 1e-9)
}

fn main() {
    println!("{:<12} {:<8} {:>10} {:>10} {:>12}", "core", "profile", "slowest", "median", "cycles/instr");
    for core in [Core::M4F, Core::M7F, Core::M33F] {
        for profile in [false, true] {
            let mut rates = Vec::new();
            let mut ratio = 0.0;
            for _ in 0..RUNS {
                let mut machine = machine(core);
                if profile {
                    machine.enable_profile();
                }
                let start = Instant::now();
                let used = processor_seconds();
                machine.run(CYCLES);
                let elapsed = start.elapsed().as_secs_f64();
                let seconds = used.zip(processor_seconds()).map_or(elapsed, |(before, after)| after - before);
                rates.push(machine.instructions() as f64 / seconds / 1e6);
                ratio = machine.cycles() as f64 / machine.instructions() as f64;
            }
            rates.sort_by(f64::total_cmp);
            let profiled = if profile { "on" } else { "off" };
            println!("{core:<12} {profiled:<8} {:>10.1} {:>10.1} {ratio:>12.3}", rates[0], rates[RUNS / 2]);
        }
    }
    println!("M simulated instructions/s, {RUNS} runs of {CYCLES} modelled cycles");
}
