//! One vector of floats, at the width the processor has: every kernel is written once over [`Lanes`].
//!
//! [`vectorised`] picks the widest instruction set at run time and runs a [`Task`] inside a function
//! compiled for it, so that everything inlined into the task is compiled for it, too. The levels round
//! differently (fused multiply-add or not, other order of sums): results are equal from run to run on one
//! machine, and close between machines. `TINYNAS_SIMD=portable`, `wide` or `avx2` in the environment
//! asks for another one, to compare machines or to test.

use std::sync::LazyLock;

/// A few floats side by side.
pub trait Lanes: Copy {
    /// How many.
    const WIDTH: usize;
    /// Rows of the widest block of a matrix product that fits into the registers.
    const BLOCK: usize;

    /// The same value in every lane.
    fn splat(x: f32) -> Self;
    /// # Safety
    /// `from` must be readable for `WIDTH` floats; no alignment is asked.
    unsafe fn load(from: *const f32) -> Self;
    /// # Safety
    /// `to` must be writable for `WIDTH` floats.
    unsafe fn store(self, to: *mut f32);
    /// `self + x`
    fn add(self, x: Self) -> Self;
    /// `self - x`
    fn sub(self, x: Self) -> Self;
    /// `self * x`
    fn mul(self, x: Self) -> Self;
    /// `self * x + y`, rounded once where the processor can.
    fn mul_add(self, x: Self, y: Self) -> Self;
    /// `self` limited to `low..=high`; not a number stays not a number.
    fn clamp(self, low: Self, high: Self) -> Self;
    /// `self` where `low < x < high`, else zero.
    fn gate(self, x: Self, low: Self, high: Self) -> Self;

    /// One bit per lane that is above zero, the first lane in the lowest bit.
    fn positive(self) -> u32;

    /// The first `count` lanes from memory, zeros behind them.
    ///
    /// # Safety
    /// `from` must be readable for `count <= WIDTH` floats.
    #[inline(always)]
    unsafe fn load_part(from: *const f32, count: usize) -> Self {
        if count >= Self::WIDTH {
            // SAFETY: the caller's promise.
            return unsafe { Self::load(from) };
        }
        let mut lanes = [0.0_f32; 16];
        // SAFETY: `count < WIDTH <= 16`, and `from` is readable for `count` floats.
        unsafe {
            std::ptr::copy_nonoverlapping(from, lanes.as_mut_ptr(), count);
            Self::load(lanes.as_ptr())
        }
    }

    /// The first `count` lanes to memory.
    ///
    /// # Safety
    /// `to` must be writable for `count <= WIDTH` floats.
    #[inline(always)]
    unsafe fn store_part(self, to: *mut f32, count: usize) {
        // SAFETY: the caller's promise; the copy reads `count < WIDTH <= 16` floats.
        unsafe {
            if count >= Self::WIDTH {
                return self.store(to);
            }
            let mut lanes = [0.0_f32; 16];
            self.store(lanes.as_mut_ptr());
            std::ptr::copy_nonoverlapping(lanes.as_ptr(), to, count);
        }
    }
}

/// Work that is compiled once per instruction set. `run` and all it calls must be `#[inline(always)]`.
pub trait Task {
    /// What it gives.
    type Output;
    /// Does the work.
    fn run<V: Lanes>(self) -> Self::Output;
}

/// N floats in plain Rust, which every target's compiler turns into its own vectors.
#[derive(Clone, Copy)]
#[repr(align(16))]
pub struct Portable<const N: usize>([f32; N]);

impl<const N: usize> Portable<N> {
    #[inline(always)]
    fn zip(self, x: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|i| f(self.0[i], x.0[i])))
    }
}

