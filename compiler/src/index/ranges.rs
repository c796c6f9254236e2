//! Sets of numbers and of addresses, as ranges.

/// A sorted list of disjoint inclusive ranges.
pub(super) type Ranges<T> = Vec<(T, T)>;

/// Sorted and disjoint; ranges that merely touch stay apart.
pub(super) fn union<T: Copy + Ord>(mut ranges: Ranges<T>) -> Ranges<T> {
    ranges.sort_unstable();
    let mut merged: Ranges<T> = Vec::with_capacity(ranges.len());
    for (low, high) in ranges {
        match merged.last_mut() {
            Some((_, end)) if low <= *end => *end = (*end).max(high),
            _ => merged.push((low, high)),
        }
    }
    merged
}

/// The numbers between and around ranges.
pub(super) fn complement_ints(ranges: &Ranges<i64>) -> Ranges<i64> {
    let around = (i64::MIN, i64::MAX);
    complement(ranges, around, |low| low.checked_sub(1), |high| high.checked_add(1))
}

/// The addresses between and around ranges.
pub(super) fn complement_ips(ranges: &Ranges<u128>) -> Ranges<u128> {
    let around = (0, u128::MAX);
    complement(ranges, around, |low| low.checked_sub(1), |high| high.checked_add(1))
}

fn complement<T: Copy + Ord>(
    ranges: &[(T, T)],
    (least, most): (T, T),
    before: impl Fn(T) -> Option<T>,
    behind: impl Fn(T) -> Option<T>,
) -> Vec<(T, T)> {
    let mut gaps = Vec::new();
    let mut next = Some(least);
    for (low, high) in ranges {
        if let Some(start) = next
            && let Some(end) = before(*low)
            && start <= end
        {
            gaps.push((start, end));
        }
        next = behind(*high);
    }
    gaps.extend(next.map(|start| (start, most)));
    gaps
}
