//! Builds firmware images and writes their manifests.

use std::{fs, path::Path};

use tinynas_device::{Image, Manifest, Sections, image_directory};

use crate::{
    shell::{Failure, Workspace, run, say},
    toolchain::{ARMV6M, ARMV7EM, ARMV8M, Toolchain},
};

/// Where the inner loops are assembly, what is around them is built for size: 1.5 KiB less, and below 1 % more instructions
/// on each network of `cargo xtask bench-kernels`.
const ASSEMBLY_LEVEL: &str = "profile.release.package.tinynas-kernels.opt-level=\"s\"";

/// A board that the firmware has a port for.
pub struct Port {
    /// Name of its file in `memory-models/boards`.
    pub board: &'static str,
    /// Target of its core.
    pub target: &'static str,
    /// Whether the tests run its image: one or more of each core and of each family of flash controllers.
    tested: bool,
}

impl Port {
    /// Whether the board exists only as an emulator.
    pub fn is_emulated(&self) -> bool {
        self.board.starts_with("qemu-")
    }
}

/// Every board, those of one target next to each other: they share all crates but the last.
pub const PORTS: [Port; 14] = [
    Port { board: "qemu-mps2-an386", target: ARMV7EM, tested: true },
    Port { board: "nucleo-f446re", target: ARMV7EM, tested: true },
    Port { board: "nucleo-f401re", target: ARMV7EM, tested: false },
    Port { board: "nucleo-f412zg", target: ARMV7EM, tested: false },
    Port { board: "nucleo-l4r5zi", target: ARMV7EM, tested: true },
    Port { board: "nrf52840-dk", target: ARMV7EM, tested: true },
    Port { board: "feather-m4-express", target: ARMV7EM, tested: true },
    Port { board: "stm32f746g-disco", target: ARMV7EM, tested: true },
    Port { board: "nucleo-f767zi", target: ARMV7EM, tested: false },
    Port { board: "nucleo-h743zi2", target: ARMV7EM, tested: true },
    Port { board: "nucleo-u575zi-q", target: ARMV8M, tested: true },
    Port { board: "nrf5340-dk", target: ARMV8M, tested: true },
    Port { board: "raspberry-pi-pico-2", target: ARMV8M, tested: false },
    Port { board: "raspberry-pi-pico", target: ARMV6M, tested: true },
];

/// The ports whose images the tests need.
pub fn tested() -> Vec<&'static Port> {
    PORTS.iter().filter(|port| port.tested).collect()
}

/// The ports that the arguments of `cargo xtask firmware` name.
pub fn ports(arguments: &[String]) -> Result<Vec<&'static Port>, Failure> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => Ok(tested()),
        ["--all"] => Ok(PORTS.iter().collect()),
        ["--board", name] => match PORTS.iter().find(|port| port.board == name) {
            Some(port) => Ok(vec![port]),
            None => {
                let names: Vec<&str> = PORTS.iter().map(|port| port.board).collect();
                Err(Failure::Usage(format!("no firmware port for `{name}`; there is one for {}", names.join(", "))))
            }
        },
        _ => Err(Failure::Usage("`firmware` takes `--board NAME` or `--all`".to_owned())),
    }
}

/// Builds images, each to `target/firmware/<board>/image.elf`, its manifest beside it.
pub fn build(workspace: &Workspace, ports: &[&Port]) -> Result<(), Failure> {
    let mut targets: Vec<&str> = ports.iter().map(|port| port.target).collect();
    targets.dedup();
    let toolchain = Toolchain::find(workspace, &targets)?;
    ports.iter().try_for_each(|port| build_one(workspace, &toolchain, port))
}

fn build_one(workspace: &Workspace, toolchain: &Toolchain, port: &Port) -> Result<(), Failure> {
    let Port { board, target, .. } = port;
    let package = workspace.root().join("firmware/app");
    let work = workspace.root().join("target/firmware/build");
    let mut command = toolchain.cargo(workspace, target);
    command.current_dir(&package).arg("--target-dir").arg(&work).env("TINYNAS_BOARD", board);
    if *target == ARMV7EM {
        command.args(["--config", ASSEMBLY_LEVEL]);
    }
    run(command)?;

    let built = work.join(target).join("release/tinynas-firmware");
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
