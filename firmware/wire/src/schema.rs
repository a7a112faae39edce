//! A hash of source text, computed while compiling.

/// FNV-1a (64 bit) of Rust source without white space and `//` comments.
///
/// Only meant for `message.rs`, which has no string literal with `//` in it.
pub(crate) const fn hash(source: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < source.len() {
        let byte = source[at];
        if byte == b'/' && at + 1 < source.len() && source[at + 1] == b'/' {
            while at < source.len() && source[at] != b'\n' {
                at += 1;
            }
            continue;
        }
        if !byte.is_ascii_whitespace() {
            hash = (hash ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3);
        }
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn comments_and_layout_do_not_count() {
        assert_eq!(hash(b"struct A { b: u8 }\n"), hash(b"/// Doc.\r\nstruct A {\r\n  // why\n  b: u8 }"));
    }

    #[test]
    fn a_field_counts() {
        assert_ne!(hash(b"struct A { b: u8 }"), hash(b"struct A { b: u16 }"));
    }
}
