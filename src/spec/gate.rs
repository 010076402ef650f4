//! Reads one gate of a policy: what it looks at, its bound, and how much it weighs.

use super::policy::Context;
use super::request::{LEVEL, THRESHOLD};
use super::sink::Sink;
use super::source::quote;
use super::split::one_of;
use super::table::Table;
use super::value::{Limits, Value, id, suggestion};
use crate::judge::{Across, Bound, Gate, Severity};
use crate::metric::{self, Better, METRICS, Metric, Scope, Unit};
use toml::de::DeValue;

/// Reads one gate.
pub(super) fn gate(mut table: Table<'_>, ids: &mut Vec<String>, context: Context<'_>, out: &mut Sink) -> Option<Gate> {
    let id = table.need("id", "give the gate an id: id = \"accuracy\"").and_then(|v| id(&v, ids, out));
    let metric = table.need("metric", "name what is measured: metric = \"accuracy\"").and_then(|v| find(&v, out));
    let code_level = table.take("code_level");
    let code = table.take("code");
    let threshold = table.take("threshold");
    let group = table.take("group");
    let across = table.take("across");
    let versus = table.take("versus");
    let bounds = [table.take("at_least"), table.take("at_most"), table.take("non_inferior_by"), table.take("equivalent_within")];
    let level = table.take("level").map_or(Some(0.95), |v| v.number(LEVEL, out));
    let severity = table.take("severity").map_or(Some(Severity::Deny), |v| v.choice(&[("deny", Severity::Deny), ("warn", Severity::Warn)], out));
    let family = table.filled("family", out);
    let why = table.optional("why", out);

    let scope = metric.map(|m| m.scope);
    let mut fits = scope.is_none_or(|scope| scope_fits(scope, &mut table, [&code_level, &code, &threshold, &group, &versus], out));
    if let (Some(value), Some(metric)) = (&code_level, metric)
        && !["accuracy", "coder-agreement", "counting-bias", "depth-coverage", "accuracy-difference", "summed-accuracy"].contains(&metric.id)
        && !matches!(metric.scope, Scope::Cost | Scope::Gap)
    {
        out.push(value.problem(format!("{} is measured at the full code only", quote(metric.id))).remedy("leave `code_level` away, or take accuracy"));
        fits = false;
    }
    if let (Some(value), Some(metric)) = (&group, metric)
        && metric.scope == Scope::Candidates
        && (metric.id != "accuracy-difference" || code_level.is_some())
    {
        let what = if metric.id == "accuracy-difference" { "differences at a code level are" } else { "this difference is" };
        out.push(value.problem(format!("{what} not split by groups")).remedy("leave `group` away, or take accuracy-difference at the full code"));
        fits = false;
    }
    let groups = group.as_ref().map_or(Some(Vec::new()), |v| groups(v, context, out));
    let way = match &across {
        None => Some(Across::Each),
        Some(v) => v.choice(&ACROSS, out),
    };
    let gap = scope == Some(Scope::Gap);
    if let Some(v) = across.as_ref().filter(|_| gap && !(parts(metric) && way == Some(Across::ReferenceDifference))) {
        out.push(v.problem("this metric is itself a comparison of groups").remedy("leave `across` away"));
        fits = false;
    }
    if let Some(v) = across.as_ref().filter(|_| matches!(way, Some(Across::ReferenceDifference | Across::ReferenceRatio)))
        && let (Some(all), Some(names)) = (context.groupings, &groups)
        && all.iter().any(|g| g.variables == *names && g.reference.is_none())
    {
        let named = names.join(" and ");
        out.push(
            v.problem(format!("the study names no reference group of {}", quote(&named)))
                .remedy(format!("name it in evaluate.groups: {{ column = \"{named}\", reference = \"…\" }}")),
        );
    }
    let way = if gap && across.is_none() { Some(None) } else { way.map(Some) };
    if let Some(v) = across.as_ref().filter(|_| group.is_none()) {
        out.push(v.problem("`across` needs `group`").remedy("name the grouping that is compared: group = \"sex\", or leave `across` away"));
    }
    if let Some(v) = across.as_ref().filter(|_| scope == Some(Scope::Candidates) && !matches!(way.flatten(), None | Some(Across::Each))) {
        out.push(v.problem("differences from another candidate are not compared between groups").remedy("write across = \"each\""));
        fits = false;
    }
    let bound = bound(&table, bounds, metric, way.flatten().filter(|_| group.is_some()), out);
    let code_level = code_level.map_or(Some(None), |v| level_name(&v, context, out));
    let code = code.map_or(Some(None), |v| v.filled(out).map(Some));
    let at_chosen = threshold.as_ref().is_some_and(|v| v.raw().as_str() == Some("chosen"));
    let threshold = threshold.filter(|_| !at_chosen).map_or(Some(None), |v| v.number(THRESHOLD, out).map(Some));
    let versus = versus.map_or(Some(None), |v| v.filled(out).map(Some));
    table.finish(out);
    if !fits {
        return None;
    }
    Some(Gate {
        id: id?,
        metric: metric?.id.to_owned(),
        code_level: code_level?,
        code: code?,
        threshold: threshold?,
        at_chosen,
        versus: versus?,
        across: if group.is_some() { way? } else { None },
        groups: groups?,
        bound: bound?,
        level: level?,
        severity: severity?,
        family,
        why,
    })
}

