//! The banner: the decision, each reason as a sentence, and the conditions; and the section with every finding.

use super::source::{Source, subject_metric, upper_first};
use crate::judge::{Bound, Condition, Decision, Finding, Severity, Status};
use crate::measure::GroupCell;
use crate::report::card::{Banner, Block, Reason};
use crate::report::disclosure::Shown;
use crate::report::format::{bounds, count, fixed, level, value};
use crate::report::words;
use crate::value::Method;

/// Findings that the banner shows at most.
const IN_BANNER: usize = 6;
/// Findings that the section shows open.
const OPEN: usize = 12;

/// The banner of a card.
pub fn banner(source: &Source<'_>) -> Banner {
    let decision = source.verdict.decision;
    let (words, meaning) = words::decision(decision);
    let mut meaning = meaning.to_owned();
    if source.evidence.candidate.floor {
        meaning.push(' ');
        meaning.push_str(words::FLOOR);
    }
    let reasons = decisive(source);
    let all = &source.verdict.findings;
    let met = all.iter().filter(|f| f.status == Status::Met).count();
    let more = (!all.is_empty()).then(|| format!("{met} of {} findings are met. All are listed under “{}”.", all.len(), words::section("findings")));
    Banner { kind: kind(decision).into(), words: words.into(), meaning, reasons, more, conditions: conditions(source) }
}

/// What the banner gives as reasons: for each gate that decided, its most serious finding, and how many others there are like it.
fn decisive(source: &Source<'_>) -> Vec<Reason> {
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
        let alike: Vec<&Finding> = findings.iter().copied().filter(|g| g.gate == f.gate && g.status == f.status).collect();
        // The one with the least room to its bound stands for the others.
        let worst = alike.iter().copied().min_by(|a, b| room(source, a).total_cmp(&room(source, b))).unwrap_or(f);
        let mut one = reason(source, worst);
        let alike = alike.len() - 1;
        if alike > 0 {
            one.text.push(' ');
            one.text.push_str(&words::alike(alike, &f.gate, f.status));
        }
        reasons.push(one);
    }
    reasons.truncate(IN_BANNER);
    reasons
}

/// How far the estimate is on the wanted side of the bound; without a figure to show, as far as can be.
fn room(source: &Source<'_>, finding: &Finding) -> f64 {
    source.estimate(&finding.measure).map_or(f64::INFINITY, |e| match finding.bound {
        Bound::AtLeast(bound) => e.value - bound,
        Bound::AtMost(bound) => bound - e.value,
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
            Status::NotMet => (severity, 0),
            Status::Undecided => (severity, 1),
            // A met gate says least, whatever its severity.
            Status::Met => (2, severity),
        }
    });
    findings
}

/// A finding for the card.
fn reason(source: &Source<'_>, finding: &Finding) -> Reason {
    let kind = match finding.status {
        Status::Met => "met",
        Status::NotMet => "not-met",
        Status::Undecided => "undecided",
    };
    Reason { kind: kind.into(), status: words::status(finding.status).into(), text: sentence(source, finding), why: finding.why.clone() }
}

/// A finding in full sentences: estimate, interval, records, bound, and what would settle it.
fn sentence(source: &Source<'_>, finding: &Finding) -> String {
    let m = &finding.measure;
    let metric = subject_metric(m);
    let required = match finding.bound {
        Bound::AtLeast(b) => format!("at least {}", value(metric, b)),
        Bound::AtMost(b) => format!("at most {}", value(metric, b)),
    };
    let verb = if finding.severity == Severity::Deny { "requires" } else { "asks for" };
    let mut out = upper_first(&source.subject(m));
    match source.disclosure.show(m) {
        Shown::Estimate(e) => {
            let range = match &e.interval {
                Some(i) if i.method == Method::PlausibleRange => format!("plausible range {}", bounds(metric, i.lower, i.upper)),
                Some(i) => format!("{} interval {}", level(i.level), bounds(metric, i.lower, i.upper)),
                None => "no interval".into(),
            };
            let records = if e.n > 0 { format!(", {} records", count(e.n)) } else { String::new() };
            out.push_str(&format!(" is {} ({range}{records}); the policy {verb} {required}.", value(metric, e.value)));
            if finding.status == Status::Undecided {
                out.push_str(" The bound lies inside the interval, so these records cannot tell.");
            }
        }
        Shown::Suppressed => out.push_str(&format!(" is {} to protect respondents; the policy {verb} {required}.", words::SUPPRESSED)),
        Shown::TooFew => {
            out.push_str(&format!(" cannot be told from fewer than {} records; the policy {verb} {required}.", count(source.evidence.study.minimum_group)))
        }
        Shown::Undefined(why) => out.push_str(&format!(" cannot be told: {why}; the policy {verb} {required}.")),
    }
    if let (Status::Undecided, Some(records)) = (finding.status, finding.records_needed) {
        out.push(' ');
        out.push_str(&words::needed(records));
    }
    out
}

