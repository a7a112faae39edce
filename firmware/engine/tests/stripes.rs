//! The example's model: the files are what the command makes, and every image gets its class, whole and row by row.
#![allow(clippy::unwrap_used)]

#[path = "../examples/stripes/network.rs"]
mod network;

use network::{CLASSES, SIDE, image};
use tinynas_engine::{
    Aligned, Arena, Class, EngineError, Model, Scores, arena_bytes, check_arena, classify, include_model,
    pixels_to_input, reals_to_input, run, run_fed, run_pixels, write_pixels, write_reals,
};
use tinynas_plan::Feed;

static WHOLE: &[u8] = include_model!("../../examples/stripes/stripes.tnm");
static ROWS: &[u8] = include_model!("../../examples/stripes/stripes-rows.tnm");
const WHOLE_BYTES: usize = arena_bytes(WHOLE).expect("a model");
const ROWS_BYTES: usize = arena_bytes(ROWS).expect("a model");
const COMMAND: &str = "cargo run --release -p tinynas-engine --example stripes";

#[test]
fn the_files_are_what_the_command_makes() {
    assert!(network::model(Feed::Whole) == WHOLE, "stripes.tnm is old: {COMMAND}");
    assert!(network::model(Feed::Rows) == ROWS, "stripes-rows.tnm is old: {COMMAND}");
    let file = include_bytes!("../../examples/stripes/rising.grey");
    assert!(image(2, 4, 1, 90) == file, "rising.grey is old: {COMMAND}");
}

#[test]
fn the_arena_is_known_when_the_program_is_compiled() {
    let (whole, rows) = (Model::parse(WHOLE).unwrap(), Model::parse(ROWS).unwrap());
    assert_eq!((WHOLE_BYTES, ROWS_BYTES), (whole.arena_bytes() as usize, rows.arena_bytes() as usize));
    const { assert!(ROWS_BYTES < WHOLE_BYTES) };
    assert_eq!(arena_bytes(&WHOLE[..19]), None);
    assert_eq!(arena_bytes(b"something else, longer than that"), None);
    let mut other = WHOLE.to_vec();
    other[4] ^= 1;
    assert_eq!(arena_bytes(&other), None, "another version of the format");
}

#[test]
fn every_image_gets_its_class_whole_and_row_by_row() {
    let (whole, rows) = (Model::parse(WHOLE).unwrap(), Model::parse(ROWS).unwrap());
    let (mut arena, mut small) = (Arena::<WHOLE_BYTES>::new(), Arena::<ROWS_BYTES>::new());
    for (class, name) in CLASSES.iter().enumerate() {
        for (period, phase, contrast) in
            (3..=5).flat_map(|period| (0..period).flat_map(move |phase| [60, 90, 120].map(|c| (period, phase, c))))
        {
            let pixels = image(class, period, phase, contrast);
            let found = classify(&whole, &mut *arena, &pixels).unwrap();
            assert_eq!((found.index, found.name), (class, Some(*name)), "{period} {phase} {contrast}");
            assert_eq!(classify(&rows, &mut *small, &pixels).unwrap(), found);
            let int8 = Scores::new(&whole, &*arena).unwrap().int8();
            assert_eq!(int8, Scores::new(&rows, &*small).unwrap().int8());
        }
    }
}

#[test]
fn rows_come_once_and_in_order() {
    let model = Model::parse(ROWS).unwrap();
    let pixels = image(3, 5, 2, 80);
    let mut arena = Arena::<ROWS_BYTES>::new();
    let mut seen = Vec::new();
    let feed = |row: u16, input: &mut [i8]| {
        seen.push((row, input.len()));
        pixels_to_input(&pixels[usize::from(row) * SIDE..], input);
    };
    run_fed(&model, &mut *arena, feed, &mut ()).unwrap();
    assert_eq!(Scores::new(&model, &*arena).unwrap().best().name, Some("falling"));
    assert_eq!(seen, (0..SIDE as u16).map(|row| (row, SIDE)).collect::<Vec<_>>());
}

#[test]
fn three_steps_are_one_call() {
    let model = Model::parse(WHOLE).unwrap();
    let pixels = image(1, 4, 0, 70);
    let (mut steps, mut call) = (Arena::<WHOLE_BYTES>::new(), Arena::<WHOLE_BYTES>::new());
    write_pixels(&model, &mut *steps, &pixels).unwrap();
    run(&model, &mut *steps, &mut ()).unwrap();
    run_pixels(&model, &mut *call, &pixels, &mut ()).unwrap();
    assert!(steps == call);

    // The same image as real numbers.
    let reals: Vec<f32> = pixels.iter().map(|pixel| (f32::from(*pixel) - 128.0) / 128.0).collect();
    let mut other = Arena::<WHOLE_BYTES>::new();
    write_reals(&model, &mut *other, &reals).unwrap();
    run(&model, &mut *other, &mut ()).unwrap();
    assert!(other == call);
}

