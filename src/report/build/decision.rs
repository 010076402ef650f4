//! The banner: the decision, each reason as a sentence, and the conditions; and the section with every finding.

use super::source::{Source, subject_metric, upper_first};
use crate::judge::{Bound, Condition, Decision, Finding, Severity, Status};
use crate::measure::{GroupCell, Measure};
use crate::metric::{Unit, find};
use crate::report::card::{Banner, Block, Reason};
use crate::report::disclosure::Shown;
use crate::report::locale::{Words, say};
use crate::report::words;
use crate::value::Method;
use std::collections::BTreeSet;

/// Findings that the banner shows at most.
const IN_BANNER: usize = 6;
/// Findings that the section shows open.
const OPEN: usize = 12;

/// The banner of a card.
pub fn banner(source: &Source<'_>) -> Banner {
    let w = source.words;
    let decision = source.verdict.decision;
    let floor = source.evidence.candidate.floor;
    let told = w.of("decision", kind(decision));
    let meaning = if floor { say!(w, "decision-floor-meaning", judged = told) } else { w.of("decision", &format!("{}-meaning", kind(decision))) };
    let all = &source.verdict.findings;
    let gates: BTreeSet<&str> = all.iter().map(|f| f.gate.as_str()).collect();
    let met = gates.iter().filter(|gate| all.iter().all(|f| f.gate != **gate || f.status == Status::Met)).count();
    let more = (!all.is_empty()).then(|| {
        let (gates, findings) = (gates.len(), all.len());
        say!(w, "gates-met-more", met = met, gates = gates, findings = findings, section = w.of("section", "findings"))
    });
    Banner {
        kind: if floor { "floor" } else { kind(decision) }.into(),
        words: words_of(source),
        meaning,
        dated: say!(w, "dated", day = w.day(&source.evidence.run.started)),
        reasons: decisive(source),
        more,
        // A floor is never used, whatever would have to hold.
        conditions: if floor { Vec::new() } else { conditions(source) },
    }
}

/// The decision in a few words; a floor is none to decide on.
pub fn words_of(source: &Source<'_>) -> String {
    let w = source.words;
    if source.evidence.candidate.floor { say!(w, "decision-floor") } else { w.of("decision", kind(source.verdict.decision)) }
}

/// Whether a finding is on an estimate that may not be shown; its place and status must not tell of it either.
fn hidden(source: &Source<'_>, f: &Finding) -> bool {
    matches!(source.disclosure.show(&f.measure), Shown::Suppressed(_))
}

/// What the banner gives as reasons: for each gate that decided, its most serious finding, and how many others there are like it.
fn decisive(source: &Source<'_>) -> Vec<Reason> {
    let w = source.words;
    let decision = source.verdict.decision;
    let counts = |f: &Finding| match decision {
        Decision::Reject => f.severity == Severity::Deny && f.status == Status::NotMet,
        Decision::Undecided => f.severity == Severity::Deny && f.status != Status::Met,
        Decision::Deploy | Decision::DeployWithConditions => true,
    };
    let mut findings: Vec<&Finding> = ordered(source).into_iter().filter(|f| counts(f)).collect();
    if decision == Decision::DeployWithConditions || decision == Decision::Deploy {
        // What speaks for deployment first: the gates that could have forbidden it.
        findings.sort_by_key(|f| f.severity == Severity::Warn);
    }
    let mut gates: Vec<&str> = Vec::new();
    let mut reasons = Vec::new();
    for f in &findings {
        if gates.contains(&f.gate.as_str()) {
            continue;
        }
        gates.push(&f.gate);
        let alike: Vec<&Finding> =
            findings.iter().copied().filter(|g| g.gate == f.gate && g.status == f.status && hidden(source, g) == hidden(source, f)).collect();
        // The one with the least room to its bound stands for the others.
        let worst = alike.iter().copied().min_by(|a, b| room(source, a).total_cmp(&room(source, b))).unwrap_or(f);
        let mut one = reason(source, worst);
        let alike = alike.len() - 1;
        if alike > 0 && !hidden(source, f) {
            one.text.push(' ');
            one.text.push_str(&words::alike(w, alike, &f.gate, f.status));
        }
        reasons.push(one);
    }
    reasons.truncate(IN_BANNER);
    reasons
}

