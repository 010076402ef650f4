//! Fairness between groups when there are many classes, from one confusion matrix a group.
//!
//! For group a: q_a(k) the predicted share of class k, π_a(k) its true share, R_a(k) its recall, T_a(l|k) the share of true class k
//! coded l. A group without records of a class has no recall there: it is left out of that comparison, and never counted as 0 or as
//! a uniform row. Classes are numbered alike in all matrices.

use super::confusion::{ClassScore, Confusion, over};
use super::quantile::{normal_cdf, normal_quantile};

/// The groups furthest apart in one class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassGap {
    /// The class.
    pub class: u32,
    /// Position of the group with the highest value.
    pub high: usize,
    /// Position of the group with the lowest value.
    pub low: usize,
    /// Highest minus lowest.
    pub value: f64,
}

/// Gaps by class put together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GapSummary {
    /// The largest gap and its class.
    pub worst: ClassGap,
    /// Mean over the classes that have a gap.
    pub mean: f64,
    /// Number of classes that have a gap.
    pub classes: usize,
}

/// Class-share parity (demographic parity for many classes): the gap of q_a(k) by class. Describes; true shares may differ.
#[must_use]
pub fn class_share_gaps(groups: &[Confusion]) -> Vec<Option<ClassGap>> {
    gaps(groups, |m, k| over(m.predicted().get(k as usize).copied().unwrap_or(0.0), m.total()))
}

/// Equal opportunity (Hardt, Price & Srebro 2016, arXiv:1610.02413) by class: the gap of R_a(k).
#[must_use]
pub fn equal_opportunity_gaps(groups: &[Confusion]) -> Vec<Option<ClassGap>> {
    gaps(groups, |m, k| m.score(ClassScore::Recall, k))
}

/// Predictive parity (Chouldechova 2017, doi:10.1089/big.2016.0047) by class: the gap of precision.
#[must_use]
pub fn predictive_parity_gaps(groups: &[Confusion]) -> Vec<Option<ClassGap>> {
    gaps(groups, |m, k| m.score(ClassScore::Precision, k))
}

/// The largest and the mean gap; `None` when no class has one.
#[must_use]
pub fn summarise_gaps(gaps: &[Option<ClassGap>]) -> Option<GapSummary> {
    let known: Vec<ClassGap> = gaps.iter().copied().flatten().collect();
    let worst = known.iter().copied().reduce(|a, b| if b.value > a.value { b } else { a })?;
    Some(GapSummary { worst, mean: known.iter().map(|g| g.value).sum::<f64>() / known.len() as f64, classes: known.len() })
}

fn gaps(groups: &[Confusion], value: impl Fn(&Confusion, u32) -> Option<f64>) -> Vec<Option<ClassGap>> {
    let one = |class: u32| {
        let known: Vec<(usize, f64)> = groups.iter().enumerate().filter_map(|(g, m)| value(m, class).map(|v| (g, v))).collect();
        if known.len() < 2 {
            return None;
        }
        let high = known.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a })?;
        let low = known.iter().copied().reduce(|a, b| if b.1 < a.1 { b } else { a })?;
        Some(ClassGap { class, high: high.0, low: low.0, value: high.1 - low.1 })
    };
    (0..classes(groups)).map(one).collect()
}

fn classes(groups: &[Confusion]) -> u32 {
    groups.iter().map(Confusion::classes).max().unwrap_or(0) as u32
}

fn at(v: &[f64], k: u32) -> f64 {
    v.get(k as usize).copied().unwrap_or(0.0)
}

/// ½ Σ_k |q_a(k) − q_b(k)|: how far the coded distributions of two groups are apart.
#[must_use]
pub fn share_distance(a: &Confusion, b: &Confusion) -> Option<f64> {
    let distance =
        (0..a.classes().max(b.classes()) as u32).map(|k| Some((over(at(a.predicted(), k), a.total())? - over(at(b.predicted(), k), b.total())?).abs()));
    distance.sum::<Option<f64>>().map(|d| d / 2.0).filter(|_| a.total() > 0.0 && b.total() > 0.0)
}

