//! A coding index: a text that is in it, exactly or after normalising, has the entry's code; any other is left to others.
//!
//! Only fingerprints of texts are kept. An entry with several codes says nothing. How sure a match is, is not decreed: it is the share of
//! matches that were right in the tuning part, (right + 1) / (matches + 2) so that it is never 1 (Laplace's rule of succession).

mod kept;

use super::office::{IndexEntries, IndexRecipe, IndexSource};
use super::{Coder, Input, Pack, Predictions, Target, Trace, UNCODED};
use crate::data::Strings;
use crate::text::{Normal, fingerprint, words};
use crate::value::{Class, Failure, Problem, grouped};

/// Matches below which their share that is right would be guesswork.
const FEWEST: usize = 30;

/// Stands for a text with several codes.
const SEVERAL: u32 = u32::MAX;

/// The kinds of match, in the order in which they are tried.
const KINDS: [&str; 2] = ["exact match", "normalised match"];

/// A fitted index.
#[derive(Debug, Clone)]
pub struct Index {
    codes: Vec<String>,
    /// The text columns that are looked up, sorted.
    columns: Vec<String>,
    any_word_order: bool,
    fold_accents: bool,
    /// Exact and normalised texts.
    texts: [Texts; 2],
    /// How often exact and normalised matches are right, where it could be measured.
    sure: [Option<f64>; 2],
    facts: Vec<(String, String)>,
}

/// Fingerprints of texts, ascending, and the code of each, or [`SEVERAL`].
#[derive(Debug, Clone, Default, PartialEq)]
struct Texts {
    keys: Vec<u64>,
    codes: Vec<u32>,
}

impl Texts {
    /// Of (text, code) of every entry: a text that enough entries have, all with the same code, has it.
    fn of(mut entries: Vec<(u64, u32)>, fewest: usize) -> Self {
        entries.sort_unstable();
        let mut texts = Self::default();
        for run in entries.chunk_by(|a, b| a.0 == b.0) {
            if run.len() >= fewest {
                texts.keys.push(run[0].0);
                texts.codes.push(if run.iter().all(|(_, code)| *code == run[0].1) { run[0].1 } else { SEVERAL });
            }
        }
        texts
    }

    fn find(&self, key: Option<u64>) -> Option<u32> {
        self.keys.binary_search(&key?).ok().map(|at| self.codes[at])
    }

    fn several(&self) -> usize {
        self.codes.iter().filter(|c| **c == SEVERAL).count()
    }
}

/// Makes the fingerprints of a record's texts.
struct Keys {
    normal: Normal,
    any_word_order: bool,
    text: String,
    words: Vec<u64>,
}

impl Keys {
    fn new(fold_accents: bool, any_word_order: bool) -> Self {
        Self { normal: Normal { fold_accents }, any_word_order, text: String::new(), words: Vec::new() }
    }

    /// Fingerprints of the texts as they stand, and of their words; none where nothing is written.
    fn of<'a>(&mut self, texts: impl Iterator<Item = &'a str>) -> [Option<u64>; 2] {
        let (mut exact, mut normal, mut some, mut worded) = (1, 2, false, false);
        for text in texts {
            some |= !text.trim().is_empty();
            exact = fingerprint(exact, text.trim().as_bytes());
            self.normal.write(text, &mut self.text);
            self.words.clear();
            words(&self.text, |word| self.words.push(fingerprint(3, word.as_bytes())));
            worded |= !self.words.is_empty();
            if self.any_word_order {
                self.words.sort_unstable();
            }
            for word in &self.words {
                normal = fingerprint(normal, &word.to_le_bytes());
            }
            // Where one text ends is part of the key.
            normal = fingerprint(normal, b"|");
        }
        [some.then_some(exact), worded.then_some(normal)]
    }
}

