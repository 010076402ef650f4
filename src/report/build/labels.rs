//! How far the true codes can be trusted: what double coding shows, the model beside it, and the codes that look wrong to it.

use super::accuracy::overall;
use super::source::{Source, figures_column, metric_column, table, words_column};
use crate::measure::{GroupCell, Measure};
use crate::metric::{Scope, find};
use crate::report::card::{Block, Table};
use crate::report::locale::say;
use crate::report::words;

/// The section: double coding, then what the candidate itself suspects; empty without either.
pub fn labels(source: &Source<'_>) -> Vec<Block> {
    let mut blocks = coders(source);
    blocks.extend(suspects(source));
    blocks
}

/// Rows of suspected codes that are open.
const OPEN: usize = 15;

/// How many true codes look wrong to the candidate, by code and group.
fn suspects(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let of = |m: &Measure| m.metric == "suspect-labels";
    let Some(whole) = source.measures(|m| of(m) && overall(m)).find(|m| source.estimate(m).is_some()) else { return Vec::new() };
    let mut blocks = vec![Block::Text(words::suspects(w, &source.cell(Some(whole)), &source.records(whole)))];
    let mut codes: Vec<&Measure> = source.measures(|m| of(m) && m.code.is_some()).filter(|m| source.estimate(m).is_some()).collect();
    codes.sort_by(|a, b| {
        let value = |m: &Measure| source.estimate(m).map_or(0.0, |e| e.value);
        value(b).total_cmp(&value(a))
    });
    codes.truncate(OPEN);
    let rows: Vec<Vec<String>> =
        codes.iter().map(|m| vec![m.code.as_deref().map_or_else(String::new, |c| source.code(c)), source.cell(Some(m)), source.records(m)]).collect();
    if !rows.is_empty() {
        let columns = vec![words_column(say!(w, "col-true-code")), metric_column(w, "suspect-labels"), figures_column(say!(w, "col-records-with-it"))];
        blocks.push(Block::Table(Table { folded: Some(say!(w, "suspects-by-code")), ..table(say!(w, "suspects-by-code"), columns, rows) }));
    }
    let groups: Vec<Vec<String>> = source
        .measures(|m| of(m) && m.group.as_ref().is_some_and(|g| g.variables.len() == 1))
        .map(|m| vec![m.group.as_ref().map_or_else(String::new, |g| source.group(g)), source.cell(Some(m)), source.records(m)])
        .collect();
    if !groups.is_empty() {
        let columns = vec![words_column(say!(w, "col-group")), metric_column(w, "suspect-labels"), figures_column(say!(w, "col-records"))];
        blocks.push(Block::Table(Table { folded: Some(say!(w, "suspects-by-group")), ..table(say!(w, "suspects-by-group"), columns, groups) }));
    }
    blocks
}

/// What double coding shows; empty without it.
fn coders(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let of_coders = |m: &Measure| find(&m.metric).is_some_and(|k| k.scope == Scope::Coders);
    let measures: Vec<&Measure> = source.measures(|m| overall(m) && of_coders(m)).collect();
    if measures.is_empty() {
        return Vec::new();
    }
    let at = |metric: &str| measures.iter().copied().find(|m| m.metric == metric && m.code_level.is_none()).filter(|m| source.estimate(m).is_some());
    let mut blocks = Vec::new();
    if let (Some(agreement), Some(coder), Some(model)) = (at("coder-agreement"), at("coder-accuracy"), at("accuracy-double-coded")) {
        let cell = |m: &Measure| source.cell(Some(m));
        blocks.push(Block::Text(words::human_ceiling(w, &source.records(agreement), &cell(agreement), &cell(coder), &cell(model))));
        if let Some(less) = at("accuracy-less-coder") {
            let interval = source.estimate(less).and_then(|e| e.interval).map(|i| (i.lower, i.upper));
            blocks.push(Block::Text(words::against_coder(w, &cell(less), interval)));
        }
    }
    let rows = measures.iter().map(|m| vec![source.measure_name(m), source.cell(Some(m)), source.records(m)]).collect();
    let columns = vec![words_column(say!(w, "col-measure")), figures_column(say!(w, "col-estimate")), figures_column(say!(w, "col-records"))];
    blocks.push(Block::Table(table(say!(w, "coders-caption"), columns, rows)));
    let by_group = |metric: &str| {
        let pick = |m: &&Measure| m.group.as_ref().is_some_and(|g| g.variables.len() == 1) && m.metric == metric;
        source.measures(|_| true).filter(|m| pick(m)).filter_map(|m| m.group.as_ref().map(|g| (g, m))).collect::<Vec<_>>()
    };
    let (kappas, alphas) = (by_group("coder-kappa"), by_group("coder-alpha"));
    let beside = |list: &[(&GroupCell, &Measure)], group: &GroupCell| source.cell(list.iter().find(|(g, _)| *g == group).map(|(_, m)| *m));
    let groups: Vec<Vec<String>> = by_group("coder-agreement")
        .into_iter()
        .map(|(g, m)| vec![source.group(g), source.cell(Some(m)), beside(&kappas, g), beside(&alphas, g), source.records(m)])
        .collect();
    if !groups.is_empty() {
        let columns = vec![
            words_column(say!(w, "col-group")),
            metric_column(w, "coder-agreement"),
            // Evidence of earlier versions has neither by group, and perhaps no entry in the glossary to point to.
            if kappas.is_empty() { figures_column(say!(w, "col-kappa")) } else { metric_column(w, "coder-kappa") },
            if alphas.is_empty() { figures_column(say!(w, "col-alpha")) } else { metric_column(w, "coder-alpha") },
            figures_column(say!(w, "col-records")),
        ];
        blocks.push(Block::Table(Table { folded: Some(say!(w, "coders-by-group-fold")), ..table(say!(w, "coders-by-group"), columns, groups) }));
    }
    blocks
}
