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
    let mut gaps = Vec::new();
    let mut next = Some(i64::MIN);
    for (low, high) in ranges {
        if let Some(start) = next
            && let Some(end) = low.checked_sub(1)
            && start <= end
        {
            gaps.push((start, end));
        }
        next = high.checked_add(1);
    }
    gaps.extend(next.map(|start| (start, i64::MAX)));
    gaps
}

/// The addresses between and around ranges.
pub(super) fn complement_ips(ranges: &Ranges<u128>) -> Ranges<u128> {
    let mut gaps = Vec::new();
    let mut next = Some(0);
    for (low, high) in ranges {
        if let Some(start) = next
            && let Some(end) = low.checked_sub(1)
            && start <= end
        {
            gaps.push((start, end));
        }
        next = high.checked_add(1);
    }
    gaps.extend(next.map(|start| (start, u128::MAX)));
    gaps
}
