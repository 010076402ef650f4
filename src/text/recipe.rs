//! The recipe of text features, as written in study files.

use serde::{Deserialize, Serialize};

/// How words and characters of an answer become features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextRecipe {
    /// Shortest and longest word n-gram, e.g. (1, 2); (0, 0) for none.
    pub words: (usize, usize),
    /// Shortest and longest character n-gram between white space, punctuation included, e.g. (3, 5); (0, 0) for none.
    pub characters: (usize, usize),
    /// Keep a feature only if it occurs in at least this many training records.
    pub min_records: usize,
    /// Hash features into at most 2^bits columns, which bounds memory; 0 keeps every feature apart.
    pub hash_bits: u32,
    /// Fold accents (é to e).
    pub fold_accents: bool,
}

impl Default for TextRecipe {
    fn default() -> Self {
        Self { words: (1, 2), characters: (0, 0), min_records: 2, hash_bits: 0, fold_accents: false }
    }
}
