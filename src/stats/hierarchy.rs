//! Errors in a code frame with levels: overlap of ancestors, accuracy by level, distance in the tree.
//!
//! A code is given as the nodes on its path from the first level down to itself, the root left out; a node has one number wherever it
//! occurs ("1" under "A" and "1" under "B" are two nodes). Overlaps also work on the ancestor sets of a frame that is not a tree.

use super::confusion::over;

/// One record: path of the truth, path of the prediction, weight.
pub type Coded<'a> = (&'a [u32], &'a [u32], f64);

/// Precision, recall and F of ancestor sets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HierarchicalScores {
    /// Share of predicted nodes that are true; undefined when nothing was predicted.
    pub precision: Option<f64>,
    /// Share of true nodes that were predicted; undefined when there are none.
    pub recall: Option<f64>,
    /// Their harmonic mean, 2 Σw|α∩β| / Σw(|α| + |β|).
    pub f: Option<f64>,
}

/// Nodes in both paths.
#[must_use]
pub fn shared_nodes(truth: &[u32], predicted: &[u32]) -> usize {
    truth.iter().filter(|n| predicted.contains(n)).count()
}

/// Scores over all nodes ("micro"): hP = Σw|α∩β|/Σw|α|, hR = Σw|α∩β|/Σw|β|, α predicted and β true nodes
/// (Kiritchenko et al. 2006, doi:10.1007/11766247_34; Silla & Freitas 2011, doi:10.1007/s10618-010-0175-9).
///
/// Stopping at a higher level raises precision: read beside [`LevelAccuracy::coverage`].
#[must_use]
pub fn hierarchical_scores<'a>(records: impl IntoIterator<Item = Coded<'a>>) -> HierarchicalScores {
    let (mut shared, mut predicted, mut truth) = (0.0, 0.0, 0.0);
    for (t, p, w) in records {
        shared += w * shared_nodes(t, p) as f64;
        predicted += w * p.len() as f64;
        truth += w * t.len() as f64;
    }
    HierarchicalScores { precision: over(shared, predicted), recall: over(shared, truth), f: over(2.0 * shared, predicted + truth) }
}

/// Scores of each record, then their mean ("macro"); F is the mean of the records' F, not the F of means.
///
/// A record without predicted nodes has no precision and is left out of that mean; its recall and F are 0.
#[must_use]
pub fn mean_hierarchical_scores<'a>(records: impl IntoIterator<Item = Coded<'a>>) -> HierarchicalScores {
    let mut sums = [(0.0, 0.0); 3];
    for (t, p, w) in records {
        let shared = shared_nodes(t, p) as f64;
        let (t, p) = (t.len() as f64, p.len() as f64);
        for ((sum, weight), value) in sums.iter_mut().zip([over(shared, p), over(shared, t), over(2.0 * shared, t + p)]) {
            if let Some(v) = value {
                *sum += w * v;
                *weight += w;
            }
        }
    }
    let [precision, recall, f] = sums.map(|(sum, weight)| over(sum, weight));
    HierarchicalScores { precision, recall, f }
}

/// How right the codes are at one level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelAccuracy {
    /// Share right among records whose truth reaches the level; a prediction that stops above it is not right.
    pub accuracy: Option<f64>,
    /// Share of those records whose prediction reaches the level.
    pub coverage: Option<f64>,
    /// Weight of records whose truth reaches the level.
    pub weight: f64,
}

/// Accuracy at a level, counted from 1. Right means that the whole path down to it agrees.
#[must_use]
pub fn level_accuracy<'a>(records: impl IntoIterator<Item = Coded<'a>>, level: usize) -> LevelAccuracy {
    let (mut right, mut reached, mut weight) = (0.0, 0.0, 0.0);
    for (t, p, w) in records {
        if t.len() >= level {
            weight += w;
            reached += if p.len() >= level { w } else { 0.0 };
            right += if common_depth(t, p) >= level { w } else { 0.0 };
        }
    }
    LevelAccuracy { accuracy: over(right, weight), coverage: over(reached, weight), weight }
}

/// Depth of the lowest common ancestor: levels that two paths agree on from the top; 0 when only the root is shared.
#[must_use]
pub fn common_depth(truth: &[u32], predicted: &[u32]) -> usize {
    truth.iter().zip(predicted).take_while(|(t, p)| t == p).count()
}

/// Steps from one code to the other: (d_y − d_lca) + (d_f − d_lca) (Rada et al. 1989, doi:10.1109/21.24528).
#[must_use]
pub fn tree_distance(truth: &[u32], predicted: &[u32]) -> usize {
    truth.len() + predicted.len() - 2 * common_depth(truth, predicted)
}

/// Mean tree distance; undefined without records.
#[must_use]
pub fn mean_tree_distance<'a>(records: impl IntoIterator<Item = Coded<'a>>) -> Option<f64> {
    let (sum, weight) = records.into_iter().fold((0.0, 0.0), |(s, a), (t, p, w)| (s + w * tree_distance(t, p) as f64, a + w));
    over(sum, weight)
}

