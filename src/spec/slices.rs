//! Reads `[slices]`: which combinations of groups are searched for low accuracy.

use super::sink::Sink;
use super::split::described;
use super::value::Value;
use crate::data::{DatasetDescription, Role};
use crate::measure::{DEEPEST, Grouping, SliceSettings};

/// Columns in one slice when the study does not say.
const DEPTH: usize = 2;
/// Fewest records of a slice in each half when the study does not say.
const MINIMUM: u64 = 50;
/// Columns that can be combined: more are too many slices to find anything among.
const MOST_COLUMNS: usize = 12;

/// Reads `[slices]`, all of it optional: by default the columns of the evaluated groups, where they are two or more. No columns: no search.
pub(super) fn read(
    value: Option<&Value<'_>>,
    data: Option<&DatasetDescription>,
    groupings: Option<&[Grouping]>,
    minimum_group: u64,
    out: &mut Sink,
) -> Option<Option<SliceSettings>> {
    let mut columns: Vec<String> = Vec::new();
    for name in groupings.into_iter().flatten().flat_map(|g| &g.variables) {
        if !columns.contains(name) && columns.len() < MOST_COLUMNS {
            columns.push(name.clone());
        }
    }
    let minimum = MINIMUM.max(minimum_group);
    let Some(value) = value else {
        return Some((columns.len() > 1).then_some(SliceSettings { columns, depth: DEPTH, minimum }));
    };
    let mut table = value.table(out)?;
    let asked = table.take("columns").map_or(Some(columns), |v| {
        let names = v.texts(out)?;
        let good = names.iter().filter(|(name, at)| described(name, at, &[Role::Group, Role::Category], data, out)).count();
        if names.len() > MOST_COLUMNS {
            out.push(v.problem(format!("slices are of at most {MOST_COLUMNS} columns")).remedy("name those that describe respondents"));
            return None;
        }
        (good == names.len()).then(|| names.into_iter().map(|(n, _)| n).collect())
    });
    let depth = table.take("depth").map_or(Some(DEPTH as u64), |v| v.whole(1, DEEPEST as u64, out));
    // Below the study's minimum nothing is computed for a group.
    let minimum = table.take("minimum").map_or(Some(minimum), |v| v.whole(minimum_group.max(10), 1_000_000, out));
    table.finish(out);
    let settings = SliceSettings { columns: asked?, depth: depth? as usize, minimum: minimum? };
    Some((!settings.columns.is_empty()).then_some(settings))
}
