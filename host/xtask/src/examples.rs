//! Builds the examples of the engine in a user's own firmware: a program in Rust and programs in C.

use std::{fs, path::Path, process::Command};

use crate::{
    packages,
    shell::{Failure, Keep, Workspace, clean, exists, run},
    toolchain::{ARMV7EM, Toolchain},
};

/// Debian's compiler for C on Cortex-M.
const C_COMPILER: &str = "arm-none-eabi-gcc";

/// What the C compiler is told of the core; the library is built for the same.
const CORE: [&str; 4] = ["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"];

/// The C example, and one that only parses: it shows what is linked then.
const PROGRAMS: [&str; 2] = ["classify", "parse"];

/// Builds the Rust example to `target/examples/<target>/release`, the C examples to `target/examples/c`.
pub fn programs(workspace: &Workspace) -> Result<(), Failure> {
    let toolchain = Toolchain::find(workspace, &[ARMV7EM])?;
    for package in ["firmware/examples/classify", "firmware/capi"] {
        let mut command = toolchain.cargo(workspace, ARMV7EM);
        command.current_dir(workspace.root().join(package));
        command.arg("--target-dir").arg(workspace.root().join("target/examples"));
        run(command)?;
    }
    if !exists(C_COMPILER) {
        packages::install("a C compiler for Cortex-M", &["gcc-arm-none-eabi"])?;
    }
    PROGRAMS.iter().try_for_each(|name| compile(workspace, name))
}

/// Compiles and links one program with the static library, with nothing of a C library.
fn compile(workspace: &Workspace, name: &str) -> Result<(), Failure> {
    let root = workspace.root();
    let (package, out) = (root.join("firmware/capi"), root.join("target/examples/c"));
    fs::create_dir_all(&out).map_err(|source| Failure::Io { what: out.display().to_string(), source })?;
    let mut command = clean(Command::new(C_COMPILER), Keep::Places);
    command.current_dir(root).args(CORE);
    command.args(["-std=c11", "-Os", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-ffreestanding", "-nostdlib"]);
    command.args(["-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections", "-Wl,-z,noexecstack"]);
    command.arg("-I").arg(package.join("include")).arg("-I").arg(root.join("firmware/examples/stripes"));
    let sources = [format!("{name}.c"), "start.c".to_owned(), "stripes.S".to_owned()];
    command.args(sources.map(|file| package.join("examples").join(file)));
    command.arg("-T").arg(package.join("examples/link.ld"));
    command.arg(library(root)).arg("-o").arg(out.join(format!("{name}.elf")));
    run(command)
}

fn library(root: &Path) -> std::path::PathBuf {
    root.join("target/examples").join(ARMV7EM).join("release/libtinynas.a")
}
