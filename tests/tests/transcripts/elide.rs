//! What differs from machine to machine is written in brackets.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use regex::{Captures, Regex};

use super::fixtures;

/// Text without paths, times, versions and figures that depend on the machine's floating point.
pub fn elide(text: &str, root: &Path) -> String {
    let work = root.join("work").display().to_string();
    let places = [
        (work.as_str(), "[DIR]"),
        (&root.join("data").display().to_string(), "[DATA]"),
        (&root.display().to_string(), "[ROOT]"),
        (&fixtures().display().to_string(), "[FIXTURES]"),
    ];
    let mut text = text.to_owned();
    for (path, name) in places {
        text = text.replace(path, name);
    }
    let rules = [
        // Times.
        (r"\(\d+\.\d+ s\)", "([TIME])"),
        (r"\d+(\.\d+)? s\b", "[TIME]"),
        (r#""(elapsed_s|seconds)": [0-9.e-]+"#, "\"$1\": [TIME]"),
        // Lines of progress; how many there are depends on the time, too.
        (r"(?m)^[a-z]+ +\d+/\d+ .*\n", ""),
        // What another toolchain makes of the firmware.
        (r"(?m)^(flash +predicted) .* \((\d+( B)?) off\).*$", "$1 [BYTES] ($2 off)"),
        (r"(?m)^flash +\|.* KiB of .*\([\d,]+ B\)$", "flash     [BAR]"),
        (r"stack [\d,]+ of", "stack [BYTES] of"),
        (r"(?m)^stack +[\d,]+ of", "stack     [BYTES] of"),
        // Versions.
        (r"tinynas \d+\.\d+\.\d+", "tinynas [VERSION]"),
        (r"this is \d+\.\d+\.\d+", "this is [VERSION]"),
        (r#""hash": "[0-9a-f]{64}""#, "\"hash\": \"[HASH]\""),
        (r"QEMU emulator version [^)\n]*\)?", "[QEMU]"),
        // Accuracies and proxies that are computed in floating point.
        (r"(int8|float|accuracy)(\s+)\d+\.\d %", "$1$2[ACCURACY]"),
        (r"\d+\.\d % on (the|those)", "[ACCURACY] on $1"),
        (r"\(\d+ right\)", "([COUNT] right)"),
        (r"\(epoch \d+\)", "(epoch [COUNT])"),
        (r"loss \d+\.\d+", "loss [LOSS]"),
        (r"logits within \S+", "logits within [DIFFERENCE]"),
        (
            r#""(accuracy|float_accuracy|int8_accuracy|validation_accuracy|lost|loss|tract_max_difference)": -?[0-9.e-]+"#,
            "\"$1\": [FIGURE]",
        ),
        // Scores of weights and images: other vector instructions round them otherwise.
        (r"(?m)^([a-z0-9-]+) +-?[\d,]+\.\d{4}$", "$1 [SCORE]"),
        (r"(?m)^linear-regions +[\d,]+$", "linear-regions [SCORE]"),
        (r"(nwot|synflow)(\s+)-?\d+\.\d+", "$1$2[SCORE]"),
        (r#""(nwot|synflow)": -?[0-9.]+"#, "\"$1\": [SCORE]"),
    ];
    for (pattern, with) in rules {
        text = Regex::new(pattern).unwrap().replace_all(&text, with).into_owned();
    }
    let spaces = Regex::new(r"[ \t]+\n").unwrap();
    spaces.replace_all(&text, |_: &Captures<'_>| "\n").into_owned()
}
