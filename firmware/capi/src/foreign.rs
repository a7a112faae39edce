//! Pointers from C as references: the only places that must trust the caller.
//!
//! What can be checked is checked: null and alignment here, lengths by the engine. What the header asks of the caller, and
//! every `unsafe` below relies on: a pointer points to as many bytes as are said or its type has, they are
//! initialized where they are read, and nobody else writes them during the call.

use core::{mem::MaybeUninit, slice};

use tinynas_engine::Model;

use crate::Status;

/// Marks a handle whose model was parsed ("tnas").
const MARK: usize = 0x746e_6173;

/// The header's `tinynas_model`.
#[repr(C)]
pub struct Handle {
    mark: usize,
    model: MaybeUninit<Model<'static>>,
}

// The header gives it three words.
const _: () = assert!(size_of::<Handle>() == 3 * size_of::<usize>());
const _: () = assert!(align_of::<Handle>() == align_of::<usize>());

impl Handle {
    /// No model; what a failed parse leaves.
    pub const EMPTY: Self = Self { mark: 0, model: MaybeUninit::uninit() };

    /// A parsed model.
    pub fn new(model: Model<'static>) -> Self {
        Self { mark: MARK, model: MaybeUninit::new(model) }
    }
}

/// The model of a handle.
///
/// # Safety
/// As the module says; the handle must be initialized, by zeros or by a parse.
pub unsafe fn model(handle: *const Handle) -> Result<Model<'static>, Status> {
    // SAFETY: the caller's promise.
    let handle = unsafe { reference(handle) }?;
    if handle.mark != MARK {
        return Err(Status::ErrorNoModel);
    }
    // SAFETY: only `Handle::new` writes the mark.
    Ok(unsafe { handle.model.assume_init() })
}

/// What a pointer points to.
///
/// # Safety
/// As the module says.
pub unsafe fn reference<'a, T>(pointer: *const T) -> Result<&'a T, Status> {
    if !pointer.is_aligned() {
        return Err(Status::ErrorPointer);
    }
    // SAFETY: aligned and not null; the rest is the caller's promise.
    unsafe { pointer.as_ref() }.ok_or(Status::ErrorPointer)
}

/// Writes what a pointer points to, which may be uninitialized.
///
/// # Safety
/// As the module says.
pub unsafe fn write<T>(pointer: *mut T, value: T) -> Result<(), Status> {
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(Status::ErrorPointer);
    }
    // SAFETY: aligned and not null; the rest is the caller's promise.
    unsafe { pointer.write(value) };
    Ok(())
}

/// `count` elements.
///
/// # Safety
/// As the module says.
pub unsafe fn slice<'a, T>(pointer: *const T, count: usize) -> Result<&'a [T], Status> {
    check(pointer, count)?;
    // SAFETY: aligned, not null, at most half the address space; the rest is the caller's promise.
    Ok(unsafe { slice::from_raw_parts(pointer, count) })
}

/// `count` elements that can be written.
///
/// # Safety
/// As the module says, and nobody else reads them during the call.
pub unsafe fn slice_mut<'a, T>(pointer: *mut T, count: usize) -> Result<&'a mut [T], Status> {
    check(pointer, count)?;
    // SAFETY: as above.
    Ok(unsafe { slice::from_raw_parts_mut(pointer, count) })
}

fn check<T>(pointer: *const T, count: usize) -> Result<(), Status> {
    let bytes = count.checked_mul(size_of::<T>()).filter(|bytes| isize::try_from(*bytes).is_ok());
    if pointer.is_null() || !pointer.is_aligned() || bytes.is_none() { Err(Status::ErrorPointer) } else { Ok(()) }
}
