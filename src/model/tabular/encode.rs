//! Category and number columns as one dense row of numbers: one-hot levels, standardised numbers, and what is missing said apart.
//!
//! Levels of few training records share a feature, which levels unknown to training have too. A missing category has a feature of its own; a
//! missing number counts as the mean and has a feature that says so. Features that no training record has are left out.

use super::super::{Input, Pack, Unpack};
use crate::data::{Factor, MISSING};
use crate::value::{Class, Failure, Problem};

/// Standardised numbers beyond this many standard deviations count as this many.
const FAR: f64 = 10.0;

/// How columns become features.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoder {
    categories: Vec<OneHot>,
    numbers: Vec<Standard>,
}

/// A category column.
#[derive(Debug, Clone, PartialEq)]
pub struct OneHot {
    name: String,
    /// Levels with a feature of their own, sorted.
    levels: Vec<String>,
    /// Whether there is a feature of levels that are rare or unknown.
    rare: bool,
    /// Whether there is a feature of a missing value.
    missing: bool,
}

/// A number column.
#[derive(Debug, Clone, PartialEq)]
pub struct Standard {
    name: String,
    mean: f64,
    deviation: f64,
    /// Whether there is a feature of a missing value.
    missing: bool,
}

impl Encoder {
    /// Learns levels and scales from the training rows; columns are sorted by name, so their order changes nothing.
    pub fn fit(input: &Input<'_>, rows: &[u32], min_records: usize) -> Self {
        let (mut categories, mut numbers) = (input.categories.clone(), input.numbers.clone());
        categories.sort_by_key(|(name, _)| *name);
        numbers.sort_by_key(|(name, _)| *name);
        let one_hot = |(name, factor): &(&str, &Factor)| {
            let mut counts = vec![0usize; factor.labels.len()];
            let mut missing = false;
            for &row in rows {
                match counts.get_mut(factor.index[row as usize] as usize) {
                    Some(count) => *count += 1,
                    None => missing = true,
                }
            }
            let mut levels: Vec<String> = factor.labels.iter().zip(&counts).filter(|(_, n)| **n >= min_records.max(1)).map(|(l, _)| l.clone()).collect();
            levels.sort_unstable();
            OneHot { name: (*name).to_owned(), levels, rare: counts.iter().any(|n| (1..min_records).contains(n)), missing }
        };
        let standard = |(name, values): &(&str, &[f64])| {
            let finite = || rows.iter().map(|&row| values[row as usize]).filter(|v| v.is_finite());
            let n = finite().count();
            let mean = finite().map(|v| v / n.max(1) as f64).sum::<f64>();
            let deviation = finite().map(|v| (v - mean) / (n.max(1) as f64).sqrt()).fold(0.0f64, f64::hypot);
            Standard { name: (*name).to_owned(), mean, deviation, missing: n < rows.len() }
        };
        Self { categories: categories.iter().map(one_hot).collect(), numbers: numbers.iter().map(standard).collect() }
    }

    /// Puts levels and scales into `pack`.
    pub fn pack(&self, pack: &mut Pack) {
        pack.texts("categories", self.categories.iter().map(|c| c.name.clone()).collect());
        pack.texts("numbers", self.numbers.iter().map(|s| s.name.clone()).collect());
        for (number, one_hot) in self.categories.iter().enumerate() {
            pack.reads_category(&one_hot.name);
            pack.texts(&format!("levels.{number}"), one_hot.levels.clone());
        }
        self.numbers.iter().for_each(|s| pack.reads_number(&s.name));
        pack.indices("others", &[self.categories.len(), 2], self.categories.iter().flat_map(|c| [u32::from(c.rare), u32::from(c.missing)]));
        pack.doubles("scales", &[self.numbers.len(), 2], self.numbers.iter().flat_map(|s| [s.mean, s.deviation]));
        pack.indices("missing", &[self.numbers.len()], self.numbers.iter().map(|s| u32::from(s.missing)));
    }

    /// One that was saved.
    pub fn unpack(parts: &Unpack<'_>) -> Result<Self, Problem> {
        let (categories, numbers) = (parts.texts("categories")?, parts.texts("numbers")?);
        parts.sorted("categories", categories)?;
        parts.sorted("numbers", numbers)?;
        parts.reads(&[], categories, numbers);
        let others = parts.indices("others", &[Some(categories.len()), Some(2)])?;
        let (scales, missing) = (parts.doubles("scales", &[Some(numbers.len()), Some(2)])?, parts.indices("missing", &[Some(numbers.len())])?);
        parts.places("others", &others, 2)?;
        parts.places("missing", &missing, 2)?;
        let mut encoder = Self { categories: Vec::new(), numbers: Vec::new() };
        for (number, (column, [rare, missing])) in categories.iter().zip(others.as_chunks::<2>().0).enumerate() {
            let name = format!("levels.{number}");
            let levels = parts.texts(&name)?;
            parts.sorted(&name, levels)?;
            encoder.categories.push(OneHot { name: column.clone(), levels: levels.to_vec(), rare: *rare == 1, missing: *missing == 1 });
        }
        for ((column, [mean, deviation]), missing) in numbers.iter().zip(scales.as_chunks::<2>().0).zip(missing) {
            if *deviation < 0.0 {
                return Err(parts.wrong("scales", "have a standard deviation below 0"));
            }
            encoder.numbers.push(Standard { name: column.clone(), mean: *mean, deviation: *deviation, missing: missing == 1 });
        }
        Ok(encoder)
    }

