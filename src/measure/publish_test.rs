//! Tests that published figures rest on: whether test part and target are alike, and whether errors are alike in all groups.

use super::engine::undefined;
use super::publish::Joint;
use super::publish_area::{LEAST, Members};
use super::published::{ErrorRates, Tested};
use super::tally::{Mass, scores};
use crate::stats::homogeneity;
use crate::value::{Reason, Undefined};
use std::collections::BTreeMap;

/// Most cells of codes compared: the rarest are put together.
const MOST_CELLS: usize = 40;
/// The p value below which errors are taken to differ between groups.
const DIFFERENT: f64 = 0.05;

/// Masses of records by unit and a key.
type Masses<K> = BTreeMap<(u32, K), Mass>;

/// Covariances of n values, row by row, from the influence on each of a record with a key.
fn covariances<K: Copy>(joint: &Joint<'_>, masses: &Masses<K>, n: usize, influence: impl Fn(usize, K) -> f64) -> Vec<f64> {
    let units = &joint.sample.sampling.units;
    let variance = |of: &dyn Fn(K) -> f64| units.variance(&scores(units, masses.iter().map(|(&(unit, key), &mass)| (unit, mass, of(key)))));
    let own: Vec<f64> = (0..n).map(|a| variance(&|key| influence(a, key))).collect();
    let mut all = vec![0.0; n * n];
    for a in 0..n {
        for b in 0..=a {
            // Records count for both values, so the covariance is had from the variance of their sum.
            let value = if a == b { own[a] } else { (variance(&|key| influence(a, key) + influence(b, key)) - own[a] - own[b]) / 2.0 };
            all[a * n + b] = value;
            all[b * n + a] = value;
        }
    }
    all
}

fn tested(values: &[f64], covariance: &[f64], df: f64, distance: f64, n: u64) -> Tested {
    let found = homogeneity(values, covariance, df).and_then(|h| h.adjusted);
    match found {
        Some(test) => Tested::F { statistic: test.statistic, df: test.df, denominator_df: test.denominator_df.unwrap_or(df), p: test.p, distance },
        None => Tested::Undefined(undefined(Reason::NoReplication, "too few sampled units, or no variation, for a test", n)),
    }
}

/// Wald's F that the candidate's codes are distributed alike in the test part and in the target.
///
/// Codes given to fewer than [`LEAST`] records of either are put together, and the rarest others until there are at most half as many
/// contrasts as degrees of freedom.
pub fn shift(joint: &Joint<'_>) -> Tested {
    let sample = joint.sample;
    let n = joint.given.len();
    let (mut in_test, mut in_target) = (vec![0_u64; joint.classes + 1], vec![0_u64; joint.classes + 1]);
    for i in 0..n {
        let count = if i < joint.test { &mut in_test } else { &mut in_target };
        count[joint.given[i] as usize] += 1;
    }
    let linear = sample.influenced(0.0, (0..joint.test).map(|i| (i, 0.0)));
    let df = sample.sampling.df(&linear);
    let mut order: Vec<usize> = (0..=joint.classes).filter(|&k| in_test[k] + in_target[k] > 0).collect();
    order.sort_by_key(|&k| (std::cmp::Reverse(in_test[k].min(in_target[k])), k));
    let large = order.iter().filter(|&&k| in_test[k].min(in_target[k]) >= LEAST).count();
    let most = MOST_CELLS.min((df / 2.0).floor().max(0.0) as usize + 1);
    // The last cell holds the rest. It must be large too, or the others' shares add up to all and their covariance is singular.
    let mut kept = large.min(most - 1).min(order.len().saturating_sub(1));
    let rest = |kept: usize, count: &[u64]| order[kept..].iter().map(|&k| count[k]).sum::<u64>();
    while kept > 0 && rest(kept, &in_test).min(rest(kept, &in_target)) < LEAST {
        kept -= 1;
    }
    if kept == 0 {
        let why = "one code is given to all, or all codes are given to too few records";
        return Tested::Undefined(undefined(Reason::TooFewCodes, why, joint.test as u64));
    }
    let mut cell = vec![kept as u32; joint.classes + 1];
    order[..kept].iter().enumerate().for_each(|(i, &k)| cell[k] = i as u32);
    let mut masses: Masses<(bool, u32)> = BTreeMap::new();
    let (mut weight, mut square) = ([0.0; 2], [0.0; 2]);
    let mut share = vec![[0.0; 2]; kept + 1];
    for i in 0..n {
        let (part, c, w) = (usize::from(i >= joint.test), cell[joint.given[i] as usize], sample.weight[i]);
        masses.entry((sample.unit[i], (part == 1, c))).or_default().add(w);
        weight[part] += w;
        square[part] += w * w;
        share[c as usize][part] += w;
    }
    share.iter_mut().for_each(|s| (0..2).for_each(|p| s[p] /= weight[p]));
    let influence = |k: usize, (target, c): (bool, u32)| {
        let part = usize::from(target);
        let value = (f64::from(u8::from(c as usize == k)) - share[k][part]) / weight[part];
        match (target, joint.census) {
            (true, true) => 0.0,
            (true, false) => value,
            (false, _) => -value,
        }
    };
    let mut covariance = covariances(joint, &masses, kept, influence);
    if joint.census {
        let ratio = 1.0 + weight[0] * weight[0] / square[0] * square[1] / (weight[1] * weight[1]);
        covariance.iter_mut().for_each(|v| *v *= ratio);
    }
    // With a last value of 0 without variance, equality of all is that all differences are 0.
    let mut values: Vec<f64> = share[..kept].iter().map(|s| s[1] - s[0]).collect();
    values.push(0.0);
    let wide = kept + 1;
    let padded: Vec<f64> = (0..wide * wide).map(|i| if i / wide < kept && i % wide < kept { covariance[i / wide * kept + i % wide] } else { 0.0 }).collect();
    let distance = share.iter().map(|s| (s[1] - s[0]).abs()).sum::<f64>() / 2.0;
    tested(&values, &padded, df, distance, joint.test as u64)
}

