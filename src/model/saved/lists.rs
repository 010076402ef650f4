//! Parts that are lists of lists: numbers in a row, and where each list ends; sparse rows, and shares.

use super::{Pack, Unpack};
use crate::text::Sparse;
use crate::value::Problem;

/// How far a sum of shares may be from 1.
const ROUNDING: f64 = 1e-6;

impl Pack {
    /// Where lists that stand in a row start, and where the last one ends.
    pub(in crate::model) fn ranges(&mut self, name: &str, starts: &[usize]) {
        let ends: Vec<u64> = starts.iter().skip(1).map(|end| *end as u64).collect();
        self.wholes(&format!("{name}.ends"), &ends);
    }

    /// Lists of small numbers.
    pub(in crate::model) fn lists(&mut self, name: &str, lists: impl IntoIterator<Item = Vec<u32>>) {
        let (mut all, mut starts) = (Vec::new(), vec![0]);
        for list in lists {
            all.extend(list);
            starts.push(all.len());
        }
        self.ranges(name, &starts);
        self.indices(name, &[all.len()], all);
    }

    /// Sparse rows.
    pub(in crate::model) fn sparse(&mut self, name: &str, rows: &Sparse) {
        self.ranges(name, &rows.starts);
        self.indices(&format!("{name}.columns"), &[rows.columns.len()], rows.columns.iter().copied());
        self.floats(&format!("{name}.values"), &[rows.values.len()], rows.values.iter().copied());
    }
}

impl Unpack<'_> {
    /// Where lists that stand in a row start, and where the last one ends: at `total`. There are `count` of them, or any number.
    pub(in crate::model) fn ranges(&self, name: &str, count: Option<usize>, total: usize) -> Result<Vec<usize>, Problem> {
        let ends = self.wholes(&format!("{name}.ends"), count)?;
        let mut starts = Vec::with_capacity(ends.len() + 1);
        starts.push(0);
        starts.extend(ends.iter().map(|end| usize::try_from(*end).unwrap_or(usize::MAX)));
        if !starts.is_sorted() || starts.last() != Some(&total) {
            return Err(self.wrong(&format!("{name}.ends"), "do not ascend to the end of what they divide"));
        }
        Ok(starts)
    }

    /// Lists of small numbers.
    pub(in crate::model) fn lists(&self, name: &str, count: Option<usize>) -> Result<Vec<Vec<u32>>, Problem> {
        let all = self.indices(name, &[None])?;
        let starts = self.ranges(name, count, all.len())?;
        Ok(starts.windows(2).map(|pair| all[pair[0]..pair[1]].to_vec()).collect())
    }

    /// That numbers are places among `length`.
    pub(in crate::model) fn places(&self, name: &str, numbers: &[u32], length: usize) -> Result<(), Problem> {
        match numbers.iter().find(|n| **n as usize >= length) {
            Some(n) => Err(self.wrong(name, format!("has the number {n} where {length} are to choose from"))),
            None => Ok(()),
        }
    }

    /// Sparse rows of values above 0 over `width` columns, each of length 1 at most.
    pub(in crate::model) fn sparse(&self, name: &str, count: usize, width: usize) -> Result<Sparse, Problem> {
        let columns = self.indices(&format!("{name}.columns"), &[None])?;
        let values = self.floats(&format!("{name}.values"), &[Some(columns.len())])?;
        let rows = Sparse { starts: self.ranges(name, Some(count), columns.len())?, columns, values };
        self.places(&format!("{name}.columns"), &rows.columns, width)?;
        for row in 0..rows.len() {
            let (columns, values) = rows.row(row);
            let square: f64 = values.iter().map(|v| f64::from(*v).powi(2)).sum();
            if columns.windows(2).any(|pair| pair[0] >= pair[1]) || values.iter().any(|v| *v <= 0.0) || square > 1.001 {
                return Err(self.wrong(name, format!("is damaged: row {} is none that features of a text give", row + 1)));
            }
        }
        Ok(rows)
    }

    /// Shares that add up to 1.
    pub(in crate::model) fn shares(&self, name: &str, count: usize) -> Result<Vec<f64>, Problem> {
        let shares = self.doubles(name, &[Some(count)])?;
        if shares.iter().any(|s| *s < 0.0) || (shares.iter().sum::<f64>() - 1.0).abs() > ROUNDING {
            return Err(self.wrong(name, "are not shares: they must be 0 or more and add up to 1"));
        }
        Ok(shares)
    }

    /// That names are sorted, each once.
    pub(in crate::model) fn sorted(&self, name: &str, names: &[String]) -> Result<(), Problem> {
        match names.windows(2).find(|pair| pair[0] >= pair[1]) {
            Some(_) => Err(self.wrong_text(name, "are not sorted, or one is there twice")),
            None => Ok(()),
        }
    }
}
