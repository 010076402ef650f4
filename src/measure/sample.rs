//! The test part as a sample: units, weights and group cells of its records.

use super::design::design;
use super::estimate::Sampling;
use super::request::{Grouping, Request};
use crate::data::{DatasetDescription, MISSING, Table};
use crate::stats::Replicates;
use crate::value::{Class, Failure, Problem};
use std::collections::BTreeMap;

/// The label of a missing value of a group variable.
pub const NOT_STATED: &str = "(not stated)";

/// The test part, ready to be tallied.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Units and level.
    pub sampling: Sampling,
    /// Unit of each test record: its PSU, its stratum where records are the units, or the records that share its replicates' factors.
    pub unit: Vec<u32>,
    /// Weight of each test record.
    pub weight: Vec<f64>,
    /// Group cell of each test record.
    pub group: Vec<u32>,
    /// The group cells of each grouping: (values, numbers of the finest cells that make it up), sorted by values.
    pub groupings: Groups,
    /// The control variables of each grouping that are group variables; controls that are code levels are not here.
    pub controls: Vec<Vec<Control>>,
    /// Number of finest group cells.
    pub cells: usize,
    /// Replicates for metrics without a closed form: those that give every variance, else bootstrap replicates of the PSUs; absent
    /// where records are the units.
    pub replicates: Option<Replicates>,
    /// The design in words.
    pub words: String,
    /// Strata and PSUs of the test part, where there are any.
    pub strata: Option<u64>,
    /// PSUs of the test part, where there are any.
    pub psus: Option<u64>,
    /// Sum of weights, where weighted.
    pub weight_sum: Option<f64>,
}

impl Sample {
    /// Records by unit and weight, in one group cell and without groupings.
    #[must_use]
    pub fn without_groups(sampling: Sampling, unit: Vec<u32>, weight: Vec<f64>) -> Self {
        Self {
            sampling,
            group: vec![0; unit.len()],
            unit,
            weight,
            groupings: Vec::new(),
            controls: Vec::new(),
            cells: 1,
            replicates: None,
            words: String::new(),
            strata: None,
            psus: None,
            weight_sum: None,
        }
    }

    /// Prepares the test rows of a table; `seed` is the root of the replicates' streams.
    ///
    /// # Errors
    /// A stratum with one PSU under `lonely_psu = "fail"`, replicates that the design does not allow, weights that are all zero, a grouping by a column that is not there.
    pub fn of(table: &Table, about: &DatasetDescription, rows: &[u32], request: &Request, seed: u64) -> Result<Self, Failure> {
        let weight: Vec<f64> = rows.iter().map(|&r| table.weights.as_ref().map_or(1.0, |w| w[r as usize])).collect();
        if weight.iter().all(|&w| w <= 0.0) {
            return Err(Problem::new(Class::Data, "all test records have weight 0").file(&about.file).remedy("check the column with role `weight`").into());
        }
        let designed = design(table, about, rows, &weight, request, seed)?;
        let (group, cells, groupings, controls) = group_cells(table, rows, &request.groupings, &about.file)?;
        let weighted = table.weights.is_some();
        let mut words = vec![if weighted { "survey weights" } else { "no weights" }.to_owned()];
        words.extend(designed.words);
        Ok(Self {
            replicates: designed.replicates,
            sampling: Sampling {
                units: designed.units,
                simple: !weighted && designed.independent,
                clustered: designed.clustered,
                level: request.level,
                interval: request.interval,
                method: designed.method,
            },
            unit: designed.unit,
            weight_sum: weighted.then(|| weight.iter().sum()),
            weight,
            group,
            groupings,
            controls,
            cells,
            words: words.join(", "),
            strata: designed.strata,
            psus: designed.psus,
        })
    }
}

/// The groups of each grouping: their values and the finest cells that make them up.
pub type Groups = Vec<(Grouping, Vec<(Vec<String>, Vec<u32>)>)>;

/// A control variable with the finest cells of each of its values, sorted by value.
#[derive(Debug, Clone)]
pub struct Control {
    /// The group variable.
    pub name: String,
    /// Its values with their cells.
    pub values: Vec<(String, Vec<u32>)>,
}

/// Group cell of each record, number of cells, the groups of each grouping, and its controls.
type Cells = (Vec<u32>, usize, Groups, Vec<Vec<Control>>);

/// The finest group cells: one for each combination of values of all group variables that occurs.
fn group_cells(table: &Table, rows: &[u32], groupings: &[Grouping], file: &str) -> Result<Cells, Failure> {
    let controls = |g: &Grouping| g.within.iter().filter(|w| table.factor(w).is_some()).cloned().collect::<Vec<String>>();
    let controlled: Vec<String> = groupings.iter().flat_map(controls).collect();
    let mut variables: Vec<&str> = groupings.iter().flat_map(|g| g.variables.iter().map(String::as_str)).collect();
    variables.extend(controlled.iter().map(String::as_str));
    variables.sort_unstable();
    variables.dedup();
    let mut factors = Vec::new();
    for name in &variables {
        let absent = || {
            Problem::new(Class::Study, format!("groups by `{name}`, which has no role that allows it"))
                .file(file)
                .remedy(format!("give `{name}` the role `group` in the dataset file"))
        };
        factors.push(table.factor(name).ok_or_else(absent)?);
    }
    let key = |row: u32| factors.iter().map(|f| f.index[row as usize]).collect::<Vec<u32>>();
    let mut numbers: BTreeMap<Vec<u32>, u32> = rows.iter().map(|&r| (key(r), 0)).collect();
    numbers.values_mut().enumerate().for_each(|(i, v)| *v = i as u32);
    let group = rows.iter().map(|&r| numbers[&key(r)]).collect();
    let label = |position: usize, level: u32| if level == MISSING { NOT_STATED.to_owned() } else { factors[position].labels[level as usize].clone() };
    let by = |names: &[String]| {
        let positions: Vec<usize> = names.iter().filter_map(|v| variables.binary_search(&v.as_str()).ok()).collect();
        let mut groups: BTreeMap<Vec<String>, Vec<u32>> = BTreeMap::new();
        for (levels, &number) in &numbers {
            groups.entry(positions.iter().map(|&p| label(p, levels[p])).collect()).or_default().push(number);
        }
        groups
    };
    let groups = groupings.iter().map(|grouping| (grouping.clone(), by(&grouping.variables).into_iter().collect())).collect();
    let control = |name: String| {
        let values = by(std::slice::from_ref(&name)).into_iter().map(|(values, cells)| (values.concat(), cells)).collect();
        Control { name, values }
    };
    let controls = groupings.iter().map(|grouping| controls(grouping).into_iter().map(control).collect()).collect();
    Ok((group, numbers.len(), groups, controls))
}
