//! `cargo xtask dist`: the command line with the images of all real boards inside.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tinynas_device::image_directory;

use crate::{
    firmware::{self, PORTS, Port},
    shell::{Failure, Workspace, run, say},
};

/// Tells `host/device/build.rs` which folder holds the images.
const VARIABLE: &str = "TINYNAS_EMBED_IMAGES";

/// The program's file.
const PROGRAM: &str = if cfg!(windows) { "tinynas.exe" } else { "tinynas" };

/// Builds every image, then the command line with them, to `target/dist/tinynas`.
pub fn build(workspace: &Workspace) -> Result<(), Failure> {
    let ports: Vec<&Port> = PORTS.iter().filter(|port| !port.is_emulated()).collect();
    firmware::build(workspace, &ports)?;
    let folder = workspace.root().join("target/dist");
    let images = folder.join("images");
    if images.exists() {
        fs::remove_dir_all(&images).map_err(io(&images))?;
    }
    for port in &ports {
        let (from, to) = (image_directory(workspace.root(), port.board), images.join(port.board));
        fs::create_dir_all(&to).map_err(io(&to))?;
        for file in ["image.elf", "manifest.json"] {
            fs::copy(from.join(file), to.join(file)).map_err(io(&to.join(file)))?;
        }
    }
    // Its own folder: otherwise the next ordinary build would have to compile everything above the device crate again.
    let work = folder.join("build");
    let mut command = workspace.cargo(&["build", "--release", "--locked", "--package", "tinynas", "--target-dir"]);
    command.arg(&work).env(VARIABLE, &images);
    run(command)?;
    let program = folder.join(PROGRAM);
    fs::copy(work.join("release").join(PROGRAM), &program).map_err(io(&program))?;
    say(&format!("{}: {} images inside", shown(workspace, &program), ports.len()));
    Ok(())
}

fn shown(workspace: &Workspace, path: &Path) -> String {
    path.strip_prefix(workspace.root()).map_or_else(|_| path.to_owned(), PathBuf::from).display().to_string()
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    let what = path.display().to_string();
    move |source| Failure::Io { what, source }
}
