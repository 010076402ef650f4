//! The values behind the card, after disclosure control.

use super::source::Source;
use crate::measure::{CodeFigures, Measure};
use crate::report::disclosure::Shown;
use crate::report::facts::{DataSheet, Facts, Figures, ModelFacts};
use crate::report::locale::Words;
use crate::report::marks;
use crate::value::Outcome;

/// The values behind a card.
pub fn facts(source: &Source<'_>, evidence_digest: &str, verdict_digest: &str) -> Facts {
    let (e, v) = (source.evidence, source.verdict);
    let owned = |list: &[(&str, &str)]| list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
    let mut estimates: Vec<Figures> = e.measures.iter().map(|m| row(source, m)).collect();
    estimates.extend(published(source));
    estimates.extend(e.run.cost.iter().map(|m| Figures { scope: "cost".into(), ..row(source, m) }));
    let mut groups: Vec<String> = Vec::new();
    for m in &e.measures {
        for variable in m.group.iter().flat_map(|g| &g.variables) {
            let name = marks::plain(&source.variable(variable));
            if !groups.contains(&name) {
                groups.push(name);
            }
        }
    }
    let (host, _) = e.run.metered();
    Facts {
        estimates,
        purpose: e.study.purpose.clone(),
        collection: e.study.collection.clone(),
        people: e.study.people.clone(),
        model: ModelFacts {
            kind: e.candidate.kind.clone(),
            owner: e.candidate.owner.clone(),
            intended_use: e.candidate.intended_use.clone(),
            out_of_scope: e.candidate.out_of_scope.clone(),
            settings: e.candidate.settings.iter().chain(&e.candidate.facts).cloned().collect(),
        },
        data: DataSheet {
            title: e.data.title.clone(),
            description: e.data.description.clone(),
            parts: [e.data.train, e.data.tune, e.data.test],
            split: e.data.split.clone(),
            design: e.data.design.clone(),
            code_levels: e.data.code_levels.clone(),
            groups,
            files: e.data.files.iter().map(|f| (f.name.clone(), f.digest.clone())).collect(),
        },
        policy: v.policy.title.clone(),
        policy_owner: v.policy.owner.clone(),
        expires_after_months: v.policy.valid_months.map(u64::from),
        evaluated: e.run.started.clone(),
        command: e.study.command.clone(),
        seed: e.study.seed,
        digests: owned(&[
            ("study", &e.study.digest),
            ("candidate", &e.candidate.digest),
            ("policy", &v.policy.digest),
            ("evidence", evidence_digest),
            ("verdict", verdict_digest),
        ]),
        machine: format!("{}, {} logical processors", host.cpu_model, host.logical_cpus),
        energy_tier: host.source.tier.words().to_owned(),
        notes: e.notes.clone(),
        not_examined: ["1", "2", "3", "4"].map(|n| Words::english().of("not-examined", n)).to_vec(),
    }
}

/// A measure, as far as it may be shown.
fn row(source: &Source<'_>, m: &Measure) -> Figures {
    let scope = match (&m.contrast, &m.versus, &m.code, &m.group) {
        (Some(_), ..) => "comparison",
        (_, Some(_), ..) => "candidates",
        (_, _, Some(_), _) => "code",
        (_, _, _, Some(_)) => "group",
        _ => "all",
    };
    let compared = match (&m.contrast, &m.versus) {
        (Some(c), _) => {
            // Which groups are furthest apart is told with the figure only.
            let pair = source.estimate(m).map_or_else(String::new, |_| format!(" ({} against {})", c.high.join(", "), c.low.join(", ")));
            let detail = c.detail.as_ref().filter(|_| !pair.is_empty());
            let code = detail.and_then(|d| d.code.as_ref()).map_or_else(String::new, |c| format!(", code {c}"));
            let within = detail
                .and_then(|d| d.within.as_ref())
                .map_or_else(String::new, |w| format!(", within {}{}", w.control, w.value.as_ref().map_or_else(String::new, |v| format!(" = {v}"))));
            format!("{} of {}{pair}{code}{within}", c.kind, c.variables.join(" × "))
        }
        (_, Some(v)) => format!("against {}", v.candidate),
        _ => String::new(),
    };
    let shown = source.disclosure.show(m);
    let mut out = told(shown, &m.outcome, source.disclosure.hides_records(m).is_some());
    out.metric = m.metric.clone();
    out.scope = scope.to_owned();
    out.level = m.code_level.clone().unwrap_or_default();
    out.code = m.code.clone().unwrap_or_default();
    out.threshold = m.threshold;
    out.group = m.group.iter().flat_map(|g| g.variables.iter().cloned().zip(g.values.iter().cloned())).collect();
    out.compared = compared;
    out
}

fn told(shown: Shown<'_>, outcome: &Outcome, hide_records: bool) -> Figures {
    let n = (!hide_records && !matches!(shown, Shown::TooFew)).then(|| outcome.n());
    match shown {
        Shown::Estimate(e) => Figures {
            status: "estimate".into(),
            value: Some(e.value),
            bounds: e.interval.map(|i| (i.lower, i.upper)),
            confidence: e.interval.map(|i| i.level),
            method: e.interval.map_or_else(String::new, |i| i.method.words().to_owned()),
            n,
            n_effective: e.n_effective.filter(|_| n.is_some()),
            ..Figures::default()
        },
        Shown::Undefined(why) => Figures { status: "undefined".into(), n, reason: why.to_owned(), ..Figures::default() },
        Shown::TooFew => Figures { status: "too few records".into(), ..Figures::default() },
        Shown::Suppressed(_) => Figures { status: "suppressed".into(), n, reason: Words::english().of("why", "suppressed"), ..Figures::default() },
    }
}

/// Published figures that may be shown; hidden ones by name only.
fn published(source: &Source<'_>) -> Vec<Figures> {
    let Some(p) = &source.evidence.published else { return Vec::new() };
    let mut out = Vec::new();
    for area in p.areas.iter().filter(|a| a.variable.is_none() || !source.disclosure.hides_sums()) {
        for c in &area.codes {
            let hidden = source.disclosure.hides_figure(area, &c.code);
            for (metric, outcome) in figures(c) {
                let shown = match outcome {
                    _ if hidden => Shown::Suppressed(crate::report::disclosure::Why::Along),
                    Outcome::Estimate(e) => Shown::Estimate(e),
                    Outcome::Undefined(u) => Shown::Undefined(&u.why),
                };
                let mut row = told(shown, outcome, hidden);
                row.metric = metric.to_owned();
                row.scope = "published".into();
                row.level = p.code_level.clone().unwrap_or_default();
                row.code = c.code.clone();
                row.group = area.group.iter().flat_map(|g| g.variables.iter().cloned().zip(g.values.iter().cloned())).collect();
                row.compared = area.variable.as_ref().map_or_else(String::new, |v| format!("total of {v}"));
                out.push(row);
            }
        }
    }
    out
}

fn figures(c: &CodeFigures) -> impl Iterator<Item = (&'static str, &Outcome)> {
    let optional = [
        ("share-counted", c.counted.as_ref()),
        ("share-calibrated", c.calibrated.as_ref()),
        ("share-inverted", c.misclassification.as_ref()),
        ("share-difference", c.difference.as_ref()),
        ("counting-bias", Some(&c.bias)),
        ("counting-coverage", c.coverage.as_ref()),
    ];
    optional.into_iter().filter_map(|(metric, outcome)| Some((metric, outcome?)))
}
