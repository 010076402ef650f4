//! Reads `[evaluate]`: what is measured.

use super::sink::Sink;
use super::source::quote;
use super::split::{described, one_of};
use super::survey::{interval, variance};
use super::table::Table;
use super::value::{Limits, Value};
use crate::data::{CodeFrame, DatasetDescription, Role};
use crate::measure::{Automation, Grouping, LonelyPsu, Proportions, Request, Surety, Totals, Variance};
use toml::de::DeValue;

/// Confidence thresholds when none are given.
const THRESHOLDS: [f64; 5] = [0.5, 0.6, 0.7, 0.8, 0.9];

const LONELY: [(&str, LonelyPsu); 4] =
    [("fail", LonelyPsu::Fail), ("remove", LonelyPsu::Remove), ("adjust", LonelyPsu::Adjust), ("average", LonelyPsu::Average)];

/// Limits of a confidence level.
pub(super) const LEVEL: Limits = Limits::Between(0.5, 1.0);
/// Limits of a confidence threshold.
pub(super) const THRESHOLD: Limits = Limits::FromBelow(0.0, 1.0);

/// What is to be evaluated, as far as it can be read: enough to check the policy against it even when it has mistakes of its own.
#[derive(Default)]
pub(super) struct Asked {
    /// All of it.
    pub request: Option<Request>,
    /// The groupings.
    pub groupings: Option<Vec<Grouping>>,
    /// The code levels besides the full code.
    pub code_levels: Option<Vec<String>>,
}

/// Reads `[evaluate]`, all of it optional; `data` and `frame` are absent when they could not be read.
pub(super) fn read(value: Option<&Value<'_>>, data: Option<&DatasetDescription>, frame: Option<&CodeFrame>, out: &mut Sink) -> Asked {
    let all_levels = || frame.map(|f| f.levels.iter().map(|l| l.name.clone()).collect());
    let Some(value) = value else {
        let request = all_levels().map(|code_levels: Vec<String>| Request {
            level: 0.95,
            groupings: Vec::new(),
            code_levels,
            minimum_group: 30,
            replicates: 1000,
            thresholds: THRESHOLDS.to_vec(),
            lonely_psu: LonelyPsu::Fail,
            variance: Variance::default(),
            interval: Proportions::default(),
            totals: Totals::default(),
            automation: Automation::default(),
        });
        return Asked { request, groupings: Some(Vec::new()), code_levels: all_levels() };
    };
    let Some(mut table) = value.table(out) else { return Asked::default() };
    // A misspelt `groups` or `code_levels` is one mistake, not one more for each gate that relies on it.
    let unread = |key: &str, table: &Table<'_>| !table.has(key) && table.all().iter().any(|(k, ..)| crate::value::nearest(k, [key]).is_some());
    let (no_groups, no_levels) = (unread("groups", &table), unread("code_levels", &table));
    let level = table.take("level").map_or(Some(0.95), |v| v.number(LEVEL, out));
    let groups = table.take("groups");
    let code_levels = table.take("code_levels").map_or_else(all_levels, |v| code_levels(&v, frame, out));
    let groupings = groups.map_or(Some(Vec::new()), |v| groupings(&v, data, code_levels.as_deref(), out));
    let minimum_group = table.take("minimum_group").map_or(Some(30), |v| v.whole(1, 1_000_000, out));
    let replicates = table.take("replicates").map_or(Some(1000), |v| v.whole(20, 100_000, out));
    let thresholds = table.take("thresholds").map_or_else(|| Some(THRESHOLDS.to_vec()), |v| thresholds(&v, out));
    let lonely_psu = table.take("lonely_psu").map_or(Some(LonelyPsu::Fail), |v| v.choice(&LONELY, out));
    let variance = table.take("variance").map_or(Some(Variance::default()), |v| variance(&v, data, out));
    let interval = table.take("interval").map_or(Some(Proportions::default()), |v| interval(&v, data, out));
    let automation = automation(&mut table, out);
    table.finish(out);
    let (asked_groups, asked_levels) = (groupings.clone().filter(|_| !no_groups), code_levels.clone().filter(|_| !no_levels));
    let request = || {
        Some(Request {
            level: level?,
            groupings: groupings?,
            code_levels: code_levels?,
            minimum_group: minimum_group?,
            replicates: replicates?,
            thresholds: thresholds?,
            lonely_psu: lonely_psu?,
            variance: variance?,
            interval: interval?,
            totals: Totals::default(),
            automation: automation?,
        })
    };
    Asked { request: request(), groupings: asked_groups, code_levels: asked_levels }
}

