//! Says what a picture shows: a model and an image in flash, a class on the debugger's console.
//!
//! Nothing here belongs to a board but `memory.x`. In a firmware of yours, `PIXELS` are the camera's, and what becomes
//! of the class is yours to say.
#![no_std]
#![no_main]

mod semihosting;

use core::panic::PanicInfo;

use cortex_m_rt::entry;
use semihosting::{exit, print};
use tinynas_engine::{Arena, Class, Model, Scores, classify};

static MODEL: &[u8] = tinynas_engine::include_model!("../../stripes/stripes.tnm");
static PIXELS: &[u8] = include_bytes!("../../stripes/rising.grey");

/// What this model needs, no byte more. A file that is no model does not compile.
const ARENA_BYTES: usize = match tinynas_engine::arena_bytes(MODEL) {
    Some(bytes) => bytes,
    None => panic!("not a model of this version"),
};

#[entry]
fn main() -> ! {
    // The attribute makes it a `&'static mut` that only `main` has.
    static mut ARENA: Arena<ARENA_BYTES> = Arena::new();

    let model = match Model::parse(MODEL) {
        Ok(model) => model,
        Err(error) => {
            print(format_args!("the model is refused: {error}"));
            exit(1)
        }
    };
    match classify(&model, &mut **ARENA, PIXELS) {
        Ok(class) => report(&model, &class, &**ARENA),
        Err(error) => {
            print(format_args!("no class: {error}"));
            exit(1)
        }
    }
}

/// The class, then the output as it is.
fn report(model: &Model<'_>, class: &Class<'_>, arena: &[u8]) -> ! {
    print(format_args!("class {}", class.name.unwrap_or("without a name")));
    if let Ok(scores) = Scores::new(model, arena) {
        for score in scores.int8() {
            print(format_args!("score {score}"));
        }
    }
    exit(0)
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(2)
}
