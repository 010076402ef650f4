//! The findings that are not met as annotations of a CI job: GitHub's workflow commands, GitLab's code quality report.

use super::line;
use crate::report::card::{Card, Reason};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Workflow commands, one a line: the decision as a notice, then what is not met or undecided.
pub fn github(card: &Card) -> String {
    let level = match card.banner.kind.as_str() {
        "reject" | "undecided" => "error",
        _ => "notice",
    };
    let mut out = String::new();
    let mut say = |level: &str, title: &str, message: &str| {
        let _ = writeln!(out, "::{level} title={}::{}", escaped(&line(title)).replace(':', "%3A").replace(',', "%2C"), escaped(&line(message)));
    };
    say(level, &format!("{}: {}", card.title, card.banner.words), &card.banner.meaning);
    for f in card.findings.iter().filter(|f| open(f)) {
        say(if severe(f) { "error" } else { "warning" }, &format!("{} ({})", f.gate, f.status), &f.text);
    }
    out
}

/// A code quality report: a list of what is not met or undecided.
pub fn gitlab(card: &Card) -> String {
    let list: Vec<Value> = card
        .findings
        .iter()
        .filter(|f| open(f))
        .map(|f| {
            // The same finding keeps its fingerprint while its estimate stays.
            let print: String = Sha256::digest(format!("{}\n{}\n{}", card.candidate, f.gate, f.text).as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
            json!({
                "description": line(&f.text),
                "check_name": f.gate,
                "fingerprint": print,
                "severity": if severe(f) { "critical" } else { "minor" },
                "location": { "path": "card.html", "lines": { "begin": 1 } }
            })
        })
        .collect();
    // Strings and numbers only, so this cannot fail.
    serde_json::to_string_pretty(&list).map_or_else(|_| String::new(), |json| json + "\n")
}

/// Whether a finding is to be told: on a suppressed one there is nothing to do.
fn open(finding: &Reason) -> bool {
    finding.kind == "not-met" || finding.kind == "undecided"
}

/// Whether a finding keeps the model from deployment.
fn severe(finding: &Reason) -> bool {
    finding.forbids && open(finding)
}

/// The data of a workflow command.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}
