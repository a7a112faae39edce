//! QEMU's `mps2-an386` (Cortex-M4) as a device.
//!
//! The image is loaded as an ELF, the model by QEMU's generic loader at the address that the image
//! keeps for it. The wire is the board's first UART on the child's stdin and stdout. Two threads
//! move the bytes, so that every wait of the host has a deadline.

mod link;

use std::{
    env,
    ffi::OsString,
    io::Write,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::NamedTempFile;
use tinynas_wire::{Crash, ModelInfo, Stats};

use crate::{
    Device, DeviceError, DeviceKind, Image, Inference, Session, Timeouts,
    conversation::{Converses, Running},
};
use link::Child;

/// Environment variable that names the emulator.
pub const QEMU_VARIABLE: &str = "TINYNAS_QEMU";

/// The board file that describes this machine.
const BOARD: &str = "qemu-mps2-an386";

/// The emulated board.
pub struct Qemu {
    program: PathBuf,
    timeouts: Timeouts,
    running: Option<Running<Child>>,
    /// The loader's file; it lives as long as the emulator.
    model_file: Option<NamedTempFile>,
}

impl Qemu {
    /// Finds the emulator: what [`QEMU_VARIABLE`] names, else `qemu-system-arm` in `PATH`.
    ///
    /// # Errors
    /// [`DeviceError::QemuMissing`].
    pub fn find() -> Result<Self, DeviceError> {
        let program = env::var_os(QEMU_VARIABLE).unwrap_or_else(|| OsString::from("qemu-system-arm"));
        let found = search(Path::new(&program), env::var_os("PATH"));
        let program = found.ok_or_else(|| DeviceError::QemuMissing { program: program.display().to_string() })?;
        Ok(Self::at(program))
    }

    /// The emulator at `program`.
    pub fn at(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), timeouts: Timeouts::default(), running: None, model_file: None }
    }

    /// The emulator's program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// What the emulator says of its version, for instance `QEMU emulator version 7.2.22`.
    ///
    /// # Errors
    /// [`DeviceError::Io`] if it cannot be run.
    pub fn version(&self) -> Result<String, DeviceError> {
        let output = Command::new(&self.program).arg("--version").stdin(Stdio::null()).output();
        let output = output.map_err(DeviceError::io(self.program.display().to_string()))?;
        Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned())
    }

    /// Name of the board file it emulates.
    pub fn board(&self) -> &'static str {
        BOARD
    }

    /// How long it waits.
    pub fn set_timeouts(&mut self, timeouts: Timeouts) {
        self.timeouts = timeouts;
    }

    /// Makes the firmware fail on purpose and returns what the host learns of it.
    pub fn crash(&mut self, how: Crash) -> DeviceError {
        self.fail(how)
    }

    /// Process id of the emulator while it runs.
    pub fn process_id(&mut self) -> Option<u32> {
        self.running.as_mut().map(|running| running.session.link().id())
    }

    fn start(&self, image: &Image, model: &Path) -> Result<Child, DeviceError> {
        let mut command = dying_with_us(&self.program);
        command.args(["-machine", "mps2-an386", "-display", "none", "-monitor", "none", "-serial", "stdio"]);
        command.args(["-nodefaults", "-no-user-config", "-semihosting-config", "enable=on,target=native", "-kernel"]);
        command.arg(image.path()).arg("-device").arg(loader(model, image.sections().model_address));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Ctrl-C is for the host, which then ends the emulator itself.
        command.process_group(0);
        let child = command.spawn().map_err(DeviceError::io(self.program.display().to_string()))?;
        Child::new(child)
    }
}

impl Converses for Qemu {
    type Link = Child;

    fn running(&mut self) -> &mut Option<Running<Child>> {
        &mut self.running
    }

    fn complete(&self, error: DeviceError, mut session: Session<Child>, image: &Image) -> DeviceError {
        match error {
            DeviceError::HardFault { pc, lr, cfsr, hfsr, address, .. } => {
                DeviceError::HardFault { pc, lr, cfsr, hfsr, address, location: image.locate(pc) }
            }
            DeviceError::Exited { waiting_for, .. } => {
                let (status, stderr) = session.link().end();
                DeviceError::Exited { waiting_for, status, stderr }
            }
            other => other,
        }
    }
}

impl Device for Qemu {
    fn kind(&self) -> DeviceKind {
        DeviceKind::Qemu
    }

    fn flash(&mut self, image: &Image, model: &[u8]) -> Result<ModelInfo, DeviceError> {
        self.running = None;
        image.check_room(model)?;
        let mut file = NamedTempFile::with_suffix(".tnm").map_err(DeviceError::io("temporary file for the model"))?;
        file.write_all(model).map_err(DeviceError::io(file.path().display().to_string()))?;
        let session = Session::new(self.start(image, file.path())?, self.timeouts);
        self.model_file = Some(file);
        self.open(session, BOARD, image)
    }

    fn run(&mut self, input: &[i8]) -> Result<Inference, DeviceError> {
        self.infer(input)
    }

    fn stats(&mut self) -> Result<Stats, DeviceError> {
        self.figures()
    }
}

/// A command that starts `program` so that it ends when this process does, even by SIGKILL: the emulator itself
/// would wait for the next request for ever. Where `setpriv` (util-linux) is missing, it is started as it is.
fn dying_with_us(program: &Path) -> Command {
    let path = || env::var_os("PATH");
    // A program that cannot be started is better told by the system itself than by setpriv.
    match search(Path::new("setpriv"), path()).filter(|_| search(program, path()).is_some()) {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", "KILL", "--"]).arg(program);
            command
        }
        None => Command::new(program),
    }
}

/// The generic loader's option. QEMU splits options at commas; a comma in a value is written twice.
fn loader(model: &Path, address: u64) -> OsString {
    let file = model.display().to_string().replace(',', ",,");
    OsString::from(format!("loader,file={file},addr={address:#x},force-raw=on"))
}

fn search(program: &Path, path: Option<OsString>) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return program.is_file().then(|| program.to_owned());
    }
    env::split_paths(&path?).map(|folder| folder.join(program)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_emulator_is_searched_as_a_shell_would() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let program = folder.path().join("emulator");
        std::fs::write(&program, "").expect("write");
        let path = env::join_paths([Path::new("/nonexistent"), folder.path()]).expect("path");
        assert_eq!(search(Path::new("emulator"), Some(path)), Some(program.clone()));
        assert_eq!(search(&program, None), Some(program));
        assert_eq!(search(Path::new("emulator"), Some(OsString::from("/nonexistent"))), None);
    }

    #[test]
    fn a_comma_in_a_path_stays_in_it() {
        assert_eq!(loader(Path::new("/a,b/m.tnm"), 0x20000), "loader,file=/a,,b/m.tnm,addr=0x20000,force-raw=on");
    }
}
