//! Which of our PDUs of a frame is which of tshark's, if their numbers differ: the
//! pairing in order with the most agreement.

/// Pairs of positions; a side without a partner is none. `score` tells how well two fit.
pub(crate) fn align(
    (ours, theirs): (usize, usize),
    score: impl Fn(usize, usize) -> usize,
) -> Vec<(Option<usize>, Option<usize>)> {
    if ours == theirs {
        return (0..ours).map(|at| (Some(at), Some(at))).collect();
    }
    // best[i][j]: of the PDUs from i and j on.
    let mut best = vec![vec![0_usize; theirs + 1]; ours + 1];
    for i in (0..ours).rev() {
        for j in (0..theirs).rev() {
            let paired = best[i + 1][j + 1] + score(i, j) + 1;
            best[i][j] = paired.max(best[i + 1][j]).max(best[i][j + 1]);
        }
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while i < ours || j < theirs {
        if i < ours && j < theirs && best[i][j] == best[i + 1][j + 1] + score(i, j) + 1 {
            out.push((Some(i), Some(j)));
            (i, j) = (i + 1, j + 1);
        } else if i < ours && (j == theirs || best[i][j] == best[i + 1][j]) {
            out.push((Some(i), None));
            i += 1;
        } else {
            out.push((None, Some(j)));
            j += 1;
        }
    }
    out
}

#[test]
fn what_one_side_lacks_is_left_out() {
    let (ours, theirs) = ([1, 3], [1, 2, 3]);
    let pairs = align((2, 3), |i, j| usize::from(ours[i] == theirs[j]) * 9);
    let expected = [(Some(0), Some(0)), (None, Some(1)), (Some(1), Some(2))];
    assert_eq!(pairs, expected);
}
