//! Reads a grouping that says more than its column: values that must occur, a reference group, control variables.

use super::sink::Sink;
use super::source::quote;
use super::split::described;
use super::table::Table;
use super::value::{Value, suggestion};
use crate::data::{DatasetDescription, Role};
use crate::measure::Grouping;

/// Reads a grouping written as a table; `levels` are the evaluated code levels, absent when they could not be read.
pub(super) fn of_table(item: &Value<'_>, data: Option<&DatasetDescription>, levels: Option<&[String]>, out: &mut Sink) -> Option<Grouping> {
    let mut table: Table<'_> = item.table(out)?;
    let at = table.need("column", "name the column: { column = \"region\", values = [\"north\"] }");
    let name = at.as_ref().and_then(|v| v.filled(out)).filter(|name| at.as_ref().is_none_or(|v| described(name, v, &[Role::Group], data, out)));
    let more = table.has("reference") || table.has("within");
    let remedy = "list the values that must occur, or write just the column's name instead of { … }";
    let listed = if more { table.take("values") } else { table.need("values", remedy) };
    let values = listed.as_ref().map_or_else(|| more.then(Vec::new), |v| v.texts(out));
    let reference = table.take("reference").map_or(Some(None), |v| v.filled(out).map(Some));
    let within = table.take("within").map_or(Some(Vec::new()), |v| controls(&v, name.as_deref(), data, levels, out));
    table.finish(out);
    if let (Some(listed), Some([])) = (&listed, values.as_deref()) {
        out.push(listed.problem("`values` is empty").remedy(remedy));
        return None;
    }
    Some(Grouping { variables: vec![name?], values: values?.into_iter().map(|(v, _)| v).collect(), reference: reference?, within: within? })
}

/// Control variables: other columns with the role `group`, or evaluated code levels.
fn controls(value: &Value<'_>, own: Option<&str>, data: Option<&DatasetDescription>, levels: Option<&[String]>, out: &mut Sink) -> Option<Vec<String>> {
    let names = value.texts(out)?;
    let mut good = true;
    for (name, item) in &names {
        if own == Some(name.as_str()) {
            out.push(item.problem(format!("groups of {0} cannot be compared within {0}", quote(name))).remedy("name another group column, or a code level"));
            good = false;
        }
        let (Some(data), Some(levels)) = (data, levels) else { continue };
        let columns = || data.with_role(Role::Group).map(|c| c.name.as_str());
        if columns().any(|c| c == name) || levels.contains(name) {
            continue;
        }
        let all: Vec<&str> = columns().filter(|c| Some(*c) != own).chain(levels.iter().map(String::as_str)).collect();
        out.push(item.problem(format!("{} is neither a column with the role `group` nor an evaluated code level", quote(name))).remedy(suggestion(name, &all)));
        good = false;
    }
    good.then(|| names.into_iter().map(|(n, _)| n).collect())
}
