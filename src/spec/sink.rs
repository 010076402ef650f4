//! What reading leaves besides values: every problem, and the place of every key.

use super::source::Source;
use super::value::Value;
use crate::value::{Failure, Place, Problem};
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What reading leaves besides values: problems, and the place of every key.
#[derive(Default)]
pub(super) struct Sink {
    problems: Vec<Problem>,
    syntax: Vec<Problem>,
    broken: BTreeSet<String>,
    /// Place of every key path.
    pub places: BTreeMap<String, Place>,
    /// Every file read: name and text, in the order read.
    pub sources: Vec<(String, String)>,
}

impl Sink {
    /// Adds a problem.
    pub fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Adds the errors of syntax of a file; when its tree is not whole, nothing else is said about that file.
    pub fn syntax(&mut self, file: &str, problems: Vec<Problem>, whole: bool) {
        self.syntax.extend(problems);
        if !whole {
            self.broken.insert(file.to_owned());
        }
    }

    /// True when nothing was found wrong.
    pub fn clean(&self) -> bool {
        self.problems.is_empty() && self.syntax.is_empty()
    }

    /// All problems in the order of files and lines.
    pub fn failure(mut self) -> Failure {
        let file = |p: &Problem| p.place.as_ref().map(|p| p.file.clone()).unwrap_or_default();
        self.problems.retain(|p| !self.broken.contains(&file(p)));
        let mut all = self.syntax;
        all.append(&mut self.problems);
        all.sort_by_key(|p| {
            let name = file(p);
            let place = p.place.as_ref();
            (self.sources.iter().position(|(n, _)| *n == name), place.and_then(|p| p.line), place.and_then(|p| p.column))
        });
        all.dedup();
        Failure::of(all)
    }

    /// Records the place of every key below a table under a prefix; places recorded before win.
    pub fn record(&mut self, source: &Source, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table.iter() {
            let path = format!("{prefix}{}", key.get_ref());
            let place = Value::place_of(source, Some(key.span()), value);
            self.places.entry(path.clone()).or_insert(place);
            self.record_value(source, &path, value);
        }
    }

    fn record_value(&mut self, source: &Source, path: &str, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.record(source, &format!("{path}."), table),
            DeValue::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    let path = format!("{path}[{i}]");
                    self.places.entry(path.clone()).or_insert_with(|| source.place(item.span()));
                    self.record_value(source, &path, item);
                }
            }
            _ => {}
        }
    }
}