/// The conditions, one a sentence; groups and codes that fail the same gate share one.
fn conditions(source: &Source<'_>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut told: Vec<(&str, bool)> = Vec::new();
    for condition in &source.verdict.conditions {
        let (gate, groups) = match condition {
            Condition::ClerkForGroup { gate, .. } => (gate.as_str(), true),
            Condition::ClerkForCode { gate, .. } => (gate.as_str(), false),
            other => {
                out.push(single(other));
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
        out.push(match (groups, names.as_slice()) {
            (true, [one]) => format!("Records of {one} always go to a clerk (gate “{gate}”)."),
            (false, [one]) => format!("Records given code {one} always go to a clerk (gate “{gate}”)."),
            (true, several) => {
                format!("Records of these groups always go to a clerk, because gate “{gate}” is not shown to be met for them: {}.", several.join("; "))
            }
            (false, several) => {
                format!("Records given these codes always go to a clerk, because gate “{gate}” is not shown to be met for them: {}.", several.join("; "))
            }
        });
    }
    out
}

/// A condition that stands for itself.
fn single(condition: &Condition) -> String {
    match condition {
        Condition::ConfidenceAtLeast(threshold) => {
            format!("Only records with a confidence of at least {} are coded without a clerk.", fixed(*threshold, 2))
        }
        Condition::Accept { gate } => format!("The approver accepts in writing that gate “{gate}” is not shown to be met."),
        Condition::ExpiresAfterMonths(1) => "The decision expires one month after it is signed.".into(),
        Condition::ExpiresAfterMonths(months) => format!("The decision expires {months} months after it is signed."),
        Condition::ClerkForGroup { gate, .. } | Condition::ClerkForCode { gate, .. } => format!("Records that fail gate “{gate}” go to a clerk."),
    }
}

/// The section with every finding.
pub fn findings(source: &Source<'_>) -> Vec<Block> {
    let policy = &source.verdict.policy;
    let owner = policy.owner.as_deref().unwrap_or(words::NOT_STATED);
    let mut blocks = vec![Block::Facts(vec![
        ("Policy".into(), policy.title.clone()),
        ("Set by".into(), owner.into()),
        ("Digest of the policy file (SHA-256)".into(), policy.digest.clone()),
    ])];
    if source.verdict.findings.is_empty() {
        blocks.push(Block::Note("The policy has no gate, so nothing was asked of this candidate.".into()));
        return blocks;
    }
    let ordered = ordered(source);
    let all: Vec<Reason> = ordered.iter().map(|f| reason(source, f)).collect();
    let open = all.len().min(OPEN);
    blocks.push(Block::Findings(all[..open].to_vec()));
    if all.len() > open {
        let rows = ordered[open..].iter().map(|f| vec![f.gate.clone(), words::status(f.status).to_owned(), sentence(source, f)]).collect();
        let columns = ["Gate", "Outcome", "Finding"].map(super::source::words_column).to_vec();
        let mut table = super::source::table("The other findings", columns, rows);
        table.folded = Some(words::rest(all.len() - open, "findings"));
        blocks.push(Block::Table(table));
    }
    blocks
}