/// (predicted class, share) of one true class.
type Row = Vec<(u32, f64)>;

/// Equalised odds by class: TV_k(a, b) = ½ Σ_l |T_a(l|k) − T_b(l|k)|; undefined where a group has no record of true class k.
#[must_use]
pub fn equalised_odds_distances(a: &Confusion, b: &Confusion) -> Vec<Option<f64>> {
    let size = a.classes().max(b.classes());
    let rows = |m: &Confusion| {
        let mut rows: Vec<Row> = vec![Vec::new(); size];
        m.cells().iter().for_each(|&(t, p, w)| rows[t as usize].push((p, w / m.truth()[t as usize])));
        rows
    };
    let distance = |(a, b): (Row, Row)| {
        if a.is_empty() || b.is_empty() {
            return None;
        }
        let other = |row: &[(u32, f64)], l: u32| row.iter().find(|c| c.0 == l).map_or(0.0, |c| c.1);
        let shared: f64 = a.iter().map(|&(l, s)| (s - other(&b, l)).abs()).sum();
        let only_b: f64 = b.iter().filter(|c| a.iter().all(|d| d.0 != c.0)).map(|c| c.1).sum();
        Some((shared + only_b) / 2.0)
    };
    rows(a).into_iter().zip(rows(b)).map(distance).collect()
}

/// A mean over classes that both sides have, with what had to be left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OnSupport {
    /// The mean, the composition rescaled to the classes left.
    pub value: f64,
    /// Share of the composition in classes left out.
    pub dropped: f64,
}

/// Σ_k π(k) TV_k(a, b) with a common composition π (weights by class, e.g. of both groups' truth).
#[must_use]
pub fn equalised_odds_distance(a: &Confusion, b: &Confusion, composition: &[f64]) -> Option<OnSupport> {
    on_support(&equalised_odds_distances(a, b), composition)
}

fn on_support(values: &[Option<f64>], composition: &[f64]) -> Option<OnSupport> {
    let all: f64 = composition.iter().sum();
    let (mut sum, mut kept) = (0.0, 0.0);
    for (k, v) in values.iter().enumerate() {
        if let Some(v) = v {
            sum += v * at(composition, k as u32);
            kept += at(composition, k as u32);
        }
    }
    Some(OnSupport { value: over(sum, kept)?, dropped: 1.0 - kept / all })
}

/// Composition-standardised accuracy of each group: Σ_k π(k) R_a(k) over the classes that every group with records has, π common.
///
/// Direct standardisation: what accuracy would be if all groups had the same mix of classes. π is `composition`, or the truth of all
/// groups together. `None` for a group without records, or when the groups share no class.
#[must_use]
pub fn standardised_accuracies(groups: &[Confusion], composition: Option<&[f64]>) -> Vec<Option<OnSupport>> {
    let pooled = Confusion::pooled(groups);
    let composition = composition.unwrap_or(pooled.truth());
    let common = |k: u32| groups.iter().filter(|m| m.total() > 0.0).all(|m| at(m.truth(), k) > 0.0);
    let support: Vec<bool> = (0..classes(groups)).map(common).collect();
    let one = |m: &Confusion| {
        let recalls: Vec<_> = support.iter().enumerate().map(|(k, s)| if *s { m.score(ClassScore::Recall, k as u32) } else { None }).collect();
        on_support(&recalls, composition)
    };
    groups.iter().map(one).collect()
}

/// A difference in accuracy split into treatment and composition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kitagawa {
    /// acc_a − acc_b over the shared classes; the sum of the two parts.
    pub gap: f64,
    /// Σ ½(π_a + π_b)(R_a − R_b): the same classes coded less well.
    pub treatment: f64,
    /// Σ ½(R_a + R_b)(π_a − π_b): a harder mix of classes.
    pub composition: f64,
    /// Share of each group's weight in classes that the other lacks, left out above.
    pub dropped: (f64, f64),
}

