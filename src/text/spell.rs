//! Which tokens of a record its features are of: the way back from numbers to what a person can read, made from the record itself, since
//! a fitted space knows no word.

use super::answers::Answers;
use super::extra::Scale;
use super::grams::{character_grams, fingerprint, word_grams};
use super::normal::{Normal, pieces, words};
use super::space::{Columns, Space};
use crate::value::Failure;
use std::collections::BTreeMap;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenKind {
    /// A word, or a piece between white space; features of its parts are its own.
    Word,
    /// Several words one after the other, beyond what each says alone.
    Phrase,
    /// A level of a category.
    Level,
    /// A number.
    Number,
    /// That a number is missing.
    Missing,
}

/// A token of a record with its part of the record's features.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// The column it is in.
    pub column: String,
    /// What it is.
    pub kind: TokenKind,
    /// As the model reads it: lower case.
    pub text: String,
    /// Features with the part of their values that is this token's; over all tokens they add up to the record's features.
    pub features: Vec<(u32, f64)>,
}

/// Calls `each` with every different word of an answer as models read it; `room` is used again for the next answer.
pub fn count_words(answer: &str, room: &mut String, mut each: impl FnMut(&str)) {
    Normal::default().write(answer, room);
    let mut found = Vec::new();
    words(room, |word| found.push(word));
    found.sort_unstable();
    found.dedup();
    found.iter().for_each(|word| each(word));
}

/// An answer as models read it, without a word wherever it occurs; what is beside it stays apart.
#[must_use]
pub fn without_word(answer: &str, word: &str) -> String {
    let mut text = String::new();
    Normal::default().write(answer, &mut text);
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    words(&text, |found| {
        let start = found.as_ptr() as usize - text.as_ptr() as usize;
        if found == word {
            out.push_str(&text[at..start]);
            out.push(' ');
            at = start + found.len();
        }
    });
    out.push_str(&text[at..]);
    out
}

/// Occurrences of features: feature, kind and text of the token it occurs in.
type Occurrences = Vec<(u32, TokenKind, String)>;

impl Answers {
    /// Every occurrence of a feature in an answer, with numbers from `offset`.
    fn spell(&self, answer: &str, offset: u32, found: &mut Occurrences) {
        let mut text = String::new();
        Normal { fold_accents: self.recipe.fold_accents }.write(answer, &mut text);
        let mut own = Vec::new();
        words(&text, |word| own.push(word.to_owned()));
        if self.words.len() > 0 {
            let hashes: Vec<u64> = own.iter().map(|word| fingerprint(self.seed, word.as_bytes())).collect();
            let (low, high) = self.recipe.words;
            // In the order in which n-grams are made: by first word, then by length.
            let mut spans = (0..own.len()).flat_map(|start| (low.max(1)..=high.min(own.len() - start)).map(move |n| (start, n)));
            word_grams(&hashes, self.recipe.words, |gram| {
                if let (Some((start, n)), Some(number)) = (spans.next(), self.words.number(gram & self.mask)) {
                    let kind = if n == 1 { TokenKind::Word } else { TokenKind::Phrase };
                    found.push((offset + number, kind, own[start..start + n].join(" ")));
                }
            });
        }
        if self.characters.len() > 0 {
            let offset = offset + self.words.len() as u32;
            let (mut padded, mut ends) = (String::new(), Vec::new());
            for piece in pieces(&text) {
                let mut inside = Vec::new();
                words(piece, |word| inside.push(word));
                // A word and its punctuation are that word; anything else is itself.
                let label = if let [word] = inside[..] { word } else { piece };
                character_grams(self.seed, piece, self.recipe.characters, &mut padded, &mut ends, |gram| {
                    found.extend(self.characters.number(gram & self.mask).map(|number| (offset + number, TokenKind::Word, label.to_owned())));
                });
            }
        }
    }
}

