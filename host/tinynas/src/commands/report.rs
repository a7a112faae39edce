//! `tinynas report RUN`: the page about a run, as far as it got.

use serde_json::json;

use crate::{args::ReportArgs, failure::Failure, output::Answer, pipeline::write_report, run_dir::RunDir};

/// Writes the page again.
pub fn run(args: &ReportArgs) -> Result<Answer, Failure> {
    let (dir, record) = RunDir::open(&args.run)?;
    let file = write_report(&dir, &record)?.display().to_string();
    let json = json!({ "schema": "tinynas/report/1", "directory": args.run.display().to_string(), "report": file });
    Ok(Answer::new(format!("report    {file}"), &json)?.next(format!("open {file}")))
}