/// Splits acc_a − acc_b (Kitagawa 1955, doi:10.1080/01621459.1955.10501299) over the classes that both groups have.
#[must_use]
pub fn kitagawa(a: &Confusion, b: &Confusion) -> Option<Kitagawa> {
    let shared: Vec<u32> = (0..a.classes().max(b.classes()) as u32).filter(|&k| at(a.truth(), k) > 0.0 && at(b.truth(), k) > 0.0).collect();
    let kept = |m: &Confusion| shared.iter().map(|&k| at(m.truth(), k)).sum::<f64>();
    let (kept_a, kept_b) = (kept(a), kept(b));
    let (mut treatment, mut composition) = (0.0, 0.0);
    for &k in &shared {
        let (pa, pb) = (at(a.truth(), k) / kept_a, at(b.truth(), k) / kept_b);
        let (ra, rb) = (a.score(ClassScore::Recall, k)?, b.score(ClassScore::Recall, k)?);
        treatment += 0.5 * (pa + pb) * (ra - rb);
        composition += 0.5 * (ra + rb) * (pa - pb);
    }
    let accuracy = |m: &Confusion, kept: f64| over(shared.iter().map(|&k| at(m.correct(), k)).sum(), kept);
    let gap = accuracy(a, kept_a)? - accuracy(b, kept_b)?;
    Some(Kitagawa { gap, treatment, composition, dropped: (1.0 - kept_a / a.total(), 1.0 - kept_b / b.total()) })
}

/// What a published comparison of two groups' class shares is wrong by: (q_a − q_b) − (π_a − π_b), by class.
///
/// A group's own publication bias q_a − π_a is [`Confusion::share_errors`].
#[must_use]
pub fn gap_biases(a: &Confusion, b: &Confusion) -> Option<Vec<f64>> {
    let (ea, eb) = (a.share_errors()?, b.share_errors()?);
    Some((0..ea.len().max(eb.len()) as u32).map(|k| at(&ea, k) - at(&eb, k)).collect())
}

/// Probability that a nominal interval misses when the estimate is biased by `bias_ratio` of its standard errors
/// (Cochran 1977, Sampling Techniques, 3rd ed., 1.8).
#[must_use]
pub fn miss_rate_under_bias(bias_ratio: f64, level: f64) -> f64 {
    let z = normal_quantile(0.5 + level / 2.0);
    normal_cdf(-z - bias_ratio) + normal_cdf(bias_ratio - z)
}

/// Inequality of being coded right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inequality {
    /// Generalised entropy over records.
    pub total: f64,
    /// The part of it between groups.
    pub between: f64,
}

/// Generalised entropy of `benefits` ≥ 0 (Speicher et al. 2018, doi:10.1145/3219819.3220046), exponent α:
/// Σ w[(b/μ)^α − 1]/(α(α − 1)Σw); at 1 the mean of (b/μ) ln(b/μ), at 0 that of −ln(b/μ).
///
/// Undefined when the mean is 0, and with a benefit of 0 at α ≤ 0.
#[must_use]
pub fn generalised_entropy(benefits: &[f64], weights: Option<&[f64]>, exponent: f64) -> Option<f64> {
    let weight = |i: usize| weights.map_or(1.0, |w| w[i]);
    let sum: f64 = (0..benefits.len()).map(weight).sum();
    let mean = over((0..benefits.len()).map(|i| weight(i) * benefits[i]).sum(), sum).filter(|&m| m > 0.0)?;
    if exponent <= 0.0 && (0..benefits.len()).any(|i| weight(i) > 0.0 && benefits[i] <= 0.0) {
        return None;
    }
    let term = |b: f64| {
        let r = b / mean;
        if exponent == 0.0 {
            -r.ln()
        } else if exponent == 1.0 {
            if r > 0.0 { r * r.ln() } else { 0.0 }
        } else {
            (r.powf(exponent) - 1.0) / (exponent * (exponent - 1.0))
        }
    };
    Some((0..benefits.len()).filter(|&i| weight(i) > 0.0).map(|i| weight(i) * term(benefits[i])).sum::<f64>() / sum)
}

