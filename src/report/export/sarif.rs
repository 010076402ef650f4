//! The verdict as a SARIF 2.1.0 log: a rule for each gate, a result for each finding.

use super::{line, words};
use crate::report::card::{Card, Reason};
use crate::report::locale::say;
use serde_json::{Value, json};

/// The log, as JSON.
pub fn log(card: &Card) -> String {
    let mut gates: Vec<&str> = card.findings.iter().map(|f| f.gate.as_str()).collect();
    gates.sort_unstable();
    gates.dedup();
    let rules: Vec<Value> = gates
        .iter()
        .map(|gate| {
            let why = card.findings.iter().find(|f| f.gate == *gate).and_then(|f| f.why.as_deref());
            let text = why.map_or_else(|| say!(words(card), "export-gate", gate = gate), line);
            json!({ "id": gate, "shortDescription": { "text": text } })
        })
        .collect();
    let results: Vec<Value> = card
        .findings
        .iter()
        .map(|f| {
            let (kind, level) = kind(f);
            json!({
                "ruleId": f.gate,
                "ruleIndex": gates.binary_search(&f.gate.as_str()).unwrap_or(0),
                "kind": kind,
                "level": level,
                "message": { "text": message(&f.text) },
                "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "card.html" } } }]
            })
        })
        .collect();
    let (name, version) = card.program.split_once(' ').unwrap_or((&card.program, ""));
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": name, "version": version, "rules": rules } },
            "properties": { "study": line(&card.study), "candidate": card.candidate, "decision": card.banner.kind },
            "results": results
        }]
    });
    // Strings and numbers only, so this cannot fail.
    serde_json::to_string_pretty(&log).map_or_else(|_| String::new(), |json| json + "\n")
}

/// Kind and level of a result (3.27.9, 3.27.10): only a failure has a level.
fn kind(finding: &Reason) -> (&'static str, &'static str) {
    match (finding.kind.as_str(), finding.forbids) {
        ("met", _) => ("pass", "none"),
        ("not-met", true) => ("fail", "error"),
        ("not-met", false) => ("fail", "warning"),
        ("undecided", _) => ("open", "none"),
        _ => ("review", "none"),
    }
}

/// Plain text of a message (3.11): brackets would begin a link, braces a placeholder.
fn message(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in line(raw).chars() {
        match c {
            '[' | ']' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '{' => out.push_str("{{"),
            '}' => out.push_str("}}"),
            _ => out.push(c),
        }
    }
    out
}
