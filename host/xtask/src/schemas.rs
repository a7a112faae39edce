//! `cargo xtask schemas`: the JSON Schemas that are checked in, made again from the types that read the files.

use std::fs;

use crate::shell::{Failure, Workspace, output, run};

/// Packages whose example `schema` prints a schema, and where it belongs.
const PRINTED: [(&str, &str); 2] =
    [("tinynas-space", "spaces/space.schema.json"), ("tinynas", "host/tinynas/experiment.schema.json")];

/// The package whose tests write `memory-models/*.schema.json` instead of comparing, and the variable that says so.
const WRITTEN: &str = "tinynas-cost";
const UPDATE: &str = "TINYNAS_UPDATE";

/// Writes every schema. Tests of the same crates find a stale one.
pub fn write(workspace: &Workspace) -> Result<(), Failure> {
    for (package, file) in PRINTED {
        let arguments = ["run", "--release", "--quiet", "--package", package, "--example", "schema"];
        let text = output(workspace.cargo(&arguments))?;
        let path = workspace.root().join(file);
        fs::write(&path, text).map_err(|source| Failure::Io { what: path.display().to_string(), source })?;
    }
    let mut command = workspace.cargo(&["test", "--release", "--package", WRITTEN, "--test", "cost", "schemas"]);
    command.env(UPDATE, "1");
    run(command)
}
