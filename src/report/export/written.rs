//! What an export gives: its text, and the fields that the card cannot fill. They are listed for the reader, and never made up.

use super::line;
use crate::report::card::{Block, Card};
use crate::report::facts::{Facts, Figures};
use serde_json::{Map, Value};

/// An exported card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// Fields of the format that nothing in the card fills.
    pub unfilled: Vec<String>,
}

impl Written {
    /// A format that is filled by any card.
    pub fn whole(text: String) -> Self {
        Self { text, unfilled: Vec::new() }
    }
}

/// A JSON object that notes which fields stay empty.
#[derive(Debug, Default)]
pub struct Object {
    fields: Map<String, Value>,
    /// What is lacking, by the names that the caller gave.
    pub lacking: Vec<String>,
}

impl Object {
    /// Sets a field where there is something to set.
    pub fn set(&mut self, key: &str, value: impl Into<Option<Value>>) {
        match value.into().filter(|v| !v.as_str().is_some_and(|s| s.trim().is_empty()) && !v.as_array().is_some_and(Vec::is_empty)) {
            Some(value) => {
                self.fields.insert(key.to_owned(), value);
            }
            None => self.lacking.push(key.to_owned()),
        }
    }

    /// Sets a field to a text, on one line.
    pub fn text(&mut self, key: &str, text: Option<&str>) {
        self.set(key, text.map(|t| Value::from(line(t))));
    }

    /// The object, with what it lacks named below a path.
    pub fn done(self, path: &str, lacking: &mut Vec<String>) -> Value {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}.") };
        lacking.extend(self.lacking.into_iter().map(|key| format!("{prefix}{key}")));
        Value::Object(self.fields)
    }
}

/// Pretty JSON with a line end.
pub fn json(value: &Value) -> String {
    // Strings and finite numbers only, so this cannot fail.
    serde_json::to_string_pretty(value).map_or_else(|_| String::new(), |json| json + "\n")
}

/// A text under a key of the study's purpose.
pub fn purpose<'a>(card: &'a Card, key: &str) -> Option<&'a str> {
    Facts::said(&card.facts.purpose, key)
}

/// The name of somebody who answers for it.
pub fn person<'a>(card: &'a Card, role: &str) -> Option<&'a str> {
    Facts::said(&card.facts.people, role)
}

/// The day the evidence was made, if it is one.
pub fn day(card: &Card) -> Option<&str> {
    let day = card.facts.evaluated.get(..10)?;
    (day.len() == 10 && day.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() })).then_some(day)
}

/// What limits the model: notes of the evaluation, what was not examined, what it is not meant for.
pub fn limits(card: &Card) -> Vec<String> {
    let out_of_scope = card.facts.model.out_of_scope.iter().map(|text| format!("Not meant for: {text}"));
    card.facts.notes.iter().chain(&card.facts.not_examined).cloned().chain(out_of_scope).map(|t| line(&t)).collect()
}

/// Performance that may be shown: of the whole test part, of groups and of codes.
pub fn performance(card: &Card) -> impl Iterator<Item = &Figures> {
    card.facts.estimates.iter().filter(|f| f.value.is_some() && ["all", "group", "code"].contains(&f.scope.as_str()))
}

/// What an estimate is of, beyond the metric: "region = North, at a confidence of at least 0.7"; empty for the whole.
pub fn slice(f: &Figures) -> String {
    let mut parts: Vec<String> = f.group.iter().map(|(variable, value)| format!("{variable} = {value}")).collect();
    if !f.level.is_empty() {
        parts.push(format!("level {}", f.level));
    }
    if !f.code.is_empty() {
        parts.push(format!("code {}", f.code));
    }
    parts.extend(f.threshold.map(|t| format!("confidence at least {t}")));
    line(&parts.join(", "))
}

/// The paragraphs of a section, for formats that want one text.
pub fn section(card: &Card, id: &str) -> Option<String> {
    let section = card.sections.iter().find(|s| s.id == id)?;
    let texts: Vec<&str> = section.blocks.iter().filter_map(|b| if let Block::Text(t) | Block::Note(t) = b { Some(t.as_str()) } else { None }).collect();
    (!texts.is_empty()).then(|| line(&texts.join(" ")))
}
