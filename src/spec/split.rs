//! Reads `[split]`: how the records are parted into training, tuning and test part.

use super::sink::Sink;
use super::source::quote;
use super::table::Table;
use super::value::{Limits, Value, suggestion};
use crate::data::{DatasetDescription, Role, SplitPlan};
use crate::value::Day;

/// Share of the training part that tunes where it is drawn and nothing is said.
pub(super) const TUNE_SHARE: f64 = 0.1;

#[derive(Clone, Copy, PartialEq)]
enum By {
    Date,
    Column,
    Group,
    Random,
}

const BY: [(&str, By); 4] = [("date", By::Date), ("column", By::Column), ("group", By::Group), ("random", By::Random)];

/// Keys of each way to split, for "that key belongs to another way".
const KEYS: [(By, &[&str]); 4] = [
    (By::Date, &["column", "test_from", "tune_from", "tune_share"]),
    (By::Column, &["column", "train", "tune", "test", "tune_share"]),
    (By::Group, &["column", "test_share", "tune_share"]),
    (By::Random, &["test_share", "tune_share"]),
];

/// Reads the plan; `data` is absent when the description could not be read, and then columns go unchecked.
pub(super) fn read(value: &Value<'_>, data: Option<&DatasetDescription>, out: &mut Sink) -> Option<SplitPlan> {
    let mut table = value.table(out)?;
    let by = table.need("by", "say how to part the records: by = \"date\", \"column\", \"group\" or \"random\"").and_then(|v| v.choice(&BY, out));
    let Some(by) = by else {
        for key in ["column", "test_from", "tune_from", "train", "tune", "test", "test_share", "tune_share"] {
            table.take(key);
        }
        table.finish(out);
        return None;
    };
    let own = KEYS.iter().find(|(b, _)| *b == by).map_or(&[][..], |(_, k)| k);
    for key in ["column", "test_from", "tune_from", "train", "tune", "test", "test_share", "tune_share"].into_iter().filter(|k| !own.contains(k)) {
        let others: Vec<&str> = KEYS.iter().filter(|(_, keys)| keys.contains(&key)).map(|(b, _)| b.name()).collect();
        let remedy = format!("it is for a split by {}; the keys here are: by, {}", others.join(" or "), own.join(", "));
        table.refuse(key, &format!("`{key}` has no meaning when the split is by {}", by.name()), &remedy, out);
    }
    let plan = match by {
        By::Date => date(&mut table, data, out),
        By::Column => column_values(&mut table, data, out),
        By::Group => {
            let column = column(&mut table, &[Role::Psu, Role::Split, Role::Group, Role::Stratum, Role::Category], data, out);
            let shares = shares(&mut table, out);
            column.zip(shares).map(|(column, (test_share, tune_share))| SplitPlan::Group { column, test_share, tune_share })
        }
        By::Random => shares(&mut table, out).map(|(test_share, tune_share)| SplitPlan::Random { test_share, tune_share }),
    };
    table.finish(out);
    plan
}

impl By {
    fn name(self) -> &'static str {
        BY.iter().find(|(_, b)| *b == self).map_or("", |(n, _)| n)
    }
}

fn column(table: &mut Table<'_>, roles: &[Role], data: Option<&DatasetDescription>, out: &mut Sink) -> Option<String> {
    let value = table.need("column", "name the column: column = \"…\"")?;
    let name = value.filled(out)?;
    described(&name, &value, roles, data, out).then_some(name)
}

/// True when a column is described with one of the roles; otherwise says what to do.
pub(super) fn described(name: &str, value: &Value<'_>, roles: &[Role], data: Option<&DatasetDescription>, out: &mut Sink) -> bool {
    let Some(data) = data else { return true };
    let fitting: Vec<&str> = data.columns.iter().filter(|c| c.roles.iter().any(|r| roles.contains(r))).map(|c| c.name.as_str()).collect();
    if fitting.contains(&name) {
        return true;
    }
    let role_names: Vec<String> = roles.iter().map(|r| format!("\"{}\"", r.name())).collect();
    let problem =
        if data.columns.iter().any(|c| c.name == name) {
            let many = if roles.len() == 1 { "the role" } else { "one of the roles" };
            value
                .problem(format!("column {} is not described as {}", quote(name), roles.iter().map(|r| r.name()).collect::<Vec<_>>().join(", ")))
                .remedy(format!("give it {many} {} in {}", role_names.join(", "), data.file))
        } else {
            let remedy = match crate::value::nearest(name, fitting.iter().copied()) {
                Some(near) => format!("did you mean {}?", quote(near)),
                None if fitting.is_empty() => format!("describe it there with the role {}", role_names.join(" or ")),
                None => format!("describe it there, or take one of: {}", fitting.join(", ")),
            };
            value.problem(format!("column {} is not described in {}", quote(name), data.file)).remedy(remedy)
        };
    out.push(problem);
    false
}

