//! From a code address to function, file and line, by the image's debug information.

use std::fmt;

use addr2line::{
    Context,
    gimli::{Dwarf, EndianSlice, LittleEndian},
};
use object::{Object, ObjectSection};

/// A place in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Function, demangled.
    pub function: String,
    /// Source file, if known.
    pub file: Option<String>,
    /// Line, if known.
    pub line: Option<u32>,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in {}", self.function)?;
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, " ({file}:{line})"),
            (Some(file), None) => write!(f, " ({file})"),
            _ => Ok(()),
        }
    }
}

/// The innermost frame at `address`.
pub(crate) fn locate(elf: &[u8], address: u64) -> Option<Location> {
    let file = object::File::parse(elf).ok()?;
    let section = |id: addr2line::gimli::SectionId| -> Result<_, addr2line::gimli::Error> {
        let data = file.section_by_name(id.name()).and_then(|section| section.data().ok()).unwrap_or(&[]);
        Ok(EndianSlice::new(data, LittleEndian))
    };
    let context = Context::from_dwarf(Dwarf::load(section).ok()?).ok()?;
    let frame = context.find_frames(address).skip_all_loads().ok()?.next().ok()??;
    let name = frame.function.as_ref()?.raw_name().ok()?;
    let place = frame.location.as_ref();
    Some(Location {
        function: format!("{:#}", rustc_demangle::demangle(&name)),
        file: place.and_then(|place| place.file).map(str::to_owned),
        line: place.and_then(|place| place.line),
    })
}
