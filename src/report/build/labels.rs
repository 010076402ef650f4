//! How far the true codes can be trusted: what double coding shows, and the model beside it.

use super::accuracy::overall;
use super::source::{Source, figures_column, table, words_column};
use crate::measure::Measure;
use crate::metric::{Scope, find};
use crate::report::card::{Block, Table};
use crate::report::words;

/// The section; empty without double coding.
pub fn labels(source: &Source<'_>) -> Vec<Block> {
    let of_coders = |m: &Measure| find(&m.metric).is_some_and(|k| k.scope == Scope::Coders);
    let measures: Vec<&Measure> = source.measures(|m| overall(m) && of_coders(m)).collect();
    if measures.is_empty() {
        return Vec::new();
    }
    let at = |metric: &str| measures.iter().copied().find(|m| m.metric == metric && m.code_level.is_none()).filter(|m| source.estimate(m).is_some());
    let mut blocks = Vec::new();
    if let (Some(agreement), Some(coder), Some(model)) = (at("coder-agreement"), at("coder-accuracy"), at("accuracy-double-coded")) {
        let cell = |m: &Measure| source.cell(Some(m));
        blocks.push(Block::Text(words::human_ceiling(&source.records(agreement), &cell(agreement), &cell(coder), &cell(model))));
    }
    let rows = measures.iter().map(|m| vec![source.measure_name(m), source.cell(Some(m)), source.records(m)]).collect();
    let columns = vec![words_column("Measure"), figures_column("Estimate"), figures_column("Records")];
    blocks.push(Block::Table(table("Double-coded records of the test part", columns, rows)));
    let groups: Vec<Vec<String>> = source
        .measures(|m| m.metric == "coder-agreement" && m.group.as_ref().is_some_and(|g| g.variables.len() == 1))
        .map(|m| vec![m.group.as_ref().map_or_else(String::new, |g| source.group(g)), source.cell(Some(m)), source.records(m)])
        .collect();
    if !groups.is_empty() {
        let columns = vec![words_column("Group"), figures_column("Agreement of two coders"), figures_column("Records")];
        blocks.push(Block::Table(Table { folded: Some(words::BY_GROUP.to_owned()), ..table("Agreement of two coders by group", columns, groups) }));
    }
    blocks
}
