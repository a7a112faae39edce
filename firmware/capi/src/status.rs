//! What calls say, as numbers and in words.

use core::ffi::{CStr, c_char};

use tinynas_engine::{EngineError, ModelError};

/// As the header's constants `TINYNAS_…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
#[allow(missing_docs, reason = "the header says what each is")]
pub enum Status {
    Ok = 0,
    ErrorPointer = 1,
    ErrorNoModel = 2,
    ErrorMagic = 3,
    ErrorAlignment = 4,
    ErrorVersion = 5,
    ErrorLength = 6,
    ErrorDamaged = 7,
    ErrorInvalid = 8,
    ErrorArena = 9,
    ErrorRows = 10,
    ErrorInput = 11,
    ErrorClass = 12,
    ErrorStep = 13,
}

impl Status {
    /// The end of a call.
    pub fn of(result: Result<(), Self>) -> Self {
        match result {
            Ok(()) => Self::Ok,
            Err(status) => status,
        }
    }
}

impl From<ModelError> for Status {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::Magic => Self::ErrorMagic,
            ModelError::Alignment => Self::ErrorAlignment,
            ModelError::Version { .. } | ModelError::KernelSet { .. } => Self::ErrorVersion,
            ModelError::Length { .. } => Self::ErrorLength,
            ModelError::Crc { .. } => Self::ErrorDamaged,
            _ => Self::ErrorInvalid,
        }
    }
}

impl From<EngineError> for Status {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Arena { .. } => Self::ErrorArena,
            EngineError::Alignment => Self::ErrorAlignment,
            EngineError::Fed => Self::ErrorRows,
            EngineError::Input { .. } => Self::ErrorInput,
            _ => Self::ErrorStep,
        }
    }
}

/// A status in words. Any number may come from C, so it is no [`Status`] yet.
#[unsafe(no_mangle)]
pub extern "C" fn tinynas_status_text(status: i32) -> *const c_char {
    const TEXTS: [&CStr; 14] = [
        c"done",
        c"a pointer is null or not aligned",
        c"the model was not parsed",
        c"the bytes do not start like a compiled model",
        c"the model or the arena does not start at a multiple of 4",
        c"the model is for another version or other kernels: compile it again",
        c"the model is shorter or longer than its header says",
        c"the model's check sum is wrong",
        c"the model has values that no compiler writes",
        c"the arena is too short",
        c"the model's input comes row by row",
        c"what was given is not as long as the model's input",
        c"there is no such class, or it has no name",
        c"a step could not run",
    ];
    let text = usize::try_from(status).ok().and_then(|status| TEXTS.get(status));
    text.copied().unwrap_or(c"an unknown status").as_ptr()
}