impl Index {
    /// Builds the index from its file or the training part, and measures on the tuning part how often matches are right.
    ///
    /// # Errors
    /// When there is nothing to look up, the file was not read, or nothing is in the index.
    pub fn fit(recipe: &IndexRecipe, train: &Input<'_>, tune: &Input<'_>, target: &Target<'_>, phase: &mut dyn FnMut(&'static str)) -> Result<Self, Failure> {
        let columns = columns(recipe, train)?;
        phase("fit");
        let mut keys = Keys::new(recipe.fold_accents, recipe.any_word_order);
        let (entries, codes, mut facts, fewest) = match recipe.from {
            IndexSource::File => {
                let Some(file) = &recipe.entries else {
                    return Err(Problem::new(Class::Internal, "the index file was not read before the index was made").into());
                };
                let (entries, codes) = of_file(file, &mut keys);
                let facts = vec![("index file".to_owned(), format!("{}, SHA-256 {}", file.file, file.digest)), ("entries".into(), grouped(file.texts.len()))];
                (entries, codes, facts, 1)
            }
            IndexSource::Training => {
                let labelled: Vec<u32> = train.rows.iter().copied().filter(|&row| (target.index[row as usize] as usize) < target.codes.len()).collect();
                let texts = texts(train, &columns)?;
                let entries = labelled.iter().map(|&row| (keys.of(texts.iter().map(|t| t.get(row as usize))), target.index[row as usize])).collect();
                (entries, target.codes.to_vec(), vec![("training records".to_owned(), grouped(labelled.len()))], recipe.min_records)
            }
        };
        let of_kind = |kind: usize| entries.iter().filter_map(|(keys, code)| Some((keys[kind]?, *code))).collect::<Vec<_>>();
        let kinds = [of_kind(0), of_kind(1)];
        let built = kinds.each_ref().map(|entries| Texts::of(entries.clone(), fewest));
        if built[0].keys.is_empty() && built[1].keys.is_empty() {
            let problem = Problem::new(Class::Data, "the index is empty: no answer of the training part was given often enough with one code");
            return Err(problem.remedy("lower `min_records`, or give the index as a file").into());
        }
        facts.push(("different texts".into(), grouped(built[0].keys.len())));
        facts.push(("different texts after normalising".into(), grouped(built[1].keys.len())));
        facts.push(("texts with several codes, which are left to others".into(), grouped(built[1].several())));
        let mut index =
            Self { codes, columns, any_word_order: recipe.any_word_order, fold_accents: recipe.fold_accents, texts: built, sure: [None; 2], facts: Vec::new() };
        phase("calibrate");
        index.measure(recipe.from, (train, tune), target, (&kinds, fewest), &mut facts)?;
        index.settle(facts);
        Ok(index)
    }

    /// Counts matches and those that are right: in the tuning part; where that has too few, among training records, which have made no file's
    /// index, and of which each is left out of the training part's own.
    fn measure(
        &mut self,
        from: IndexSource,
        (train, tune): (&Input<'_>, &Input<'_>),
        target: &Target<'_>,
        (entries, fewest): (&[Vec<(u64, u32)>; 2], usize),
        facts: &mut Vec<(String, String)>,
    ) -> Result<(), Failure> {
        let mut counts = self.counts(tune, target)?;
        let mut on = "of the tuning part";
        if counts.iter().map(|c| c.1).sum::<usize>() < FEWEST {
            let more = match from {
                IndexSource::File => self.counts(train, target)?,
                IndexSource::Training => left_out(&self.texts, entries, fewest),
            };
            counts = [0, 1].map(|k| (counts[k].0 + more[k].0, counts[k].1 + more[k].1));
            on = match from {
                IndexSource::File => "of the tuning and training parts",
                IndexSource::Training => "of the tuning part, and of the training part, each left out in turn",
            };
        }
        let both = (counts[0].0 + counts[1].0, counts[0].1 + counts[1].1);
        let share = |(right, all): (usize, usize)| (right as f64 + 1.0) / (all as f64 + 2.0);
        for (kind, count) in counts.iter().enumerate() {
            let name = format!("confidence of an {}", KINDS[kind]).replace("an n", "a n");
            // Rounded, because a card with exact figures would give small numbers of records away.
            let told = |(right, all): (usize, usize)| {
                format!("{:.2}, the share right of about {} matched records {on}", share((right, all)), grouped((all + 5) / 10 * 10))
            };
            let (value, words) = if count.1 >= FEWEST {
                (Some(share(*count)), told(*count))
            } else if both.1 >= FEWEST {
                (Some(share(both)), format!("{}; of both kinds of match together, as fewer than {FEWEST} have this one", told(both)))
            } else {
                (None, format!("not known: fewer than {FEWEST} records {on} match"))
            };
            self.sure[kind] = value;
            facts.push((name, words));
        }
        Ok(())
    }

    /// (right, matched) by kind of match among the labelled rows of a part.
    fn counts(&self, part: &Input<'_>, target: &Target<'_>) -> Result<[(usize, usize); 2], Failure> {
        let mut counts = [(0, 0); 2];
        for (&row, found) in part.rows.iter().zip(self.look_up(part)?) {
            if let (Some((kind, code)), Some(truth)) = (found, target.codes.get(target.index[row as usize] as usize)) {
                counts[kind].1 += 1;
                counts[kind].0 += usize::from(self.codes[code as usize] == *truth);
            }
        }
        Ok(counts)
    }

    /// Keeps only the codes that the index can give.
    fn settle(&mut self, facts: Vec<(String, String)>) {
        let mut given = vec![false; self.codes.len()];
        self.texts.iter().flat_map(|t| &t.codes).filter(|c| **c != SEVERAL).for_each(|&c| given[c as usize] = true);
        let mut number = 0;
        let new: Vec<u32> = given
            .iter()
            .map(|&g| {
                number += u32::from(g);
                number.saturating_sub(1)
            })
            .collect();
        self.texts.iter_mut().flat_map(|t| &mut t.codes).filter(|c| **c != SEVERAL).for_each(|c| *c = new[*c as usize]);
        self.codes = std::mem::take(&mut self.codes).into_iter().zip(given).filter_map(|(code, given)| given.then_some(code)).collect();
        self.facts = facts;
        self.facts.insert(1, ("codes".into(), grouped(self.codes.len())));
    }

    /// For each row the kind of its match and the code, if it has one.
    fn look_up(&self, input: &Input<'_>) -> Result<Vec<Option<(usize, u32)>>, Failure> {
        let texts = texts(input, &self.columns)?;
        let mut keys = Keys::new(self.fold_accents, self.any_word_order);
        let find = |&row: &u32| {
            let keys = keys.of(texts.iter().map(|t| t.get(row as usize)));
            let (kind, code) = (0..2).find_map(|kind| Some((kind, self.texts[kind].find(keys[kind])?)))?;
            // A text with several codes is not looked for in another way.
            (code != SEVERAL).then_some((kind, code))
        };
        Ok(input.rows.iter().map(find).collect())
    }
}

