//! Numbers with units, and text that cannot become markup.

use std::fmt::{self, Display, Write};

/// Text from outside, safe between tags and inside quoted attributes.
///
/// Control characters and those that turn the direction of writing are replaced: a class name must not be able to
/// rearrange the numbers beside it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Escaped<'a>(pub &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;"),
                '<' => f.write_str("&lt;"),
                '>' => f.write_str("&gt;"),
                '"' => f.write_str("&quot;"),
                '\'' => f.write_str("&#39;"),
                '\n' | '\t' => f.write_char(c),
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => f.write_char('\u{fffd}'),
                c if c.is_control() => f.write_char('\u{fffd}'),
                c => f.write_char(c),
            }?;
        }
        Ok(())
    }
}

/// The first `most` characters of `text`, the last of them an ellipsis if something was cut.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// `1,234,567`.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `20,736 B`.
pub(crate) fn bytes(n: u64) -> String {
    format!("{} B", thousands(n))
}

/// `20.3 KiB`, from 1 MiB on `1.5 MiB`.
pub(crate) fn kib(n: u64) -> String {
    let kib = n as f64 / 1024.0;
    if kib < 1024.0 { format!("{kib:.1} KiB") } else { format!("{:.1} MiB", kib / 1024.0) }
}

/// `52.0 M`: millions with three significant digits.
pub(crate) fn millions(macs: f64) -> String {
    let m = macs / 1e6;
    let decimals = match m.abs() {
        m if m >= 99.95 => 0,
        m if m >= 9.995 => 1,
        m if m >= 0.9995 => 2,
        _ => 3,
    };
    format!("{m:.decimals$} M")
}

/// A score: whole numbers as they are, others with six significant digits.
pub(crate) fn score(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return format!("{value}");
    }
    let magnitude = value.abs().log10().floor();
    if !value.is_finite() || !(-3.0..6.0).contains(&magnitude) {
        return format!("{value:.5e}");
    }
    format!("{value:.*}", (5.0 - magnitude) as usize)
}

/// A fraction as `84.1 %`.
pub(crate) fn percent(fraction: f64) -> String {
    format!("{:.1} %", fraction * 100.0)
}

/// `part` of `whole` as `84 %`; nothing of nothing is 0 %.
pub(crate) fn share(part: u64, whole: u64) -> String {
    format!("{:.0} %", ratio(part, whole) * 100.0)
}

/// `part / whole`, 0 if there is no whole.
pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// `28×28×8`.
pub(crate) fn shape([h, w, c]: [u32; 3]) -> String {
    format!("{h}×{w}×{c}")
}

/// `41.2 s`, `3 min 20 s`.
pub(crate) fn duration(seconds: f64) -> String {
    if seconds < 99.95 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours} h {minutes:02} min") } else { format!("{minutes} min {rest:02} s") }
}

/// A number that may be unknown; a dash if it is.
pub(crate) fn known(n: Option<u64>, format: fn(u64) -> String) -> String {
    n.map_or_else(|| "–".to_owned(), format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        let hostile = "<script>alert('x')</script>&\"\u{0}\u{202e}";
        let safe = Escaped(hostile).to_string();
        assert!(!safe.contains(['<', '>', '"', '\'', '\u{0}', '\u{202e}']), "{safe}");
        assert_eq!(safe, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;\u{fffd}\u{fffd}");
        assert_eq!(Escaped("T-Shirt · Größe").to_string(), "T-Shirt · Größe");
    }

    #[test]
    fn millions_have_three_digits_at_every_size() {
        let expected = [
            (52.04e6, "52.0 M"),
            (1.424e6, "1.42 M"),
            (148.3e6, "148 M"),
            (913e3, "0.913 M"),
            (99.96e6, "100 M"),
            (9.996e6, "10.0 M"),
        ];
        for (macs, text) in expected {
            assert_eq!(millions(macs), text);
        }
    }

    #[test]
    fn scores_have_six_digits() {
        let expected = [
            (456.0, "456"),
            (12.345_678_9, "12.3457"),
            (-0.5, "-0.500000"),
            (1.25e-9, "1.25000e-9"),
            (3.5e20, "3.50000e20"),
            (f64::NAN, "NaN"),
        ];
        for (value, text) in expected {
            assert_eq!(score(value), text);
        }
    }

    #[test]
    fn sizes_and_times_have_units() {
        assert_eq!(kib(24576), "24.0 KiB");
        assert_eq!(kib(4 << 20), "4.0 MiB");
        assert_eq!(bytes(1_234_567), "1,234,567 B");
        assert_eq!(duration(41.23), "41.2 s");
        assert_eq!(duration(99.96), "1 min 40 s");
        assert_eq!(duration(3725.0), "1 h 02 min");
        assert_eq!(share(1, 0), "0 %");
        assert_eq!(shortened("abcdef", 4), "abc…");
        assert_eq!(shortened("abcd", 4), "abcd");
    }
}
