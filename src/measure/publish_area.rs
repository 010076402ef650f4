//! The figures of an area by code: four estimators with their intervals under the design, and the bias of counting.

use super::engine::undefined;
use super::estimate::Kind;
use super::publish::Joint;
use super::published::{Area, CodeFigures};
use super::tally::Linear;
use crate::stats::{
    Audit, Corrected, NoTotals, Scores, calibrated_shares, counted_shares, difference_shares, effective_df, logit_t, misclassification_shares,
    miss_rate_under_bias, share_interval, unseen_errors,
};
use crate::value::{Estimate, Interval, Method, Outcome, Reason, Undefined};

/// Fewest test records that an error rate is estimated from.
pub const LEAST: u64 = 10;
/// Above this condition number an inverted matrix blows errors up too far to publish.
const WORST_CONDITION: f64 = 100.0;

/// Records of an area, by number in the joint sample.
#[derive(Debug, Clone)]
pub struct Members {
    /// Test records.
    pub test: Vec<u32>,
    /// Target records.
    pub target: Vec<u32>,
}

impl Members {
    /// The records that a predicate picks.
    pub fn of(joint: &Joint<'_>, inside: impl Fn(usize) -> bool) -> Self {
        let pick = |from: usize, to: usize| (from..to).filter(|&i| inside(i)).map(|i| i as u32).collect();
        Self { test: pick(0, joint.test), target: pick(joint.test, joint.given.len()) }
    }
}

/// What the figures of an area are made from.
pub struct Figures<'a> {
    joint: &'a Joint<'a>,
    own: &'a Members,
    rates: &'a Members,
    x: Option<&'a [f64]>,
    own_audit: Audit,
    rates_audit: Audit,
    /// Weight of the target by predicted class, the last entry that without a code.
    target: Vec<f64>,
}

impl<'a> Figures<'a> {
    /// Adds up the records of an area; error rates come from those of `rates`. `x` is a quantity of each record, for totals of it.
    pub fn of(joint: &'a Joint<'a>, own: &'a Members, rates: &'a Members, x: Option<&'a [f64]>) -> Self {
        let mass = |i: u32| joint.sample.weight[i as usize] * x.map_or(1.0, |x| x[i as usize]);
        let audit = |members: &Members| Audit::of(joint.classes, members.test.iter().map(|&i| (joint.truth[i as usize], joint.given[i as usize], mass(i))));
        let mut target = vec![0.0; joint.classes + 1];
        own.target.iter().for_each(|&i| target[joint.given[i as usize] as usize] += mass(i));
        Self { joint, own, rates, x, own_audit: audit(own), rates_audit: audit(rates), target }
    }

    /// The area with its figures; `least` is the fewest test records that an error rate is estimated from.
    pub fn area(&self, labels: &[&String], empty: Area, least: u64) -> Area {
        let has_target = !self.own.target.is_empty();
        let target_weight: f64 = self.target.iter().sum();
        let scale = if self.x.is_some() { if has_target { target_weight } else { self.own_audit.total() } } else { 1.0 };
        let counted = counted_shares(&self.target).ok();
        let calibrated = calibrated_shares(&self.rates_audit, &self.target, least).ok();
        let difference = difference_shares(&self.own_audit, &self.target).ok();
        let (inverted, refused) = if has_target { self.inverted(least) } else { (None, None) };
        // The bias of counting on the test part is the difference estimator's correction with its sign turned.
        let as_counted = difference_shares(&self.own_audit, self.own_audit.predicted()).ok();
        let condition = inverted.as_ref().and_then(|c| c.condition).or_else(|| self.condition(least));
        let mut in_target = vec![0_u64; self.joint.classes + 1];
        self.own.target.iter().for_each(|&i| in_target[self.joint.given[i as usize] as usize] += 1);
        let codes = (0..self.joint.classes)
            .filter(|&k| self.own_audit.truly()[k] > 0 || self.own_audit.given()[k] > 0 || in_target[k] > 0)
            .map(|k| {
                let figure = |c: &Option<Corrected>, rates: &Members| c.as_ref().map(|c| self.figure(c, k, rates, scale));
                let counts = counted.as_ref().map(|c| self.counted(c, k, scale));
                let bias = self.bias(as_counted.as_ref(), k, scale);
                let coverage = self.coverage(&bias, counts.as_ref(), k, has_target, scale);
                CodeFigures {
                    code: labels[k].clone(),
                    truly: self.own_audit.truly()[k],
                    given: self.own_audit.given()[k],
                    target: in_target[k],
                    counted: counts,
                    calibrated: if has_target { figure(&calibrated, self.rates) } else { None },
                    misclassification: inverted.as_ref().filter(|c| c.own[k]).map(|c| self.figure(c, k, self.rates, scale)),
                    difference: if has_target { figure(&difference, self.own) } else { None },
                    bias,
                    coverage,
                }
            })
            .collect();
        let pooled = |c: Option<Corrected>| c.map_or(0, |c| c.pooled as u64);
        Area { condition, refused, pooled_codes: pooled(calibrated), pooled_true_codes: pooled(inverted), codes, ..empty }
    }

