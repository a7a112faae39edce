//! `manifest.json`: what the build of an image wrote down about it.
//!
//! Predictions use the manifest, so that they need no ELF; opening an [`Image`](crate::Image)
//! checks that both say the same.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tinynas_wire::{PROTOCOL, SCHEMA};

use crate::{DeviceError, Sections, image::hash};

/// Value of a manifest's `schema`.
pub const MANIFEST_SCHEMA: &str = "tinynas/firmware/1";

/// Fingerprint of the firmware sources that this tool was built from.
pub const SOURCES: &str = env!("TINYNAS_SOURCES");

/// An image's description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`MANIFEST_SCHEMA`].
    pub schema: String,
    /// Board it was linked for.
    pub board: String,
    /// Version of the firmware.
    pub firmware: String,
    /// Version of the wire protocol.
    pub protocol: u16,
    /// Hash of the wire messages, as hex.
    pub message_schema: String,
    /// Version of the compiled-model format.
    pub model_format: u16,
    /// [`SOURCES`] of the build.
    pub sources: String,
    /// The compiler, as it names itself.
    pub toolchain: String,
    /// SHA-256 of the ELF.
    pub sha256: String,
    /// What it occupies.
    pub sections: Sections,
}

impl Manifest {
    /// Describes the ELF `elf` just built for `board`.
    ///
    /// # Errors
    /// [`DeviceError::ImageMalformed`] as [`Sections::read`].
    pub fn describe(
        elf: &[u8],
        path: &Path,
        board: &str,
        firmware: &str,
        toolchain: &str,
    ) -> Result<Self, DeviceError> {
        Ok(Self {
            schema: MANIFEST_SCHEMA.to_owned(),
            board: board.to_owned(),
            firmware: firmware.to_owned(),
            protocol: PROTOCOL,
            message_schema: format!("{SCHEMA:016x}"),
            model_format: tinynas_plan::FORMAT_VERSION,
            sources: SOURCES.to_owned(),
            toolchain: toolchain.to_owned(),
            sha256: hash(elf),
            sections: Sections::read(elf, path)?,
        })
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// [`DeviceError::Io`], [`DeviceError::ImageMalformed`], [`DeviceError::Version`] if its schema is another one.
    pub fn read(path: &Path) -> Result<Self, DeviceError> {
        Self::parse(&fs::read_to_string(path).map_err(DeviceError::io(path.display().to_string()))?, path)
    }

    /// A manifest from its text; `path` is where it is from, for messages.
    ///
    /// # Errors
    /// As [`read`](Self::read), without `Io`.
    pub fn parse(text: &str, path: &Path) -> Result<Self, DeviceError> {
        let malformed =
            |error: serde_json::Error| DeviceError::ImageMalformed { path: path.to_owned(), reason: error.to_string() };
        let raw: serde_json::Value = serde_json::from_str(text).map_err(malformed)?;
        match raw.get("schema").and_then(serde_json::Value::as_str) {
            Some(MANIFEST_SCHEMA) => serde_json::from_value(raw).map_err(malformed),
            other => Err(DeviceError::Version {
                what: "manifest",
                image: other.unwrap_or("without a schema").to_owned(),
                host: MANIFEST_SCHEMA.to_owned(),
            }),
        }
    }

    /// The manifest as it is written beside the image.
    ///
    /// # Errors
    /// [`DeviceError::Io`].
    pub fn write(&self, path: &Path) -> Result<(), DeviceError> {
        let text = serde_json::to_string_pretty(self).map_err(|error| DeviceError::io("manifest")(error.into()))?;
        fs::write(path, text + "\n").map_err(DeviceError::io(path.display().to_string()))
    }

    /// Compares with what the ELF says, field by field; `path` is the manifest's, for the message.
    ///
    /// # Errors
    /// [`DeviceError::ManifestMismatch`] with the first difference.
    pub fn check(&self, path: &Path, elf: &Sections, sha256: &str) -> Result<(), DeviceError> {
        let ours = &self.sections;
        let fields = [
            ("flash_bytes", ours.flash_bytes, elf.flash_bytes),
            ("vector_bytes", ours.vector_bytes, elf.vector_bytes),
            ("text_bytes", ours.text_bytes, elf.text_bytes),
            ("rodata_bytes", ours.rodata_bytes, elf.rodata_bytes),
            ("data_bytes", ours.data_bytes, elf.data_bytes),
            ("bss_bytes", ours.bss_bytes, elf.bss_bytes),
            ("stack_reserve_bytes", ours.stack_reserve_bytes, elf.stack_reserve_bytes),
            ("arena_region_bytes", ours.arena_region_bytes, elf.arena_region_bytes),
            ("model_address", ours.model_address, elf.model_address),
            ("model_region_bytes", ours.model_region_bytes, elf.model_region_bytes),
        ];
        let mut differing = fields
            .into_iter()
            .filter(|(_, manifest, elf)| manifest != elf)
            .map(|(field, manifest, elf)| (field, manifest.to_string(), elf.to_string()))
            .chain((self.sha256 != sha256).then(|| ("sha256", self.sha256.clone(), sha256.to_owned())));
        match differing.next() {
            None => Ok(()),
            Some((field, manifest, elf)) => {
                Err(DeviceError::ManifestMismatch { path: path.to_owned(), field, manifest, elf })
            }
        }
    }
}

/// Where the manifest of the image at `elf` is.
pub(crate) fn beside(elf: &Path) -> PathBuf {
    elf.with_file_name("manifest.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            schema: MANIFEST_SCHEMA.to_owned(),
            board: "b".to_owned(),
            firmware: "0.1.0".to_owned(),
            protocol: PROTOCOL,
            message_schema: String::new(),
            model_format: 1,
            sources: SOURCES.to_owned(),
            toolchain: "rustc".to_owned(),
            sha256: hash(b"elf"),
            sections: Sections { flash_bytes: 10, bss_bytes: 4, ..Sections::default() },
        }
    }

    #[test]
    fn every_difference_is_named() {
        let manifest = manifest();
        let path = Path::new("manifest.json");
        assert!(manifest.check(path, &manifest.sections, &hash(b"elf")).is_ok());
        let grown = Sections { bss_bytes: 8, ..manifest.sections.clone() };
        let error = manifest.check(path, &grown, &hash(b"elf")).expect_err("differs");
        assert_eq!(error.to_string(), "manifest.json: `bss_bytes` is 4 in the manifest and 8 in the ELF");
        let error = manifest.check(path, &manifest.sections, &hash(b"other")).expect_err("differs");
        assert!(matches!(error, DeviceError::ManifestMismatch { field: "sha256", .. }));
    }

    #[test]
    fn a_manifest_of_another_version_says_so() {
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        fs::write(file.path(), r#"{"schema": "tinynas/firmware/9"}"#).expect("write");
        let error = Manifest::read(file.path()).expect_err("other version");
        assert_eq!(error.code(), "device::version");
        manifest().write(file.path()).expect("write");
        assert_eq!(Manifest::read(file.path()).expect("own version"), manifest());
    }
}
