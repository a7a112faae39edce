//! Every package that is linked, on any target, has a licence that `deny.toml` allows.

use std::{collections::BTreeSet, fs};

use crate::shell::{Failure, Workspace, output};

/// Checks the packages of the host and of the firmware.
pub fn check(workspace: &Workspace) -> Result<(), Failure> {
    let path = workspace.root().join("deny.toml");
    let rules = fs::read_to_string(&path).map_err(|source| Failure::Io { what: path.display().to_string(), source })?;
    let allowed = allowed(&rules);
    let mut refused = BTreeSet::new();
    for manifest in ["Cargo.toml", "firmware/app/Cargo.toml"] {
        let arguments = ["tree", "--locked", "--target", "all", "--prefix", "none", "--format", "{p}|{l}"];
        let mut command = workspace.cargo(&arguments);
        command.args(["--workspace", "--manifest-path", manifest]);
        let text = output(command)?;
        let text = String::from_utf8_lossy(&text);
        let bad = packages(&text).filter(|(_, licence)| !permits(licence, &allowed));
        refused.extend(bad.map(|(package, licence)| format!("{package} ({licence})")));
    }
    match refused.is_empty() {
        true => Ok(()),
        false => Err(Failure::Checks(format!(
            "licences that deny.toml does not allow: {}",
            refused.into_iter().collect::<Vec<_>>().join(", ")
        ))),
    }
}

/// Packages and licences that `cargo tree` printed; blank lines part the trees of the members.
fn packages(tree: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = tree.lines().map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.is_empty());
    lines.map(|line| line.rsplit_once('|').unwrap_or((line, "")))
}

/// The quoted words of the list `allow`.
fn allowed(rules: &str) -> Vec<&str> {
    let list = rules.split_once("\nallow = [").map_or("", |(_, rest)| rest);
    list.split(']').next().unwrap_or_default().split('"').skip(1).step_by(2).collect()
}

/// Whether an SPDX expression can be met; `/` is the old way to write `OR`.
fn permits(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ").replace(" WITH ", "_WITH_");
    let words: Vec<String> = spaced.split_whitespace().map(|word| word.replace("_WITH_", " WITH ")).collect();
    let mut rest = words.as_slice();
    either(&mut rest, allowed) && rest.is_empty()
}

fn either(rest: &mut &[String], allowed: &[&str]) -> bool {
    let mut met = both(rest, allowed);
    while take(rest, "OR") {
        met |= both(rest, allowed);
    }
    met
}

fn both(rest: &mut &[String], allowed: &[&str]) -> bool {
    let mut met = one(rest, allowed);
    while take(rest, "AND") {
        met &= one(rest, allowed);
    }
    met
}

fn one(rest: &mut &[String], allowed: &[&str]) -> bool {
    if take(rest, "(") {
        return either(rest, allowed) && take(rest, ")");
    }
    let Some((licence, after)) = rest.split_first() else { return false };
    *rest = after;
    allowed.contains(&licence.as_str())
}

fn take(rest: &mut &[String], word: &str) -> bool {
    let Some((_, after)) = rest.split_first().filter(|(first, _)| *first == word) else { return false };
    *rest = after;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_met_or_not() {
        let allowed = ["MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"];
        for met in
            ["MIT", "GPL-3.0 OR MIT", "Unlicense/MIT", "(MIT OR X) AND Zlib", "Apache-2.0 WITH LLVM-exception OR X"]
        {
            assert!(permits(met, &allowed), "{met}");
        }
        for unmet in ["", "GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0", "MIT Zlib", "(MIT", "X OR (MIT AND Y)"] {
            assert!(!permits(unmet, &allowed), "{unmet}");
        }
    }

    #[test]
    fn trees_of_several_members_are_read() {
        let tree = "a v0.1.0|MIT\nb v1.0.0|MIT OR Zlib (*)\n\nc v2.0.0|\n";
        let found: Vec<_> = packages(tree).collect();
        assert_eq!(found, [("a v0.1.0", "MIT"), ("b v1.0.0", "MIT OR Zlib"), ("c v2.0.0", "")]);
    }

    #[test]
    fn the_list_is_read() {
        assert_eq!(allowed("[licenses]\nx = 1\nallow = [\n    \"MIT\",\n    \"0BSD\",\n]\n[bans]\n"), ["MIT", "0BSD"]);
    }
}
