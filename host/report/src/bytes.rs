//! Predicted against linked against observed: the bytes are true, or the page says which are not.

use std::fmt::Write;

use crate::{
    Bytes, Figures,
    page::Section,
    text::{bytes, known, share, thousands},
};

/// What a row's figures say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Fewer than two figures.
    Open,
    Equal,
    /// The largest distance from the prediction.
    Off(u64),
}

/// Compares the figures of one size.
pub(crate) fn verdict(figures: &Figures) -> Verdict {
    let known: Vec<u64> = [figures.predicted, figures.linked, figures.observed].into_iter().flatten().collect();
    let Some((first, rest)) = known.split_first().filter(|(_, rest)| !rest.is_empty()) else { return Verdict::Open };
    match rest.iter().map(|n| n.abs_diff(*first)).max().unwrap_or(0) {
        0 => Verdict::Equal,
        off => Verdict::Off(off),
    }
}

/// How many rows were compared, and how many of them are off.
pub(crate) fn compared(bytes: &Bytes) -> (usize, usize) {
    let rows = rows(bytes).map(|(_, figures, _)| verdict(figures));
    let rows: Vec<Verdict> = rows.into_iter().filter(|v| *v != Verdict::Open).collect();
    (rows.len(), rows.iter().filter(|v| **v != Verdict::Equal).count())
}

fn rows(bytes: &Bytes) -> [(&'static str, &Figures, bool); 7] {
    [
        ("arena", &bytes.arena, false),
        (".data + .bss", &bytes.statics, false),
        ("stack reserve", &bytes.stack_reserve, false),
        ("SRAM", &bytes.sram, true),
        ("code and constants", &bytes.code, false),
        ("model", &bytes.model, false),
        ("flash", &bytes.flash, true),
    ]
}

/// The section about bytes.
pub(crate) fn section(data: &Bytes) -> Section {
    let (compared, off) = compared(data);
    let mut body = match (compared, off) {
        (0, _) => "<p>Nothing was linked or observed yet: these are predictions.</p>".to_owned(),
        (n, 0) => format!("<p class=\"ok\"><b>ok</b> all {n} sizes are as predicted: 0 bytes off.</p>"),
        (n, off) => format!("<p class=\"bad\"><b>FAIL</b> {off} of {n} sizes are not as predicted.</p>"),
    };
    body.push_str(
        "<p class=\"sub\">Predicted: plan and manifest. Linked: sections and symbols of the ELF, bytes of the model's file. \
         Observed: what the device found in use.</p><div class=\"scroll\"><table><thead><tr><th></th>\
         <th class=\"n\">predicted</th><th class=\"n\">linked</th><th class=\"n\">observed</th><th class=\"n\">difference</th>\
         <th></th></tr></thead><tbody>",
    );
    for (name, figures, total) in rows(data) {
        let (difference, word) = match verdict(figures) {
            Verdict::Open => ("–".to_owned(), ""),
            Verdict::Equal => ("0 B".to_owned(), "<span class=\"ok\">ok</span>"),
            Verdict::Off(off) => (format!("{} B", thousands(off)), "<span class=\"bad\">FAIL</span>"),
        };
        let _ = write!(
            body,
            "<tr{}><td>{name}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{difference}</td><td>{word}</td></tr>",
            if total { " class=\"total\"" } else { "" },
            known(figures.predicted, bytes),
            known(figures.linked, bytes),
            known(figures.observed, bytes),
        );
        if name == "stack reserve"
            && let Some(high) = data.stack_high_water
        {
            body.push_str(&high_water(high, figures));
        }
    }
    body.push_str("</tbody></table></div>");
    Section { id: "bytes", title: "Predicted, linked, observed", body }
}

fn high_water(high: u64, reserve: &Figures) -> String {
    let reserve = reserve.observed.or(reserve.linked).or(reserve.predicted);
    let (of, word) = match reserve {
        Some(reserve) if high <= reserve => {
            (format!("{} of the reserve", share(high, reserve)), "<span class=\"ok\">within</span>")
        }
        Some(reserve) => (format!("{} over the reserve", bytes(high - reserve)), "<span class=\"bad\">FAIL</span>"),
        None => (String::new(), ""),
    };
    format!(
        "<tr class=\"dim\"><td>&nbsp;&nbsp;stack high-water mark</td><td></td><td></td><td class=\"n\">{}</td>\
         <td class=\"n\">{of}</td><td>{word}</td></tr>",
        bytes(high)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(predicted: Option<u64>, linked: Option<u64>, observed: Option<u64>) -> Figures {
        Figures { predicted, linked, observed }
    }

    #[test]
    fn one_byte_off_is_off() {
        assert_eq!(verdict(&figures(Some(10), Some(10), Some(10))), Verdict::Equal);
        assert_eq!(verdict(&figures(Some(10), Some(11), Some(10))), Verdict::Off(1));
        assert_eq!(verdict(&figures(None, Some(11), Some(9))), Verdict::Off(2));
        assert_eq!(verdict(&figures(Some(10), None, None)), Verdict::Open);
        assert_eq!(verdict(&figures(None, None, None)), Verdict::Open);
    }

    #[test]
    fn a_stack_beyond_its_reserve_fails() {
        let data =
            Bytes { stack_high_water: Some(5000), stack_reserve: figures(Some(4096), None, None), ..Bytes::default() };
        assert!(section(&data).body.contains("904 B over the reserve"));
        assert!(section(&data).body.contains("FAIL"));
    }
}
