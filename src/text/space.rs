//! The whole feature space: text columns, categories and numbers side by side.

use super::answers::{Answers, Scratch};
use super::extra::{Levels, Scale, column};
use super::recipe::TextRecipe;
use super::sparse::Sparse;
use crate::data::{Factor, Strings};
use crate::value::Failure;
use rayon::prelude::*;

/// Records done by one thread at a time.
const CHUNK: usize = 256;

/// The columns features are made of, by name.
#[derive(Clone, Copy)]
pub struct Columns<'a> {
    /// Text columns.
    pub texts: &'a [(&'a str, &'a Strings)],
    /// Category columns.
    pub categories: &'a [(&'a str, &'a Factor)],
    /// Numeric columns; NaN where missing.
    pub numbers: &'a [(&'a str, &'a [f64])],
}

/// A fitted feature space.
///
/// Each text column has its own features. Within a record every kind of text feature (words, characters, by column) is scaled to
/// length 1, then all text features together; levels of categories are 1; numbers are standardised. Columns are sorted by name,
/// so their order in the data changes nothing.
#[derive(Debug)]
pub struct Space {
    pub(super) answers: Vec<Answers>,
    pub(super) levels: Vec<Levels>,
    pub(super) scales: Vec<Scale>,
}

impl Space {
    /// Learns the space from the training rows and returns it with their features.
    #[must_use]
    pub fn fit(recipe: &TextRecipe, columns: &Columns<'_>, rows: &[u32]) -> (Self, Sparse) {
        let (mut texts, mut categories, mut numbers) = (columns.texts.to_vec(), columns.categories.to_vec(), columns.numbers.to_vec());
        texts.sort_by_key(|(name, _)| *name);
        categories.sort_by_key(|(name, _)| *name);
        numbers.sort_by_key(|(name, _)| *name);
        let (answers, training): (Vec<Answers>, Vec<_>) = texts.iter().map(|(name, strings)| Answers::fit(name, strings, rows, recipe)).unzip();
        let levels: Vec<Levels> = categories.iter().map(|(name, factor)| Levels::fit(name, factor, rows)).collect();
        let scales: Vec<Scale> = numbers.iter().map(|(name, values)| Scale::fit(name, values, rows)).collect();
        let space = Self { answers, levels, scales };
        let found: Vec<_> = space.levels.iter().zip(&categories).map(|(l, (_, factor))| (l.find(factor), *factor)).collect();
        let numbers: Vec<&[f64]> = numbers.iter().map(|(_, values)| *values).collect();
        let positions: Vec<usize> = (0..rows.len()).collect();
        let matrix = collect(&positions, |&position, scratch, row| {
            let (mut offset, mut kinds) = (0, 0);
            for (answers, training) in space.answers.iter().zip(&training) {
                kinds += answers.learned(training, position, offset, scratch, row);
                offset += answers.len() as u32;
            }
            space.rest(rows[position], kinds, offset, &found, &numbers, row);
        });
        (space, matrix)
    }

    /// The features of other rows.
    ///
    /// # Errors
    /// When a column that the space was fitted on is not there.
    pub fn apply(&self, columns: &Columns<'_>, rows: &[u32]) -> Result<Sparse, Failure> {
        let texts = self.answers.iter().map(|a| column(columns.texts, &a.name, "text")).collect::<Result<Vec<&Strings>, _>>()?;
        let found = self.levels.iter().map(|l| column(columns.categories, &l.name, "category").map(|f| (l.find(f), f))).collect::<Result<Vec<_>, _>>()?;
        let numbers = self.scales.iter().map(|s| column(columns.numbers, &s.name, "number")).collect::<Result<Vec<&[f64]>, _>>()?;
        Ok(collect(rows, |&record, scratch, row| {
            let (mut offset, mut kinds) = (0, 0);
            for (answers, strings) in self.answers.iter().zip(&texts) {
                kinds += answers.apply(strings.get(record as usize), offset, scratch, row);
                offset += answers.len() as u32;
            }
            self.rest(record, kinds, offset, &found, &numbers, row);
        }))
    }

