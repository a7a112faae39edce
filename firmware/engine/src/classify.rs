//! From pixels to a class in one call.

use tinynas_plan::Model;

use crate::{Class, EngineError, Observer, Scores, input, pixels_to_input, run, run_fed, write_pixels};

/// Runs any image model on an image that is whole in memory: its pixels row by row, grey or R, G, B, of the size that
/// [`Model::preprocess`] tells. A model whose input comes by rows gets them one after the other.
///
/// # Errors
/// If the number of pixels is not that of the input, or the arena is too short or not aligned to 4.
pub fn run_pixels(
    model: &Model<'_>,
    arena: &mut [u8],
    pixels: &[u8],
    observer: &mut impl Observer,
) -> Result<(), EngineError> {
    input::check(model, pixels.len())?;
    check_arena(model, arena)?;
    if !model.is_fed_by_rows() {
        write_pixels(model, arena, pixels)?;
        return run(model, arena, observer);
    }
    let mut rows = pixels.chunks_exact(usize::try_from(model.input().row_bytes()).unwrap_or(usize::MAX).max(1));
    run_fed(model, arena, |_, row| pixels_to_input(rows.next().unwrap_or_default(), row), observer)
}

/// The class of an image; see [`run_pixels`].
///
/// # Errors
/// As [`run_pixels`].
pub fn classify<'m>(model: &Model<'m>, arena: &mut [u8], pixels: &[u8]) -> Result<Class<'m>, EngineError> {
    run_pixels(model, arena, pixels, &mut ())?;
    Ok(Scores::new(model, arena)?.best())
}

/// Whether a model can run in this arena; a run says the same, this says it before the input is there.
///
/// # Errors
/// If the arena is too short, or does not start at a multiple of 4.
pub fn check_arena(model: &Model<'_>, arena: &[u8]) -> Result<(), EngineError> {
    let (needed, given) = (model.arena_bytes(), arena.len());
    if usize::try_from(needed).map_or(true, |needed| needed > given) {
        return Err(EngineError::Arena { needed, given });
    }
    if bytemuck::try_cast_slice::<u8, u32>(arena.get(..given & !3).unwrap_or_default()).is_err() {
        return Err(EngineError::Alignment);
    }
    Ok(())
}
