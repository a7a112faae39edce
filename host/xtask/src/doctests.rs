//! Which packages have tests in their documentation.

use std::{fs, io, path::Path};

use crate::shell::Failure;

/// Folders of the workspace that hold packages.
const FOLDERS: [&str; 2] = ["host", "firmware"];

/// Names of the packages that have at least one, in order.
pub fn packages(root: &Path) -> Result<Vec<String>, Failure> {
    let failure = |source| Failure::Io { what: "looking for tests in the documentation".to_owned(), source };
    let mut names = Vec::new();
    for folder in FOLDERS {
        for entry in fs::read_dir(root.join(folder)).map_err(failure)? {
            let package = entry.map_err(failure)?.path();
            // Its own workspace, for a target that cannot run tests.
            let library = package.join("src/lib.rs").is_file();
            if library && in_folder(&package.join("src")).map_err(failure)? {
                let manifest = fs::read_to_string(package.join("Cargo.toml")).map_err(failure)?;
                names.extend(name(&manifest));
            }
        }
    }
    names.sort();
    Ok(names)
}

fn name(manifest: &str) -> Option<String> {
    manifest.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).map(str::to_owned)
}

fn in_folder(folder: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let found = if path.is_dir() {
            in_folder(&path)?
        } else {
            path.extension().is_some_and(|end| end == "rs") && in_text(&fs::read_to_string(&path)?)
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a source has a block of code in its documentation that rustdoc would run, or includes a page that may.
fn in_text(source: &str) -> bool {
    let mut inside = false;
    for line in source.lines() {
        let line = line.trim_start();
        if line.starts_with("#![doc = include_str!") {
            return true;
        }
        let comment = line.strip_prefix("//!").or_else(|| line.strip_prefix("///"));
        let Some(fence) = comment.and_then(|text| text.trim_start().strip_prefix("```")) else { continue };
        let runs = |tag: &str| matches!(tag.trim(), "" | "rust" | "no_run" | "should_panic" | "compile_fail");
        if !inside && fence.split(',').any(runs) {
            return true;
        }
        inside = !inside;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_that_rustdoc_runs_counts() {
        assert!(in_text("//! Words.\n//! ```\n//! code();\n//! ```\n"));
        assert!(in_text("    /// ```no_run\n    /// code();\n"));
        assert!(in_text("#![doc = include_str!(\"../README.md\")]"));
        assert!(!in_text("//! ```text\n//! a drawing\n//! ```\n/// Words.\nfn f() {}"));
        assert!(!in_text("/// ```ignore\n/// ```\n"));
        assert!(!in_text("// ```\nlet fence = \"```\";"));
    }

    #[test]
    fn packages_are_found_by_their_documentation() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        let found = packages(root).unwrap();
        assert!(found.contains(&"tinynas-engine".to_owned()), "{found:?}");
        assert!(!found.contains(&"tinynas-report".to_owned()), "{found:?}");
    }
}
