//! Checks the columns of the survey design: weights, strata, PSUs, finite population, replicate weights.

use super::column::MISSING;
use super::describe::{DatasetDescription, Role};
use super::survey::FiniteStratum;
use super::table::{Faults, Table};
use std::collections::{BTreeMap, HashSet};

/// Weights of labelled records are numbers from 0 up; a missing weight of an unlabelled record becomes 0.
pub(super) fn check_weights(about: &DatasetDescription, table: &mut Table, faults: &mut Faults) {
    let (Some(weights), Some(column)) = (&table.weights, about.with_role(Role::Weight).next()) else { return };
    for (row, &w) in weights.iter().enumerate() {
        if !labelled(table, row) {
            continue;
        }
        if w.is_nan() && !faults.told(&format!("number {}", column.name)) {
            faults.push("weight", || table.problem(row, &column.name, "no weight").remedy("every labelled record needs a survey weight"));
        } else if w < 0.0 {
            faults.push("negative weight", || table.problem(row, &column.name, "a negative weight").remedy("survey weights are not negative"));
        }
    }
    let weights = table.weights.as_mut().map_or(&mut [][..], Vec::as_mut_slice);
    // Unlabelled records enter no estimate; their weight must still be a number.
    weights.iter_mut().filter(|w| w.is_nan()).for_each(|w| *w = 0.0);
}

/// Every labelled record has a stratum and a PSU, PSUs lie in one stratum, and the finite population fits the sample.
pub(super) fn check_design(about: &DatasetDescription, table: &mut Table, fpc: Option<&[f64]>, faults: &mut Faults) {
    for role in [Role::Stratum, Role::Psu] {
        let Some(column) = about.with_role(role).next() else { continue };
        let Some(factor) = table.factor(&column.name) else { continue };
        for (row, &level) in factor.index.iter().enumerate() {
            if level == MISSING && labelled(table, row) {
                faults.push(role.name(), || table.problem(row, &column.name, format!("no {}", role.name())).remedy("every labelled record needs one"));
            }
        }
    }
    check_nesting(about, table, faults);
    if let Some(values) = fpc {
        table.finite = check_population(about, table, values, faults);
    }
    check_replicates(about, table, faults);
}

fn labelled(table: &Table, row: usize) -> bool {
    table.truth.get(row).is_some_and(|&t| t != MISSING)
}

fn check_nesting(about: &DatasetDescription, table: &Table, faults: &mut Faults) {
    let column = |role| about.with_role(role).next().and_then(|c| Some((c.name.as_str(), table.factor(&c.name)?)));
    let (Some((_, strata)), Some((name, psus))) = (column(Role::Stratum), column(Role::Psu)) else { return };
    if about.design.psu_within_stratum {
        return;
    }
    let mut stratum_of: Vec<u32> = vec![MISSING; psus.labels.len()];
    let mut told = HashSet::new();
    for (row, (&psu, &stratum)) in psus.index.iter().zip(&strata.index).enumerate() {
        let Some(known) = stratum_of.get_mut(psu as usize).filter(|_| stratum != MISSING) else { continue };
        if *known == MISSING {
            *known = stratum;
        } else if *known != stratum && told.insert(psu) {
            let message =
                format!("PSU `{}` is in the strata `{}` and `{}`", psus.labels[psu as usize], strata.labels[*known as usize], strata.labels[stratum as usize]);
            let remedy = "a primary sampling unit lies in one stratum: correct it, or, where PSUs are numbered anew in each stratum, write `psu_within_stratum = true` under [design] in the dataset file";
            faults.push("nesting", || table.problem(row, name, message).remedy(remedy));
        }
    }
}

