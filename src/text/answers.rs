//! The features of one text column: fitted on training answers, applied to others.

use super::block::{Block, DROPPED};
use super::grams::{Numbers, character_grams, fingerprint, word_grams};
use super::normal::{Normal, pieces, words};
use super::recipe::TextRecipe;
use crate::data::Strings;
use rayon::prelude::*;

/// Answers read by one thread at a time; fixed, so that results do not depend on the number of threads.
const CHUNK: usize = 2048;

/// A fitted text column.
#[derive(Debug)]
pub struct Answers {
    /// The column's name.
    pub name: String,
    /// Word n-grams.
    pub words: Block,
    /// Character n-grams.
    pub characters: Block,
    pub(super) recipe: TextRecipe,
    pub(super) seed: u64,
    pub(super) mask: u64,
    /// Training pieces by fingerprint: their character features are in `lists`, so that no piece is cut up twice.
    known: Numbers,
    lists: Lists,
}

/// Lists of numbers in one array.
#[derive(Debug, Clone)]
pub struct Lists {
    starts: Vec<usize>,
    items: Vec<u32>,
}

impl Default for Lists {
    fn default() -> Self {
        Self { starts: vec![0], items: Vec::new() }
    }
}

impl Lists {
    /// The list with a number.
    pub fn get(&self, list: usize) -> &[u32] {
        &self.items[self.starts[list]..self.starts[list + 1]]
    }

    fn close(&mut self) {
        self.starts.push(self.items.len());
    }

    /// Replaces each item by its new number and drops those without one.
    fn renumber(&mut self, new: &[u32]) {
        let mut kept = 0;
        let mut from = 0;
        for end in self.starts.iter_mut().skip(1) {
            for at in from..*end {
                let number = new[self.items[at] as usize];
                if number != DROPPED {
                    self.items[kept] = number;
                    kept += 1;
                }
            }
            from = *end;
            *end = kept;
        }
        self.items.truncate(kept);
    }
}

/// What the training answers hold, by row: so that they need not be read twice.
pub struct Training {
    /// Word features of each record, with repeats.
    pub grams: Lists,
    /// Pieces of each record, as numbers into the lists of character features.
    pieces: Lists,
}

/// Room for one record's work, used again for the next.
#[derive(Default)]
pub struct Scratch {
    text: String,
    padded: String,
    ends: Vec<usize>,
    hashes: Vec<u64>,
    grams: Vec<u32>,
    characters: Vec<u32>,
    counts: Vec<u32>,
}

impl Answers {
    /// Learns the features of a column's training rows.
    pub fn fit(name: &str, strings: &Strings, rows: &[u32], recipe: &TextRecipe) -> (Self, Training) {
        let (seed, mask) = (seed(name), mask(recipe));
        let normal = Normal { fold_accents: recipe.fold_accents };
        let (words, grams) = if recipe.words.1 > 0 { fit_words(strings, rows, normal, recipe, seed, mask) } else { Default::default() };
        let (characters, known, lists, pieces) =
            if recipe.characters.1 > 0 { fit_characters(strings, rows, normal, recipe, seed, mask) } else { Default::default() };
        let answers = Self { name: name.to_owned(), words, characters, recipe: recipe.clone(), seed, mask, known, lists };
        (answers, Training { grams, pieces })
    }

    /// A column of saved blocks. Training pieces are not among what is saved: they would be cut up all the same, only faster.
    pub fn restored(name: &str, recipe: &TextRecipe, words: Block, characters: Block) -> Self {
        let (known, lists) = Default::default();
        Self { name: name.to_owned(), words, characters, recipe: recipe.clone(), seed: seed(name), mask: mask(recipe), known, lists }
    }

    /// Number of features.
    pub fn len(&self) -> usize {
        self.words.len() + self.characters.len()
    }

    /// Adds the features of training record `record` (a position among the training rows) to `row`, from column `offset`.
    pub fn learned(&self, training: &Training, record: usize, offset: u32, scratch: &mut Scratch, row: &mut Vec<(u32, f32)>) -> usize {
        scratch.characters.clear();
        if self.characters.len() > 0 {
            for &piece in training.pieces.get(record) {
                scratch.characters.extend_from_slice(self.lists.get(piece as usize));
            }
        }
        let grams = if self.words.len() > 0 { training.grams.get(record) } else { &[] };
        self.weigh(grams, offset, scratch, row)
    }

