//! The spaces that are part of the tool.

/// Name and text, in the order in which they are listed.
pub const SHIPPED: [(&str, &str); 2] = [
    ("mnas", include_str!("../../../spaces/mnas.yaml")),
    ("mnas-small", include_str!("../../../spaces/mnas-small.yaml")),
];

/// The text of a shipped space.
pub fn text_of(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(shipped, _)| *shipped == name).map(|(_, text)| *text)
}
