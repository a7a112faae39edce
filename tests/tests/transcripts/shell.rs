//! Runs the commands of a transcript and writes it again with what they print.

#![allow(clippy::unwrap_used)]

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Stdio},
};

use tinynas_tests::write_stripes;

use super::{elide::elide, fixtures};

/// The same commands with what they print now.
pub fn replay(transcript: &str, program: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    for part in ["bin", "work", "cache"] {
        fs::create_dir(root.join(part)).unwrap();
    }
    write_stripes(&root.join("data"), 240, 80).unwrap();
    symlink(program, root.join("bin/tinynas")).unwrap();
    let mut text = String::new();
    let mut lines = transcript.lines().peekable();
    let mut in_output = false;
    while let Some(line) = lines.next() {
        in_output &= !line.is_empty() && !line.starts_with("[exit ");
        if line.starts_with('#') && !in_output {
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}{line}\n"));
            continue;
        }
        let Some(first) = line.strip_prefix("$ ") else { continue };
        let mut command = first.to_owned();
        while let Some(more) = lines.next_if(|line| line.starts_with("> ") || *line == ">") {
            command.push('\n');
            command.push_str(more.strip_prefix("> ").unwrap_or_default());
        }
        if !text.is_empty() && !text.ends_with("\n\n") && !last_line(&text).starts_with('#') {
            text.push('\n');
        }
        text.push_str(&format!("$ {}\n", command.replace('\n', "\n> ")));
        text.push_str(&elide(&run(&command, &root), &root));
        in_output = true;
    }
    text
}

fn last_line(text: &str) -> &str {
    text.trim_end().lines().last().unwrap_or_default()
}

/// Output and exit status of one command; stdout and stderr in the order in which they were written.
fn run(command: &str, root: &Path) -> String {
    let log = root.join("output.log");
    let file = File::create(&log).unwrap();
    let path = format!("{}:{}", root.join("bin").display(), std::env::var("PATH").unwrap_or_default());
    let kept = ["HOME", "TMPDIR", "TINYNAS_FIRMWARE", "TINYNAS_QEMU"];
    let kept = kept.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    let status = Command::new("sh")
        .arg("-c")
        .arg(command)
        .current_dir(root.join("work"))
        .env_clear()
        .envs(kept)
        .env("PATH", path)
        .env("XDG_CACHE_HOME", root.join("cache"))
        .env("FIXTURES", fixtures())
        .env("DATA", root.join("data"))
        .env("COLUMNS", "100")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .status()
        .unwrap();
    let mut output = fs::read_to_string(&log).unwrap();
    if !output.is_empty() && !output.ends_with('\n') {
        output.push('\n');
    }
    let code = status.code().map_or_else(|| "killed".into(), |code| code.to_string());
    format!("{output}[exit {code}]\n")
}