    /// Adds the features of any answer to `row`, from column `offset`; returns how many kinds of features it has.
    pub fn apply(&self, answer: &str, offset: u32, scratch: &mut Scratch, row: &mut Vec<(u32, f32)>) -> usize {
        let Scratch { text, padded, ends, hashes, grams, characters, .. } = scratch;
        hashes.clear();
        characters.clear();
        grams.clear();
        Normal { fold_accents: self.recipe.fold_accents }.write(answer, text);
        if self.words.len() > 0 {
            words(text, |word| hashes.push(fingerprint(self.seed, word.as_bytes())));
            word_grams(hashes, self.recipe.words, |gram| grams.extend(self.words.number(gram & self.mask)));
        }
        if self.characters.len() > 0 {
            for piece in pieces(text) {
                if let Some(&number) = self.known.get(&fingerprint(self.seed, piece.as_bytes())) {
                    characters.extend_from_slice(self.lists.get(number as usize));
                } else {
                    character_grams(self.seed, piece, self.recipe.characters, padded, ends, |gram| characters.extend(self.characters.number(gram & self.mask)));
                }
            }
        }
        let grams = std::mem::take(&mut scratch.grams);
        let kinds = self.weigh(&grams, offset, scratch, row);
        scratch.grams = grams;
        kinds
    }

    fn weigh(&self, grams: &[u32], offset: u32, scratch: &mut Scratch, row: &mut Vec<(u32, f32)>) -> usize {
        let Scratch { characters, counts, .. } = scratch;
        let some_words = self.words.weigh(grams, offset, counts, row);
        let some_characters = self.characters.weigh(characters, offset + self.words.len() as u32, counts, row);
        usize::from(some_words) + usize::from(some_characters)
    }
}

/// What tells the features of one column from those of others.
fn seed(name: &str) -> u64 {
    fingerprint(0, name.as_bytes())
}

/// The bits of a fingerprint that are kept.
fn mask(recipe: &TextRecipe) -> u64 {
    if recipe.hash_bits == 0 { u64::MAX } else { (1u64 << recipe.hash_bits.min(63)) - 1 }
}

/// Counts the word n-grams of the training rows; returns the kept ones and those of each row.
fn fit_words(strings: &Strings, rows: &[u32], normal: Normal, recipe: &TextRecipe, seed: u64, mask: u64) -> (Block, Lists) {
    // Read in parallel, counted in order: the maps would cost more to merge than to fill.
    let read: Vec<(Vec<u64>, Vec<usize>)> = rows
        .par_chunks(CHUNK)
        .map(|chunk| {
            let (mut hashes, mut ends, mut text) = (Vec::new(), Vec::with_capacity(chunk.len()), String::new());
            for &row in chunk {
                normal.write(strings.get(row as usize), &mut text);
                words(&text, |word| hashes.push(fingerprint(seed, word.as_bytes())));
                ends.push(hashes.len());
            }
            (hashes, ends)
        })
        .collect();
    let (mut numbers, mut found, mut last, mut grams) = (Numbers::default(), Vec::<(u64, u32)>::new(), Vec::<u32>::new(), Lists::default());
    let mut record = 0u32;
    for (hashes, ends) in &read {
        let mut start = 0;
        for &end in ends {
            word_grams(&hashes[start..end], recipe.words, |gram| {
                let gram = gram & mask;
                let number = *numbers.entry(gram).or_insert_with(|| {
                    found.push((gram, 0));
                    last.push(u32::MAX);
                    found.len() as u32 - 1
                });
                if last[number as usize] != record {
                    last[number as usize] = record;
                    found[number as usize].1 += 1;
                }
                grams.items.push(number);
            });
            grams.close();
            (start, record) = (end, record + 1);
        }
    }
    let (block, renumbered) = Block::keep(&found, rows.len(), recipe.min_records);
    grams.renumber(&renumbered);
    (block, grams)
}

