//! Fairness between the groups of a grouping: what the data show in sentences, and the details in folded tables.

use super::source::{Source, figures_column, metric_column, subject_metric, table, words_column};
use crate::measure::{Contrast, Detail, Measure, Spread};
use crate::report::card::{Block, Column, Table};
use crate::report::disclosure::Shown;
use crate::report::format::{bounds, count, fixed, significant, value, with_interval};
use crate::report::words::{self, fairness as say};
use crate::value::Estimate;

/// Groupings with at least so many groups are told of as a whole too.
const MANY: u64 = 5;
/// Comparisons in the folded table, in its order.
const TABLE: [&str; 10] = [
    "standardised-accuracy",
    "treatment-difference",
    "mix-difference",
    "equal-opportunity-gap",
    "equal-opportunity-mean-gap",
    "equalised-odds-distance",
    "predictive-parity-gap",
    "predictive-parity-mean-gap",
    "gap-bias",
    "class-share-gap",
];

/// A comparison of groups with its estimate, if it may be shown.
type Found<'a> = (&'a Measure, &'a Contrast, &'a Estimate);

/// The comparison of a grouping by a metric that stands for the whole grouping.
fn comparison<'a>(source: &Source<'a>, variables: &[String], metric: &str) -> Option<&'a Measure> {
    let whole = |c: &Contrast| c.variables == variables && ["gap", "difference"].contains(&c.kind.as_str());
    source.measures(|m| m.metric == metric && m.code_level.is_none() && m.threshold.is_none() && m.contrast.as_ref().is_some_and(whole)).next()
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
    let full = || source.evidence.data.code_levels.last().cloned().unwrap_or_else(|| "full code".into());
    detail.and_then(|d| d.mix.clone()).unwrap_or_else(full)
}

/// What the section says first: by which variables the data show a difference in accuracy.
pub fn summary(source: &Source<'_>, groupings: &[&[String]]) -> Option<Block> {
    let (mut differ, mut open) = (Vec::new(), Vec::new());
    for variables in groupings {
        let Some((_, c, e)) = found(source, variables, "accuracy") else { continue };
        let name = super::source::lower_first(&source.grouping(variables));
        if clear(e) {
            differ.push(say::differs(&name, &c.high.join(", "), &c.low.join(", "), &value("difference", e.value)));
        } else {
            open.push(name);
        }
    }
    (!differ.is_empty() || !open.is_empty()).then(|| Block::Note(say::summary(&differ, &open)))
}

/// The sentences of one grouping, after that on accuracy.
pub fn sentences(source: &Source<'_>, variables: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    match found(source, variables, "standardised-accuracy") {
        Some((m, c, e)) => {
            let cell = with_interval(subject_metric(m), e);
            out.push(say::same_mix(&level(source, c.detail.as_ref()), &cell, &c.high.join(", "), &c.low.join(", "), clear(e)));
        }
        None => {
            if let Some(Shown::Undefined(why)) = comparison(source, variables, "standardised-accuracy").map(|m| source.disclosure.show(m)) {
                out.push(say::no_same_mix(why));
            }
        }
    }
    if let (Some((_, c, treatment)), Some((_, _, mix))) = (found(source, variables, "treatment-difference"), found(source, variables, "mix-difference")) {
        let share = c.detail.as_ref().and_then(|d| d.support).map_or(0.0, |s| s.share);
        out.push(say::split(
            &c.high.join(", "),
            &c.low.join(", "),
            &with_interval("treatment-difference", treatment),
            &with_interval("mix-difference", mix),
            &level(source, c.detail.as_ref()),
            &value("accuracy", share),
        ));
    }
    out.extend(spread(source, variables).filter(|s| s.groups >= MANY).and_then(|s| homogeneity(source, s)));
    if let Some((_, c, e)) = found(source, variables, "gap-bias") {
        let code = c.detail.as_ref().and_then(|d| d.code.as_deref()).map_or_else(String::new, |code| source.code(code));
        let noise = c.expected_from_noise.map_or_else(|| "as much".to_owned(), |n| value("gap-bias", n));
        out.push(say::published(&with_interval("gap-bias", e), &code, &c.high.join(", "), &c.low.join(", "), &noise, clear(e)));
    }
    out
}

