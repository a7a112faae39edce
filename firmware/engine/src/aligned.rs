//! Bytes that start at a multiple of 4: models that are built into a program, and arenas.

use core::ops::{Deref, DerefMut};

use tinynas_plan::{FORMAT_VERSION, MAGIC};

/// A value that starts at a multiple of 4 bytes, as models and arenas must.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(4))]
pub struct Aligned<T: ?Sized>(pub T);

impl<T: ?Sized> Deref for Aligned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// Memory for tensors and scratch: `N` bytes, at least [`arena_bytes`] of every model that runs in it.
pub type Arena<const N: usize> = Aligned<[u8; N]>;

impl<const N: usize> Arena<N> {
    /// All zeros, so that as a static it takes no flash.
    #[must_use]
    pub const fn new() -> Self {
        Self([0; N])
    }
}

/// A `.tnm` file as `&'static [u8]` that starts at a multiple of 4. The path is as for [`include_bytes!`].
///
/// ```ignore
/// static MODEL: &[u8] = tinynas_engine::include_model!("../model.tnm");
/// ```
#[macro_export]
macro_rules! include_model {
    ($path:expr $(,)?) => {{
        const MODEL: &$crate::Aligned<[u8]> = &$crate::Aligned(*include_bytes!($path));
        &MODEL.0
    }};
}

/// Where the header has the format's version and the size of the arena (`FORMAT.md` of `tinynas-plan`).
const VERSION: usize = 4;
const ARENA: usize = 16;

/// Bytes of arena that a model needs, for constants: `None` if the bytes do not start as a model of this format does.
///
/// What it says is only as good as the bytes; [`Model::parse`](tinynas_plan::Model::parse) checks them, and a run
/// compares the arena with what was checked.
#[must_use]
pub const fn arena_bytes(model: &[u8]) -> Option<usize> {
    let Some((head, _)) = model.split_first_chunk::<{ ARENA + 4 }>() else { return None };
    let mut at = 0;
    while at < MAGIC.len() {
        if head[at] != MAGIC[at] {
            return None;
        }
        at += 1;
    }
    if u16::from_le_bytes([head[VERSION], head[VERSION + 1]]) != FORMAT_VERSION {
        return None;
    }
    Some(u32::from_le_bytes([head[ARENA], head[ARENA + 1], head[ARENA + 2], head[ARENA + 3]]) as usize)
}
