//! Against the other candidates: differences on the same records, in the whole test part, at each code level and in each group.

use super::source::{Source, figures_column, metric_column, table, words_column};
use crate::measure::{Measure, PairedBy, PairedTest};
use crate::report::card::{Against, Block, Column, Table};
use crate::report::format::count;
use crate::report::words::{self, ranking};

/// The section; empty when the candidate is alone.
pub fn others(source: &Source<'_>) -> Vec<Block> {
    let rows: Vec<Vec<String>> = differences(source)
        .map(|(m, against)| vec![name(m), against.cell, against.p, discordant(source, m), against.macro_f1, against.log_loss, source.records(m), against.shows])
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let columns = vec![
        words_column("Other candidate"),
        metric_column("accuracy-difference"),
        figures_column("p-value"),
        figures_column("Records that only this, only the other codes right"),
        metric_column("macro-f1-difference"),
        metric_column("log-loss-difference"),
        figures_column("Records"),
        words_column("This candidate is"),
    ];
    let mut blocks = vec![Block::Table(table(ranking::CAPTION, columns, rows)), Block::Text(tests(source))];
    blocks.extend(levels(source).map(Block::Table));
    let told: Vec<String> = differences(source).filter_map(|(_, against)| against.groups).collect();
    if !told.is_empty() {
        blocks.push(Block::Heading(words::WORSE_FOR_ANYONE.into()));
        blocks.push(Block::List(told));
        blocks.push(Block::Text(words::GROUPS_COUNT.into()));
        blocks.push(Block::Table(groups(source)));
    }
    blocks
}

/// The differences as the comparison tells them.
pub fn versus(source: &Source<'_>) -> Vec<Against> {
    differences(source).map(|(_, against)| against).collect()
}

fn name(m: &Measure) -> String {
    m.versus.as_ref().map_or_else(String::new, |v| v.name.clone())
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
            shows: shows(source, m).to_owned(),
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
fn shows(source: &Source<'_>, m: &Measure) -> &'static str {
    source.estimate(m).and_then(|e| e.interval).map_or(words::CANNOT_TELL, |i| ranking::shows(i.lower, i.upper))
}

fn p(source: &Source<'_>, m: &Measure, of: impl Fn(PairedTest) -> Option<f64>) -> String {
    if source.estimate(m).is_none() {
        return "not told".into();
    }
    test(m).and_then(of).map_or_else(|| "none".into(), words::p_value)
}

/// Records that only one of the two codes right. With the difference either gives the other away, so both are hidden or none.
fn discordant(source: &Source<'_>, m: &Measure) -> String {
    match test(m).and_then(|t| Some((t.only_this?, t.only_other?))) {
        Some((this, other)) if source.disclosure.tells_discordant(source.evidence, this, other) => format!("{}, {}", count(this), count(other)),
        Some(_) => words::SUPPRESSED.into(),
        None => "not counted".into(),
    }
}

/// Which test the p-values are of.
fn tests(source: &Source<'_>) -> String {
    let mcnemar = differences(source).any(|(m, _)| test(m).is_some_and(|t| t.by == PairedBy::McnemarMidP));
    let by = if mcnemar { "McNemar's mid-p test on those records" } else { "the t test of the difference under the survey design" };
    format!("The p-value is of {by}; it is of both sides and not adjusted for the number of candidates. {}", words::NOT_WORSE_SHOWN)
}

/// Differences at the coarser code levels; nothing without levels.
fn levels(source: &Source<'_>) -> Option<Table> {
    let rows: Vec<Vec<String>> = source
        .measures(|m| m.metric == "accuracy-difference" && m.code_level.is_some())
        .map(|m| vec![name(m), m.code_level.clone().unwrap_or_default(), source.cell(Some(m)), p(source, m, |t| Some(t.p)), shows(source, m).into()])
        .collect();
    let columns = vec![
        words_column("Other candidate"),
        words_column("Code level"),
        metric_column("accuracy-difference"),
        figures_column("p-value"),
        words_column("This candidate is"),
    ];
    (!rows.is_empty()).then(|| folded(&source.of_all("Differences in accuracy at coarser code levels"), columns, rows))
}

/// In which groups a candidate is more and less often right than another; nothing without a figure.
fn by_group(source: &Source<'_>, of: &Measure) -> Option<String> {
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
    (told > 0).then(|| words::groups_told(&name(of), told, more, &less))
}

fn of_groups<'a>(source: &Source<'a>) -> impl Iterator<Item = &'a Measure> {
    source.measures(|m| m.metric == "accuracy-difference" && m.group.is_some())
}

/// Every group against every other candidate.
fn groups(source: &Source<'_>) -> Table {
    let rows = of_groups(source)
        .map(|m| {
            let group = m.group.as_ref().map_or_else(String::new, |g| source.group(g));
            vec![name(m), group, source.records(m), source.cell(Some(m)), p(source, m, |t| t.adjusted_p)]
        })
        .collect();
    let columns = vec![
        words_column("Other candidate"),
        words_column("Group"),
        figures_column("Records"),
        metric_column("accuracy-difference"),
        figures_column("p-value, adjusted for all groups"),
    ];
    folded("Differences in accuracy group by group", columns, rows)
}

fn folded(caption: &str, columns: Vec<Column>, rows: Vec<Vec<String>>) -> Table {
    Table { folded: Some(caption.to_owned()), ..table(caption, columns, rows) }
}
