//! Judges evidence against a policy: every gate on whole intervals, then the decision.

use super::family::{Question, shared};
use super::policy::{Across, Bound, Gate, Policy, Severity};
use super::settle::needed;
use super::verdict::{Condition, Decision, Finding, Shared, Status, VERDICT_FORMAT, Verdict};
use crate::measure::{Evidence, Measure, at_level};
use crate::stats::{equivalence, non_inferiority};
use crate::value::{Estimate, Method, Outcome, Reason};

/// The verdict of a policy on a candidate's evidence; `evidence_digest` is that of the stored evidence file.
#[must_use]
pub fn judge(evidence: &Evidence, policy: &Policy, evidence_digest: &str) -> Verdict {
    let chosen = automatic_threshold(policy, evidence);
    let cited: Vec<(&Gate, Measure)> = policy.gates.iter().flat_map(|gate| cite(gate, evidence, chosen).into_iter().map(move |m| (gate, m))).collect();
    let levels = levels(&cited, policy);
    let minimum = evidence.study.minimum_group;
    let findings: Vec<Finding> = cited.iter().zip(levels).map(|((gate, measure), (level, shared))| find(gate, measure, level, shared, minimum)).collect();
    let automatic = automatic(policy, evidence);
    let decision = decide(&findings, policy, automatic);
    Verdict {
        format: VERDICT_FORMAT.to_owned(),
        program: evidence.program.clone(),
        candidate: evidence.candidate.id.clone(),
        evidence_digest: evidence_digest.to_owned(),
        policy: policy.clone(),
        // What would have to hold matters only to a deployment.
        conditions: if matches!(decision, Decision::Deploy | Decision::DeployWithConditions) { conditions(&findings, policy, automatic) } else { Vec::new() },
        findings,
        decision,
    }
}

/// Where records are coded without a clerk.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Automatic {
    /// The policy says nothing of it.
    NotAsked,
    /// From this confidence on.
    At(f64),
    /// Nowhere: no threshold keeps the policy's promise, or none was chosen for it.
    Nowhere,
}

fn automatic(policy: &Policy, evidence: &Evidence) -> Automatic {
    match (policy.automatic_threshold, policy.automatic_promise) {
        (Some(threshold), _) => Automatic::At(threshold),
        (None, None) => Automatic::NotAsked,
        (None, Some(promise)) => {
            let chosen = evidence.automatic.as_ref().filter(|c| c.promise == promise).and_then(|c| c.threshold());
            chosen.map_or(Automatic::Nowhere, Automatic::At)
        }
    }
}

/// The confidence from which records are coded without a clerk: the policy's own, or the one chosen on the tuning part for its promise.
#[must_use]
pub fn automatic_threshold(policy: &Policy, evidence: &Evidence) -> Option<f64> {
    match automatic(policy, evidence) {
        Automatic::At(threshold) => Some(threshold),
        Automatic::NotAsked | Automatic::Nowhere => None,
    }
}

/// The level that each finding is judged at, and how it was shared in its family.
fn levels(cited: &[(&Gate, Measure)], policy: &Policy) -> Vec<(f64, Option<Shared>)> {
    let mut levels: Vec<(f64, Option<Shared>)> = cited.iter().map(|(gate, _)| (gate.level, None)).collect();
    let mut families: Vec<&String> = cited.iter().filter_map(|(gate, _)| gate.family.as_ref()).collect();
    families.sort();
    families.dedup();
    for family in families {
        // Without an estimate nothing can be found by chance, and ranges of cost have no level.
        let chance = |m: &Measure| m.outcome.estimate().and_then(|e| e.interval).is_some_and(|i| i.method != Method::PlausibleRange);
        let members: Vec<usize> = (0..cited.len()).filter(|&i| cited[i].0.family.as_ref() == Some(family) && chance(&cited[i].1)).collect();
        let at = |i: usize, level: f64| {
            let (gate, measure) = &cited[members[i]];
            measure.outcome.estimate().map(|e| (judged(gate.bound, e, level, measure), gate.bound.allowed(&gate.metric)))
        };
        let questions: Vec<Question> = (0..members.len())
            .map(|i| {
                let level = cited[members[i]].0.level;
                let inside = at(i, level).is_some_and(|(e, allowed)| within(e.value, allowed));
                Question { level, leans: if inside { Status::Met } else { Status::NotMet } }
            })
            .collect();
        let method = policy.sharing(family);
        let decided = |i: usize, level: f64| at(i, level).is_some_and(|(e, allowed)| status(&e, allowed) != Status::Undecided);
        for (&at, answer) in members.iter().zip(shared(method, &questions, decided)) {
            let share = Shared { family: family.clone(), method, findings: members.len() as u64, among: answer.among };
            levels[at] = (answer.level, Some(share));
        }
    }
    levels
}

