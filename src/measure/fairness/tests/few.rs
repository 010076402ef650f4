//! Few sampled units and few records of a code: variances that are too small by chance are not believed.

use super::{Survey, gap, near, of_group};
use crate::stats::t_quantile;

/// `psus` PSUs with ten records of each of two groups, of which as many are right in all PSUs but the first.
fn even(psus: usize) -> Survey {
    let mut survey = Survey { codes: 2, minimum: 5, ..Survey::default() };
    let mut psu = Vec::new();
    for p in 0..psus {
        for (group, right) in [("a", 8), ("b", 5)] {
            let right = right - usize::from(p == 0);
            survey.add(group, 0, 0, right);
            survey.add(group, 0, 1, 10 - right);
            psu.extend(vec![format!("{p:02}"); 10]);
        }
    }
    Survey { psu: Some(psu), ..survey }
}

// Of eight PSUs all but one show the same: the design's variance is a fraction of what 80 records can tell. Bounds as of two simple samples of 80, one more right
// and one more wrong in each (80 records, 63 and 39 right); the two groups go together in the first PSU, which the covariance says.
#[test]
fn few_units_that_agree_by_chance_do_not_narrow_the_bounds() {
    let m = even(8).measured();
    let (e, _) = gap(&m, "accuracy");
    // Both groups have totals that are 1 lower in one PSU: of a mean of 80 that is (7/8)²·8/7 + 7·(1/8)²·8/7 over 80².
    let one: f64 = 1.0 / (80.0 * 80.0);
    near(e.value, 63.0 / 80.0 - 39.0 / 80.0, 1e-12);
    near(of_group(&m, "accuracy", "a").se.unwrap(), one.sqrt(), 1e-12);
    near(e.se.unwrap(), 0.0, 1e-9);
    let srs = |right: f64| (right + 1.0) / 82.0 * (81.0 - right) / 82.0 / 82.0;
    let half = t_quantile(0.975, e.df.unwrap()) * (srs(63.0) + srs(39.0) - 2.0 * one).sqrt();
    let interval = e.interval.unwrap();
    near(interval.lower, e.value - half, 1e-9);
    near(interval.upper, e.value + half, 1e-9);
    near(e.df.unwrap(), 7.0, 1e-9);
}

// With many units the interval is that of the design alone.
#[test]
fn many_units_are_believed() {
    let mut survey = even(40);
    // Another group is wrong in the first PSU, so that the two do not cancel.
    survey.given[0] = 1 - survey.given[0];
    let m = survey.measured();
    let (e, _) = gap(&m, "accuracy");
    let (interval, half) = (e.interval.unwrap(), t_quantile(0.975, e.df.unwrap()) * e.se.unwrap());
    assert!(e.se.unwrap() > 0.0);
    near(interval.lower, e.value - half, 1e-12);
    near(interval.upper, e.value + half, 1e-12);
}

// Five of five are right, twice: their residuals are all 0, yet nobody knows that the recall is 1.
#[test]
fn a_recall_of_five_records_is_not_known_exactly() {
    let mut survey = Survey { codes: 4, minimum: 5, ..Survey::default() };
    for (group, rows) in [("a", [(5, 5), (5, 5), (20, 25)]), ("b", [(24, 30), (24, 30), (24, 30)])] {
        for (code, (right, of)) in rows.into_iter().enumerate() {
            survey.add(group, code as u32, code as u32, right);
            survey.add(group, code as u32, 3, of - right);
        }
    }
    let m = survey.measured();
    let a = of_group(&m, "standardised-accuracy", "a");
    // π of 35, 35 and 55 of 125 records; recalls 6/7, 6/7 and 21/27 with one more right and wrong.
    let part = |pi: f64, right: f64, of: f64| pi * pi * (right + 1.0) * (of - right + 1.0) / (of + 2.0).powi(3);
    let parts = [part(0.28, 5.0, 5.0), part(0.28, 5.0, 5.0), part(0.44, 20.0, 25.0)];
    let variance: f64 = parts.iter().sum();
    near(a.value, 0.28 + 0.28 + 0.44 * 0.8, 1e-12);
    let df = variance * variance / (parts[0] * parts[0] / 4.0 + parts[1] * parts[1] / 4.0 + parts[2] * parts[2] / 24.0);
    near(a.df.unwrap(), df, 1e-9);
    near(a.interval.unwrap().lower, a.value - t_quantile(0.975, df) * variance.sqrt(), 1e-12);
    near(a.se.unwrap(), variance.sqrt(), 1e-12);
}
