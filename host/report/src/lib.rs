//! report.html: one offline page about a run.
//!
//! The page is one file: no script, no font, no image from elsewhere; it is readable without
//! scripts, in the dark, and on paper.

mod data;

pub use data::*;

/// The page. Equal data gives equal bytes.
#[must_use]
pub fn html(data: &ReportData) -> String {
    let json = serde_json::to_string_pretty(data).unwrap_or_default().replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>tinynas</title></head><body><pre>{json}</pre></body></html>\n"
    )
}