/// Weight by depth of the lowest common ancestor, of the records that are coded wrong; entry 0: not even the first level is right.
#[must_use]
pub fn depths_of_errors<'a>(records: impl IntoIterator<Item = Coded<'a>>) -> Vec<f64> {
    let mut depths = Vec::new();
    for (t, p, w) in records {
        if t != p {
            let depth = common_depth(t, p);
            if depths.len() <= depth {
                depths.resize(depth + 1, 0.0);
            }
            depths[depth] += w;
        }
    }
    depths
}

/// Share of errors that cross the boundary of the first level; undefined without errors.
#[must_use]
pub fn crossing_share(depths_of_errors: &[f64]) -> Option<f64> {
    over(depths_of_errors.first().copied().unwrap_or(0.0), depths_of_errors.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<f64>, wanted: f64) {
        assert!(found.is_some_and(|f| (f - wanted).abs() < 6e-7), "{found:?} is not {wanted}");
    }

    /// Prefixes of a numeric code as nodes.
    fn path(code: &str) -> Vec<u32> {
        (1..=code.len()).map(|n| code[..n].parse().unwrap()).collect()
    }

    fn isco() -> Vec<(Vec<u32>, Vec<u32>)> {
        [("2211", "2211"), ("2212", "2211"), ("5131", "5132"), ("9233", "9"), ("2423", "5131")].map(|(t, p)| (path(t), path(p))).to_vec()
    }

    fn coded<'a>(rows: &'a [(Vec<u32>, Vec<u32>)], weights: &'a [f64]) -> impl Iterator<Item = Coded<'a>> {
        rows.iter().zip(weights).map(|((t, p), &w)| (t.as_slice(), p.as_slice(), w))
    }

    // hiclass 5.0.8, tests/test_metrics.py (numbers there are node ids).
    #[test]
    fn scores_equal_hiclass() {
        let score = |rows: &[(&[u32], &[u32])]| hierarchical_scores(rows.iter().map(|&(t, p)| (t, p, 1.0)));
        let mean = |rows: &[(&[u32], &[u32])]| mean_hierarchical_scores(rows.iter().map(|&(t, p)| (t, p, 1.0)));
        near(score(&[(&[1, 2, 3, 4], &[1, 2, 5, 6]), (&[1, 2, 5, 6], &[1, 2, 3, 4])]).precision, 0.5);
        near(mean(&[(&[1, 2, 3, 4], &[1, 5, 6, 7]), (&[1, 2, 5, 6], &[1, 2, 3, 4])]).precision, 0.375);
        near(mean(&[(&[1, 2, 3, 4], &[1, 5, 6]), (&[1, 2, 5, 6], &[1, 2, 3])]).f, 0.428_571_4);
        near(score(&[(&[2, 3], &[1]), (&[1], &[2, 3]), (&[4, 5, 6], &[4, 5, 6])]).f, 0.5);
    }

    // Occupations by hand: five records, one coded to its first digit only.
    #[test]
    fn a_partial_code_is_legal_and_visible() {
        let (rows, even, rising) = (isco(), [1.0; 5], [1.0, 2.0, 3.0, 4.0, 5.0]);
        let micro = hierarchical_scores(coded(&rows, &even));
        [(micro.precision, 0.647_058_8), (micro.recall, 0.55), (micro.f, 0.594_594_6)].into_iter().for_each(|(f, w)| near(f, w));
        let mean = mean_hierarchical_scores(coded(&rows, &even));
        [(mean.precision, 0.7), (mean.recall, 0.55), (mean.f, 0.58)].into_iter().for_each(|(f, w)| near(f, w));
        let weighted = hierarchical_scores(coded(&rows, &rising));
        [(weighted.precision, 0.479_166_7), (weighted.recall, 0.383_333_3), (weighted.f, 0.425_925_9)].into_iter().for_each(|(f, w)| near(f, w));
        for (level, accuracy, coverage) in [(1, 0.8, 1.0), (2, 0.6, 0.8), (3, 0.6, 0.8), (4, 0.2, 0.8)] {
            let found = level_accuracy(coded(&rows, &even), level);
            near(found.accuracy, accuracy);
            near(found.coverage, coverage);
        }
        assert_eq!(rows.iter().map(|(t, p)| tree_distance(t, p)).collect::<Vec<_>>(), [0, 2, 2, 3, 8]);
        near(mean_tree_distance(coded(&rows, &even)), 3.0);
        assert_eq!(depths_of_errors(coded(&rows, &even)), [1.0, 1.0, 0.0, 2.0]);
        near(crossing_share(&depths_of_errors(coded(&rows, &even))), 0.25);
        let deep = level_accuracy(coded(&rows, &even), 5);
        assert_eq!((deep.accuracy, deep.coverage, deep.weight), (None, None, 0.0));
        assert_eq!((crossing_share(&[]), mean_tree_distance([])), (None, None));
    }

    // True A/1, predicted B/1: with labels instead of paths as nodes, half would look right.
    #[test]
    fn nodes_are_paths_not_labels() {
        let swapped = hierarchical_scores([(&[10_u32, 101][..], &[20_u32, 201][..], 1.0)]);
        assert_eq!((swapped.precision, swapped.recall), (Some(0.0), Some(0.0)));
        let silent = mean_hierarchical_scores([(&[10_u32][..], &[][..], 1.0)]);
        assert_eq!((silent.precision, silent.recall, silent.f), (None, Some(0.0), Some(0.0)));
    }
}
