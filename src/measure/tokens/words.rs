//! The words of the training and the test part that enough records have.

use super::{FEWEST_RECORDS, TokenQuestion};
use crate::data::{MISSING, Strings};
use crate::text::count_words;
use std::collections::{BTreeMap, HashMap};

/// Most training records that are read: every so-manieth, so that a very large part costs little.
const MOST_READ: usize = 100_000;
/// Most words that are asked about: those of most records.
const MOST_ASKED: usize = 10_000;

/// A word of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// Number of the text column.
    pub column: usize,
    /// The word.
    pub text: String,
    /// Training records with it.
    pub records: u64,
    /// Training records with it by true code, where they are enough to be told of.
    pub by_code: BTreeMap<u32, u64>,
    /// Test records with it, by position.
    pub test: Vec<u32>,
}

/// The words, sorted by column and text.
pub struct Vocabulary {
    /// The words.
    pub words: Vec<Word>,
    /// Training records that were read.
    pub read: u64,
}

impl Vocabulary {
    /// Reads both parts; the model is not asked anything.
    pub fn of(question: &TokenQuestion<'_>) -> Self {
        let train: Vec<u32> = question.train.iter().copied().step_by(question.train.len().div_ceil(MOST_READ).max(1)).collect();
        let mut words = Vec::new();
        for (column, (_, strings)) in question.input.texts.iter().enumerate() {
            words.extend(read(column, strings, &train, question));
        }
        words.sort_by(|a, b| b.size().cmp(&a.size()).then_with(|| (a.column, &a.text).cmp(&(b.column, &b.text))));
        words.truncate(MOST_ASKED);
        words.sort_by(|a, b| (a.column, &a.text).cmp(&(b.column, &b.text)));
        Self { words, read: train.len() as u64 }
    }
}

impl Word {
    fn size(&self) -> u64 {
        self.records + self.test.len() as u64
    }
}

/// The words of one column.
fn read(column: usize, strings: &Strings, train: &[u32], question: &TokenQuestion<'_>) -> Vec<Word> {
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut words: Vec<Word> = Vec::new();
    let mut number = |text: &str, words: &mut Vec<Word>| {
        if let Some(&number) = numbers.get(text) {
            return number;
        }
        words.push(Word { column, text: text.to_owned(), records: 0, by_code: BTreeMap::new(), test: Vec::new() });
        numbers.insert(text.to_owned(), words.len() - 1);
        words.len() - 1
    };
    let mut room = String::new();
    for &row in train {
        let code = question.truth[row as usize];
        count_words(strings.get(row as usize), &mut room, |text| {
            let at = number(text, &mut words);
            words[at].records += 1;
            if code != MISSING {
                *words[at].by_code.entry(code).or_default() += 1;
            }
        });
    }
    for (position, &row) in question.input.rows.iter().enumerate() {
        count_words(strings.get(row as usize), &mut room, |text| {
            let at = number(text, &mut words);
            words[at].test.push(position as u32);
        });
    }
    words.retain_mut(|word| {
        word.by_code.retain(|_, n| *n >= FEWEST_RECORDS);
        word.records >= FEWEST_RECORDS || word.test.len() as u64 >= FEWEST_RECORDS
    });
    words
}
