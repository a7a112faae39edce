//! The program that runs one kernel, on a simulated Cortex-M4 with nothing but memory.

use std::{fs, io, path::PathBuf};

use object::{Object, ObjectSegment};
use tinynas_sim::{
    bus::{Memory, Width},
    core::Core,
    machine::{Machine, Stop},
};

use super::job::{ANSWER_WORDS, Answer, JOB_WORDS, Job, MAILBOX};
use crate::{
    shell::{Failure, Workspace, run},
    toolchain::{ARMV7EM, ARMV8M, Toolchain},
};

const NAME: &str = "kernel-bench";
/// As in the program's linker script.
const CODE: usize = 256 << 10;
const RAM: usize = 16 << 20;
/// More than the largest layer takes, its reference included.
const CYCLES: u64 = 20_000_000_000;

/// Builds it to `target/kernel-bench/<target>/release`.
pub fn build(workspace: &Workspace) -> Result<(), Failure> {
    let toolchain = Toolchain::find(workspace, &[ARMV7EM, ARMV8M])?;
    for (target, features) in [(ARMV7EM, &[][..]), (ARMV8M, &["--features", "dsp"][..])] {
        let mut command = toolchain.cargo(workspace, target);
        command.current_dir(workspace.root().join("firmware/bench")).args(features);
        command.arg("--target-dir").arg(workspace.root().join("target/kernel-bench"));
        run(command)?;
    }
    Ok(())
}

/// The program's file.
pub struct Program {
    path: PathBuf,
    elf: Vec<u8>,
}

impl Program {
    /// Reads what was built.
    pub fn read(workspace: &Workspace) -> Result<Self, Failure> {
        let path = workspace.root().join("target/kernel-bench").join(ARMV7EM).join("release").join(NAME);
        let elf = fs::read(&path).map_err(|source| Failure::Io { what: path.display().to_string(), source })?;
        Ok(Self { path, elf })
    }

    /// Runs one layer; a wrong output is a failure.
    pub fn run(&self, job: Job) -> Result<Answer, Failure> {
        let failure = |source| Failure::Io { what: self.path.display().to_string(), source };
        match self.simulate(job).map_err(failure)? {
            Some(answer) if answer.ran == 1 && answer.packed_differ == 0 && answer.assembly_differ == 0 => Ok(answer),
            other => Err(Failure::Checks(format!("{job:?}: {other:?}"))),
        }
    }

    /// `None` if the program does not end well.
    fn simulate(&self, job: Job) -> io::Result<Option<Answer>> {
        let memories = vec![Memory::rom("code", 0, vec![0; CODE]), Memory::ram("ram", MAILBOX, RAM)];
        let mut machine = Machine::new(Core::M4F, memories, None, Vec::new());
        for segment in object::File::parse(&*self.elf).map_err(io::Error::other)?.segments() {
            let data = segment.data().map_err(io::Error::other)?;
            machine.load(segment.address() as u32, data).map_err(io::Error::other)?;
        }
        machine.set_boot(0);
        machine.reset();
        for (address, word) in (MAILBOX..).step_by(4).zip(job.words()) {
            machine.write_memory(address, word, Width::Word).map_err(io::Error::other)?;
        }
        if machine.run(CYCLES) != Stop::Exit(0) {
            return Ok(None);
        }
        let mut words = [0; ANSWER_WORDS];
        for (word, address) in words.iter_mut().zip((MAILBOX + 4 * JOB_WORDS as u32..).step_by(4)) {
            *word = machine.read_memory(address, Width::Word).map_err(io::Error::other)?;
        }
        Ok(Some(Answer::read(words)))
    }
}