impl Space {
    /// The tokens of a row, in the order of columns and of first occurrence; their features add up to the row's.
    ///
    /// # Errors
    /// When a column that the space was fitted on is not there.
    pub fn spell(&self, columns: &Columns<'_>, row: u32) -> Result<Vec<Token>, Failure> {
        let features = self.apply(columns, &[row])?;
        let values: BTreeMap<u32, f64> = features.row(0).0.iter().zip(features.row(0).1).map(|(c, v)| (*c, f64::from(*v))).collect();
        let mut occurrences: Vec<(&str, u32, TokenKind, String)> = Vec::new();
        let mut offset = 0;
        for answers in &self.answers {
            let mut found = Vec::new();
            if let Some((_, strings)) = columns.texts.iter().find(|(name, _)| *name == answers.name) {
                answers.spell(strings.get(row as usize), offset, &mut found);
            }
            occurrences.extend(found.into_iter().map(|(feature, kind, text)| (answers.name.as_str(), feature, kind, text)));
            offset += answers.len() as u32;
        }
        for levels in &self.levels {
            for (number, level) in levels.levels.iter().enumerate().filter(|(number, _)| values.contains_key(&(offset + *number as u32))) {
                occurrences.push((&levels.name, offset + number as u32, TokenKind::Level, level.clone()));
            }
            offset += levels.levels.len() as u32;
        }
        for scale in &self.scales {
            let number = columns.numbers.iter().find(|(name, _)| *name == scale.name).map_or(f64::NAN, |(_, values)| values[row as usize]);
            for (feature, kind, text) in [(offset, TokenKind::Number, number.to_string()), (offset + 1, TokenKind::Missing, String::new())] {
                if values.contains_key(&feature) {
                    occurrences.push((&scale.name, feature, kind, text));
                }
            }
            offset += Scale::WIDTH as u32;
        }
        let mut times: BTreeMap<u32, f64> = BTreeMap::new();
        occurrences.iter().for_each(|(_, feature, ..)| *times.entry(*feature).or_default() += 1.0);
        let (mut tokens, mut places) = (Vec::<Token>::new(), BTreeMap::new());
        for (column, feature, kind, text) in occurrences {
            let Some(value) = values.get(&feature) else { continue };
            let place = *places.entry((column, kind, text.clone())).or_insert_with(|| {
                tokens.push(Token { column: column.to_owned(), kind, text, features: Vec::new() });
                tokens.len() - 1
            });
            let part = value / times[&feature];
            match tokens[place].features.iter_mut().find(|(own, _)| *own == feature) {
                Some((_, sum)) => *sum += part,
                None => tokens[place].features.push((feature, part)),
            }
        }
        Ok(tokens)
    }
}

#[cfg(test)]
mod tests {
    use super::super::recipe::TextRecipe;
    use super::*;
    use crate::data::{Factor, Strings};

    #[test]
    fn tokens_add_up_to_the_features_of_their_record() {
        let answers: Strings = ["Cut left hand, hand-saw cut left", "hand cut; cut!", "", "N\u{e9}e \u{2014} left hand"].into_iter().collect();
        let region = Factor::from_strings(["n", "s", "", "n"].into_iter());
        let ages = [30.0, f64::NAN, 41.0, 50.0];
        let texts = [("a", &answers)];
        let columns = Columns { texts: &texts, categories: &[("region", &region)], numbers: &[("age", &ages)] };
        for (words, characters, hash_bits) in [((1, 3), (2, 4), 0), ((2, 2), (0, 0), 0), ((0, 0), (3, 3), 0), ((1, 2), (2, 3), 4)] {
            let recipe = TextRecipe { words, characters, hash_bits, min_records: 1, fold_accents: false };
            let (space, features) = Space::fit(&recipe, &columns, &[0, 1, 2, 3]);
            for row in 0..4u32 {
                let tokens = space.spell(&columns, row).expect("spells");
                let mut sums: BTreeMap<u32, f64> = BTreeMap::new();
                tokens.iter().flat_map(|t| &t.features).for_each(|(f, v)| *sums.entry(*f).or_default() += v);
                let (own, values) = features.row(row as usize);
                assert_eq!(sums.keys().copied().collect::<Vec<_>>(), own, "{tokens:?}");
                assert!(sums.values().zip(values).all(|(a, b)| (a - f64::from(*b)).abs() < 1e-6));
                let mut seen: Vec<_> = tokens.iter().map(|t| (&t.column, t.kind, &t.text)).collect();
                seen.sort();
                seen.dedup();
                assert_eq!(seen.len(), tokens.len());
            }
        }
        let recipe = TextRecipe { words: (1, 2), characters: (3, 4), min_records: 1, ..TextRecipe::default() };
        let (space, _) = Space::fit(&recipe, &columns, &[0, 1, 2, 3]);
        let found = space.spell(&columns, 0).expect("spells");
        let texts: Vec<&str> = found.iter().map(|t| t.text.as_str()).collect();
        // "hand," is the word hand with its comma; "hand-saw" is two words and one piece.
        assert_eq!(texts, ["cut", "cut left", "left", "left hand", "hand", "hand hand", "hand saw", "saw", "saw cut", "hand-saw", "n", "30"]);
        let kinds: Vec<TokenKind> = found.iter().rev().take(2).map(|t| t.kind).collect();
        assert_eq!(kinds, [TokenKind::Number, TokenKind::Level]);
        assert!(space.spell(&columns, 1).expect("spells").iter().any(|t| t.kind == TokenKind::Missing));
    }

    #[test]
    fn a_word_is_taken_out_wherever_it_occurs() {
        assert_eq!(without_word("Nurse, NURSE-aid in nursery", "nurse").split_whitespace().collect::<Vec<_>>(), [",", "-aid", "in", "nursery"]);
        assert_eq!(
            (without_word("caf\u{e9} bar", "caf\u{e9}").trim().to_owned(), without_word("", "x"), without_word("--", "x")),
            ("bar".to_owned(), String::new(), "--".to_owned())
        );
        let mut words = Vec::new();
        count_words("B a, b", &mut String::new(), |w| words.push(w.to_owned()));
        assert_eq!(words, ["a", "b"]);
    }
}
