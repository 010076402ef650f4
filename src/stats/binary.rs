//! Two-class rates, and differences and ratios of a rate among groups, with what has no denominator left undefined.
//!
//! Groups whose rate is undefined are left out of a comparison; they never enter as 0 (fairlearn 0.15 gives a group without
//! negatives a false positive rate of 0 and so a difference of 1).

use super::confusion::over;

/// Weights of the four outcomes of a two-class decision.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Binary {
    /// Positive and predicted so.
    pub true_positive: f64,
    /// Negative, predicted positive.
    pub false_positive: f64,
    /// Positive, predicted negative.
    pub false_negative: f64,
    /// Negative and predicted so.
    pub true_negative: f64,
}

impl Binary {
    /// Total weight.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.true_positive + self.false_positive + self.false_negative + self.true_negative
    }

    /// (TP + TN)/total.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        over(self.true_positive + self.true_negative, self.total())
    }

    /// Share predicted positive, (TP + FP)/total.
    #[must_use]
    pub fn selection_rate(&self) -> Option<f64> {
        over(self.true_positive + self.false_positive, self.total())
    }

    /// Share of positives, (TP + FN)/total.
    #[must_use]
    pub fn prevalence(&self) -> Option<f64> {
        over(self.true_positive + self.false_negative, self.total())
    }

    /// True positive rate TP/(TP + FN); undefined without positives.
    #[must_use]
    pub fn sensitivity(&self) -> Option<f64> {
        over(self.true_positive, self.true_positive + self.false_negative)
    }

    /// False negative rate FN/(TP + FN); undefined without positives.
    #[must_use]
    pub fn miss_rate(&self) -> Option<f64> {
        over(self.false_negative, self.true_positive + self.false_negative)
    }

    /// True negative rate TN/(FP + TN); undefined without negatives.
    #[must_use]
    pub fn specificity(&self) -> Option<f64> {
        over(self.true_negative, self.false_positive + self.true_negative)
    }

    /// False positive rate FP/(FP + TN); undefined without negatives.
    #[must_use]
    pub fn false_alarm_rate(&self) -> Option<f64> {
        over(self.false_positive, self.false_positive + self.true_negative)
    }

    /// Positive predictive value TP/(TP + FP); undefined when nothing is predicted positive.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        over(self.true_positive, self.true_positive + self.false_positive)
    }

    /// False discovery rate FP/(TP + FP); undefined when nothing is predicted positive.
    #[must_use]
    pub fn false_discovery_rate(&self) -> Option<f64> {
        over(self.false_positive, self.true_positive + self.false_positive)
    }

    /// Negative predictive value TN/(FN + TN); undefined when nothing is predicted negative.
    #[must_use]
    pub fn negative_predictive_value(&self) -> Option<f64> {
        over(self.true_negative, self.false_negative + self.true_negative)
    }

    /// False omission rate FN/(FN + TN); undefined when nothing is predicted negative.
    #[must_use]
    pub fn false_omission_rate(&self) -> Option<f64> {
        over(self.false_negative, self.false_negative + self.true_negative)
    }
}

/// What groups are compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Against {
    /// One another: needs two groups with a value.
    EachOther,
    /// The value of all records together.
    Overall(f64),
}

/// How two comparisons become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combine {
    /// The larger difference, or the smaller ratio.
    Worst,
    /// Their mean.
    Mean,
}

/// The largest difference: max − min among groups, or max |m − overall|.
#[must_use]
pub fn group_difference(values: &[Option<f64>], against: Against) -> Option<f64> {
    let known: Vec<f64> = values.iter().copied().flatten().collect();
    match against {
        Against::EachOther if known.len() < 2 => None,
        Against::EachOther => Some(known.iter().fold(f64::MIN, |m, &v| m.max(v)) - known.iter().fold(f64::MAX, |m, &v| m.min(v))),
        Against::Overall(overall) => known.iter().map(|v| (v - overall).abs()).reduce(f64::max),
    }
}

/// The smallest ratio of rates: min/max among groups, or the least of m/overall and overall/m. 0/0 is undefined.
#[must_use]
pub fn group_ratio(values: &[Option<f64>], against: Against) -> Option<f64> {
    let known: Vec<f64> = values.iter().copied().flatten().collect();
    match against {
        Against::EachOther if known.len() < 2 => None,
        Against::EachOther => over(known.iter().fold(f64::MAX, |m, &v| m.min(v)), known.iter().fold(f64::MIN, |m, &v| m.max(v))),
        Against::Overall(overall) => known.iter().filter_map(|&v| over(v.min(overall), v.max(overall))).reduce(f64::min),
    }
}

/// Equalised odds (Hardt, Price & Srebro 2016, arXiv:1610.02413): the differences of true and false positive rates, combined.
///
/// Undefined when either is: a group without negatives cannot be shown to be treated alike.
#[must_use]
pub fn equalised_odds_difference(groups: &[Binary], against: Option<&Binary>, combine: Combine) -> Option<f64> {
    let (t, f) = odds(groups, against, group_difference)?;
    Some(if combine == Combine::Worst { t.max(f) } else { f64::midpoint(t, f) })
}

/// Equalised odds as a ratio: those of true and false positive rates, combined.
#[must_use]
pub fn equalised_odds_ratio(groups: &[Binary], against: Option<&Binary>, combine: Combine) -> Option<f64> {
    let (t, f) = odds(groups, against, group_ratio)?;
    Some(if combine == Combine::Worst { t.min(f) } else { f64::midpoint(t, f) })
}