fn day(value: Option<Value<'_>>, out: &mut Sink) -> Option<Day> {
    let value = value?;
    let text = value.date_text(out)?;
    let day = Day::parse(&text);
    if day.is_none() {
        out.push(value.problem(format!("{} is not a date: {}", quote(&value.name), quote(&text))).remedy("write \"YYYY-MM-DD\", \"YYYY-MM\" or \"YYYY\""));
    }
    day
}

fn share(value: Option<Value<'_>>, default: f64, out: &mut Sink) -> Option<f64> {
    value.map_or(Some(default), |v| v.number(Limits::Between(0.0, 1.0), out))
}

fn date(table: &mut Table<'_>, data: Option<&DatasetDescription>, out: &mut Sink) -> Option<SplitPlan> {
    let column = column(table, &[Role::Date], data, out);
    let test_from = day(table.need("test_from", "give the first day of the test part: test_from = \"2025-07\""), out);
    let written = table.take("tune_from");
    let tune_from = match &written {
        None => Some(None),
        Some(v) => day(Some(v.clone()), out).map(Some),
    };
    let tune_share = drawn(table, written.is_some(), "tune_from", out);
    if let (Some(test), Some(Some(tune)), Some(v)) = (test_from, tune_from, &written)
        && tune >= test
    {
        out.push(
            v.problem("the tuning part begins on or after the first day of the test part")
                .remedy("the tuning part lies before the test part: `tune_from` before `test_from`"),
        );
        return None;
    }
    Some(SplitPlan::Date { column: column?, test_from: test_from?, tune_from: tune_from?, tune_share: tune_share? })
}

/// `tune_share`, which has no meaning when the tuning part is already given by another key.
fn drawn(table: &mut Table<'_>, given: bool, by: &str, out: &mut Sink) -> Option<f64> {
    let value = table.take("tune_share");
    if let Some(v) = value.as_ref().filter(|_| given) {
        out.push(v.problem(format!("the tuning part is given twice, by `{by}` and by `tune_share`")).remedy("remove one of the two"));
        return None;
    }
    share(value, TUNE_SHARE, out)
}

fn column_values(table: &mut Table<'_>, data: Option<&DatasetDescription>, out: &mut Sink) -> Option<SplitPlan> {
    let column = column(table, &[Role::Split, Role::Group, Role::Stratum, Role::Psu, Role::Category], data, out);
    let train = table.need("train", "list the column's values for training: train = [\"…\"]");
    let tune = table.take("tune");
    let test = table.need("test", "list the column's values for testing: test = [\"…\"]");
    let mut seen: Vec<(String, String)> = Vec::new();
    let mut values = |value: &Option<Value<'_>>, out: &mut Sink| -> Option<Vec<String>> {
        let value = value.as_ref()?;
        let texts = value.texts(out)?;
        if texts.is_empty() {
            out.push(value.problem(format!("{} is empty", quote(&value.name))).remedy("list at least one value of the column"));
            return None;
        }
        let mut fits = true;
        for (text, item) in &texts {
            if let Some((_, other)) = seen.iter().find(|(t, _)| t == text) {
                out.push(
                    item.problem(format!("the value {} is in two parts, {} and {}", quote(text), quote(other), quote(&value.name)))
                        .remedy("a record belongs to one part"),
                );
                fits = false;
            }
            seen.push((text.clone(), value.name.clone()));
        }
        fits.then(|| texts.into_iter().map(|(t, _)| t).collect())
    };
    let (train_values, tune_values, test_values) = (values(&train, out), values(&tune, out), values(&test, out));
    let tune_share = drawn(table, tune.is_some(), "tune", out);
    let tune = if tune.is_none() { Some(Vec::new()) } else { tune_values };
    Some(SplitPlan::Column { column: column?, train: train_values?, tune: tune?, test: test_values?, tune_share: tune_share? })
}

fn shares(table: &mut Table<'_>, out: &mut Sink) -> Option<(f64, f64)> {
    let written = table.need("test_share", "say how much is kept for testing: test_share = 0.2");
    let test = written.as_ref().and_then(|v| v.number(Limits::Between(0.0, 1.0), out));
    let tune = share(table.take("tune_share"), TUNE_SHARE, out);
    let (test, tune) = (test?, tune?);
    if test + tune >= 1.0 {
        out.push(written?.problem("nothing is left for training: `test_share` and `tune_share` add up to 1 or more").remedy("keep most records for training"));
        return None;
    }
    Some((test, tune))
}

/// The value must be one of the names; otherwise suggests the nearest.
pub(super) fn one_of(text: &str, names: &[&str], what: &str, value: &Value<'_>, out: &mut Sink) -> bool {
    if names.contains(&text) {
        return true;
    }
    out.push(value.problem(format!("there is no {what} {}", quote(text))).remedy(suggestion(text, names)));
    false
}
