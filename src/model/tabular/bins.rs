//! Columns as small whole numbers for trees: levels of categories, intervals of numbers, 0 for a missing value.

use super::super::{Input, Pack, Unpack};
use super::encode::column;
use crate::data::{Factor, MISSING};
use crate::value::{Failure, Problem};

/// Most intervals of a number column; more would not change a tree much.
const MOST_INTERVALS: usize = 254;

/// Most levels of a category column.
const MOST_LEVELS: usize = (1 << 15) - 2;

/// A level that training did not see.
pub const UNSEEN: u16 = u16::MAX;

/// How columns become bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Bins {
    /// Category columns: name and levels, sorted; level `i` is bin `i + 1`.
    pub categories: Vec<(String, Vec<String>)>,
    /// Number columns: name and where intervals meet, ascending; numbers up to the first are bin 1.
    pub numbers: Vec<(String, Vec<f64>)>,
}

impl Bins {
    /// Learns levels and intervals from the training rows; columns are sorted by name, so their order changes nothing.
    pub fn fit(input: &Input<'_>, rows: &[u32]) -> Self {
        let (mut categories, mut numbers) = (input.categories.clone(), input.numbers.clone());
        categories.sort_by_key(|(name, _)| *name);
        numbers.sort_by_key(|(name, _)| *name);
        let levels = |(name, factor): &(&str, &Factor)| {
            let mut seen = vec![false; factor.labels.len()];
            for &row in rows {
                if let Some(s) = seen.get_mut(factor.index[row as usize] as usize) {
                    *s = true;
                }
            }
            let mut levels: Vec<String> = factor.labels.iter().zip(&seen).filter(|(_, s)| **s).map(|(l, _)| l.clone()).collect();
            levels.sort_unstable();
            // What does not fit is as if training had not seen it.
            levels.truncate(MOST_LEVELS);
            ((*name).to_owned(), levels)
        };
        let edges = |(name, values): &(&str, &[f64])| {
            let mut finite: Vec<f64> = rows.iter().map(|&row| values[row as usize]).filter(|v| v.is_finite()).collect();
            finite.sort_unstable_by(f64::total_cmp);
            ((*name).to_owned(), edges(&finite))
        };
        Self { categories: categories.iter().map(levels).collect(), numbers: numbers.iter().map(edges).collect() }
    }

    /// Puts levels and intervals into `pack`.
    pub fn pack(&self, pack: &mut Pack) {
        pack.texts("categories", self.categories.iter().map(|c| c.0.clone()).collect());
        pack.texts("numbers", self.numbers.iter().map(|n| n.0.clone()).collect());
        for (number, (name, levels)) in self.categories.iter().enumerate() {
            pack.reads_category(name);
            pack.texts(&format!("levels.{number}"), levels.clone());
        }
        for (number, (name, edges)) in self.numbers.iter().enumerate() {
            pack.reads_number(name);
            pack.doubles(&format!("edges.{number}"), &[edges.len()], edges.iter().copied());
        }
    }

    /// Those that were saved.
    pub fn unpack(parts: &Unpack<'_>) -> Result<Self, Problem> {
        let (categories, numbers) = (parts.texts("categories")?, parts.texts("numbers")?);
        parts.sorted("categories", categories)?;
        parts.sorted("numbers", numbers)?;
        parts.reads(&[], categories, numbers);
        let mut bins = Self { categories: Vec::new(), numbers: Vec::new() };
        for (number, column) in categories.iter().enumerate() {
            let name = format!("levels.{number}");
            let levels = parts.texts(&name)?;
            parts.sorted(&name, levels)?;
            if levels.len() > MOST_LEVELS {
                return Err(parts.wrong_text(&name, "are more than any training keeps"));
            }
            bins.categories.push((column.clone(), levels.to_vec()));
        }
        for (number, column) in numbers.iter().enumerate() {
            let name = format!("edges.{number}");
            let edges = parts.doubles(&name, &[None])?;
            if edges.len() > MOST_INTERVALS || edges.windows(2).any(|pair| pair[0] >= pair[1]) {
                return Err(parts.wrong(&name, "do not ascend, or are more than any training keeps"));
            }
            bins.numbers.push((column.clone(), edges));
        }
        Ok(bins)
    }

