//! Turns scores into probabilities, on records that were not used to fit the scores.
//!
//! Three steps. A softmax after one slope and an offset for each code: Guo, Pleiss, Sun & Weinberger 2017, On calibration of modern
//! neural networks, arXiv:1706.04599 (temperature scaling, and vector scaling without its slopes). A small share of doubt, mixed
//! in from the code shares, since no score excludes a wrong label. And the best code's probability through a beta calibration
//! (Kull, Silva Filho & Flach 2017, doi:10.1214/17-EJS1338SI) while the others keep their proportions: softmax alone is too
//! sure near 1 and too unsure below.

/// Records below which calibration on them would be guesswork.
pub const FEWEST: usize = 50;

/// Strength of the penalty on offsets: a normal prior with variance 1/5.
const PENALTY: f64 = 5.0;

/// A fitted calibration.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// Scores are multiplied by this.
    pub slope: f64,
    /// Then this is added, one a code; empty for none.
    pub offsets: Vec<f64>,
    /// Share of records whose code follows `base` whatever the scores.
    pub doubt: f64,
    /// Smoothed code shares of the held-out records; empty when `doubt` is 0.
    pub base: Vec<f64>,
    /// (a, b, c): the best code's probability p becomes that with log odds a ln p − b ln(1 − p) + c.
    pub top: [f64; 3],
}

/// Steps that leave the best code's probability as it is.
const SAME: [f64; 3] = [1.0, 1.0, 0.0];

impl Calibration {
    /// Scores as they are.
    #[must_use]
    pub fn none() -> Self {
        Self { slope: 1.0, offsets: Vec::new(), doubt: 0.0, base: Vec::new(), top: SAME }
    }

    /// Fits on held-out records: `scores` has shape (n, codes), row-major; `labels` are their code numbers.
    #[must_use]
    pub fn fit(scores: &[f32], labels: &[u32], codes: usize) -> Self {
        // The best code's probability is judged on records that did not teach slope and offsets.
        let mut seen = Vec::with_capacity(labels.len());
        for part in [0, 1] {
            let (teach, judge) = (half(scores, labels, codes, part), half(scores, labels, codes, 1 - part));
            Self::fit_likelihood(&teach.0, &teach.1, codes).best(&judge.0, &judge.1, codes, &mut seen);
        }
        Self { top: fit_top(&seen), ..Self::fit_likelihood(scores, labels, codes) }
    }

    /// Writes the probabilities of a record's scores into `probabilities`, one a code; they add up to 1.
    pub fn apply(&self, scores: &[f32], probabilities: &mut [f64]) {
        self.soft(scores, probabilities);
        for (p, base) in probabilities.iter_mut().zip(&self.base) {
            *p = (1.0 - self.doubt) * *p + self.doubt * base;
        }
        if self.top != SAME {
            self.lift(probabilities);
        }
    }

    /// What is added to a code's score.
    pub fn offset(&self, code: usize) -> f64 {
        self.offsets.get(code).copied().unwrap_or(0.0)
    }

    fn soft(&self, scores: &[f32], probabilities: &mut [f64]) {
        for (code, (p, s)) in probabilities.iter_mut().zip(scores).enumerate() {
            *p = self.slope * f64::from(*s) + self.offset(code);
        }
        softmax(probabilities);
    }

    /// Moves the best code's probability and scales the others; the best code stays the best.
    fn lift(&self, probabilities: &mut [f64]) {
        let best = first_of_largest(probabilities);
        let (p, second) = (probabilities[best], probabilities.iter().enumerate().filter(|(code, _)| *code != best).map(|(_, p)| *p).fold(0.0, f64::max));
        let rest: f64 = probabilities.iter().enumerate().filter(|(code, _)| *code != best).map(|(_, p)| *p).sum();
        if rest <= 0.0 {
            return;
        }
        let ratio = second / rest;
        let lifted = chance(&self.top, p).max(ratio / (1.0 + ratio));
        let scale = (1.0 - lifted) / rest;
        probabilities.iter_mut().for_each(|q| *q *= scale);
        probabilities[best] = lifted;
    }

