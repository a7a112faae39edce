//! QEMU's machines, the same machines made of our parts, and one program on both.

use std::{
    env,
    path::PathBuf,
    process::{Command, Stdio},
};

use object::{Object, ObjectSegment};
use tinynas_sim::{
    bus::Memory,
    core::Core,
    machine::{Machine, Stop},
};

/// A machine that `qemu-system-arm` emulates, and how programs are built for it.
pub struct Emulated {
    /// Its name in QEMU.
    pub name: &'static str,
    /// The target that programs are built for.
    pub target: &'static str,
    /// Its core.
    pub core: Core,
    /// Where code starts; `firmware/conformance/build.rs` has the same numbers.
    pub code: u32,
    /// First address and size of its RAM.
    pub ram: (u32, usize),
}

/// Bytes of code memory that programs may use.
const CODE: usize = 256 << 10;

/// More cycles than any of the programs takes.
const CYCLES: u64 = 4_000_000_000;

/// What a program did.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Everything it printed.
    pub text: String,
    /// Its exit code.
    pub code: i32,
    /// Executed instructions, where they were counted.
    pub instructions: Option<u64>,
}

/// How QEMU runs a program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As fast as it can.
    Full,
    /// One instruction at a time, each written to a trace.
    Traced,
}

impl Emulated {
    /// Why the comparison cannot be made here.
    pub fn missing(&self, program: &str) -> Option<String> {
        if Command::new("qemu-system-arm").arg("--version").output().is_err() {
            return Some("`qemu-system-arm`".to_owned());
        }
        let path = self.program(program);
        (!path.is_file()).then(|| format!("{}: `cargo xtask test` builds it", path.display()))
    }

    fn program(&self, program: &str) -> PathBuf {
        let folder = env::var_os("TINYNAS_CONFORMANCE").map(PathBuf::from);
        let folder =
            folder.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/conformance"));
        folder.join(self.target).join("release").join(program)
    }

    /// The program on QEMU.
    pub fn emulate(&self, program: &str, pace: Pace) -> Outcome {
        let mut command = Command::new("qemu-system-arm");
        command.args(["-M", self.name, "-display", "none", "-monitor", "none", "-serial", "none"]);
        command.args(["-chardev", "stdio,id=text", "-semihosting-config", "enable=on,target=native,chardev=text"]);
        if pace == Pace::Traced {
            command.args(["-singlestep", "-d", "nochain,exec"]);
        }
        command.arg("-kernel").arg(self.program(program)).stdin(Stdio::null());
        let output = command.output().expect("QEMU starts");
        let trace = String::from_utf8_lossy(&output.stderr);
        Outcome {
            text: String::from_utf8_lossy(&output.stdout).into_owned(),
            code: output.status.code().unwrap_or(-1),
            instructions: (pace == Pace::Traced)
                .then(|| trace.lines().filter(|line| line.starts_with("Trace ")).count() as u64),
        }
    }

    /// The program on our simulator. It counts always.
    pub fn simulate(&self, program: &str) -> Outcome {
        let mut machine = self.machine(program);
        let stop = machine.run(CYCLES);
        let Stop::Exit(code) = stop else {
            let text = machine.take_output();
            panic!("{program} on {}: {stop:?} after these lines:\n{}", self.name, last_lines(&text));
        };
        Outcome { text: machine.take_output(), code: code as i32, instructions: Some(machine.instructions()) }
    }

    fn machine(&self, program: &str) -> Machine {
        let (origin, bytes) = self.ram;
        let memories = vec![Memory::rom("code", self.code, vec![0; CODE]), Memory::ram("ram", origin, bytes)];
        let mut machine = Machine::new(self.core, memories, None, Vec::new());
        let elf = std::fs::read(self.program(program)).expect("the program was built");
        for segment in object::File::parse(&*elf).expect("an ELF").segments() {
            let data = segment.data().expect("bytes of the file");
            machine.load(segment.address() as u32, data).expect("within the memories");
        }
        machine.set_boot(self.code);
        machine.reset();
        machine
    }
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(5)..].join("\n")
}
