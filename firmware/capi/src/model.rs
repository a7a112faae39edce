//! Parsing a model, and what it tells.

use core::ffi::{c_char, c_void};

use tinynas_engine::{Model, TensorView};

use crate::{Status, foreign};

pub use crate::foreign::Handle;

/// The header's `tinynas_tensor`.
#[repr(C)]
#[allow(missing_docs, reason = "the header says what each is")]
pub struct Tensor {
    pub offset: usize,
    pub count: usize,
    pub scale: f32,
    pub rows: u16,
    pub columns: u16,
    pub channels: u16,
    pub zero: i8,
    pub by_rows: u8,
}

impl Tensor {
    fn of(view: &TensorView) -> Self {
        Self {
            offset: view.range().start,
            count: usize::try_from(view.dims.bytes()).unwrap_or(usize::MAX),
            scale: view.scale,
            rows: view.dims.h,
            columns: view.dims.w,
            channels: view.dims.c,
            zero: view.zero,
            by_rows: u8::from(!view.is_whole()),
        }
    }
}

/// The header's `tinynas_image`.
#[repr(C)]
#[allow(missing_docs, reason = "the header says what each is")]
pub struct Image {
    pub scale: f32,
    pub size: u16,
    pub channels: u8,
    pub mean: u8,
}

/// Checks a model and fills the handle.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynas_model_parse(model: *mut Handle, bytes: *const c_void, length: usize) -> Status {
    // SAFETY: the caller's promise; a handle that a failed parse leaves is refused later.
    let empty = unsafe { foreign::write(model, Handle::EMPTY) };
    let parsed = empty.and_then(|()| {
        // SAFETY: the caller's promise, as long as the model is used.
        let bytes: &'static [u8] = unsafe { foreign::slice(bytes.cast(), length) }?;
        Ok(Handle::new(Model::parse(bytes)?))
    });
    // SAFETY: as above.
    Status::of(parsed.and_then(|handle| unsafe { foreign::write(model, handle) }))
}

/// Bytes of arena that the model needs.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynas_arena_bytes(model: *const Handle) -> usize {
    // SAFETY: the caller's promise.
    let model = unsafe { foreign::model(model) };
    model.ok().and_then(|model| usize::try_from(model.arena_bytes()).ok()).unwrap_or(0)
}

/// The model's input.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynas_input(model: *const Handle, tensor: *mut Tensor) -> Status {
    // SAFETY: the caller's promise.
    let model = unsafe { foreign::model(model) };
    // SAFETY: as above.
    Status::of(model.and_then(|model| unsafe { foreign::write(tensor, Tensor::of(&model.input())) }))
}

/// The model's output.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynas_output(model: *const Handle, tensor: *mut Tensor) -> Status {
    // SAFETY: the caller's promise.
    let model = unsafe { foreign::model(model) };
    // SAFETY: as above.
    Status::of(model.and_then(|model| unsafe { foreign::write(tensor, Tensor::of(&model.output())) }))
}

/// The image that the model wants.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynas_image_format(model: *const Handle, image: *mut Image) -> Status {
    // SAFETY: the caller's promise.
    let model = unsafe { foreign::model(model) };
    Status::of(model.and_then(|model| {
        let it = model.preprocess();
        let value = Image { scale: it.scale, size: it.size, channels: it.channels, mean: it.mean };
        // SAFETY: as above.
        unsafe { foreign::write(image, value) }
    }))
}

/// Number of classes that have names.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynas_class_count(model: *const Handle) -> usize {
    // SAFETY: the caller's promise.
    unsafe { foreign::model(model) }.map_or(0, |model| model.class_count())
}

/// Name of a class.
///
/// # Safety
/// As the header says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tinynas_class_name(
    model: *const Handle,
    index: usize,
    name: *mut *const c_char,
    bytes: *mut usize,
) -> Status {
    // SAFETY: the caller's promise.
    let model = unsafe { foreign::model(model) };
    Status::of(model.and_then(|model| {
        let text = model.class(index).ok_or(Status::ErrorClass)?;
        // SAFETY: as above.
        unsafe {
            foreign::write(name, text.as_ptr().cast())?;
            foreign::write(bytes, text.len())
        }
    }))
}
