//! The same image from every checkout: this program as the compiler's wrapper.
//!
//! Cargo names a crate by a hash of where its source lies, and the linker orders functions by those
//! names: two checkouts would differ by a few bytes of padding. So every crate for the target gets a
//! name that depends on package and version only.

use std::{
    env,
    os::unix::process::CommandExt,
    process::{Command, ExitCode},
};

use crate::{shell::say, toolchain::TARGETS};

/// Set for the compilers of a firmware build, so that this program knows that it is the wrapper.
const VARIABLE: &str = "TINYNAS_STABLE_NAMES";

/// Makes `cargo` call the compiler through this program.
pub fn wrap(cargo: &mut Command) {
    if let Ok(program) = env::current_exe() {
        cargo.env("RUSTC_WRAPPER", program).env(VARIABLE, "1");
    }
}

/// As a wrapper: becomes the compiler. `None` if this program was called for something else.
pub fn compile() -> Option<ExitCode> {
    env::var_os(VARIABLE)?;
    let mut arguments = env::args_os().skip(1);
    let compiler = arguments.next()?;
    let mut arguments: Vec<_> = arguments.collect();
    if arguments.iter().any(|argument| TARGETS.iter().any(|target| argument == target)) {
        let crate_name = env::var("CARGO_CRATE_NAME").unwrap_or_default();
        let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
        for argument in &mut arguments {
            if argument.to_str().is_some_and(|argument| argument.starts_with("metadata=")) {
                *argument = format!("metadata={crate_name}-{version}").into();
            }
        }
    }
    let error = Command::new(&compiler).args(arguments).exec();
    say(&format!("error: {}: {error}", compiler.display()));
    Some(ExitCode::FAILURE)
}
