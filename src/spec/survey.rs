//! Reads `[design]` of a data set and the keys of `[evaluate]` that depend on it: replicate weights, variances, intervals.

use super::sink::Sink;
use super::source::quote;
use super::value::{Limits, Value};
use crate::data::{ColumnDescription, DatasetDescription, ReplicateColumns, ReplicateDesign, ReplicateKind, Role, SurveyDesign};
use crate::measure::{Proportions, Variance};
use crate::stats::Centre;

/// Reads `[design]`, all of it optional; `columns` are absent when they could not be read.
pub(super) fn read(value: &Value<'_>, columns: Option<&[ColumnDescription]>, out: &mut Sink) -> Option<SurveyDesign> {
    let mut table = value.table(out)?;
    let within = table.take("psu_within_stratum").map_or(Some(false), |v| v.flag(out));
    let written = table.take("replicates");
    table.finish(out);
    let replicates = match &written {
        None => Some(None),
        Some(v) => replicates(v, out).map(Some),
    };
    if let (Some(Some(found)), Some(written), Some(columns)) = (&replicates, &written, columns) {
        let has = |role| columns.iter().any(|c| c.roles.contains(&role));
        if found.combined && !has(Role::Weight) {
            let remedy =
                "give the full weight's column the role \"weight\"; where the columns hold factors and records weigh the same, write `combined = false`";
            out.push(written.problem("there are replicate weights, but no column has the role `weight`").remedy(remedy));
            return None;
        }
        if has(Role::Fpc) {
            let remedy = "replicate weights have the sampled fraction in them, or in their `rscales`: leave the role `fpc` away";
            out.push(written.problem("there are replicate weights beside a size of the population").remedy(remedy));
            return None;
        }
    }
    Some(SurveyDesign { psu_within_stratum: within?, replicates: replicates? })
}

fn replicates(value: &Value<'_>, out: &mut Sink) -> Option<ReplicateDesign> {
    let mut table = value.table(out)?;
    let (listed, prefix) = (table.take("columns"), table.take("prefix"));
    let columns = match (&listed, &prefix) {
        (Some(_), Some(prefix)) => {
            out.push(prefix.problem("`replicates` has both `columns` and `prefix`").remedy("keep one of the two"));
            None
        }
        (Some(listed), None) => listed.texts(out).and_then(|names| {
            if names.len() < 2 {
                out.push(listed.problem("`columns` has fewer than two replicate weights").remedy("list the column of every replicate weight"));
                return None;
            }
            Some(ReplicateColumns::Listed(names.into_iter().map(|(name, _)| name).collect()))
        }),
        (None, Some(prefix)) => prefix.filled(out).map(ReplicateColumns::Prefixed),
        (None, None) => {
            table.need("prefix", "say which columns hold the replicate weights: prefix = \"rw_\" for rw_1, rw_2 and so on, or columns = [\"rw_1\", \"rw_2\"]");
            None
        }
    };
    let kind_key = table.need("kind", "say how they were made: kind = \"brr\", \"fay\", \"jackknife\", \"bootstrap\", \"successive-difference\" or \"other\"");
    let kind = kind_key.as_ref().and_then(|v| v.choice(&ReplicateKind::NAMES, out));
    let rho_key = table.take("rho");
    let rho = rho_key.as_ref().map_or(Some(0.0), |v| v.number(Limits::FromBelow(0.0, 1.0), out));
    let scale = table.take("scale").map_or(Some(None), |v| v.number(Limits::AboveTo(0.0, f64::MAX), out).map(Some));
    let rscales_key = table.take("rscales");
    let rscales = rscales_key.as_ref().map_or(Some(None), |v| numbers(v, out).map(Some));
    let centre = table.take("centre").map_or(Some(Centre::Mean), |v| v.choice(&[("mean", Centre::Mean), ("estimate", Centre::Estimate)], out));
    let df = table.take("df").map_or(Some(None), |v| v.number(Limits::FromTo(1.0, 1e9), out).map(Some));
    let combined = table.take("combined").map_or(Some(true), |v| v.flag(out));
    table.finish(out);
    let (columns, kind, rho, rscales) = (columns?, kind?, rho?, rscales?);
    if (kind == ReplicateKind::Fay) != rho_key.is_some() {
        let at = rho_key.as_ref().or(kind_key.as_ref())?;
        let remedy = "write both or neither: kind = \"fay\", rho = 0.5";
        out.push(at.problem(format!("{} and {} belong together", quote("rho"), quote("fay"))).remedy(remedy));
        return None;
    }
    if let (ReplicateColumns::Listed(names), Some(scales), Some(at)) = (&columns, &rscales, &rscales_key)
        && names.len() != scales.len()
    {
        out.push(at.problem(format!("{} scales for {} replicate weights", scales.len(), names.len())).remedy("give one scale for each replicate weight"));
        return None;
    }
    Some(ReplicateDesign { columns, kind, rho, scale: scale?, rscales, centre: centre?, df: df?, combined: combined? })
}

