//! A difference in accuracy split in two: another mix of codes, and the same codes coded better or worse.

use super::super::comparison::{Contrast, Detail};
use super::super::engine::plain;
use super::super::evidence::Measure;
use super::compared::Compared;
use super::mix::Mix;
use super::search::Quantiles;
use crate::stats::satterthwaite;
use crate::value::{Method, Reason};

/// The metrics of the two parts: same codes coded otherwise, other mix of codes.
const METRICS: [&str; 2] = ["treatment-difference", "mix-difference"];

/// The two parts of acc_a − acc_b over the codes that both groups have, each with its standard error.
pub struct Split {
    /// Σ ½(π_a + π_b)(R_a − R_b): the same codes coded better or worse.
    pub treatment: (f64, f64),
    /// Σ ½(R_a + R_b)(π_a − π_b): an easier or harder mix.
    pub composition: (f64, f64),
    /// What the treatment's variance is at least, by the codes of few records, with its degrees of freedom.
    pub sparse: (f64, f64),
}

impl Compared<'_> {
    /// The two parts of the largest difference in accuracy, and of every group's difference from the reference.
    pub fn splits(&self, reference: Option<&str>) -> Vec<Measure> {
        let count = self.groups.len();
        let accuracy = |g: usize| {
            let group = &self.groups[g];
            group.cells.iter().filter(|c| c.truth == c.predicted).map(|c| c.mass.w).sum::<f64>() / group.mass.w
        };
        let mut measures = Vec::new();
        if count > 1 {
            let accuracies: Vec<f64> = (0..count).map(accuracy).collect();
            // Of equals the first is the higher and the last the lower one, so that they are two.
            let high = (0..count).reduce(|a, b| if accuracies[b] > accuracies[a] { b } else { a }).unwrap_or(0);
            let low = (0..count).reduce(|a, b| if accuracies[b] <= accuracies[a] { b } else { a }).unwrap_or(0);
            measures.extend(self.parts("gap", high, low, (count * (count - 1) / 2) as u64));
        } else {
            measures.extend(METRICS.map(|metric| self.alone(metric, "gap")));
        }
        if let Some(base) = reference.and_then(|r| self.groups.iter().position(|g| g.values == [r])) {
            for g in (0..count).filter(|&g| g != base) {
                measures.extend(self.parts("reference-difference", g, base, (count - 1) as u64));
            }
        }
        measures
    }

    /// The two measures of acc_a − acc_b, with intervals that cover so many comparisons: the pair may have been picked as the worst.
    fn parts(&self, kind: &str, a: usize, b: usize, comparisons: u64) -> Vec<Measure> {
        let contrast = |detail: Detail| Contrast {
            high: self.groups[a].values.clone(),
            low: self.groups[b].values.clone(),
            ..self.contrast(kind, Detail { comparisons: Some(comparisons), ..detail })
        };
        let Some(mix) = self.shared_mix(&[a, b], true) else {
            let why = "the two groups share too few codes: at every level more than half of a group's weight is in codes that the other hardly has";
            return METRICS.map(|metric| self.without(metric, contrast(Detail::default()), Reason::NothingToDivideBy, why)).to_vec();
        };
        let split = self.split(&mix);
        let df = (self.df(self.groups[a].cells.iter()) + self.df(self.groups[b].cells.iter())).min(self.design_df());
        let mut quantiles = Quantiles::new(comparisons, self.sampling().level);
        let detail = Detail { mix: self.level_name(mix.level), support: Some(mix.support()), ..Detail::default() };
        let mut measure = |metric: &str, (value, se): (f64, f64), (least, own): (f64, f64)| {
            let df = df.min(own);
            if df < 1.0 || se <= 0.0 {
                return self.without(
                    metric,
                    contrast(detail.clone()),
                    Reason::NoReplication,
                    "its precision cannot be told: too few sampled units, or nothing varies",
                );
            }
            let half = quantiles.at(df) * se.max(least.sqrt());
            let interval = ((value - half).max(-1.0), (value + half).min(1.0));
            Measure { contrast: Some(contrast(detail.clone())), ..plain(metric, self.estimate(value, se, df, interval, Method::Simultaneous)) }
        };
        vec![measure(METRICS[0], split.treatment, split.sparse), measure(METRICS[1], split.composition, (0.0, f64::INFINITY))]
    }

    /// Kitagawa's split (1955) of the accuracies of a mix's two groups, with linearised standard errors.
    ///
    /// In group a a record of code k has influence ½(π_a + π_b)(right − R_a)/W_a(k) + ½[(R_a − R_b) − Σ π_a(R_a − R_b)]/W_a on the treatment,
    /// and ½(π_a − π_b)(right − R_a)/W_a(k) + ½[(R_a + R_b) − Σ π_a(R_a + R_b)]/W_a on the composition; in group b with a and b exchanged and both negated.
    pub fn split(&self, mix: &Mix<'_>) -> Split {
        let kept: Vec<f64> = mix.shares.iter().map(|shares| shares.iter().map(|s| s.mass.w).sum()).collect();
        let pi = |g: usize, k: usize| mix.shares[g][k].mass.w / kept[g];
        let recall = |g: usize, k: usize| mix.shares[g][k].recall;
        let sum = |f: &dyn Fn(usize) -> f64| (0..mix.weight.len()).map(f).sum::<f64>();
        let mean = |g: usize, k: usize, with: f64| pi(g, k) * (recall(g, k) + with * recall(1 - g, k));
        let centre: Vec<[f64; 2]> = (0..2).map(|g| [sum(&|k| mean(g, k, -1.0)), sum(&|k| mean(g, k, 1.0))]).collect();
        let influence = |part: usize| {
            let with = if part == 0 { -1.0 } else { 1.0 };
            let scores = self.scores(mix.cells.iter().map(|c| {
                let (g, k) = (c.group, c.code);
                let rate = (pi(g, k) - with * pi(1 - g, k)) * (c.right - recall(g, k)) / mix.shares[g][k].mass.w;
                let share = (recall(g, k) + with * recall(1 - g, k) - centre[g][part]) / kept[g];
                // Exchanging a and b negates both parts.
                let side = if g == 0 { 0.5 } else { -0.5 };
                (c.unit, c.mass, side * (rate + share))
            }));
            self.sampling().units.sparse_variance(&scores).max(0.0).sqrt()
        };
        let [one, two] = [0, 1].map(|g| mix.sparse(g, |k| 0.5 * (pi(0, k) + pi(1, k))));
        Split {
            treatment: (sum(&|k| 0.5 * (pi(0, k) + pi(1, k)) * (recall(0, k) - recall(1, k))), influence(0)),
            composition: (sum(&|k| 0.5 * (recall(0, k) + recall(1, k)) * (pi(0, k) - pi(1, k))), influence(1)),
            sparse: (one.0 + two.0, satterthwaite(one, two)),
        }
    }
}
