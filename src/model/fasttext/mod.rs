//! Model files of Facebook's fastText program (`.bin`, and quantised `.ftz`): read with care, and coding as the program itself does.
//!
//! Nothing is allocated on a file's word: every size is checked against the bytes that are there, and weights stay where they are in the
//! file. Confidences are the model's probabilities; the program adds 0.00001 to each before it prints them.

mod cursor;
mod dictionary;
mod matrix;
mod scores;
#[cfg(test)]
mod tests;

use super::{Coder, FastTextRecipe, Input, Predictions, Punctuation, UNCODED};
use crate::value::{Class, Failure, Problem, grouped};
use cursor::{Cursor, wrong};
use dictionary::{Dictionary, Grams};
use matrix::Matrix;
use rayon::prelude::*;
use scores::{Loss, Scores};

/// First bytes of a model file, as a number.
const MAGIC: i32 = 793_712_314;
/// Most dimensions, n-grams and the like that are read; far above what is ever trained.
const MOST_DIMENSIONS: i32 = 1 << 14;
const LONGEST_GRAM: i32 = 100;
/// Records coded at a time, so that probabilities of all codes are held for few records only.
const CHUNK: usize = 256;

/// A model of the fastText program, loaded.
pub struct FastText {
    bytes: Vec<u8>,
    dictionary: Dictionary,
    input: Matrix,
    output: Matrix,
    scores: Scores,
    recipe: FastTextRecipe,
    codes: Vec<String>,
    /// For each label of the file, its place among the sorted codes.
    places: Vec<u32>,
    facts: Vec<(String, String)>,
}

impl FastText {
    /// Loads a model file.
    ///
    /// # Errors
    /// A file of another kind or version, damaged, or not of a classifier; labels without the recipe's prefix.
    pub fn load(recipe: &FastTextRecipe, bytes: Vec<u8>) -> Result<Self, Failure> {
        let named = |mut problem: Problem| {
            problem.place.get_or_insert_default().file.clone_from(&recipe.path);
            Failure::from(problem)
        };
        parse(recipe, bytes).map_err(named)
    }

    /// A text as the model's own training texts were prepared.
    fn cleaned(&self, text: &str, into: &mut String) {
        for c in text.chars() {
            let apart = match self.recipe.punctuation {
                Punctuation::Keep => false,
                Punctuation::Apart => matches!(c, '.' | '!' | '?' | ',' | '\'' | '/' | '(' | ')'),
                Punctuation::Remove => c.is_ascii_punctuation(),
            };
            if apart {
                into.push(' ');
            }
            // A line break would end the text for the program, so answers of several lines are one line.
            match c {
                '\n' => into.push(' '),
                _ if apart && self.recipe.punctuation == Punctuation::Remove => {}
                _ if self.recipe.lower_case => into.extend(c.to_lowercase()),
                _ => into.push(c),
            }
            if apart {
                into.push(' ');
            }
        }
    }

    /// The probability of each label of the file, or none for a text without a known word or part of one.
    fn score(&self, text: &str, floor: f64) -> Option<Vec<f64>> {
        let rows = self.dictionary.rows(text);
        if rows.is_empty() {
            return None;
        }
        let mut hidden = vec![0f32; self.input.columns()];
        for &row in &rows {
            self.input.add(&self.bytes, row as usize, &mut hidden);
        }
        let share = 1.0 / rows.len() as f32;
        hidden.iter_mut().for_each(|h| *h *= share);
        Some(self.scores.of(&hidden, &self.output, &self.bytes, floor))
    }
}

impl Coder for FastText {
    fn codes(&self) -> &[String] {
        &self.codes
    }

    fn predict(&self, input: &Input<'_>, keep: usize) -> Result<Predictions, Failure> {
        if input.texts.is_empty() {
            return Err(super::fit::no_columns("fasttext", "text").into());
        }
        let (codes, kept) = (self.codes.len(), keep.clamp(1, self.codes.len()));
        let parts: Vec<Predictions> = input
            .rows
            .par_chunks(CHUNK)
            .map(|rows| {
                let (mut dense, mut text) = (vec![0f64; rows.len() * codes], String::new());
                let mut uncoded = Vec::new();
                for (record, &row) in rows.iter().enumerate() {
                    text.clear();
                    for (_, column) in &input.texts {
                        self.cleaned(column.get(row as usize), &mut text);
                        text.push(' ');
                    }
                    match self.score(&text, 0.0) {
                        Some(scores) if scores.iter().all(|s| s.is_finite()) => {
                            scores.iter().zip(&self.places).for_each(|(score, place)| dense[record * codes + *place as usize] = score.clamp(0.0, 1.0));
                        }
                        Some(_) => return Err(not_numbers(row)),
                        None => uncoded.push(record),
                    }
                }
                let mut part = Predictions::from_dense(self.codes.clone(), &dense, kept);
                for record in uncoded {
                    part.complete = false;
                    part.ranked[record * kept..(record + 1) * kept].fill(UNCODED);
                }
                Ok(part)
            })
            .collect::<Result<_, Problem>>()?;
        let complete = self.scores.probabilities() && parts.iter().all(|p| p.complete) && kept == codes;
        let mut all = Predictions { codes: self.codes.clone(), kept, ranked: Vec::new(), confidence: Vec::new(), complete };
        for part in parts {
            all.ranked.extend(part.ranked);
            all.confidence.extend(part.confidence);
        }
        Ok(all)
    }

