//! A classification tree on binned columns, grown here (Breiman, Friedman, Olshen & Stone 1984, Classification and Regression Trees; Gini index).
//!
//! Not by linfa-trees 0.8, which was tried: with three codes or more, or a tie, the same data give another tree in another run, because shares are
//! added in the order of a hash map; leaves that agree in their likeliest code are merged, so that what differs in their shares is lost; each
//! node reads all training records; and categories have to be one-hot. A test compares the two where linfa has no choice.
//!
//! Levels of a category stand in the order of how often they have the node's most frequent code, which for two codes finds the best of all
//! partitions (ibid., theorem 4.5). A value that the node never saw goes with most of its records.

mod kept;

use super::recipe::Growth;
use crate::value::Stream;

/// The column of a leaf.
const LEAF: u32 = u32::MAX;

/// Records up to which their bins are sorted rather than counted in an array.
const FEW: usize = 48;

/// A grown tree in flat arrays.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tree {
    /// The nodes, the root first.
    nodes: Vec<Node>,
    /// Where the levels of each split of a category start in `levels`; one more than there are such splits.
    sets: Vec<u32>,
    /// Bins that go left, ascending.
    levels: Vec<u16>,
    /// Where each leaf starts in `codes` and `counts`; one more than there are leaves.
    leaves: Vec<u32>,
    codes: Vec<u32>,
    counts: Vec<u32>,
}

/// A node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Node {
    /// Its column, or [`LEAF`].
    column: u32,
    /// Of a number: the last bin that goes left. Of a category: the number of its set. Of a leaf: its number.
    test: u32,
    /// Whether the test is of a set.
    set: bool,
    /// Whether a bin that training did not have here goes left.
    unseen_left: bool,
    left: u32,
    right: u32,
}

/// What trees are grown on.
pub struct Records<'a> {
    /// Bins by column, then record.
    pub bins: &'a [Vec<u16>],
    /// Number of bins of each column.
    pub widths: &'a [usize],
    /// The first columns are categories.
    pub categories: usize,
    /// Numbers of the records' codes.
    pub labels: &'a [u32],
    /// Number of codes.
    pub codes: usize,
}

/// A split that may be made.
struct Split {
    gain: f64,
    column: usize,
    /// Of a number: the last bin on the left.
    last: u16,
    /// Of a category: the bins on the left, ascending.
    left: Vec<u16>,
    /// Bins that the node's records have, where the split is of a category.
    set: bool,
}

/// Work space for growing.
struct Grower<'a> {
    records: &'a Records<'a>,
    growth: Growth,
    /// Columns that compete for a split, and the stream that draws them; all where there is none.
    draw: Option<(usize, Stream)>,
    /// Counts by bin and code, zero between uses.
    table: Vec<u32>,
    touched: Vec<u16>,
    pairs: Vec<(u16, u32)>,
    order: Vec<usize>,
    tree: Tree,
}

impl Tree {
    /// Grows a tree on the records at some positions, which may repeat.
    pub fn grow(records: &Records<'_>, mut positions: Vec<u32>, growth: Growth, draw: Option<(usize, Stream)>) -> Self {
        let widest = records.widths.iter().copied().max().unwrap_or(1);
        let mut grower = Grower {
            records,
            growth,
            draw,
            table: vec![0; widest * records.codes],
            touched: Vec::new(),
            pairs: Vec::new(),
            order: (0..records.bins.len()).collect(),
            tree: Self { sets: vec![0], leaves: vec![0], ..Self::default() },
        };
        grower.node(&mut positions, 0);
        grower.tree
    }

    /// Number of leaves.
    pub fn leaves(&self) -> usize {
        self.leaves.len() - 1
    }

    /// The codes and counts of training records of the leaf that a record falls into; `bin` gives its bin of a column.
    pub fn find(&self, bin: impl Fn(usize) -> u16) -> (&[u32], &[u32]) {
        let mut at = 0;
        loop {
            let node = self.nodes[at];
            if node.column == LEAF {
                let span = self.leaves[node.test as usize] as usize..self.leaves[node.test as usize + 1] as usize;
                return (&self.codes[span.clone()], &self.counts[span]);
            }
            at = if self.goes_left(&node, bin(node.column as usize)) { node.left } else { node.right } as usize;
        }
    }

