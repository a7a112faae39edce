//! What to type: the same run again, and what to try next.

use std::fmt::Write;

use crate::{Command, page::Section, text::Escaped};

/// The section about command lines.
pub(crate) fn section(reproduce: &[Command], next: &[Command]) -> Section {
    let mut body = String::new();
    for (title, commands) in [("The same run again", reproduce), ("Next", next)] {
        if commands.is_empty() {
            continue;
        }
        let _ = write!(body, "<h3>{title}</h3><dl class=\"commands\">");
        for command in commands {
            let _ =
                write!(body, "<dt><code>$ {}</code></dt><dd>{}</dd>", Escaped(&command.line), Escaped(&command.note));
        }
        body.push_str("</dl>");
    }
    Section { id: "commands", title: "How to go on", body }
}
