//! The page around the sections: head, contents, header, and the pieces that sections share.

use std::fmt::Write;

use crate::{
    Header, ReportData,
    text::{Escaped, bytes, duration, kib, millions, ratio, thousands},
};

/// A section of the page.
#[derive(Debug)]
pub(crate) struct Section {
    /// Anchor in the page.
    pub id: &'static str,
    pub title: &'static str,
    /// Markup.
    pub body: String,
}

/// A remark that must not be overlooked.
pub(crate) fn note(text: &str) -> String {
    format!("<p class=\"note\">{}</p>", Escaped(text))
}

/// A number in a table with a bar behind it that is `part / whole` long. `text` is our own.
pub(crate) fn bar_cell(text: &str, part: u64, whole: u64) -> String {
    let width = (ratio(part, whole) * 100.0).clamp(0.0, 100.0);
    if width == 0.0 {
        return format!("<td class=\"n bar\">{text}</td>");
    }
    format!("<td class=\"n bar\"><i style=\"width:{width:.1}%\"></i><span>{text}</span></td>")
}

/// The whole page.
pub(crate) fn page(data: &ReportData, headline: &str, sections: &[Section], missing: &[&str]) -> String {
    let title = if data.header.title.is_empty() { "run" } else { &data.header.title };
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{0} – tinynas</title>\n<style>\n{1}</style>\n</head>\n<body>\n<main>\n<header>\n\
         <p class=\"brand\">tinynas report</p>\n<h1>{0}</h1>\n",
        Escaped(title),
        include_str!("style.css")
    );
    text.push_str(&facts(data));
    text.push_str(headline);
    if !missing.is_empty() {
        text.push_str(&note(&format!("This run has not got to everything yet. Missing: {}.", missing.join(", "))));
    }
    text.push_str("<nav aria-label=\"Contents\">");
    for section in sections {
        let _ = write!(text, "<a href=\"#{}\">{}</a>", section.id, section.title);
    }
    text.push_str("</nav>\n</header>\n");
    for section in sections {
        let _ =
            write!(text, "<section id=\"{}\">\n<h2>{}</h2>\n{}\n</section>\n", section.id, section.title, section.body);
    }
    let _ = write!(
        text,
        "<footer>Written by tinynas {}. MACs are multiply-accumulates; the literature on mobile networks calls them FLOPs. \
         1 KiB = 1,024 B.</footer>\n</main>\n</body>\n</html>\n",
        Escaped(&data.header.tool_version)
    );
    text
}

/// What was asked, as a list of names and values.
fn facts(data: &ReportData) -> String {
    let Header { space, variant, board, data_set, seed, tool_version, date, stages, .. } = &data.header;
    let mut text = String::from("<dl class=\"facts\">");
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = write!(text, "<div><dt>{name}</dt><dd>{}</dd></div>", Escaped(value));
        }
    };
    fact("space", space);
    fact("variant", variant.as_deref().unwrap_or_default());
    fact("board", board.as_deref().unwrap_or_default());
    fact("data set", data_set.as_deref().unwrap_or_default());
    if let Some(budget) = &data.budget {
        fact("SRAM budget", &format!("{} ({})", kib(budget.sram_bytes), bytes(budget.sram_bytes)));
        fact("flash budget", &format!("{} ({})", kib(budget.flash_bytes), bytes(budget.flash_bytes)));
        if let Some(macs) = budget.macs {
            fact("MAC budget", &format!("{} ({})", millions(macs as f64), thousands(macs)));
        }
    }
    fact("seed", &seed.to_string());
    fact("tinynas", tool_version);
    fact("started", date.as_deref().unwrap_or_default());
    if !stages.is_empty() {
        let list: Vec<String> = stages.iter().map(|s| format!("{} {}", s.stage, duration(s.seconds))).collect();
        let sum: f64 = stages.iter().map(|s| s.seconds).sum();
        fact("time", &format!("{} = {}", list.join(" + "), duration(sum)));
    }
    text.push_str("</dl>\n");
    text
}