/// An estimate with the interval that is judged: at the level, or for margins with each bound one-sided at the level.
fn judged(bound: Bound, estimate: &Estimate, level: f64, measure: &Measure) -> Estimate {
    let two_sided = if bound.margin().is_some() { 2.0 * level - 1.0 } else { level };
    at_level(estimate, two_sided, measure.contrast.as_ref())
}

/// The kind of comparison between groups that a gate looks at.
fn kind(across: Option<Across>) -> &'static str {
    match across {
        Some(Across::Difference) => "difference",
        Some(Across::Ratio) => "ratio",
        Some(Across::ReferenceDifference) => "reference-difference",
        Some(Across::ReferenceRatio) => "reference-ratio",
        Some(Across::Each) | None => "gap",
    }
}

/// The estimates that a gate looks at; one that says "not measured" when the evidence has none.
fn cite(gate: &Gate, evidence: &Evidence, chosen: Option<f64>) -> Vec<Measure> {
    let threshold = if gate.at_chosen { chosen } else { gate.threshold };
    if gate.versus.as_ref() == Some(&evidence.candidate.id) {
        return Vec::new();
    }
    let mut wanted = gate.groups.clone();
    wanted.sort();
    let same_groups = |variables: &[String]| {
        let mut variables = variables.to_vec();
        variables.sort();
        variables == wanted
    };
    let found: Vec<Measure> = evidence
        .measures
        .iter()
        .chain(&evidence.run.cost)
        .filter(|m| m.metric == gate.metric && m.code_level == gate.code_level)
        .filter(|m| match (threshold, m.threshold) {
            (None, None) => !gate.at_chosen,
            (Some(a), Some(b)) => (a - b).abs() < 1e-9,
            _ => false,
        })
        .filter(|m| m.versus.as_ref().map(|v| &v.candidate) == gate.versus.as_ref())
        .filter(|m| match gate.code.as_deref() {
            None => m.code.is_none(),
            Some("*") => m.code.is_some(),
            Some(code) => m.code.as_deref() == Some(code),
        })
        .filter(|m| match (gate.groups.is_empty(), gate.across) {
            (true, _) => m.group.is_none() && m.contrast.is_none(),
            (false, Some(Across::Each)) => m.group.as_ref().is_some_and(|g| same_groups(&g.variables)),
            (false, across) => m.contrast.as_ref().is_some_and(|c| c.kind == kind(across) && same_groups(&c.variables)),
        })
        .cloned()
        .collect();
    if found.is_empty() {
        let nowhere = gate.at_chosen && chosen.is_none();
        let why = if nowhere { "no threshold was chosen for coding without a clerk" } else { "the evidence has no such estimate" };
        let outcome = Outcome::undefined(Reason::NotMeasured, why, 0);
        let measure = Measure {
            metric: gate.metric.clone(),
            code_level: gate.code_level.clone(),
            code: gate.code.clone(),
            threshold,
            group: None,
            contrast: None,
            versus: None,
            outcome,
        };
        return vec![measure];
    }
    // Codes too rare for an estimate of their own are not the subject of a gate over all codes.
    if gate.code.as_deref() == Some("*") {
        let enough: Vec<Measure> = found.iter().filter(|m| m.outcome.n() >= evidence.study.minimum_group).cloned().collect();
        if !enough.is_empty() {
            return enough;
        }
    }
    found
}

/// The finding of a gate on an estimate at a level.
pub(super) fn find(gate: &Gate, measure: &Measure, level: f64, shared: Option<Shared>, minimum: u64) -> Finding {
    let allowed = gate.bound.allowed(&gate.metric);
    let mut finding = Finding {
        gate: gate.id.clone(),
        severity: gate.severity,
        bound: gate.bound,
        why: gate.why.clone(),
        status: Status::Undecided,
        measure: measure.clone(),
        shared,
        p: None,
        records_needed: None,
        psus_needed: None,
        detectable: None,
    };
    match &measure.outcome {
        Outcome::Estimate(estimate) => {
            let judged = judged(gate.bound, estimate, level, measure);
            finding.status = status(&judged, allowed);
            finding.p = p_of_margin(gate, estimate, level);
            if finding.status == Status::Undecided {
                let needed = needed(&judged, allowed);
                finding.records_needed = needed.records;
                finding.psus_needed = needed.psus;
                finding.detectable = needed.distance.filter(|_| gate.bound.margin().is_some());
            }
            finding.measure.outcome = Outcome::Estimate(judged);
        }
        Outcome::Undefined(u) => finding.records_needed = (u.reason == Reason::TooFewRecords).then_some(minimum),
    }
    finding
}

