//! Debian packages: installed where that is possible, named exactly where it is not.

use std::process::Command;

use crate::shell::{Failure, answer, exists, run};

/// Installs packages with apt.
///
/// Without root or apt: [`Failure::Missing`] with the command to type.
pub fn install(what_for: &str, packages: &[&str]) -> Result<(), Failure> {
    let list = packages.join(" ");
    if !exists("apt-get") {
        let help = format!("install what your system calls {list} (Debian's names)");
        return Err(Failure::Missing {
            what: format!("{what_for} is missing, and there is no apt-get to install it"),
            help,
        });
    }
    if !is_root() {
        let help = format!("sudo apt-get update && sudo apt-get install -y --no-install-recommends {list}");
        return Err(Failure::Missing { what: format!("{what_for} is missing, and only root can install it"), help });
    }
    // An old list, or one source that cannot be reached, may do all the same: the second command decides.
    let _ = apt(&["update"]);
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat()).map_err(|failure| Failure::Missing {
        what: format!("{what_for} is missing, and {failure}"),
        help: format!("apt-get update && apt-get install -y --no-install-recommends {list}"),
    })
}

fn apt(arguments: &[&str]) -> Result<(), Failure> {
    let mut command = Command::new("apt-get");
    command.arg("-q").args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    run(command)
}

fn is_root() -> bool {
    let mut command = Command::new("id");
    command.arg("-u");
    answer(command).as_deref() == Some("0")
}
