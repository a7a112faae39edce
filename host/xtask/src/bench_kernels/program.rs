//! The program that runs one kernel.

use tinynas_bench_job::{ANSWER_WORDS, Answer, Job};

use super::bare::Bare;
use crate::shell::{Failure, Workspace};

/// The program for a Cortex-M4.
pub struct Program(Bare);

impl Program {
    /// Reads what was built.
    pub fn read(workspace: &Workspace) -> Result<Self, Failure> {
        Bare::read(workspace, "kernel-bench").map(Self)
    }

    /// Runs one layer; a wrong output is a failure.
    pub fn run(&self, job: Job) -> Result<Answer, Failure> {
        let answer = self.0.run(&job.words(), ANSWER_WORDS, &[])?;
        let answer = answer.and_then(|ended| Some(Answer::read(*ended.answer.first_chunk()?)));
        match answer {
            Some(answer) if answer.ran == 1 && answer.packed_differ == 0 && answer.assembly_differ == 0 => Ok(answer),
            other => Err(Failure::Checks(format!("{job:?}: {other:?}"))),
        }
    }
}