fn spread<'a>(source: &Source<'a>, variables: &[String]) -> Option<&'a Spread> {
    source.evidence.spreads.iter().find(|s| s.variables == variables)
}

/// Whether the groups differ at all, and how far they are apart beyond noise.
fn homogeneity(source: &Source<'_>, s: &Spread) -> Option<String> {
    let interval = s.interval.map(|i| bounds("difference", i.lower, i.upper));
    let spread = say::spread(&value("difference", s.corrected_sd), &value("difference", s.raw_sd), interval.as_deref());
    let t = s.test?;
    let p = if t.p < 0.001 { "less than 0.001".to_owned() } else { fixed(t.p, 3) };
    let differ = t.p < 1.0 - source.evidence.study.level;
    Some(say::homogeneity(s.groups, &significant(t.f, 3), &fixed(t.df, 0), &fixed(t.denominator_df, 0), &p, differ, &spread))
}

/// The folded tables of one grouping.
pub fn tables(source: &Source<'_>, variables: &[String]) -> Vec<Block> {
    let mut out = Vec::new();
    let rows: Vec<Vec<String>> = TABLE
        .iter()
        .filter_map(|metric| comparison(source, variables, metric))
        .chain(source.measures(|m| m.metric == "group-share-error" && m.contrast.as_ref().is_some_and(|c| c.variables == variables)))
        .map(|m| row(source, m))
        .collect();
    let name = source.grouping(variables);
    if !rows.is_empty() {
        let columns = vec![
            words_column("Measure"),
            figures_column("Estimate and simultaneous interval"),
            words_column("Between"),
            words_column("At code"),
            figures_column("Expected from noise alone"),
            figures_column("Codes compared"),
            words_column("What the data show"),
        ];
        out.push(folded(say::TABLE, table(format!("Fairness between groups of {name}"), columns, rows)));
    }
    out.extend(by_group(source, variables));
    out.extend(reference(source, variables));
    out.extend(within(source, variables));
    out
}

fn folded(words: &str, table: Table) -> Block {
    Block::Table(Table { folded: Some(words.to_owned()), ..table })
}

/// A comparison as a row of the folded table.
fn row(source: &Source<'_>, m: &Measure) -> Vec<String> {
    let label = crate::metric::find(&m.metric).map_or(m.metric.as_str(), |k| k.name).to_owned();
    let detail = m.contrast.as_ref().and_then(|c| c.detail.as_ref());
    let support = detail.and_then(|d| d.support).map_or_else(String::new, |s| say::support(s.codes, s.of, &value("accuracy", s.share)));
    let (Shown::Estimate(e), Some(c)) = (source.disclosure.show(m), &m.contrast) else {
        let not = || "not told".to_owned();
        return vec![label, source.cell(Some(m)), not(), not(), not(), support, words::CANNOT_TELL.to_owned()];
    };
    let between = match (c.high.is_empty(), c.low.is_empty()) {
        (false, false) => format!("{} against {}", c.high.join(", "), c.low.join(", ")),
        (false, true) => c.high.join(", "),
        _ => "highest against lowest, each code".into(),
    };
    let code = match detail {
        Some(Detail { code: Some(code), .. }) => source.code(code),
        Some(Detail { mix: Some(mix), .. }) => format!("all, by {mix}"),
        _ => "all compared".into(),
    };
    let noise = c.expected_from_noise.map_or_else(|| "not told".to_owned(), |n| value(subject_metric(m), n));
    let says = match m.metric.as_str() {
        "class-share-gap" | "mix-difference" => say::DESCRIBES,
        _ if !clear(e) => words::CANNOT_TELL,
        "gap-bias" | "group-share-error" => say::WRONG,
        _ => say::DIFFER,
    };
    vec![label, source.cell(Some(m)), between, code, noise, support, says.to_owned()]
}

