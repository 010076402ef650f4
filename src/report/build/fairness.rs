//! Fairness between the groups of a grouping: what the data show in sentences, and the details in folded tables.

use super::source::{Source, figures_column, metric_column, subject_metric, table, words_column};
use crate::measure::{Contrast, Detail, Measure, Spread};
use crate::report::card::{Block, Column, Table};
use crate::report::disclosure::Shown;
use crate::report::locale::say;
use crate::report::marks;
use crate::report::words::fairness;
use crate::value::Estimate;

/// Groupings with at least so many groups are told of as a whole too.
const MANY: u64 = 5;
/// Share of the weight that the codes compared at a level should hold for the card to tell of it.
const ENOUGH: f64 = 0.5;
/// Comparisons in the folded table, in its order.
const TABLE: [&str; 11] = [
    "standardised-accuracy",
    "treatment-difference",
    "mix-difference",
    "equal-opportunity-gap",
    "equal-opportunity-mean-gap",
    "equalised-odds-distance",
    "predictive-parity-gap",
    "predictive-parity-mean-gap",
    "gap-bias",
    "group-share-error",
    "class-share-gap",
];

/// A comparison of groups with its estimate, if it may be shown.
type Found<'a> = (&'a Measure, &'a Contrast, &'a Estimate);

/// The comparison of a grouping by a metric that stands for the whole grouping, at a code level.
fn comparison_at<'a>(source: &Source<'a>, variables: &[String], metric: &str, level: Option<&str>) -> Option<&'a Measure> {
    let whole = |c: &Contrast| c.variables == variables && ["gap", "difference"].contains(&c.kind.as_str());
    source.measures(|m| m.metric == metric && m.code_level.as_deref() == level && m.threshold.is_none() && m.contrast.as_ref().is_some_and(whole)).next()
}

/// The comparison by a metric: of single codes at the level the card tells of, of all others at the full code.
fn comparison<'a>(source: &Source<'a>, variables: &[String], metric: &str) -> Option<&'a Measure> {
    let by_code = !["accuracy", "standardised-accuracy", "treatment-difference", "mix-difference"].contains(&metric);
    let level = if by_code { told_level(source, variables) } else { None };
    comparison_at(source, variables, metric, level.as_deref())
}

/// The finest code level whose comparable codes hold half of the weight, or else the one where they hold most; none for the full code.
fn told_level(source: &Source<'_>, variables: &[String]) -> Option<String> {
    let levels = &source.evidence.data.code_levels;
    let share = |level: Option<&str>| {
        let m = comparison_at(source, variables, "equal-opportunity-gap", level)?;
        Some(m.contrast.as_ref()?.detail.as_ref()?.support?.share)
    };
    // Finest first; the last of the names is that of the full code.
    let names = std::iter::once(None).chain(levels.iter().rev().skip(1).map(|l| Some(l.clone())));
    let mut best: (Option<String>, f64) = (None, -1.0);
    for name in names {
        let Some(share) = share(name.as_deref()) else { continue };
        if share >= ENOUGH {
            return name;
        }
        if share > best.1 {
            best = (name, share);
        }
    }
    best.0
}

fn found<'a>(source: &Source<'a>, variables: &[String], metric: &str) -> Option<Found<'a>> {
    let m = comparison(source, variables, metric)?;
    match source.disclosure.show(m) {
        Shown::Estimate(e) => Some((m, m.contrast.as_ref()?, e)),
        _ => None,
    }
}

fn clear(e: &Estimate) -> bool {
    e.interval.is_some_and(|i| i.lower > 0.0 || i.upper < 0.0)
}

fn level(source: &Source<'_>, detail: Option<&Detail>) -> String {
    let full = || source.evidence.data.code_levels.last().map_or_else(|| say!(source.words, "full-code"), |l| source.foreign(l));
    detail.and_then(|d| d.mix.as_ref()).map_or_else(full, |mix| source.foreign(mix))
}

