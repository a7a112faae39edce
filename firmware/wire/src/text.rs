//! A short text without an allocator.

use core::fmt;

/// Up to `N` bytes of UTF-8; what does not fit is cut off at a character.
#[derive(Clone, Copy)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
    full: bool,
}

impl<const N: usize> Text<N> {
    /// Empty.
    pub const fn new() -> Self {
        Self { bytes: [0; N], len: 0, full: false }
    }

    /// Formats `value`.
    pub fn of(value: impl fmt::Display) -> Self {
        let mut text = Self::new();
        // Writing never fails: what does not fit is dropped.
        let _ = fmt::write(&mut text, format_args!("{value}"));
        text
    }

    /// What was written so far.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.bytes.get(..self.len).unwrap_or(&[])).unwrap_or("")
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> fmt::Write for Text<N> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let room = if self.full { 0 } else { N.saturating_sub(self.len) };
        let fits = part.as_bytes().get(..part.floor_char_boundary(room)).unwrap_or_default();
        if let Some(place) = self.bytes.get_mut(self.len..self.len + fits.len()) {
            place.copy_from_slice(fits);
            self.len += fits.len();
        }
        self.full |= fits.len() < part.len();
        Ok(())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn keeps_whole_characters_only() {
        assert_eq!(Text::<4>::of("abéé").as_str(), "abé");
        assert_eq!(Text::<3>::of("abéc").as_str(), "ab");
        assert_eq!(Text::<8>::of(1234).as_str(), "1234");
    }
}
