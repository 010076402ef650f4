//! The dictionary of a fastText model: words, labels, and the rows of the input weights that a text stands for.

use super::cursor::{Cursor, wrong};
use crate::value::Problem;
use std::collections::HashMap;

/// The word that stands for the end of a text.
const END: &[u8] = b"</s>";
/// What labels begin with in texts, whatever they begin with in the model: the program does not save it.
const LABEL: &[u8] = b"__label__";
/// Bytes of an entry at least: an empty word's end, its count and its kind.
const LEAST_ENTRY: usize = 10;
/// Most occurrences of an entry; the tree of labels adds them up.
const MOST_OCCURRENCES: i64 = 1 << 40;

/// Which runs of words and letters are features, and how many rows they share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grams {
    pub words: usize,
    pub shortest: usize,
    pub longest: usize,
    pub buckets: u32,
}

/// Words and labels by their bytes.
pub(super) struct Dictionary {
    places: HashMap<Box<[u8]>, u32>,
    words: u32,
    grams: Grams,
    /// Rows of the buckets that were kept, in a model whose buckets were pruned.
    kept: Option<HashMap<u32, u32>>,
}

impl Dictionary {
    /// Reads a dictionary, and its labels with how often each occurred in training.
    pub(super) fn read(cursor: &mut Cursor<'_>, grams: Grams) -> Result<(Self, Vec<(String, i64)>), Problem> {
        let what = "the dictionary";
        let (size, words, labels) = (cursor.int(what)?, cursor.int(what)?, cursor.int(what)?);
        let (_, kept) = (cursor.long(what)?, cursor.long(what)?);
        let entries = cursor.left() / LEAST_ENTRY;
        if words < 0 || labels < 1 || i64::from(words) + i64::from(labels) != i64::from(size) || size as usize > entries {
            return Err(wrong(cursor, "numbers of words and labels that cannot be"));
        }
        let mut places = HashMap::new();
        let mut named = Vec::new();
        for place in 0..size as u32 {
            let word = cursor.word("a word")?;
            let (count, kind) = (cursor.long(what)?, cursor.byte(what)?);
            let label = place >= words as u32;
            if kind != u8::from(label) || !(0..MOST_OCCURRENCES).contains(&count) {
                return Err(wrong(cursor, "words and labels that are out of order"));
            }
            if label {
                let Ok(text) = std::str::from_utf8(word) else { return Err(wrong(cursor, "a label that is not UTF-8")) };
                named.push((text.to_owned(), count));
            }
            places.insert(word.into(), place);
        }
        let kept = match kept {
            ..=-1 => None,
            kept if kept as u64 > (cursor.left() / 8) as u64 => return Err(wrong(cursor, "more kept features than there are bytes")),
            kept => {
                let mut rows = HashMap::new();
                for _ in 0..kept {
                    let (bucket, row) = (cursor.int("the kept features")?, cursor.int("the kept features")?);
                    if bucket < 0 || row < 0 || i64::from(row) >= kept {
                        return Err(wrong(cursor, "a kept feature without a row"));
                    }
                    rows.insert(bucket as u32, row as u32);
                }
                Some(rows)
            }
        };
        Ok((Self { places, words: words as u32, grams, kept }, named))
    }

    /// True when features were left out to make the model smaller.
    pub(super) fn pruned(&self) -> bool {
        self.kept.is_some()
    }

    /// Number of words.
    pub(super) fn words(&self) -> usize {
        self.words as usize
    }

    /// Rows that the input weights must have.
    pub(super) fn height(&self) -> usize {
        let more = match &self.kept {
            Some(kept) => kept.values().max().map_or(0, |row| *row as usize + 1),
            None if self.grams.words > 1 || self.grams.longest > 0 => self.grams.buckets as usize,
            None => 0,
        };
        self.words as usize + more
    }

    /// The rows of a text's words, parts of words and runs of words, and of its end.
    pub(super) fn rows(&self, text: &str) -> Vec<u32> {
        let (mut rows, mut hashes) = (Vec::new(), Vec::new());
        let blank = |b: &u8| matches!(b, b' ' | b'\n' | b'\r' | b'\t' | 0x0b | 0x0c | 0);
        for token in text.as_bytes().split(blank).filter(|t| !t.is_empty()).chain([END]) {
            match self.places.get(token) {
                Some(place) if *place < self.words => {
                    rows.push(*place);
                    if token != END {
                        self.parts(token, &mut rows);
                    }
                    hashes.push(hash(token));
                }
                // A label in a text is none of its words.
                Some(_) => {}
                None if token.starts_with(LABEL) => {}
                None => {
                    if token != END {
                        self.parts(token, &mut rows);
                    }
                    hashes.push(hash(token));
                }
            }
            if token == END {
                break;
            }
        }
        self.runs(&hashes, &mut rows);
        rows
    }

    /// Runs of letters of a word with its ends marked; letters are those of UTF-8.
    fn parts(&self, word: &[u8], rows: &mut Vec<u32>) {
        if self.grams.longest == 0 {
            return;
        }
        let marked: Vec<u8> = [b"<", word, b">"].concat();
        let inner = |at: usize| marked.get(at).is_some_and(|b| b & 0xc0 == 0x80);
        for start in (0..marked.len()).filter(|at| !inner(*at)) {
            let (mut end, mut length) = (start, 1);
            while end < marked.len() && length <= self.grams.longest {
                end += 1;
                while inner(end) {
                    end += 1;
                }
                if length >= self.grams.shortest && !(length == 1 && (start == 0 || end == marked.len())) {
                    self.push(hash(&marked[start..end]) % self.grams.buckets, rows);
                }
                length += 1;
            }
        }
    }

    /// Runs of words, by their hashes, which the program holds as signed numbers.
    fn runs(&self, hashes: &[u32], rows: &mut Vec<u32>) {
        let signed = |hash: u32| i64::from(hash as i32) as u64;
        for (start, &first) in hashes.iter().enumerate() {
            let mut run = signed(first);
            for &next in hashes[start + 1..].iter().take(self.grams.words.saturating_sub(1)) {
                run = run.wrapping_mul(116_049_371).wrapping_add(signed(next));
                self.push((run % u64::from(self.grams.buckets)) as u32, rows);
            }
        }
    }

    fn push(&self, bucket: u32, rows: &mut Vec<u32>) {
        match &self.kept {
            None => rows.push(self.words + bucket),
            Some(kept) => rows.extend(kept.get(&bucket).map(|row| self.words + row)),
        }
    }
}

/// FNV-1a of bytes as the program computes it: each byte is a signed number first.
fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(2_166_136_261, |hash: u32, byte| (hash ^ (*byte as i8 as u32)).wrapping_mul(16_777_619))
}
