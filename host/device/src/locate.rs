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

/// Where the sources of Rust's own libraries lie.
const LIBRARY: &str = "/library/core/";

/// The innermost frame of our own at `address`, or the outermost of the library's.
pub(crate) fn locate(elf: &[u8], address: u64) -> Option<Location> {
    let file = object::File::parse(elf).ok()?;
    let section = |id: addr2line::gimli::SectionId| -> Result<_, addr2line::gimli::Error> {
        let data = file.section_by_name(id.name()).and_then(|section| section.data().ok()).unwrap_or(&[]);
        Ok(EndianSlice::new(data, LittleEndian))
    };
    let context = Context::from_dwarf(Dwarf::load(section).ok()?).ok()?;
    let mut frames = context.find_frames(address).skip_all_loads().ok()?;
    let mut frame = frames.next().ok()??;
    // What is inlined from the core library says less than who called it.
    while frame.location.as_ref().and_then(|place| place.file).is_some_and(|file| file.contains(LIBRARY)) {
        match frames.next() {
            Ok(Some(caller)) => frame = caller,
            _ => break,
        }
    }
    let name = frame.function.as_ref()?.raw_name().ok()?;
    let place = frame.location.as_ref();
    Some(Location {
        function: format!("{:#}", rustc_demangle::demangle(&name)),
        file: place.and_then(|place| place.file).map(str::to_owned),
        line: place.and_then(|place| place.line),
    })
}
