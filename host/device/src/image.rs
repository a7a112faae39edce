//! A firmware image: what its ELF says it occupies and where the model goes.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use object::{
    Object, ObjectSection, ObjectSymbol,
    elf::{FileHeader32, PT_LOAD},
    read::elf::{ElfFile, ProgramHeader},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{DeviceError, Location, Manifest, locate, manifest};

/// Memory the image occupies, in bytes and addresses, all read from the ELF.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sections {
    /// Everything in flash: vector table, code, constants, initial values of `.data`, padding between them.
    pub flash_bytes: u64,
    /// `.vector_table`.
    pub vector_bytes: u64,
    /// `.text`.
    pub text_bytes: u64,
    /// `.rodata`.
    pub rodata_bytes: u64,
    /// `.data`, in SRAM (its initial values count in `flash_bytes` too).
    pub data_bytes: u64,
    /// `.bss`.
    pub bss_bytes: u64,
    /// Stack reserve at the end of RAM.
    pub stack_reserve_bytes: u64,
    /// Region the linker leaves for the arena.
    pub arena_region_bytes: u64,
    /// Where the model is flashed.
    pub model_address: u64,
    /// Flash kept for the model.
    pub model_region_bytes: u64,
}

/// A firmware image with its manifest.
#[derive(Clone)]
pub struct Image {
    path: PathBuf,
    elf: Arc<[u8]>,
    sections: Sections,
    manifest: Manifest,
}

/// A run of bytes that the image puts into flash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its first address.
    pub address: u64,
    /// Its content.
    pub bytes: Vec<u8>,
}

type Elf<'a> = ElfFile<'a, FileHeader32<object::Endianness>>;

impl Image {
    /// Reads an ELF and the `manifest.json` beside it, and checks one against the other.
    ///
    /// # Errors
    /// [`DeviceError::Io`], [`DeviceError::ImageMalformed`], [`DeviceError::ManifestMismatch`].
    pub fn open(path: &Path) -> Result<Self, DeviceError> {
        let elf = fs::read(path).map_err(DeviceError::io(path.display().to_string()))?;
        Self::from_parts(path, elf, Manifest::read(&manifest::beside(path))?)
    }

    /// An image from the bytes of its ELF and its manifest, checked one against the other; `path` is where they are
    /// from, for messages.
    ///
    /// # Errors
    /// [`DeviceError::ImageMalformed`], [`DeviceError::ManifestMismatch`].
    pub fn from_parts(path: &Path, elf: impl Into<Arc<[u8]>>, manifest: Manifest) -> Result<Self, DeviceError> {
        let elf = elf.into();
        let sections = Sections::read(&elf, path)?;
        manifest.check(&manifest::beside(path), &sections, &hash(&elf))?;
        Ok(Self { path: path.to_owned(), elf, sections, manifest })
    }

    /// Where the ELF is from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The ELF.
    pub fn elf(&self) -> &[u8] {
        &self.elf
    }

    /// What the image puts into flash, in ascending order.
    ///
    /// # Errors
    /// [`DeviceError::ImageMalformed`] if a segment's bytes are not in the file.
    pub fn segments(&self) -> Result<Vec<Segment>, DeviceError> {
        let file = Elf::parse(&*self.elf).map_err(|error| self.malformed(&error.to_string()))?;
        let endian = file.endian();
        let loaded = file.elf_program_headers().iter().filter(|header| header.p_type(endian) == PT_LOAD);
        let mut segments = Vec::new();
        for header in loaded.filter(|header| header.p_filesz(endian) > 0) {
            let bytes =
                header.data(endian, &*self.elf).map_err(|()| self.malformed("a segment lies outside the file"))?;
            segments.push(Segment { address: header.p_paddr(endian).into(), bytes: bytes.to_owned() });
        }
        segments.sort_by_key(|segment| segment.address);
        Ok(segments)
    }