/// The p-value of the hypothesis that a difference is beyond the gate's margin; none where its standard error is not known.
fn p_of_margin(gate: &Gate, estimate: &Estimate, level: f64) -> Option<f64> {
    let (se, df) = (estimate.se?, estimate.df?);
    match (gate.bound, gate.bound.allowed(&gate.metric)) {
        (Bound::EquivalentWithin(margin), _) => Some(equivalence(estimate.value, se, df, margin, level).p),
        // Less is better: the difference turned round.
        (Bound::NonInferiorBy(margin), (None, _)) => Some(non_inferiority(-estimate.value, se, df, margin, level).p),
        (Bound::NonInferiorBy(margin), _) => Some(non_inferiority(estimate.value, se, df, margin, level).p),
        (Bound::AtLeast(_) | Bound::AtMost(_), _) => None,
    }
}

/// Whether a value is allowed.
fn within(value: f64, (lowest, highest): (Option<f64>, Option<f64>)) -> bool {
    lowest.is_none_or(|b| value >= b) && highest.is_none_or(|b| value <= b)
}

/// Met when the whole interval is among the allowed values, not met when all of it is beyond one of their bounds.
fn status(estimate: &Estimate, allowed: (Option<f64>, Option<f64>)) -> Status {
    let Some(interval) = estimate.interval else { return Status::Undecided };
    let beyond = allowed.0.is_some_and(|b| interval.upper < b) || allowed.1.is_some_and(|b| interval.lower > b);
    match (within(interval.lower, allowed) && within(interval.upper, allowed), beyond) {
        (true, _) => Status::Met,
        (_, true) => Status::NotMet,
        _ => Status::Undecided,
    }
}

fn decide(findings: &[Finding], policy: &Policy, automatic: Automatic) -> Decision {
    let denies = || findings.iter().filter(|f| f.severity == Severity::Deny);
    if denies().any(|f| f.status == Status::NotMet) {
        Decision::Reject
    } else if denies().any(|f| f.status == Status::Undecided) || denies().next().is_none() {
        // A policy without a `deny` gate has not said what would stop a deployment, so nothing is decided.
        Decision::Undecided
    } else if conditions(findings, policy, automatic).iter().any(|c| !matches!(c, Condition::ExpiresAfterMonths(_))) {
        Decision::DeployWithConditions
    } else {
        Decision::Deploy
    }
}