/// The population of every stratum that has a value; none where any is wrong.
fn check_population(about: &DatasetDescription, table: &Table, values: &[f64], faults: &mut Faults) -> Option<BTreeMap<u32, FiniteStratum>> {
    let name = about.with_role(Role::Fpc).next()?.name.as_str();
    let factor = |role| about.with_role(role).next().and_then(|c| table.factor(&c.name));
    let (strata, psus) = (factor(Role::Stratum), factor(Role::Psu));
    let stratum_of = |row: usize| strata.map_or(0, |f| f.index[row]);
    let label = |h: u32| strata.and_then(|f| f.labels.get(h as usize)).map_or_else(|| "the population".to_owned(), |l| format!("stratum `{l}`"));
    let what = if psus.is_some() { "PSUs" } else { "records" };
    let known = || values.iter().filter(|v| !v.is_nan());
    let shares = known().all(|v| *v <= 1.0);
    let mut first: BTreeMap<u32, (usize, f64)> = BTreeMap::new();
    let mut units: BTreeMap<u32, HashSet<u64>> = BTreeMap::new();
    let read = !faults.told(&format!("number {name}"));
    let before = faults.count();
    for (row, &value) in values.iter().enumerate() {
        let h = stratum_of(row);
        if h == MISSING {
            continue;
        }
        // An unlabelled record may have no PSU.
        let unit = psus.map_or(Some(row as u64), |f| Some(u64::from(f.index[row])).filter(|_| f.index[row] != MISSING));
        units.entry(h).or_default().extend(unit);
        let mut refuse = |kind: &str, message: String, remedy: &str| faults.push(kind, || table.problem(row, name, message).remedy(remedy));
        let wanted = "give the number of units in the population of the record's stratum, or the share of them that was sampled";
        if value.is_nan() {
            if labelled(table, row) && read {
                refuse("no population", format!("no size of the population, which {} needs", label(h)), wanted);
            }
        } else if value <= 0.0 {
            refuse("population below", "a size of the population that is not above 0".to_owned(), wanted);
        } else if !shares && value < 1.0 {
            let remedy = "shares are at most 1, and sizes at least 1: give one of the two for all records";
            refuse("share and size", "a share of the population where other records have a size above 1".to_owned(), remedy);
        } else {
            let (at, other) = *first.entry(h).or_insert((row, value));
            if other != value {
                let message = format!("{} has another size of the population here than in record {}", label(h), at + 1);
                refuse("population differs", message, "the size of the population is one number for each stratum; it is that of the first stage of sampling");
            }
        }
    }
    let mut finite = BTreeMap::new();
    for (&h, &(row, value)) in &first {
        let sampled = units[&h].len() as u64;
        let population = if shares { sampled as f64 / value } else { value };
        if population < sampled as f64 * (1.0 - 1e-9) {
            let message = format!("{} has {sampled} {what} in the data set, more than the {value} of its population", label(h));
            let remedy = "the size is that of all units of the first stage, sampled or not; where the data set holds more than one sample, give no size";
            faults.push("population small", || table.problem(row, name, message).remedy(remedy));
        }
        finite.insert(h, FiniteStratum { population, sampled });
    }
    (read && faults.count() == before).then_some(finite)
}

fn check_replicates(about: &DatasetDescription, table: &Table, faults: &mut Faults) {
    let Some(design) = &about.design.replicates else { return };
    for (name, values) in &table.replicate_weights {
        for (row, &value) in values.iter().enumerate().filter(|(row, _)| labelled(table, *row)) {
            if value.is_nan() {
                let remedy = "every labelled record needs every replicate weight, a decimal number with a point";
                faults.push("replicate", || table.problem(row, name, "no replicate weight, or one that is not a number").remedy(remedy));
            } else if value < 0.0 {
                let remedy = "replicate weights are not negative; where calibration made some so, ask for others, or leave replicates away";
                faults.push("negative replicate", || table.problem(row, name, "a negative replicate weight").remedy(remedy));
            } else if design.combined && value > 0.0 && table.weights.as_ref().is_some_and(|w| w[row] == 0.0) {
                let remedy = "replicate weights are the weight times a factor; where the columns hold the factors, write `combined = false`";
                faults.push("replicate of none", || table.problem(row, name, "a replicate weight above 0 of a record whose weight is 0").remedy(remedy));
            }
        }
    }
}