/// How far the estimate is on the wanted side of the bound; without a figure to show, as far as can be.
fn room(source: &Source<'_>, finding: &Finding) -> f64 {
    let (lowest, highest) = finding.bound.allowed(&finding.measure.metric);
    source.estimate(&finding.measure).map_or(f64::INFINITY, |e| {
        let rooms = lowest.map(|b| e.value - b).into_iter().chain(highest.map(|b| b - e.value));
        rooms.fold(f64::INFINITY, f64::min)
    })
}

/// The decision's name in files.
fn kind(decision: Decision) -> &'static str {
    match decision {
        Decision::Deploy => "deploy",
        Decision::DeployWithConditions => "deploy-with-conditions",
        Decision::Reject => "reject",
        Decision::Undecided => "undecided",
    }
}

/// The findings, those that weigh most first: failed, undecided, met; `deny` before `warn`; otherwise in the policy's order.
fn ordered<'a>(source: &Source<'a>) -> Vec<&'a Finding> {
    let mut findings: Vec<&Finding> = source.verdict.findings.iter().collect();
    findings.sort_by_key(|f| {
        let severity = u8::from(f.severity == Severity::Warn);
        match f.status {
            _ if hidden(source, f) => (severity, 2),
            Status::NotMet => (severity, 0),
            Status::Undecided => (severity, 1),
            // A met gate says least, whatever its severity.
            Status::Met => (3, severity),
        }
    });
    findings
}

/// A finding for the card.
fn reason(source: &Source<'_>, finding: &Finding) -> Reason {
    let kind = match finding.status {
        _ if hidden(source, finding) => "suppressed",
        Status::Met => "met",
        Status::NotMet => "not-met",
        Status::Undecided => "undecided",
    };
    Reason {
        kind: kind.into(),
        status: status(source, finding),
        text: sentence(source, finding),
        why: finding.why.as_ref().map(|why| source.foreign(why)),
        subject: upper_first(&source.subject(&finding.measure)),
        gate: finding.gate.clone(),
        forbids: finding.severity == Severity::Deny,
    }
}

/// Every finding, those that weigh most first.
pub fn all(source: &Source<'_>) -> Vec<Reason> {
    ordered(source).into_iter().map(|f| reason(source, f)).collect()
}

/// A finding's outcome in words, or that it is suppressed with its estimate.
fn status(source: &Source<'_>, finding: &Finding) -> String {
    let w = source.words;
    if hidden(source, finding) { say!(w, "status-suppressed") } else { words::status(w, finding.status) }
}

/// What a gate's bound asks for: "at least 70.0 %".
fn required(w: &Words, metric: &str, bound: Bound) -> String {
    match bound {
        Bound::AtLeast(b) => say!(w, "bound-at-least", value = w.value(metric, b)),
        Bound::AtMost(b) => say!(w, "bound-at-most", value = w.value(metric, b)),
        Bound::NonInferiorBy(margin) if bound.allowed(metric).0.is_none() => say!(w, "bound-less", value = w.value(metric, margin)),
        Bound::NonInferiorBy(margin) => say!(w, "bound-more", value = w.value(metric, -margin)),
        Bound::EquivalentWithin(margin) => say!(w, "bound-between", low = w.value(metric, -margin), high = w.value(metric, margin)),
    }
}

