//! One run of the engine: the host has put a model, an arena and its input into memory.
#![no_std]
#![no_main]

mod count;
mod start;

use core::{ptr::with_exposed_provenance_mut, slice};

use tinynas_plan::Model;

/// Where the host says what is where, and finds the answer.
#[repr(C)]
struct Mailbox {
    /// Address and length of the model, then of the arena.
    job: [u32; 4],
    /// Executed instructions and modelled cycles from the call of `run` to its return; 1 if it ran.
    answer: [u32; 3],
}

#[used]
#[unsafe(link_section = ".mailbox")]
static mut MAILBOX: Mailbox = Mailbox { job: [0; 4], answer: [0; 3] };

extern "C" fn main() -> ! {
    let mailbox = &raw mut MAILBOX;
    // SAFETY: the host has written the job before the start; nothing else refers to it.
    let [model, model_bytes, arena, arena_bytes] = unsafe { (&raw const (*mailbox).job).read_volatile() };
    let bytes = |address: u32, length: u32| {
        // SAFETY: the host has put both into memory that the program does not use, apart from each other.
        unsafe { slice::from_raw_parts_mut(with_exposed_provenance_mut::<u8>(address as usize), length as usize) }
    };
    let Ok(model) = Model::parse(bytes(model, model_bytes)) else { start::exit(3) };
    let arena = bytes(arena, arena_bytes);
    let (result, instructions, cycles) = count::count(|| tinynas_engine::run(&model, arena, &mut ()));
    // SAFETY: as above.
    unsafe { (&raw mut (*mailbox).answer).write_volatile([instructions, cycles, u32::from(result.is_ok())]) };
    start::exit(0)
}