/// Each group at the common mix and the error of its published shares; with many groups in the order of the ranking.
fn by_group(source: &Source<'_>, variables: &[String]) -> Option<Block> {
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
            let mut row = vec![r.values.join(", "), value("accuracy", r.shrunken), value("accuracy", r.accuracy)];
            row.extend(metrics.iter().map(|metric| source.cell(of(metric, &r.values))));
            row
        })
        .collect();
    let name = source.grouping(variables);
    let mut columns = vec![words_column(&name), figures_column("Accuracy without noise"), figures_column("Accuracy as it is")];
    columns.extend(metrics.iter().map(|m| metric_column(m)));
    Some(folded(say::RANKING, table(format!("Groups of {name}, the lowest first"), columns, rows)))
}

/// Every group against the reference, if the study names one.
fn reference(source: &Source<'_>, variables: &[String]) -> Option<Block> {
    let of = |m: &Measure| m.contrast.as_ref().is_some_and(|c| c.variables == variables && c.kind.starts_with("reference-"));
    let told = |m: &Measure| m.threshold.is_none() || m.threshold == source.verdict.policy.automatic_threshold;
    let mut base = String::new();
    let rows: Vec<Vec<String>> = source
        .measures(|m| of(m) && told(m))
        .map(|m| {
            let c = m.contrast.as_ref();
            let kind = c.map_or("", |c| if c.kind.ends_with("ratio") { ", ratio" } else { "" });
            base = c.map_or_else(String::new, |c| c.low.join(", "));
            let says = match source.disclosure.show(m) {
                Shown::Estimate(e) if e.interval.is_some_and(|i| if kind.is_empty() { i.upper < 0.0 } else { i.upper < 1.0 }) => "lower",
                Shown::Estimate(e) if e.interval.is_some_and(|i| if kind.is_empty() { i.lower > 0.0 } else { i.lower > 1.0 }) => "higher",
                _ => words::CANNOT_TELL,
            };
            vec![c.map_or_else(String::new, |c| c.high.join(", ")), format!("{}{kind}", source.measure_name(m)), source.cell(Some(m)), says.to_owned()]
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let name = source.grouping(variables);
    let columns =
        vec![words_column(&name), words_column("Measure"), figures_column("Against the reference, simultaneous interval"), words_column("What the data show")];
    Some(folded(say::REFERENCE, table(format!("Groups of {name} against {base}"), columns, rows)))
}

/// Differences within control variables, if the study names some.
fn within(source: &Source<'_>, variables: &[String]) -> Option<Block> {
    let rows: Vec<Vec<String>> = source
        .measures(|m| m.contrast.as_ref().is_some_and(|c| c.variables == variables && c.detail.as_ref().is_some_and(|d| d.within.is_some())))
        .filter_map(|m| {
            let c = m.contrast.as_ref()?;
            let detail = c.detail.as_ref()?;
            let within = detail.within.as_ref()?;
            let at = within.value.as_ref().map_or_else(|| "average of all levels".to_owned(), |value| source.code(value));
            let (between, noise, says) = match source.disclosure.show(m) {
                Shown::Estimate(e) => {
                    let between = if c.high.is_empty() {
                        "highest against lowest, each level".into()
                    } else {
                        format!("{} against {}", c.high.join(", "), c.low.join(", "))
                    };
                    let noise = c.expected_from_noise.map_or_else(String::new, |n| value(&m.metric, n));
                    (between, noise, if clear(e) { say::DIFFER } else { words::CANNOT_TELL })
                }
                _ => ("not told".into(), "not told".into(), words::CANNOT_TELL),
            };
            let levels = detail.support.map_or_else(|| count(c.groups), |s| say::support(s.codes, s.of, &value("accuracy", s.share)));
            Some(vec![source.variable(&within.control).to_owned(), at, source.cell(Some(m)), between, noise, levels, says.to_owned()])
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let columns: Vec<Column> = vec![
        words_column("Control"),
        words_column("Level"),
        figures_column("Largest difference in accuracy, simultaneous interval"),
        words_column("Between"),
        figures_column("Expected from noise alone"),
        figures_column("Levels, or groups, compared"),
        words_column("What the data show"),
    ];
    Some(folded(say::WITHIN, table(format!("Groups of {} within other variables", source.grouping(variables)), columns, rows)))
}
