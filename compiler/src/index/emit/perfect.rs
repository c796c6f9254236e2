//! Perfect hashing: each key has a slot of its own, so a lookup is two loads and
//! one comparison, whatever the event holds.
//!
//! ```text
//! key = (a, b)      d = displacement[a & (n_groups - 1)]
//!                   slot = ((b ^ d) * ODD) >> (32 - log2 n_slots)
//! ```
//!
//! Hash and displace: groups of keys that share a displacement are placed, the
//! largest first, each with the smallest displacement that sends its keys to
//! free slots.

/// Multiplier of the second step; odd.
pub(super) const ODD: u32 = 0x9E37_79B1;
/// Log2 of the most slots that are tried.
const MOST: u32 = 20;

/// A finished table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Perfect {
    /// A power of two of them.
    pub(super) displacements: Vec<u16>,
    /// Position of the key in each slot.
    pub(super) slots: Vec<Option<usize>>,
    /// Log2 of the number of slots.
    pub(super) bits: u32,
}

/// Builds the table of these keys; `None` if two of them cannot be told apart.
pub(super) fn build(keys: &[(u32, u32)]) -> Option<Perfect> {
    let least = keys.len().saturating_mul(4) / 3;
    let least = least.max(2).next_power_of_two().ilog2();
    (least..=least.saturating_add(3).min(MOST)).find_map(|bits| try_build(keys, bits))
}

fn try_build(keys: &[(u32, u32)], bits: u32) -> Option<Perfect> {
    let n_groups = (keys.len() / 3).max(1).next_power_of_two();
    let group_mask = u32::try_from(n_groups.saturating_sub(1)).ok()?;
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); n_groups];
    for (position, (a, _)) in keys.iter().enumerate() {
        let group = usize::try_from(a & group_mask).ok()?;
        groups.get_mut(group)?.push(position);
    }
    let mut order: Vec<usize> = (0..n_groups).collect();
    order.sort_by_key(|&g| std::cmp::Reverse(groups.get(g).map_or(0, Vec::len)));
    let mut slots = vec![None; 1_usize.checked_shl(bits)?];
    let mut displacements = vec![0; n_groups];
    for group in order {
        let members = groups.get(group)?;
        if members.is_empty() {
            break;
        }
        let displacement =
            (0..u16::MAX).find(|&d| fits(keys, members, d, bits, &slots))?;
        for &member in members {
            *slots.get_mut(slot(keys.get(member)?.1, displacement, bits)?)? =
                Some(member);
        }
        *displacements.get_mut(group)? = displacement;
    }
    Some(Perfect { displacements, slots, bits })
}

fn fits(
    keys: &[(u32, u32)],
    members: &[usize],
    displacement: u16,
    bits: u32,
    slots: &[Option<usize>],
) -> bool {
    let mut taken: Vec<usize> = Vec::with_capacity(members.len());
    members.iter().all(|&member| {
        let at = keys.get(member).and_then(|key| slot(key.1, displacement, bits));
        let Some(at) = at else { return false };
        let free = slots.get(at).is_some_and(Option::is_none) && !taken.contains(&at);
        taken.push(at);
        free
    })
}

fn slot(b: u32, displacement: u16, bits: u32) -> Option<usize> {
    let mixed = (b ^ u32::from(displacement)).wrapping_mul(ODD);
    usize::try_from(mixed >> 32_u32.saturating_sub(bits)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_slot() {
        for n in [0_u32, 1, 2, 3, 10, 100, 5000] {
            let keys: Vec<(u32, u32)> =
                (0..n).map(|i| (i.wrapping_mul(ODD) >> 16, i * 7)).collect();
            let table = build(&keys).unwrap();
            for (position, (a, b)) in keys.iter().enumerate() {
                let group = usize::try_from(*a).unwrap() % table.displacements.len();
                let at = slot(*b, table.displacements[group], table.bits).unwrap();
                assert_eq!(table.slots[at], Some(position));
            }
        }
    }

    #[test]
    fn equal_keys_are_refused() {
        assert_eq!(build(&[(1, 1), (1, 1)]), None);
    }
}