    fn goes_left(&self, node: &Node, bin: u16) -> bool {
        if !node.set {
            return if bin == 0 { node.unseen_left } else { u32::from(bin) <= node.test };
        }
        let set = &self.levels[self.sets[node.test as usize] as usize..self.sets[node.test as usize + 1] as usize];
        // The marks of both sides are kept: those on the right have the highest bit.
        match set.binary_search_by_key(&bin, |b| b & !RIGHT) {
            Ok(at) => set[at] & RIGHT == 0,
            Err(_) => node.unseen_left,
        }
    }
}

/// Marks a bin of a set that goes right, so that a bin that is in neither side is known as unseen.
const RIGHT: u16 = 1 << 15;

impl Grower<'_> {
    /// Grows a node and what is below it; returns its number.
    fn node(&mut self, positions: &mut [u32], depth: usize) -> u32 {
        let number = self.tree.nodes.len() as u32;
        self.tree.nodes.push(Node { column: LEAF, test: 0, set: false, unseen_left: true, left: 0, right: 0 });
        let mut counts = vec![0u32; self.records.codes];
        positions.iter().for_each(|&p| counts[self.records.labels[p as usize] as usize] += 1);
        let split = if depth < self.growth.depth && positions.len() >= 2 * self.growth.min_leaf { self.best(positions, &counts) } else { None };
        let Some(split) = split else {
            self.tree.nodes[number as usize].test = self.tree.leaves() as u32;
            for (code, &count) in counts.iter().enumerate().filter(|(_, n)| **n > 0) {
                self.tree.codes.push(code as u32);
                self.tree.counts.push(count);
            }
            self.tree.leaves.push(self.tree.codes.len() as u32);
            return number;
        };
        let column = &self.records.bins[split.column];
        let goes_left = |p: u32| {
            let bin = column[p as usize];
            if split.set { split.left.binary_search(&bin).is_ok() } else { bin <= split.last }
        };
        let (left, right): (Vec<u32>, Vec<u32>) = positions.iter().partition(|&&p| goes_left(p));
        let more_left = left.len() >= right.len();
        // Missing numbers went left with the smallest, if there were any.
        let missing_here = !split.set && left.iter().any(|&p| column[p as usize] == 0);
        let mut node =
            Node { column: split.column as u32, test: u32::from(split.last), set: split.set, unseen_left: missing_here || more_left, left: 0, right: 0 };
        if split.set {
            node.test = self.tree.sets.len() as u32 - 1;
            let mut there: Vec<u16> = right.iter().map(|&p| column[p as usize] | RIGHT).chain(split.left.iter().copied()).collect();
            there.sort_unstable_by_key(|b| b & !RIGHT);
            there.dedup();
            self.tree.levels.extend(there);
            self.tree.sets.push(self.tree.levels.len() as u32);
        }
        let at = left.len();
        positions[..at].copy_from_slice(&left);
        positions[at..].copy_from_slice(&right);
        drop((left, right));
        let (low, high) = positions.split_at_mut(at);
        node.left = self.node(low, depth + 1);
        node.right = self.node(high, depth + 1);
        self.tree.nodes[number as usize] = node;
        number
    }

    /// The split that leaves the purest sides; none when no split makes them purer.
    fn best(&mut self, positions: &[u32], counts: &[u32]) -> Option<Split> {
        let n = positions.len() as f64;
        let whole = counts.iter().map(|&c| f64::from(c).powi(2)).sum::<f64>() / n;
        if whole >= n {
            return None;
        }
        let wanted = self.draw.as_ref().map_or(self.order.len(), |(wanted, _)| *wanted);
        let mut best: Option<Split> = None;
        for i in 0..self.order.len() {
            // Columns are drawn until enough have competed and one of them can split.
            if i >= wanted && best.is_some() {
                break;
            }
            if let Some((_, stream)) = &mut self.draw {
                let other = i + stream.below((self.order.len() - i) as u64) as usize;
                self.order.swap(i, other);
            }
            let column = self.order[i];
            let bar = best.as_ref().map_or(whole + 1e-9 * n, |b| b.gain);
            if let Some(split) = self.column(column, positions, counts, bar) {
                best = Some(split);
            }
        }
        best
    }

    /// The best split of a column, if it gains more than `bar`.
    fn column(&mut self, column: usize, positions: &[u32], counts: &[u32], bar: f64) -> Option<Split> {
        let Records { bins, labels, codes, categories, .. } = *self.records;
        let own = &bins[column];
        // Counts by bin and code of the bins that occur.
        self.touched.clear();
        if positions.len() <= FEW {
            self.pairs.clear();
            self.pairs.extend(positions.iter().map(|&p| (own[p as usize], labels[p as usize])));
            self.pairs.sort_unstable();
            for &(bin, label) in &self.pairs {
                if self.touched.last() != Some(&bin) {
                    self.touched.push(bin);
                }
                self.table[usize::from(bin) * codes + label as usize] += 1;
            }
        } else {
            for &p in positions {
                self.table[usize::from(own[p as usize]) * codes + labels[p as usize] as usize] += 1;
            }
            self.touched.extend((0..self.records.widths[column] as u16).filter(|&b| row(&self.table, b, codes).iter().any(|c| *c > 0)));
        }
        let set = column < categories;
        if set {
            // By the share of the node's most frequent code.
            let most = counts.iter().enumerate().fold(0, |m, (code, n)| if *n > counts[m] { code } else { m });
            let share = |b: u16| {
                let own = row(&self.table, b, codes);
                f64::from(own[most]) / f64::from(own.iter().sum::<u32>())
            };
            let mut order: Vec<(f64, u16)> = self.touched.iter().map(|&b| (share(b), b)).collect();
            order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            self.touched.clear();
            self.touched.extend(order.into_iter().map(|(_, b)| b));
        }
        let found = self.sweep(positions.len(), counts, bar);
        let split = found.map(|(gain, at)| {
            let mut left: Vec<u16> = if set { self.touched[..=at].to_vec() } else { Vec::new() };
            left.sort_unstable();
            Split { gain, column, last: self.touched[at], left, set }
        });
        for &bin in &self.touched {
            self.table[usize::from(bin) * codes..(usize::from(bin) + 1) * codes].fill(0);
        }
        split
    }

    /// Moves bin by bin to the left: the largest Σ n²/n of both sides above `bar`, and the last bin on the left.
    fn sweep(&self, n: usize, counts: &[u32], bar: f64) -> Option<(f64, usize)> {
        let codes = self.records.codes;
        let (mut left, mut right) = (vec![0u32; codes], counts.to_vec());
        let (mut left_squares, mut right_squares) = (0.0, counts.iter().map(|&c| f64::from(c).powi(2)).sum::<f64>());
        let (mut moved, mut best) = (0, None);
        let mut gain_of_best = bar;
        for (at, &bin) in self.touched.iter().enumerate().take(self.touched.len().saturating_sub(1)) {
            for (code, &own) in row(&self.table, bin, codes).iter().enumerate().filter(|(_, c)| **c > 0) {
                let (l, r, c) = (f64::from(left[code]), f64::from(right[code]), f64::from(own));
                left_squares += c * (2.0 * l + c);
                right_squares -= c * (2.0 * r - c);
                left[code] += own;
                right[code] -= own;
                moved += own as usize;
            }
            if moved < self.growth.min_leaf || n - moved < self.growth.min_leaf {
                continue;
            }
            let gain = left_squares / moved as f64 + right_squares / (n - moved) as f64;
            if gain > gain_of_best {
                gain_of_best = gain;
                best = Some((gain, at));
            }
        }
        best
    }
}