/// What confidence is, and what the list of suggestions is to promise.
fn automation(table: &mut Table<'_>, out: &mut Sink) -> Option<Automation> {
    let surety = table.take("confidence").map_or(Some(Surety::Top), |v| v.choice(&[("top", Surety::Top), ("margin", Surety::Margin)], out));
    let coverage = table.take("suggestion_coverage").map_or(Some(None), |v| v.number(LEVEL, out).map(Some));
    Some(Automation { surety: surety?, suggestion_coverage: coverage?, ..Automation::default() })
}

pub(super) fn groupings(value: &Value<'_>, data: Option<&DatasetDescription>, levels: Option<&[String]>, out: &mut Sink) -> Option<Vec<Grouping>> {
    let items = value.list(out)?;
    let wanted = items.len();
    let mut groupings: Vec<Grouping> = Vec::new();
    for item in items {
        let Some(grouping) = grouping(&item, data, levels, out) else { continue };
        let mut sorted = grouping.variables.clone();
        sorted.sort();
        let twice = groupings.iter().any(|g| {
            let mut other = g.variables.clone();
            other.sort();
            other == sorted
        });
        if twice {
            out.push(item.problem(format!("the grouping by {} is listed twice", grouping.variables.join(" and "))).remedy("remove one of the two"));
            continue;
        }
        groupings.push(grouping);
    }
    (groupings.len() == wanted).then_some(groupings)
}

fn grouping(item: &Value<'_>, data: Option<&DatasetDescription>, levels: Option<&[String]>, out: &mut Sink) -> Option<Grouping> {
    let role = [Role::Group];
    match item.raw() {
        DeValue::String(_) => {
            let name = item.filled(out)?;
            described(&name, item, &role, data, out).then(|| Grouping { variables: vec![name], ..Grouping::default() })
        }
        DeValue::Array(_) => {
            let names = item.texts(out)?;
            if names.is_empty() {
                out.push(item.problem("an intersection of groups names no column").remedy("name at least one column, e.g. [\"sex\", \"age_band\"]"));
                return None;
            }
            let good = names.iter().filter(|(name, v)| described(name, v, &role, data, out)).count();
            (good == names.len()).then(|| Grouping { variables: names.into_iter().map(|(n, _)| n).collect(), ..Grouping::default() })
        }
        DeValue::Table(_) => super::grouping::of_table(item, data, levels, out),
        _ => {
            out.push(
                item.problem("a grouping is a column's name, a list of names, or a table with `column`")
                    .remedy("e.g. groups = [\"sex\", [\"sex\", \"age_band\"]]"),
            );
            None
        }
    }
}

/// The levels asked for, in the order of the frame; the full code is always evaluated and may be named.
fn code_levels(value: &Value<'_>, frame: Option<&CodeFrame>, out: &mut Sink) -> Option<Vec<String>> {
    let asked = value.texts(out)?;
    let Some(frame) = frame else { return Some(asked.into_iter().map(|(t, _)| t).collect()) };
    let names: Vec<&str> = frame.levels.iter().map(|l| l.name.as_str()).chain([frame.full.as_str()]).collect();
    let good = asked.iter().filter(|(text, item)| one_of(text, &names, "code level", item, out)).count();
    let chosen = frame.levels.iter().map(|l| l.name.clone()).filter(|name| asked.iter().any(|(t, _)| t == name)).collect();
    (good == asked.len()).then_some(chosen)
}

fn thresholds(value: &Value<'_>, out: &mut Sink) -> Option<Vec<f64>> {
    let items = value.list(out)?;
    let wanted = items.len();
    let mut thresholds: Vec<f64> = Vec::new();
    for item in items {
        let Some(threshold) = item.number(THRESHOLD, out) else { continue };
        if thresholds.last().is_some_and(|last| *last >= threshold) {
            out.push(item.problem(format!("{} is not in ascending order", quote("thresholds"))).remedy("list every threshold once, the smallest first"));
            continue;
        }
        thresholds.push(threshold);
    }
    (thresholds.len() == wanted).then_some(thresholds)
}