    /// Number of features.
    #[must_use]
    pub fn width(&self) -> usize {
        self.answers.iter().map(Answers::len).sum::<usize>() + self.levels.iter().map(|l| l.levels.len()).sum::<usize>() + self.scales.len() * Scale::WIDTH
    }

    /// Number of word and of character features.
    #[must_use]
    pub fn text_widths(&self) -> (usize, usize) {
        (self.answers.iter().map(|a| a.words.len()).sum(), self.answers.iter().map(|a| a.characters.len()).sum())
    }

    /// Scales the text features in `row` to length 1 and adds categories and numbers.
    fn rest(&self, record: u32, kinds: usize, mut offset: u32, found: &[(Vec<Option<u32>>, &Factor)], numbers: &[&[f64]], row: &mut Vec<(u32, f32)>) {
        if kinds > 1 {
            let scale = 1.0 / (kinds as f32).sqrt();
            row.iter_mut().for_each(|(_, value)| *value *= scale);
        }
        for (levels, (lookup, factor)) in self.levels.iter().zip(found) {
            if let Some(Some(level)) = lookup.get(factor.index[record as usize] as usize) {
                row.push((offset + level, 1.0));
            }
            offset += levels.levels.len() as u32;
        }
        for (scale, values) in self.scales.iter().zip(numbers) {
            scale.apply(values[record as usize], offset, row);
            offset += Scale::WIDTH as u32;
        }
    }
}