/// What of a grouping a gate can look at, by name.
const ACROSS: [(&str, Across); 5] = [
    ("each", Across::Each),
    ("difference", Across::Difference),
    ("ratio", Across::Ratio),
    ("reference-difference", Across::ReferenceDifference),
    ("reference-ratio", Across::ReferenceRatio),
];

/// Whether a metric is a part of a difference between two groups, which there is for every group against a reference too.
fn parts(metric: Option<&Metric>) -> bool {
    metric.is_some_and(|m| ["treatment-difference", "mix-difference"].contains(&m.id))
}

fn find(value: &Value<'_>, out: &mut Sink) -> Option<&'static Metric> {
    let text = value.filled(out)?;
    let usable: Vec<&str> = METRICS.iter().filter(|m| !matches!(m.scope, Scope::Groups | Scope::Figures | Scope::Words)).map(|m| m.id).collect();
    match metric::find(&text) {
        Some(m) if m.scope == Scope::Groups => {
            let remedy = format!("name the metric that is compared, and add group = \"…\" and across = \"{text}\"");
            out.push(value.problem(format!("{} compares groups by a metric and is none itself", quote(&text))).remedy(remedy));
            None
        }
        Some(m) if m.scope == Scope::Figures => {
            let remedy = "take counting-bias for single codes, or counting-distance for all of them";
            out.push(value.problem(format!("{} is told on the card and cannot be gated", quote(&text))).remedy(remedy));
            None
        }
        Some(m) if m.scope == Scope::Words => {
            let remedy = "words are there to be read; a gate on what they do to groups is one on accuracy or share-error by group";
            out.push(value.problem(format!("{} is told on the card and cannot be gated", quote(&text))).remedy(remedy));
            None
        }
        Some(m) => Some(m),
        None => {
            let remedy = format!("{}; `proofmark explain` lists all", suggestion(&text, &usable).trim_end_matches('?'));
            out.push(value.problem(format!("there is no metric {}", quote(&text))).remedy(remedy));
            None
        }
    }
}

/// Whether the keys of a gate fit what its metric is computed for.
fn scope_fits(scope: Scope, table: &mut Table<'_>, [code_level, code, threshold, group, versus]: [&Option<Value<'_>>; 5], out: &mut Sink) -> bool {
    let mut fits = true;
    let mut refuse = |value: &Option<Value<'_>>, why: &str, remedy: &str, out: &mut Sink| {
        if let Some(value) = value {
            out.push(value.problem(why).remedy(remedy));
            fits = false;
        }
    };
    if scope == Scope::Cost {
        for value in [code_level, group] {
            refuse(value, "the cost of a run is not split by groups or code levels", "leave the key away", out);
        }
    }
    if scope != Scope::Candidates {
        refuse(versus, "`versus` is for differences from another candidate", "take accuracy-difference, or leave `versus` away", out);
    }
    if scope == Scope::Published {
        refuse(group, "gates on published figures look at the whole", "leave `group` away", out);
    }
    if scope == Scope::Coders {
        refuse(group, "gates on double coding look at all double-coded records", "leave `group` away", out);
    }
    if scope == Scope::Gap {
        refuse(code_level, "comparisons of groups code by code are at the full code", "leave `code_level` away", out);
    }
    if scope != Scope::Code {
        refuse(code, "`code` is for metrics of one code", "take precision, recall, f1, share-true or share-error, or leave `code` away", out);
    } else {
        refuse(group, "metrics of one code are not split by groups", "leave `group` away, or take a metric of all codes", out);
    }
    if scope != Scope::Threshold {
        refuse(
            threshold,
            "`threshold` is for metrics at a confidence threshold",
            "take coded-share, coded-accuracy or false-confidence, or leave `threshold` away",
            out,
        );
    }
    if scope == Scope::Code && code.is_none() {
        table.need("code", "this metric looks at one code: code = \"1234\", or code = \"*\" for every code with enough records");
        fits = false;
    }
    if matches!(scope, Scope::Gap | Scope::Group) && group.is_none() {
        table.need("group", "name the grouping whose groups are compared: group = \"sex\"");
        fits = false;
    }
    if scope == Scope::Candidates && versus.is_none() {
        table.need("versus", "name the candidate that this one is compared with: versus = \"production\"");
        fits = false;
    }
    if scope == Scope::Threshold && threshold.is_none() {
        table.need("threshold", "this metric is taken at a confidence threshold: threshold = 0.7, or threshold = \"chosen\"");
        fits = false;
    }
    fits
}