/// The entries of a file, with the codes that occur in them, sorted.
#[allow(clippy::type_complexity, reason = "a list of entries beside the list of their codes")]
fn of_file(file: &IndexEntries, keys: &mut Keys) -> (Vec<([Option<u64>; 2], u32)>, Vec<String>) {
    let mut codes: Vec<&str> = file.codes.iter().collect();
    codes.sort_unstable();
    codes.dedup();
    let number = |code: &str| codes.binary_search(&code).map_or(0, |c| c as u32);
    let entries = file.texts.iter().zip(file.codes.iter()).map(|(text, code)| (keys.of(std::iter::once(text)), number(code))).collect();
    (entries, codes.into_iter().map(str::to_owned).collect())
}

/// (right, matched) by kind of match where each entry is looked up in an index made of all the others.
fn left_out(texts: &[Texts; 2], entries: &[Vec<(u64, u32)>; 2], fewest: usize) -> [(usize, usize); 2] {
    let mut counts = [(0, 0); 2];
    // Normalised matches are only looked at where the exact text is not in the index; without the record that is not known of each, so all count.
    for (kind, entries) in entries.iter().enumerate() {
        let mut sorted = entries.clone();
        sorted.sort_unstable();
        for run in sorted.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > fewest) {
            debug_assert!(texts[kind].find(Some(run[0].0)).is_some());
            let same = |code: u32| run.iter().filter(|(_, c)| *c == code).count();
            for &(_, code) in run {
                let others = run.len() - 1;
                // The others agree: on this record's code, or on one other.
                let agree = same(code) - 1 == others || run.iter().find(|(_, c)| *c != code).is_some_and(|(_, c)| same(*c) == others);
                counts[kind].1 += usize::from(agree);
                counts[kind].0 += usize::from(agree && same(code) - 1 == others);
            }
        }
    }
    counts
}