    /// The misclassification estimator, or why it is refused.
    fn inverted(&self, least: u64) -> (Option<Corrected>, Option<Undefined>) {
        let n = self.rates.test.len() as u64;
        let refuse = |reason, why: String| (None, Some(undefined(reason, why, n)));
        match misclassification_shares(&self.rates_audit, &self.target, least) {
            Ok(found) => match found.condition {
                Some(c) if c > WORST_CONDITION => refuse(
                    Reason::IllConditioned,
                    format!("the condition number of the error rates is {c:.0}, above {WORST_CONDITION:.0}: take a coarser level"),
                ),
                _ => (Some(found), None),
            },
            Err(NoTotals::NotAudited { .. }) => {
                let few = (0..self.joint.classes).filter(|&k| self.occurs(k) && self.rates_audit.truly()[k] < least).count();
                let codes = if few == 1 { "one code has".to_owned() } else { format!("{few} codes have") };
                refuse(
                    Reason::TooFewRecords,
                    format!("{codes} fewer than {least} test records, too few for error rates: take a coarser level or a larger test part"),
                )
            }
            Err(NoTotals::NotPredictedInAudit { .. }) => {
                refuse(Reason::NothingToDivideBy, "the candidate leaves records without a code, so its error rates cannot be inverted".into())
            }
            Err(_) => refuse(Reason::IllConditioned, "codes are confused so that their shares cannot be told apart: take a coarser level".into()),
        }
    }

    fn occurs(&self, k: usize) -> bool {
        self.rates_audit.truly()[k] > 0 || self.rates_audit.given()[k] > 0 || self.target[k] > 0.0
    }

    /// The condition number where a matrix is refused for it alone.
    fn condition(&self, least: u64) -> Option<f64> {
        misclassification_shares(&self.rates_audit, &self.target, least).ok().and_then(|c| c.condition)
    }

    fn mass(&self, i: u32) -> f64 {
        self.x.map_or(1.0, |x| x[i as usize])
    }

    /// Effective number of records: (Σw)²/Σw².
    fn effective(&self, records: &[u32]) -> f64 {
        let (sum, square) = records.iter().map(|&i| self.joint.sample.weight[i as usize] * self.mass(i)).fold((0.0, 0.0), |(s, q), w| (s + w, q + w * w));
        if square > 0.0 { sum * sum / square } else { 0.0 }
    }

    /// A corrected figure with its interval.
    fn figure(&self, c: &Corrected, k: usize, rates: &Members, scale: f64) -> Outcome {
        let joint = self.joint;
        let by_audit = rates.test.iter().map(|&i| (i as usize, scale * self.mass(i) * c.of_audit(k, joint.truth[i as usize], joint.given[i as usize])));
        // The total of the quantity is itself estimated, unless the target is all there is.
        let of_total = |i: u32| if self.x.is_some() { self.mass(i) * c.value[k] } else { 0.0 };
        let by_target = self.own.target.iter().map(|&i| (i as usize, scale * self.mass(i) * c.of_target(k, joint.given[i as usize]) + of_total(i)));
        let audit = joint.sample.influenced(c.value[k], by_audit.clone());
        let units = &joint.sample.sampling.units;
        let (size, target_size) = (self.effective(&rates.test), self.effective(&self.own.target));
        let unseen = scale * scale * unseen_errors(size);
        let value = c.value[k] * scale;
        if joint.census {
            // The errors in the target are as random as those in the audit.
            let variance = (units.variance(&audit.scores) + unseen) * (1.0 + size / target_size);
            return self.outcome(value, variance, self.df(&audit, by_audit), rates.test.len() as u64);
        }
        let all = joint.sample.influenced(c.value[k], by_audit.clone().chain(by_target.clone()));
        let df = self.df(&all, by_audit.chain(by_target)).min(joint.sample.sampling.df(&audit));
        self.outcome(value, units.variance(&all.scores) + unseen, df, rates.test.len() as u64)
    }

    /// Degrees of freedom: units less strata, or fewer where the value hangs on few of them.
    fn df(&self, linear: &Linear, influences: impl Iterator<Item = (usize, f64)>) -> f64 {
        let own = match &linear.scores {
            Scores::Clusters(z) => effective_df(z.iter().copied()),
            // Replicates carry the design's own degrees of freedom.
            Scores::Replicates(_) => None,
            Scores::Records { .. } => effective_df(influences.map(|(i, influence)| self.joint.sample.weight[i] * influence)),
        };
        let most = self.joint.sample.sampling.df(linear);
        own.unwrap_or(most).min(most)
    }

