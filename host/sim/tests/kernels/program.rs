//! One layer in the program, on a simulated core.

use std::{env, path::PathBuf};

use object::{Object, ObjectSegment};
use tinynas_sim::{
    bus::{Memory, Width},
    core::Core,
    machine::{Machine, Stop},
};

use tinynas_bench_job::{ANSWER_WORDS, Answer, JOB_WORDS, Job, MAILBOX};

/// As in the program's linker script.
const CODE: usize = 256 << 10;
const RAM: usize = 16 << 20;
/// More than any of the layers here takes.
const CYCLES: u64 = 2_000_000_000;

/// A core and the target that its program is built for.
pub struct Chip {
    pub name: &'static str,
    core: Core,
    target: &'static str,
}

impl Chip {
    pub const M4: Self = Self { name: "Cortex-M4", core: Core::M4F, target: "thumbv7em-none-eabihf" };
    pub const M7: Self = Self { name: "Cortex-M7", core: Core::M7F, target: "thumbv7em-none-eabihf" };
    pub const M33: Self = Self { name: "Cortex-M33", core: Core::M33F, target: "thumbv8m.main-none-eabihf" };

    /// The program, if it was built.
    #[allow(clippy::print_stdout, reason = "where tests say what they skip")]
    pub fn program(&self) -> Option<Program> {
        let folder = env::var_os("TINYNAS_KERNEL_BENCH").map(PathBuf::from);
        let folder =
            folder.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/kernel-bench"));
        let path = folder.join(self.target).join("release/kernel-bench");
        let Ok(elf) = std::fs::read(&path) else {
            println!("skipped: kernels on {} need {}: `cargo xtask test` builds it", self.name, path.display());
            return None;
        };
        Some(Program { core: self.core, elf })
    }
}

/// The program for a core.
pub struct Program {
    core: Core,
    elf: Vec<u8>,
}

impl Program {
    /// Runs a layer.
    pub fn run(&self, job: Job) -> Result<Answer, String> {
        let memories = vec![Memory::rom("code", 0, vec![0; CODE]), Memory::ram("ram", MAILBOX, RAM)];
        let mut machine = Machine::new(self.core, memories, None, Vec::new());
        for segment in object::File::parse(&*self.elf).expect("an ELF").segments() {
            let data = segment.data().expect("bytes of the file");
            machine.load(segment.address() as u32, data).expect("within the memories");
        }
        machine.set_boot(0);
        machine.reset();
        for (address, word) in (MAILBOX..).step_by(4).zip(job.words()) {
            machine.write_memory(address, word, Width::Word).expect("the mailbox");
        }
        let stop = machine.run(CYCLES);
        if stop != Stop::Exit(0) {
            return Err(format!("{stop:?}"));
        }
        let answers = (MAILBOX + 4 * JOB_WORDS as u32..).step_by(4);
        let mut words = [0; ANSWER_WORDS];
        for (word, address) in words.iter_mut().zip(answers) {
            *word = machine.read_memory(address, Width::Word).expect("the mailbox");
        }
        Ok(Answer::read(words))
    }
}