impl<const N: usize> Lanes for Portable<N> {
    const WIDTH: usize = N;
    const BLOCK: usize = if N == 16 { 12 } else { 6 };

    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self([x; N])
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { from.cast::<[f32; N]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { to.cast::<[f32; N]>().write_unaligned(self.0) };
    }
    #[inline(always)]
    fn add(self, x: Self) -> Self {
        self.zip(x, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(self, x: Self) -> Self {
        self.zip(x, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(self, x: Self) -> Self {
        self.zip(x, |a, b| a * b)
    }
    #[inline(always)]
    fn mul_add(self, x: Self, y: Self) -> Self {
        // Without the instruction, `f32::mul_add` is a call into the mathematics library.
        if cfg!(any(target_feature = "fma", target_arch = "aarch64")) {
            Self(std::array::from_fn(|i| self.0[i].mul_add(x.0[i], y.0[i])))
        } else {
            self.mul(x).add(y)
        }
    }
    #[inline(always)]
    fn clamp(self, low: Self, high: Self) -> Self {
        let above = self.zip(low, |x, l| if l > x { l } else { x });
        above.zip(high, |x, h| if h < x { h } else { x })
    }
    #[inline(always)]
    fn gate(self, x: Self, low: Self, high: Self) -> Self {
        Self(std::array::from_fn(|i| if x.0[i] > low.0[i] && x.0[i] < high.0[i] { self.0[i] } else { 0.0 }))
    }
    #[inline(always)]
    fn positive(self) -> u32 {
        self.0.iter().rev().fold(0, |bits, x| bits << 1 | u32::from(*x > 0.0))
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256, __m512, _CMP_GT_OQ, _CMP_LT_OQ, _mm256_add_ps, _mm256_and_ps, _mm256_cmp_ps, _mm256_fmadd_ps,
        _mm256_loadu_ps, _mm256_max_ps, _mm256_min_ps, _mm256_movemask_ps, _mm256_mul_ps, _mm256_set1_ps,
        _mm256_storeu_ps, _mm256_sub_ps, _mm512_add_ps, _mm512_cmp_ps_mask, _mm512_fmadd_ps, _mm512_loadu_ps,
        _mm512_mask_cmp_ps_mask, _mm512_maskz_mov_ps, _mm512_max_ps, _mm512_min_ps, _mm512_mul_ps, _mm512_set1_ps,
        _mm512_storeu_ps, _mm512_sub_ps,
    };

    use super::Lanes;

    // SAFETY of every intrinsic below: these types are only made inside `vectorised`, in functions compiled for
    // the instruction set, after the processor said that it has it; the pointers are the caller's promise.
    // `max` and `min` give their second operand when one is not a number: the value, so it stays visible.
    macro_rules! lanes {
        ($vector:ty, $width:literal, $block:literal, $set1:ident, $load:ident, $store:ident, $add:ident, $sub:ident,
         $mul:ident, $fmadd:ident, $max:ident, $min:ident, |$keep:ident, $x:ident, $low:ident, $high:ident| $gate:expr,
         |$positive:ident| $bits:expr) => {
            impl Lanes for $vector {
                const WIDTH: usize = $width;
                const BLOCK: usize = $block;

                #[inline(always)]
                fn splat(x: f32) -> Self {
                    unsafe { $set1(x) }
                }
                #[inline(always)]
                unsafe fn load(from: *const f32) -> Self {
                    unsafe { $load(from) }
                }
                #[inline(always)]
                unsafe fn store(self, to: *mut f32) {
                    unsafe { $store(to, self) };
                }
                #[inline(always)]
                fn add(self, x: Self) -> Self {
                    unsafe { $add(self, x) }
                }
                #[inline(always)]
                fn sub(self, x: Self) -> Self {
                    unsafe { $sub(self, x) }
                }
                #[inline(always)]
                fn mul(self, x: Self) -> Self {
                    unsafe { $mul(self, x) }
                }
                #[inline(always)]
                fn mul_add(self, x: Self, y: Self) -> Self {
                    unsafe { $fmadd(self, x, y) }
                }
                #[inline(always)]
                fn clamp(self, low: Self, high: Self) -> Self {
                    unsafe { $min(high, $max(low, self)) }
                }
                #[inline(always)]
                fn gate(self, $x: Self, $low: Self, $high: Self) -> Self {
                    let $keep = self;
                    unsafe { $gate }
                }
                #[inline(always)]
                fn positive(self) -> u32 {
                    let $positive = self;
                    unsafe { $bits }
                }
            }
        };
    }

    lanes!(
        __m256,
        8,
        6,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_add_ps,
        _mm256_sub_ps,
        _mm256_mul_ps,
        _mm256_fmadd_ps,
        _mm256_max_ps,
        _mm256_min_ps,
        |keep, x, low, high| {
            let inside = _mm256_and_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(x, low), _mm256_cmp_ps::<_CMP_LT_OQ>(x, high));
            _mm256_and_ps(keep, inside)
        },
        |x| _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(x, _mm256_set1_ps(0.0))) as u32
    );
    lanes!(
        __m512,
        16,
        12,
        _mm512_set1_ps,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_add_ps,
        _mm512_sub_ps,
        _mm512_mul_ps,
        _mm512_fmadd_ps,
        _mm512_max_ps,
        _mm512_min_ps,
        |keep, x, low, high| {
            let above = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(x, low);
            _mm512_maskz_mov_ps(_mm512_mask_cmp_ps_mask::<_CMP_LT_OQ>(above, x, high), keep)
        },
        |x| u32::from(_mm512_cmp_ps_mask::<_CMP_GT_OQ>(x, _mm512_set1_ps(0.0)))
    );
}

/// An instruction set that the kernels are compiled for, narrow to wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What every processor of the target has: 4 lanes in plain Rust.
    Portable,
    /// 16 lanes in plain Rust: what AVX-512 computes, on machines without it; slow.
    Wide,
    /// 8 lanes with fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 16 lanes.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// The widest instruction set of this processor, or a narrower one that the environment asks for.
static LEVEL: LazyLock<Level> = LazyLock::new(|| match std::env::var("TINYNAS_SIMD").as_deref() {
    Ok("portable") => Level::Portable,
    Ok("wide") => Level::Wide,
    #[cfg(target_arch = "x86_64")]
    Ok("avx2") => widest().min(Level::Avx2),
    _ => widest(),
});

fn widest() -> Level {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            return Level::Avx512;
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            return Level::Avx2;
        }
    }
    Level::Portable
}

/// The instruction set in use.
pub fn level() -> Level {
    *LEVEL
}

/// Lanes of the vectors in use.
pub fn width() -> usize {
    match level() {
        Level::Portable => 4,
        Level::Wide => 16,
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => 8,
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => 16,
    }
}

/// Runs `task` on the widest vectors of this processor.
pub fn vectorised<T: Task>(task: T) -> T::Output {
    match level() {
        Level::Portable => task.run::<Portable<4>>(),
        Level::Wide => task.run::<Portable<16>>(),
        // SAFETY: the level is chosen only if the processor has the instructions.
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => unsafe { avx2(task) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => unsafe { avx512(task) },
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<T: Task>(task: T) -> T::Output {
    task.run::<std::arch::x86_64::__m256>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx2,fma")]
unsafe fn avx512<T: Task>(task: T) -> T::Output {
    task.run::<std::arch::x86_64::__m512>()
}
