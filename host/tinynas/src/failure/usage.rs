//! What clap finds wrong with a command line, in the form of every other error.

use clap::error::ErrorKind;

use super::Failure;

/// Text for stdout if the user asked for help or the version.
///
/// # Errors
/// `usage` for everything else.
pub fn report(error: &clap::Error) -> Result<String, Failure> {
    let text = error.render().ansi().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Ok(text.trim_end().to_owned())
        }
        _ => Err(failure(&error.render().to_string())),
    }
}

/// Splits clap's paragraphs into the message, its tips and the usage line.
fn failure(text: &str) -> Failure {
    let mut message = Vec::new();
    let mut help = Vec::new();
    for line in text.lines().map(str::trim_end) {
        let trimmed = line.trim_start();
        if let Some(tip) = trimmed.strip_prefix("tip: ") {
            help.push(tip.to_owned());
        } else if let Some(usage) = trimmed.strip_prefix("Usage: ") {
            help.push(format!("usage: {usage}"));
        } else if !trimmed.is_empty() && !trimmed.starts_with("For more information") {
            message.push(line.strip_prefix("error: ").unwrap_or(line).to_owned());
        }
    }
    help.push("more: add --help".into());
    Failure::new("usage", message.join("\n")).help(help.join("\n"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::Cli;

    fn parse(line: &str) -> Result<String, Failure> {
        report(&Cli::try_parse_from(line.split_whitespace()).unwrap_err())
    }

    #[test]
    fn a_misspelt_option_gets_a_tip_and_the_usage() {
        let failure = parse("tinynas select mnas --sramm 64KiB").unwrap_err();
        assert_eq!(failure.code(), "usage");
        assert!(failure.to_string().contains("--sramm"), "{failure}");
        let help = failure.json()["error"]["help"].as_str().unwrap().to_owned();
        assert!(help.contains("--sram") && help.contains("usage: tinynas select"), "{help}");
    }

    #[test]
    fn help_and_version_are_no_errors() {
        assert!(parse("tinynas --version").unwrap().contains(env!("CARGO_PKG_VERSION")));
        assert!(parse("tinynas select --help").unwrap().contains("--min-feasible"));
        assert!(parse("tinynas").unwrap().contains("tinynas demo"));
    }
}
