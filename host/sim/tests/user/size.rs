//! How much flash the engine takes, and that nothing is linked that a program does not use.

use std::{fs, path::PathBuf};

use crate::program::{C_CLASSIFY, C_PARSE, CLASSIFY, Place, flash_bytes};

/// The whole image of a board with a Cortex-M4, with every kernel.
const IMAGE: usize = 48 << 10;
/// A user's program with every kernel: no wire, no clocks.
const EXAMPLE: usize = 48 << 10;
/// A program that only checks a model.
const PARSE: usize = 12 << 10;

/// Programs and what each may take.
const EXAMPLES: [(&str, Place, usize); 3] =
    [("classify in Rust", CLASSIFY, EXAMPLE), ("classify in C", C_CLASSIFY, EXAMPLE), ("parse in C", C_PARSE, PARSE)];

/// Boards with a Cortex-M4.
const BOARDS: [&str; 6] =
    ["qemu-mps2-an386", "nucleo-f446re", "nucleo-f401re", "nucleo-l4r5zi", "nrf52840-dk", "feather-m4-express"];

#[test]
fn every_image_of_a_cortex_m4_is_small() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/firmware");
    let mut seen = 0;
    for board in BOARDS {
        let Ok(elf) = fs::read(folder.join(board).join("image.elf")) else { continue };
        let bytes = flash_bytes(&elf);
        println!("{board}: {bytes} B of flash");
        assert!(bytes <= IMAGE, "{board}: {bytes} B of flash, {IMAGE} B are allowed");
        seen += 1;
    }
    if seen == 0 {
        println!("skipped: images of boards need {}: `cargo xtask firmware` builds them", folder.display());
    }
}

#[test]
fn an_example_links_the_engine_and_nothing_else() {
    for (name, place, bound) in EXAMPLES {
        let Some(program) = place.read() else { return };
        let (bytes, symbols) = (program.flash_bytes(), program.symbols());
        println!("{name}: {bytes} B of flash");
        assert!(bytes <= bound, "{name}: {bytes} B of flash, {bound} B are allowed");
        assert!(symbols.iter().any(|symbol| symbol.contains("tinynas")), "{name} has its symbols");
        for foreign in ["tinynas_wire", "SEGGER", "alloc5alloc", "__rust_alloc", "malloc", "_sbrk"] {
            let found = symbols.iter().find(|symbol| symbol.contains(foreign));
            assert_eq!(found, None, "{name} links what it does not use");
        }
    }
}

#[test]
fn a_program_that_runs_no_model_links_no_kernel() {
    let (Some(parse), Some(classify)) = (C_PARSE.read(), C_CLASSIFY.read()) else { return };
    let kernels = |symbols: Vec<String>| {
        let of = |symbol: &String| symbol.starts_with("tinynas_tile") || symbol.starts_with("tinynas_depthwise");
        symbols.into_iter().filter(of).count()
    };
    assert!(kernels(classify.symbols()) > 0, "the kernels' names");
    assert_eq!(kernels(parse.symbols()), 0);
    assert!(!parse.symbols().iter().any(|symbol| symbol == "tinynas_run" || symbol == "tinynas_status_text"));
    let run = parse.run();
    let arena = tinynas_engine::arena_bytes(crate::WHOLE).expect("a model");
    assert_eq!((run.exit, run.text), (Some(0), format!("arena {arena}\n")));
}
