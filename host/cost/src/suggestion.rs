//! "Did you mean": the known name that is closest to an unknown one.

/// The closest of `known`, if it is close enough to be what was meant.
pub(crate) fn closest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    let scored = known.into_iter().map(|candidate| (score(&name, candidate), candidate));
    // The first of equally close names, so that the answer does not depend on the iterator's direction.
    let best = scored.fold(None, |best: Option<(f64, &str)>, next| match best {
        Some(best) if best.0 >= next.0 => Some(best),
        _ => Some(next),
    });
    best.filter(|(score, _)| *score >= 0.6).map(|(_, candidate)| candidate)
}

/// 1 for equal names; parts of names (`f446re`) count as much as typing errors.
fn score(name: &str, candidate: &str) -> f64 {
    let candidate = candidate.to_ascii_lowercase();
    if name.len() >= 3 && candidate.contains(name) {
        return 0.9;
    }
    strsim::normalized_damerau_levenshtein(name, &candidate)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn typing_errors_and_parts_find_the_name() {
        let known = ["nucleo-f401re", "nucleo-f446re", "qemu-mps2-an386"];
        assert_eq!(closest("nucleo-f446er", known), Some("nucleo-f446re"));
        assert_eq!(closest("NUCLEO-F446RE", known), Some("nucleo-f446re"));
        assert_eq!(closest("an386", known), Some("qemu-mps2-an386"));
        assert_eq!(closest("arduino", known), None);
        assert_eq!(closest("", known), None);
    }
}