fn row(table: &[u32], bin: u16, codes: usize) -> &[u32] {
    &table[usize::from(bin) * codes..(usize::from(bin) + 1) * codes]
}

#[cfg(test)]
mod tests {
    use super::*;
    use linfa::Dataset;
    use linfa::traits::{Fit, Predict};
    use linfa_trees::DecisionTree;
    use ndarray::{Array1, Array2};

    fn grow(bins: &[Vec<u16>], widths: &[usize], categories: usize, labels: &[u32], codes: usize, growth: Growth) -> Tree {
        let records = Records { bins, widths, categories, labels, codes };
        Tree::grow(&records, (0..labels.len() as u32).collect(), growth, None)
    }

    #[test]
    fn splits_where_codes_part_and_sends_what_is_unseen_with_the_most() {
        // A category with levels 1 to 3: the first and third go together; 0 is missing and never seen.
        let bins = [vec![1, 1, 2, 2, 3, 3, 3]];
        let tree = grow(&bins, &[4], 1, &[0, 0, 1, 1, 0, 0, 0], 2, Growth { depth: 5, min_leaf: 1 });
        assert_eq!(tree.leaves(), 2);
        for (bin, leaf) in
            [(1, (&[0][..], &[5][..])), (2, (&[1][..], &[2][..])), (3, (&[0][..], &[5][..])), (0, (&[0][..], &[5][..])), (u16::MAX, (&[0][..], &[5][..]))]
        {
            assert_eq!(tree.find(|_| bin), leaf, "{bin}");
        }
        // A number whose missing values are of a code of their own.
        let bins = [vec![0, 0, 1, 2, 3, 4]];
        let tree = grow(&bins, &[5], 0, &[1, 1, 0, 0, 2, 2], 3, Growth { depth: 5, min_leaf: 1 });
        for (bin, code) in [(0, 1), (1, 0), (2, 0), (3, 2), (4, 2)] {
            assert_eq!(tree.find(|_| bin).0, [code], "{bin}");
        }
        // Nothing to gain, and leaves that would be too small.
        assert_eq!(grow(&[vec![1, 2, 1, 2]], &[3], 0, &[0, 0, 1, 1], 2, Growth { depth: 5, min_leaf: 1 }).leaves(), 1);
        assert_eq!(grow(&[vec![1, 1, 1, 2]], &[3], 0, &[0, 0, 0, 1], 2, Growth { depth: 5, min_leaf: 2 }).leaves(), 1);
    }

