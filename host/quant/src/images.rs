//! Images as bytes of pixels, and work on many of them at once with results that do not depend on threads.

use std::{num::NonZeroUsize, thread::ScopedJoinHandle};

use tinynas_model::Shape;

use crate::QuantError;

/// Images of one shape, NHWC, one byte per pixel and channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Images<'a> {
    pixels: &'a [u8],
    bytes: usize,
}

impl<'a> Images<'a> {
    /// Views `pixels` as images of `shape`.
    pub fn new(pixels: &'a [u8], shape: Shape) -> Result<Self, QuantError> {
        let bytes = shape.elements() as usize;
        if bytes == 0 || !pixels.len().is_multiple_of(bytes) {
            return Err(QuantError::ImageSize { expected: bytes, got: pixels.len() });
        }
        Ok(Self { pixels, bytes })
    }

    pub const fn len(&self) -> usize {
        self.pixels.len() / self.bytes
    }

    /// Calls `work` on every image, with one worker per thread; gives back the workers in the order of
    /// their shares of the images.
    pub fn fold<W: Send>(
        &self,
        threads: NonZeroUsize,
        worker: impl Fn() -> W + Sync,
        work: impl Fn(&mut W, &'a [u8]) -> Result<(), QuantError> + Sync,
    ) -> Result<Vec<W>, QuantError> {
        let share = self.len().div_ceil(threads.get()).max(1) * self.bytes;
        let run = |part: &'a [u8]| {
            let mut worker = worker();
            part.chunks_exact(self.bytes).try_for_each(|image| work(&mut worker, image)).map(|()| worker)
        };
        if threads.get() == 1 {
            return Ok(vec![run(self.pixels)?]);
        }
        std::thread::scope(|scope| {
            let run = &run;
            let handles: Vec<_> = self.pixels.chunks(share).map(|part| scope.spawn(move || run(part))).collect();
            let join = |handle: ScopedJoinHandle<'_, _>| {
                handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            handles.into_iter().map(join).collect()
        })
    }

    /// Calls `work` on every image; results in the order of the images, whatever the number of threads.
    pub fn map<W: Send, T: Send>(
        &self,
        threads: NonZeroUsize,
        worker: impl Fn() -> W + Sync,
        work: impl Fn(&mut W, &'a [u8]) -> Result<T, QuantError> + Sync,
    ) -> Result<Vec<T>, QuantError> {
        let collect = |(worker, results): &mut (W, Vec<T>), image| {
            results.push(work(worker, image)?);
            Ok(())
        };
        let parts = self.fold(threads, || (worker(), Vec::new()), collect)?;
        Ok(parts.into_iter().flat_map(|(_, results)| results).collect())
    }
}
