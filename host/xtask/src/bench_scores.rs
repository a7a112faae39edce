//! `cargo xtask bench-scores`: seconds per network of the scores, beside PyTorch's.
//!
//! The program is an example of `tinynas-benchmark`, so that nothing else here has to wait for burn to compile.

use crate::shell::{Failure, Workspace, output, print};

/// Builds and runs the program; `arguments` may be `--format json` or `--format text`.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let format = match arguments {
        [] => "text",
        [option, format] if option == "--format" && (format == "json" || format == "text") => format,
        _ => return Err(Failure::Usage("`bench-scores` takes `--format json` or `--format text`".to_owned())),
    };
    let program = ["run", "--release", "--package", "tinynas-benchmark", "--example", "bench_scores", "--", "--format"];
    let mut command = workspace.cargo(&program);
    command.arg(format);
    let text = output(command)?;
    print(String::from_utf8_lossy(&text).trim_end());
    Ok(())
}