    /// Where linfa's tree is determined (two codes, no ties), both part the records alike; ours keeps leaves that linfa merges.
    #[test]
    fn agrees_with_linfa_where_linfa_has_no_choice() {
        let mut stream = Stream::named(8, "tree");
        let n = 2000;
        let x: Vec<[f64; 3]> = (0..n).map(|_| [stream.unit(), stream.unit(), stream.unit()]).collect();
        let labels: Vec<u32> = x
            .iter()
            .map(|x| {
                u32::from(
                    stream.unit()
                        < if x[0] < 0.31 {
                            0.1
                        } else if x[2] < 0.63 {
                            0.85
                        } else {
                            0.4
                        },
                )
            })
            .collect();
        let growth = Growth { depth: 2, min_leaf: 100 };
        let edges: Vec<Vec<f64>> = (0..3)
            .map(|c| {
                let mut values: Vec<f64> = x.iter().map(|x| x[c]).collect();
                values.sort_unstable_by(f64::total_cmp);
                values
            })
            .collect();
        // A bin for each value, so that both see the same cuts.
        let bins: Vec<Vec<u16>> = (0..3).map(|c| x.iter().map(|x| edges[c].partition_point(|e| *e < x[c]) as u16 + 1).collect()).collect();
        let tree = grow(&bins, &[n + 1; 3], 0, &labels, 2, growth);
        let features = Array2::from_shape_fn((n, 3), |(i, c)| x[i][c]);
        let targets: Array1<usize> = labels.iter().map(|&l| l as usize).collect();
        let linfa = DecisionTree::<f64, usize>::params().max_depth(Some(2)).min_weight_leaf(100.0).fit(&Dataset::new(features.clone(), targets)).expect("fits");
        let predicted = linfa.predict(&features);
        for i in 0..n {
            let (codes, counts) = tree.find(|c| bins[c][i]);
            let most = codes.iter().zip(counts).max_by_key(|(_, n)| **n).map(|(c, _)| *c as usize);
            assert_eq!(most, Some(predicted[i]), "record {i}");
        }
        assert_eq!(tree.leaves(), 4);
    }

    #[test]
    fn columns_drawn_for_each_split_come_from_the_stream_alone() {
        let mut stream = Stream::named(9, "tree");
        let bins: Vec<Vec<u16>> = (0..6).map(|_| (0..500).map(|_| stream.below(40) as u16).collect()).collect();
        let labels: Vec<u32> = (0..500).map(|i| u32::from(bins[0][i] + bins[3][i] > 40) + u32::from(bins[5][i] > 30)).collect();
        let records = Records { bins: &bins, widths: &[40; 6], categories: 2, labels: &labels, codes: 3 };
        let grow = |name: &str| Tree::grow(&records, (0..500).collect(), Growth { depth: 30, min_leaf: 1 }, Some((2, Stream::named(1, name))));
        assert_eq!(grow("a"), grow("a"));
        assert_ne!(grow("a"), grow("b"));
        // Grown to the end, a tree knows its own records.
        let tree = grow("a");
        for i in 0..500 {
            assert_eq!(tree.find(|c| bins[c][i]).0, [labels[i]], "record {i}");
        }
    }
}