    fn facts(&self) -> Vec<(String, String)> {
        self.facts.clone()
    }
}

fn not_numbers(row: u32) -> Problem {
    Problem::new(Class::Model, "the model gives scores that are not numbers: its weights are damaged")
        .within(format!("first: record {} of the data", row + 1))
        .remedy("train and save the model again")
}

fn parse(recipe: &FastTextRecipe, bytes: Vec<u8>) -> Result<FastText, Problem> {
    let mut cursor = Cursor::new(&bytes);
    if cursor.left() < 8 || cursor.int("the magic number")? != MAGIC {
        return Err(Problem::new(Class::Model, "the file is not a model of the fastText program")
            .remedy("name a .bin or .ftz file saved by fastText; vectors (.vec) and other programs' models cannot be read"));
    }
    let version = cursor.int("the version")?;
    if !(11..=12).contains(&version) {
        return Err(Problem::new(Class::Model, format!("the file's format has version {version}, and 11 and 12 can be read"))
            .remedy("save the model with fastText 0.2 to 0.9"));
    }
    let mut arguments = [0i32; 12];
    for argument in &mut arguments {
        *argument = cursor.int("the arguments")?;
    }
    let [dimensions, _, _, _, _, word_grams, loss, kind, buckets, shortest, longest, _] = arguments;
    cursor.float("the arguments")?;
    if kind != 3 {
        return Err(Problem::new(Class::Model, "the model is of word vectors, not a classifier").remedy("train it with `fasttext supervised`"));
    }
    // Old classifiers were trained without parts of words, whatever their arguments say.
    let longest = if version == 11 { 0 } else { longest };
    let bounded = (1..=MOST_DIMENSIONS).contains(&dimensions)
        && (0..=LONGEST_GRAM).contains(&word_grams)
        && (0..=LONGEST_GRAM).contains(&shortest)
        && (0..=LONGEST_GRAM).contains(&longest)
        && (buckets > 0 || buckets == 0 && word_grams <= 1 && longest == 0);
    let loss = match loss {
        1 => Some(Loss::Hierarchical),
        3 => Some(Loss::Softmax),
        // Negative sampling scores each label apart, as one-vs-all does.
        2 | 4 => Some(Loss::OneVsAll),
        _ => None,
    };
    let Some(loss) = loss.filter(|_| bounded) else { return Err(wrong(&cursor, "arguments that no training has")) };
    let grams = Grams { words: word_grams as usize, shortest: shortest as usize, longest: longest as usize, buckets: buckets as u32 };
    let (dictionary, labels) = Dictionary::read(&mut cursor, grams)?;
    let quantised = cursor.flag("the kind of the input weights")?;
    if !quantised && dictionary.pruned() {
        return Err(
            Problem::new(Class::Model, "the model's words were pruned but its weights are not quantised").remedy("save it again with fastText 0.2 or later")
        );
    }
    let input = Matrix::read(&mut cursor, quantised)?;
    let output_quantised = cursor.flag("the kind of the output weights")?;
    // As the program does: the flag counts only in a quantised model.
    let output = Matrix::read(&mut cursor, quantised && output_quantised)?;
    if cursor.left() > 0 {
        return Err(wrong(&cursor, "bytes after the end of the model"));
    }
    // A tree of labels has a row for each inner node and one that is never read.
    let fits = input.columns() == dimensions as usize
        && output.columns() == dimensions as usize
        && input.rows() >= dictionary.height()
        && output.rows() == labels.len();
    if !fits {
        return Err(wrong(&cursor, "weights that do not fit the words and labels"));
    }
    let (codes, places) = codes(&labels, &recipe.label_prefix)?;
    let scores = Scores::new(loss, &labels.iter().map(|(_, count)| *count).collect::<Vec<_>>())?;
    let facts = vec![
        ("model file".to_owned(), format!("fastText, format version {version}{}", if quantised { ", quantised" } else { "" })),
        ("loss".to_owned(), scores.words().to_owned()),
        ("words".to_owned(), grouped(dictionary.words())),
        ("labels".to_owned(), grouped(codes.len())),
        ("dimensions".to_owned(), grouped(dimensions as usize)),
    ];
    Ok(FastText { dictionary, input, output, scores, recipe: recipe.clone(), codes, places, facts, bytes })
}

/// The codes that labels stand for, sorted, and each label's place among them.
fn codes(labels: &[(String, i64)], prefix: &str) -> Result<(Vec<String>, Vec<u32>), Problem> {
    let refused = |message: &str| {
        Problem::new(Class::Model, message.to_owned())
            .remedy("set `label_prefix` to what stands before each code in the labels; \"__label__\" is fastText's own")
    };
    let mut sorted: Vec<(&str, usize)> = Vec::with_capacity(labels.len());
    for (place, (label, _)) in labels.iter().enumerate() {
        match label.strip_prefix(prefix) {
            Some(code) if !code.is_empty() => sorted.push((code, place)),
            _ => return Err(refused("a label of the model does not begin with the prefix, or has nothing behind it")),
        }
    }
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err(refused("two labels of the model are the same"));
    }
    let mut places = vec![0; labels.len()];
    sorted.iter().enumerate().for_each(|(place, (_, label))| places[*label] = place as u32);
    Ok((sorted.into_iter().map(|(code, _)| code.to_owned()).collect(), places))
}