    /// A figure with its interval. That of a share under PSUs is Student's t on the logit scale: the error of a share that hangs on few PSUs is not symmetric,
    /// and on its own scale too many intervals lie below the truth. Not where a share is no larger than its error: its logit then means nothing.
    fn outcome(&self, value: f64, variance: f64, df: f64, n: u64) -> Outcome {
        let sampling = &self.joint.sample.sampling;
        if df < 1.0 {
            return Outcome::undefined(Reason::NoReplication, "too few sampled units to estimate a variance", n);
        }
        let known = sampling.clustered && self.x.is_none() && value.min(1.0 - value) > variance.sqrt();
        let logit = known.then(|| logit_t(value, variance.sqrt(), df, sampling.level)).flatten();
        let (lower, upper) = logit.unwrap_or_else(|| share_interval(value, variance, df, sampling.level));
        let (lower, upper) = if self.x.is_none() { (lower.clamp(0.0, 1.0), upper.clamp(0.0, 1.0)) } else { (lower, upper) };
        let method = if logit.is_some() { Method::LogitT } else { Method::StudentT };
        Outcome::Estimate(Estimate {
            value,
            se: Some(variance.sqrt()),
            interval: Some(Interval { lower, upper, level: sampling.level, method }),
            n,
            n_effective: None,
            psus: sampling.clustered.then(|| sampling.units.count()),
            df: Some(df),
            design_effect: None,
        })
    }

    /// The counted figure with its sampling error; a census has none.
    fn counted(&self, c: &Corrected, k: usize, scale: f64) -> Outcome {
        let joint = self.joint;
        let n = self.own.target.len() as u64;
        if joint.census {
            let estimate = Estimate { value: c.value[k] * scale, se: None, interval: None, n, n_effective: None, psus: None, df: None, design_effect: None };
            return Outcome::Estimate(estimate);
        }
        let of_total = |i: u32| if self.x.is_some() { self.mass(i) * c.value[k] } else { 0.0 };
        let influences = self.own.target.iter().map(|&i| (i as usize, scale * self.mass(i) * c.of_target(k, joint.given[i as usize]) + of_total(i)));
        let linear = joint.sample.influenced(c.value[k] * scale, influences);
        if self.x.is_none() {
            return joint.sample.sampling.estimate(&linear, Kind::Proportion);
        }
        let variance = joint.sample.sampling.units.variance(&linear.scores);
        let df = joint.sample.sampling.df(&linear);
        let (lower, upper) = share_interval(linear.value, variance, df, joint.sample.sampling.level);
        Outcome::Estimate(Estimate {
            value: linear.value,
            se: Some(variance.sqrt()),
            interval: Some(Interval { lower, upper, level: joint.sample.sampling.level, method: Method::StudentT }),
            n,
            n_effective: None,
            psus: joint.sample.sampling.clustered.then_some(linear.units),
            df: Some(df),
            design_effect: None,
        })
    }

    /// Bias of counting as the test part shows it: share (or total) given the code less that which truly has it.
    fn bias(&self, c: Option<&Corrected>, k: usize, scale: f64) -> Outcome {
        let n = self.own.test.len() as u64;
        let Some(c) = c else { return Outcome::undefined(Reason::NoRecords, "no record", n) };
        let joint = self.joint;
        let value = (self.own_audit.predicted()[k] - self.own_audit.truth()[k]) / self.own_audit.total();
        let scores = self.own.test.iter().map(|&i| (i as usize, -scale * self.mass(i) * c.of_audit(k, joint.truth[i as usize], joint.given[i as usize])));
        let linear = joint.sample.influenced(value, scores.clone());
        let variance = joint.sample.sampling.units.variance(&linear.scores) + scale * scale * unseen_errors(self.effective(&self.own.test));
        let mut outcome = self.outcome(value * scale, variance, self.df(&linear, scores), n);
        if let (Outcome::Estimate(Estimate { value, interval: Some(i), se: Some(se), df: Some(df), .. }), None) = (&mut outcome, self.x) {
            // Not a share: its bounds may be below zero.
            let (lower, upper) = share_interval(*value, *se * *se, *df, i.level);
            (i.lower, i.upper, i.method) = (lower.max(-1.0), upper.min(1.0), Method::StudentT);
        }
        outcome
    }

    /// The coverage of a nominal interval around the counted figure, with its range over the bias's interval (Cochran 1977, 1.8).
    fn coverage(&self, bias: &Outcome, counted: Option<&Outcome>, k: usize, has_target: bool, scale: f64) -> Option<Outcome> {
        let joint = self.joint;
        if has_target && joint.census {
            return None;
        }
        let se = if has_target {
            counted?.estimate()?.se?
        } else {
            // Without records to publish, as if figures of the test part's size were.
            let as_target = counted_shares(self.own_audit.predicted()).ok()?;
            let influences = self.own.test.iter().map(|&i| (i as usize, scale * self.mass(i) * as_target.of_target(k, joint.given[i as usize])));
            joint.sample.sampling.units.variance(&joint.sample.influenced(as_target.value[k], influences).scores).sqrt()
        };
        let e = bias.estimate()?;
        if se <= 0.0 {
            return None;
        }
        let at = |bias: f64| 1.0 - miss_rate_under_bias(bias / se, joint.sample.sampling.level);
        let interval = e.interval.map(|i| {
            let nearest = if i.lower <= 0.0 && i.upper >= 0.0 { 0.0 } else { i.lower.abs().min(i.upper.abs()) };
            Interval { lower: at(i.lower.abs().max(i.upper.abs())), upper: at(nearest), level: i.level, method: i.method }
        });
        Some(Outcome::Estimate(Estimate { value: at(e.value), se: None, interval, ..e.clone() }))
    }
}