fn odds(groups: &[Binary], against: Option<&Binary>, compare: fn(&[Option<f64>], Against) -> Option<f64>) -> Option<(f64, f64)> {
    let of = |rate: fn(&Binary) -> Option<f64>| {
        let values: Vec<_> = groups.iter().map(rate).collect();
        let reference = match against {
            None => Against::EachOther,
            Some(all) => Against::Overall(rate(all)?),
        };
        compare(&values, reference)
    };
    Some((of(Binary::sensitivity)?, of(Binary::false_alarm_rate)?))
}

#[cfg(test)]
mod tests {
    use super::super::confusion::Confusion;
    use super::*;

    const TRUTH: [u32; 18] = [0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1];
    const PREDICTED: [u32; 18] = [0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0];
    const GROUP: &[u8; 18] = b"bbabbcccaacabccbcc";

    fn part(group: Option<u8>, weighted: bool) -> Binary {
        let cells = (0..18).filter(|&i| group.is_none_or(|g| GROUP[i] == g)).map(|i| (TRUTH[i], PREDICTED[i], if weighted { i as f64 + 1.0 } else { 1.0 }));
        Confusion::from_cells(2, cells).one_vs_rest(1)
    }

    #[track_caller]
    fn near(found: Option<f64>, wanted: f64) {
        assert!(found.is_some_and(|f| (f - wanted).abs() < 5e-7), "{found:?} is not {wanted}");
    }

    // fairlearn 0.15, the example of its documentation (common_fairness_metrics.rst).
    #[test]
    fn rates_differences_and_ratios_equal_fairlearn() {
        let rates: [fn(&Binary) -> Option<f64>; 3] = [Binary::sensitivity, Binary::false_alarm_rate, Binary::selection_rate];
        let groups: Vec<Binary> = b"abc".iter().map(|&g| part(Some(g), false)).collect();
        let all = part(None, false);
        let by_group = [[0.5, 1.0, 0.75], [0.6, 0.0, 0.5], [0.4, 0.666_666_7, 0.5]];
        let [difference, ratio] = [[0.2, 1.0, 0.25], [0.666_666_7, 0.0, 0.666_666_7]];
        let [difference_overall, ratio_overall] = [[0.1, 0.666_666_7, 0.194_444_4], [0.8, 0.0, 0.740_740_7]];
        for (r, rate) in rates.iter().enumerate() {
            let values: Vec<_> = groups.iter().map(rate).collect();
            let overall = rate(&all).unwrap();
            near(Some(overall), [0.5, 0.666_666_7, 0.555_555_6][r]);
            (0..3).for_each(|g| near(values[g], by_group[g][r]));
            near(group_difference(&values, Against::EachOther), difference[r]);
            near(group_ratio(&values, Against::EachOther), ratio[r]);
            near(group_difference(&values, Against::Overall(overall)), difference_overall[r]);
            near(group_ratio(&values, Against::Overall(overall)), ratio_overall[r]);
        }
        near(equalised_odds_difference(&groups, None, Combine::Worst), 1.0);
        near(equalised_odds_difference(&groups, None, Combine::Mean), 0.6);
        near(equalised_odds_ratio(&groups, None, Combine::Worst), 0.0);
        near(equalised_odds_difference(&groups, Some(&all), Combine::Worst), 0.666_666_7);
    }

    // fairlearn 0.15 with sample weights 1 to 18.
    #[test]
    fn weighted_rates_equal_fairlearn() {
        let wanted = [
            (None, [0.409_357, 0.584_795, 0.495_935, 0.8125]),
            (Some(b'a'), [0.088_235, 0.735_294, 0.25, 1.0]),
            (Some(b'b'), [0.853_659, 0.829_268, 0.85, 0.0]),
            (Some(b'c'), [0.333_333, 0.427_083, 0.338_028, 0.68]),
        ];
        for (group, values) in wanted {
            let b = part(group, true);
            for (found, v) in [b.accuracy(), b.selection_rate(), b.sensitivity(), b.false_alarm_rate()].into_iter().zip(values) {
                assert!((found.unwrap() - v).abs() < 6e-7, "{group:?} {found:?} {v}");
            }
        }
    }

    // fairlearn gives this group a false positive rate of 0 and a difference of 1.
    #[test]
    fn a_group_without_negatives_has_no_false_positive_rate() {
        let a = Confusion::of(&[1, 1], &[1, 0], None, 2).one_vs_rest(1);
        let b = Confusion::of(&[0, 1], &[1, 1], None, 2).one_vs_rest(1);
        assert_eq!((a.false_alarm_rate(), a.specificity(), b.false_alarm_rate()), (None, None, Some(1.0)));
        assert_eq!(group_difference(&[a.false_alarm_rate(), b.false_alarm_rate()], Against::EachOther), None);
        assert_eq!(equalised_odds_difference(&[a, b], None, Combine::Worst), None);
        assert_eq!(group_ratio(&[Some(0.0), Some(0.0)], Against::EachOther), None);
        assert_eq!(group_ratio(&[Some(0.0), Some(0.2)], Against::Overall(0.0)), Some(0.0));
    }

    // TP 7, FN 3, FP 5, TN 15: by hand. Toolboxes have swapped these.
    #[test]
    fn rates_have_the_right_denominators() {
        let b = Binary { true_positive: 7.0, false_negative: 3.0, false_positive: 5.0, true_negative: 15.0 };
        near(b.miss_rate(), 0.3);
        near(b.false_alarm_rate(), 0.25);
        near(b.selection_rate(), 0.4);
        near(b.false_omission_rate(), 3.0 / 18.0);
        near(b.false_discovery_rate(), 5.0 / 12.0);
        near(b.negative_predictive_value(), 15.0 / 18.0);
        near(b.precision(), 7.0 / 12.0);
        near(b.prevalence(), 1.0 / 3.0);
    }
}