/// Generalised entropy of being coded right (benefit 1 or 0), and its part between groups.
#[must_use]
pub fn inequality_of_correctness(groups: &[Confusion], exponent: f64) -> Option<Inequality> {
    let right: Vec<f64> = groups.iter().map(|m| m.correct().iter().sum()).collect();
    let sizes: Vec<f64> = groups.iter().map(Confusion::total).collect();
    let wrong = sizes.iter().zip(&right).map(|(s, r)| (s - r).max(0.0)).sum::<f64>();
    let total = generalised_entropy(&[1.0, 0.0], Some(&[right.iter().sum(), wrong]), exponent)?;
    let means: Vec<f64> = sizes.iter().zip(&right).map(|(&s, &r)| over(r, s).unwrap_or(0.0)).collect();
    Some(Inequality { total, between: generalised_entropy(&means, Some(&sizes), exponent)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups() -> [Confusion; 3] {
        [
            Confusion::from_rows(&[[40.0, 5.0, 5.0], [4.0, 30.0, 6.0], [2.0, 3.0, 25.0]]),
            Confusion::from_rows(&[[20.0, 6.0, 4.0], [5.0, 15.0, 5.0], [3.0, 5.0, 17.0]]),
            Confusion::from_rows(&[[8.0, 1.0, 1.0], [2.0, 5.0, 3.0], [1.0, 2.0, 7.0]]),
        ]
    }

    #[track_caller]
    fn near(found: f64, wanted: f64) {
        assert!((found - wanted).abs() < 6e-7, "{found} is not {wanted}");
    }

    #[track_caller]
    fn all_near(found: &[f64], wanted: &[f64]) {
        assert_eq!(found.len(), wanted.len());
        found.iter().zip(wanted).for_each(|(&f, &w)| near(f, w));
    }

    fn values(gaps: &[Option<ClassGap>]) -> Vec<f64> {
        gaps.iter().map(|g| g.unwrap().value).collect()
    }

    // Three groups and three classes, worked by hand from the formulas.
    #[test]
    fn gaps_of_many_classes_are_as_worked_by_hand() {
        let g = groups();
        all_near(&values(&class_share_gaps(&g)), &[0.033_333_3, 0.058_333_3, 0.066_666_7]);
        all_near(&values(&equal_opportunity_gaps(&g)), &[0.133_333_3, 0.25, 0.153_333_3]);
        let summary = summarise_gaps(&equal_opportunity_gaps(&g)).unwrap();
        assert_eq!((summary.worst.class, summary.worst.high, summary.worst.low, summary.classes), (1, 0, 2, 3));
        near(summary.mean, 0.178_888_9);
        for (a, b, shares, odds) in [
            (0, 1, 0.033_333_3, [0.133_333_3, 0.15, 0.153_333_3]),
            (0, 2, 0.066_666_7, [0.0, 0.25, 0.133_333_3]),
            (1, 2, 0.058_333_3, [0.133_333_3, 0.1, 0.02]),
        ] {
            near(share_distance(&g[a], &g[b]).unwrap(), shares);
            let found: Vec<f64> = equalised_odds_distances(&g[a], &g[b]).into_iter().flatten().collect();
            all_near(&found, &odds);
            let scalar = equalised_odds_distance(&g[a], &g[b], &[90.0, 75.0, 65.0]).unwrap();
            near(scalar.value, (90.0 * odds[0] + 75.0 * odds[1] + 65.0 * odds[2]) / 230.0);
        }
        let precisions: Vec<Vec<f64>> = g.iter().map(|m| (0..3).map(|k| m.score(ClassScore::Precision, k).unwrap()).collect()).collect();
        near(predictive_parity_gaps(&g)[2].unwrap().value, precisions[0][2] - precisions[2][2]);
    }

    #[test]
    fn composition_and_treatment_are_told_apart() {
        let g = groups();
        let standard: Vec<f64> = standardised_accuracies(&g, None).into_iter().map(|s| s.unwrap().value).collect();
        all_near(&standard, &[0.793_115_9, 0.648_695_7, 0.673_913_0]);
        let split = kitagawa(&g[0], &g[1]).unwrap();
        near(split.gap, 0.141_666_7);
        near(split.treatment + split.composition, split.gap);
        assert_eq!(split.dropped, (0.0, 0.0));
        // A group that lacks a class: the comparison keeps the classes both have and says what it left out.
        let b = Confusion::from_rows(&[[20.0, 10.0, 0.0], [0.0, 10.0, 0.0], [0.0, 0.0, 0.0]]);
        let split = kitagawa(&g[0], &b).unwrap();
        near(split.dropped.0, 30.0 / 120.0);
        near(split.gap, 70.0 / 90.0 - 30.0 / 40.0);
        near(split.treatment + split.composition, split.gap);
        let standard = standardised_accuracies(&[g[0].clone(), b.clone()], None);
        near(standard[0].unwrap().dropped, 30.0 / 160.0);
        near(standard[1].unwrap().value, (80.0 * 2.0 / 3.0 + 50.0) / 130.0);
        assert_eq!(equalised_odds_distances(&g[0], &b)[2], None);
        assert_eq!(equal_opportunity_gaps(&[g[0].clone(), b.clone()])[2], None);
        let empty = Confusion::from_cells(3, []);
        assert_eq!((kitagawa(&g[0], &empty), share_distance(&g[0], &empty), gap_biases(&g[0], &empty)), (None, None, None));
        assert_eq!(standardised_accuracies(&[g[0].clone(), empty], None)[1], None);
    }

    #[test]
    fn publication_bias_and_what_it_does_to_intervals() {
        let g = groups();
        all_near(&g[0].share_errors().unwrap(), &[-0.033_333_3, -0.016_666_7, 0.05]);
        all_near(&gap_biases(&g[0], &g[1]).unwrap(), &[-0.008_333_3, -0.029_166_7, 0.0375]);
        // Cochran's table 1.1; its last entry, .1700, is .17007.
        for (ratio, miss) in [(0.02, 0.05), (0.1, 0.0511), (0.2, 0.0546), (0.4, 0.0685), (0.6, 0.0921), (0.8, 0.1259), (1.0, 0.170_07)] {
            assert!((miss_rate_under_bias(ratio, 0.95) - miss).abs() < 6e-5, "{ratio}");
        }
    }

    #[test]
    fn entropy_of_correctness_is_as_worked_by_hand() {
        let found = inequality_of_correctness(&groups(), 2.0).unwrap();
        near(found.total, 0.188_622_8);
        assert!((found.between - 0.004_474_6).abs() < 6e-8, "{found:?}");
        // Of 1, 3 with mean 2: ½·½ ln ½ + ½·3/2 ln 3/2 and −½(ln ½ + ln 3/2).
        near(generalised_entropy(&[1.0, 3.0], None, 1.0).unwrap(), 0.25 * 0.5_f64.ln() + 0.75 * 1.5_f64.ln());
        near(generalised_entropy(&[1.0, 3.0], None, 0.0).unwrap(), -0.5 * 0.75_f64.ln());
        assert_eq!(
            (generalised_entropy(&[0.0, 1.0], None, 0.0), generalised_entropy(&[0.0], None, 2.0), generalised_entropy(&[], None, 2.0)),
            (None, None, None)
        );
    }

    // Absent classes: toolboxes that fill them with a uniform row report 0.33 here.
    #[test]
    fn an_absent_class_is_left_out() {
        let a = Confusion::of(&[0, 1, 1, 0], &[0, 1, 2, 0], None, 3);
        assert_eq!((0..3).map(|k| a.score(ClassScore::Precision, k)).collect::<Vec<_>>(), [Some(1.0), Some(1.0), Some(0.0)]);
        assert_eq!((0..3).map(|k| a.score(ClassScore::Recall, k)).collect::<Vec<_>>(), [Some(1.0), Some(0.5), None]);
    }
}
