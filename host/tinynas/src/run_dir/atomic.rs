//! Files that appear whole or not at all.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::Write,
    path::Path,
};

use crate::failure::Failure;

/// Writes `bytes` beside `path`, syncs, and renames into place; then syncs the folder.
///
/// # Errors
/// `io` with the path; nothing of an older file is lost.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(name);
    let written = File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&beside, path));
    if let Err(cause) = renamed {
        let _ = fs::remove_file(&beside);
        return Err(Failure::io(path, &cause));
    }
    if let Some(Ok(folder)) = path.parent().map(File::open) {
        // A folder that cannot be synced (some network drives) still holds the renamed file.
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Whether a file was being written when its process was killed.
pub fn is_half_written(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let process = name.strip_suffix(".tmp").and_then(|rest| rest.rsplit_once('.'));
    process.is_some_and(|(_, process)| !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        write_atomic(&path, b"one").unwrap();
        write_atomic(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_our_own_leftovers_are_half_written() {
        let half = |name: &str| is_half_written(OsStr::new(name));
        assert!(half("best.json.123.tmp"));
        assert!(!half("best.json") && !half("notes.tmp") && !half("best.json..tmp") && !half("a.x1.tmp"));
    }

    #[test]
    fn a_missing_folder_is_named() {
        let failure = write_atomic(Path::new("/nonexistent/x/y.json"), b"").unwrap_err();
        assert_eq!(failure.code(), "io");
        assert!(failure.to_string().contains("y.json"));
    }
}