fn conditions(findings: &[Finding], policy: &Policy, automatic: Automatic) -> Vec<Condition> {
    let mut list: Vec<Condition> = match automatic {
        Automatic::NotAsked => Vec::new(),
        Automatic::At(threshold) => vec![Condition::ConfidenceAtLeast(threshold)],
        Automatic::Nowhere => vec![Condition::ClerkForAll],
    };
    for finding in findings.iter().filter(|f| f.severity == Severity::Warn && f.status != Status::Met) {
        let gate = finding.gate.clone();
        let condition = match (&finding.measure.group, &finding.measure.code) {
            (Some(group), _) => Condition::ClerkForGroup { variables: group.variables.clone(), values: group.values.clone(), gate },
            (None, Some(code)) if code != "*" => Condition::ClerkForCode { code: code.clone(), gate },
            _ => Condition::Accept { gate },
        };
        if !list.contains(&condition) {
            list.push(condition);
        }
    }
    list.extend(policy.valid_months.map(Condition::ExpiresAfterMonths));
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Interval, Method};

    fn estimate(value: f64, lower: f64, upper: f64, n: u64) -> Estimate {
        let interval = Some(Interval { lower, upper, level: 0.95, method: Method::Wilson });
        Estimate { value, se: None, interval, n, n_effective: None, psus: None, df: None, design_effect: None }
    }

    fn judged_by(estimate: &Estimate, bound: Bound) -> Status {
        status(estimate, bound.allowed("accuracy"))
    }

    #[test]
    fn a_gate_looks_at_the_whole_interval() {
        assert_eq!(judged_by(&estimate(0.8, 0.75, 0.85, 100), Bound::AtLeast(0.75)), Status::Met);
        assert_eq!(judged_by(&estimate(0.8, 0.74, 0.85, 100), Bound::AtLeast(0.75)), Status::Undecided);
        assert_eq!(judged_by(&estimate(0.7, 0.65, 0.74, 100), Bound::AtLeast(0.75)), Status::NotMet);
        assert_eq!(judged_by(&estimate(0.7, 0.65, 0.75, 100), Bound::AtMost(0.75)), Status::Met);
        let without = Estimate { interval: None, ..estimate(0.9, 0.0, 0.0, 100) };
        assert_eq!(judged_by(&without, Bound::AtLeast(0.5)), Status::Undecided);
    }

    fn gate(metric: &str, bound: Bound) -> Gate {
        Gate {
            id: "margin".into(),
            metric: metric.into(),
            code_level: None,
            code: None,
            threshold: None,
            at_chosen: false,
            versus: Some("old".into()),
            groups: Vec::new(),
            across: None,
            bound,
            level: 0.95,
            severity: Severity::Deny,
            family: None,
            why: None,
        }
    }

    fn difference(metric: &str, value: f64, se: f64, df: f64) -> Measure {
        let (lower, upper) = crate::stats::student_t(value, se, df, 0.95);
        let interval = Some(Interval { lower, upper, level: 0.95, method: Method::StudentT });
        let e = Estimate { se: Some(se), df: Some(df), interval, ..estimate(value, 0.0, 0.0, 240) };
        Measure {
            metric: metric.into(),
            code_level: None,
            code: None,
            threshold: None,
            group: None,
            contrast: None,
            versus: None,
            outcome: Outcome::Estimate(e),
        }
    }

    // scipy 1.17 on 240 paired records: difference 0.0833 ± 0.0431, interval at 0.9 (0.012238, 0.154429); statsmodels' ttost_paired for ±0.1.
    #[test]
    fn margins_are_judged_on_one_sided_bounds() {
        let m =
            |bound| find(&gate("accuracy-difference", bound), &difference("accuracy-difference", 0.083_333_333_333, 0.043_055_649_285, 239.0), 0.95, None, 30);
        let found = m(Bound::NonInferiorBy(0.05));
        let i = found.measure.outcome.estimate().unwrap().interval.unwrap();
        assert!((i.lower - 0.012_237_513).abs() < 1e-8 && (i.upper - 0.154_429_154).abs() < 1e-8 && (i.level - 0.9).abs() < 1e-12, "{i:?}");
        assert_eq!(found.status, Status::Met);
        assert!((found.p.unwrap() - 0.001_095_046_7).abs() < 1e-9, "{:?}", found.p);
        // The interval at 0.95 begins below zero, the one-sided bound above it: a superiority that only the one-sided level shows.
        assert_eq!(m(Bound::NonInferiorBy(0.0)).status, Status::Met);
        assert_eq!(m(Bound::AtLeast(0.0)).status, Status::Undecided);
        let equal = m(Bound::EquivalentWithin(0.1));
        assert_eq!(equal.status, Status::Undecided);
        assert!((equal.p.unwrap() - 0.349_514_826_7).abs() < 1e-8, "{:?}", equal.p);
        assert!(equal.records_needed.is_some() && equal.detectable.is_some());
        assert_eq!(m(Bound::EquivalentWithin(0.16)).status, Status::Met);
        assert_eq!(m(Bound::EquivalentWithin(0.01)).status, Status::NotMet);
    }

    #[test]
    fn non_inferiority_asks_the_other_way_round_where_less_is_better() {
        let m = |value| find(&gate("log-loss-difference", Bound::NonInferiorBy(0.02)), &difference("log-loss-difference", value, 0.01, 1e9), 0.95, None, 30);
        assert_eq!((m(-0.3).status, m(0.3).status, m(0.01).status), (Status::Met, Status::NotMet, Status::Undecided));
        assert!(m(-0.3).p.unwrap() < 1e-6 && m(0.3).p.unwrap() > 0.999);
    }

    #[test]
    fn what_the_margin_tests_show_is_what_the_gate_finds() {
        for value in [-0.06, -0.03, -0.02, -0.01, 0.0, 0.01, 0.03, 0.06] {
            for (bound, shown) in [
                (Bound::NonInferiorBy(0.02), non_inferiority(value, 0.01, 30.0, 0.02, 0.95).shown),
                (Bound::EquivalentWithin(0.02), equivalence(value, 0.01, 30.0, 0.02, 0.95).shown),
            ] {
                let found = find(&gate("accuracy-difference", bound), &difference("accuracy-difference", value, 0.01, 30.0), 0.95, None, 30).status;
                assert_eq!(format!("{found:?}"), format!("{shown:?}"), "{value} {bound:?}");
            }
        }
    }
}
