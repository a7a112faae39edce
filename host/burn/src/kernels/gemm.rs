//! Small matrix products: blocks of registers over rows that stay in the cache.
//!
//! `C[m, n] (+)= A[m, k] × B[k, n]`. A is read one element at a time through two strides, so the same kernel
//! multiplies by a matrix or by its transpose. B is read in vectors: either packed into panels of two
//! vectors ([`Panels`], for weights) or as plain rows.

use super::lanes::Lanes;

/// Weights as the kernels read them: panels of two vectors, `[panel][k][2 * WIDTH]`, zeros behind the last column.
pub struct Panels {
    data: Vec<f32>,
    depth: usize,
    columns: usize,
}

impl Panels {
    /// Packs the matrix `at(k, n)` of `depth` rows and `columns` columns.
    pub fn pack(width: usize, depth: usize, columns: usize, at: impl Fn(usize, usize) -> f32) -> Self {
        let panel = 2 * width;
        let mut data = Vec::with_capacity(columns.div_ceil(panel) * panel * depth);
        for first in (0..columns).step_by(panel) {
            for k in 0..depth {
                data.extend((first..first + panel).map(|n| if n < columns { at(k, n) } else { 0.0 }));
            }
        }
        Self { data, depth, columns }
    }
}

/// The left matrix: element `(i, k)` is `data[i * row + k * column]`.
#[derive(Clone, Copy)]
pub struct Left {
    /// First element.
    pub data: *const f32,
    /// Step between rows.
    pub row: usize,
    /// Step between columns.
    pub column: usize,
}

impl Left {
    #[inline(always)]
    unsafe fn skip_rows(self, rows: usize) -> Self {
        // SAFETY: the caller stays within the matrix.
        Self { data: unsafe { self.data.add(rows * self.row) }, ..self }
    }
}

/// How many rows the next block takes of those left.
#[inline(always)]
const fn block_rows(left: usize, most: usize) -> usize {
    match left {
        12.. if most == 12 => 12,
        // Two blocks of four keep more additions in flight than six and two.
        8 => 4,
        6.. => 6,
        4.. => 4,
        2.. => 2,
        _ => 1,
    }
}

/// One block in registers: M rows of N vectors, summed over `depth`.
#[inline(always)]
unsafe fn block<V: Lanes, const M: usize, const N: usize>(
    mut sums: [[V; N]; M],
    depth: usize,
    a: Left,
    b: *const f32,
    b_row: usize,
) -> [[V; N]; M] {
    // SAFETY: the caller gives matrices of at least M rows, `depth` columns and N vectors.
    unsafe {
        for k in 0..depth {
            let mut row = [V::splat(0.0); N];
            for (j, x) in row.iter_mut().enumerate() {
                *x = V::load(b.add(k * b_row + j * V::WIDTH));
            }
            for (i, sums) in sums.iter_mut().enumerate() {
                let x = V::splat(*a.data.add(i * a.row + k * a.column));
                for (sum, b) in sums.iter_mut().zip(row) {
                    *sum = x.mul_add(b, *sum);
                }
            }
        }
    }
    sums
}

#[inline(always)]
unsafe fn put<V: Lanes, const M: usize, const N: usize>(sums: [[V; N]; M], c: *mut f32, c_row: usize, columns: usize) {
    for (i, row) in sums.iter().enumerate() {
        for (j, x) in row.iter().enumerate() {
            // SAFETY: the caller gives room for M rows of `columns` elements, of which `part` are left here.
            unsafe { x.store_part(c.add(i * c_row + j * V::WIDTH), (columns - j * V::WIDTH).min(V::WIDTH)) };
        }
    }
}

#[inline(always)]
unsafe fn get<V: Lanes, const M: usize, const N: usize>(c: *const f32, c_row: usize) -> [[V; N]; M] {
    let mut sums = [[V::splat(0.0); N]; M];
    for (i, row) in sums.iter_mut().enumerate() {
        for (j, x) in row.iter_mut().enumerate() {
            // SAFETY: the caller gives M rows of N whole vectors.
            *x = unsafe { V::load(c.add(i * c_row + j * V::WIDTH)) };
        }
    }
    sums
}

/// Calls `$body` with the constant M for blocks of rows that together are `$rows`.
macro_rules! by_rows {
    ($V:ty, $rows:expr, |$M:ident, $i:ident| $body:expr) => {{
        let rows = $rows;
        let mut $i = 0;
        while $i < rows {
            macro_rules! with {
                ($m:literal) => {{
                    const $M: usize = $m;
                    $body;
                    $m
                }};
            }
            $i += match block_rows(rows - $i, <$V>::BLOCK) {
                12 => with!(12),
                6 => with!(6),
                4 => with!(4),
                2 => with!(2),
                _ => with!(1),
            };
        }
    }};
}

/// `C[rows, columns] = A × B` with packed B; C's rows are `c_row` apart.
///
/// # Safety
/// A must hold `rows` rows of `b.depth` elements, C `rows` rows of `b.columns`; B must be packed for `V`.
#[inline(always)]
pub unsafe fn product<V: Lanes>(rows: usize, a: Left, b: &Panels, c: *mut f32, c_row: usize) {
    let panel = 2 * V::WIDTH;
    for first in (0..b.columns).step_by(panel) {
        let columns = (b.columns - first).min(panel);
        // SAFETY: panels are whole; rows and columns stay within what the caller promised.
        unsafe {
            let data = b.data.as_ptr().add(first * b.depth);
            if columns > V::WIDTH {
                by_rows!(V, rows, |M, i| {
                    let sums = block::<V, M, 2>([[V::splat(0.0); 2]; M], b.depth, a.skip_rows(i), data, panel);
                    put(sums, c.add(i * c_row + first), c_row, columns);
                });
            } else {
                by_rows!(V, rows, |M, i| {
                    let sums = block::<V, M, 1>([[V::splat(0.0); 1]; M], b.depth, a.skip_rows(i), data, panel);
                    put(sums, c.add(i * c_row + first), c_row, columns);
                });
            }
        }
    }
}

/// `C[rows, columns] += A × B` with plain rows of B, all of whole vectors: `columns` is a multiple of the width.
///
/// # Safety
/// A must hold `rows` rows of `depth` elements, B `depth` rows of `columns` at a distance of `b_row`, C `rows`
/// rows of `columns` without gaps.
#[inline(always)]
pub unsafe fn accumulate<V: Lanes>(
    rows: usize,
    depth: usize,
    columns: usize,
    a: Left,
    b: *const f32,
    b_row: usize,
    c: *mut f32,
) {
    let mut first = 0;
    while first < columns {
        // SAFETY: rows and columns stay within what the caller promised.
        unsafe {
            let b = b.add(first);
            if columns - first >= 2 * V::WIDTH {
                by_rows!(V, rows, |M, i| {
                    let c = c.add(i * columns + first);
                    let sums = block::<V, M, 2>(get(c, columns), depth, a.skip_rows(i), b, b_row);
                    put(sums, c, columns, 2 * V::WIDTH);
                });
                first += 2 * V::WIDTH;
            } else {
                by_rows!(V, rows, |M, i| {
                    let c = c.add(i * columns + first);
                    let sums = block::<V, M, 1>(get(c, columns), depth, a.skip_rows(i), b, b_row);
                    put(sums, c, columns, V::WIDTH);
                });
                first += V::WIDTH;
            }
        }
    }
}
