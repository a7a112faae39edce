//! Reads the parts of a TensorFlow Lite file (FlatBuffers) and of a NumPy archive that the comparison needs.
#![allow(clippy::unwrap_used)]

use std::io::Read;

/// A table of a FlatBuffer: the file and the table's offset.
#[derive(Clone, Copy)]
pub struct Table<'a>(&'a [u8], usize);

fn u16_at(bytes: &[u8], at: usize) -> usize {
    u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()).into()
}

fn i32_at(bytes: &[u8], at: usize) -> i32 {
    i32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

impl<'a> Table<'a> {
    pub fn root(file: &'a [u8]) -> Self {
        Self(file, i32_at(file, 0) as usize)
    }

    fn field(self, number: usize) -> Option<usize> {
        let vtable = self.1 - i32_at(self.0, self.1) as usize;
        let slot = 4 + 2 * number;
        let offset = if slot < u16_at(self.0, vtable) { u16_at(self.0, vtable + slot) } else { 0 };
        (offset != 0).then_some(self.1 + offset)
    }

    fn follow(self, at: usize) -> usize {
        at + i32_at(self.0, at) as usize
    }

    pub fn byte(self, number: usize) -> u8 {
        self.field(number).map_or(0, |at| self.0[at])
    }

    pub fn int(self, number: usize) -> i32 {
        self.field(number).map_or(0, |at| i32_at(self.0, at))
    }

    pub fn table(self, number: usize) -> Option<Self> {
        self.field(number).map(|at| Self(self.0, self.follow(at)))
    }

    /// Elements of a vector as byte ranges of `size`.
    fn elements(self, number: usize, size: usize) -> impl Iterator<Item = (usize, &'a [u8])> {
        let start = self.field(number).map(|at| self.follow(at));
        let count = start.map_or(0, |at| i32_at(self.0, at) as usize);
        let file = self.0;
        (0..count).map(move |i| {
            let at = start.unwrap_or_default() + 4 + i * size;
            (at, &file[at..at + size])
        })
    }

    pub fn tables(self, number: usize) -> Vec<Self> {
        self.elements(number, 4).map(|(at, _)| Self(self.0, self.follow(at))).collect()
    }

    pub fn ints(self, number: usize) -> Vec<i32> {
        self.elements(number, 4).map(|(_, b)| i32_at(b, 0)).collect()
    }

    pub fn floats(self, number: usize) -> Vec<f32> {
        self.elements(number, 4).map(|(_, b)| f32::from_le_bytes(b.try_into().unwrap())).collect()
    }

    pub fn longs(self, number: usize) -> Vec<i64> {
        self.elements(number, 8).map(|(_, b)| i64::from_le_bytes(b.try_into().unwrap())).collect()
    }

    pub fn bytes(self, number: usize) -> Vec<u8> {
        self.elements(number, 1).map(|(_, b)| b[0]).collect()
    }
}

/// The f32 values of one array of a `.npz` archive, by the archive's central directory.
pub fn npz_floats(archive: &[u8], name: &str) -> Vec<f32> {
    let end = archive.windows(4).rposition(|w| w == b"PK\x05\x06").unwrap();
    let mut entry = i32_at(archive, end + 16) as usize;
    for _ in 0..u16_at(archive, end + 10) {
        let (packed, name_len) = (i32_at(archive, entry + 20) as usize, u16_at(archive, entry + 28));
        let local = i32_at(archive, entry + 42) as usize;
        if &archive[entry + 46..entry + 46 + name_len] == format!("{name}.npy").as_bytes() {
            let data = local + 30 + u16_at(archive, local + 26) + u16_at(archive, local + 28);
            let mut array = Vec::new();
            flate2::read::DeflateDecoder::new(&archive[data..data + packed]).read_to_end(&mut array).unwrap();
            let header = 10 + u16_at(&array, 8);
            return array[header..].chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        }
        entry += 46 + name_len + u16_at(archive, entry + 30) + u16_at(archive, entry + 32);
    }
    panic!("no array {name}")
}