    /// Number of columns: categories, then numbers.
    pub fn columns(&self) -> usize {
        self.categories.len() + self.numbers.len()
    }

    /// Number of bins of each column, bin 0 included.
    pub fn widths(&self) -> Vec<usize> {
        self.categories.iter().map(|(_, l)| l.len() + 1).chain(self.numbers.iter().map(|(_, e)| e.len() + 2)).collect()
    }

    /// The bins of rows, column by column.
    ///
    /// # Errors
    /// When a column that the model was made for is not there.
    pub fn apply(&self, input: &Input<'_>, rows: &[u32]) -> Result<Vec<Vec<u16>>, Failure> {
        let mut all = Vec::with_capacity(self.columns());
        for (name, levels) in &self.categories {
            let factor = column(&input.categories, name, "category")?;
            let places: Vec<u16> = factor.labels.iter().map(|l| levels.binary_search(l).map_or(UNSEEN, |at| at as u16 + 1)).collect();
            let bin = |level: u32| if level == MISSING { 0 } else { places[level as usize] };
            all.push(rows.iter().map(|&row| bin(factor.index[row as usize])).collect());
        }
        for (name, edges) in &self.numbers {
            let values = column(&input.numbers, name, "number")?;
            let bin = |v: f64| if v.is_finite() { edges.partition_point(|e| *e < v) as u16 + 1 } else { 0 };
            all.push(rows.iter().map(|&row| bin(values[row as usize])).collect());
        }
        Ok(all)
    }
}

/// Where intervals meet: half way between all neighbouring values, or between those at equal counts where there are too many.
fn edges(sorted: &[f64]) -> Vec<f64> {
    let middle = |a: f64, b: f64| {
        let m = f64::midpoint(a, b);
        // Between two neighbouring floating-point numbers there is nothing.
        if m < b { m } else { a }
    };
    let mut all: Vec<f64> = sorted.windows(2).filter(|w| w[0] < w[1]).map(|w| middle(w[0], w[1])).collect();
    if all.len() >= MOST_INTERVALS {
        let cut = |i: usize| {
            let value = sorted[i * sorted.len() / MOST_INTERVALS];
            // The edge above the value, so that equal values stay together.
            all.get(all.partition_point(|e| *e < value)).copied()
        };
        let mut chosen: Vec<f64> = (1..MOST_INTERVALS).filter_map(cut).collect();
        chosen.dedup();
        all = chosen;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Strings;

    #[test]
    fn values_fall_between_edges_and_missing_and_unseen_ones_apart() {
        let ids = Strings::default();
        let region = Factor::from_strings(["n", "s", "", "w"].into_iter());
        let age = [30.0, 40.0, f64::NAN, 36.0];
        let input = Input { ids: &ids, texts: vec![], categories: vec![("region", &region)], numbers: vec![("age", &age)], rows: &[] };
        let bins = Bins::fit(&input, &[0, 1, 2]);
        assert_eq!((bins.widths(), bins.numbers[0].1.as_slice()), (vec![3, 3], &[35.0][..]));
        assert_eq!(bins.apply(&input, &[0, 1, 2, 3]).expect("applies"), [vec![1, 2, 0, UNSEEN], vec![1, 2, 0, 2]]);
    }

    #[test]
    fn many_values_share_intervals_of_about_equal_counts() {
        let sorted: Vec<f64> = (0..10_000).map(|i| f64::from(i / 3)).collect();
        let edges = edges(&sorted);
        assert!(edges.len() < MOST_INTERVALS && edges.len() > 200 && edges.is_sorted());
        let mut counts = vec![0; edges.len() + 1];
        sorted.iter().for_each(|v| counts[edges.partition_point(|e| e < v)] += 1);
        assert!(counts.iter().all(|n| (20..=70).contains(n)), "{counts:?}");
        assert_eq!(super::edges(&[1.0, 1.0, 1.0]), Vec::<f64>::new());
        assert_eq!(super::edges(&[1.0, 1.0f64.next_up()]), [1.0]);
    }
}
