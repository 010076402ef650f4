//! Against the other candidates: differences on the same records, in the whole test part, at each code level and in each group.

use super::source::{Source, figures_column, metric_column, table, words_column};
use crate::measure::{Measure, PairedBy, PairedTest};
use crate::report::card::{Against, Block, Column, Table};
use crate::report::locale::say;
use crate::report::words::{self, ranking};

/// The section; empty when the candidate is alone.
pub fn others(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let rows: Vec<Vec<String>> = differences(source)
        .map(|(m, against)| {
            vec![name(source, m), against.cell, against.p, discordant(source, m), against.macro_f1, against.log_loss, source.records(m), against.shows]
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let columns = vec![
        words_column(say!(w, "col-other-candidate")),
        metric_column(w, "accuracy-difference"),
        figures_column(say!(w, "col-p")),
        figures_column(say!(w, "col-discordant")),
        metric_column(w, "macro-f1-difference"),
        metric_column(w, "log-loss-difference"),
        figures_column(say!(w, "col-records")),
        words_column(say!(w, "col-this-candidate")),
    ];
    let mut blocks = vec![Block::Table(table(say!(w, "ranking-caption"), columns, rows)), Block::Text(tests(source))];
    blocks.extend(levels(source).map(Block::Table));
    let told: Vec<String> = differences(source).filter_map(|(_, against)| against.groups).collect();
    if !told.is_empty() {
        blocks.push(Block::Heading(say!(w, "worse-for-anyone")));
        blocks.push(Block::List(told));
        blocks.push(Block::Text(say!(w, "groups-count")));
        blocks.push(Block::Table(groups(source)));
    }
    blocks
}

/// The differences as the comparison tells them.
pub fn versus(source: &Source<'_>) -> Vec<Against> {
    differences(source).map(|(_, against)| against).collect()
}

fn name(source: &Source<'_>, m: &Measure) -> String {
    m.versus.as_ref().map_or_else(String::new, |v| source.foreign(&v.name))
}

fn test(m: &Measure) -> Option<PairedTest> {
    m.versus.as_ref().and_then(|v| v.test)
}

/// The differences in accuracy over the whole test part, with the others of the same candidate.
fn differences<'a>(source: &Source<'a>) -> impl Iterator<Item = (&'a Measure, Against)> {
    let beside = super::year::beside(source);
    source.measures(|m| m.metric == "accuracy-difference" && m.group.is_none() && m.code_level.is_none()).filter_map(move |m| {
        let interval = source.estimate(m).and_then(|e| e.interval);
        let other = m.versus.as_ref()?;
        let priced = beside.iter().find(|b| b.candidate == other.candidate);
        let beside = |metric: &str| {
            let found = source.measures(|b| b.metric == metric && b.versus.as_ref().is_some_and(|v| v.candidate == other.candidate)).next();
            source.cell(found)
        };
        let against = Against {
            candidate: other.candidate.clone(),
            cell: source.cell(Some(m)),
            shows: shows(source, m),
            decisive: interval.is_some_and(|i| i.lower > 0.0 || i.upper < 0.0),
            p: p(source, m, |t| Some(t.p)),
            macro_f1: beside("macro-f1-difference"),
            log_loss: beside("log-loss-difference"),
            energy: priced.map_or_else(String::new, |b| b.energy.clone()),
            worth: priced.map_or_else(String::new, |b| b.says.clone()),
            groups: by_group(source, m),
        };
        Some((m, against))
    })
}

/// What the interval of a difference shows.
fn shows(source: &Source<'_>, m: &Measure) -> String {
    let w = source.words;
    source.estimate(m).and_then(|e| e.interval).map_or_else(|| say!(w, "cannot-tell"), |i| ranking::shows(w, i.lower, i.upper))
}

fn p(source: &Source<'_>, m: &Measure, of: impl Fn(PairedTest) -> Option<f64>) -> String {
    let w = source.words;
    if source.estimate(m).is_none() {
        return say!(w, "not-told");
    }
    test(m).and_then(of).map_or_else(|| say!(w, "none"), |p| words::p_value(w, p))
}

/// Records that only one of the two codes right. With the difference either gives the other away, so both are hidden or none.
fn discordant(source: &Source<'_>, m: &Measure) -> String {
    let w = source.words;
    match test(m).and_then(|t| Some((t.only_this?, t.only_other?))) {
        Some((this, other)) if source.disclosure.tells_discordant(source.evidence, this, other) => {
            format!("{}{}{}", w.count(this), say!(w, "list-comma"), w.count(other))
        }
        Some(_) => say!(w, "suppressed"),
        None => say!(w, "not-counted-records"),
    }
}

/// Which test the p-values are of.
fn tests(source: &Source<'_>) -> String {
    let w = source.words;
    let mcnemar = differences(source).any(|(m, _)| test(m).is_some_and(|t| t.by == PairedBy::McnemarMidP));
    let by = if mcnemar { say!(w, "test-mcnemar") } else { say!(w, "test-t") };
    format!("{} {}", say!(w, "p-value-of", by = by), say!(w, "not-worse-shown"))
}

/// Differences at the coarser code levels; nothing without levels.
fn levels(source: &Source<'_>) -> Option<Table> {
    let w = source.words;
    let rows: Vec<Vec<String>> = source
        .measures(|m| m.metric == "accuracy-difference" && m.code_level.is_some())
        .map(|m| {
            vec![
                name(source, m),
                m.code_level.as_ref().map_or_else(String::new, |l| source.foreign(l)),
                source.cell(Some(m)),
                p(source, m, |t| Some(t.p)),
                shows(source, m),
            ]
        })
        .collect();
    let columns = vec![
        words_column(say!(w, "col-other-candidate")),
        words_column(say!(w, "col-code-level")),
        metric_column(w, "accuracy-difference"),
        figures_column(say!(w, "col-p")),
        words_column(say!(w, "col-this-candidate")),
    ];
    (!rows.is_empty()).then(|| folded(source.of_all(say!(w, "others-levels")), columns, rows))
}

/// In which groups a candidate is more and less often right than another; nothing without a figure.
fn by_group(source: &Source<'_>, of: &Measure) -> Option<String> {
    let w = source.words;
    let mut told = 0;
    let (mut more, mut less) = (0, Vec::new());
    for m in of_groups(source).filter(|m| m.versus.as_ref().map(|v| &v.candidate) == of.versus.as_ref().map(|v| &v.candidate)) {
        let Some(e) = source.estimate(m) else { continue };
        told += 1;
        match (test(m).and_then(|t| t.adjusted_p), m.group.as_ref()) {
            (Some(p), Some(group)) if p <= 1.0 - source.evidence.study.level => {
                if e.value < 0.0 {
                    less.push(source.group(group));
                } else {
                    more += 1;
                }
            }
            _ => {}
        }
    }
    (told > 0).then(|| words::groups_told(w, &name(source, of), told, more, &less))
}

fn of_groups<'a>(source: &Source<'a>) -> impl Iterator<Item = &'a Measure> {
    source.measures(|m| m.metric == "accuracy-difference" && m.group.is_some())
}

/// Every group against every other candidate.
fn groups(source: &Source<'_>) -> Table {
    let w = source.words;
    let rows = of_groups(source)
        .map(|m| {
            let group = m.group.as_ref().map_or_else(String::new, |g| source.group(g));
            vec![name(source, m), group, source.records(m), source.cell(Some(m)), p(source, m, |t| t.adjusted_p)]
        })
        .collect();
    let columns = vec![
        words_column(say!(w, "col-other-candidate")),
        words_column(say!(w, "col-group")),
        figures_column(say!(w, "col-records")),
        metric_column(w, "accuracy-difference"),
        figures_column(say!(w, "col-p-adjusted")),
    ];
    folded(say!(w, "others-groups"), columns, rows)
}

fn folded(caption: String, columns: Vec<Column>, rows: Vec<Vec<String>>) -> Table {
    Table { folded: Some(caption.clone()), ..table(caption, columns, rows) }
}
