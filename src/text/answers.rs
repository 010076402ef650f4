//! The features of one text column: fitted on training answers, applied to others.

use super::block::{Block, DROPPED};
use super::grams::{Numbers, character_grams, fingerprint, word_grams};
use super::normal::Normal;
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
    recipe: TextRecipe,
    seed: u64,
    mask: u64,
    /// Training words by fingerprint: their character features are in `lists`, so that no word is cut up twice.
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
    /// Words of each record, as numbers into the lists of character features.
    tokens: Lists,
}

/// Room for one record's work, used again for the next.
#[derive(Default)]
pub struct Scratch {
    buffer: String,
    padded: String,
    ends: Vec<usize>,
    tokens: Vec<u64>,
    words: Vec<u32>,
    characters: Vec<u32>,
    counts: Vec<u32>,
}

impl Answers {
    /// Learns the features of a column's training rows.
    pub fn fit(name: &str, strings: &Strings, rows: &[u32], recipe: &TextRecipe) -> (Self, Training) {
        let seed = fingerprint(0, name.as_bytes());
        let mask = if recipe.hash_bits == 0 { u64::MAX } else { (1u64 << recipe.hash_bits.min(63)) - 1 };
        let (fingerprints, texts, tokens) = read(strings, rows, recipe, seed);
        let (words, grams) = fit_words(&fingerprints, &tokens, recipe, mask);
        let (characters, lists) = fit_characters(&texts, &tokens, recipe, seed, mask);
        let known = fingerprints.iter().enumerate().map(|(number, &f)| (f, number as u32)).collect();
        let answers = Self { name: name.to_owned(), words, characters, recipe: recipe.clone(), seed, mask, known, lists };
        (answers, Training { grams, tokens })
    }

    /// Number of features.
    pub fn len(&self) -> usize {
        self.words.len() + self.characters.len()
    }

    /// Adds the features of training record `record` (a position among the training rows) to `row`, from column `offset`.
    pub fn learned(&self, training: &Training, record: usize, offset: u32, scratch: &mut Scratch, row: &mut Vec<(u32, f32)>) -> usize {
        scratch.characters.clear();
        if self.characters.len() > 0 {
            for &token in training.tokens.get(record) {
                scratch.characters.extend_from_slice(self.lists.get(token as usize));
            }
        }
        self.weigh(training.grams.get(record), offset, scratch, row)
    }

    /// Adds the features of any answer to `row`, from column `offset`; returns how many kinds of features it has.
    pub fn apply(&self, answer: &str, offset: u32, scratch: &mut Scratch, row: &mut Vec<(u32, f32)>) -> usize {
        let Scratch { buffer, padded, ends, tokens, words, characters, .. } = scratch;
        tokens.clear();
        characters.clear();
        words.clear();
        Normal { fold_accents: self.recipe.fold_accents }.words(answer, buffer, |word| {
            let hash = fingerprint(self.seed, word.as_bytes());
            tokens.push(hash);
            if self.characters.len() > 0 {
                if let Some(&number) = self.known.get(&hash) {
                    characters.extend_from_slice(self.lists.get(number as usize));
                } else {
                    character_grams(self.seed, word, self.recipe.characters, padded, ends, |gram| characters.extend(self.characters.number(gram & self.mask)));
                }
            }
        });
        if self.words.len() > 0 {
            word_grams(tokens, self.recipe.words, |gram| words.extend(self.words.number(gram & self.mask)));
        }
        let words = std::mem::take(&mut scratch.words);
        let kinds = self.weigh(&words, offset, scratch, row);
        scratch.words = words;
        kinds
    }

    fn weigh(&self, words: &[u32], offset: u32, scratch: &mut Scratch, row: &mut Vec<(u32, f32)>) -> usize {
        let Scratch { characters, counts, .. } = scratch;
        let some_words = self.words.weigh(words, offset, counts, row);
        let some_characters = self.characters.weigh(characters, offset + self.words.len() as u32, counts, row);
        usize::from(some_words) + usize::from(some_characters)
    }
}

