//! Category and numeric columns as sparse features beside the text.

use crate::data::Factor;
use crate::value::{Class, Failure, Problem};

/// Standardised numbers beyond this many standard deviations count as this many, so that one wild value cannot outweigh a record's text.
const FAR: f64 = 5.0;

/// A fitted category column: one feature for each level that occurs in training.
#[derive(Debug)]
pub struct Levels {
    /// The column's name.
    pub name: String,
    /// The levels, sorted.
    pub levels: Vec<String>,
}

impl Levels {
    /// Learns the levels of the training rows.
    pub fn fit(name: &str, factor: &Factor, rows: &[u32]) -> Self {
        let mut seen = vec![false; factor.labels.len()];
        for &row in rows {
            if let Some(s) = seen.get_mut(factor.index[row as usize] as usize) {
                *s = true;
            }
        }
        let mut levels: Vec<String> = factor.labels.iter().zip(&seen).filter(|&(_, &s)| s).map(|(l, _)| l.clone()).collect();
        levels.sort_unstable();
        Self { name: name.to_owned(), levels }
    }

    /// The feature of each label of another factor; none for a level that training did not see.
    pub fn find(&self, factor: &Factor) -> Vec<Option<u32>> {
        factor.labels.iter().map(|label| self.levels.binary_search(label).ok().map(|l| l as u32)).collect()
    }
}

/// A fitted numeric column: its value in training standard deviations from the training mean, and whether it is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// The column's name.
    pub name: String,
    pub(super) mean: f64,
    pub(super) deviation: f64,
}

impl Scale {
    /// Features a numeric column has.
    pub const WIDTH: usize = 2;

    /// Learns mean and standard deviation of the finite values of the training rows.
    pub fn fit(name: &str, values: &[f64], rows: &[u32]) -> Self {
        let finite = || rows.iter().map(|&row| values[row as usize]).filter(|v| v.is_finite());
        let n = finite().count().max(1) as f64;
        // Scaled before summing, so that huge values do not overflow.
        let mean = finite().map(|v| v / n).sum::<f64>();
        let deviation = finite().map(|v| (v - mean) / n.sqrt()).fold(0.0f64, f64::hypot);
        Self { name: name.to_owned(), mean, deviation }
    }

    /// The value in standard deviations from the mean: 0 for a missing value or a column that does not vary.
    pub fn standardise(&self, value: f64) -> f64 {
        let z = (value - self.mean) / self.deviation;
        if value.is_finite() && z.is_finite() { z.clamp(-FAR, FAR) } else { 0.0 }
    }

    /// Adds the column's features to `row` from column `offset`.
    pub fn apply(&self, value: f64, offset: u32, row: &mut Vec<(u32, f32)>) {
        if value.is_finite() {
            let z = self.standardise(value);
            if z != 0.0 {
                row.push((offset, z as f32));
            }
        } else {
            row.push((offset + 1, 1.0));
        }
    }
}

/// The column called `name`, or what is wrong.
pub fn column<T: Copy>(columns: &[(&str, T)], name: &str, kind: &str) -> Result<T, Failure> {
    columns.iter().find(|(n, _)| *n == name).map(|&(_, c)| c).ok_or_else(|| {
        Problem::new(Class::Data, format!("the {kind} column `{name}` that the model was trained on is not in these data"))
            .remedy("give the model the same columns as in training, under the same names")
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_unseen_in_training_have_no_feature() {
        let train = Factor::from_strings(["b", "a", "c"].into_iter());
        let levels = Levels::fit("region", &train, &[0, 1]);
        assert_eq!(levels.levels, ["a", "b"]);
        let other = Factor::from_strings(["c", "", "b"].into_iter());
        assert_eq!(levels.find(&other), [Some(1), None]);
    }

    #[test]
    fn numbers_are_standardised_and_missing_ones_marked() {
        let values = [1.0, 3.0, f64::NAN, 1e9];
        let scale = Scale::fit("age", &values, &[0, 1, 2]);
        assert!((scale.mean - 2.0).abs() < 1e-12 && (scale.deviation - 1.0).abs() < 1e-12);
        let of = |v| {
            let mut row = Vec::new();
            scale.apply(v, 4, &mut row);
            row
        };
        assert_eq!(of(3.0), [(4, 1.0)]);
        assert_eq!(of(2.0), []);
        assert_eq!(of(f64::NAN), [(5, 1.0)]);
        assert_eq!(of(1e9), [(4, 5.0)]);
        // A column that does not vary, or that is missing throughout, says nothing.
        assert_eq!(Scale::fit("x", &[7.0, 7.0], &[0, 1]).standardise(9.0), 0.0);
        assert_eq!(Scale::fit("x", &[f64::NAN], &[0]).standardise(9.0), 0.0);
    }
}
