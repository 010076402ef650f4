//! Reading the keys of a TOML table one by one, so that every wrong, missing and unknown key is reported and not only the first.

use super::sink::Sink;
use super::source::{Source, quote};
use super::value::Value;
use crate::value::{Class, Place, Problem, nearest};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One key of a table.
struct Entry<'a> {
    key: &'a str,
    key_span: Range<usize>,
    raw: &'a Spanned<DeValue<'a>>,
}

/// A table whose keys are read one by one; [`Table::finish`] reports the rest.
pub(super) struct Table<'a> {
    /// Where it begins.
    pub place: Place,
    name: String,
    source: &'a Source,
    entries: Vec<Entry<'a>>,
    known: Vec<&'static str>,
    missing: Vec<(&'static str, &'static str)>,
}

impl<'a> Table<'a> {
    /// The table of a whole file.
    pub fn root(source: &'a Source, tree: &'a Spanned<DeTable<'a>>) -> Self {
        let place = Place { file: source.file.clone(), ..Place::default() };
        Self::new(source, String::new(), place, tree.get_ref())
    }

    /// A table with the name and place that messages give it.
    pub fn new(source: &'a Source, name: String, place: Place, table: &'a DeTable<'a>) -> Self {
        let mut entries: Vec<(usize, Entry<'a>)> =
            table.iter().map(|(key, raw)| (key.span().start, Entry { key: key.get_ref(), key_span: key.span(), raw })).collect();
        entries.sort_by_key(|(start, _)| *start);
        Self { place, name, source, entries: entries.into_iter().map(|(_, e)| e).collect(), known: Vec::new(), missing: Vec::new() }
    }

    /// This table with other values for some keys, nothing read yet.
    pub fn overlaid(&self, others: &[(&'a str, &Value<'a>)]) -> Self {
        let kept = self.entries.iter().filter(|e| !others.iter().any(|(key, _)| *key == e.key));
        let kept = kept.map(|e| Entry { key: e.key, key_span: e.key_span.clone(), raw: e.raw });
        let other = |(key, value): &(&'a str, &Value<'a>)| Entry { key, key_span: value.spanned().span(), raw: value.spanned() };
        let entries = kept.chain(others.iter().map(other)).collect();
        Self { place: self.place.clone(), name: self.name.clone(), source: self.source, entries, known: Vec::new(), missing: Vec::new() }
    }

    /// This table without its keys.
    pub fn emptied(mut self) -> Self {
        self.entries.clear();
        self
    }

    /// All keys with their values and the places of the keys, in the order of the file; makes every key known.
    pub fn all(&self) -> Vec<(&'a str, Value<'a>, Place)> {
        self.entries.iter().map(|e| (e.key, self.value(e), self.source.place(e.key_span.clone()))).collect()
    }

    fn value(&self, entry: &Entry<'a>) -> Value<'a> {
        Value::of(self.source, entry.key.to_owned(), entry.key_span.clone(), entry.raw)
    }

    /// True when the key is there; says nothing about whether it is known.
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|e| e.key == key)
    }

    /// A problem at the head of the table.
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(Class::Study, message).at(self.place.clone())
    }

    /// The value of an optional key.
    pub fn take(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.known.push(key);
        let entry = self.entries.iter().find(|e| e.key == key)?;
        Some(self.value(entry))
    }

    /// The value of a required key; `remedy` says what to write when it is missing.
    pub fn need(&mut self, key: &'static str, remedy: &'static str) -> Option<Value<'a>> {
        let value = self.take(key);
        if value.is_none() {
            self.missing.push((key, remedy));
        }
        value
    }

    /// Refuses a key that is right elsewhere but not here.
    pub fn refuse(&mut self, key: &str, message: &str, remedy: &str, out: &mut Sink) {
        if let Some(i) = self.entries.iter().position(|e| e.key == key) {
            let entry = self.entries.remove(i);
            out.push(Problem::new(Class::Study, message).at(self.source.place(entry.key_span)).remedy(remedy));
        }
    }

    /// An optional text that is not blank.
    pub fn filled(&mut self, key: &'static str, out: &mut Sink) -> Option<String> {
        self.take(key)?.filled(out)
    }

    /// An optional text; a blank one counts as not given.
    pub fn optional(&mut self, key: &'static str, out: &mut Sink) -> Option<String> {
        self.take(key)?.text(out).filter(|text| !text.trim().is_empty())
    }

    /// The head of the table for messages: "[split]", or "the file".
    fn head(&self) -> String {
        if self.name.is_empty() { "the file".to_owned() } else { format!("[{}]", self.name) }
    }

    /// Reports every key that nobody asked for, and every required key that is missing.
    pub fn finish(mut self, out: &mut Sink) {
        for entry in &self.entries {
            if self.known.contains(&entry.key) {
                continue;
            }
            let absent: Vec<&str> = self.known.iter().copied().filter(|k| !self.entries.iter().any(|e| e.key == *k)).collect();
            let near = nearest(entry.key, absent.iter().copied()).or_else(|| nearest(entry.key, self.known.iter().copied()));
            let remedy = match near {
                Some(near) => format!("did you mean {}?", quote(near)),
                None if self.known.is_empty() => format!("{} takes no keys", self.head()),
                None => format!("the keys of {} are: {}", self.head(), self.known.join(", ")),
            };
            self.missing.retain(|(key, _)| Some(*key) != near);
            out.push(Problem::new(Class::Study, format!("unknown key {}", quote(entry.key))).at(self.source.place(entry.key_span.clone())).remedy(remedy));
        }
        for (key, remedy) in &self.missing {
            let message = if self.name.is_empty() { format!("{} is missing", quote(key)) } else { format!("{} is missing in {}", quote(key), self.head()) };
            out.push(self.problem(message).remedy(*remedy));
        }
    }
}
