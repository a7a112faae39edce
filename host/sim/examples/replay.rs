//! Runs a program from an ELF file and prints what it prints, with modelled cycles.
//!
//! Public Cortex-M4 benchmarks (pqm4 for STM32F4, NUCLEO-L4R5ZI or MPS2, CoreMark with semihosting) report the cycle
//! counter themselves; here they read the model's.
//!
//! ```console
//! $ cargo run --release -p tinynas-sim --example replay -- crypto_kem_ml-kem-512_m4fspeed_speed.elf --until '#'
//! ```

#![allow(clippy::print_stdout, reason = "it prints what the program prints")]

mod common;

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use tinynas_sim::core::Core;
use tinynas_sim::machine::{Machine, Stop};
use tinynas_sim::profile::Symbol;
use tinynas_sim::timing::ErrorBound;
use tinynas_sim::waits::MemoryTiming;

const USAGE: &str = "replay ELF [--core m4] [--chip NAME --wait-states N] [--until TEXT] [--cycles N] [--profile]";

struct Options {
    elf: String,
    core: Core,
    chip: Option<String>,
    wait_states: u32,
    until: Option<String>,
    cycles: u64,
    profile: bool,
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options {
        elf: String::new(),
        core: Core::M4F,
        chip: None,
        wait_states: 0,
        until: None,
        cycles: u64::MAX,
        profile: false,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("`{argument}` needs a value; {USAGE}"));
        match argument.as_str() {
            "--core" => options.core = common::core(&value()?)?,
            "--chip" => options.chip = Some(value()?),
            "--wait-states" => options.wait_states = value()?.parse()?,
            "--until" => options.until = Some(value()?),
            "--cycles" => options.cycles = value()?.parse()?,
            "--profile" => options.profile = true,
            _ if argument.starts_with('-') || !options.elf.is_empty() => return Err(USAGE.into()),
            _ => options.elf = argument,
        }
    }
    if options.elf.is_empty() { Err(USAGE.into()) } else { Ok(options) }
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    let elf = std::fs::read(&options.elf)?;
    let common::Program { mut machine, console, flash } = common::program(options.core, &elf)?;
    if options.chip.is_some() || options.wait_states > 0 {
        let chip = options.chip.as_deref().unwrap_or("");
        machine.set_memory_timing(MemoryTiming::for_chip(chip, options.core, options.wait_states, flash));
    }
    if options.profile {
        machine.enable_profile();
    }
    let start = Instant::now();
    let stop = run(&mut machine, &console, &options)?;
    let seconds = start.elapsed().as_secs_f64();
    let (instructions, cycles) = (machine.instructions(), machine.cycles());
    println!("\nstopped      {stop:?}");
    println!("instructions {instructions}");
    println!("cycles       {cycles} modelled, {}, {}", options.core, ErrorBound::of(options.core));
    println!("of these     {} wait states", machine.flash_stalls());
    println!("speed        {:.0} M instructions/s", instructions as f64 / seconds / 1e6);
    if options.profile {
        print_profile(&machine, &Symbol::from_elf(&elf)?);
    }
    Ok(())
}

/// Runs in slices, so that text appears when it is written.
fn run(machine: &mut Machine, console: &common::console::Console, options: &Options) -> Result<Stop, Box<dyn Error>> {
    let mut written = String::new();
    let mut left = options.cycles;
    loop {
        let slice = left.min(1_000_000);
        let stop = machine.run(slice);
        let text = console.take() + &machine.take_output();
        print!("{text}");
        std::io::stdout().flush()?;
        written += &text;
        left -= slice;
        let seen = options.until.as_ref().is_some_and(|until| written.contains(until));
        if stop != Stop::Cycles || left == 0 || seen {
            return Ok(stop);
        }
    }
}

fn print_profile(machine: &Machine, symbols: &[Symbol]) {
    let Some(profile) = machine.profile() else { return };
    let total = profile.total().cycles.max(1) as f64;
    println!(
        "\n{:>14} {:>6} {:>14} {:>12} {:>12} {:>12}  function",
        "cycles", "%", "instructions", "stalls", "loads", "taken"
    );
    for function in profile.by_function(symbols) {
        let all = function.counters;
        let share = all.cycles as f64 / total * 100.0;
        println!(
            "{:>14} {share:>6.2} {:>14} {:>12} {:>12} {:>12}  {}",
            all.cycles, all.instructions, all.stalls, all.loads, all.taken_branches, function.name
        );
    }
}
