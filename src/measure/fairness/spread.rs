//! How much the groups of a grouping differ in all: a test that they are alike, their spread without noise, and a ranking that noise does not make.

use super::super::by_group::{Known, variance_of};
use super::super::comparison::{FTest, Ranked, Spread};
use super::super::estimate::Sampling;
use crate::stats::{between_groups, between_interval, f_upper, homogeneity, shrunken, welch};
use crate::value::{Interval, Method};

/// The spread of the groups' values; none with fewer than two groups.
pub fn spread(sampling: &Sampling, variables: &[String], known: &[Known<'_>]) -> Option<Spread> {
    let units = &sampling.units;
    let values: Vec<f64> = known.iter().map(|k| k.1.value).collect();
    let variances: Vec<f64> = known.iter().map(|k| variance_of(k.1, k.2, sampling)).collect();
    let between = between_groups(&values, &variances)?;
    let g = known.len();
    let mut covariance = vec![0.0; g * g];
    for a in 0..g {
        covariance[a * g + a] = variances[a];
        for b in a + 1..g {
            let c = units.covariance_of_disjoint(&known[a].1.scores, &known[b].1.scores);
            (covariance[a * g + b], covariance[b * g + a]) = (c, c);
        }
    }
    let df = units.count() as f64 - units.strata() as f64;
    let own: Vec<f64> = known.iter().map(|k| sampling.df(k.1)).collect();
    let test = homogeneity(&values, &covariance, df).zip(welch(&variances, &own)).and_then(|(h, w)| {
        // The adjusted F only: without it there are fewer degrees of freedom than groups, and the plain one would find too much.
        let adjusted = h.adjusted?;
        let f = adjusted.statistic / w.factor;
        let denominator_df = adjusted.denominator_df?.min(w.df);
        Some(FTest { f, df: adjusted.df, denominator_df, p: f_upper(f, adjusted.df, denominator_df) })
    });
    let interval = between_interval(&values, &variances, sampling.level).map(|(lower, upper)| Interval {
        lower: lower.sqrt(),
        upper: upper.sqrt(),
        level: sampling.level,
        method: Method::QProfile,
    });
    let mut ranking: Vec<Ranked> = shrunken(&values, &variances)
        .map(|s| known.iter().zip(s.values).map(|(k, shrunken)| Ranked { values: k.0.clone(), accuracy: k.1.value, shrunken }).collect())
        .unwrap_or_default();
    ranking.sort_by(|a, b| a.shrunken.total_cmp(&b.shrunken).then_with(|| a.values.cmp(&b.values)));
    Some(Spread {
        variables: variables.to_vec(),
        groups: g as u64,
        test,
        raw_sd: between.raw.sqrt(),
        noise_sd: between.noise.sqrt(),
        corrected_variance: between.corrected,
        corrected_sd: between.truncated.sqrt(),
        interval,
        ranking,
    })
}
