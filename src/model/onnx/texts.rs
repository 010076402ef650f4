//! The operators on texts: case, words, and counts of n-grams.

use super::attribute::Attributes;
use super::pattern::Pattern;
use super::value::{Kind, Sparse, Texts, Value, misfit};
use crate::value::Problem;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// Highest column that counts of n-grams may have.
const MOST_COLUMNS: i64 = 1 << 24;
/// Longest n-gram.
const LONGEST_GRAM: i64 = 64;

/// What becomes of the case of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Keep,
    Lower,
    Upper,
}

impl Case {
    pub fn read(node: Attributes<'_>) -> Result<Self, Problem> {
        // Without words among records, a list of stop words would remove records.
        if !node.texts("stopwords")?.is_empty() {
            return Err(node.unprovided("with stop words"));
        }
        match node.text("case_change_action")?.unwrap_or("NONE") {
            "NONE" => Ok(Self::Keep),
            "LOWER" => Ok(Self::Lower),
            "UPPER" => Ok(Self::Upper),
            _ => Err(node.wrong("case_change_action", "is none of NONE, LOWER and UPPER")),
        }
    }

    pub fn apply<'a>(self, input: &Value<'a>) -> Result<Value<'a>, Problem> {
        let Value::Texts { columns, items } = input else { return Err(misfit("letters are changed of what is no text")) };
        if self == Self::Keep {
            return Ok(input.clone());
        }
        let turned = |text: &Cow<'a, str>| -> Cow<'a, str> {
            if text.is_ascii() {
                return Cow::Owned(if self == Self::Lower { text.to_ascii_lowercase() } else { text.to_ascii_uppercase() });
            }
            // Character by character as in C, so that a text keeps its length in characters.
            let one = |c: char| {
                let only = |mut other: Box<dyn Iterator<Item = char>>| match (other.next(), other.next()) {
                    (Some(d), None) => d,
                    _ => c,
                };
                only(if self == Self::Lower { Box::new(c.to_lowercase()) } else { Box::new(c.to_uppercase()) })
            };
            Cow::Owned(text.chars().map(one).collect())
        };
        Ok(Value::Texts { columns: *columns, items: Arc::new(items.iter().map(turned).collect()) })
    }
}

/// How texts are taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tokenizer {
    how: How,
    /// Fewest characters of a word.
    least: usize,
}

#[derive(Debug, Clone, PartialEq)]
enum How {
    /// Each character is a word.
    Characters,
    /// What matches is a word.
    Words(Pattern),
    /// What stands between matches is a word.
    Between(Vec<Pattern>),
}

impl Tokenizer {
    pub fn read(node: Attributes<'_>) -> Result<Self, Problem> {
        if node.int("mark").unwrap_or(0) != 0 {
            return Err(node.unprovided("with marks before and after texts"));
        }
        let pattern = |text: &str| Pattern::parse(text).ok_or_else(|| node.unprovided("with a regular expression of more than sets of characters"));
        let least = usize::try_from(node.int("mincharnum").unwrap_or(1)).map_err(|_| node.wrong("mincharnum", "is negative"))?;
        let how = match (node.text("tokenexp")?.filter(|t| !t.is_empty()), node.texts("separators")?.as_slice()) {
            (Some(text), []) => How::Words(pattern(text)?),
            (None, [""]) => How::Characters,
            (None, separators) if !separators.is_empty() => How::Between(separators.iter().map(|s| pattern(s)).collect::<Result<_, _>>()?),
            _ => return Err(node.wrong("tokenexp", "or `separators` must be there, and not both")),
        };
        Ok(Self { how, least })
    }

    pub fn apply<'a>(&self, input: &Value<'a>) -> Result<Value<'a>, Problem> {
        let Value::Texts { columns: 1, items } = input else { return Err(misfit("words are sought in what is not one text a record")) };
        let (mut spans, mut ends) = (Vec::new(), Vec::with_capacity(items.len()));
        for text in items.iter() {
            let mut keep = |from: usize, to: usize| {
                if self.least < 2 || text[from..to].chars().take(self.least).count() == self.least {
                    spans.push((from as u32, to as u32));
                }
            };
            match &self.how {
                How::Characters => text.char_indices().for_each(|(at, c)| keep(at, at + c.len_utf8())),
                How::Words(pattern) => pattern.matches(text, &mut keep),
                How::Between(separators) => {
                    let mut parts = vec![(0, text.len())];
                    for separator in separators {
                        let mut next = Vec::with_capacity(parts.len());
                        for (from, to) in parts {
                            let mut at = from;
                            separator.matches(&text[from..to], |start, end| {
                                next.push((at, from + start));
                                at = from + end;
                            });
                            next.push((at, to));
                        }
                        next.retain(|(from, to)| to > from);
                        parts = next;
                    }
                    parts.into_iter().for_each(|(from, to)| keep(from, to));
                }
            }
            ends.push(spans.len());
        }
        Ok(Value::Words { texts: Texts::clone(items), ends, spans })
    }
}

/// What the count of an n-gram becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Count,
    /// Its weight if it occurs.
    Weight,
    Both,
}