/// What the section says first: by which variables the data show a difference in accuracy.
pub fn summary(source: &Source<'_>, groupings: &[&[String]]) -> Option<Block> {
    let w = source.words;
    let (mut differ, mut whole, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for variables in groupings {
        let Some((_, c, e)) = found(source, variables, "accuracy") else { continue };
        let name = variables.iter().map(|v| source.foreign(&super::source::lower_first(&marks::plain(&source.variable(v))))).collect::<Vec<_>>().join(" × ");
        if clear(e) {
            differ.push(fairness::differs(w, &name, &source.values(&c.high), &source.values(&c.low), &w.value("difference", e.value)));
        } else if spread(source, variables).is_some_and(|s| s.groups >= MANY && heterogeneous(source, s)) {
            whole.push(name);
        } else {
            open.push(name);
        }
    }
    (!differ.is_empty() || !whole.is_empty() || !open.is_empty()).then(|| Block::Note(fairness::summary(w, &differ, &whole, &open)))
}

/// The sentences of one grouping, after that on accuracy: what explains a difference that the data show, whether many groups differ at all, and what is
/// shown code by code. What the data do not show is in the folded table.
pub fn sentences(source: &Source<'_>, variables: &[String]) -> Vec<String> {
    let w = source.words;
    let mut out = Vec::new();
    let differ = found(source, variables, "accuracy").is_some_and(|(_, _, e)| clear(e));
    if let Some((m, c, e)) = found(source, variables, "standardised-accuracy").filter(|(_, _, e)| differ || clear(e)) {
        let cell = w.with_interval(subject_metric(m), e);
        out.push(fairness::same_mix(w, &level(source, c.detail.as_ref()), &cell, &source.values(&c.high), &source.values(&c.low), clear(e)));
    }
    let parts = (found(source, variables, "treatment-difference"), found(source, variables, "mix-difference"));
    if let (true, (Some((_, c, treatment)), Some((_, _, mix)))) = (differ, parts) {
        let share = c.detail.as_ref().and_then(|d| d.support).map_or(0.0, |s| s.share);
        out.push(fairness::split(
            w,
            &source.values(&c.high),
            &source.values(&c.low),
            &w.with_interval("treatment-difference", treatment),
            &w.with_interval("mix-difference", mix),
            &level(source, c.detail.as_ref()),
            &w.value("accuracy", share),
        ));
    }
    out.extend(spread(source, variables).filter(|s| s.groups >= MANY).and_then(|s| homogeneity(source, s)));
    for metric in ["equal-opportunity-gap", "gap-bias", "group-share-error"] {
        let Some((_, c, e)) = found(source, variables, metric).filter(|(_, _, e)| clear(e)) else { continue };
        let code = c.detail.as_ref().and_then(|d| d.code.as_deref()).map_or_else(String::new, |code| source.code(code));
        let (high, low, cell) = (source.values(&c.high), source.values(&c.low), w.with_interval(metric, e));
        let noise = c.expected_from_noise.map(|n| w.value(metric, n));
        let worst = fairness::worst_of(w, c.comparisons(), noise.as_deref());
        out.push(fairness::by_code(w, metric, &cell, &code, &high, &low, &worst));
    }
    out
}

fn spread<'a>(source: &Source<'a>, variables: &[String]) -> Option<&'a Spread> {
    source.evidence.spreads.iter().find(|s| s.variables == variables && !source.disclosure.hides_spread(variables))
}

/// Whether the groups differ at all, and how far they are apart beyond noise.
fn homogeneity(source: &Source<'_>, s: &Spread) -> Option<String> {
    let w = source.words;
    let interval = s.interval.map(|i| w.bounds("difference", i.lower, i.upper));
    let spread = fairness::spread(w, &w.value("difference", s.corrected_sd), &w.value("difference", s.raw_sd), interval.as_deref());
    let t = s.test?;
    let p = if t.p < 0.001 { say!(w, "less-than-thousandth") } else { w.fixed(t.p, 3) };
    let found = fairness::Homogeneity {
        groups: s.groups,
        f: w.significant(t.f, 3),
        df: w.fixed(t.df, 0),
        denominator: w.fixed(t.denominator_df, 0),
        p,
        differ: heterogeneous(source, s),
    };
    Some(fairness::homogeneity(w, &found, &spread))
}

/// Whether the test of all groups at once shows that they differ.
fn heterogeneous(source: &Source<'_>, s: &Spread) -> bool {
    s.test.is_some_and(|t| t.p < 1.0 - source.evidence.study.level)
}

/// The folded tables of one grouping.
pub fn tables(source: &Source<'_>, variables: &[String]) -> Vec<Block> {
    let w = source.words;
    let mut out = Vec::new();
    let rows: Vec<Vec<String>> = TABLE.iter().filter_map(|metric| comparison(source, variables, metric)).map(|m| row(source, m)).collect();
    let name = source.grouping(variables);
    if !rows.is_empty() {
        let columns = vec![
            words_column(say!(w, "col-measure")),
            figures_column(say!(w, "col-simultaneous")),
            words_column(say!(w, "col-between")),
            words_column(say!(w, "col-at-code")),
            figures_column(say!(w, "col-noise")),
            figures_column(say!(w, "col-codes-compared")),
            words_column(say!(w, "col-data-show")),
        ];
        let level = told_level(source, variables).map_or_else(|| level(source, None), |l| source.foreign(&l));
        out.push(folded(say!(w, "fairness-table"), table(source.of_all(fairness::caption(w, &name, &level)), columns, rows)));
    }
    out.extend(by_group(source, variables));
    out.extend(reference(source, variables));
    out.extend(within(source, variables));
    out
}

