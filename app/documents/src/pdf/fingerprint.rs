//! A number that tells one content from another: the identity a file carries, and the six letters before the name of a
//! subset of a font. Not for keeping secrets: whoever wants can make two contents with the same.

/// What some bytes come down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint(u64, u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325, 0x9E37_79B9_7F4A_7C15)
    }
}

impl Fingerprint {
    /// Of these bytes alone.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut fingerprint = Self::default();
        fingerprint.add(bytes);
        fingerprint
    }

    /// Adds bytes.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            let word = u64::from_le_bytes(word) ^ chunk.len() as u64;
            self.0 = (self.0 ^ word)
                .wrapping_mul(0x0000_0100_0000_01B3)
                .rotate_left(29);
            self.1 = (self.1 ^ word)
                .wrapping_mul(0xFF51_AFD7_ED55_8CCD)
                .rotate_left(23);
        }
    }

    /// Thirty-two hexadecimal digits.
    pub(super) fn digits(self) -> String {
        format!("{:016x}{:016x}", self.0, self.1)
    }

    /// Six capital letters.
    pub(super) fn letters(self) -> String {
        let mut rest = self.0 ^ self.1;
        (0..6)
            .map(|_| {
                let letter = b'A' + (rest % 26) as u8;
                rest /= 26;
                char::from(letter)
            })
            .collect()
    }
}
