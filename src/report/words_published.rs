//! What the section on published figures says.

use super::locale::{Words, say};
use crate::judge::Advice;
use crate::measure::{TargetFacts, Tested};

/// The advice, in a sentence or two.
pub fn advice(w: &Words, advice: Advice) -> String {
    match advice {
        Advice::NothingToPublish => say!(w, "advice-nothing"),
        Advice::Calibration => say!(w, "advice-calibration"),
        Advice::Misclassification => say!(w, "advice-misclassification"),
        Advice::CodeNewRecords => say!(w, "advice-code-new"),
        Advice::CannotTell => say!(w, "advice-cannot-tell"),
    }
}

/// What the target is.
pub fn target(w: &Words, t: &TargetFacts) -> String {
    let mut out = vec![if t.census { say!(w, "target-census", records = t.records) } else { say!(w, "target-sample", records = t.records) }];
    if t.uncoded > 0 {
        out.push(say!(w, "target-uncoded", n = few(w, t.uncoded)));
    }
    if t.left_out > 0 {
        out.push(say!(w, "target-left-out", n = few(w, t.left_out)));
    }
    out.join(" ")
}

/// A number of records, unless it is small.
fn few(w: &Words, n: u64) -> String {
    if n < super::disclosure::MINIMUM_CELL { say!(w, "fewer-than", n = super::disclosure::MINIMUM_CELL) } else { w.count(n) }
}

fn p_value(w: &Words, p: f64) -> String {
    if p < 0.001 { say!(w, "p-below") } else { say!(w, "p-equals", p = w.fixed(p, 3)) }
}

/// What the test for a shift says.
pub fn shift(w: &Words, test: &Tested) -> String {
    match test {
        Tested::F { statistic, df, denominator_df, p, distance } => say!(
            w,
            "shift-tested",
            distance = w.percent(&w.fixed(100.0 * distance, 1)),
            f = w.fixed(*statistic, 2),
            df = w.fixed(*df, 0),
            denominator = w.fixed(*denominator_df, 0),
            p = p_value(w, *p)
        ),
        Tested::Undefined(u) => say!(w, "shift-untested", why = w.told(&u.why)),
    }
}

/// What the test of errors by group says, and which rates are used.
pub fn error_rates(w: &Words, grouping: &str, test: &Tested, pooled: bool) -> String {
    let used = if pooled { say!(w, "rates-pooled") } else { say!(w, "rates-own") };
    match test {
        Tested::F { p, .. } if pooled => say!(w, "rates-alike", grouping = grouping, p = p_value(w, *p), used = used),
        Tested::F { p, .. } => say!(w, "rates-differ", grouping = grouping, p = p_value(w, *p), used = used),
        Tested::Undefined(u) => say!(w, "rates-untested", grouping = grouping, why = w.told(&u.why), used = used),
    }
}

/// That there is no misclassification estimator, and why.
pub fn refused(w: &Words, why: &str) -> String {
    say!(w, "inversion-refused", why = w.told(why))
}

/// How far errors grow in the inversion, and what was put together for it.
pub fn condition(w: &Words, number: f64, pooled: u64) -> String {
    let told = say!(w, "inversion-condition", number = w.fixed(number, 1));
    if pooled == 0 { told } else { format!("{told} {}", say!(w, "inversion-pooled", n = pooled)) }
}

/// What counting would misplace.
pub fn distance(w: &Words, cell: &str) -> String {
    say!(w, "counting-distance", cell = cell)
}

/// The worst real coverage of counted shares.
pub fn coverage(w: &Words, at: f64, code: &str, cell: &str, has_target: bool) -> String {
    let id = if has_target { "counting-coverage" } else { "counting-coverage-test" };
    say!(w, id, level = w.level(at), code = code, cell = cell)
}
