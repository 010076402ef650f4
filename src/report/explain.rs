//! What `proofmark explain` prints: the registry's own words on a metric, or the list of metrics.

use crate::metric::{METRICS, Metric, Scope, find};
use crate::value::{Class, Failure, Problem, nearest};

/// The documentation of a metric, or the list of all without an id.
///
/// # Errors
/// An id that is not in the registry; the remedy names the nearest.
pub fn explain(metric: Option<&str>) -> Result<String, Failure> {
    let Some(id) = metric else {
        return Ok(list());
    };
    find(id).map(describe).ok_or_else(|| {
        let problem = Problem::new(Class::Usage, format!("unknown metric `{id}`"));
        let all = "`proofmark explain` lists all metrics";
        match nearest(id, METRICS.iter().map(|m| m.id)) {
            Some(near) => problem.remedy(format!("did you mean `{near}`? {all}")),
            None => problem.remedy(all),
        }
        .into()
    })
}

/// One metric, a heading and a text a line.
fn describe(m: &Metric) -> String {
    let facts = [
        ("Definition", m.definition),
        ("Formula", m.formula),
        ("Range", m.range),
        ("No value when", m.undefined),
        ("How to read it", m.reading),
        ("Computed for", scope(m.scope)),
        ("Reference", m.reference),
    ];
    let mut out = format!("{} ({})\n", m.name, m.id);
    for (name, text) in facts {
        out.push_str(&format!("\n{name}\n  {text}\n"));
    }
    out
}

/// All metrics, one a line, under what they are computed for.
fn list() -> String {
    let width = METRICS.iter().map(|m| m.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for kind in [
        Scope::Records,
        Scope::Code,
        Scope::Threshold,
        Scope::Groups,
        Scope::Gap,
        Scope::Group,
        Scope::Published,
        Scope::Figures,
        Scope::Coders,
        Scope::Labels,
        Scope::Words,
        Scope::Candidates,
        Scope::Cost,
    ] {
        out.push_str(&format!("{}\n", scope(kind)));
        for m in METRICS.iter().filter(|m| m.scope == kind) {
            out.push_str(&format!("  {:width$}  {}\n", m.id, m.name));
        }
        out.push('\n');
    }
    out.push_str("`proofmark explain METRIC` prints definition, formula, range, when it has no value, how to read it and its reference.\n");
    out
}

/// What a metric is computed for, in words.
fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Records => "the whole test part, each group and each code level",
        Scope::Code => "each code",
        Scope::Threshold => "each confidence threshold",
        Scope::Groups => "comparisons between the groups of a variable by any metric (the key `across` of a gate)",
        Scope::Gap => "the groups of a variable, code by code or as a whole (a gate names the metric and `group`)",
        Scope::Group => "each group of a variable",
        Scope::Published => "the published figures as a whole",
        Scope::Figures => "single published figures, on the card only: gates cannot cite them",
        Scope::Coders => "records of the test part that two coders coded",
        Scope::Labels => "the true codes of the whole test part, each group and each code",
        Scope::Words => "single words of answers, on the card only: gates cannot cite them",
        Scope::Candidates => "each other candidate of the study, on the same records",
        Scope::Cost => "the cost of a run",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_listed_and_explained() {
        let list = explain(None).unwrap();
        for m in METRICS.iter() {
            assert!(list.lines().any(|l| l.split_whitespace().next() == Some(m.id)), "{} is not listed", m.id);
            let text = explain(Some(m.id)).unwrap();
            for part in [m.definition, m.formula, m.range, m.undefined, m.reading, m.reference] {
                assert!(text.contains(part), "{}: {part}", m.id);
            }
        }
    }

    #[test]
    fn a_misspelt_metric_is_suggested() {
        let failure = explain(Some("acuracy")).unwrap_err();
        assert_eq!(failure.problems[0].class, Class::Usage);
        assert!(failure.to_string().contains("did you mean `accuracy`?"), "{failure}");
    }
}
