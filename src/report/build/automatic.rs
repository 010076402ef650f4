//! What is promised of records coded without a clerk, what remains under the conditions, and what a clerk would be shown.

use super::source::{Source, figures_column, metric_column, table, words_column};
use crate::judge::Condition;
use crate::measure::{GroupCell, Measure, Remaining};
use crate::metric::of_confidence;
use crate::report::card::{Block, Table};
use crate::report::locale::say;
use crate::report::words::automation;

/// How the threshold was chosen for the policy's promise, and what the test part says of it; empty without a promise.
pub fn promise(source: &Source<'_>, accuracy: Option<&Measure>) -> Vec<Block> {
    let w = source.words;
    let Some(promise) = source.verdict.policy.automatic_promise else { return Vec::new() };
    let mut text = automation::promise(w, &promise);
    let choice = source.evidence.automatic.as_ref().filter(|c| c.promise == promise);
    text.push(' ');
    text.push_str(&choice.map_or_else(|| say!(w, "promise-other"), |c| automation::chosen(w, c)));
    if let Some(interval) = accuracy.and_then(|m| source.estimate(m)).and_then(|e| e.interval) {
        text.push(' ');
        text.push_str(&automation::borne_out(w, interval.lower, interval.upper, &promise));
    }
    let threshold = source.automatic();
    let deepest = choice.filter(|_| threshold.is_none()).and_then(|c| c.levels.iter().find_map(|l| Some((l.code_level.as_ref()?, l.choice.threshold()?))));
    if let Some((level, threshold)) = deepest {
        text.push(' ');
        text.push_str(&automation::deepest(w, &source.foreign(level), threshold));
    }
    vec![if threshold.is_some() { Block::Text(text) } else { Block::Note(text) }]
}

/// The choice for each code level, folded; nothing where there is only one.
pub fn levels(source: &Source<'_>) -> Option<Block> {
    let w = source.words;
    let promise = source.verdict.policy.automatic_promise?;
    let choice = source.evidence.automatic.as_ref().filter(|c| c.promise == promise && c.levels.len() > 1)?;
    let full = source.evidence.data.code_levels.last().map_or_else(|| say!(w, "full-code"), |l| source.foreign(l));
    let rows = choice
        .levels
        .iter()
        .map(|l| {
            let at = |metric: &str| {
                let threshold = l.choice.threshold()?;
                source
                    .measures(|m| {
                        m.metric == metric && m.code_level == l.code_level && m.threshold == Some(threshold) && m.group.is_none() && m.contrast.is_none()
                    })
                    .next()
            };
            let cell = |metric: &str| match l.choice.threshold() {
                None => say!(w, "none"),
                Some(_) => source.cell(at(metric)),
            };
            vec![
                l.code_level.as_ref().map_or_else(|| full.clone(), |l| source.foreign(l)),
                automation::level_choice(w, l),
                cell("coded-share"),
                cell("coded-accuracy"),
            ]
        })
        .collect();
    let columns = vec![
        words_column(say!(w, "col-coded-to-level")),
        figures_column(say!(w, "col-confidence-at-least")),
        metric_column(w, "coded-share"),
        metric_column(w, "coded-accuracy"),
    ];
    let caption = say!(w, "levels-caption");
    Some(Block::Table(Table { folded: Some(say!(w, "levels-fold")), ..table(caption, columns, rows) }))
}

/// Coded share and accuracy once the verdict's conditions are kept, where they were measured for just these and may be told.
pub fn left(source: &Source<'_>) -> Option<(Measure, Measure)> {
    let remaining = source.evidence.remaining.as_ref().filter(|r| Some(r.threshold) == source.automatic() && fits(source, r))?;
    if !source.disclosure.tells_remaining(source.evidence) {
        return None;
    }
    let of = |metric: &str, outcome| Measure {
        metric: metric.to_owned(),
        code_level: None,
        code: None,
        threshold: Some(remaining.threshold),
        group: None,
        contrast: None,
        versus: None,
        outcome,
    };
    Some((of("coded-share", remaining.coded_share.clone()), of("coded-accuracy", remaining.coded_accuracy.clone())))
}