/// A finding in full sentences: estimate, interval, records, bound, and what would settle it.
fn sentence(source: &Source<'_>, finding: &Finding) -> String {
    let w = source.words;
    let m = &finding.measure;
    let metric = subject_metric(m);
    let required = required(w, metric, finding.bound);
    let minimum = source.evidence.study.minimum_group;
    let requires = finding.severity == Severity::Deny;
    let either = |deny: &'static str, warn: &'static str| if requires { deny } else { warn };
    let subject = upper_first(&source.subject(m));
    match source.disclosure.show(m) {
        Shown::Estimate(e) => {
            let (value, range) = w.estimate(metric, e);
            let range = match &e.interval {
                Some(i) if finding.bound.margin().is_some() => {
                    Some(say!(w, "one-sided-at", level = w.level(f64::midpoint(1.0, i.level)), bounds = w.bounds(metric, i.lower, i.upper)))
                }
                Some(i) if i.method != Method::PlausibleRange => {
                    Some(say!(w, "interval-at", level = w.level(i.level), bounds = w.bounds(metric, i.lower, i.upper)))
                }
                _ => range,
            };
            let records = (e.n > 0).then(|| say!(w, "records-beside", n = e.n));
            let beside: Vec<String> = range.into_iter().chain(records).collect();
            let beside = if beside.is_empty() { String::new() } else { say!(w, "in-brackets", text = beside.join(&say!(w, "list-beside"))) };
            let id = either("finding-requires", "finding-asks");
            let mut out = vec![say!(w, id, subject = subject, value = value, beside = beside, required = required)];
            if finding.status == Status::Undecided {
                out.push(if finding.bound.margin().is_some() { say!(w, "margin-inside") } else { say!(w, "bound-inside") });
            }
            if let (Status::Undecided, Some(records)) = (finding.status, finding.records_needed) {
                out.push(words::needed(w, records, finding.psus_needed, of_all(m), room(source, finding) >= 0.0));
            }
            out.extend(finding.detectable.map(|distance| say!(w, "detectable", distance = w.value(metric, distance))));
            out.join(" ")
        }
        Shown::Suppressed(why) => {
            let id = either("finding-suppressed-requires", "finding-suppressed-asks");
            say!(w, id, subject = subject, why = words::why(w, why), required = required)
        }
        Shown::TooFew => {
            let known = source.disclosure.hides_records(m).is_none().then(|| m.outcome.n());
            let id = either("finding-few-requires", "finding-few-asks");
            format!("{} {}", say!(w, id, subject = subject, n = minimum, required = required), words::lacking(w, minimum, known))
        }
        Shown::Undefined(why) => {
            let id = either("finding-undefined-requires", "finding-undefined-asks");
            say!(w, id, subject = subject, why = w.told(why), required = required)
        }
    }
}

/// Whether the records of a measure are all of the test part.
fn of_all(m: &Measure) -> bool {
    let whole = m.group.is_none() && m.metric != "coded-accuracy";
    m.contrast.is_some() || (m.versus.is_some() && m.group.is_none()) || (whole && m.versus.is_none() && (m.code.is_none() || m.metric.starts_with("share-")))
}

/// What a gate asks, of whatever it looks at: "the largest difference between groups of Sex in accuracy", "at most 5.0 points".
fn asked(source: &Source<'_>, gate: &str) -> Option<(String, String)> {
    let w = source.words;
    let finding = source.verdict.findings.iter().find(|f| f.gate == gate)?;
    let mut m = Measure { group: None, code: None, ..finding.measure.clone() };
    if let Some(contrast) = &mut m.contrast {
        contrast.high.clear();
        contrast.low.clear();
    }
    let figure = find(&m.metric).is_none_or(|k| !matches!(k.unit, Unit::Share | Unit::Number | Unit::Points));
    let subject = source.subject(&m);
    let subject = if m.contrast.is_some() || m.versus.is_some() || figure { say!(w, "the-subject", subject = subject) } else { subject };
    Some((subject, required(w, subject_metric(&finding.measure), finding.bound)))
}

/// The conditions, one a sentence; groups and codes that fail the same gate share one.
fn conditions(source: &Source<'_>) -> Vec<String> {
    let w = source.words;
    let mut out: Vec<String> = Vec::new();
    let mut told: Vec<(&str, bool)> = Vec::new();
    for condition in &source.verdict.conditions {
        let (gate, groups) = match condition {
            Condition::ClerkForGroup { gate, .. } => (gate.as_str(), true),
            Condition::ClerkForCode { gate, .. } => (gate.as_str(), false),
            other => {
                out.push(single(source, other));
                continue;
            }
        };
        if told.contains(&(gate, groups)) {
            continue;
        }
        told.push((gate, groups));
        let names: Vec<String> = source
            .verdict
            .conditions
            .iter()
            .filter_map(|c| match c {
                Condition::ClerkForGroup { variables, values, gate: g } if groups && g == gate => {
                    Some(source.group(&GroupCell { variables: variables.clone(), values: values.clone() }))
                }
                Condition::ClerkForCode { code, gate: g } if !groups && g == gate => Some(source.code(code)),
                _ => None,
            })
            .collect();
        let why = match asked(source, gate) {
            Some((what, bound)) => say!(w, "why-not-shown", what = what, bound = bound, gate = gate),
            None => say!(w, "why-gate-not-met", gate = gate),
        };
        out.push(match (groups, names.as_slice()) {
            (true, [one]) => say!(w, "condition-group", one = one, why = why),
            (false, [one]) => say!(w, "condition-code", one = one, why = why),
            (true, several) => say!(w, "condition-groups", list = several.join(&say!(w, "list-semicolon")), why = why),
            (false, several) => say!(w, "condition-codes", list = several.join(&say!(w, "list-semicolon")), why = why),
        });
    }
    out
}