/// Numbers the pieces of the training rows in order of first occurrence: their numbers, their texts, and the pieces of each row.
fn read_pieces(strings: &Strings, rows: &[u32], normal: Normal, seed: u64) -> (Numbers, Strings, Lists) {
    let parts: Vec<(Vec<u64>, Strings, Lists)> = rows
        .par_chunks(CHUNK)
        .map(|chunk| {
            let (mut hashes, mut texts, mut own, mut numbers) = (Vec::new(), Strings::default(), Lists::default(), Numbers::default());
            let mut text = String::new();
            for &row in chunk {
                normal.write(strings.get(row as usize), &mut text);
                for piece in pieces(&text) {
                    let hash = fingerprint(seed, piece.as_bytes());
                    own.items.push(*numbers.entry(hash).or_insert_with(|| {
                        hashes.push(hash);
                        texts.push(piece);
                        hashes.len() as u32 - 1
                    }));
                }
                own.close();
            }
            (hashes, texts, own)
        })
        .collect();
    let (mut numbers, mut texts, mut all) = (Numbers::default(), Strings::default(), Lists::default());
    for (hashes, own_texts, own) in parts {
        let new: Vec<u32> = hashes
            .iter()
            .zip(own_texts.iter())
            .map(|(&hash, text)| {
                *numbers.entry(hash).or_insert_with(|| {
                    texts.push(text);
                    texts.len() as u32 - 1
                })
            })
            .collect();
        let base = all.items.len();
        all.items.extend(own.items.iter().map(|&p| new[p as usize]));
        all.starts.extend(own.starts.iter().skip(1).map(|end| base + end));
    }
    (numbers, texts, all)
}

/// Counts the character n-grams of the training rows, cutting up each distinct piece once; returns the kept ones, the numbers of
/// the pieces, the n-grams of each piece, and the pieces of each row.
fn fit_characters(strings: &Strings, rows: &[u32], normal: Normal, recipe: &TextRecipe, seed: u64, mask: u64) -> (Block, Numbers, Lists, Lists) {
    let (known, texts, all) = read_pieces(strings, rows, normal, seed);
    let (mut numbers, mut found, mut lists) = (Numbers::default(), Vec::<(u64, u32)>::new(), Lists::default());
    let (mut padded, mut ends) = (String::new(), Vec::new());
    for piece in texts.iter() {
        character_grams(seed, piece, recipe.characters, &mut padded, &mut ends, |gram| {
            let gram = gram & mask;
            lists.items.push(*numbers.entry(gram).or_insert_with(|| {
                found.push((gram, 0));
                found.len() as u32 - 1
            }));
        });
        lists.close();
    }
    drop(numbers);
    let records = rows.len();
    // A few large chunks: each needs two counters a feature. Whole numbers add up alike in any order.
    let counts = (0..records)
        .collect::<Vec<_>>()
        .par_chunks(records.div_ceil(8).max(CHUNK))
        .map(|chunk| {
            let (mut count, mut last) = (vec![0u32; found.len()], vec![u32::MAX; found.len()]);
            for &record in chunk {
                for &feature in all.get(record).iter().flat_map(|&p| lists.get(p as usize)) {
                    if last[feature as usize] != record as u32 {
                        last[feature as usize] = record as u32;
                        count[feature as usize] += 1;
                    }
                }
            }
            count
        })
        .reduce(Vec::new, |a, b| if a.is_empty() { b } else { a.iter().zip(&b).map(|(x, y)| x + y).collect() });
    for (feature, count) in found.iter_mut().zip(counts) {
        feature.1 = count;
    }
    let (block, renumbered) = Block::keep(&found, records, recipe.min_records);
    lists.renumber(&renumbered);
    (block, known, lists, all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unseen_word_shares_character_features_with_those_seen() {
        let strings: Strings = ["hand", "Hand!", "hands", "foot"].into_iter().collect();
        let recipe = TextRecipe { words: (1, 1), characters: (3, 3), min_records: 1, ..TextRecipe::default() };
        let (answers, training) = Answers::fit("part", &strings, &[0, 1], &recipe);
        // One word; " ha", "han", "and", "nd " and, from the answer with punctuation, "nd!" and "d! ".
        assert_eq!((answers.words.len(), answers.characters.len()), (1, 6));
        let (mut scratch, mut row) = (Scratch::default(), Vec::new());
        assert_eq!(answers.learned(&training, 0, 0, &mut scratch, &mut row), 2);
        assert_eq!(row.iter().filter(|(column, _)| *column >= 1).count(), 4);
        row.clear();
        // "hands" was not seen: no word, and " ha", "han", "and" of its characters.
        assert_eq!(answers.apply(strings.get(2), 0, &mut scratch, &mut row), 1);
        assert_eq!(row.len(), 3);
        row.clear();
        assert_eq!((answers.apply(strings.get(3), 0, &mut scratch, &mut row), row.len()), (0, 0));
    }
}
