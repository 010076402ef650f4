//! Nearest coded answers: records are coded by a vote of the training records whose answers are most like theirs.
//!
//! Similarity is the cosine of tf-idf features, or of numeric columns that were brought along as vectors; a vote counts as its similarity, divided by
//! that of the nearest answer, to a power. Categories and, beside texts, numbers are not looked at. The votes and, for less than two of them, the code
//! shares become scores that are calibrated as those of a linear model are. The neighbours themselves are the evidence that a clerk can read.

mod kept;

use super::calibrate::{Calibration, FEWEST};
use super::fit::no_columns;
use super::office::{NearestRecipe, Over};
use super::part::Part;
use super::postings::{Postings, Scratch};
use super::scored::predict;
use super::{Coder, Input, Neighbour, Pack, Predictions, Target, Trace};
use crate::data::Strings;
use crate::text::{Columns, Space};
use crate::value::{Class, Failure, Problem, Stream, grouped};
use rayon::prelude::*;

/// Training records that calibrate, each without its own vote, where the tuning part is too small.
const LEFT_OUT: usize = 2000;

/// What the code shares of the training part count beside the votes where the nearest answer is the same as the record's; 1 more where it is not like it at all.
const DOUBT: f64 = 0.2;

/// Most neighbours that are told of a record.
pub const TOLD: usize = 5;

/// Queries done by one thread at a time.
const BLOCK: usize = 64;

/// A fitted coder by nearest answers.
pub struct Nearest {
    codes: Vec<String>,
    /// Ids of the training records.
    ids: Strings,
    /// Numbers of their codes.
    labels: Vec<u32>,
    search: Search,
    neighbours: usize,
    power: f64,
    /// Share of each code in the training part, never 0.
    shares: Vec<f64>,
    calibration: Calibration,
    facts: Vec<(String, String)>,
}

/// What is searched.
enum Search {
    /// Sparse features of texts.
    Texts(Space, Postings),
    /// Rows of numeric columns (their names, sorted), each of length 1, or 0 where all are missing.
    Vectors(Vec<String>, Vec<f32>),
}

/// Neighbours of a record: (training record, similarity).
type Found = Vec<(u32, f32)>;