    /// Adds each record's best probability, and whether that code is true, to `seen`.
    fn best(&self, scores: &[f32], labels: &[u32], codes: usize, seen: &mut Vec<(f64, bool)>) {
        let mut p = vec![0.0; codes];
        for (row, &label) in scores.chunks_exact(codes).zip(labels) {
            self.apply(row, &mut p);
            let best = first_of_largest(&p);
            seen.push((p[best], best == label as usize));
        }
    }

    /// Penalised negative log likelihood: the objective of the fit.
    fn objective(&self, scores: &[f32], labels: &[u32], codes: usize) -> f64 {
        let mut p = vec![0.0; codes];
        let loss = scores.chunks_exact(codes).zip(labels).map(|(row, &label)| {
            self.apply(row, &mut p);
            -p[label as usize].max(f64::MIN_POSITIVE).ln()
        });
        loss.sum::<f64>() + 0.5 * PENALTY * self.offsets.iter().map(|b| b * b).sum::<f64>()
    }

    /// Slope, offsets and doubt of most penalised likelihood: diagonal Newton steps with halving, the doubt by expectation and
    /// maximisation (Dempster, Laird & Rubin 1977, doi:10.1111/j.2517-6161.1977.tb01600.x).
    fn fit_likelihood(scores: &[f32], labels: &[u32], codes: usize) -> Self {
        let mut base = vec![1.0 / (labels.len() + codes) as f64; codes];
        labels.iter().for_each(|&l| base[l as usize] += 1.0 / (labels.len() + codes) as f64);
        let mut fitted = Self { slope: fit_slope(scores, labels, codes), offsets: vec![0.0; codes], doubt: 0.02, base, top: SAME };
        let mut value = fitted.objective(scores, labels, codes);
        let mut rate = 1.0;
        for _ in 0..40 {
            let step = fitted.step(scores, labels, codes);
            let trial = loop {
                let trial = Self {
                    slope: (fitted.slope + rate * step.slope).max(fitted.slope * 0.1),
                    offsets: fitted.offsets.iter().zip(&step.offsets).map(|(b, s)| b + rate * s).collect(),
                    doubt: step.doubt,
                    ..fitted.clone()
                };
                let new = trial.objective(scores, labels, codes);
                if new < value {
                    break Some((trial, new));
                }
                rate *= 0.5;
                if rate < 1e-3 {
                    break None;
                }
            };
            let Some((trial, new)) = trial else { break };
            let done = value - new < 1e-6 * value;
            (fitted, value) = (trial, new);
            if done {
                break;
            }
        }
        fitted
    }

    /// Newton steps for slope and offsets, and the next doubt.
    fn step(&self, scores: &[f32], labels: &[u32], codes: usize) -> Step {
        let mut p = vec![0.0; codes];
        let (mut gradient, mut curvature) = (self.offsets.iter().map(|b| -PENALTY * b).collect::<Vec<_>>(), vec![PENALTY; codes]);
        let (mut slope_gradient, mut slope_curvature, mut doubt) = (0.0, 1e-9, 0.0);
        for (row, &label) in scores.chunks_exact(codes).zip(labels) {
            self.soft(row, &mut p);
            let label = label as usize;
            // How likely it is that this record's code follows its scores.
            let (told, untold) = ((1.0 - self.doubt) * p[label], self.doubt * self.base[label]);
            let trust = told / (told + untold);
            doubt += 1.0 - trust;
            gradient[label] += trust;
            let (mut mean, mut square) = (0.0, 0.0);
            for (((g, h), p), s) in gradient.iter_mut().zip(&mut curvature).zip(&p).zip(row) {
                *g -= trust * p;
                *h += trust * p * (1.0 - p);
                mean += p * f64::from(*s);
                square += p * f64::from(*s) * f64::from(*s);
            }
            slope_gradient += trust * (f64::from(row[label]) - mean);
            slope_curvature += trust * (square - mean * mean);
        }
        Step {
            slope: slope_gradient / slope_curvature,
            offsets: gradient.iter().zip(&curvature).map(|(g, h)| g / h).collect(),
            doubt: doubt / labels.len() as f64,
        }
    }
}

