//! Fingerprints of words, word n-grams and character n-grams.
//!
//! A feature is known by a 64-bit fingerprint of its text and its column's name, never by its text: among a million features
//! the chance that any two share one is about 3 in 100 million, and no word of an answer is kept in a fitted model.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A hasher that passes fingerprints through: they are well mixed already.
#[derive(Default)]
pub struct Pass(u64);

impl Hasher for Pass {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = fingerprint(self.0, bytes);
    }
    fn write_u64(&mut self, fingerprint: u64) {
        self.0 = fingerprint;
    }
}

/// A map from fingerprints to numbers.
pub type Numbers = HashMap<u64, u32, BuildHasherDefault<Pass>>;

/// Multiplies to 128 bits and folds the halves together.
fn mix(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    (wide as u64) ^ ((wide >> 64) as u64)
}

/// The fingerprint of a text under a seed (multiply and fold, as in wyhash).
pub fn fingerprint(seed: u64, bytes: &[u8]) -> u64 {
    let mut hash = seed ^ 0xa076_1d64_78bd_642f;
    let (eights, rest) = bytes.as_chunks::<8>();
    for eight in eights {
        hash = mix(hash ^ u64::from_le_bytes(*eight), 0xe703_7ed1_a0b4_28db);
    }
    let last = rest.iter().rev().fold(0u64, |word, &b| (word << 8) | u64::from(b));
    mix(hash ^ last, 0x8ebc_6af0_9c88_c6e3 ^ bytes.len() as u64)
}

/// Calls `gram` with the fingerprint of each n-gram of consecutive words, n from `lo` to `hi`.
pub fn word_grams(words: &[u64], (lo, hi): (usize, usize), mut gram: impl FnMut(u64)) {
    for start in 0..words.len() {
        let mut hash = words[start];
        if lo <= 1 {
            gram(hash);
        }
        for (n, &word) in words[start + 1..].iter().enumerate().take(hi.saturating_sub(1)) {
            hash = mix(hash.rotate_left(23) ^ 0x5895_93cb_2f0e_4d2b, word ^ 0x1d8e_4e27_c47d_124f);
            if n + 2 >= lo {
                gram(hash);
            }
        }
    }
}

/// Calls `gram` with the fingerprint of each character n-gram of a piece with a space on both sides, n from `lo` to `hi`.
///
/// As scikit-learn's `char_wb`: a padded piece shorter than `lo` counts once as a whole.
pub fn character_grams(seed: u64, piece: &str, (lo, hi): (usize, usize), padded: &mut String, ends: &mut Vec<usize>, mut gram: impl FnMut(u64)) {
    padded.clear();
    padded.push(' ');
    padded.push_str(piece);
    padded.push(' ');
    ends.clear();
    ends.extend(padded.char_indices().map(|(at, _)| at).chain([padded.len()]));
    let length = ends.len() - 1;
    if length < lo {
        gram(fingerprint(seed, padded.as_bytes()));
    }
    for n in lo.max(1)..=hi.min(length) {
        for start in 0..=length - n {
            gram(fingerprint(seed, &padded.as_bytes()[ends[start]..ends[start + n]]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_grams_have_every_length_asked() {
        let grams = |words: &[u64], span| {
            let mut found = Vec::new();
            word_grams(words, span, |g| found.push(g));
            found
        };
        assert_eq!(grams(&[1, 2, 3], (1, 1)), [1, 2, 3]);
        assert_eq!(grams(&[1, 2, 3], (1, 2)).len(), 5);
        assert_eq!(grams(&[1, 2, 3], (2, 3)).len(), 3);
        assert_eq!(grams(&[1], (2, 3)).len(), 0);
        // The order of words matters.
        assert_ne!(grams(&[1, 2], (2, 2)), grams(&[2, 1], (2, 2)));
    }

    #[test]
    fn character_grams_are_padded_windows() {
        let grams = |word: &str, span| {
            let mut found = Vec::new();
            character_grams(7, word, span, &mut String::new(), &mut Vec::new(), |g| found.push(g));
            found
        };
        let of = |texts: &[&str]| texts.iter().map(|t| fingerprint(7, t.as_bytes())).collect::<Vec<_>>();
        assert_eq!(grams("ał", (2, 3)), of(&[" a", "ał", "ł ", " ał", "ał "]));
        assert_eq!(grams("a", (3, 5)), of(&[" a "]));
        assert_eq!(grams("a", (5, 6)), of(&[" a "]));
    }

    // Computed in Python from the definition. Saved models hold fingerprints: another function would make strangers of all their features, so it would need another format version.
    #[test]
    fn fingerprints_are_those_of_saved_models() {
        assert_eq!([fingerprint(0, b"answer"), fingerprint(7, "caf\u{e9}".as_bytes())], [16_268_071_242_771_187_213, 6_556_308_993_894_812_519]);
        let mut grams = Vec::new();
        word_grams(&[1, 2, 3], (2, 3), |g| grams.push(g));
        assert_eq!(grams, [2_391_951_622_010_798_923, 14_209_624_733_579_523_542, 11_310_046_013_484_469_738]);
    }

    #[test]
    fn fingerprints_depend_on_seed_length_and_bytes() {
        let texts: [&[u8]; 6] = [b"", b"\0", b"a", b"a\0", b"abcdefgh", b"abcdefgh\0"];
        let mut all: Vec<u64> = texts.iter().flat_map(|t| [fingerprint(1, t), fingerprint(2, t)]).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 12);
    }
}
