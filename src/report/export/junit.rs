//! The verdict as JUnit XML: a test case for the decision, and one for each finding; headline figures as properties.

use super::line;
use crate::measure::BASELINE;
use crate::report::card::{Card, Reason};
use crate::report::locale::say;
use std::fmt::Write as _;

/// How a test case ended.
enum End {
    Passed,
    Failed(&'static str),
    /// Could not be told where telling was required.
    Error(&'static str),
    /// Asked for, not required: told without failing the job.
    Skipped,
}

/// The test suites.
pub fn suites(card: &Card) -> String {
    let cases: Vec<(String, String, End, String)> = std::iter::once(decision(card)).chain(findings(card)).collect();
    let count = |wanted: fn(&End) -> bool| cases.iter().filter(|c| wanted(&c.2)).count();
    let (failures, errors) = (count(|e| matches!(e, End::Failed(_))), count(|e| matches!(e, End::Error(_))));
    let counts = format!("tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{}\"", cases.len(), count(|e| matches!(e, End::Skipped)));
    let name = xml(&format!("{}: {}", card.study, card.candidate));
    let mut out = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  <testsuite name=\"{name}\" {counts}>\n    <properties>\n");
    let _ = writeln!(out, "      <property name=\"program\" value=\"{}\"/>", xml(&card.program));
    for tile in &card.glance {
        let value = format!("{} ({})", tile.value, tile.range);
        let _ = writeln!(out, "      <property name=\"{}\" value=\"{}\"/>", xml(&format!("{}: {}", tile.metric, tile.label)), xml(&value));
    }
    for against in card.headline.versus.iter().filter(|a| a.candidate == BASELINE) {
        let value = format!("{} ({})", against.cell, against.shows);
        let _ = writeln!(
            out,
            "      <property name=\"{}\" value=\"{}\"/>",
            xml(&format!("accuracy-difference: {}", say!(super::words(card), "baseline-against"))),
            xml(&value)
        );
    }
    out.push_str("    </properties>\n");
    for (class, name, end, message) in &cases {
        let (class, name, message) = (xml(class), xml(name), xml(message));
        let _ = write!(out, "    <testcase classname=\"{class}\" name=\"{name}\"");
        let _ = match end {
            End::Passed => writeln!(out, "/>"),
            End::Failed(kind) => writeln!(out, "><failure type=\"{kind}\" message=\"{message}\"/></testcase>"),
            End::Error(kind) => writeln!(out, "><error type=\"{kind}\" message=\"{message}\"/></testcase>"),
            End::Skipped => writeln!(out, "><skipped message=\"{message}\"/></testcase>"),
        };
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn decision(card: &Card) -> (String, String, End, String) {
    let end = match card.banner.kind.as_str() {
        "reject" => End::Failed("reject"),
        "undecided" => End::Error("undecided"),
        "floor" => End::Skipped,
        _ => End::Passed,
    };
    ("decision".into(), card.banner.words.clone(), end, card.banner.meaning.clone())
}

/// Findings by gate, each named for what it is about: names stay the same while estimates move.
fn findings(card: &Card) -> impl Iterator<Item = (String, String, End, String)> {
    card.findings.iter().map(|f| (f.gate.clone(), f.subject.clone(), end(f), f.text.clone()))
}

fn end(finding: &Reason) -> End {
    match (finding.kind.as_str(), finding.forbids) {
        ("met", _) => End::Passed,
        ("not-met", true) => End::Failed("not-met"),
        ("undecided", true) => End::Error("undecided"),
        _ => End::Skipped,
    }
}

/// Text for XML 1.0: escaped, and without the characters that it does not allow.
fn xml(raw: &str) -> String {
    line(raw)
        .chars()
        .map(|c| match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            '\'' => "&apos;".to_owned(),
            '\u{fffe}' | '\u{ffff}' => '\u{fffd}'.to_string(),
            c => c.to_string(),
        })
        .collect()
}
