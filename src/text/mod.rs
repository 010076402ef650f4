//! Text features: normalising, tokens, n-grams, categories and numbers as sparse rows.
//!
//! ```text
//! answer ── normal ──▶ words ── grams ──▶ fingerprints ── block ──▶ columns with tf-idf ── space ──▶ sparse rows
//! ```

mod answers;
mod block;
mod extra;
mod grams;
mod kept;
mod normal;
mod recipe;
mod space;
mod sparse;
mod spell;

pub use grams::fingerprint;
pub use kept::{KeptBlock, KeptSpace, KeptText};
pub use normal::{Normal, words};
pub use recipe::TextRecipe;
pub use space::{Columns, Space};
pub use sparse::Sparse;
pub use spell::{Token, TokenKind, count_words, without_word};
