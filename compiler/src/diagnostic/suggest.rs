//! "Did you mean": the known name nearest to a mistyped one.

/// Names longer than this are not compared: the distance costs their product.
const MAX_LEN: usize = 64;

/// The candidate that `name` was most likely meant to be, if one is near.
///
/// A name that differs in case only wins. Otherwise the distance (insertions,
/// deletions, replacements, neighbours swapped) must be at most a third of the
/// name's length; of equally near ones the first is taken, so the order of the
/// candidates is the order of preference.
///
/// ```
/// use tagout_compiler::diagnostic::closest;
///
/// assert_eq!(closest("adress", ["address", "quantity"]), Some("address"));
/// assert_eq!(closest("banana", ["address", "quantity"]), None);
/// ```
pub fn closest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if name.len() > MAX_LEN {
        return None;
    }
    let limit = (name.chars().count() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate.len() > MAX_LEN || candidate == name {
            continue;
        }
        let distance = if candidate.eq_ignore_ascii_case(name) {
            0
        } else {
            strsim::damerau_levenshtein(name, candidate)
        };
        // A replacement of every character is not a likeness.
        let near = distance <= limit && distance < name.chars().count();
        if near && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_name_wins() {
        #[track_caller]
        fn check(name: &str, candidates: &[&str], expected: Option<&str>) {
            assert_eq!(closest(name, candidates.iter().copied()), expected);
        }
        check("wehre", &["where", "unless"], Some("where"));
        check("PLC", &["plc", "pld"], Some("plc"));
        check("x", &["y"], None);
        check("rtu", &["plc"], None);
        check("", &["a"], None);
        check(&"a".repeat(65), &["a"], None);
    }
}
