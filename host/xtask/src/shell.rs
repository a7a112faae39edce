//! Running other programs with an environment that is ours, not the outer cargo's.

use std::{
    env,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line was wrong.
    #[error("{0}")]
    Usage(String),
    /// Something that this command cannot install is missing.
    #[error("{what}\nhelp: {help}")]
    Missing {
        /// What is missing.
        what: String,
        /// What to do.
        help: String,
    },
    /// A program failed.
    #[error("`{program}` failed ({status})")]
    Failed {
        /// Its command line.
        program: String,
        /// How it ended.
        status: String,
    },
    /// A program or file could not be used.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// The image is not what it should be.
    #[error(transparent)]
    Device(#[from] tinynas_device::DeviceError),
    /// Parts of the set-up are missing; the rest was done.
    #[error("not complete: {0} of the things above are missing; the rest was done")]
    Incomplete(usize),
    /// Some checks failed; each has said why.
    #[error("failed: {0}")]
    Checks(String),
}

/// The checkout.
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Finds the checkout above this crate's manifest or above the working folder.
    pub fn find() -> Result<Self, Failure> {
        let starts = [env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from), env::current_dir().ok()];
        let mut above = starts.iter().flatten().flat_map(|start| start.ancestors());
        match above.find(|folder| folder.join("firmware/app/Cargo.toml").is_file()) {
            Some(root) => Ok(Self { root: root.to_owned() }),
            None => Err(Failure::Missing {
                what: "this is no checkout of tinynas".to_owned(),
                help: "run `cargo xtask` inside the repository".to_owned(),
            }),
        }
    }

    /// The root folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `cargo` for the host's crates, in the root folder.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = clean(Command::new("cargo"), Keep::HostSettings);
        command.current_dir(&self.root).args(arguments);
        command
    }
}

/// Which of the caller's settings a program still sees.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// The caller's toolchain, flags and target folder: they were meant for the host's crates.
    HostSettings,
    /// Only where things are and how to reach registries: another target is built.
    Places,
}

/// Takes the outer cargo's variables out of a command's environment.
pub fn clean(mut command: Command, keep: Keep) -> Command {
    const PLACES: [&str; 8] = [
        "CARGO_HOME",
        "RUSTUP_HOME",
        "CARGO_NET_",
        "CARGO_HTTP_",
        "CARGO_REGISTR",
        "RUSTUP_DIST_",
        "RUSTUP_UPDATE_",
        "RUSTUP_AUTO_INSTALL",
    ];
    const SETTINGS: [&str; 9] = [
        "RUSTUP_TOOLCHAIN",
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_TARGET_DIR",
        "CARGO_BUILD_",
        "CARGO_TERM_",
        "CARGO_INCREMENTAL",
        "CARGO_PROFILE_",
        "RUSTC_WRAPPER",
    ];
    for (name, _) in env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        let starts = |list: &[&str]| list.iter().any(|prefix| name.starts_with(prefix));
        let ours =
            name.starts_with("CARGO") || name.starts_with("RUST") && name != "RUST_BACKTRACE" && name != "RUST_LOG";
        let kept = starts(&PLACES) || keep == Keep::HostSettings && starts(&SETTINGS);
        if ours && !kept || name == "LD_LIBRARY_PATH" {
            command.env_remove(name);
        }
    }
    command
}

/// Says one thing to whoever waits. Stdout belongs to results and to the programs that are run.
#[allow(clippy::print_stderr)]
pub fn say(text: &str) {
    eprintln!("{text}");
}

/// Prints a result.
#[allow(clippy::print_stdout)]
pub fn print(text: &str) {
    println!("{text}");
}

/// Shows the command, runs it with its stdout on our stderr, and wants it to succeed.
pub fn run(mut command: Command) -> Result<(), Failure> {
    say(&format!("$ {}", line(&command)));
    let status = command.stdin(Stdio::null()).stdout(io::stderr()).status();
    let status = status.map_err(|source| Failure::Io { what: line(&command), source })?;
    if status.success() { Ok(()) } else { Err(Failure::Failed { program: line(&command), status: status.to_string() }) }
}

/// Shows the command, runs it, and gives what it prints.
pub fn output(mut command: Command) -> Result<Vec<u8>, Failure> {
    say(&format!("$ {}", line(&command)));
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|source| Failure::Io { what: line(&command), source })?;
    let failed = || Failure::Failed { program: line(&command), status: output.status.to_string() };
    if output.status.success() { Ok(output.stdout) } else { Err(failed()) }
}

/// As [`run`], and tells every line of its stdout.
pub fn watched(mut command: Command, mut tell: impl FnMut(&str)) -> Result<(), Failure> {
    let program = line(&command);
    say(&format!("$ {program}"));
    let failure = |source| Failure::Io { what: program.clone(), source };
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failure)?;
    for text in child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).lines()).map_while(Result::ok)
    {
        say(&text);
        tell(&text);
    }
    let status = child.wait().map_err(failure)?;
    if status.success() { Ok(()) } else { Err(Failure::Failed { program, status: status.to_string() }) }
}

/// The first line that a command prints; `None` if it is not there or fails.
pub fn answer(mut command: Command) -> Option<String> {
    let output =
        command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()?.lines().next().map(|line| line.trim().to_owned())
}

/// Whether a program is in `PATH`.
pub fn exists(program: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// The command as one would type it.
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
