//! What a model says to answers of one word.

use super::words::{Vocabulary, Word};
use super::{CodeTokens, FEWEST_RECORDS, MOST_CODES, MOST_WORDS, StrongToken, TokenQuestion};
use crate::data::{Factor, MISSING, Strings};
use crate::model::{Input, Predictions};
use crate::value::Failure;
use std::collections::{BTreeMap, HashMap};

/// Words asked at a time, so that confidences of all codes are held for few words only.
const BLOCK: usize = 512;

/// What a model says to each word of a vocabulary.
pub struct Alone {
    /// Whether it says anything else than to an empty answer.
    pub used: Vec<bool>,
    /// Its first code (a number into the question's codes) and confidence; none where it leaves the word uncoded.
    pub first: Vec<Option<(u32, Option<f64>)>>,
    /// Words by code with the code's confidence: only those that speak for it, and that enough training records of the code have.
    strong: BTreeMap<u32, Vec<(usize, f64)>>,
}

impl Alone {
    /// Asks.
    pub fn ask(question: &TokenQuestion<'_>, vocabulary: &Vocabulary) -> Result<Self, Failure> {
        let numbers: HashMap<&str, u32> = question.codes.iter().zip(0..).map(|(code, number)| (code.as_str(), number)).collect();
        let empty = said(question, &[])?;
        let base = confidences(&empty, 0, &numbers);
        let (mut used, mut first, mut strong) = (Vec::new(), Vec::new(), BTreeMap::<u32, Vec<(usize, f64)>>::new());
        for (block, words) in vocabulary.words.chunks(BLOCK).enumerate() {
            let p = said(question, words)?;
            for (at, word) in words.iter().enumerate() {
                let differs = p.ranking(at + 1) != p.ranking(0) || p.confidences(at + 1) != p.confidences(0);
                used.push(differs);
                let best = p.ranking(at + 1).first().and_then(|code| p.codes.get(*code as usize)).and_then(|code| numbers.get(code.as_str()));
                first.push(best.map(|best| (*best, p.confidences(at + 1).first().copied())));
                if !differs || word.by_code.is_empty() || p.confidence.is_empty() {
                    continue;
                }
                let own = confidences(&p, at + 1, &numbers);
                for (code, confidence) in word.by_code.keys().filter_map(|code| Some((*code, *own.get(code)?))) {
                    if confidence > base.get(&code).copied().unwrap_or(0.0) {
                        strong.entry(code).or_default().push((block * BLOCK + at, confidence));
                    }
                }
            }
        }
        // Many words can be as sure as calibration lets them; of those the ones come first whose training records have the code most often.
        let order = |(at, confidence): &(usize, f64), code: u32| {
            let word = &vocabulary.words[*at];
            let share = word.by_code.get(&code).copied().unwrap_or(0) as f64 / word.records.max(1) as f64;
            ((confidence * 100.0).round() as i64, (share * 1e6).round() as i64)
        };
        for (code, list) in &mut strong {
            list.sort_by(|a, b| order(b, *code).cmp(&order(a, *code)).then(a.0.cmp(&b.0)));
            list.truncate(MOST_WORDS);
        }
        Ok(Self { used, first, strong })
    }

    /// The strongest words of each code.
    pub fn codes(&self, question: &TokenQuestion<'_>, vocabulary: &Vocabulary) -> Vec<CodeTokens> {
        let mut sizes: BTreeMap<u32, u64> = BTreeMap::new();
        question.train.iter().for_each(|&row| *sizes.entry(question.truth[row as usize]).or_default() += 1);
        let size = |code: &u32| sizes.get(code).copied().unwrap_or(0);
        let mut codes: Vec<u32> = self.strong.keys().copied().filter(|code| size(code) >= FEWEST_RECORDS).collect();
        codes.sort_by(|a, b| size(b).cmp(&size(a)).then(a.cmp(b)));
        codes.truncate(MOST_CODES);
        let strong = |&(at, confidence): &(usize, f64)| {
            let word = &vocabulary.words[at];
            let column = question.input.texts[word.column].0.to_owned();
            // Of a word that few training records of other codes have, their number would be told with that of all.
            StrongToken { column, word: word.text.clone(), records: word.records, confidence }
        };
        codes.iter().map(|code| CodeTokens { code: question.codes[*code as usize].clone(), words: self.strong[code].iter().map(strong).collect() }).collect()
    }
}

/// Confidences of a record by code.
fn confidences(p: &Predictions, record: usize, numbers: &HashMap<&str, u32>) -> BTreeMap<u32, f64> {
    let named = p.ranking(record).iter().zip(p.confidences(record)).filter_map(|(code, confidence)| Some((p.codes.get(*code as usize)?, *confidence)));
    named.filter_map(|(code, confidence)| Some((*numbers.get(code.as_str())?, confidence))).collect()
}

/// What the model says to an empty answer, and then to each word.
fn said(question: &TokenQuestion<'_>, words: &[Word]) -> Result<Predictions, Failure> {
    let input = question.input;
    let n = words.len() + 1;
    let texts: Vec<Strings> = (0..input.texts.len())
        .map(|column| std::iter::once("").chain(words.iter().map(|word| if word.column == column { word.text.as_str() } else { "" })).collect())
        .collect();
    let factors: Vec<Factor> = input.categories.iter().map(|(_, factor)| Factor { labels: factor.labels.clone(), index: vec![MISSING; n] }).collect();
    let missing = vec![f64::NAN; n];
    let (ids, rows): (Strings, Vec<u32>) = ((0..n).map(|_| "").collect(), (0..n as u32).collect());
    let asked = Input {
        ids: &ids,
        texts: input.texts.iter().zip(&texts).map(|((name, _), strings)| (*name, strings)).collect(),
        categories: input.categories.iter().zip(&factors).map(|((name, _), factor)| (*name, factor)).collect(),
        numbers: input.numbers.iter().map(|(name, _)| (*name, missing.as_slice())).collect(),
        rows: &rows,
    };
    question.coder.predict(&asked, usize::MAX)
}
