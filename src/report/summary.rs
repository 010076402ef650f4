//! The end of a run on the terminal: decision, reasons and headline figures in plain lines.

use super::build::{Source, card, conditions, sentence};
use super::words;
use crate::judge::{Severity, Status, Verdict};
use crate::measure::Evidence;

/// Findings that are printed in full.
const PRINTED: usize = 6;

/// Plain lines for a terminal: the decision, what decided it, the conditions, and the headline figures with their intervals.
#[must_use]
pub fn summary_lines(evidence: &Evidence, verdict: &Verdict) -> Vec<String> {
    let source = Source::new(evidence, verdict);
    let (decision, meaning) = words::decision(verdict.decision);
    let mut lines = vec![format!("{}: {decision}", evidence.candidate.name), format!("  {meaning}")];
    if evidence.candidate.floor {
        lines.push(format!("  {}", words::FLOOR));
    }
    let open: Vec<_> = verdict.findings.iter().filter(|f| f.status != Status::Met).collect();
    let deny_first = open.iter().filter(|f| f.severity == Severity::Deny).chain(open.iter().filter(|f| f.severity == Severity::Warn));
    lines.extend(deny_first.take(PRINTED).map(|f| format!("  {}: {}", words::status(f.status).to_lowercase(), sentence(&source, f))));
    if open.len() > PRINTED {
        lines.push(format!("  and {} more findings that are not met or undecided: see the card", open.len() - PRINTED));
    }
    let met = verdict.findings.len() - open.len();
    lines.push(format!("  met: {met} of {} findings", verdict.findings.len()));
    lines.extend(conditions(&source).into_iter().map(|c| format!("  condition: {c}")));
    let card = card(evidence, verdict, &verdict.evidence_digest, "");
    let width = card.glance.iter().map(|t| t.label.chars().count()).max().unwrap_or(0);
    lines.extend(card.glance.into_iter().map(|t| {
        let note = if t.note.is_empty() { String::new() } else { format!("; {}", t.note) };
        format!("  {:width$}  {}  {}{note}", t.label, t.value, t.range)
    }));
    lines
}