impl Nearest {
    /// Fits on the coded training records; calibrates on the tuning part, if it has enough records.
    ///
    /// # Errors
    /// When there is no column to compare, or a setting is out of range.
    pub fn fit(
        recipe: &NearestRecipe,
        train: &Input<'_>,
        tune: &Input<'_>,
        target: &Target<'_>,
        seed: u64,
        phase: &mut dyn FnMut(&'static str),
    ) -> Result<Self, Failure> {
        check(recipe, train)?;
        phase("features");
        let part = Part::training(train, target)?;
        let (search, facts) = Search::of(recipe, train, &part)?;
        phase("fit");
        let codes = part.codes.len();
        let mut fitted = Self {
            codes: part.codes.clone(),
            ids: part.rows.iter().map(|&row| train.ids.get(row as usize)).collect(),
            labels: part.labels.clone(),
            search,
            neighbours: recipe.neighbours,
            power: recipe.power,
            shares: shares(&part.labels, codes),
            calibration: Calibration::none(),
            facts: Vec::new(),
        };
        phase("calibrate");
        let held = part.other(tune, target);
        let (found, labels, how) = if held.rows.len() >= FEWEST {
            let found = fitted.search.all(tune, &held.rows, fitted.neighbours)?;
            (found, held.labels, format!("on {} records of the tuning part", grouped(held.rows.len())))
        } else {
            let mut some: Vec<u32> = (0..part.rows.len() as u32).collect();
            Stream::named(seed, "model: neighbours without their own vote").shuffle(&mut some);
            some.truncate(LEFT_OUT);
            if some.len() >= FEWEST {
                let found = some.par_iter().map_init(Scratch::default, |scratch, &own| fitted.search.without(own, fitted.neighbours, scratch)).collect();
                let labels = some.iter().map(|&own| part.labels[own as usize]).collect();
                (found, labels, format!("on {} records of the training part, each without its own vote", grouped(some.len())))
            } else {
                (Vec::new(), Vec::new(), format!("none: fewer than {FEWEST} records to judge by, so probabilities are not to be trusted"))
            }
        };
        if !labels.is_empty() {
            let scores: Vec<f32> = found.iter().flat_map(|f| fitted.scores(f)).collect();
            fitted.calibration = Calibration::fit(&scores, &labels, codes);
        }
        let mut all = vec![
            ("training records".to_owned(), grouped(part.rows.len())),
            ("training records without a code".into(), grouped(part.skipped)),
            ("codes".into(), grouped(codes)),
        ];
        all.extend(facts);
        all.push(("calibration".into(), how));
        fitted.facts = all;
        Ok(fitted)
    }

    /// Logarithms of the votes' shares, one a code.
    fn scores(&self, found: &[(u32, f32)]) -> Vec<f32> {
        // Votes by the nearest one's, because what counts as alike differs between short answers and long ones; how like the nearest one is
        // says how much the shares of all records still have to say.
        let largest = f64::from(found.first().map_or(0.0, |f| f.1).clamp(0.0, 1.0));
        let mut sum = DOUBT + 1.0 - largest;
        let mut votes: Vec<f64> = self.shares.iter().map(|s| s * sum).collect();
        for &(record, similarity) in found {
            let vote = (f64::from(similarity.clamp(0.0, 1.0)) / largest).powf(self.power);
            votes[self.labels[record as usize] as usize] += vote;
            sum += vote;
        }
        votes.into_iter().map(|v| (v / sum).max(f64::MIN_POSITIVE).ln() as f32).collect()
    }

    /// The coded answers most like each record's, nearest first, ties by the order of the training records.
    ///
    /// # Errors
    /// When a column that the model was made for is not there.
    pub fn neighbours(&self, input: &Input<'_>, most: usize) -> Result<Vec<Vec<Neighbour>>, Failure> {
        let told = |&(record, similarity): &(u32, f32)| Neighbour {
            id: self.ids.get(record as usize).to_owned(),
            code: self.codes[self.labels[record as usize] as usize].clone(),
            similarity: f64::from(similarity.clamp(0.0, 1.0)),
        };
        Ok(self.search.all(input, input.rows, most)?.iter().map(|found| found.iter().map(told).collect()).collect())
    }
}

impl Search {
    fn of(recipe: &NearestRecipe, train: &Input<'_>, part: &Part) -> Result<(Self, Vec<(String, String)>), Failure> {
        match recipe.over {
            Over::Texts => {
                let (space, rows) = Space::fit(&recipe.text, &texts(train), &part.rows);
                if space.width() == 0 {
                    let problem = Problem::new(Class::Data, "no feature is left in the training part: no word or character sequence occurs in enough records");
                    return Err(problem.remedy("lower `min_records`, or name columns that hold text").into());
                }
                let facts = vec![("features".to_owned(), grouped(space.width())), ("compared by".into(), "cosine of tf-idf features of the texts".into())];
                let width = space.width();
                Ok((Self::Texts(space, Postings::of(rows, width)), facts))
            }
            Over::Numbers => {
                let mut names: Vec<String> = train.numbers.iter().map(|(name, _)| (*name).to_owned()).collect();
                names.sort_unstable();
                let vectors = vectors(train, &names, &part.rows)?;
                let facts = vec![("compared by".to_owned(), format!("cosine of {} numeric columns; a missing number counts as 0", grouped(names.len())))];
                Ok((Self::Vectors(names, vectors), facts))
            }
        }
    }

    /// The neighbours of rows.
    fn all(&self, input: &Input<'_>, rows: &[u32], wanted: usize) -> Result<Vec<Found>, Failure> {
        let blocks = rows
            .par_chunks(BLOCK)
            .map_init(Scratch::default, |scratch, rows| match self {
                Self::Texts(space, postings) => {
                    let queries = space.apply(&texts(input), rows)?;
                    let of = |query: usize| {
                        let (columns, values) = queries.row(query);
                        postings.nearest(columns, values, wanted, None, scratch).to_vec()
                    };
                    Ok((0..queries.len()).map(of).collect::<Vec<Found>>())
                }
                Self::Vectors(names, known) => {
                    let queries = vectors(input, names, rows)?;
                    Ok(queries.chunks_exact(names.len()).map(|query| closest(query, known, wanted, None)).collect())
                }
            })
            .collect::<Result<Vec<Vec<Found>>, Failure>>()?;
        Ok(blocks.into_iter().flatten().collect())
    }