    /// Number of features.
    pub fn width(&self) -> usize {
        self.categories.iter().map(|c| c.levels.len() + usize::from(c.rare) + usize::from(c.missing)).sum::<usize>()
            + self.numbers.iter().map(|s| 1 + usize::from(s.missing)).sum::<usize>()
    }

    /// The features of rows that are not 0, row by row: (feature, value).
    ///
    /// # Errors
    /// When a column that the model was made for is not there.
    pub fn apply(&self, input: &Input<'_>, rows: &[u32], mut take: impl FnMut(usize, usize, f64)) -> Result<(), Failure> {
        let mut offset = 0;
        for one_hot in &self.categories {
            let factor = column(&input.categories, &one_hot.name, "category")?;
            let (rare, missing) = (one_hot.levels.len(), one_hot.levels.len() + usize::from(one_hot.rare));
            // A value that training never lacked says as little as one that it never had.
            let other = one_hot.rare.then_some(rare);
            let places: Vec<Option<usize>> = factor.labels.iter().map(|l| one_hot.levels.binary_search(l).ok().or(other)).collect();
            for (at, &row) in rows.iter().enumerate() {
                let level = factor.index[row as usize];
                let place = if level == MISSING { if one_hot.missing { Some(missing) } else { other } } else { places[level as usize] };
                if let Some(place) = place {
                    take(at, offset + place, 1.0);
                }
            }
            offset += missing + usize::from(one_hot.missing);
        }
        for standard in &self.numbers {
            let values = column(&input.numbers, &standard.name, "number")?;
            for (at, &row) in rows.iter().enumerate() {
                let value = values[row as usize];
                let z = (value - standard.mean) / standard.deviation;
                if value.is_finite() && z.is_finite() {
                    take(at, offset, z.clamp(-FAR, FAR));
                } else if !value.is_finite() && standard.missing {
                    take(at, offset + 1, 1.0);
                }
            }
            offset += 1 + usize::from(standard.missing);
        }
        Ok(())
    }

    /// What became of the columns, for the card: levels pooled, values missing.
    pub fn facts(&self) -> Vec<(String, String)> {
        let names = |pick: &dyn Fn(&OneHot) -> bool| self.categories.iter().filter(|c| pick(c)).map(|c| c.name.clone()).collect::<Vec<_>>();
        let mut missing = names(&|c| c.missing);
        missing.extend(self.numbers.iter().filter(|s| s.missing).map(|s| s.name.clone()));
        let told = |names: Vec<String>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        vec![
            ("columns with rare levels, which share a feature with unknown ones".into(), told(names(&|c| c.rare))),
            ("columns with missing values, which have a feature (a number then counts as the mean)".into(), told(missing)),
        ]
    }
}

/// The column called `name`, or what is wrong.
pub fn column<T: Copy>(columns: &[(&str, T)], name: &str, kind: &str) -> Result<T, Failure> {
    columns.iter().find(|(n, _)| *n == name).map(|&(_, c)| c).ok_or_else(|| {
        Problem::new(Class::Data, format!("the {kind} column `{name}` that the model was made for is not in these data"))
            .remedy("give the model the same columns as in training, under the same names")
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Strings;

    #[test]
    fn rare_unknown_and_missing_values_each_have_their_place() {
        let ids = Strings::default();
        let region = Factor::from_strings(["n", "n", "s", "", "w", "n", "n"].into_iter());
        let age = [1.0, 3.0, f64::NAN, 2.0, 2.0, 1e9, 3.0];
        let input = Input { ids: &ids, texts: vec![], categories: vec![("region", &region)], numbers: vec![("age", &age)], rows: &[] };
        let encoder = Encoder::fit(&input, &[0, 1, 2, 3], 2);
        // Features: n, rare, region missing, age, age missing.
        assert_eq!(encoder.width(), 5);
        let mut rows = [[0.0; 5]; 7];
        encoder.apply(&input, &[0, 1, 2, 3, 4, 5, 6], |at, feature, value| rows[at][feature] = value).expect("applies");
        let z = 1.5f64.sqrt();
        let expected = [[1.0, 0.0, 0.0, -z, 0.0], [1.0, 0.0, 0.0, z, 0.0], [0.0, 1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0]];
        for (row, expected) in rows.iter().zip(expected) {
            assert!(row.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{row:?} {expected:?}");
        }
        assert_eq!(rows[5][3], FAR);
        assert_eq!(encoder.facts()[1].1, "region, age");
        // Without missing values in training there is nothing to say of one later.
        let plain = Encoder::fit(&input, &[0, 1], 1);
        let mut seen = Vec::new();
        plain.apply(&input, &[2, 3], |at, feature, value| seen.push((at, feature, value))).expect("applies");
        assert_eq!((plain.width(), seen), (2, vec![(1, 1, 0.0)]));
        let failure = plain.apply(&Input { numbers: vec![], ..input.clone() }, &[0], |_, _, _| ()).expect_err("a column is missing");
        assert!(failure.problems[0].message.contains("`age`"));
    }
}