/// The n-grams that are counted, each with its column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Vocabulary {
    words: HashMap<String, u32>,
    /// From a node of the tree of n-grams (the root is 0) and a word to the next node.
    next: HashMap<(u32, u32), u32>,
    /// Of each node, the column and weight of the n-gram that ends there.
    column: Vec<Option<(u32, f32)>>,
    mode: Mode,
    shortest: usize,
    longest: usize,
    columns: usize,
}

impl Vocabulary {
    pub fn read(node: Attributes<'_>) -> Result<Self, Problem> {
        if node.has("pool_int64s") {
            return Err(node.unprovided("of numbers"));
        }
        let (shortest, longest) = (node.int("min_gram_length").unwrap_or(0), node.int("max_gram_length").unwrap_or(0));
        if !(1..=longest).contains(&shortest) || longest > LONGEST_GRAM {
            return Err(node.wrong("min_gram_length", "and `max_gram_length` do not go from short to long"));
        }
        if node.int("max_skip_count").unwrap_or(0) != 0 && longest > 1 {
            return Err(node.unprovided("of words that need not follow each other"));
        }
        let mode = match node.text("mode")?.unwrap_or_default() {
            "TF" => Mode::Count,
            "IDF" => Mode::Weight,
            "TFIDF" => Mode::Both,
            _ => return Err(node.wrong("mode", "is none of TF, IDF and TFIDF")),
        };
        let (pool, starts, indexes) = (node.texts("pool_strings")?, node.ints("ngram_counts"), node.ints("ngram_indexes"));
        let weights = node.finite("weights")?;
        let starts: Option<Vec<usize>> = starts.iter().map(|s| usize::try_from(*s).ok().filter(|s| *s <= pool.len())).collect();
        let starts = starts.filter(|s| s.len() >= longest as usize && s.is_sorted()).ok_or_else(|| node.wrong("ngram_counts", "does not fit the words"))?;
        if indexes.iter().any(|i| !(0..MOST_COLUMNS).contains(i)) {
            return Err(node.wrong("ngram_indexes", "has a column out of bounds"));
        }
        if !weights.is_empty() && weights.len() != indexes.len() {
            return Err(node.wrong("weights", "are not as many as the n-grams"));
        }
        let columns = indexes.iter().max().map_or(0, |m| *m as usize + 1);
        let mut found =
            Self { words: HashMap::new(), next: HashMap::new(), column: vec![None], mode, shortest: shortest as usize, longest: longest as usize, columns };
        let mut gram = 0;
        for (length, &start) in (1..).zip(&starts) {
            let end = starts.get(length).copied().unwrap_or(pool.len());
            if (end - start) % length != 0 {
                return Err(node.wrong("pool_strings", "does not hold whole n-grams"));
            }
            for words in pool[start..end].chunks_exact(length) {
                let index = *indexes.get(gram).ok_or_else(|| node.wrong("ngram_indexes", "are fewer than the n-grams"))?;
                found.add(words, index as u32, weights.get(gram).copied().unwrap_or(1.0));
                gram += 1;
            }
        }
        if gram != indexes.len() {
            return Err(node.wrong("ngram_indexes", "are more than the n-grams"));
        }
        Ok(found)
    }

    fn add(&mut self, words: &[&str], column: u32, weight: f32) {
        let mut at = 0;
        for word in words {
            let fresh = self.words.len() as u32;
            let word = match self.words.get(*word) {
                Some(word) => *word,
                None => *self.words.entry((*word).to_owned()).or_insert(fresh),
            };
            let fresh = self.column.len() as u32;
            at = *self.next.entry((at, word)).or_insert(fresh);
            if at == fresh {
                self.column.push(None);
            }
        }
        self.column[at as usize] = Some((column, weight));
    }

    pub fn apply<'a>(&self, input: &Value<'a>) -> Result<Value<'a>, Problem> {
        let Value::Words { texts, ends, spans } = input else { return Err(misfit("n-grams are counted of what is no row of words")) };
        let mut out = Sparse { columns: self.columns, ends: Vec::with_capacity(ends.len()), index: Vec::new(), items: Vec::new() };
        let (mut words, mut hits, mut begin) = (Vec::new(), Vec::new(), 0);
        for (text, &end) in texts.iter().zip(ends) {
            words.clear();
            words.extend(spans[begin..end].iter().map(|(from, to)| self.words.get(&text[*from as usize..*to as usize]).copied()));
            begin = end;
            hits.clear();
            for start in 0..words.len() {
                let mut at = 0;
                for (length, word) in (1..=self.longest).zip(&words[start..]) {
                    let Some(next) = word.and_then(|w| self.next.get(&(at, w))) else { break };
                    at = *next;
                    if length >= self.shortest
                        && let Some(hit) = self.column[at as usize]
                    {
                        hits.push(hit);
                    }
                }
            }
            hits.sort_unstable_by_key(|(column, _)| *column);
            for same in hits.chunk_by(|a, b| a.0 == b.0) {
                let ((column, weight), count) = (same[0], same.len() as f32);
                out.index.push(column);
                out.items.push(match self.mode {
                    Mode::Count => count,
                    Mode::Weight => weight,
                    Mode::Both => count * weight,
                });
            }
            out.ends.push(out.index.len());
        }
        Ok(Value::Sparse(out))
    }

    /// What it gives.
    pub const GIVES: Kind = Kind::Sparse;
}
