//! One kernel on the shape that the host asks for: by definition, portable over packed weights, and as this core runs
//! it; outputs compared byte by byte, the last one counted.
#![no_std]
#![no_main]

mod count;
mod data;
mod layers;
mod start;

use tinynas_bench_job::{ANSWER_WORDS, Answer, JOB_WORDS, Job};

/// Where job and answer are.
#[repr(C)]
struct Mailbox {
    job: [u32; JOB_WORDS],
    answer: [u32; ANSWER_WORDS],
}

#[used]
#[unsafe(link_section = ".mailbox")]
static mut MAILBOX: Mailbox = Mailbox { job: [0; JOB_WORDS], answer: [0; ANSWER_WORDS] };

/// Words of the memory that all slices are cut from.
const MEMORY: usize = 15 << 18;

static mut HEAP: [u32; MEMORY] = [0; MEMORY];

extern "C" fn main() -> ! {
    let mailbox = &raw mut MAILBOX;
    // SAFETY: the host has written the job before the start; nothing else refers to the two statics.
    let (words, heap) = unsafe { ((&raw const (*mailbox).job).read_volatile(), &mut *(&raw mut HEAP)) };
    let answer = Job::read(words).and_then(|job| layers::run(job, &mut data::Memory::new(heap, job.seed)));
    let Some(answer) = answer else { start::exit(3) };
    // SAFETY: as above.
    unsafe { (&raw mut (*mailbox).answer).write_volatile(Answer::words(answer)) };
    start::exit(0)
}
