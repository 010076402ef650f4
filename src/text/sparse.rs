//! Sparse rows in flat arrays (compressed sparse row).

/// A sparse matrix by rows; within a row the columns ascend.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sparse {
    /// Where each row starts in `columns` and `values`; one more than there are rows.
    pub starts: Vec<usize>,
    /// Column numbers.
    pub columns: Vec<u32>,
    /// Values, one for each column number.
    pub values: Vec<f32>,
}

impl Sparse {
    /// A matrix without rows.
    #[must_use]
    pub fn new() -> Self {
        Self { starts: vec![0], columns: Vec::new(), values: Vec::new() }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// True when there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The columns and values of a row.
    #[must_use]
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let span = self.starts[row]..self.starts[row + 1];
        (&self.columns[span.clone()], &self.values[span])
    }

    /// Appends a row of (column, value), columns ascending.
    pub fn push(&mut self, row: impl Iterator<Item = (u32, f32)>) {
        for (column, value) in row {
            self.columns.push(column);
            self.values.push(value);
        }
        self.starts.push(self.columns.len());
    }

    /// Appends the rows of another matrix over the same columns.
    pub fn append(&mut self, other: &Self) {
        let base = self.columns.len();
        self.columns.extend_from_slice(&other.columns);
        self.values.extend_from_slice(&other.values);
        self.starts.extend(other.starts.iter().skip(1).map(|end| base + end));
    }

    /// A matrix of the named rows, in that order.
    #[must_use]
    pub fn select(&self, rows: &[u32]) -> Self {
        let mut chosen = Self::new();
        for &row in rows {
            let (columns, values) = self.row(row as usize);
            chosen.push(columns.iter().copied().zip(values.iter().copied()));
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_after_appending_and_selecting() {
        let (mut a, mut b) = (Sparse::new(), Sparse::new());
        a.push([(1, 0.5), (4, 1.0)].into_iter());
        a.push(std::iter::empty());
        b.push([(0, 2.0)].into_iter());
        a.append(&b);
        assert_eq!((a.len(), a.row(0), a.row(1), a.row(2)), (3, (&[1u32, 4][..], &[0.5f32, 1.0][..]), (&[][..], &[][..]), (&[0][..], &[2.0][..])));
        assert_eq!(a.select(&[2, 0]).row(1), a.row(0));
    }
}
