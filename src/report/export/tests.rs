//! Exports of the small card: counts agree with the findings, and hostile text stays text.

use super::EXPORTS;
use crate::judge::Decision;
use crate::report::card::Card;
use crate::report::{card, sample};
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::Value;

/// The text of an export.
fn export(card: &Card, id: &str) -> Result<String, crate::value::Failure> {
    super::export(card, id).map(|w| w.text)
}

const HOSTILE: [&str; 9] = [
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    "]]>--><x y='\"'>&amp;",
    "[click](javascript:alert(1)) ![i](x) **b** `c`",
    "a | b\n| - | - |\n# heading\u{0}\u{202e}",
    "::error title=x::y%0A::set-output",
    "{0} \\[1](2)",
    "@everyone www.example.com https://example.com #1",
    "- item",
];

fn of(name: &str) -> Card {
    let mut evidence = sample::evidence();
    let mut verdict = sample::verdict(&evidence, Decision::Undecided);
    evidence.study.title = name.into();
    evidence.candidate.name = name.into();
    for finding in &mut verdict.findings {
        finding.why = Some(name.into());
    }
    let mut card = card(&evidence, &verdict, "", "");
    // Texts of findings hold labels of groups and codes.
    for finding in &mut card.findings {
        finding.text.push_str(name);
        finding.gate.push_str(name);
        finding.subject.push_str(name);
    }
    card
}

#[test]
fn ids_are_unique_and_an_unknown_one_is_told() {
    let mut ids = EXPORTS.map(|e| e.id).to_vec();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), EXPORTS.len());
    let failure = export(&of("A name"), "junitt").expect_err("there is no such format");
    assert_eq!(failure.problems[0].remedy.as_deref(), Some("did you mean `junit`?"));
}

#[test]
fn junit_is_well_formed_and_counts_agree() {
    for name in HOSTILE.into_iter().chain(["A name"]) {
        let card = of(name);
        let xml = export(&card, "junit").expect("a format");
        let document = roxmltree::Document::parse(&xml).unwrap_or_else(|e| panic!("{e}\n{xml}"));
        let count = |tag: &str| document.descendants().filter(|n| n.has_tag_name(tag)).count();
        let told = |attribute: &str| document.root_element().attribute(attribute).and_then(|v| v.parse::<usize>().ok());
        assert_eq!(Some(count("testcase")), told("tests"));
        assert_eq!(count("testcase"), card.findings.len() + 1);
        assert_eq!((Some(count("failure")), Some(count("error")), Some(count("skipped"))), (told("failures"), told("errors"), told("skipped")));
        // The decision and the one `deny` finding that is undecided.
        assert_eq!((count("failure"), count("error")), (0, 2));
        assert_eq!(count("script"), 0);
        assert!(document.descendants().filter(|n| n.has_tag_name("testcase")).all(|n| n.attribute("name").is_some_and(|n| !n.is_empty())));
    }
}

#[test]
fn sarif_says_what_kind_each_finding_is() {
    let card = of(HOSTILE[6]);
    let log: Value = serde_json::from_str(&export(&card, "sarif").expect("a format")).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), card.findings.len());
    for (result, finding) in results.iter().zip(&card.findings) {
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().expect("an index") as usize];
        assert_eq!((&rule["id"], rule["id"].as_str()), (&result["ruleId"], Some(finding.gate.as_str())));
        // Only a failure has a level.
        assert_eq!(result["kind"] == "fail", result["level"] != "none");
        assert!(result["message"]["text"].as_str().is_some_and(|t| t.contains("{{0}} \\\\\\[1\\](2)")), "{result}");
    }
    assert_eq!(results.iter().filter(|r| r["kind"] == "open").count(), card.findings.iter().filter(|f| f.kind == "undecided").count());
}

#[test]
fn markdown_shows_hostile_text_as_it_is() {
    for name in HOSTILE {
        for format in ["markdown", "summary"] {
            let text = export(&of(name), format).expect("a format");
            let mut shown = String::new();
            for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
                match event {
                    Event::Html(html) | Event::InlineHtml(html) => assert_eq!(html.as_ref(), "<!-- -->", "{format} of {name}"),
                    Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock) => panic!("{format} of {name} has a link or markup:\n{text}"),
                    Event::Text(t) | Event::Code(t) => shown.push_str(&t),
                    _ => {}
                }
            }
            let wanted = super::line(name);
            assert!(shown.contains(wanted.trim()), "{format} does not show {name}:\n{shown}");
        }
    }
}

#[test]
fn a_table_of_markdown_keeps_its_columns() {
    let text = export(&of(HOSTILE[4]), "markdown").expect("a format");
    let mut cells = None;
    for line in text.lines() {
        let bars = line.replace("\\|", "").matches('|').count();
        cells = match (line.starts_with("| "), cells) {
            (true, Some(before)) => {
                assert_eq!(bars, before, "{line}");
                Some(bars)
            }
            (true, None) => Some(bars),
            (false, _) if line.starts_with("|---") => cells,
            (false, _) => None,
        };
    }
}

#[test]
fn spreadsheets_run_nothing_and_signed_numbers_stay_numbers() {
    assert_eq!(super::csv::safe("=1+1"), "\"'=1+1\"");
    assert_eq!(super::csv::safe("  @sum(a)"), "\"'  @sum(a)\"");
    assert_eq!(super::csv::safe("-2+cmd|x"), "\"'-2+cmd|x\"");
    assert_eq!(super::csv::safe("+0.76 points"), "\"+0.76 points\"");
    assert_eq!(super::csv::safe("say \"x\"\n=y"), "\"say \"\"x\"\" =y\"");
    let csv = export(&of(HOSTILE[1]), "csv").expect("a format");
    assert!(csv.lines().all(|l| !l.split("\",\"").any(|c| c.trim_start_matches('"').starts_with('='))), "{csv}");
    assert!(csv.lines().count() > 40);
}

#[test]
fn annotations_are_one_line_each() {
    for name in HOSTILE {
        let card = of(name);
        let open = card.findings.iter().filter(|f| f.kind == "not-met" || f.kind == "undecided").count();
        let lines = export(&card, "github").expect("a format");
        assert_eq!(lines.lines().count(), open + 1, "{lines}");
        assert!(lines.lines().all(|l| ["::error title=", "::warning title=", "::notice title="].iter().any(|s| l.starts_with(s))), "{lines}");
        let report: Value = serde_json::from_str(&export(&card, "gitlab").expect("a format")).expect("JSON");
        assert_eq!(report.as_array().map(Vec::len), Some(open));
    }
}
