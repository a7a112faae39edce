//! Reads tables and vectors of a FlatBuffer; every offset and length is checked before it is followed.
//!
//! A table is followed only downwards by its reader, whose depth is fixed, so that a cycle cannot make it hang.
//! Source: FlatBuffers, "Internals": a table starts with the signed distance to its vtable, which holds the table's
//! size and the places of its fields; vectors start with their length.

use crate::ImportError;

type Read<T> = Result<T, ImportError>;

fn damaged<T>(what: &'static str, at: usize) -> Read<T> {
    Err(ImportError::Damaged { what, at })
}

fn array<const N: usize>(bytes: &[u8], at: usize, what: &'static str) -> Read<[u8; N]> {
    match bytes.get(at..).and_then(|rest| rest.first_chunk::<N>()) {
        Some(chunk) => Ok(*chunk),
        None => damaged(what, at),
    }
}

/// A table: the file, where it starts, and where its fields are.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    file: &'a [u8],
    at: usize,
    size: usize,
    slots: &'a [u8],
}

impl<'a> Table<'a> {
    /// The table that the file starts with.
    pub fn root(file: &'a [u8]) -> Read<Self> {
        Self::follow(file, 0)
    }

    /// The table that the offset at `at` leads to.
    fn follow(file: &'a [u8], at: usize) -> Read<Self> {
        let at = target(file, at)?;
        let back = i64::from(i32::from_le_bytes(array(file, at, "a table")?));
        let Ok(vtable) = usize::try_from(at as i64 - back) else { return damaged("the fields of a table", at) };
        let length = usize::from(u16::from_le_bytes(array(file, vtable, "the fields of a table")?));
        let size = usize::from(u16::from_le_bytes(array(file, vtable.saturating_add(2), "the fields of a table")?));
        let slots = vtable.checked_add(length).and_then(|end| file.get(vtable.saturating_add(4)..end));
        let fits = at.checked_add(size).is_some_and(|end| end <= file.len());
        match slots {
            Some(slots) if fits && size >= 4 => Ok(Self { file, at, size, slots }),
            _ => damaged("the size of a table", vtable),
        }
    }

    /// Where a field of `bytes` bytes is; `None` if the table does not have it.
    fn field(&self, number: usize, bytes: usize) -> Read<Option<usize>> {
        let Some(slot) = self.slots.as_chunks::<2>().0.get(number) else { return Ok(None) };
        match usize::from(u16::from_le_bytes(*slot)) {
            0 => Ok(None),
            offset if offset >= 4 && offset + bytes <= self.size => Ok(Some(self.at + offset)),
            _ => damaged("a field outside its table", self.at),
        }
    }

    fn scalar<const N: usize>(&self, number: usize) -> Read<Option<[u8; N]>> {
        self.field(number, N)?.map(|at| array(self.file, at, "a field")).transpose()
    }

    pub fn byte(&self, number: usize, default: i8) -> Read<i8> {
        Ok(self.scalar(number)?.map_or(default, i8::from_le_bytes))
    }

    pub fn int(&self, number: usize, default: i32) -> Read<i32> {
        Ok(self.scalar(number)?.map_or(default, i32::from_le_bytes))
    }

    pub fn long(&self, number: usize, default: u64) -> Read<u64> {
        Ok(self.scalar(number)?.map_or(default, u64::from_le_bytes))
    }

    pub fn float(&self, number: usize, default: f32) -> Read<f32> {
        Ok(self.scalar(number)?.map_or(default, f32::from_le_bytes))
    }

    pub fn table(&self, number: usize) -> Read<Option<Self>> {
        self.field(number, 4)?.map(|at| Self::follow(self.file, at)).transpose()
    }

    /// The bytes of a vector whose elements have `size` bytes; empty if the table does not have it.
    fn vector(&self, number: usize, size: usize) -> Read<(usize, &'a [u8])> {
        let Some(at) = self.field(number, 4)? else { return Ok((self.at, &[])) };
        let at = target(self.file, at)?;
        let count = u32::from_le_bytes(array(self.file, at, "a vector")?);
        let start = at + 4;
        let end = (count as usize).checked_mul(size).and_then(|bytes| start.checked_add(bytes));
        match end.and_then(|end| self.file.get(start..end)) {
            Some(bytes) => Ok((start, bytes)),
            None => damaged("the length of a vector", at),
        }
    }

    pub fn bytes(&self, number: usize) -> Read<&'a [u8]> {
        Ok(self.vector(number, 1)?.1)
    }

    /// A vector of numbers of `N` bytes.
    pub fn numbers<const N: usize>(&self, number: usize) -> Read<&'a [[u8; N]]> {
        Ok(self.vector(number, N)?.1.as_chunks().0)
    }

    /// A vector of tables, at most `most`.
    pub fn tables(&self, number: usize, what: &'static str, most: usize) -> Read<Vec<Self>> {
        let (start, offsets) = self.vector(number, 4)?;
        let count = offsets.len() / 4;
        if count > most {
            return Err(ImportError::Limit { what, found: count as u64, most: most as u64 });
        }
        (0..count).map(|index| Self::follow(self.file, start + 4 * index)).collect()
    }
}

/// The position that the offset at `at` leads to.
fn target(file: &[u8], at: usize) -> Read<usize> {
    let offset = u32::from_le_bytes(array(file, at, "an offset")?);
    match at.checked_add(offset as usize) {
        Some(target) if offset > 0 && target < file.len() => Ok(target),
        _ => damaged("an offset outside the file", at),
    }
}