struct Step {
    slope: f64,
    offsets: Vec<f64>,
    doubt: f64,
}

/// Exponentials divided by their sum, in place, without overflow.
pub fn softmax(values: &mut [f64]) {
    let top = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    values.iter_mut().for_each(|v| *v = (*v - top).exp());
    let sum: f64 = values.iter().sum();
    values.iter_mut().for_each(|v| *v /= sum);
}

/// The first position of the largest value; 0 when there is none.
fn first_of_largest(values: &[f64]) -> usize {
    values.iter().enumerate().fold(0, |best, (i, v)| if *v > values[best] { i } else { best })
}

/// ln p and −ln(1 − p), kept finite.
fn logs(p: f64) -> (f64, f64) {
    let p = p.clamp(1e-9, 1.0 - 1e-9);
    (p.ln(), -(-p).ln_1p())
}

/// The probability with log odds a ln p − b ln(1 − p) + c.
pub fn chance([a, b, c]: &[f64; 3], p: f64) -> f64 {
    let (low, high) = logs(p);
    1.0 / (1.0 + (-(a * low + b * high + c)).exp())
}

/// Fits the map of the best code's probability by penalised logistic regression: Newton steps from the identity, to which the
/// penalty pulls; the identity again where the slopes would not both be positive.
pub fn fit_top(seen: &[(f64, bool)]) -> [f64; 3] {
    let mut fitted = SAME;
    for _ in 0..25 {
        let (mut gradient, mut hessian) = ([0.0; 3], [[0.0; 3]; 3]);
        for i in 0..3 {
            gradient[i] = SAME[i] - fitted[i];
            hessian[i][i] = 1.0;
        }
        for &(p, right) in seen {
            let (low, high) = logs(p);
            let (x, q) = ([low, high, 1.0], chance(&fitted, p));
            for i in 0..3 {
                gradient[i] += x[i] * (f64::from(u8::from(right)) - q);
                for j in 0..3 {
                    hessian[i][j] += x[i] * x[j] * q * (1.0 - q);
                }
            }
        }
        let step = solve(hessian, gradient);
        (0..3).for_each(|i| fitted[i] += step[i]);
        if step.iter().all(|s| s.abs() < 1e-8) {
            break;
        }
    }
    if fitted.iter().all(|v| v.is_finite()) && fitted[0] > 0.0 && fitted[1] > 0.0 { fitted } else { SAME }
}

/// Solves a positive definite system of three by elimination.
fn solve(mut a: [[f64; 3]; 3], mut b: [f64; 3]) -> [f64; 3] {
    for i in 0..3 {
        let (pivot, value) = (a[i], b[i]);
        for (row, right) in a.iter_mut().zip(&mut b).skip(i + 1) {
            let factor = row[i] / pivot[i];
            row.iter_mut().zip(pivot).for_each(|(r, p)| *r -= factor * p);
            *right -= factor * value;
        }
    }
    for i in (0..3).rev() {
        let known: f64 = (i + 1..3).map(|j| a[i][j] * b[j]).sum();
        b[i] = (b[i] - known) / a[i][i];
    }
    b
}

/// Every other record.
fn half(scores: &[f32], labels: &[u32], codes: usize, part: usize) -> (Vec<f32>, Vec<u32>) {
    let rows = scores.chunks_exact(codes).skip(part).step_by(2).flatten().copied().collect();
    (rows, labels.iter().skip(part).step_by(2).copied().collect())
}

