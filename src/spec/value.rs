//! One value of a TOML file with its place: read as a text, a number, a list, or refused with a remedy.

use super::sink::Sink;
use super::source::{Source, quote};
use super::table::Table;
use crate::value::{Class, Place, Problem, nearest};
use std::ops::Range;
use toml::Spanned;
use toml::de::DeValue;

/// The numbers that a key allows.
#[derive(Clone, Copy)]
pub(super) enum Limits {
    /// Strictly between.
    Between(f64, f64),
    /// From the first on, below the second.
    FromBelow(f64, f64),
    /// From the first to the second, both allowed.
    FromTo(f64, f64),
    /// Above the first, up to the second.
    AboveTo(f64, f64),
}

impl Limits {
    fn allow(self, x: f64) -> bool {
        match self {
            Self::Between(a, b) => x > a && x < b,
            Self::FromBelow(a, b) => x >= a && x < b,
            Self::FromTo(a, b) => x >= a && x <= b,
            Self::AboveTo(a, b) => x > a && x <= b,
        }
    }

    fn words(self) -> String {
        match self {
            Self::FromTo(f64::MIN, f64::MAX) => "a number".to_owned(),
            Self::FromTo(a, f64::MAX) => format!("a number from {a} up"),
            Self::Between(a, b) => format!("a number above {a} and below {b}"),
            Self::FromBelow(a, b) => format!("a number from {a} to below {b}"),
            Self::FromTo(a, b) => format!("a number from {a} to {b}"),
            Self::AboveTo(a, b) => format!("a number above {a}, at most {b}"),
        }
    }
}

/// A value with its name and place.
#[derive(Clone)]
pub(super) struct Value<'a> {
    /// The key as messages name it; the items of a list bear the name of the list.
    pub name: String,
    /// Where it is.
    pub place: Place,
    raw: &'a Spanned<DeValue<'a>>,
    source: &'a Source,
}

impl<'a> Value<'a> {
    /// The value of a key.
    pub fn of(source: &'a Source, name: String, key: Range<usize>, raw: &'a Spanned<DeValue<'a>>) -> Self {
        Self { name, place: Value::place_of(source, Some(key), raw), raw, source }
    }

    /// The key of a table written `{ … }`, the header of any other, the value itself otherwise.
    pub fn place_of(source: &Source, key: Option<Range<usize>>, value: &Spanned<DeValue<'_>>) -> Place {
        let span = value.span();
        let inline = value.get_ref().is_table() && source.slice(span.clone()).starts_with('{');
        source.place(if inline { key.unwrap_or(span) } else { span })
    }

