//! What is moved into or out of a controller piece by piece: a block, a program,
//! firmware, a file. Its pieces pass by; its size and hash remain.
//!
//! The hash runs along, so that a transfer of any length needs a few hundred bytes. A
//! transfer of which a piece is missing has no hash: half a program is not a program.

use sha2::{Digest as _, Sha256};

/// A transfer under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Artifact {
    hash: Sha256,
    size: u64,
    is_torn: bool,
}

/// A transfer that is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digest {
    /// Bytes of all pieces.
    pub(crate) size: u64,
    /// SHA-256 in lower-case hexadecimal digits (FIPS 180-4).
    pub(crate) sha256: [u8; 64],
}

impl Artifact {
    /// Takes the next piece, in the order of the transfer.
    pub(crate) fn piece(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.size = self.size.saturating_add(len);
    }

    /// Says that a piece was lost.
    pub(crate) fn tear(&mut self) {
        self.is_torn = true;
    }

    /// Bytes so far.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Ends the transfer; nothing if a piece of it is missing.
    pub(crate) fn finish(self) -> Option<Digest> {
        if self.is_torn {
            return None;
        }
        let mut sha256 = [0; 64];
        let digits = b"0123456789abcdef";
        let digit = |n: u8| digits.get(usize::from(n)).copied().unwrap_or_default();
        let (pairs, _) = sha256.as_chunks_mut::<2>();
        for (pair, byte) in pairs.iter_mut().zip(self.hash.finalize()) {
            *pair = [digit(byte >> 4), digit(byte & 0x0f)];
        }
        Some(Digest { size: self.size, sha256 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The one-block example of FIPS 180-4, "abc", in two pieces.
    #[test]
    fn pieces_hash_as_a_whole() {
        let mut artifact = Artifact::default();
        artifact.piece(b"a");
        artifact.piece(b"bc");
        assert_eq!(artifact.size(), 3);
        let digest = artifact.clone().finish().unwrap();
        assert_eq!(digest.size, 3);
        assert_eq!(
            std::str::from_utf8(&digest.sha256).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        artifact.tear();
        assert_eq!(artifact.finish(), None);
    }
}
