//! What the chip's flash holds, and keeping it in a file.

use std::{fs, io::Write, ops::Range, path::Path};

use probe_rs::MemoryInterface;

use super::{Progress, Step, translate, worker::State};
use crate::{ProbeError, image::Segment};

/// Bytes per read, between two reports.
const PIECE: usize = 4096;

/// Bytes that every image of ours has somewhere in its flash: the name of its RTT channels.
pub const FIRMWARE_MARK: &[u8] = b"tinynas\0";

/// What was found where the firmware goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlashContent {
    /// Nothing but erased bytes.
    Erased,
    /// Firmware of this tool, whole or half written.
    Ours {
        /// Whether it is the very image that was asked about.
        firmware_same: bool,
    },
    /// Something else, which flashing would destroy.
    Other,
}

/// Whether `bytes`, read from the chip, are erased, ours or somebody else's. `image` is what would be written there.
pub(super) fn judge(image: &[Segment], start: u64, bytes: &[u8]) -> FlashContent {
    let erased = |byte: &u8| *byte == 0xff || *byte == 0;
    if bytes.iter().all(|byte| *byte == 0xff) || bytes.iter().all(|byte| *byte == 0) {
        return FlashContent::Erased;
    }
    let segments = || image.iter().filter_map(|segment| Some((segment, part(segment, start, bytes)?)));
    if segments().all(|(segment, found)| segment.bytes == found) {
        return FlashContent::Ours { firmware_same: true };
    }
    // A write that was cut off leaves the image's own bytes and erased ones.
    let half_written = segments().all(|(segment, found)| {
        segment.bytes.iter().zip(found).all(|(wanted, found)| wanted == found || erased(found))
    });
    if half_written || bytes.windows(FIRMWARE_MARK.len()).any(|window| window == FIRMWARE_MARK) {
        FlashContent::Ours { firmware_same: false }
    } else {
        FlashContent::Other
    }
}

fn part<'a>(segment: &Segment, start: u64, bytes: &'a [u8]) -> Option<&'a [u8]> {
    let offset = usize::try_from(segment.address.checked_sub(start)?).ok()?;
    bytes.get(offset..offset.checked_add(segment.bytes.len())?)
}

/// Reads flash, with reports.
///
/// # Errors
/// [`ProbeError::Locked`] if flash cannot be read although RAM can: that is what read-out protection looks like.
pub(super) fn read(
    state: &mut State,
    range: Range<u64>,
    step: Step,
    report: &mut dyn FnMut(Progress),
) -> Result<Vec<u8>, ProbeError> {
    let doing = "reading the flash";
    let total = range.end.saturating_sub(range.start);
    let mut bytes = vec![0; usize::try_from(total).unwrap_or_default()];
    let mut done = 0;
    for piece in bytes.chunks_mut(PIECE) {
        let read = state.core(doing)?.read(range.start + done, piece);
        if let Err(error) = read {
            return Err(unreadable(state, translate::error(doing, &error)));
        }
        done += piece.len() as u64;
        report(Progress { step, done, total });
    }
    Ok(bytes)
}

fn unreadable(state: &mut State, error: ProbeError) -> ProbeError {
    if error.ends_connection() || matches!(error, ProbeError::Locked { .. }) {
        return error;
    }
    let Ok(session) = state.session() else { return error };
    let map = &session.target().memory_map;
    let Some(ram) = map.iter().find_map(|region| region.as_ram_region()).map(|ram| ram.range.start) else {
        return error;
    };
    match state.core("reading RAM").map(|mut core| core.read_word_32(ram)) {
        Ok(Ok(_)) => ProbeError::Locked { reason: format!("RAM can be read, flash cannot: {error}") },
        Ok(Err(lost)) => {
            Some(translate::error("reading the flash", &lost)).filter(ProbeError::ends_connection).unwrap_or(error)
        }
        _ => error,
    }
}

/// The first address where the chip differs from `wanted`.
pub(super) fn difference(
    state: &mut State,
    wanted: &Segment,
    step: Step,
    report: &mut dyn FnMut(Progress),
) -> Result<Option<u64>, ProbeError> {
    let range = wanted.address..wanted.address + wanted.bytes.len() as u64;
    let found = read(state, range, step, report)?;
    let at = found.iter().zip(&wanted.bytes).position(|(found, wanted)| found != wanted);
    Ok(at.map(|at| wanted.address + at as u64))
}

/// Writes bytes into a file, whole or not at all.
pub(super) fn save(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> Vec<Segment> {
        vec![Segment { address: 0x100, bytes: vec![1, 2, 3, 4] }, Segment { address: 0x108, bytes: vec![5, 6] }]
    }

    #[test]
    fn erased_ours_and_foreign_flash_are_told_apart() {
        let whole = [1, 2, 3, 4, 0xff, 0xff, 0xff, 0xff, 5, 6];
        let judge = |bytes: &[u8]| judge(&image(), 0x100, bytes);
        assert_eq!(judge(&[0xff; 10]), FlashContent::Erased);
        assert_eq!(judge(&[0; 10]), FlashContent::Erased);
        assert_eq!(judge(&whole), FlashContent::Ours { firmware_same: true });
        let mut half = whole;
        half[2..].fill(0xff);
        assert_eq!(judge(&half), FlashContent::Ours { firmware_same: false });
        let mut other = whole;
        other[0] = 9;
        assert_eq!(judge(&other), FlashContent::Other);
        let mut older = other.to_vec();
        older.extend_from_slice(FIRMWARE_MARK);
        assert_eq!(judge(&older), FlashContent::Ours { firmware_same: false });
    }

    #[test]
    fn a_backup_replaces_a_file_as_a_whole() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("new/flash.bin");
        save(&path, &[1, 2, 3]).expect("saved");
        save(&path, &[4]).expect("saved again");
        assert_eq!(fs::read(&path).expect("readable"), [4]);
        assert!(save(&folder.path().join("new"), &[4]).is_err(), "a folder is no file");
    }
}
