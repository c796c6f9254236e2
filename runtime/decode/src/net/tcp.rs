//! One direction of a TCP connection: segments in, bytes in order out.
//!
//! ```text
//!             next                      queue: pieces apart, in order
//!  ... tail ] |                [piece]      [piece]
//!  delivered      missing              missing
//! ```
//!
//! A segment that begins at `next` while nothing waits is lent on without a
//! copy. Everything else goes into the queue, where the bytes that came first
//! stay, and whatever has become continuous is delivered.
//!
//! What is missing is given up, as a gap, when the other side has acknowledged
//! it and it still did not come, when it has been waited for too long, when too
//! much waits behind it, or when the connection ends. Time is the packets' own.
//!
//! The last bytes delivered are kept, so that a retransmission that says
//! something else is noticed: the mark of an evasion or of a broken stack.

/// Furthest that a segment may lie from what is expected; the largest window of
/// RFC 7323 is not much used, and a stray segment must not stop a connection.
const WINDOW: u32 = 1 << 24;
/// Most pieces that wait in a direction: more than full segments give in
/// [`MAX_BYTES`], so that segments cut smaller give up no sooner.
const MAX_PIECES: usize = 512;
/// Most bytes that wait in a direction.
const MAX_BYTES: usize = 256 * 1024;
/// How long bytes are waited for that the other side has acknowledged.
const ACKED_WAIT_NS: i64 = 200_000_000;
/// How long bytes are waited for that nobody has acknowledged.
const WAIT_NS: i64 = 3_000_000_000;
/// Bytes of the tail; a power of two.
const TAIL: usize = 256;

/// One direction of a connection.
#[derive(Default)]
pub struct Half {
    /// Sequence number of the next byte to deliver; none before the first.
    next: Option<u32>,
    queue: Vec<Piece>,
    queued_bytes: usize,
    /// Since when something is missing.
    waiting_since_ns: i64,
    tail: Option<Box<Tail>>,
    /// What was met.
    pub stats: HalfStats,
}

/// What a direction has met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HalfStats {
    /// Segments that came before their turn.
    pub out_of_order: u32,
    /// Segments of which all was there already.
    pub retransmitted: u32,
    /// Segments with bytes that differ from those that came first.
    pub conflicts: u32,
    /// Times that something missing was given up.
    pub gaps: u32,
    /// Bytes given up.
    pub gap_bytes: u64,
    /// Segments too far from what is expected.
    pub out_of_window: u32,
}

/// A segment's place and content.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// Sequence number of the first byte.
    pub sequence: u32,
    /// What was captured.
    pub payload: &'a [u8],
    /// Bytes behind it that the capture cut off.
    pub missing: usize,
    /// Time of capture.
    pub ts_ns: i64,
    /// Number of the frame.
    pub frame: u64,
}

/// What comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery<'a> {
    /// The next bytes, and the frame that brought them.
    Data(&'a [u8], u64),
    /// So many bytes are missing here.
    Gap(u32),
}

struct Piece {
    sequence: u32,
    bytes: Vec<u8>,
    missing: u32,
    frame: u64,
}

impl Half {
    /// Sequence number of the next byte; none before the first segment.
    pub fn next(&self) -> Option<u32> {
        self.next
    }