/// Makes the row of each item in parallel and puts them together in order.
fn collect<T: Sync>(items: &[T], make: impl Fn(&T, &mut Scratch, &mut Vec<(u32, f32)>) + Sync) -> Sparse {
    let mut all = Sparse::new();
    // In waves, so that the rows are not twice in memory.
    for wave in items.chunks(CHUNK * 16) {
        let parts: Vec<Sparse> = wave
            .par_chunks(CHUNK)
            .map_init(
                || (Scratch::default(), Vec::new()),
                |(scratch, row), chunk| {
                    let mut part = Sparse::new();
                    for item in chunk {
                        row.clear();
                        make(item, scratch, row);
                        part.push(row.iter().copied());
                    }
                    part
                },
            )
            .collect();
        if all.is_empty() {
            // Room for the rest, judged by the first wave.
            let (found, share) = (parts.iter().map(|p| p.columns.len()).sum::<usize>(), items.len().div_ceil(wave.len().max(1)));
            all.columns.reserve_exact(found * share + found * share / 32);
            all.values.reserve_exact(found * share + found * share / 32);
            all.starts.reserve_exact(items.len());
        }
        parts.iter().for_each(|part| all.append(part));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Stream;

    fn recipe(words: (usize, usize), characters: (usize, usize), min_records: usize) -> TextRecipe {
        TextRecipe { words, characters, min_records, ..TextRecipe::default() }
    }

    fn text_only<'a>(texts: &'a [(&'a str, &'a Strings)]) -> Columns<'a> {
        Columns { texts, categories: &[], numbers: &[] }
    }

    /// The values of each row, sorted: features have fingerprints, not names.
    fn values(matrix: &Sparse) -> Vec<Vec<f32>> {
        (0..matrix.len())
            .map(|row| {
                let mut values = matrix.row(row).1.to_vec();
                values.sort_by(f32::total_cmp);
                values
            })
            .collect()
    }

    fn close(found: &[Vec<f32>], expected: &[&[f32]]) -> bool {
        found.len() == expected.len() && found.iter().zip(expected).all(|(f, e)| f.len() == e.len() && f.iter().zip(*e).all(|(f, e)| (f - e).abs() < 1e-6))
    }

    // scikit-learn 1.9.1: TfidfVectorizer(sublinear_tf=True) with token_pattern (?u)\w+, n-grams (1, 2), min_df 2; and with analyzer
    // char_wb, n-grams (2, 3), min_df 3.
    #[test]
    fn equals_scikit_learn() {
        let answers: Strings = ["cut left hand on saw", "hand cut, cut by saw blade", "fell on left knee", "knee twisted"].into_iter().collect();
        let texts = [("answer", &answers)];
        let (space, words) = Space::fit(&recipe((1, 2), (0, 0), 2), &text_only(&texts), &[0, 1, 2, 3]);
        assert_eq!(space.width(), 6);
        let root = 0.447_213_6;
        let third = 0.577_350_3;
        let expected: [&[f32]; 4] = [&[root; 5], &[0.453_294_7, 0.453_294_7, 0.767_494_6], &[third; 3], &[1.0]];
        assert!(close(&values(&words), &expected), "{words:?}");
        let (space, characters) = Space::fit(&recipe((0, 0), (2, 3), 3), &text_only(&texts), &[0, 1, 2, 3]);
        assert_eq!(space.text_widths(), (0, 3));
        let half = std::f32::consts::FRAC_1_SQRT_2;
        let expected: [&[f32]; 4] = [&[0.508_542_3, 0.861_037], &[third; 3], &[half; 2], &[half; 2]];
        assert!(close(&values(&characters), &expected), "{characters:?}");
        // Both kinds together: each has length 1, and then the whole.
        let (_, both) = Space::fit(&recipe((1, 1), (2, 3), 1), &text_only(&texts), &[0, 1, 2, 3]);
        let (columns, row) = both.row(0);
        assert!((row.iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < 1e-6);
        let words: f32 = columns.iter().zip(row).filter(|(c, _)| **c < 10).map(|(_, v)| v * v).sum();
        assert!((words - 0.5).abs() < 1e-6);
    }

    /// Answers of random words, enough for several chunks.
    fn many() -> Strings {
        let mut stream = Stream::named(5, "answers");
        (0..5000)
            .map(|_| {
                let words: Vec<String> = (0..stream.below(8)).map(|_| format!("w{}é", stream.below(300) * stream.below(300))).collect();
                words.join(" ")
            })
            .collect()
    }

    #[test]
    fn threads_change_nothing_and_training_rows_come_out_the_same() {
        let answers = many();
        let rows: Vec<u32> = (0..5000).collect();
        let texts = [("answer", &answers)];
        let recipe = recipe((1, 2), (2, 4), 2);
        let fit = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| {
                let (space, matrix) = Space::fit(&recipe, &text_only(&texts), &rows);
                let again = space.apply(&text_only(&texts), &rows).expect("applies");
                (matrix, again)
            })
        };
        let (one, again) = fit(1);
        assert_eq!(one, again);
        assert_eq!(one, fit(2).0);
        assert!(one.columns.len() > 10_000);
    }

    #[test]
    fn columns_have_their_own_features_in_any_order() {
        let job: Strings = ["miner", "nurse", "miner"].into_iter().collect();
        let duty: Strings = ["miner", "care", "dig"].into_iter().collect();
        let region = Factor::from_strings(["n", "", "s"].into_iter());
        let age = [30.0, 40.0, f64::NAN];
        let fit = |texts: &[(&str, &Strings)]| {
            let columns = Columns { texts, categories: &[("region", &region)], numbers: &[("age", &age)] };
            Space::fit(&recipe((1, 1), (0, 0), 1), &columns, &[0, 1, 2])
        };
        let (space, matrix) = fit(&[("job", &job), ("duty", &duty)]);
        assert_eq!(space.width(), 3 + 2 + 2 + 2);
        assert_eq!(matrix, fit(&[("duty", &duty), ("job", &job)]).1);
        // The last feature tells that age is missing; the category is 1.
        assert_eq!(matrix.row(2).0.last(), Some(&8));
        assert_eq!(matrix.row(1).0.len(), 3);
        assert_eq!(matrix.row(1).1[2], 1.0);
        let missing = space.apply(&Columns { texts: &[("job", &job)], categories: &[], numbers: &[] }, &[0]).expect_err("a column is missing");
        assert!(missing.problems[0].message.contains("`duty`"), "{missing}");
    }

    #[test]
    fn hashing_bounds_the_number_of_features() {
        let answers = many();
        let rows: Vec<u32> = (0..1000).collect();
        let hashed = TextRecipe { hash_bits: 6, ..recipe((1, 2), (2, 3), 1) };
        let (space, matrix) = Space::fit(&hashed, &text_only(&[("answer", &answers)]), &rows);
        assert!(space.text_widths().0 <= 64 && space.text_widths().1 <= 64);
        assert_eq!(matrix, space.apply(&text_only(&[("answer", &answers)]), &rows).expect("applies"));
    }
}
