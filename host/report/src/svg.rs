//! A drawing as text: shapes, labels and tooltips, all coloured by the page's style sheet.
//!
//! Classes `s0` … `s9` set the colour that shapes of classes such as `line` and `fill` are drawn in, so that one
//! drawing serves light, dark and paper.

use std::fmt::{self, Display, Write};

use crate::text::{Escaped, shortened};

/// How many series colours the style sheet has.
pub(crate) const SERIES: usize = 10;

/// A point, pixels from the top left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub x: f64,
    pub y: f64,
}

/// Shorthand for a point.
pub(crate) const fn point(x: f64, y: f64) -> Point {
    Point { x, y }
}

/// A rectangle, pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

impl Rect {
    pub fn right(self) -> f64 {
        self.x + self.w
    }

    pub fn bottom(self) -> f64 {
        self.y + self.h
    }

    pub fn center(self) -> Point {
        point(self.x + self.w / 2.0, self.y + self.h / 2.0)
    }
}

/// Which part of a label lies at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    const fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// A length or coordinate: at most one decimal, never `NaN`.
struct Px(f64);

impl Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = if self.0.is_finite() { (self.0 * 10.0).round() as i64 } else { 0 };
        let (whole, rest) = (tenths / 10, tenths % 10);
        match rest {
            0 => write!(f, "{whole}"),
            _ if tenths < 0 => write!(f, "-{}.{}", -whole, -rest),
            _ => write!(f, "{whole}.{rest}"),
        }
    }
}

/// A drawing in the making.
#[derive(Debug)]
pub(crate) struct Svg {
    width: f64,
    height: f64,
    label: String,
    body: String,
}

impl Svg {
    /// A drawing of this size; `label` says in words what it shows.
    pub fn new(width: f64, height: f64, label: &str) -> Self {
        Self { width, height, label: label.to_owned(), body: String::new() }
    }

    pub fn line(&mut self, from: Point, to: Point, class: &str) {
        let _ = write!(
            self.body,
            "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            Px(from.x),
            Px(from.y),
            Px(to.x),
            Px(to.y)
        );
    }

    pub fn rect(&mut self, rect: Rect, class: &str, tip: &str) {
        let attributes = format!(
            "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
            Px(rect.x),
            Px(rect.y),
            Px(rect.w.max(0.0)),
            Px(rect.h.max(0.0))
        );
        self.shape("rect", class, &attributes, tip);
    }

    /// A rectangle of a colour whose strength is between 0 and 1.
    pub fn cell(&mut self, rect: Rect, class: &str, strength: f64, tip: &str) {
        let strength = if strength.is_finite() { strength.clamp(0.0, 1.0) } else { 0.0 };
        let attributes = format!(
            "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill-opacity=\"{strength:.3}\"",
            Px(rect.x),
            Px(rect.y),
            Px(rect.w),
            Px(rect.h)
        );
        self.shape("rect", class, &attributes, tip);
    }

    pub fn circle(&mut self, at: Point, radius: f64, class: &str, tip: &str) {
        let attributes = format!("cx=\"{}\" cy=\"{}\" r=\"{}\"", Px(at.x), Px(at.y), Px(radius));
        self.shape("circle", class, &attributes, tip);
    }

    /// A square on its corner.
    pub fn diamond(&mut self, at: Point, radius: f64, class: &str, tip: &str) {
        let corners = [(0.0, -radius), (radius, 0.0), (0.0, radius), (-radius, 0.0)];
        let corners: Vec<Point> = corners.iter().map(|(dx, dy)| point(at.x + dx, at.y + dy)).collect();
        let attributes = format!("d=\"{}Z\"", outline(&corners));
        self.shape("path", class, &attributes, tip);
    }

    /// A line through points; fewer than two draw nothing.
    pub fn polyline(&mut self, points: &[Point], class: &str, tip: &str) {
        if points.len() > 1 {
            let attributes = format!("d=\"{}\"", outline(points));
            self.shape("path", class, &attributes, tip);
        }
    }

