//! Search for the rows of a sparse matrix with the largest inner product with a query, exactly, without reading all of them.
//!
//! A query's features are taken in the order of how much each can add at most. Once what the features that are left can add together is less
//! than what the k-th best row has already, no new row can come in, and only rows that are in reach are worked out in full (term-at-a-time
//! MaxScore: Turtle & Flood 1995, Query evaluation: strategies and optimizations, doi:10.1016/0306-4573(95)00020-H).

use crate::text::Sparse;

/// Room for the rounding of sums that are made in different orders.
const SLACK: f32 = 1e-5;

/// Rows of a sparse matrix of values above zero, also by column.
#[derive(Debug, Clone)]
pub struct Postings {
    /// The rows.
    pub rows: Sparse,
    /// Where each column starts in `members` and `values`; one more than there are columns.
    starts: Vec<usize>,
    members: Vec<u32>,
    values: Vec<f32>,
    /// Largest value of each column.
    most: Vec<f32>,
}

/// Room for one query's work, used again for the next.
#[derive(Debug, Default)]
pub struct Scratch {
    query: Vec<f32>,
    sums: Vec<f32>,
    touched: Vec<u32>,
    order: Vec<(u32, f32, f32)>,
    found: Vec<(u32, f32)>,
    all: Vec<f32>,
}

impl Postings {
    /// Turns rows by column.
    pub fn of(rows: Sparse, width: usize) -> Self {
        let mut starts = vec![0usize; width + 1];
        rows.columns.iter().for_each(|&c| starts[c as usize + 1] += 1);
        for column in 0..width {
            starts[column + 1] += starts[column];
        }
        let (mut next, mut members, mut values, mut most) = (starts.clone(), vec![0; rows.columns.len()], vec![0.0; rows.columns.len()], vec![0.0f32; width]);
        for row in 0..rows.len() {
            let (columns, own) = rows.row(row);
            for (&column, &value) in columns.iter().zip(own) {
                let at = &mut next[column as usize];
                (members[*at], values[*at]) = (row as u32, value);
                *at += 1;
                most[column as usize] = most[column as usize].max(value);
            }
        }
        Self { rows, starts, members, values, most }
    }

    /// The `wanted` rows with the largest products above zero, largest first, ties by lowest row; `without` is left out.
    pub fn nearest<'s>(&self, columns: &[u32], values: &[f32], wanted: usize, without: Option<u32>, scratch: &'s mut Scratch) -> &'s [(u32, f32)] {
        let Scratch { query, sums, touched, order, found, all } = scratch;
        query.resize(self.most.len(), 0.0);
        sums.resize(self.rows.len(), 0.0);
        found.clear();
        // One more, in whose place another comes if it is the one to leave out.
        let wanted = wanted + usize::from(without.is_some());
        order.clear();
        order.extend(columns.iter().zip(values).map(|(&c, &v)| (c, v, v * self.most[c as usize])).filter(|o| o.2 > 0.0));
        order.sort_unstable_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
        // What each feature and those after it can add together, and how many entries they have.
        let (mut left, mut entries) = (0.0, 0);
        for own in order.iter_mut().rev() {
            left += own.2;
            own.2 = left;
            entries += self.starts[own.0 as usize + 1] - self.starts[own.0 as usize];
        }
        let (mut bar, mut look_below) = (f32::NEG_INFINITY, 1.0);
        let mut left = 0.0;
        for &(column, value, rest) in order.iter() {
            // Looking at the bar reads all that has been touched: only where more than that is left to read, and not for every feature.
            if wanted > 0 && touched.len() >= wanted && rest < look_below && entries > touched.len() {
                bar = best(sums, touched, wanted, all);
                look_below = rest * 0.75;
                if bar > rest + SLACK {
                    left = rest;
                    break;
                }
            }
            let span = self.starts[column as usize]..self.starts[column as usize + 1];
            entries -= span.len();
            for (&row, &own) in self.members[span.clone()].iter().zip(&self.values[span]) {
                let sum = &mut sums[row as usize];
                if *sum == 0.0 {
                    touched.push(row);
                }
                *sum += value * own;
            }
        }
        if touched.len() >= wanted && wanted > 0 {
            bar = bar.max(best(sums, touched, wanted, all));
        }
        // Rows in reach, in full and in the order of their own columns, so that the way here leaves no trace in a sum.
        columns.iter().zip(values).for_each(|(&c, &v)| query[c as usize] = v);
        for &row in touched.iter() {
            if sums[row as usize] + left + SLACK >= bar && without != Some(row) {
                let (columns, values) = self.rows.row(row as usize);
                found.push((row, columns.iter().zip(values).map(|(&c, v)| query[c as usize] * v).sum()));
            }
        }
        columns.iter().for_each(|&c| query[c as usize] = 0.0);
        touched.iter().for_each(|&row| sums[row as usize] = 0.0);
        touched.clear();
        found.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(wanted - usize::from(without.is_some()));
        found
    }
}

