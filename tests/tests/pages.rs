//! Files that the pages name exist.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Every page that people read.
const PAGES: [&str; 10] = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/first-board.md",
    "host/README.md",
    "firmware/README.md",
    "firmware/app/README.md",
    "spaces/README.md",
    "memory-models/README.md",
    "tests/README.md",
];

/// Endings of words in backticks that are taken for files of the repository.
const ENDINGS: [&str; 5] = [".rs", ".md", ".yaml", ".json", ".toml"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What is between two marks, on one line.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    text.lines().flat_map(move |line| {
        line.split(open).skip(1).filter_map(move |rest| rest.split_once(close)).map(|(word, _)| word)
    })
}

#[test]
fn links_lead_somewhere() {
    for page in PAGES {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let folder = root().join(page).parent().unwrap().to_owned();
        for link in between(&text, "](", ')').filter(|link| !link.starts_with("http") && !link.starts_with('#')) {
            assert!(folder.join(link.split('#').next().unwrap()).exists(), "{page} links to {link}");
        }
    }
}

#[test]
fn files_in_backticks_exist() {
    let mut seen = 0;
    for page in PAGES {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let folder = root().join(page).parent().unwrap().to_owned();
        for word in text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)) {
            let named = word.contains('/') && ENDINGS.iter().any(|end| word.ends_with(end));
            // Placeholders, patterns, files of the reader's own, and what a run or a build writes.
            let other = word.contains(['*', ' ', '<', '[']) || word.contains("NAME") || word.starts_with("./");
            if !named || other || word.starts_with("target/") {
                continue;
            }
            seen += 1;
            let there =
                [folder.join(word), folder.join("src").join(word), root().join(word)].iter().any(|path| path.exists());
            assert!(there, "{page} names `{word}`");
        }
    }
    assert!(seen > 30, "only {seen} files are named");
}

#[test]
fn every_shipped_file_and_crate_is_on_a_page() {
    let listed = |page: &str, folder: &str| {
        let text = fs::read_to_string(root().join(page)).unwrap();
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let crate_or_data = path.join("Cargo.toml").is_file() || path.extension().is_some_and(|end| end == "yaml");
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(!crate_or_data || text.contains(&name), "{page} does not name {folder}/{name}");
        }
    };
    listed("host/README.md", "host");
    listed("firmware/README.md", "firmware");
    listed("spaces/README.md", "spaces");
    listed("README.md", "memory-models/boards");
    listed("memory-models/README.md", "memory-models/engines");
}
