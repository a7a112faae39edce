//! `tinynas completions SHELL`.

use clap::CommandFactory;

use crate::{
    args::{Cli, CompletionsArgs},
    failure::Failure,
    output::Answer,
};

/// The script for a shell, as text.
pub fn run(args: &CompletionsArgs) -> Result<Answer, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tinynas", &mut script);
    let script = String::from_utf8(script).map_err(Failure::internal)?;
    let json =
        serde_json::json!({ "schema": "tinynas/completions/1", "shell": args.shell.to_string(), "script": script });
    Answer::new(script.trim_end(), &json)
}