#[test]
fn what_does_not_fit_is_named() {
    let (model, rows) = (Model::parse(WHOLE).unwrap(), Model::parse(ROWS).unwrap());
    let pixels = [0; SIDE * SIDE];
    let mut arena = Arena::<{ WHOLE_BYTES + 8 }>::new();
    let needed = model.arena_bytes();
    let (short, odd) = (WHOLE_BYTES - 1, needed + 8 - 1);

    let input = EngineError::Input { needed: 256, given: 255 };
    assert_eq!(classify(&model, &mut *arena, &pixels[1..]), Err(input));
    assert_eq!(write_pixels(&model, &mut *arena, &pixels[1..]), Err(input));
    assert_eq!(write_reals(&model, &mut *arena, &[0.0; 255]), Err(input));

    let small = EngineError::Arena { needed, given: short };
    assert_eq!(classify(&model, &mut arena[..short], &pixels), Err(small));
    assert_eq!(check_arena(&model, &arena[..short]), Err(small));
    assert_eq!(write_pixels(&model, &mut arena[..9], &pixels), Err(EngineError::Arena { needed, given: 9 }));
    assert_eq!(Scores::new(&model, &[]).err(), Some(EngineError::Arena { needed, given: 0 }));

    assert_eq!(classify(&model, &mut arena[1..], &pixels), Err(EngineError::Alignment), "{odd} bytes");
    assert_eq!(write_pixels(&rows, &mut *arena, &pixels), Err(EngineError::Fed));
    assert_eq!(write_reals(&rows, &mut *arena, &[0.0; 256]), Err(EngineError::Fed));
}

#[test]
fn reals_are_divided_rounded_and_clamped() {
    let mut tensor = Model::parse(WHOLE).unwrap().input();
    (tensor.scale, tensor.zero) = (0.5, 3);
    let reals =
        [0.0, 0.25, -0.25, 0.249, 1.0, -1.3, 1e9, -1e9, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 0.749_999_9];
    let mut input = [0; 12];
    reals_to_input(&reals, &tensor, &mut input);
    assert_eq!(input, [3, 4, 2, 3, 5, 0, 127, -128, 127, -128, 3, 4]);
}

#[test]
fn the_best_classes_are_first_and_of_equal_ones_the_first() {
    let model = Model::parse(WHOLE).unwrap();
    let mut arena = Arena::<WHOLE_BYTES>::new();
    let output = model.output().range();
    let top = |arena: &mut Arena<WHOLE_BYTES>, scores: [i8; 5], count: usize| {
        arena[output.clone()].copy_from_slice(&scores.map(i8::cast_unsigned));
        let scores = Scores::new(&model, &**arena).unwrap();
        let mut top = vec![Class::NONE; count];
        let found = scores.top(&mut top);
        assert_eq!(top.first().copied().unwrap_or(scores.best()), scores.best());
        top[..found].iter().map(|class| (class.index, class.score, class.name.unwrap_or("?"))).collect::<Vec<_>>()
    };
    let names = [(3, 9, "falling"), (1, 5, "vertical"), (2, 5, "rising"), (4, 1, "plain"), (0, -128, "horizontal")];
    assert_eq!(top(&mut arena, [-128, 5, 5, 9, 1], 7), names);
    assert_eq!(top(&mut arena, [-128, 5, 5, 9, 1], 3), names[..3]);
    assert_eq!(top(&mut arena, [-128; 5], 2), [(0, -128, "horizontal"), (1, -128, "vertical")]);
    assert_eq!(top(&mut arena, [1; 5], 0), []);

    let scores = Scores::new(&model, &*arena).unwrap();
    assert_eq!(scores.value(8), 1.0);
    assert_eq!(scores.classes().map(|class| class.name).collect::<Vec<_>>(), CLASSES.map(Some));
}

#[test]
fn values_are_aligned() {
    let bytes = [Aligned([0u8; 3]), Aligned([1; 3])];
    assert!(bytes.iter().all(|value| value.as_ptr().addr().is_multiple_of(4)));
    assert!(WHOLE.as_ptr().addr().is_multiple_of(4) && ROWS.as_ptr().addr().is_multiple_of(4));
}