/// The slope of most likelihood without offsets: the loss is convex in it, so the sign of its derivative is bisected on a log scale.
fn fit_slope(scores: &[f32], labels: &[u32], codes: usize) -> f64 {
    let mut p = vec![0.0; codes];
    let mut calibration = Calibration::none();
    let (mut low, mut high) = (1e-4f64.ln(), 1e4f64.ln());
    for _ in 0..16 {
        let middle = f64::midpoint(low, high);
        calibration.slope = middle.exp();
        let derivative: f64 = scores
            .chunks_exact(codes)
            .zip(labels)
            .map(|(row, &label)| {
                calibration.apply(row, &mut p);
                row.iter().zip(&p).map(|(s, p)| f64::from(*s) * p).sum::<f64>() - f64::from(row[label as usize])
            })
            .sum();
        if derivative > 0.0 { high = middle } else { low = middle }
    }
    f64::midpoint(low, high).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Stream;

    /// Scores of n records for four codes, with labels drawn from the probabilities that `truth` gives.
    fn simulate(n: usize, truth: &Calibration) -> (Vec<f32>, Vec<u32>) {
        let mut stream = Stream::named(3, "calibration test");
        let (mut scores, mut labels, mut p) = (Vec::new(), Vec::new(), vec![0.0; 4]);
        for _ in 0..n {
            let own: Vec<f32> = (0..4).map(|_| stream.normal() as f32).collect();
            truth.apply(&own, &mut p);
            let mut draw = stream.unit();
            let label = p.iter().position(|p| {
                draw -= p;
                draw < 0.0
            });
            scores.extend(own);
            labels.push(label.unwrap_or(3) as u32);
        }
        (scores, labels)
    }

    #[test]
    fn finds_the_slope_and_the_offsets_that_made_the_codes() {
        let truth = Calibration { slope: 2.5, offsets: vec![1.0, 0.0, -1.0, 0.0], ..Calibration::none() };
        let (scores, labels) = simulate(20_000, &truth);
        let fitted = Calibration::fit(&scores, &labels, 4);
        assert!((fitted.slope - 2.5).abs() < 0.15, "{fitted:?}");
        assert!((fitted.offsets[0] - fitted.offsets[2] - 2.0).abs() < 0.15, "{fitted:?}");
        let mean = |c: &Calibration| c.objective(&scores, &labels, 4) / labels.len() as f64;
        assert!(mean(&fitted) < mean(&truth) + 1e-3, "{} {}", mean(&fitted), mean(&truth));
    }

    #[test]
    fn the_best_codes_probability_becomes_its_share_of_hits() {
        // Codes that follow their scores in 80 % of records only.
        let truth = Calibration { slope: 6.0, doubt: 0.2, base: vec![0.25; 4], ..Calibration::none() };
        let (scores, labels) = simulate(20_000, &truth);
        let fitted = Calibration::fit(&scores[..40_000], &labels[..10_000], 4);
        let mut seen = Vec::new();
        fitted.best(&scores[40_000..], &labels[10_000..], 4, &mut seen);
        let (mut sure, mut hits) = (0.0, 0.0);
        for (p, right) in seen.iter().filter(|(p, _)| *p > 0.8) {
            sure += p;
            hits += f64::from(u8::from(*right));
        }
        assert!(sure > 1000.0 && (sure / hits - 1.0).abs() < 0.02, "{sure} {hits}");
    }

    #[test]
    fn probabilities_add_up_and_the_best_code_stays_the_best() {
        let steep = Calibration { top: [0.2, 3.0, -4.0], doubt: 0.01, base: vec![0.7, 0.1, 0.1, 0.1], ..Calibration::none() };
        let mut p = [0.0; 4];
        for scores in [[0.0f32, 0.1, -3.0, 0.05], [1e4, -1e4, 0.0, 3.0], [0.0; 4], [-90.0, -90.0, -90.1, -200.0]] {
            steep.soft(&scores, &mut p);
            p.iter_mut().zip(&steep.base).for_each(|(p, b)| *p = 0.99 * *p + 0.01 * b);
            let before = first_of_largest(&p);
            steep.apply(&scores, &mut p);
            assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12 && p.iter().all(|p| (0.0..=1.0).contains(p)), "{p:?}");
            assert!(p.iter().all(|q| *q <= p[before] + 1e-12), "{p:?}");
        }
    }

    #[test]
    fn a_code_that_never_occurs_does_no_harm() {
        let (scores, mut labels) = simulate(200, &Calibration::none());
        labels.iter_mut().for_each(|l| *l = (*l).min(1));
        let fitted = Calibration::fit(&scores, &labels, 4);
        let mut p = [0.0; 4];
        fitted.apply(&[1.0, 0.0, 0.0, 0.0], &mut p);
        assert!(p.iter().all(|p| *p > 0.0 && p.is_finite()), "{p:?} {fitted:?}");
    }
}