    /// A problem at this value.
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(Class::Study, message).at(self.place.clone())
    }

    fn wrong(&self, wanted: &str, out: &mut Sink) {
        let has = match self.raw.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(f) if f.as_str().ends_with("nan") => "not a number",
            DeValue::Float(f) if f.as_str().ends_with("inf") => "infinite",
            DeValue::Float(_) => "a number with a decimal point",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let mut problem = self.problem(format!("{} must be {wanted}, but is {has}", quote(&self.name)));
        let written = self.source.slice(self.raw.span());
        let short = !written.is_empty() && written.len() < 40 && !written.contains('\n');
        if wanted.starts_with("a text")
            && matches!(self.raw.get_ref(), DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Boolean(_))
            && short
        {
            problem = problem.remedy(format!("put it in double quotes: \"{written}\""));
        } else if wanted.starts_with("a list") && self.raw.get_ref().is_str() && short {
            problem = problem.remedy(format!("put it in square brackets: [{written}]"));
        } else if let DeValue::String(text) = self.raw.get_ref()
            && (wanted.contains("number") && text.parse::<f64>().is_ok_and(f64::is_finite) || wanted.starts_with("true") && (text == "true" || text == "false"))
        {
            problem = problem.remedy(format!("leave the quotes away: {text}"));
        }
        out.push(problem);
    }

    /// A text, also an empty one.
    pub fn text(&self, out: &mut Sink) -> Option<String> {
        let text = self.raw.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong("a text", out);
        }
        text
    }

    /// A text that is not blank.
    pub fn filled(&self, out: &mut Sink) -> Option<String> {
        let text = self.text(out)?;
        if text.trim().is_empty() {
            out.push(self.problem(format!("{} is blank", quote(&self.name))).remedy("write it out, or leave the key away where it is optional"));
            return None;
        }
        Some(text)
    }

    /// A date as text: a TOML date, or a text.
    pub fn date_text(&self, out: &mut Sink) -> Option<String> {
        match self.raw.get_ref() {
            DeValue::Datetime(date) => Some(date.to_string()),
            _ => self.text(out),
        }
    }

    /// A finite number within limits.
    pub fn number(&self, limits: Limits, out: &mut Sink) -> Option<f64> {
        let number = match self.raw.get_ref() {
            DeValue::Float(f) => f.as_str().parse::<f64>().ok(),
            DeValue::Integer(i) => i128::from_str_radix(i.as_str(), i.radix()).ok().map(|i| i as f64),
            _ => None,
        };
        let Some(number) = number.filter(|x| x.is_finite()) else {
            self.wrong(&limits.words(), out);
            return None;
        };
        if !limits.allow(number) {
            let mut problem = self.problem(format!("{} must be {}, but is {}", quote(&self.name), limits.words(), self.source.slice(self.raw.span())));
            if number > 1.0 && number <= 100.0 && limits.allow(number / 100.0) {
                problem = problem.remedy(format!("write percentages as shares: {}", number / 100.0));
            }
            out.push(problem);
            return None;
        }
        Some(number)
    }

    /// A whole number from `low` to `high`.
    pub fn whole(&self, low: u64, high: u64, out: &mut Sink) -> Option<u64> {
        let words = if high >= i64::MAX as u64 { format!("a whole number from {low} up") } else { format!("a whole number from {low} to {high}") };
        let DeValue::Integer(written) = self.raw.get_ref() else {
            self.wrong(&words, out);
            return None;
        };
        let number = u64::from_str_radix(written.as_str(), written.radix()).ok().filter(|n| (low..=high).contains(n));
        if number.is_none() {
            out.push(self.problem(format!("{} must be {words}, but is {}", quote(&self.name), self.source.slice(self.raw.span()))));
        }
        number
    }

    /// True or false.
    pub fn flag(&self, out: &mut Sink) -> Option<bool> {
        let flag = self.raw.get_ref().as_bool();
        if flag.is_none() {
            self.wrong("true or false", out);
        }
        flag
    }

    /// One of several words.
    pub fn choice<T: Copy>(&self, choices: &[(&'static str, T)], out: &mut Sink) -> Option<T> {
        let text = self.text(out)?;
        if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == text) {
            return Some(*choice);
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        out.push(self.problem(format!("{} cannot be {}", quote(&self.name), quote(&text))).remedy(suggestion(&text, &names)));
        None
    }

    /// The items of a list.
    pub fn list(&self, out: &mut Sink) -> Option<Vec<Value<'a>>> {
        let Some(items) = self.raw.get_ref().as_array() else {
            self.wrong("a list", out);
            return None;
        };
        Some(items.iter().map(|raw| Value { name: self.name.clone(), place: self.source.place(raw.span()), raw, source: self.source }).collect())
    }

    /// A list of texts, none blank, none twice, each with its place.
    pub fn texts(&self, out: &mut Sink) -> Option<Vec<(String, Value<'a>)>> {
        let items = self.list(out)?;
        let wanted = items.len();
        let mut texts: Vec<(String, Value<'a>)> = Vec::new();
        for item in items {
            let Some(text) = item.filled(out) else { continue };
            if texts.iter().any(|(other, _)| *other == text) {
                out.push(item.problem(format!("{} is listed twice in {}", quote(&text), quote(&self.name))).remedy("remove one of the two"));
                continue;
            }
            texts.push((text, item));
        }
        (texts.len() == wanted).then_some(texts)
    }

    /// A table.
    pub fn table(&self, out: &mut Sink) -> Option<Table<'a>> {
        let Some(table) = self.raw.get_ref().as_table() else {
            self.wrong("a table", out);
            return None;
        };
        Some(Table::new(self.source, self.name.clone(), self.place.clone(), table))
    }

    /// The value as the file has it.
    pub fn spanned(&self) -> &'a Spanned<DeValue<'a>> {
        self.raw
    }

    /// The value as it is written.
    pub fn written(&self) -> String {
        self.source.slice(self.raw.span()).to_owned()
    }

    /// The kind of value it is.
    pub fn raw(&self) -> &'a DeValue<'a> {
        self.raw.get_ref()
    }

    /// Its first byte.
    pub fn start(&self) -> usize {
        self.raw.span().start
    }
}

/// "did you mean …", or the choices when none is near.
pub(super) fn suggestion(name: &str, names: &[&str]) -> String {
    match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean {}?", quote(near)),
        None if names.is_empty() => "there is nothing to choose from".to_owned(),
        None if names.len() > 40 => format!("it is one of {} names, the first of them {}", names.len(), quote(names[0])),
        None => format!("it is one of: {}", names.join(", ")),
    }
}

/// An id that may name a folder on any system.
pub(super) fn id(value: &Value<'_>, taken: &mut Vec<String>, out: &mut Sink) -> Option<String> {
    let text = value.filled(out)?;
    let fit = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let edges = !text.starts_with('-') && !text.ends_with('-');
    let reserved = ["con", "prn", "aux", "nul"].contains(&text.as_str())
        || (text.len() == 4 && (text.starts_with("com") || text.starts_with("lpt")) && text.ends_with(|c: char| c.is_ascii_digit()));
    if !fit || !edges || reserved || text.len() > 64 {
        let problem = value.problem(format!("{} cannot be {}", quote(&value.name), quote(&text)));
        out.push(problem.remedy("an id names a folder: lower-case letters a to z, digits and inner hyphens, at most 64, and no name that a system reserves"));
        return None;
    }
    if taken.contains(&text) {
        out.push(value.problem(format!("the id {} is given twice", quote(&text))).remedy("give each its own id"));
        return None;
    }
    taken.push(text.clone());
    Some(text)
}
