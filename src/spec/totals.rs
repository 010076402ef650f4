//! Reads `[totals]`: which published shares and totals are examined.

use super::request::groupings;
use super::sink::Sink;
use super::split::{described, one_of};
use super::table::Table;
use super::value::Value;
use crate::data::{CodeFrame, DatasetDescription, Role};
use crate::measure::Totals;

/// Whether the uncoded records are a sample or all there are.
const TARGETS: [(&str, bool); 2] = [("sample", false), ("census", true)];

/// Reads `[totals]`, all of it optional: without it the shares of the coarsest level are examined. `data` and `frame` are absent when they
/// could not be read.
pub(super) fn read(value: Option<&Value<'_>>, data: Option<&DatasetDescription>, frame: Option<&CodeFrame>, out: &mut Sink) -> Option<Totals> {
    let coarsest = frame.and_then(|f| f.levels.first()).map(|l| l.name.clone());
    let Some(value) = value else { return Some(Totals { level: coarsest, ..Totals::default() }) };
    let mut table: Table<'_> = value.table(out)?;
    let level = table.take("level").map_or(Some(coarsest), |v| level(&v, frame, out));
    let by = table.take("by").map_or(Some(Vec::new()), |v| groupings(&v, data, None, out));
    let variables = table.take("variables").map_or(Some(Vec::new()), |v| variables(&v, data, out));
    let census = table.take("target").map_or(Some(false), |v| v.choice(&TARGETS, out));
    table.finish(out);
    Some(Totals { level: level?, by: by?, variables: variables?, census: census? })
}

/// A level of the frame; none for the full code.
fn level(value: &Value<'_>, frame: Option<&CodeFrame>, out: &mut Sink) -> Option<Option<String>> {
    let name = value.filled(out)?;
    let Some(frame) = frame else { return Some(Some(name)) };
    let names: Vec<&str> = frame.levels.iter().map(|l| l.name.as_str()).chain([frame.full.as_str()]).collect();
    one_of(&name, &names, "code level", value, out).then(|| (name != frame.full).then_some(name))
}

fn variables(value: &Value<'_>, data: Option<&DatasetDescription>, out: &mut Sink) -> Option<Vec<String>> {
    let listed = value.texts(out)?;
    let good = listed.iter().filter(|(name, item)| described(name, item, &[Role::Number], data, out)).count();
    (good == listed.len()).then(|| listed.into_iter().map(|(name, _)| name).collect())
}