    /// The neighbours of a training record, itself left out.
    fn without(&self, own: u32, wanted: usize, scratch: &mut Scratch) -> Found {
        match self {
            Self::Texts(_, postings) => {
                let (columns, values) = postings.rows.row(own as usize);
                postings.nearest(columns, values, wanted, Some(own), scratch).to_vec()
            }
            Self::Vectors(names, known) => closest(&known[own as usize * names.len()..(own as usize + 1) * names.len()], known, wanted, Some(own)),
        }
    }
}

/// The share of each code, with one record more of each.
fn shares(labels: &[u32], codes: usize) -> Vec<f64> {
    let one = 1.0 / (labels.len() + codes) as f64;
    let mut shares = vec![one; codes];
    labels.iter().for_each(|&l| shares[l as usize] += one);
    shares
}

fn check(recipe: &NearestRecipe, train: &Input<'_>) -> Result<(), Failure> {
    let mut problems = Vec::new();
    match recipe.over {
        Over::Texts => {
            problems.extend(super::fit::check_text(&recipe.text, true));
            if train.texts.is_empty() {
                problems.push(no_columns("nearest", "text"));
            } else if recipe.text.words.1 == 0 && recipe.text.characters.1 == 0 {
                let problem = Problem::new(Class::Study, "nothing is left to compare: neither words nor characters");
                problems.push(problem.remedy("set `words` or `characters`, e.g. words = [1, 2]"));
            }
        }
        Over::Numbers if train.numbers.is_empty() => problems.push(no_columns("nearest", "number")),
        Over::Numbers => {}
    }
    if recipe.neighbours == 0 {
        problems.push(Problem::new(Class::Study, "`neighbours` is 0").remedy("set `neighbours` to 1 or more; 40 is the default"));
    }
    super::fit::positive("power", recipe.power, &mut problems);
    if problems.is_empty() { Ok(()) } else { Err(Failure::of(problems)) }
}

/// The text columns alone.
fn texts<'a>(input: &'a Input<'a>) -> Columns<'a> {
    Columns { texts: &input.texts, categories: &[], numbers: &[] }
}

/// The numeric columns of rows, each row scaled to length 1; all zeros where nothing is known.
fn vectors(input: &Input<'_>, names: &[String], rows: &[u32]) -> Result<Vec<f32>, Failure> {
    let columns = names
        .iter()
        .map(|name| {
            input.numbers.iter().find(|(n, _)| n == name).map(|(_, values)| *values).ok_or_else(|| {
                Failure::from(
                    Problem::new(Class::Data, format!("the number column `{name}` that the model was made for is not in these data"))
                        .remedy("give the model the same columns as in training, under the same names"),
                )
            })
        })
        .collect::<Result<Vec<&[f64]>, Failure>>()?;
    let mut all = Vec::with_capacity(rows.len() * columns.len());
    for &row in rows {
        let own: Vec<f64> = columns.iter().map(|c| Some(c[row as usize]).filter(|v| v.is_finite()).unwrap_or(0.0)).collect();
        // By the largest first, so that no square overflows.
        let largest = own.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        let length = own.iter().map(|v| (v / largest.max(f64::MIN_POSITIVE)).powi(2)).sum::<f64>().sqrt() * largest;
        all.extend(own.iter().map(|v| if length > 0.0 { (v / length) as f32 } else { 0.0 }));
    }
    Ok(all)
}

/// The known rows with the largest products above zero with a query of the same width, ties by lowest row.
fn closest(query: &[f32], known: &[f32], wanted: usize, without: Option<u32>) -> Found {
    let product = |row: &[f32]| {
        // Eight sums side by side, which a processor adds up together.
        let (mut sums, (a, b)) = ([0.0f32; 8], (query.as_chunks::<8>(), row.as_chunks::<8>()));
        for (x, y) in a.0.iter().zip(b.0) {
            (0..8).for_each(|i| sums[i] += x[i] * y[i]);
        }
        sums.iter().sum::<f32>() + a.1.iter().zip(b.1).map(|(x, y)| x * y).sum::<f32>()
    };
    let mut found: Found = known.chunks_exact(query.len().max(1)).enumerate().map(|(i, row)| (i as u32, product(row))).collect();
    found.retain(|(row, product)| *product > 0.0 && without != Some(*row));
    let order = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
    if wanted > 0 && found.len() > wanted {
        found.select_nth_unstable_by(wanted - 1, order);
    }
    found.truncate(wanted);
    found.sort_unstable_by(order);
    found
}

impl Coder for Nearest {
    fn codes(&self) -> &[String] {
        &self.codes
    }

    fn predict(&self, input: &Input<'_>, keep: usize) -> Result<Predictions, Failure> {
        predict(&self.codes, &self.calibration, input.rows, keep, |rows| {
            Ok(self.search.all(input, rows, self.neighbours)?.iter().flat_map(|found| self.scores(found)).collect())
        })
    }

    fn facts(&self) -> Vec<(String, String)> {
        self.facts.clone()
    }

    fn pack(&self, pack: &mut Pack) -> bool {
        self.put(pack);
        true
    }

