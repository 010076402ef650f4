//! Judges evidence against a policy: every gate on whole intervals, then the decision.

use super::policy::{Across, Bound, Gate, Policy, Severity};
use super::verdict::{Condition, Decision, Finding, Status, VERDICT_FORMAT, Verdict};
use crate::measure::{Evidence, Measure, at_level};
use crate::value::{Estimate, Outcome, Reason};

/// More records than this settle nothing in practice.
const TOO_MANY_RECORDS: f64 = 1e9;

/// The verdict of a policy on a candidate's evidence; `evidence_digest` is that of the stored evidence file.
#[must_use]
pub fn judge(evidence: &Evidence, policy: &Policy, evidence_digest: &str) -> Verdict {
    let cited: Vec<(&Gate, Vec<Measure>)> = policy.gates.iter().map(|gate| (gate, cite(gate, evidence))).collect();
    let family_size = |gate: &Gate| match &gate.family {
        Some(family) => cited
            .iter()
            .filter(|(g, _)| g.family.as_ref() == Some(family))
            .map(|(_, m)| m.iter().filter(|m| m.outcome.estimate().is_some()).count())
            .sum::<usize>()
            .max(1),
        None => 1,
    };
    let findings: Vec<Finding> = cited
        .iter()
        .flat_map(|(gate, measures)| {
            // Bonferroni: the chance of a wrong finding anywhere in the family stays below 1 − level.
            let level = 1.0 - (1.0 - gate.level) / family_size(gate) as f64;
            measures.iter().map(move |measure| find(gate, measure, level, evidence.study.minimum_group))
        })
        .collect();
    let decision = decide(&findings, policy);
    Verdict {
        format: VERDICT_FORMAT.to_owned(),
        program: evidence.program.clone(),
        candidate: evidence.candidate.id.clone(),
        evidence_digest: evidence_digest.to_owned(),
        policy: policy.clone(),
        // What would have to hold matters only to a deployment.
        conditions: if matches!(decision, Decision::Deploy | Decision::DeployWithConditions) { conditions(&findings, policy) } else { Vec::new() },
        findings,
        decision,
    }
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
fn cite(gate: &Gate, evidence: &Evidence) -> Vec<Measure> {
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
        .filter(|m| match (gate.threshold, m.threshold) {
            (None, None) => true,
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
        let outcome = Outcome::undefined(Reason::NotMeasured, "the evidence has no such estimate", 0);
        let measure = Measure {
            metric: gate.metric.clone(),
            code_level: gate.code_level.clone(),
            code: gate.code.clone(),
            threshold: gate.threshold,
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

fn find(gate: &Gate, measure: &Measure, level: f64, minimum: u64) -> Finding {
    let mut measure = measure.clone();
    let (status, records_needed) = match &measure.outcome {
        Outcome::Estimate(estimate) => {
            let judged = at_level(estimate, level, measure.contrast.as_ref());
            let status = status(&judged, gate.bound);
            let needed = if status == Status::Undecided { records_needed(&judged, gate.bound) } else { None };
            measure.outcome = Outcome::Estimate(judged);
            (status, needed)
        }
        Outcome::Undefined(u) => (Status::Undecided, (u.reason == Reason::TooFewRecords).then_some(minimum)),
    };
    Finding { gate: gate.id.clone(), severity: gate.severity, bound: gate.bound, why: gate.why.clone(), status, measure, records_needed }
}

/// Met when the whole interval is on the wanted side, not met when it is wholly on the other.
fn status(estimate: &Estimate, bound: Bound) -> Status {
    let Some(interval) = estimate.interval else { return Status::Undecided };
    let (met, missed) = match bound {
        Bound::AtLeast(b) => (interval.lower >= b, interval.upper < b),
        Bound::AtMost(b) => (interval.upper <= b, interval.lower > b),
    };
    match (met, missed) {
        (true, _) => Status::Met,
        (_, true) => Status::NotMet,
        _ => Status::Undecided,
    }
}

/// Records that would bring the interval's bound to the gate's, were the estimate to stay: widths shrink with the square root of n.
fn records_needed(estimate: &Estimate, bound: Bound) -> Option<u64> {
    let interval = estimate.interval?;
    let (Bound::AtLeast(bound) | Bound::AtMost(bound)) = bound;
    let distance = (estimate.value - bound).abs();
    let half = if estimate.value >= bound { estimate.value - interval.lower } else { interval.upper - estimate.value };
    let needed = (estimate.n as f64 * (half / distance).powi(2)).ceil();
    (needed.is_finite() && needed < TOO_MANY_RECORDS && estimate.n > 0).then_some(needed as u64)
}

fn decide(findings: &[Finding], policy: &Policy) -> Decision {
    let denies = || findings.iter().filter(|f| f.severity == Severity::Deny);
    if denies().any(|f| f.status == Status::NotMet) {
        Decision::Reject
    } else if denies().any(|f| f.status == Status::Undecided) || denies().next().is_none() {
        // A policy without a `deny` gate has not said what would stop a deployment, so nothing is decided.
        Decision::Undecided
    } else if conditions(findings, policy).iter().any(|c| !matches!(c, Condition::ExpiresAfterMonths(_))) {
        Decision::DeployWithConditions
    } else {
        Decision::Deploy
    }
}

fn conditions(findings: &[Finding], policy: &Policy) -> Vec<Condition> {
    let mut list: Vec<Condition> = policy.automatic_threshold.map(Condition::ConfidenceAtLeast).into_iter().collect();
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

    #[test]
    fn a_gate_looks_at_the_whole_interval() {
        assert_eq!(status(&estimate(0.8, 0.75, 0.85, 100), Bound::AtLeast(0.75)), Status::Met);
        assert_eq!(status(&estimate(0.8, 0.74, 0.85, 100), Bound::AtLeast(0.75)), Status::Undecided);
        assert_eq!(status(&estimate(0.7, 0.65, 0.74, 100), Bound::AtLeast(0.75)), Status::NotMet);
        assert_eq!(status(&estimate(0.7, 0.65, 0.75, 100), Bound::AtMost(0.75)), Status::Met);
        let without = Estimate { interval: None, ..estimate(0.9, 0.0, 0.0, 100) };
        assert_eq!(status(&without, Bound::AtLeast(0.5)), Status::Undecided);
    }

    #[test]
    fn records_needed_scale_with_the_square_of_the_distance() {
        // Half-width 0.04 below the value, distance 0.02: four times the records.
        assert_eq!(records_needed(&estimate(0.77, 0.73, 0.81, 400), Bound::AtLeast(0.75)), Some(1600));
        assert_eq!(records_needed(&estimate(0.75, 0.71, 0.79, 400), Bound::AtLeast(0.75)), None);
    }
}
