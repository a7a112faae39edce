//! Which compiler builds the firmware.
//!
//! A new machine has a Rust toolchain for the host and nothing for Cortex-M. Four ways lead to one,
//! tried in this order: the target is installed; the toolchain has the library's source, so `core` is
//! built along; Debian's compiler and its source package, which apt can install; `rustup target add`.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    packages,
    shell::{Failure, Keep, Workspace, answer, clean, exists, run, say},
    stable,
};

/// Cortex-M0+: no FPU, no DSP instructions.
pub const ARMV6M: &str = "thumbv6m-none-eabi";
/// Cortex-M4 and M7 with FPU, hard-float calls.
pub const ARMV7EM: &str = "thumbv7em-none-eabihf";
/// Cortex-M33 with FPU, hard-float calls.
pub const ARMV8M: &str = "thumbv8m.main-none-eabihf";

/// The targets of all boards.
pub const TARGETS: [&str; 3] = [ARMV6M, ARMV7EM, ARMV8M];

/// Images are compared with each other only if this compiler built them.
const PINNED: &str = "rustc 1.96.0";

/// Environment variable that takes one of the ways out of the order: `installed`, `rust-src` or `debian`.
const VARIABLE: &str = "TINYNAS_FIRMWARE_TOOLCHAIN";

/// The oldest compiler that takes edition and library features of the firmware.
const OLDEST: (u32, u32) = (1, 95);

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// A way to build for the target.
pub struct Toolchain {
    /// What it is, in words.
    what: &'static str,
    /// What the compiler says of itself.
    pub version: String,
    cargo: PathBuf,
    /// A compiler that is not cargo's own.
    rustc: Option<PathBuf>,
    /// The linker, where the compiler brings none.
    linker: Option<PathBuf>,
    /// Whether `core` is built along.
    build_core: bool,
    sysroot: PathBuf,
}

fn search(workspace: &Workspace, targets: &[&str]) -> Result<Toolchain, Failure> {
    let only = env::var(VARIABLE).ok().filter(|only| !only.is_empty());
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let installed = || wanted("installed").then(|| installed_target(workspace, targets)).flatten();
    let source = || wanted("rust-src").then(|| library_source(workspace)).flatten();
    if let Some(toolchain) = installed().or_else(source) {
        return Ok(toolchain);
    }
    if !wanted("debian") {
        let help = format!("unset {VARIABLE}, or set it to `installed`, `rust-src` or `debian`");
        return Err(Failure::Missing { what: format!("{VARIABLE} names a toolchain that is not here"), help });
    }
    if let Some(toolchain) = debian() {
        return Ok(toolchain);
    }
    let debian_failure = match packages::install("a compiler for Cortex-M", &DEBIAN_PACKAGES) {
        Ok(()) => {
            if let Some(toolchain) = debian() {
                return Ok(toolchain);
            }
            "Debian's packages hold no compiler that is new enough".to_owned()
        }
        Err(failure) => failure.to_string(),
    };
    if only.is_none() && exists("rustup") {
        let mut command = clean(Command::new("rustup"), Keep::HostSettings);
        command.args(["target", "add"]).args(targets).current_dir(workspace.root());
        let added = run(command);
        if let (Ok(()), Some(toolchain)) = (added, installed_target(workspace, targets)) {
            return Ok(toolchain);
        }
    }
    Err(Failure::Missing {
        what: format!("no compiler for {}: {debian_failure}", targets.join(", ")),
        help: format!(
            "either of: rustup target add {}; rustup component add rust-src; apt-get install {}",
            targets.join(" "),
            DEBIAN_PACKAGES.join(" ")
        ),
    })
}

fn installed_target(workspace: &Workspace, targets: &[&str]) -> Option<Toolchain> {
    let sysroot = sysroot(workspace)?;
    let there = |target: &&str| sysroot.join("lib/rustlib").join(target).join("lib").is_dir();
    targets.iter().all(there).then(|| Toolchain {
        what: "the installed target",
        version: version(&host_rustc(workspace)).unwrap_or_default(),
        cargo: PathBuf::from("cargo"),
        rustc: None,
        linker: None,
        build_core: false,
        sysroot,
    })
}

fn library_source(workspace: &Workspace) -> Option<Toolchain> {
    let sysroot = sysroot(workspace)?;
    has_source(&sysroot).then(|| Toolchain {
        what: "the toolchain's rust-src",
        version: version(&host_rustc(workspace)).unwrap_or_default(),
        cargo: PathBuf::from("cargo"),
        rustc: None,
        linker: None,
        build_core: true,
        sysroot,
    })
}

