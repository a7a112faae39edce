//! Builds firmware images and writes their manifests.

use std::{fs, path::Path};

use tinynas_device::{Image, Manifest, Sections, image_directory};

use crate::{
    shell::{Failure, Workspace, run, say},
    toolchain::{TARGET, Toolchain},
};

/// Boards that the firmware has a port for.
pub const BOARDS: [&str; 1] = ["qemu-mps2-an386"];

/// The boards that the arguments of `cargo xtask firmware` name.
pub fn boards(arguments: &[String]) -> Result<Vec<&'static str>, Failure> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] | ["--all"] => Ok(BOARDS.to_vec()),
        ["--board", name] => match BOARDS.iter().find(|board| **board == name) {
            Some(board) => Ok(vec![board]),
            None => {
                Err(Failure::Usage(format!("no firmware port for `{name}`; there is one for {}", BOARDS.join(", "))))
            }
        },
        _ => Err(Failure::Usage("`firmware` takes `--board NAME` or `--all`".to_owned())),
    }
}

/// Builds one image to `target/firmware/<board>/image.elf`, its manifest beside it.
pub fn build(workspace: &Workspace, toolchain: &Toolchain, board: &str) -> Result<(), Failure> {
    let package = workspace.root().join("firmware/app");
    let work = workspace.root().join("target/firmware/build");
    let mut command = toolchain.cargo(workspace);
    command.current_dir(&package).arg("--target-dir").arg(&work).env("TINYNAS_BOARD", board);
    run(command)?;

    let built = work.join(TARGET).join("release/tinynas-firmware");
    let elf = fs::read(&built).map_err(io(&built))?;
    let folder = image_directory(workspace.root(), board);
    let path = folder.join("image.elf");
    let manifest = Manifest::describe(&elf, &path, board, &package_version(&package)?, &toolchain.version)?;
    fs::create_dir_all(&folder).map_err(io(&folder))?;
    // Both files are replaced whole: a device that opens the image meanwhile sees the old or the new one.
    replace(&path, |path| fs::write(path, &elf).map_err(io(path)))?;
    replace(&folder.join("manifest.json"), |path| Ok(manifest.write(path)?))?;
    let Sections { flash_bytes, data_bytes, bss_bytes, stack_reserve_bytes, .. } = *Image::open(&path)?.sections();
    say(&format!(
        "{}: flash {flash_bytes} B, .data {data_bytes} B, .bss {bss_bytes} B, stack reserve {stack_reserve_bytes} B",
        path.strip_prefix(workspace.root()).unwrap_or(&path).display()
    ));
    Ok(())
}

fn replace(path: &Path, write: impl FnOnce(&Path) -> Result<(), Failure>) -> Result<(), Failure> {
    let new = path.with_extension("new");
    write(&new)?;
    fs::rename(&new, path).map_err(io(path))
}

fn package_version(package: &Path) -> Result<String, Failure> {
    let path = package.join("Cargo.toml");
    let text = fs::read_to_string(&path).map_err(io(&path))?;
    let version = text.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    Ok(version.unwrap_or_default().to_owned())
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    let what = path.display().to_string();
    move |source| Failure::Io { what, source }
}
