//! Stacking: learns, on scores that members gave to records held out from them, how to weigh members and codes together.
//!
//! Wolpert 1992, Stacked generalization, doi:10.1016/S0893-6080(05)80023-1; Ting & Witten 1999, doi:10.1613/jair.594, for probabilities as
//! the inputs of a multinomial logistic model. Every code's score may use every member's probability of every code, which mends
//! confusions that members share; and pairs of codes that are both likely have weights of their own, because a record that names two
//! things often belongs to a third code ("multiple").

use super::hinge::Settings;
use super::link::FLOOR;
use super::softmax;
use super::weights::{Learnt, Weights};
use crate::text::Sparse;
use crate::value::Stream;
use std::collections::BTreeMap;

/// Logarithms above the floor are scaled to about the size of text features, so that one penalty fits both.
const SCALE: f32 = 0.3;

/// Codes less likely than this form no pair.
const LIKELY: f32 = 0.02;

/// Codes beyond which pairs would be more weights than records can teach.
const MOST_PAIRED: usize = 200;

/// Strength of the stack: inverse of the L2 penalty.
pub const STACK_C: f64 = 0.1;

/// Number of inputs of a stack.
pub fn width(members: usize, codes: usize) -> usize {
    members * codes + if codes <= MOST_PAIRED { codes * codes } else { 0 }
}

/// Appends the inputs of one record to `rows`: `logs` holds each member's logarithms of probabilities.
pub fn push(logs: &[&[f32]], rows: &mut Sparse) {
    let codes = logs.first().map_or(0, |l| l.len());
    let mut row: Vec<(u32, f32)> = Vec::with_capacity(logs.len() * codes);
    for (member, logs) in logs.iter().enumerate() {
        for (code, log) in logs.iter().enumerate().filter(|(_, log)| **log > FLOOR) {
            row.push(((member * codes + code) as u32, (log - FLOOR) * SCALE));
        }
    }
    if codes <= MOST_PAIRED {
        // The members' geometric mean says what is likely.
        let mut mean: Vec<f32> = (0..codes).map(|code| (logs.iter().map(|l| l[code]).sum::<f32>() / logs.len() as f32).exp()).collect();
        let sum: f32 = mean.iter().sum();
        mean.iter_mut().for_each(|p| *p /= sum);
        let likely: Vec<usize> = (0..codes).filter(|&code| mean[code] > LIKELY).collect();
        for (i, &a) in likely.iter().enumerate() {
            for &b in &likely[i + 1..] {
                row.push(((logs.len() * codes + a * codes + b) as u32, (mean[a] * mean[b]).sqrt()));
            }
        }
    }
    rows.push(row.into_iter());
}

/// Learns the stack's weights.
pub fn learn(rows: &Sparse, labels: &[u32], shares: Option<&[f32]>, codes: usize, width: usize, seed: u64) -> Learnt {
    softmax::fit(rows, labels, shares, codes, width, Settings { c: STACK_C, passes: 50, tolerance: 0.001 }, seed)
}

/// Scores of rows, shape (n, codes), row-major.
pub fn scores(weights: &Weights, rows: &Sparse) -> Vec<f32> {
    let mut all = vec![0.0; rows.len() * weights.codes];
    for (row, out) in all.chunks_exact_mut(weights.codes).enumerate() {
        let (columns, values) = rows.row(row);
        weights.score(columns, values, out);
    }
    all
}

/// Scores of each record by what was learnt from the other folds, shape (n, codes), row-major: `learn` gets rows and their positions.
pub fn held_out(x: &Sparse, codes: usize, fold: &[u32], folds: u32, learn: impl Fn(&Sparse, &[u32]) -> Weights) -> Vec<f32> {
    let mut all = vec![0.0; x.len() * codes];
    for own in 0..folds {
        let (inside, outside): (Vec<u32>, Vec<u32>) = (0..x.len() as u32).partition(|&p| fold[p as usize] == own);
        let weights = learn(&x.select(&outside), &outside);
        for &position in &inside {
            let (columns, values) = x.row(position as usize);
            weights.score(columns, values, &mut all[position as usize * codes..(position as usize + 1) * codes]);
        }
    }
    all
}