/// Whether what remains was measured under the verdict's own conditions: it may have been judged again under another policy.
fn fits(source: &Source<'_>, remaining: &Remaining) -> bool {
    let (mut groups, mut codes): (Vec<GroupCell>, Vec<&str>) = (Vec::new(), Vec::new());
    for condition in &source.verdict.conditions {
        match condition {
            Condition::ClerkForGroup { variables, values, .. } => groups.push(GroupCell { variables: variables.clone(), values: values.clone() }),
            Condition::ClerkForCode { code, .. } => codes.push(code),
            _ => {}
        }
    }
    groups.len() + codes.len() > 0
        && groups.iter().all(|g| remaining.groups.contains(g))
        && remaining.groups.iter().all(|g| groups.contains(g))
        && codes.iter().all(|c| remaining.codes.iter().any(|r| r == c))
        && remaining.codes.iter().all(|r| codes.contains(&r.as_str()))
}

/// What the clerk's list of suggestions does; empty where there is no rule for one.
pub fn suggestions(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let Some(rule) = &source.evidence.suggestions else { return Vec::new() };
    let of = |metric: &str| source.measures(|m| m.metric == metric && m.group.is_none() && m.contrast.is_none()).next();
    let (Some(coverage), Some(size)) = (of("set-coverage"), of("set-size")) else { return Vec::new() };
    let mut blocks = vec![Block::Heading(say!(w, "suggestions-heading"))];
    if source.estimate(coverage).is_none() {
        blocks.push(Block::Text(super::source::upper_first(&format!("{}.", source.cell(Some(coverage))))));
        return blocks;
    }
    let short = source.estimate(coverage).and_then(|e| e.interval).is_some_and(|i| i.upper < rule.coverage);
    blocks.push(Block::Text(automation::suggestions(w, rule, &source.cell(Some(coverage)), &source.cell(Some(size)), short)));
    let groups: Vec<Vec<String>> = source
        .measures(|m| m.metric == "set-coverage" && m.group.as_ref().is_some_and(|g| g.variables.len() == 1))
        .map(|m| {
            let size = source.measures(|s| s.metric == "set-size" && s.group == m.group).next();
            // Where the coverage may not be told, the length of the lists need not be either.
            let size = if source.estimate(m).is_some() { source.cell(size) } else { source.cell(Some(m)) };
            vec![m.group.as_ref().map_or_else(String::new, |g| source.group(g)), source.cell(Some(m)), size, source.records(m)]
        })
        .collect();
    let gaps: Vec<Vec<String>> = source
        .measures(|m| m.metric == "set-coverage-gap")
        .map(|m| {
            vec![
                m.contrast.as_ref().map_or_else(String::new, |c| say!(w, "mean-gap-between", grouping = source.grouping(&c.variables))),
                source.cell(Some(m)),
                say!(w, "suggestions-no-size"),
                source.records(m),
            ]
        })
        .collect();
    if !groups.is_empty() {
        let columns =
            vec![words_column(say!(w, "col-group")), metric_column(w, "set-coverage"), metric_column(w, "set-size"), figures_column(say!(w, "col-records"))];
        let rows = groups.into_iter().chain(gaps).collect();
        let folded = Some(say!(w, "suggestions-by-group"));
        blocks.push(Block::Table(Table { folded, ..table(say!(w, "suggestions-by-group-caption"), columns, rows) }));
    }
    blocks
}

/// The measures of confidence of the whole test part, folded.
pub fn measures_of_confidence(source: &Source<'_>) -> Option<Block> {
    let w = source.words;
    let whole = |m: &Measure| of_confidence(&m.metric) && m.group.is_none() && m.contrast.is_none();
    let rows: Vec<Vec<String>> = source.measures(whole).map(|m| vec![source.measure_name(m), source.cell(Some(m)), source.records(m)]).collect();
    let columns = vec![words_column(say!(w, "col-measure")), figures_column(say!(w, "col-estimate")), figures_column(say!(w, "col-records"))];
    (!rows.is_empty()).then(|| {
        let t = table(say!(w, "confidence-more-caption"), columns, rows);
        Block::Table(Table { folded: Some(say!(w, "confidence-more")), ..t })
    })
}