/// A condition that stands for itself.
fn single(source: &Source<'_>, condition: &Condition) -> String {
    let w = source.words;
    match condition {
        Condition::ConfidenceAtLeast(threshold) => say!(w, "condition-confidence", threshold = words::automation::threshold_of(w, *threshold)),
        Condition::ClerkForAll => say!(w, "condition-clerk-for-all"),
        Condition::Accept { gate } => match asked(source, gate) {
            Some((what, bound)) => say!(w, "condition-accept", what = what, bound = bound, gate = gate),
            None => say!(w, "condition-accept-gate", gate = gate),
        },
        Condition::ExpiresAfterMonths(months) => say!(w, "condition-expires", months = *months),
        Condition::ClerkForGroup { gate, .. } | Condition::ClerkForCode { gate, .. } => say!(w, "condition-gate", gate = gate),
    }
}

/// The section with every finding.
pub fn findings(source: &Source<'_>) -> Vec<Block> {
    let w = source.words;
    let policy = &source.verdict.policy;
    let owner = policy.owner.as_ref().map_or_else(|| say!(w, "not-stated"), |o| source.foreign(o));
    let mut blocks = vec![Block::Facts(vec![
        (say!(w, "findings-policy"), source.foreign(&policy.title)),
        (say!(w, "findings-set-by"), owner),
        (say!(w, "findings-digest"), policy.digest.clone()),
    ])];
    if source.verdict.findings.is_empty() {
        blocks.push(Block::Note(say!(w, "findings-no-gate")));
        return blocks;
    }
    blocks.push(Block::Text(say!(w, "read-findings")));
    blocks.extend(families(source));
    let ordered = ordered(source);
    let all: Vec<Reason> = ordered.iter().map(|f| reason(source, f)).collect();
    let open = all.len().min(OPEN);
    blocks.push(Block::Findings(all[..open].to_vec()));
    if all.len() > open {
        let rows = ordered[open..].iter().map(|f| vec![f.gate.clone(), status(source, f), sentence(source, f)]).collect();
        let columns = ["col-gate", "col-outcome", "col-finding"].map(|id| super::source::words_column(say!(w, id))).to_vec();
        let mut table = super::source::table(say!(w, "findings-others"), columns, rows);
        table.folded = Some(words::rest(w, all.len() - open, "findings"));
        blocks.push(Block::Table(table));
    }
    blocks
}

/// How each family shared its level, one a sentence; nothing without families.
fn families(source: &Source<'_>) -> Option<Block> {
    let w = source.words;
    let mut told: Vec<(&str, String)> = Vec::new();
    for share in source.verdict.findings.iter().filter_map(|f| f.shared.as_ref()) {
        if told.iter().any(|(family, _)| *family == share.family) {
            continue;
        }
        let levels = source.verdict.findings.iter().filter(|f| f.shared.as_ref().is_some_and(|s| s.family == share.family)).filter_map(|f| {
            let interval = f.measure.outcome.estimate()?.interval?;
            Some(if f.bound.margin().is_some() { f64::midpoint(1.0, interval.level) } else { interval.level })
        });
        let (low, high) = levels.fold((1.0_f64, 0.0_f64), |(low, high), l| (low.min(l), high.max(l)));
        told.push((&share.family, words::family(w, share, &w.level(low), &w.level(high))));
    }
    (!told.is_empty()).then(|| Block::List(told.into_iter().map(|(_, text)| text).collect()))
}
