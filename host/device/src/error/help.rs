//! Codes for scripts and the steps that help.

use super::DeviceError;

impl DeviceError {
    /// The stable name of the kind of failure, for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::QemuMissing { .. } => "device::qemu_missing",
            Self::ImageMissing { .. } => "device::image_missing",
            Self::ImageStale { .. } => "device::image_stale",
            Self::ImageMalformed { .. } => "device::image_malformed",
            Self::ManifestMismatch { .. } => "device::manifest_mismatch",
            Self::WrongBoard { .. } => "device::wrong_board",
            Self::ModelTooLarge { .. } => "device::model_too_large",
            Self::Version { .. } => "device::version",
            Self::ModelRejected { .. } => "device::model_rejected",
            Self::NotFlashed => "device::not_flashed",
            Self::InputLength { .. } => "device::input_length",
            Self::Engine { .. } => "device::engine",
            Self::Panic { .. } => "device::panic",
            Self::HardFault { .. } => "device::hardfault",
            Self::StackOverflow { .. } => "device::stack_overflow",
            Self::Timeout { .. } => "device::timeout",
            Self::Exited { .. } => "device::exited",
            Self::Protocol { .. } => "device::protocol",
            Self::Io { .. } => "device::io",
            Self::Probe(error) => error.code(),
        }
    }

    /// The smallest step that helps, if one is known.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::QemuMissing { program } => {
                format!(
                    "install it (`apt-get install qemu-system-arm`, or run `cargo xtask setup`), or set {} to the program; looked for `{program}`",
                    crate::QEMU_VARIABLE
                )
            }
            Self::ImageMissing { searched, .. } => {
                let first = searched.first().map(|path| path.display().to_string()).unwrap_or_default();
                let above = if searched.len() > 1 { " and in the folders above" } else { "" };
                format!(
                    "build it with `cargo xtask firmware`, or set {} to an image; looked for {first}{above}",
                    crate::FIRMWARE_VARIABLE,
                )
            }
            Self::ImageStale { .. }
            | Self::ImageMalformed { .. }
            | Self::ManifestMismatch { .. }
            | Self::Version { .. } => "build the image again with `cargo xtask firmware`".to_owned(),
            Self::WrongBoard { device, .. } => format!("build the image with `cargo xtask firmware --board {device}`"),
            Self::ModelTooLarge { .. } => "search with a smaller `flash` budget".to_owned(),
            Self::ModelRejected { .. } => {
                "compile the model again, and the image with `cargo xtask firmware`".to_owned()
            }
            Self::StackOverflow { .. } => {
                "raise `reserved.stack` in the board file and build the image again".to_owned()
            }
            Self::NotFlashed => "flash the device before it is used".to_owned(),
            Self::InputLength { .. } => "give inputs that the model was made for".to_owned(),
            Self::Engine { .. } => "compile the model again for this board".to_owned(),
            Self::Panic { .. } | Self::HardFault { .. } => {
                "run the command again: it flashes the firmware anew if it was damaged; if it fails at the same place, build \
                 the image again with `cargo xtask firmware` and report that place"
                    .to_owned()
            }
            Self::Timeout { .. } => "run the command again; a slow machine may need more time".to_owned(),
            Self::Exited { stderr, .. } if !stderr.is_empty() => format!("it said: {stderr}"),
            Self::Protocol { .. } => "run the command again; if it happens again, try a lower --speed".to_owned(),
            Self::Exited { .. } | Self::Io { .. } => return None,
            Self::Probe(error) => return error.help(),
        })
    }
}