    fn trace(&self, input: &Input<'_>) -> Result<Trace, Failure> {
        Ok(Trace { neighbours: self.neighbours(input, TOLD)?, ..Trace::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(items: &[&str]) -> Strings {
        items.iter().collect()
    }

    fn plain(over: Over) -> NearestRecipe {
        let text = crate::text::TextRecipe { words: (1, 1), min_records: 1, ..Default::default() };
        NearestRecipe { text, over, neighbours: 3, power: 1.0 }
    }

    #[test]
    fn neighbours_are_those_most_alike_with_ties_by_the_order_of_records() {
        let (ids, answers) = (strings(&["a", "b", "c", "d", "e"]), strings(&["cut hand", "cut hand", "twisted knee", "hand", "hand cut badly"]));
        let codes = ["hand".to_owned(), "knee".to_owned()];
        let input = |rows| Input { ids: &ids, texts: vec![("t", &answers)], categories: vec![], numbers: vec![], rows };
        let target = Target { codes: &codes, index: &[0, 0, 1, 0, 0], weights: None, clusters: None };
        let nearest = Nearest::fit(&plain(Over::Texts), &input(&[0, 1, 2, 3]), &input(&[]), &target, 1, &mut |_| ()).expect("fits");
        let found = nearest.neighbours(&input(&[4, 2]), 9).expect("neighbours");
        let ids = |i: usize| found[i].iter().map(|n| n.id.as_str()).collect::<Vec<_>>();
        // "badly" is not known, so the first two are the same answer.
        assert_eq!((ids(0), ids(1)), (vec!["a", "b", "d"], vec!["c"]));
        assert!((found[0][0].similarity - 1.0).abs() < 1e-6 && found[0][0].similarity == found[0][1].similarity && found[0][2].similarity < 0.9);
        assert_eq!(found[1][0].code, "knee");
        let p = nearest.predict(&input(&[4, 2]), 2).expect("codes");
        assert_eq!((p.codes[p.ranking(0)[0] as usize].as_str(), p.codes[p.ranking(1)[0] as usize].as_str()), ("hand", "knee"));
        // Three votes: 1, 1 and a half; a fifth of a vote by shares (4 of 6 and 2 of 6).
        let scores = nearest.scores(&[(0, 1.0), (1, 1.0), (3, 0.5)]);
        assert!((scores[0].exp() - (2.5 + 0.2 * 4.0 / 6.0) / 2.7).abs() < 1e-6 && (scores[1].exp() - 0.2 * (2.0 / 6.0) / 2.7).abs() < 1e-6, "{scores:?}");
    }

    #[test]
    fn vectors_that_were_brought_along_are_compared_by_their_angle() {
        let ids = strings(&["a", "b", "c", "d"]);
        let (x, y) = ([1.0, 10.0, 0.0, f64::NAN], [0.0, 1.0, 3.0, f64::NAN]);
        let codes = ["east".to_owned(), "north".to_owned()];
        let input = |rows| Input { ids: &ids, texts: vec![], categories: vec![], numbers: vec![("y", &y), ("x", &x)], rows };
        let target = Target { codes: &codes, index: &[0, 0, 1, 1], weights: None, clusters: None };
        let nearest = Nearest::fit(&plain(Over::Numbers), &input(&[0, 1, 2]), &input(&[]), &target, 1, &mut |_| ()).expect("fits");
        let found = nearest.neighbours(&input(&[1, 3]), 2).expect("neighbours");
        assert_eq!(found[0].iter().map(|n| n.id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert!((found[0][1].similarity - 10.0 / 101.0f64.sqrt()).abs() < 1e-6 && found[1].is_empty());
        let failure = nearest.predict(&Input { numbers: vec![("x", &x)], ..input(&[0]) }, 2).expect_err("a column is missing");
        assert!(failure.problems[0].message.contains("`y`"));
    }

    #[test]
    fn what_cannot_be_compared_says_so() {
        let ids = strings(&["a", "b"]);
        let input = Input { ids: &ids, texts: vec![], categories: vec![], numbers: vec![], rows: &[0, 1] };
        let target = Target { codes: &["x".to_owned(), "y".to_owned()], index: &[0, 1], weights: None, clusters: None };
        for over in [Over::Texts, Over::Numbers] {
            let recipe = NearestRecipe { neighbours: 0, power: -1.0, ..plain(over) };
            let failure = Nearest::fit(&recipe, &input, &input, &target, 1, &mut |_| ()).err().expect("fails");
            assert!(failure.problems.len() == 3 && failure.problems.iter().all(|p| p.remedy.is_some()), "{failure}");
        }
    }
}