    /// An arc over `from` and `to`, `height` above the line between them.
    pub fn arc(&mut self, from: Point, to: Point, height: f64, class: &str, tip: &str) {
        let attributes = format!(
            "d=\"M{} {}C{} {} {} {} {} {}\"",
            Px(from.x),
            Px(from.y),
            Px(from.x),
            Px(from.y - height),
            Px(to.x),
            Px(to.y - height),
            Px(to.x),
            Px(to.y)
        );
        self.shape("path", class, &attributes, tip);
    }

    pub fn text(&mut self, at: Point, anchor: Anchor, class: &str, text: &str) {
        let _ = write!(
            self.body,
            "<text class=\"{class}\" x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>",
            Px(at.x),
            Px(at.y),
            anchor.word(),
            Escaped(text)
        );
    }

    /// A label that was turned counter-clockwise by `degrees` around its point.
    pub fn turned(&mut self, at: Point, degrees: f64, anchor: Anchor, class: &str, text: &str) {
        let _ = write!(
            self.body,
            "<text class=\"{class}\" transform=\"translate({} {}) rotate({})\" text-anchor=\"{}\">{}</text>",
            Px(at.x),
            Px(at.y),
            Px(-degrees),
            anchor.word(),
            Escaped(text)
        );
    }

    fn shape(&mut self, tag: &str, class: &str, attributes: &str, tip: &str) {
        let _ = if tip.is_empty() {
            write!(self.body, "<{tag} class=\"{class}\" {attributes}/>")
        } else {
            write!(self.body, "<{tag} class=\"{class}\" {attributes}><title>{}</title></{tag}>", Escaped(tip))
        };
    }

    /// The finished element.
    pub fn finish(self) -> String {
        let Self { width, height, label, body } = self;
        let size = if width > 800.0 { "wide" } else { "half" };
        format!(
            "<svg class=\"{size}\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">{body}</svg>\n",
            Px(width),
            Px(height),
            Escaped(&label)
        )
    }
}

/// `M1 2L3 4`.
fn outline(points: &[Point]) -> String {
    let mut d = String::new();
    for (i, p) in points.iter().enumerate() {
        let _ = write!(d, "{}{} {}", if i == 0 { 'M' } else { 'L' }, Px(p.x), Px(p.y));
    }
    d
}

/// How wide a label will be, on the safe side; `size` is the height of its letters in pixels.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * 0.62
}

/// As much of a label as fits `width`; nothing if that is not even three letters.
pub(crate) fn fitting(text: &str, size: f64, width: f64) -> Option<String> {
    let most = (width / (size * 0.62)).floor().max(0.0) as usize;
    let length = text.chars().count();
    if length <= most { Some(text.to_owned()) } else { (most >= 3).then(|| shortened(text, most)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short_and_never_wrong_words() {
        let shown: Vec<String> = [1.0, 0.04, -0.25, 12.34, f64::NAN, f64::INFINITY].map(|v| Px(v).to_string()).into();
        assert_eq!(shown, ["1", "0", "-0.3", "12.3", "0", "0"]);
    }

    #[test]
    fn labels_and_tooltips_are_escaped() {
        let mut svg = Svg::new(10.0, 10.0, "a<b");
        svg.text(point(0.0, 0.0), Anchor::Start, "t", "<i>");
        svg.rect(Rect { x: 0.0, y: 0.0, w: -1.0, h: 2.0 }, "fill", "\"tip\"");
        let text = svg.finish();
        assert!(text.contains("a&lt;b") && text.contains("&lt;i&gt;") && text.contains("&quot;tip&quot;"), "{text}");
        assert!(text.contains("width=\"0\""));
    }

    #[test]
    fn labels_that_do_not_fit_are_shortened_or_left_out() {
        assert_eq!(fitting("depthwise", 10.0, 100.0).unwrap(), "depthwise");
        assert_eq!(fitting("depthwise", 10.0, 32.0).unwrap(), "dept…");
        assert_eq!(fitting("depthwise", 10.0, 8.0), None);
        assert_eq!(fitting("b1", 10.0, 13.0).unwrap(), "b1");
    }
}
