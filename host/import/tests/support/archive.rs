//! NumPy archives (`.npz`) and gzipped IDX files.

use std::io::Read;

use flate2::read::{DeflateDecoder, GzDecoder};

/// The values of one array.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    Int8(Vec<i8>),
    Uint8(Vec<u8>),
    Real(Vec<f32>),
}

fn u16_at(bytes: &[u8], at: usize) -> usize {
    u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()).into()
}

fn u32_at(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

/// Names and values of the arrays of an archive, by its central directory; types other than ours are left out.
pub fn npz(archive: &[u8]) -> Vec<(String, Values)> {
    let end = archive.windows(4).rposition(|w| w == b"PK\x05\x06").unwrap();
    let mut entry = u32_at(archive, end + 16);
    let mut arrays = Vec::new();
    for _ in 0..u16_at(archive, end + 10) {
        let (method, packed) = (u16_at(archive, entry + 10), u32_at(archive, entry + 20));
        let (name_len, local) = (u16_at(archive, entry + 28), u32_at(archive, entry + 42));
        let name = String::from_utf8_lossy(&archive[entry + 46..entry + 46 + name_len]).into_owned();
        let data = local + 30 + u16_at(archive, local + 26) + u16_at(archive, local + 28);
        let data = &archive[data..data + packed];
        let mut array = Vec::new();
        match method {
            0 => array.extend(data),
            _ => drop(DeflateDecoder::new(data).read_to_end(&mut array).unwrap()),
        }
        if let Some(values) = npy(&array) {
            arrays.push((name.trim_end_matches(".npy").to_owned(), values));
        }
        entry += 46 + name_len + u16_at(archive, entry + 30) + u16_at(archive, entry + 32);
    }
    arrays
}

fn npy(array: &[u8]) -> Option<Values> {
    let start = 10 + u16_at(array, 8);
    let header = String::from_utf8_lossy(&array[10..start]);
    let data = &array[start..];
    assert!(header.contains("'fortran_order': False"));
    if header.contains("|i1") {
        Some(Values::Int8(data.iter().map(|b| *b as i8).collect()))
    } else if header.contains("|u1") {
        Some(Values::Uint8(data.to_vec()))
    } else if header.contains("<f4") {
        Some(Values::Real(data.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()))
    } else {
        None
    }
}

/// One array of an archive.
pub fn array(archive: &[u8], name: &str) -> Values {
    npz(archive).into_iter().find(|(other, _)| other == name).unwrap_or_else(|| panic!("no array {name}")).1
}

/// The data of a gzipped IDX file of bytes.
pub fn idx(file: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    let sides = usize::from(bytes[3]);
    bytes.split_off(4 + 4 * sides)
}