/// Wald's F that within each true code records are as often coded right in every group, i.e. that groups differ in nothing but their codes;
/// and whether error rates are taken from the whole test part, which they are unless the test shows a difference.
pub fn error_rates(joint: &Joint<'_>, variables: &[String], groups: &[Members]) -> ErrorRates {
    let sample = joint.sample;
    let large: Vec<&Members> = groups.iter().filter(|g| g.test.len() as u64 >= joint.minimum).collect();
    let n = joint.test as u64;
    let none = |why: Undefined| ErrorRates { variables: variables.to_vec(), test: Tested::Undefined(why), pooled: true };
    if large.len() < 2 {
        return none(undefined(Reason::OneGroup, "fewer than two groups have enough test records", n));
    }
    let mut group_of = vec![u32::MAX; joint.test];
    large.iter().enumerate().for_each(|(g, m)| m.test.iter().for_each(|&i| group_of[i as usize] = g as u32));
    let (g_count, k_count) = (large.len(), joint.classes);
    let (mut all, mut right) = (vec![0.0; k_count], vec![0.0; k_count]);
    let (mut own, mut group_weight) = (vec![0.0; g_count * k_count], vec![0.0; g_count]);
    let mut masses: Masses<(u32, u32, bool)> = BTreeMap::new();
    for (i, &g) in group_of.iter().enumerate().filter(|(_, g)| **g != u32::MAX) {
        let (k, w, hit) = (joint.truth[i], sample.weight[i], joint.truth[i] == joint.given[i]);
        masses.entry((sample.unit[i], (g, k, hit))).or_default().add(w);
        all[k as usize] += w;
        right[k as usize] += if hit { w } else { 0.0 };
        own[g as usize * k_count + k as usize] += w;
        group_weight[g as usize] += w;
    }
    let rate = |k: usize| if all[k] > 0.0 { right[k] / all[k] } else { 0.0 };
    let mut values = vec![0.0; g_count];
    masses.iter().for_each(|(&(_, (g, k, hit)), m)| values[g as usize] += m.w * (f64::from(u8::from(hit)) - rate(k as usize)) / group_weight[g as usize]);
    let influence = |g: usize, (of, k, hit): (u32, u32, bool)| {
        let inside = f64::from(u8::from(of as usize == g));
        let share = own[g * k_count + k as usize] / all[k as usize];
        // The pooled rate is estimated from the group's own records too.
        ((f64::from(u8::from(hit)) - rate(k as usize)) * (inside - share) - inside * values[g]) / group_weight[g]
    };
    let covariance = covariances(joint, &masses, g_count, influence);
    let linear = sample.influenced(0.0, (0..joint.test).map(|i| (i, 0.0)));
    let df = sample.sampling.df(&linear);
    // The residuals of all groups add up to nothing, so one of them says what the others have said: it is the last value's place.
    let q = g_count - 1;
    let wide = q + 1;
    let padded: Vec<f64> = (0..wide * wide).map(|i| if i / wide < q && i % wide < q { covariance[i / wide * g_count + i % wide] } else { 0.0 }).collect();
    let mut contrasts = values[..q].to_vec();
    contrasts.push(0.0);
    let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    let test = tested(&contrasts, &padded, df, high - low, n);
    let pooled = !matches!(test, Tested::F { p, .. } if p < DIFFERENT);
    ErrorRates { variables: variables.to_vec(), test, pooled }
}
