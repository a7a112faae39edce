//! Runs, and what comes of them.

use core::{
    ffi::{c_char, c_void},
    ptr,
};

use tinynas_engine::{Scores, check_arena, pixels_to_input, run, run_fed, run_pixels};

use crate::{Handle, Status, foreign};

/// The header's `tinynas_class`.
#[repr(C)]
#[allow(missing_docs, reason = "the header says what each is")]
pub struct Class {
    pub name: *const c_char,
    pub name_bytes: usize,
    pub index: usize,
    pub value: f32,
    pub score: i8,
}

/// The header's `tinynas_row_source`; null is `None`.
pub type RowSource = Option<unsafe extern "C" fn(context: *mut c_void, row: u16, input: *mut i8, count: usize)>;

/// Pixels as int8.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynas_pixels_to_input(pixels: *const u8, input: *mut i8, count: usize) -> Status {
    // SAFETY: the caller's promise.
    let both = unsafe { foreign::slice(pixels, count).and_then(|from| Ok((from, foreign::slice_mut(input, count)?))) };
    Status::of(both.map(|(pixels, input)| pixels_to_input(pixels, input)))
}

/// Runs a model whose input lies in the arena.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynas_run(model: *const Handle, arena: *mut c_void, arena_bytes: usize) -> Status {
    // SAFETY: the caller's promise.
    let both = unsafe { foreign::model(model).and_then(|it| Ok((it, foreign::slice_mut(arena.cast(), arena_bytes)?))) };
    Status::of(both.and_then(|(model, arena)| {
        check_arena(&model, arena)?;
        Ok(run(&model, arena, &mut ())?)
    }))
}

/// Runs a model whose input comes row by row.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynas_run_rows(
    model: *const Handle,
    arena: *mut c_void,
    arena_bytes: usize,
    source: RowSource,
    context: *mut c_void,
) -> Status {
    // SAFETY: the caller's promise.
    let both = unsafe { foreign::model(model).and_then(|it| Ok((it, foreign::slice_mut(arena.cast(), arena_bytes)?))) };
    Status::of(both.and_then(|(model, arena)| {
        let source = source.ok_or(Status::ErrorPointer)?;
        check_arena(&model, arena)?;
        // SAFETY: the source fills the row that it is given and touches nothing else of the arena, says the caller.
        let feed = |row: u16, input: &mut [i8]| unsafe { source(context, row, input.as_mut_ptr(), input.len()) };
        Ok(run_fed(&model, arena, feed, &mut ())?)
    }))
}

/// Runs any image model on an image in memory.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynas_run_pixels(
    model: *const Handle,
    arena: *mut c_void,
    arena_bytes: usize,
    pixels: *const u8,
    count: usize,
) -> Status {
    // SAFETY: the caller's promise.
    let both = unsafe { foreign::model(model).and_then(|it| Ok((it, foreign::slice_mut(arena.cast(), arena_bytes)?))) };
    Status::of(both.and_then(|(model, arena)| {
        // SAFETY: as above.
        let pixels = unsafe { foreign::slice(pixels, count) }?;
        Ok(run_pixels(&model, arena, pixels, &mut ())?)
    }))
}

/// The class with the largest score.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynas_best(
    model: *const Handle,
    arena: *const c_void,
    arena_bytes: usize,
    found: *mut Class,
) -> Status {
    // SAFETY: the caller's promise.
    let both = unsafe { foreign::model(model).and_then(|it| Ok((it, foreign::slice(arena.cast(), arena_bytes)?))) };
    Status::of(both.and_then(|(model, arena)| {
        let scores = Scores::new(&model, arena)?;
        let best = scores.best();
        let class = Class {
            name: best.name.map_or(ptr::null(), |name| name.as_ptr().cast()),
            name_bytes: best.name.map_or(0, str::len),
            index: best.index,
            value: scores.value(best.score),
            score: best.score,
        };
        // SAFETY: as above.
        unsafe { foreign::write(found, class) }
    }))
}