    /// Whether something waits.
    #[inline]
    pub fn is_waiting(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Bytes that wait.
    pub fn queued_bytes(&self) -> usize {
        self.queued_bytes
    }

    /// Begins at this sequence number, unless begun.
    pub fn begin(&mut self, sequence: u32) {
        self.next.get_or_insert(sequence);
    }

    /// Takes a segment and delivers what has become continuous.
    #[inline]
    pub fn accept(
        &mut self,
        segment: &Segment<'_>,
        deliver: &mut impl FnMut(Delivery<'_>),
    ) {
        if segment.payload.is_empty() && segment.missing == 0 {
            return;
        }
        let next = *self.next.get_or_insert(segment.sequence);
        if segment.sequence == next && self.queue.is_empty() && segment.missing == 0 {
            self.advance(segment.payload);
            deliver(Delivery::Data(segment.payload, segment.frame));
            return;
        }
        self.accept_slowly(next, segment, deliver);
    }

    /// Gives up what has been waited for too long. `acknowledged` is the other
    /// side's latest acknowledgment.
    pub fn give_up_late(
        &mut self,
        now_ns: i64,
        acknowledged: Option<u32>,
        deliver: &mut impl FnMut(Delivery<'_>),
    ) {
        let (Some(next), Some(first)) = (self.next, self.queue.first()) else { return };
        let waited = now_ns.saturating_sub(self.waiting_since_ns);
        let is_acked = acknowledged.is_some_and(|acknowledged| {
            distance(first.sequence, acknowledged).is_some()
                && distance(next, acknowledged).is_some()
        });
        if waited > WAIT_NS || (is_acked && waited > ACKED_WAIT_NS) {
            self.give_up(now_ns, deliver);
        }
    }

    /// Delivers all that waits, with the gaps between.
    pub fn flush(&mut self, deliver: &mut impl FnMut(Delivery<'_>)) {
        while self.is_waiting() {
            self.give_up(i64::MAX, deliver);
        }
    }

    #[cold]
    fn accept_slowly(
        &mut self,
        next: u32,
        segment: &Segment<'_>,
        deliver: &mut impl FnMut(Delivery<'_>),
    ) {
        let mut segment = *segment;
        if let Some(behind) = distance(segment.sequence, next).filter(|&n| n > 0) {
            let behind = usize::try_from(behind).unwrap_or(usize::MAX);
            let Some(fresh) = self.pass_delivered(behind, &segment) else { return };
            segment = fresh;
        } else if distance(next, segment.sequence).is_none() {
            self.stats.out_of_window = self.stats.out_of_window.saturating_add(1);
            return;
        }
        if segment.sequence != next {
            self.stats.out_of_order = self.stats.out_of_order.saturating_add(1);
            if self.queue.is_empty() {
                self.waiting_since_ns = segment.ts_ns;
            }
        }
        if self.enqueue(next, &segment) {
            self.stats.conflicts = self.stats.conflicts.saturating_add(1);
        }
        self.drain(segment.ts_ns, deliver);
        while self.queue.len() > MAX_PIECES || self.queued_bytes > MAX_BYTES {
            self.give_up(segment.ts_ns, deliver);
        }
    }

    /// Compares what was delivered before with what comes again; returns the
    /// rest of the segment if there is any.
    fn pass_delivered<'a>(
        &mut self,
        behind: usize,
        segment: &Segment<'a>,
    ) -> Option<Segment<'a>> {
        let (old, fresh) = match segment.payload.split_at_checked(behind) {
            Some(split) => split,
            None => (segment.payload, &[][..]),
        };
        // A probe that keeps a connection alive repeats one byte, any byte.
        let keepalive = behind == 1 && segment.payload.len() == 1;
        let differs = self.tail.as_ref().is_some_and(|tail| tail.differs(behind, old));
        if differs && !keepalive {
            self.stats.conflicts = self.stats.conflicts.saturating_add(1);
        }
        let cut = behind.saturating_sub(segment.payload.len());
        let missing = segment.missing.saturating_sub(cut);
        if fresh.is_empty() && missing == 0 {
            self.stats.retransmitted = self.stats.retransmitted.saturating_add(1);
            return None;
        }
        Some(Segment { sequence: self.next?, payload: fresh, missing, ..*segment })
    }

    /// Puts those bytes of a segment into the queue that are not there; true if
    /// others differ from what is there.
    fn enqueue(&mut self, next: u32, segment: &Segment<'_>) -> bool {
        let missing = u32::try_from(segment.missing).unwrap_or(u32::MAX);
        let Segment { sequence: mut at, payload: mut rest, frame, .. } = *segment;
        if self.is_behind_all(next, segment) {
            self.queued_bytes = self.queued_bytes.saturating_add(rest.len());
            self.queue.push(Piece::new(at, rest, missing, frame));
            return false;
        }
        let mut conflict = false;
        let mut pieces = Vec::with_capacity(self.queue.len().saturating_add(1));
        for piece in self.queue.drain(..) {
            // Bytes of the segment before this piece.
            let before = distance(at, piece.sequence).unwrap_or(0);
            let before = usize::try_from(before).unwrap_or(usize::MAX);
            let (head, tail) = split(rest, before);
            if !head.is_empty() {
                pieces.push(Piece::new(at, head, 0, frame));
                at = at.wrapping_add(len32(head));
                rest = tail;
            }
            // Bytes of the segment that the piece has.
            if let Some(into) = distance(piece.sequence, at) {
                let into = usize::try_from(into).unwrap_or(usize::MAX);
                let have = piece.bytes.get(into..).unwrap_or_default();
                let (shared, tail) = split(rest, have.len());
                conflict |= !have.starts_with(shared);
                at = at.wrapping_add(len32(shared));
                rest = tail;
            }
            pieces.push(piece);
        }
        if !rest.is_empty() || missing > 0 {
            pieces.push(Piece::new(at, rest, missing, frame));
        }
        pieces.sort_by_key(|piece| piece.sequence.wrapping_sub(next));
        self.queued_bytes = pieces.iter().map(|piece| piece.bytes.len()).sum();
        self.queue = pieces;
        conflict
    }

    /// Whether a segment goes behind all that waits, as most do while one is missing.
    fn is_behind_all(&self, next: u32, segment: &Segment<'_>) -> bool {
        let from_next = |sequence: u32| sequence.wrapping_sub(next);
        self.queue.last().is_none_or(|last| {
            let end = from_next(last.sequence).saturating_add(len32(&last.bytes));
            last.missing == 0 && from_next(segment.sequence) >= end
        })
    }

    /// Delivers pieces from the front of the queue while they are continuous.
    fn drain(&mut self, now_ns: i64, deliver: &mut impl FnMut(Delivery<'_>)) {
        let mut n = 0;
        let mut queue = std::mem::take(&mut self.queue);
        while let (Some(next), Some(piece)) = (self.next, queue.get(n)) {
            let Some(old) = distance(piece.sequence, next) else { break };
            let old = usize::try_from(old).unwrap_or(usize::MAX);
            let fresh = piece.bytes.get(old..).unwrap_or_default();
            self.queued_bytes = self.queued_bytes.saturating_sub(piece.bytes.len());
            if !fresh.is_empty() {
                self.advance(fresh);
                deliver(Delivery::Data(fresh, piece.frame));
            }
            if piece.missing > 0 {
                let here = self.next.unwrap_or(next);
                let until = queue.get(n.saturating_add(1));
                let until = until.and_then(|piece| distance(here, piece.sequence));
                let gap = until.map_or(piece.missing, |until| until.min(piece.missing));
                self.skip(gap, deliver);
            }
            n = n.saturating_add(1);
        }
        queue.drain(..n);
        self.queue = queue;
        if n > 0 {
            self.waiting_since_ns = now_ns;
        }
    }

    /// Gives up what is missing before the first piece that waits.
    fn give_up(&mut self, now_ns: i64, deliver: &mut impl FnMut(Delivery<'_>)) {
        let (Some(next), Some(first)) = (self.next, self.queue.first()) else { return };
        let missing = first.sequence.wrapping_sub(next);
        self.skip(missing, deliver);
        self.drain(now_ns, deliver);
    }

    fn skip(&mut self, missing: u32, deliver: &mut impl FnMut(Delivery<'_>)) {
        if missing == 0 {
            return;
        }
        self.next = self.next.map(|next| next.wrapping_add(missing));
        self.tail = None;
        self.stats.gaps = self.stats.gaps.saturating_add(1);
        self.stats.gap_bytes = self.stats.gap_bytes.saturating_add(u64::from(missing));
        deliver(Delivery::Gap(missing));
    }

    #[inline]
    fn advance(&mut self, bytes: &[u8]) {
        self.next = self.next.map(|next| next.wrapping_add(len32(bytes)));
        self.tail.get_or_insert_default().push(bytes);
    }
}

impl Piece {
    fn new(sequence: u32, bytes: &[u8], missing: u32, frame: u64) -> Piece {
        Piece { sequence, bytes: bytes.to_vec(), missing, frame }
    }
}

/// How far `to` lies after `from` in sequence space; none if it lies before it
/// or outside the window.
#[inline]
fn distance(from: u32, to: u32) -> Option<u32> {
    Some(to.wrapping_sub(from)).filter(|&distance| distance < WINDOW)
}

#[inline]
fn len32(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

fn split(bytes: &[u8], at: usize) -> (&[u8], &[u8]) {
    bytes.split_at_checked(at).unwrap_or((bytes, &[]))
}

/// The last bytes delivered, in a ring.
struct Tail {
    bytes: [u8; TAIL],
    /// Bytes ever written; the ring's position is its remainder.
    written: usize,
}

impl Default for Tail {
    fn default() -> Tail {
        Tail { bytes: [0; TAIL], written: 0 }
    }
}

impl Tail {
    #[inline]
    fn push(&mut self, bytes: &[u8]) {
        let skip = bytes.len().saturating_sub(TAIL);
        let kept = bytes.get(skip..).unwrap_or_default();
        let at = self.written.wrapping_add(skip) % TAIL;
        let (first, second) = split(kept, TAIL.wrapping_sub(at));
        if let Some(to) = self.bytes.get_mut(at..at.wrapping_add(first.len())) {
            to.copy_from_slice(first);
        }
        if let Some(to) = self.bytes.get_mut(..second.len()) {
            to.copy_from_slice(second);
        }
        self.written = self.written.wrapping_add(bytes.len());
    }

    /// Whether `again`, which begins `behind` bytes before the end, differs
    /// from what is kept. What is no longer kept counts as equal.
    fn differs(&self, behind: usize, again: &[u8]) -> bool {
        let kept = self.written.min(TAIL);
        let skip = behind.saturating_sub(kept);
        let from = self.written.wrapping_sub(behind.min(kept));
        again.iter().skip(skip).enumerate().any(|(i, byte)| {
            self.bytes.get(from.wrapping_add(i) % TAIL).is_some_and(|kept| kept != byte)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Feeds segments (offset, text) from sequence number `start` on; returns
    /// what came out, gaps as `<n>`.
    fn run(start: u32, segments: &[(u32, &[u8])]) -> (String, HalfStats) {
        let mut half = Half::default();
        half.begin(start);
        let mut out = String::new();
        let mut deliver = |delivery: Delivery<'_>| match delivery {
            Delivery::Data(bytes, _) => out.push_str(&String::from_utf8_lossy(bytes)),
            Delivery::Gap(n) => out.push_str(&format!("<{n}>")),
        };
        for (i, (offset, payload)) in segments.iter().enumerate() {
            let segment = Segment {
                sequence: start.wrapping_add(*offset),
                payload,
                missing: 0,
                ts_ns: 0,
                frame: i as u64,
            };
            half.accept(&segment, &mut deliver);
        }
        half.flush(&mut deliver);
        assert_eq!(half.queued_bytes, 0);
        (out, half.stats)
    }

    fn check(segments: &[(u32, &[u8])], expected: &str, conflicts: u32) {
        for start in [0, 1000, u32::MAX, u32::MAX - 2] {
            let (out, stats) = run(start, segments);
            assert_eq!(out, expected, "from {start}");
            assert_eq!(stats.conflicts, conflicts, "from {start}");
        }
    }

    #[test]
    fn segments_are_put_in_order() {
        check(&[(0, b"ab"), (2, b"cd")], "abcd", 0);
        check(&[(2, b"cd"), (0, b"ab")], "abcd", 0);
        check(&[(4, b"ef"), (2, b"cd"), (0, b"ab"), (6, b"g")], "abcdefg", 0);
    }

    #[test]
    fn what_comes_again_is_passed() {
        check(&[(0, b"abc"), (0, b"abc"), (1, b"bcd")], "abcd", 0);
        check(&[(4, b"efg"), (3, b"defgh"), (0, b"abc")], "abcdefgh", 0);
    }

    #[test]
    fn the_first_bytes_win() {
        check(&[(0, b"abc"), (1, b"XX"), (3, b"d")], "abcd", 1);
        check(&[(0, b"abc"), (2, b"Xd")], "abcd", 1);
        check(&[(3, b"def"), (2, b"cXXXg"), (0, b"ab")], "abcdefg", 1);
        check(&[(2, b"cd"), (0, b"abXXe")], "abcde", 1);
    }

    #[test]
    fn what_is_missing_is_a_gap() {
        check(&[(0, b"ab"), (5, b"f")], "ab<3>f", 0);
        check(&[(5, b"f"), (8, b"i")], "<5>f<2>i", 0);
    }

    #[test]
    fn a_keepalive_probe_is_no_conflict() {
        check(&[(0, b"abc"), (2, b"\0"), (3, b"d")], "abcd", 0);
    }

    #[test]
    fn cut_frames_leave_a_gap() {
        let mut half = Half::default();
        let mut out = Vec::new();
        let mut deliver = |delivery: Delivery<'_>| out.push(format!("{delivery:?}"));
        let mut segment =
            Segment { sequence: 7, payload: b"ab", missing: 3, ts_ns: 0, frame: 1 };
        half.accept(&segment, &mut deliver);
        segment.sequence = 12;
        segment.missing = 0;
        half.accept(&segment, &mut deliver);
        assert_eq!(out, ["Data([97, 98], 1)", "Gap(3)", "Data([97, 98], 1)"]);
    }

    #[test]
    fn waiting_ends_by_packet_time() {
        let mut half = Half::default();
        half.begin(0);
        let mut out = Vec::new();
        let mut deliver = |delivery: Delivery<'_>| out.push(format!("{delivery:?}"));
        let segment =
            Segment { sequence: 2, payload: b"c", missing: 0, ts_ns: 0, frame: 1 };
        half.accept(&segment, &mut deliver);
        half.give_up_late(ACKED_WAIT_NS + 1, Some(1), &mut deliver);
        assert!(half.is_waiting());
        half.give_up_late(ACKED_WAIT_NS + 1, Some(3), &mut deliver);
        assert!(!half.is_waiting());
        assert_eq!(out, ["Gap(2)", "Data([99], 1)"]);
    }

    #[test]
    fn too_much_waiting_ends_too() {
        let segments: Vec<(u32, &[u8])> = (1..200).map(|i| (i * 2, &b"x"[..])).collect();
        let (out, stats) = run(0, &segments);
        assert_eq!(out.matches('x').count(), 199);
        assert_eq!(stats.gaps, 199);
    }

    proptest! {
        /// Any cover of a text by segments, in any order, gives the text.
        #[test]
        fn any_cover_gives_the_text(
            start in any::<u32>(),
            cuts in prop::collection::vec((0u32..300, 1usize..60), 1..40),
            seed in any::<u64>(),
        ) {
            let text: Vec<u8> = (0..300u32).map(|i| b'a' + (i * 7 % 26) as u8).collect();
            let mut segments: Vec<(u32, &[u8])> = text
                .chunks(20)
                .zip((0u32..).step_by(20))
                .map(|(chunk, at)| (at, chunk))
                .collect();
            for (from, len) in cuts {
                let at = from as usize;
                segments.push((from, &text[at..(at + len).min(300)]));
            }
            let mut state = seed;
            for i in (1..segments.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                segments.swap(i, (state >> 33) as usize % (i + 1));
            }
            let (out, stats) = run(start, &segments);
            prop_assert_eq!(out.as_bytes(), &text[..]);
            prop_assert_eq!(stats.conflicts, 0);
            prop_assert_eq!(stats.gaps, 0);
        }
    }
}