fn folded(words: String, table: Table) -> Block {
    Block::Table(Table { folded: Some(words), ..table })
}

/// A comparison as a row of the folded table.
fn row(source: &Source<'_>, m: &Measure) -> Vec<String> {
    let w = source.words;
    let label = w.metric(&m.metric);
    let detail = m.contrast.as_ref().and_then(|c| c.detail.as_ref());
    let support = detail.and_then(|d| d.support).map_or_else(String::new, |s| fairness::support(w, s.codes, s.of, &w.value("accuracy", s.share)));
    let (Shown::Estimate(e), Some(c)) = (source.disclosure.show(m), &m.contrast) else {
        let not = || say!(w, "not-told");
        return vec![label, source.cell(Some(m)), not(), not(), not(), support, say!(w, "cannot-tell")];
    };
    let between = match (c.high.is_empty(), c.low.is_empty()) {
        (false, false) => say!(w, "against", high = source.values(&c.high), low = source.values(&c.low)),
        (false, true) => source.values(&c.high),
        _ => say!(w, "between-each-code"),
    };
    let code = match detail {
        Some(Detail { code: Some(code), .. }) => source.code(code),
        Some(Detail { mix: Some(mix), .. }) => say!(w, "all-by-mix", mix = source.foreign(mix)),
        _ => say!(w, "all-compared"),
    };
    let noise = c.expected_from_noise.map_or_else(|| say!(w, "not-told"), |n| w.value(subject_metric(m), n));
    let says = match m.metric.as_str() {
        "class-share-gap" | "mix-difference" => say!(w, "data-describe"),
        _ if !clear(e) => say!(w, "cannot-tell"),
        "gap-bias" | "group-share-error" => say!(w, "data-wrong"),
        _ => say!(w, "data-differ"),
    };
    vec![label, source.cell(Some(m)), between, code, noise, support, says]
}

/// Each group at the common mix and the error of its published shares; with many groups in the order of the ranking.
fn by_group(source: &Source<'_>, variables: &[String]) -> Option<Block> {
    let w = source.words;
    let of = |metric: &str, values: &[String]| {
        source
            .measures(|m| {
                m.metric == metric
                    && m.threshold.is_none()
                    && m.code_level.is_none()
                    && m.group.as_ref().is_some_and(|g| g.variables == variables && g.values == values)
            })
            .next()
    };
    let ranking = &spread(source, variables)?.ranking;
    let shown: Vec<_> = ranking.iter().filter(|r| source.disclosure.hides_group(variables, &r.values).is_none()).collect();
    if shown.len() < 2 {
        return None;
    }
    let metrics: Vec<&str> = ["standardised-accuracy", "aggregate-bias"].into_iter().filter(|m| shown.iter().any(|r| of(m, &r.values).is_some())).collect();
    let rows = shown
        .iter()
        .map(|r| {
            let mut row = vec![source.values(&r.values), w.value("accuracy", r.shrunken), source.cell(of("accuracy", &r.values))];
            row.extend(metrics.iter().map(|metric| source.cell(of(metric, &r.values))));
            row
        })
        .collect();
    let name = source.grouping(variables);
    let mut columns = vec![words_column(name.clone()), figures_column(say!(w, "col-drawn")), metric_column(w, "accuracy")];
    columns.extend(metrics.iter().map(|m| metric_column(w, m)));
    let no_order = shown.iter().all(|r| (r.shrunken - shown[0].shrunken).abs() < 1e-9);
    Some(folded(say!(w, "fairness-ranking"), table(source.of_all(fairness::ranking(w, &name, no_order)), columns, rows)))
}