/// Numbers the words of the training rows in order of first occurrence: their fingerprints, their texts, and the words of each row.
fn read(strings: &Strings, rows: &[u32], recipe: &TextRecipe, seed: u64) -> (Vec<u64>, Strings, Lists) {
    let normal = Normal { fold_accents: recipe.fold_accents };
    let keep_text = recipe.characters.1 > 0;
    let parts: Vec<(Vec<u64>, Strings, Lists)> = rows
        .par_chunks(CHUNK)
        .map(|chunk| {
            let (mut fingerprints, mut texts, mut tokens, mut numbers) = (Vec::new(), Strings::default(), Lists::default(), Numbers::default());
            let mut buffer = String::new();
            for &row in chunk {
                normal.words(strings.get(row as usize), &mut buffer, |word| {
                    let hash = fingerprint(seed, word.as_bytes());
                    tokens.items.push(*numbers.entry(hash).or_insert_with(|| {
                        fingerprints.push(hash);
                        if keep_text {
                            texts.push(word);
                        }
                        fingerprints.len() as u32 - 1
                    }));
                });
                tokens.close();
            }
            (fingerprints, texts, tokens)
        })
        .collect();
    let (mut fingerprints, mut texts, mut tokens, mut numbers) = (Vec::new(), Strings::default(), Lists::default(), Numbers::default());
    for (own, own_texts, own_tokens) in parts {
        let new: Vec<u32> = own
            .iter()
            .enumerate()
            .map(|(i, &hash)| {
                *numbers.entry(hash).or_insert_with(|| {
                    fingerprints.push(hash);
                    if keep_text {
                        texts.push(own_texts.get(i));
                    }
                    fingerprints.len() as u32 - 1
                })
            })
            .collect();
        let base = tokens.items.len();
        tokens.items.extend(own_tokens.items.iter().map(|&t| new[t as usize]));
        tokens.starts.extend(own_tokens.starts.iter().skip(1).map(|end| base + end));
    }
    (fingerprints, texts, tokens)
}

/// Counts the word n-grams of all rows; returns the kept ones and those of each row.
fn fit_words(fingerprints: &[u64], tokens: &Lists, recipe: &TextRecipe, mask: u64) -> (Block, Lists) {
    let (mut numbers, mut found, mut last) = (Numbers::default(), Vec::<(u64, u32)>::new(), Vec::<u32>::new());
    let (mut grams, mut hashes) = (Lists::default(), Vec::new());
    let records = tokens.starts.len() - 1;
    for record in 0..records {
        hashes.clear();
        hashes.extend(tokens.get(record).iter().map(|&t| fingerprints[t as usize]));
        if recipe.words.1 > 0 {
            word_grams(&hashes, recipe.words, |gram| {
                let gram = gram & mask;
                let number = *numbers.entry(gram).or_insert_with(|| {
                    found.push((gram, 0));
                    last.push(u32::MAX);
                    found.len() as u32 - 1
                });
                if last[number as usize] != record as u32 {
                    last[number as usize] = record as u32;
                    found[number as usize].1 += 1;
                }
                grams.items.push(number);
            });
        }
        grams.close();
    }
    let (block, renumbered) = Block::keep(&found, records, recipe.min_records);
    grams.renumber(&renumbered);
    (block, grams)
}

/// Counts the character n-grams of all rows, cutting up each distinct word once; returns the kept ones and those of each word.
fn fit_characters(texts: &Strings, tokens: &Lists, recipe: &TextRecipe, seed: u64, mask: u64) -> (Block, Lists) {
    if recipe.characters.1 == 0 {
        return (Block::default(), Lists::default());
    }
    let (mut numbers, mut found, mut lists) = (Numbers::default(), Vec::<(u64, u32)>::new(), Lists::default());
    let (mut padded, mut ends) = (String::new(), Vec::new());
    for word in texts.iter() {
        character_grams(seed, word, recipe.characters, &mut padded, &mut ends, |gram| {
            let gram = gram & mask;
            lists.items.push(*numbers.entry(gram).or_insert_with(|| {
                found.push((gram, 0));
                found.len() as u32 - 1
            }));
        });
        lists.close();
    }
    drop(numbers);
    let records = tokens.starts.len() - 1;
    // A few large chunks: each needs two counters a feature. Whole numbers add up alike in any order.
    let counts = (0..records)
        .collect::<Vec<_>>()
        .par_chunks(records.div_ceil(8).max(CHUNK))
        .map(|chunk| {
            let (mut count, mut last) = (vec![0u32; found.len()], vec![u32::MAX; found.len()]);
            for &record in chunk {
                for &feature in tokens.get(record).iter().flat_map(|&t| lists.get(t as usize)) {
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
    (block, lists)
}
