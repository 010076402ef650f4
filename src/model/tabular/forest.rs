//! One tree, or a forest of trees grown on resampled records with columns drawn for each split (Breiman 2001, Random forests,
//! doi:10.1023/A:1010933404324); probabilities are shares of training records in leaves, averaged over trees.
//!
//! Not by linfa-ensemble 0.8, which was tried: it draws columns once a tree and with repetition, tells votes by the order of a hash map where they
//! are equal, and stops the program where a tree cannot be fitted. Its trees are those that `tree.rs` speaks of.

use super::super::{Input, Pack, Unpack};
use super::bins::Bins;
use super::recipe::Growth;
use super::tree::{Records, Tree};
use crate::value::{Class, Failure, Problem, Stream, grouped};
use rayon::prelude::*;

/// A grown forest; of one tree where no forest was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Forest {
    bins: Bins,
    trees: Vec<Tree>,
    /// Share of each code in the training part.
    shares: Vec<f64>,
    columns_per_split: usize,
}

impl Forest {
    /// Grows on rows with the numbers of their codes; `trees` is 0 for a single tree on all records and columns.
    ///
    /// # Errors
    /// When no column varies.
    pub fn fit(
        input: &Input<'_>,
        rows: &[u32],
        (labels, codes): (&[u32], usize),
        growth: Growth,
        (trees, per_split): (usize, usize),
        seed: u64,
    ) -> Result<Self, Failure> {
        let bins = Bins::fit(input, rows);
        let own = bins.apply(input, rows)?;
        if own.iter().all(|column| column.iter().all(|b| *b == column[0])) {
            let problem = Problem::new(Class::Data, "no category or number column varies in the training part");
            return Err(problem.remedy("name columns that differ between records").into());
        }
        let widths = bins.widths();
        let records = Records { bins: &own, widths: &widths, categories: bins.categories.len(), labels, codes };
        let n = rows.len() as u64;
        let columns = bins.columns();
        let columns_per_split = match per_split {
            0 => (columns as f64).sqrt().round().max(1.0) as usize,
            some => some.min(columns),
        };
        let grown = if trees == 0 {
            vec![Tree::grow(&records, (0..n as u32).collect(), growth, None)]
        } else {
            let grow = |number: usize| {
                // A stream for each tree: neither their number nor that of threads changes one.
                let mut stream = Stream::named(seed, &format!("forest tree {number}"));
                let positions = (0..n).map(|_| stream.below(n) as u32).collect();
                Tree::grow(&records, positions, growth, Some((columns_per_split, stream)))
            };
            (0..trees).into_par_iter().map(grow).collect()
        };
        let mut shares = vec![0.0; codes];
        labels.iter().for_each(|&l| shares[l as usize] += 1.0 / n as f64);
        Ok(Self { bins, trees: grown, shares, columns_per_split })
    }

    /// Logarithms of the codes' probabilities, shape (n, codes), row-major: shares in leaves with, in a single tree, one more record of the
    /// training part's shares; averaged over the trees of a forest with one more tree that gives those shares.
    pub fn scores(&self, input: &Input<'_>, rows: &[u32]) -> Result<Vec<f32>, Failure> {
        let bins = self.bins.apply(input, rows)?;
        let codes = self.shares.len();
        let mut all = Vec::with_capacity(rows.len() * codes);
        let mut p = vec![0.0; codes];
        for (at, _) in rows.iter().enumerate() {
            p.copy_from_slice(&self.shares);
            let mut whole = 1.0;
            for tree in &self.trees {
                let (codes, counts) = tree.find(|column| bins[column][at]);
                let n = f64::from(counts.iter().sum::<u32>());
                let worth = if self.trees.len() == 1 { n } else { 1.0 };
                codes.iter().zip(counts).for_each(|(&code, &count)| p[code as usize] += worth * f64::from(count) / n);
                whole += worth;
            }
            all.extend(p.iter().map(|p| (p / whole).max(f64::MIN_POSITIVE).ln() as f32));
        }
        Ok(all)
    }

    /// Puts it into `pack`.
    pub fn pack(&self, pack: &mut Pack) {
        self.bins.pack(pack);
        Tree::pack_all(&self.trees, pack);
        pack.doubles("shares", &[self.shares.len()], self.shares.iter().copied());
    }

    /// One that was saved, of a number of trees.
    pub fn unpack(parts: &Unpack<'_>, trees: usize) -> Result<Self, Problem> {
        let bins = Bins::unpack(parts)?;
        let trees = Tree::unpack_all(parts, trees, bins.columns(), bins.categories.len())?;
        // Only facts tell how many columns competed, and these are kept as they were told.
        Ok(Self { bins, trees, shares: parts.shares("shares", parts.codes().len())?, columns_per_split: 0 })
    }

    /// Facts for the card.
    pub fn facts(&self) -> Vec<(String, String)> {
        let leaves: usize = self.trees.iter().map(Tree::leaves).sum();
        let mut facts =
            vec![("columns".to_owned(), grouped(self.bins.columns())), ("trees".into(), grouped(self.trees.len())), ("leaves".into(), grouped(leaves))];
        if self.trees.len() > 1 {
            facts.push(("columns that compete for a split".into(), grouped(self.columns_per_split)));
        }
        facts.push((
            "missing and unknown values".into(),
            "a missing value is a value of its own; a level unknown to a split goes with most of its records".into(),
        ));
        facts.push(("by".into(), "this program, not linfa: linfa's trees differ from run to run; survey weights are not used".into()));
        facts
    }
}