/// The sum that is `wanted`-th largest among those touched; `all` is room for them.
fn best(sums: &[f32], touched: &[u32], wanted: usize, all: &mut Vec<f32>) -> f32 {
    all.clear();
    all.extend(touched.iter().map(|&row| sums[row as usize]));
    *all.select_nth_unstable_by(wanted - 1, |a, b| b.total_cmp(a)).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Stream;

    /// Rows of length 1 with few features, of which low numbers are frequent.
    fn rows(n: usize, width: u64, stream: &mut Stream) -> Sparse {
        let mut all = Sparse::new();
        for _ in 0..n {
            let mut own: Vec<u32> = (0..3 + stream.below(9)).map(|_| (stream.below(width) * stream.below(width) / width) as u32).collect();
            own.sort_unstable();
            own.dedup();
            let values: Vec<f32> = own.iter().map(|c| (1.0 + *c as f32).ln() + 0.1).collect();
            let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
            all.push(own.into_iter().zip(values.into_iter().map(|v| v / length)));
        }
        all
    }

    #[test]
    fn finds_what_a_search_of_all_rows_finds() {
        let mut stream = Stream::named(1, "postings");
        let all = rows(3000, 200, &mut stream);
        let queries = rows(200, 200, &mut stream);
        let postings = Postings::of(all.clone(), 200);
        let mut scratch = Scratch::default();
        for wanted in [0, 1, 7, 50, 5000] {
            for query in 0..queries.len() {
                let (columns, values) = queries.row(query);
                for without in [None, Some(query as u32)] {
                    let mut dense = vec![0.0; 200];
                    columns.iter().zip(values).for_each(|(&c, &v)| dense[c as usize] = v);
                    let product = |row: usize| all.row(row).0.iter().zip(all.row(row).1).map(|(&c, v)| dense[c as usize] * v).sum::<f32>();
                    let mut expected: Vec<(u32, f32)> = (0..all.len()).map(|r| (r as u32, product(r))).filter(|p| p.1 > 0.0 && without != Some(p.0)).collect();
                    expected.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
                    expected.truncate(wanted);
                    assert_eq!(postings.nearest(columns, values, wanted, without, &mut scratch), expected, "{wanted} of {query}");
                }
            }
        }
    }

    #[test]
    fn a_query_without_known_features_has_no_neighbours() {
        let mut stream = Stream::named(2, "postings");
        let postings = Postings::of(rows(20, 30, &mut stream), 40);
        assert!(postings.nearest(&[39], &[1.0], 5, None, &mut Scratch::default()).is_empty());
        assert!(postings.nearest(&[], &[], 5, None, &mut Scratch::default()).is_empty());
        assert!(Postings::of(Sparse::new(), 3).nearest(&[1], &[1.0], 5, None, &mut Scratch::default()).is_empty());
    }
}