/// The columns that are looked up.
fn columns(recipe: &IndexRecipe, input: &Input<'_>) -> Result<Vec<String>, Failure> {
    let mut all: Vec<&str> = input.texts.iter().map(|(name, _)| *name).collect();
    all.sort_unstable();
    let wrong = |message: String, remedy: &str| Err(Problem::new(Class::Study, message).remedy(remedy.to_owned()).into());
    match &recipe.column {
        None if all.is_empty() => wrong("an index candidate needs at least one text column, and there is none".into(), "give a column the role `text`"),
        Some(column) if !all.contains(&column.as_str()) => {
            wrong(format!("the candidate may look at no text column `{column}`"), &format!("the text columns are: {}", all.join(", ")))
        }
        Some(column) => Ok(vec![column.clone()]),
        None if recipe.from == IndexSource::File && all.len() > 1 => wrong(
            format!("an entry of the index is one text, and there are {} text columns", all.len()),
            "name the one that is looked up: column = \"job_title\"",
        ),
        None => Ok(all.into_iter().map(str::to_owned).collect()),
    }
}

fn texts<'a>(input: &Input<'a>, columns: &[String]) -> Result<Vec<&'a Strings>, Failure> {
    columns
        .iter()
        .map(|name| {
            input.texts.iter().find(|(n, _)| n == name).map(|(_, strings)| *strings).ok_or_else(|| {
                Problem::new(Class::Data, format!("the text column `{name}` that the index was made for is not in these data"))
                    .remedy("give the index the same columns as when it was made, under the same names")
                    .into()
            })
        })
        .collect()
}

impl Coder for Index {
    fn codes(&self) -> &[String] {
        &self.codes
    }

    fn predict(&self, input: &Input<'_>, keep: usize) -> Result<Predictions, Failure> {
        let kept = keep.min(1).min(self.codes.len());
        let found = if kept == 0 { Vec::new() } else { self.look_up(input)? };
        let ranked = found.iter().map(|f| f.map_or(UNCODED, |(_, code)| code)).collect();
        let known = self.sure.iter().all(Option::is_some);
        let confidence = if known { found.iter().map(|f| f.and_then(|(kind, _)| self.sure[kind]).unwrap_or(0.0)).collect() } else { Vec::new() };
        Ok(Predictions { codes: self.codes.clone(), kept, ranked, confidence, complete: false })
    }

    fn facts(&self) -> Vec<(String, String)> {
        self.facts.clone()
    }

    fn pack(&self, pack: &mut Pack) -> bool {
        self.put(pack);
        true
    }

    fn trace(&self, input: &Input<'_>) -> Result<Trace, Failure> {
        let step = self.look_up(input)?.into_iter().map(|f| f.map(|(kind, _)| kind as u32)).collect();
        Ok(Trace { steps: KINDS.map(str::to_owned).to_vec(), step, neighbours: Vec::new() })
    }
}

#[cfg(test)]
mod tests;
