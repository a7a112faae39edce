//! Programs of `firmware/bench` on a simulated Cortex-M4 with nothing but memory; they begin with a mailbox of words.

use std::{fs, io, path::PathBuf};

use object::{Object, ObjectSegment};
use tinynas_bench_job::MAILBOX;
use tinynas_sim::{
    bus::{Memory, Width},
    core::Core,
    machine::{Machine, Stop},
};

use crate::{
    shell::{Failure, Workspace, run},
    toolchain::{ARMV7EM, ARMV8M, Toolchain},
};

/// As in the programs' linker script.
const CODE: usize = 256 << 10;
const RAM: usize = 16 << 20;
/// More than the largest layer takes, its reference included.
const CYCLES: u64 = 20_000_000_000;

/// Builds the programs to `target/kernel-bench/<target>/release`.
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

/// One built program.
pub struct Bare {
    path: PathBuf,
    elf: Vec<u8>,
}

/// What a program leaves.
pub struct Ended {
    /// The words behind the job.
    pub answer: Vec<u32>,
    /// The first of the data that it was given, as it is now.
    pub data: Vec<u8>,
}

impl Bare {
    /// Reads the program `name` for a Cortex-M4.
    pub fn read(workspace: &Workspace, name: &str) -> Result<Self, Failure> {
        let path = workspace.root().join("target/kernel-bench").join(ARMV7EM).join("release").join(name);
        let elf = fs::read(&path).map_err(|source| Failure::Io { what: path.display().to_string(), source })?;
        Ok(Self { path, elf })
    }

    /// Runs it with `job` in the mailbox and each `(address, bytes)` of `data` in memory; nothing if it does not end well.
    pub fn run(&self, job: &[u32], answers: usize, data: &[(u32, &[u8])]) -> Result<Option<Ended>, Failure> {
        let failure = |source| Failure::Io { what: self.path.display().to_string(), source };
        self.simulate(job, answers, data).map_err(failure)
    }

    fn simulate(&self, job: &[u32], answers: usize, data: &[(u32, &[u8])]) -> io::Result<Option<Ended>> {
        let memories = vec![Memory::rom("code", 0, vec![0; CODE]), Memory::ram("ram", MAILBOX, RAM)];
        let mut machine = Machine::new(Core::M4F, memories, None, Vec::new());
        for segment in object::File::parse(&*self.elf).map_err(io::Error::other)?.segments() {
            let bytes = segment.data().map_err(io::Error::other)?;
            machine.load(segment.address() as u32, bytes).map_err(io::Error::other)?;
        }
        machine.set_boot(0);
        machine.reset();
        for (address, bytes) in data {
            machine.load(*address, bytes).map_err(io::Error::other)?;
        }
        for (address, word) in (MAILBOX..).step_by(4).zip(job) {
            machine.write_memory(address, *word, Width::Word).map_err(io::Error::other)?;
        }
        if machine.run(CYCLES) != Stop::Exit(0) {
            return Ok(None);
        }
        let mut read = |from: u32, count: usize| -> io::Result<Vec<u32>> {
            let words = (from..).step_by(4).take(count);
            words.map(|at| machine.read_memory(at, Width::Word).map_err(io::Error::other)).collect()
        };
        let answer = read(MAILBOX + 4 * job.len() as u32, answers)?;
        let first = data.first().map(|(address, bytes)| read(*address, bytes.len() / 4)).transpose()?;
        let data = first.unwrap_or_default().into_iter().flat_map(u32::to_le_bytes).collect();
        Ok(Some(Ended { answer, data }))
    }
}
