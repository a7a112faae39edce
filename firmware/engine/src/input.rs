//! From pixels or real numbers to the model's input.

use tinynas_plan::{Model, TensorView};

use crate::EngineError;

/// Pixels as int8, `pixel − 128`, as every image model's input is; copies as many as both have.
pub fn pixels_to_input(pixels: &[u8], input: &mut [i8]) {
    for (byte, pixel) in input.iter_mut().zip(pixels) {
        *byte = pixel.wrapping_sub(128).cast_signed();
    }
}

/// Real numbers as int8 of the input's scale and zero point: divided, rounded to nearest (halves away from zero),
/// clamped. Copies as many as both have; what is not a number becomes zero.
pub fn reals_to_input(reals: &[f32], tensor: &TensorView, input: &mut [i8]) {
    for (byte, real) in input.iter_mut().zip(reals) {
        // Casts saturate. Numbers from 2²³ on have no fraction, and are far outside int8 anyway.
        let quotient = real / tensor.scale;
        let whole = quotient as i32;
        let rest = quotient - whole as f32;
        let rounded = if rest >= 0.5 {
            whole.saturating_add(1)
        } else if rest <= -0.5 {
            whole.saturating_sub(1)
        } else {
            whole
        };
        let value = rounded.saturating_add(i32::from(tensor.zero));
        *byte = value.clamp(i8::MIN.into(), i8::MAX.into()) as i8;
    }
}

/// Puts an image into the arena, for a run with [`run`](crate::run): its pixels row by row, grey or R, G, B, of the size
/// that [`Model::preprocess`] tells.
///
/// # Errors
/// If there are not exactly as many pixels as the input has elements, the arena is too short, or the input comes by
/// rows.
pub fn write_pixels(model: &Model<'_>, arena: &mut [u8], pixels: &[u8]) -> Result<(), EngineError> {
    if model.is_fed_by_rows() {
        return Err(EngineError::Fed);
    }
    let input = place(model, arena, pixels.len())?;
    pixels_to_input(pixels, input);
    Ok(())
}

/// As [`write_pixels`], for models whose input are real numbers.
///
/// # Errors
/// As [`write_pixels`].
pub fn write_reals(model: &Model<'_>, arena: &mut [u8], reals: &[f32]) -> Result<(), EngineError> {
    if model.is_fed_by_rows() {
        return Err(EngineError::Fed);
    }
    let input = place(model, arena, reals.len())?;
    reals_to_input(reals, &model.input(), input);
    Ok(())
}

/// The input's place, for `given` elements.
fn place<'a>(model: &Model<'_>, arena: &'a mut [u8], given: usize) -> Result<&'a mut [i8], EngineError> {
    check(model, given)?;
    let (needed, has) = (model.arena_bytes(), arena.len());
    let input = arena.get_mut(model.input().range()).ok_or(EngineError::Arena { needed, given: has })?;
    Ok(bytemuck::must_cast_slice_mut(input))
}

/// Whether `given` elements are the whole input.
pub(crate) fn check(model: &Model<'_>, given: usize) -> Result<(), EngineError> {
    let needed = model.input().dims.bytes();
    if usize::try_from(needed) == Ok(given) { Ok(()) } else { Err(EngineError::Input { needed, given }) }
}