    /// The address of a symbol.
    ///
    /// # Errors
    /// [`DeviceError::ImageMalformed`] if there is none of that name.
    pub fn symbol(&self, name: &str) -> Result<u64, DeviceError> {
        let file = Elf::parse(&*self.elf).map_err(|error| self.malformed(&error.to_string()))?;
        let symbol = file.symbol_by_name(name).ok_or_else(|| self.malformed(&format!("no symbol `{name}`")))?;
        Ok(symbol.address())
    }

    fn malformed(&self, reason: &str) -> DeviceError {
        DeviceError::ImageMalformed { path: self.path.clone(), reason: reason.to_owned() }
    }

    /// What the ELF occupies: the *linked* figures.
    pub fn sections(&self) -> &Sections {
        &self.sections
    }

    /// Whether a model fits the region that the image keeps for it.
    pub(crate) fn check_room(&self, model: &[u8]) -> Result<(), DeviceError> {
        let (bytes, region) = (model.len() as u64, self.sections.model_region_bytes);
        if bytes > region { Err(DeviceError::ModelTooLarge { bytes, region }) } else { Ok(()) }
    }

    /// What the build wrote down: the figures that predictions use.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The place in the source of a code address; `None` without debug information for it.
    pub fn locate(&self, address: u32) -> Option<Location> {
        locate::locate(&self.elf, u64::from(address))
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image").field("path", &self.path).field("board", &self.manifest.board).finish_non_exhaustive()
    }
}

impl Sections {
    /// Reads an ELF. `path` is only for messages.
    ///
    /// # Errors
    /// [`DeviceError::ImageMalformed`] if it is no 32-bit ARM image of ours.
    pub fn read(elf: &[u8], path: &Path) -> Result<Self, DeviceError> {
        let malformed = |reason: String| DeviceError::ImageMalformed { path: path.to_owned(), reason };
        let file = Elf::parse(elf).map_err(|error| malformed(error.to_string()))?;
        let size = |name: &str| file.section_by_name(name).map_or(0, |section| section.size());
        let symbol = |name: &str| {
            file.symbol_by_name(name)
                .map(|symbol| symbol.address())
                .ok_or_else(|| malformed(format!("no symbol `{name}`")))
        };
        let between = |start: &str, end: &str| Ok::<u64, DeviceError>(symbol(end)?.saturating_sub(symbol(start)?));

        let endian = file.endian();
        let loaded = file.elf_program_headers().iter().filter(|header| header.p_type(endian) == PT_LOAD);
        let (start, end) = loaded
            .filter(|header| header.p_filesz(endian) > 0)
            .map(|header| (header.p_paddr(endian), header.p_paddr(endian) + header.p_filesz(endian)))
            .reduce(|(start, end), (from, to)| (start.min(from), end.max(to)))
            .ok_or_else(|| malformed("nothing to load".to_owned()))?;
        Ok(Self {
            flash_bytes: u64::from(end - start),
            vector_bytes: size(".vector_table"),
            text_bytes: size(".text"),
            rodata_bytes: size(".rodata"),
            data_bytes: size(".data"),
            bss_bytes: size(".bss"),
            stack_reserve_bytes: between("_stack_end", "_stack_start")?,
            arena_region_bytes: between("__sarena", "__earena")?,
            model_address: symbol("__smodel")?,
            model_region_bytes: between("__smodel", "__emodel")?,
        })
    }

    /// SRAM besides the arena: `.data`, `.bss` and the reserved stack.
    pub fn sram_overhead_bytes(&self) -> u64 {
        self.data_bytes + self.bss_bytes + self.stack_reserve_bytes
    }
}

/// SHA-256 as lower-case hex.
pub(crate) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_else_is_no_image() {
        for bytes in [&b""[..], b"#!/bin/sh", &[0x7f, b'E', b'L', b'F', 2, 1, 1, 0]] {
            let error = Sections::read(bytes, Path::new("x.elf")).expect_err("not an image");
            assert_eq!(error.code(), "device::image_malformed");
        }
    }
}