/// Deals records to folds at random, records of one cluster to the same fold, each cluster to the fold that has fewest records so far.
pub fn deal(rows: &[u32], clusters: Option<&[u32]>, folds: u32, seed: u64) -> Vec<u32> {
    let mut units: BTreeMap<(bool, u32), Vec<u32>> = BTreeMap::new();
    for (position, &row) in rows.iter().enumerate() {
        let cluster = clusters.map(|c| c[row as usize]).filter(|c| *c != crate::data::MISSING);
        units.entry(cluster.map_or((false, position as u32), |c| (true, c))).or_default().push(position as u32);
    }
    let mut units: Vec<Vec<u32>> = units.into_values().collect();
    Stream::named(seed, "ensemble: folds").shuffle(&mut units);
    let (mut fold, mut sizes) = (vec![0; rows.len()], vec![0usize; folds as usize]);
    for unit in units {
        let smallest = (0..sizes.len()).min_by_key(|&f| sizes[f]).unwrap_or(0);
        sizes[smallest] += unit.len();
        unit.iter().for_each(|&p| fold[p as usize] = smallest as u32);
    }
    fold
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: [[f32; 3]; 8] =
        [[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.3, 0.6, 0.1], [0.1, 0.2, 0.7], [0.2, 0.2, 0.6], [0.4, 0.5, 0.1], [0.005, 0.005, 0.99]];
    const SECOND: [[f32; 3]; 8] =
        [[0.5, 0.4, 0.1], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.4, 0.4, 0.2], [0.3, 0.3, 0.4], [0.1, 0.1, 0.8], [0.6, 0.3, 0.1], [0.01, 0.0002, 0.9898]];

    // numpy and scipy 1.x: inputs written out there, and minimize(BFGS) of |W|² / 2 − 0.1 sum ln p.
    #[test]
    fn inputs_and_scores_equal_those_computed_elsewhere() {
        let mut rows = Sparse::new();
        for (a, b) in FIRST.iter().zip(&SECOND) {
            let logs = [a, b].map(|p| p.map(|p| p.ln().max(FLOOR)));
            push(&[&logs[0], &logs[1]], &mut rows);
        }
        let expected: [(&[u32], &[f32]); 2] = [
            (&[0, 1, 2, 3, 4, 5, 7, 8, 11], &[1.992_998, 1.617_169, 1.409_224, 1.892_056, 1.825_113, 1.409_224, 0.419_788, 0.249_607, 0.172_589]),
            (&[0, 1, 2, 3, 5], &[0.510_505, 0.510_505, 2.096_985, 0.718_449, 2.096_924]),
        ];
        for (row, (columns, values)) in [0, 7].into_iter().zip(expected) {
            assert_eq!(rows.row(row).0, columns);
            assert!(rows.row(row).1.iter().zip(values).all(|(f, e)| (f - e).abs() < 1e-5), "{:?}", rows.row(row));
        }
        let labels = [0, 0, 1, 1, 2, 2, 0, 2];
        let found = scores(&learn(&rows, &labels, None, 3, width(2, 3), 1).weights, &rows);
        let expected =
            [0.233_057, -0.151_902, -0.081_156, 0.232_008, -0.173_808, -0.0582, 0.169_904, -0.103_954, -0.065_951, 0.198_012, -0.144_832, -0.053_181];
        assert!(found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 5e-3), "{found:?}");
    }

    #[test]
    fn folds_keep_clusters_together_and_are_even() {
        let rows: Vec<u32> = (100..400).collect();
        let clusters: Vec<u32> = (0..400).map(|row| if row % 50 == 0 { crate::data::MISSING } else { row / 7 }).collect();
        let fold = deal(&rows, Some(&clusters), 4, 9);
        for (position, row) in rows.iter().enumerate().filter(|(_, r)| **r % 50 != 0) {
            let other = rows.iter().position(|o| clusters[*o as usize] == clusters[*row as usize]).expect("itself");
            assert_eq!(fold[position], fold[other]);
        }
        let sizes: Vec<usize> = (0..4).map(|f| fold.iter().filter(|own| **own == f).count()).collect();
        assert!(sizes.iter().all(|s| (70..=80).contains(s)), "{sizes:?}");
        assert_ne!(deal(&rows, None, 4, 9), deal(&rows, None, 4, 10));
    }

    #[test]
    fn pairs_are_left_out_where_there_are_too_many_codes() {
        assert_eq!((width(2, 3), width(2, 201)), (15, 402));
    }
}