fn groups(value: &Value<'_>, context: Context<'_>, out: &mut Sink) -> Option<Vec<String>> {
    let names: Vec<String> = match value.raw() {
        DeValue::String(_) => vec![value.filled(out)?],
        DeValue::Array(_) => value.texts(out)?.into_iter().map(|(t, _)| t).collect(),
        _ => {
            out.push(value.problem("`group` must be a column's name or a list of names").remedy("e.g. group = \"sex\", or group = [\"sex\", \"age_band\"]"));
            return None;
        }
    };
    if names.is_empty() {
        out.push(value.problem("`group` names no column").remedy("name a grouping of the study, or leave the key away"));
        return None;
    }
    let Some(groupings) = context.groupings else { return Some(names) };
    let mut sorted = names.clone();
    sorted.sort();
    let found = groupings.iter().find(|g| {
        let mut other = g.variables.clone();
        other.sort();
        other == sorted
    });
    if let Some(found) = found {
        return Some(found.variables.clone());
    }
    let known: Vec<String> = groupings.iter().map(|g| g.variables.join(" and ")).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let asked = names.join(" and ");
    let remedy = match (crate::value::nearest(&asked, known.iter().copied()), known.is_empty()) {
        (Some(near), _) => format!("did you mean {}?", quote(near)),
        (None, true) => "the study has no groups: list them in evaluate.groups".to_owned(),
        (None, false) => format!("add it to evaluate.groups, or take one of: {}", known.join(", ")),
    };
    out.push(value.problem(format!("the study does not evaluate groups by {}", quote(&asked))).remedy(remedy));
    None
}

fn level_name(value: &Value<'_>, context: Context<'_>, out: &mut Sink) -> Option<Option<String>> {
    let text = value.filled(out)?;
    let Some((levels, full)) = context.levels else { return Some(Some(text)) };
    if text == full {
        return Some(None);
    }
    let names: Vec<&str> = levels.iter().map(String::as_str).chain([full]).collect();
    one_of(&text, &names, "evaluated code level", value, out).then_some(Some(text))
}