/// Every group against the reference, if the study names one.
fn reference(source: &Source<'_>, variables: &[String]) -> Option<Block> {
    let w = source.words;
    let of = |m: &Measure| m.contrast.as_ref().is_some_and(|c| c.variables == variables && c.kind.starts_with("reference-"));
    let told = |m: &Measure| m.threshold.is_none() || m.threshold == source.verdict.policy.automatic_threshold;
    let mut base = String::new();
    let rows: Vec<Vec<String>> = source
        .measures(|m| of(m) && told(m))
        .map(|m| {
            let c = m.contrast.as_ref();
            let ratio = c.is_some_and(|c| c.kind.ends_with("ratio"));
            let none = if ratio { 1.0 } else { 0.0 };
            base = c.map_or_else(String::new, |c| source.values(&c.low));
            let says = match source.disclosure.show(m) {
                Shown::Estimate(e) if e.interval.is_some_and(|i| i.upper < none) => say!(w, "lower"),
                Shown::Estimate(e) if e.interval.is_some_and(|i| i.lower > none) => say!(w, "higher"),
                _ => say!(w, "cannot-tell"),
            };
            vec![
                c.map_or_else(String::new, |c| source.values(&c.high)),
                if ratio { say!(w, "measure-ratio", measure = source.measure_name(m)) } else { source.measure_name(m) },
                source.cell(Some(m)),
                says,
            ]
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let name = source.grouping(variables);
    let columns = vec![
        words_column(name.clone()),
        words_column(say!(w, "col-measure")),
        Column { metric: Some("reference-difference".into()), ..figures_column(say!(w, "col-against-reference")) },
        words_column(say!(w, "col-data-show")),
    ];
    Some(folded(say!(w, "fairness-reference"), table(source.of_all(say!(w, "reference-caption", name = name, base = base)), columns, rows)))
}

/// Differences within control variables, if the study names some.
fn within(source: &Source<'_>, variables: &[String]) -> Option<Block> {
    let w = source.words;
    let rows: Vec<Vec<String>> = source
        .measures(|m| m.contrast.as_ref().is_some_and(|c| c.variables == variables && c.detail.as_ref().is_some_and(|d| d.within.is_some())))
        .filter_map(|m| {
            let c = m.contrast.as_ref()?;
            let detail = c.detail.as_ref()?;
            let within = detail.within.as_ref()?;
            let at = within.value.as_ref().map_or_else(|| say!(w, "average-of-levels"), |value| source.code(value));
            let (between, noise, says) = match source.disclosure.show(m) {
                Shown::Estimate(e) => {
                    let between = if c.high.is_empty() {
                        say!(w, "between-each-level")
                    } else {
                        say!(w, "against", high = source.values(&c.high), low = source.values(&c.low))
                    };
                    let noise = c.expected_from_noise.map_or_else(String::new, |n| w.value(&m.metric, n));
                    (between, noise, if clear(e) { say!(w, "data-differ") } else { say!(w, "cannot-tell") })
                }
                _ => (say!(w, "not-told"), say!(w, "not-told"), say!(w, "cannot-tell")),
            };
            let levels = detail.support.map_or_else(|| w.count(c.groups), |s| fairness::support(w, s.codes, s.of, &w.value("accuracy", s.share)));
            Some(vec![source.variable(&within.control), at, source.cell(Some(m)), between, noise, levels, says])
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let columns: Vec<Column> = vec![
        words_column(say!(w, "col-control")),
        words_column(say!(w, "col-level")),
        Column { metric: Some("difference".into()), ..figures_column(say!(w, "col-largest-difference")) },
        words_column(say!(w, "col-between")),
        figures_column(say!(w, "col-noise")),
        figures_column(say!(w, "col-levels-compared")),
        words_column(say!(w, "col-data-show")),
    ];
    Some(folded(say!(w, "fairness-within"), table(source.of_all(say!(w, "within-caption", grouping = source.grouping(variables))), columns, rows)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::{Bound, Gate, Policy, Severity, Status, judge};
    use crate::measure::{Evidence, Ranked, Support, at_level};
    use crate::report::build::card;
    use crate::report::sample::{estimate, evidence, measure};
    use crate::value::{Method, Outcome};

    fn gap(smallest: u64, value: f64) -> Measure {
        let detail = Detail {
            comparisons: Some(60),
            code: Some("0110".into()),
            smallest: Some(smallest),
            support: Some(Support { codes: 3, of: 5, share: 0.8 }),
            ..Detail::default()
        };
        let contrast = Contrast {
            kind: "gap".into(),
            variables: vec!["region".into()],
            high: vec!["a".into()],
            low: vec!["b".into()],
            groups: 3,
            expected_from_noise: Some(0.0812),
            detail: Some(detail),
        };
        Measure { contrast: Some(contrast), ..measure("equal-opportunity-gap", estimate(value, 0.1, 1000, Method::Simultaneous)) }
    }

    fn with(measure: Measure) -> Evidence {
        let mut e = evidence();
        e.measures.push(measure);
        e
    }

    fn policy(at_most: f64) -> Policy {
        let gate = Gate {
            id: "same-codes".into(),
            metric: "equal-opportunity-gap".into(),
            code_level: None,
            code: None,
            threshold: None,
            at_chosen: false,
            versus: None,
            groups: vec!["region".into()],
            across: None,
            bound: Bound::AtMost(at_most),
            level: 0.99,
            severity: Severity::Deny,
            family: None,
            why: None,
        };
        Policy {
            title: "P".into(),
            owner: None,
            valid_months: None,
            automatic_threshold: None,
            automatic_promise: None,
            families: Vec::new(),
            gates: vec![gate],
            digest: String::new(),
        }
    }

    fn text(e: &Evidence, at_most: f64) -> String {
        let verdict = judge(e, &policy(at_most), "");
        serde_json::to_string(&card(e, &verdict, "", "")).unwrap()
    }

    #[test]
    fn a_gate_judges_a_gap_over_all_its_comparisons() {
        let e = with(gap(40, 0.35));
        let found = |at_most: f64| judge(&e, &policy(at_most), "").findings[0].clone();
        assert_eq!([0.6, 0.4, 0.1].map(|bound| found(bound).status), [Status::Met, Status::Undecided, Status::NotMet]);
        // Sixty comparisons at 99 %, not three pairs.
        let wanted = 0.1 * crate::stats::sidak_quantile_of(60, 120.0, 0.99) / crate::stats::sidak_quantile_of(60, 120.0, 0.95);
        let judged = found(0.4).measure.outcome.estimate().unwrap().interval.unwrap();
        assert!((judged.upper - 0.35 - wanted).abs() < 1e-9, "{judged:?}");
        let card = text(&e, 0.1);
        assert!(card.contains("Equal-opportunity gap between groups of region (a against b), code 0110 Farmers is 35.0 points"), "{card}");
        assert!(card.contains("3 of 5 (80.0 %)") && card.contains("8.1 points"), "{card}");
    }

    #[test]
    fn a_gap_of_a_small_cell_or_of_all_against_none_is_not_shown() {
        for (smallest, value) in [(9, 0.35), (40, 1.0)] {
            let card = text(&with(gap(smallest, value)), 0.1);
            assert!(!card.contains("35.0 points") && !card.contains("100.0 points"), "{smallest}");
        }
    }

    #[test]
    fn ratios_are_judged_on_the_log_scale() {
        let contrast = Contrast { kind: "reference-ratio".into(), groups: 2, ..Contrast::default() };
        let Outcome::Estimate(mut e) = estimate(0.8, 0.0, 100, Method::Simultaneous) else { panic!() };
        let interval = e.interval.as_mut().unwrap();
        (interval.lower, interval.upper) = (0.8 / 1.2, 0.8 * 1.2);
        let judged = at_level(&e, 0.99, Some(&contrast)).interval.unwrap();
        assert!((judged.lower * judged.upper - 0.64).abs() < 1e-9 && judged.lower < 0.8 / 1.25, "{judged:?}");
    }

    #[test]
    fn many_groups_are_told_of_as_a_whole_and_hidden_ones_are_not_ranked() {
        let mut e = evidence();
        let ranked = |name: &str, accuracy| Ranked { values: vec![name.into()], accuracy, shrunken: accuracy };
        // Two groups too small for a figure, so that none with one has to be hidden.
        for (name, why, n) in [("c", "8 records, fewer than 30", 8), ("d", "7 records, fewer than 30", 7)] {
            for m in e.measures.iter_mut().filter(|m| m.contrast.is_none() && m.group.as_ref().is_some_and(|g| g.values == [name])) {
                m.outcome = Outcome::undefined(crate::value::Reason::TooFewRecords, why, n);
            }
        }
        e.spreads.push(Spread {
            variables: vec!["region".into()],
            groups: 12,
            test: Some(crate::measure::FTest { f: 2.345, df: 11.0, denominator_df: 88.4, p: 0.0142 }),
            raw_sd: 0.052,
            noise_sd: 0.04,
            corrected_variance: 0.0011,
            corrected_sd: 0.0333,
            interval: None,
            ranking: vec![ranked("b", 0.741), ranked("a", 0.802), ranked("d", 0.999)],
        });
        let card = text(&e, 0.1);
        assert!(
            card.contains(
                "Do the 12 groups differ at all? F(11, 88) = 2.35, p = 0.014: the data show that they do. As a standard deviation, they are 3.3 points"
            ),
            "{card}"
        );
        // Group d has 7 records.
        assert!(card.contains("74.1 %") && !card.contains("99.9 %"));
    }
}