/// Scales from 0 up, not all of them 0.
fn numbers(value: &Value<'_>, out: &mut Sink) -> Option<Vec<f64>> {
    let items = value.list(out)?;
    let numbers: Vec<f64> = items.iter().filter_map(|v| v.number(Limits::FromTo(0.0, f64::MAX), out)).collect();
    if numbers.len() < items.len() {
        return None;
    }
    if numbers.iter().filter(|n| **n > 0.0).count() < 2 {
        out.push(
            value
                .problem(format!("{} has fewer than two scales above 0", quote(&value.name)))
                .remedy("give one scale for each replicate weight, or leave it away"),
        );
        return None;
    }
    Some(numbers)
}

const VARIANCES: [(&str, Variance); 4] =
    [("linearised", Variance::Linearised), ("jackknife", Variance::Jackknife), ("half-samples", Variance::HalfSamples), ("bootstrap", Variance::Bootstrap)];

const INTERVALS: [(&str, Proportions); 4] =
    [("default", Proportions::ByDesign), ("logit", Proportions::Logit), ("clopper-pearson", Proportions::ClopperPearson), ("student", Proportions::Student)];

/// Reads `variance`: replicates are of PSUs, and the data set's own come first.
pub(super) fn variance(value: &Value<'_>, data: Option<&DatasetDescription>, out: &mut Sink) -> Option<Variance> {
    let choice = value.choice(&VARIANCES, out)?;
    let Some(data) = data.filter(|_| choice != Variance::Linearised) else { return Some(choice) };
    let told = if data.design.replicates.is_some() {
        Some(("the data set has replicate weights, and every variance comes from them", "leave `variance` away, or the replicate weights out of [design]"))
    } else if data.with_role(Role::Psu).next().is_none() {
        Some(("replicates are made of primary sampling units, and no column has the role `psu`", "give a column the role \"psu\", or leave `variance` away"))
    } else {
        None
    };
    if let Some((message, remedy)) = told {
        out.push(value.problem(message).remedy(remedy));
        return None;
    }
    Some(choice)
}

/// Reads `interval`: Clopper–Pearson is for independent records of equal weight.
pub(super) fn interval(value: &Value<'_>, data: Option<&DatasetDescription>, out: &mut Sink) -> Option<Proportions> {
    let choice = value.choice(&INTERVALS, out)?;
    let designed = |d: &DatasetDescription| {
        d.design.replicates.is_some() || [Role::Weight, Role::Stratum, Role::Psu, Role::Fpc].into_iter().any(|role| d.with_role(role).next().is_some())
    };
    if choice == Proportions::ClopperPearson && data.is_some_and(designed) {
        let message = "Clopper–Pearson intervals are for records that are independent and weigh the same, and the data set has a survey design";
        out.push(value.problem(message).remedy("leave `interval` away for Korn–Graubard, which is Clopper–Pearson on the effective sample size"));
        return None;
    }
    Some(choice)
}