/// Debian's compiler, if it is there with its source and is new enough.
fn debian() -> Option<Toolchain> {
    let rustc = || clean(Command::new(DEBIAN_RUSTC), Keep::Places);
    let version = version(&rustc).filter(|version| new_enough(version))?;
    let mut command = rustc();
    command.args(["--print", "sysroot"]);
    let sysroot = answer(command).map(PathBuf::from).filter(|sysroot| has_source(sysroot))?;
    Path::new(DEBIAN_CARGO).is_file().then(|| Toolchain {
        what: "Debian's packages",
        version,
        cargo: PathBuf::from(DEBIAN_CARGO),
        rustc: Some(PathBuf::from(DEBIAN_RUSTC)),
        linker: None,
        build_core: true,
        sysroot,
    })
}

/// For a compiler that brings no linker: `rust-lld` of the host's toolchain, else Debian's `arm-none-eabi-ld`.
fn linker(workspace: &Workspace) -> Result<PathBuf, Failure> {
    if let Some(lld) = sysroot(workspace).as_deref().and_then(lld) {
        return Ok(lld);
    }
    if !exists("arm-none-eabi-ld") {
        packages::install("a linker for Cortex-M", &["binutils-arm-none-eabi"])?;
    }
    Ok(PathBuf::from("arm-none-eabi-ld"))
}

/// The linker that rustup's toolchains bring.
fn lld(sysroot: &Path) -> Option<PathBuf> {
    let triples = sysroot.join("lib/rustlib").read_dir().ok()?;
    triples.flatten().map(|triple| triple.path().join("bin/rust-lld")).find(|lld| lld.is_file())
}

fn host_rustc(workspace: &Workspace) -> impl Fn() -> Command {
    let root = workspace.root().to_owned();
    move || {
        let mut command = clean(Command::new("rustc"), Keep::HostSettings);
        command.current_dir(&root);
        command
    }
}

fn sysroot(workspace: &Workspace) -> Option<PathBuf> {
    let mut command = host_rustc(workspace)();
    command.args(["--print", "sysroot"]);
    answer(command).map(PathBuf::from)
}

fn has_source(sysroot: &Path) -> bool {
    sysroot.join("lib/rustlib/src/rust/library/core/src/lib.rs").is_file()
}

fn version(rustc: &impl Fn() -> Command) -> Option<String> {
    let mut command = rustc();
    command.arg("--version");
    answer(command)
}

/// `rustc 1.96.0 (…)` against [`OLDEST`].
fn new_enough(version: &str) -> bool {
    let number = version.split_whitespace().nth(1).unwrap_or_default();
    let mut parts = number.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= OLDEST
}

impl Toolchain {
    /// Finds one for `targets`, installing it if needed and possible.
    pub fn find(workspace: &Workspace, targets: &[&str]) -> Result<Self, Failure> {
        let mut toolchain = search(workspace, targets)?;
        if lld(&toolchain.sysroot).is_none() {
            toolchain.linker = Some(linker(workspace)?);
        }
        say(&format!("firmware toolchain: {}, {}", toolchain.what, toolchain.version));
        if !toolchain.version.starts_with(PINNED) {
            say(&format!("note: shipped images are built with {PINNED}; this one may differ from them by a few bytes"));
        }
        Ok(toolchain)
    }

    /// `cargo build` for `target`, up to the arguments that say what.
    ///
    /// Paths of this machine are mapped away, so that two machines build the same bytes.
    pub fn cargo(&self, workspace: &Workspace, target: &str) -> Command {
        // With Debian's compiler nothing of rustup's choice may be seen; else the caller's choice decides.
        let mut command = clean(Command::new(&self.cargo), Keep::Places);
        if self.rustc.is_none()
            && let Some(toolchain) = env::var_os("RUSTUP_TOOLCHAIN")
        {
            command.env("RUSTUP_TOOLCHAIN", toolchain);
        }
        command.args(["build", "--locked", "--release", "--target", target]);
        if self.build_core {
            // Numbers and texts of error messages are all that the firmware formats.
            command.args(["-Zbuild-std=core", "-Zbuild-std-features=optimize_for_size"]).env("RUSTC_BOOTSTRAP", "1");
        }
        if let Some(rustc) = &self.rustc {
            command.env("RUSTC", rustc);
        }
        if let Some(linker) = &self.linker {
            let name = target.to_uppercase().replace(['-', '.'], "_");
            command.env(format!("CARGO_TARGET_{name}_LINKER"), linker);
        }
        let home = env::var_os("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(env::home_dir()?.join(".cargo")));
        let library = self.sysroot.join("lib/rustlib/src/rust");
        let maps = [(Some(workspace.root().to_owned()), "tinynas"), (home, "cargo"), (Some(library), "rust")];
        let flags: Vec<_> = maps
            .iter()
            .filter_map(|(from, to)| Some(format!("--remap-path-prefix={}={to}", from.as_ref()?.display())))
            .collect();
        command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
        stable::wrap(&mut command);
        command
    }
}

#[cfg(test)]
mod tests {
    use super::new_enough;

    #[test]
    fn old_compilers_are_not_taken() {
        assert!(new_enough("rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)"));
        assert!(new_enough("rustc 2.0.0-nightly"));
        assert!(!new_enough("rustc 1.63.0"));
        assert!(!new_enough(""));
    }
}
