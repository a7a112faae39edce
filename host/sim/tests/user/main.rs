//! The engine in a firmware of one's own, on the simulated Cortex-M4: the examples in Rust and in C say what the host's
//! executor says, byte for byte, and link only what they use.
//!
//! `cargo xtask examples` builds the programs.
#![allow(clippy::expect_used, clippy::print_stdout)]

mod header;
mod program;
mod size;

use program::{C_CLASSIFY, CLASSIFY, Program};
use tinynas_engine::{Arena, Class, Model, Scores, arena_bytes, classify, include_model};

static WHOLE: &[u8] = include_model!("../../../../firmware/examples/stripes/stripes.tnm");
static ROWS: &[u8] = include_model!("../../../../firmware/examples/stripes/stripes-rows.tnm");
static PIXELS: &[u8] = include_bytes!("../../../../firmware/examples/stripes/rising.grey");

/// Stack that `tinynas.h` and the examples' page ask for.
const STACK: u32 = 4 << 10;

/// What a program says of its output, as this computer computes it.
fn report(file: &'static [u8]) -> Vec<String> {
    const BYTES: usize = match (arena_bytes(WHOLE), arena_bytes(ROWS)) {
        (Some(whole), Some(rows)) => {
            if whole > rows {
                whole
            } else {
                rows
            }
        }
        _ => panic!("not models of this version"),
    };
    let model = Model::parse(file).expect("a model");
    let mut arena = Arena::<BYTES>::new();
    let Class { name, .. } = classify(&model, &mut *arena, PIXELS).expect("an image of this size");
    let scores = Scores::new(&model, &*arena).expect("an arena that is long enough");
    let class = format!("class {}", name.expect("a name"));
    std::iter::once(class).chain(scores.int8().iter().map(|score| format!("score {score}"))).collect()
}

/// It says what is expected, ends well, and needs no more stack than the header promises.
fn check(program: &Program, expected: &[String]) {
    let run = program.run();
    assert_eq!(run.text.lines().collect::<Vec<_>>(), expected);
    assert_eq!(run.exit, Some(0));
    println!("{} B of stack", run.stack_bytes);
    assert!(run.stack_bytes <= STACK, "{} B of stack, {STACK} B are promised", run.stack_bytes);
}

#[test]
fn the_rust_example_says_what_the_host_computes() {
    let Some(program) = CLASSIFY.read() else { return };
    let expected = report(WHOLE);
    assert_eq!(expected[0], "class rising");
    check(&program, &expected);
}

#[test]
fn the_c_example_says_what_the_host_computes_and_names_mistakes() {
    let Some(program) = C_CLASSIFY.read() else { return };
    let status = header::statuses();
    let code = |name: &str| status.iter().find(|(known, _)| known == name).expect("a status of the header").1;
    let mistakes = [
        ("null", "ErrorPointer"),
        ("null", "ErrorPointer"),
        ("not a model", "ErrorMagic"),
        ("cut", "ErrorLength"),
        ("odd", "ErrorAlignment"),
        ("damaged", "ErrorDamaged"),
        ("not parsed", "ErrorNoModel"),
        ("no arena", "Ok"),
        ("small arena", "ErrorArena"),
        ("odd arena", "ErrorAlignment"),
        ("by rows", "ErrorRows"),
        ("no source", "ErrorPointer"),
        ("short image", "ErrorInput"),
        ("no class", "ErrorClass"),
        ("small output", "ErrorArena"),
    ];
    let names = ["horizontal", "vertical", "rising", "falling", "plain"].map(|name| format!("name {name}"));
    let mut expected = vec!["image 16 1".to_owned()];
    expected.extend(names);
    expected.extend([report(WHOLE), report(WHOLE)].concat());
    expected.push("rows 16".to_owned());
    expected.extend(report(ROWS));
    expected.extend(mistakes.map(|(what, name)| format!("{what} {}", code(name))));
    check(&program, &expected);
}