/// The keys of bounds, in the order in which they are read.
const BOUNDS: [&str; 4] = ["at_least", "at_most", "non_inferior_by", "equivalent_within"];

/// Exactly one bound, within the metric's range and on a side that can fail; margins for differences from another candidate only.
fn bound(table: &Table<'_>, bounds: [Option<Value<'_>>; 4], metric: Option<&Metric>, across: Option<Across>, out: &mut Sink) -> Option<Bound> {
    let mut given: Vec<(usize, Value<'_>)> = bounds.into_iter().enumerate().filter_map(|(i, v)| Some((i, v?))).collect();
    if given.len() > 1 {
        let names: Vec<String> = given.iter().map(|(i, _)| format!("`{}`", BOUNDS[*i])).collect();
        out.push(given[1].1.problem(format!("a gate has either {}", names.join(" or "))).remedy("make a gate of each"));
        return None;
    }
    let Some((which, value)) = given.pop() else {
        let near = table.all().into_iter().any(|(key, ..)| BOUNDS.iter().any(|k| crate::value::nearest(key, [*k]).is_some()));
        if !near {
            out.push(table.problem("the gate has no bound").remedy("add `at_least` or `at_most`, e.g. at_least = 0.8"));
        }
        return None;
    };
    if which >= 2 {
        if metric.is_some_and(|m| m.scope != Scope::Candidates) {
            out.push(
                value
                    .problem(format!("`{}` is for differences from another candidate", BOUNDS[which]))
                    .remedy("take accuracy-difference and name the other in `versus`, or write `at_least` or `at_most`"),
            );
            return None;
        }
        let margin = match metric.map(|m| m.unit) {
            Some(Unit::Points) => Limits::AboveTo(0.0, 1.0),
            _ => Limits::AboveTo(0.0, f64::MAX),
        };
        return value.number(margin, out).map(if which == 2 { Bound::NonInferiorBy } else { Bound::EquivalentWithin });
    }
    let is_low = which == 0;
    let make = |x: f64| if is_low { Bound::AtLeast(x) } else { Bound::AtMost(x) };
    let Some(metric) = metric else { return value.number(Limits::FromTo(f64::MIN, f64::MAX), out).map(make) };
    let number = value.number(limits(metric, across), out)?;
    let lower_is_better = match across {
        Some(Across::Difference) => Some(true),
        Some(Across::Ratio) => Some(false),
        Some(Across::ReferenceDifference | Across::ReferenceRatio) => None,
        // A difference below zero is better there, so that a bound on either side can be meant.
        _ if metric.better == Better::Lower && metric.scope != Scope::Candidates => Some(true),
        _ => None,
    };
    if lower_is_better == Some(is_low) {
        let (wrong, right, side) = if is_low { ("at_least", "at_most", "smaller") } else { ("at_most", "at_least", "larger") };
        out.push(value.problem(format!("`{wrong}` cannot be meant: {side} values are better here")).remedy(format!("write {right} = {number}")));
        return None;
    }
    Some(make(number))
}

/// The values that a bound can have.
fn limits(metric: &Metric, across: Option<Across>) -> Limits {
    match (across, metric.unit) {
        (Some(Across::ReferenceDifference), Unit::Share | Unit::Points) => Limits::FromTo(-1.0, 1.0),
        (Some(Across::ReferenceRatio), _) => Limits::FromTo(0.0, f64::MAX),
        (Some(Across::Ratio), _) | (_, Unit::Share) => Limits::FromTo(0.0, 1.0),
        (Some(Across::Difference), Unit::Points) => Limits::FromTo(0.0, 2.0),
        (_, Unit::Points) => Limits::FromTo(-1.0, 1.0),
        (_, Unit::Number) if metric.better == Better::Zero || metric.scope == Scope::Candidates => Limits::FromTo(f64::MIN, f64::MAX),
        (_, Unit::Number | Unit::Seconds | Unit::Bytes | Unit::Joules | Unit::Grams | Unit::Money) => Limits::FromTo(0.0, f64::MAX),
    }
}
