//! Tests of the whole way from evidence and verdict to page: escaping, intervals everywhere, suppression, round trips.

use super::card::{Block, Card, Plot};
use super::sample::{evidence, group, verdict};
use super::{Entry, card, card_html, card_json, comparison_html, summary_lines};
use crate::judge::{Decision, Severity, Status, Verdict};
use crate::measure::Evidence;
use crate::measure::Measure;
use crate::value::{Outcome, Reason};
use serde_json::Value;
use std::collections::BTreeMap;

const DECISIONS: [Decision; 4] = [Decision::Deploy, Decision::DeployWithConditions, Decision::Reject, Decision::Undecided];

fn sample(decision: Decision) -> (Evidence, Verdict, Card) {
    let e = evidence();
    let v = verdict(&e, decision);
    let c = card(&e, &v, &v.evidence_digest, &"f".repeat(64));
    (e, v, c)
}

/// Element names of a page with how often each occurs; attributes are looked at for handlers.
fn elements(html: &str) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for part in html.split('<').skip(1) {
        let name: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/' || *c == '!').collect();
        *out.entry(name).or_default() += 1;
    }
    out
}

/// Puts a text at the end of every string of a value that a user or the data can choose.
fn poison(value: &mut Value, key: &str, with: &str) {
    match value {
        // Names that the program itself gives, not the user.
        Value::String(_) if ["format", "metric", "kind", "level", "method", "reason", "tier", "decision", "status", "severity", "family"].contains(&key) => {}
        Value::String(s) => s.push_str(with),
        Value::Array(items) => items.iter_mut().for_each(|v| poison(v, key, with)),
        Value::Object(fields) => fields.iter_mut().for_each(|(k, v)| {
            let contrast = k == "kind" && key == "contrast";
            if !contrast {
                poison(v, if key == "candidate" && k == "kind" { "" } else { k }, with);
            }
        }),
        _ => {}
    }
}

/// The sample's card with a text at the end of every string that it is made from.
fn poisoned(decision: Decision, with: &str) -> Card {
    let (e, v, _) = sample(decision);
    let mut e = serde_json::to_value(e).unwrap();
    poison(&mut e, "", with);
    let mut v = serde_json::to_value(v).unwrap();
    let kept = v["decision"].clone();
    poison(&mut v, "", with);
    v["decision"] = kept;
    card(&serde_json::from_value(e).unwrap(), &serde_json::from_value(v).unwrap(), with, with)
}

#[test]
fn hostile_text_is_text_everywhere() {
    let hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'>--></style></svg></title>{{ 7*7 }}";
    for decision in DECISIONS {
        let (bad, benign) = (poisoned(decision, hostile), poisoned(decision, " and so on"));
        assert!(bad.title.contains("<script>"), "the card keeps the text itself");
        let (html, plain) = (card_html(&bad).unwrap(), card_html(&benign).unwrap());
        assert!(!html.contains("<script") && !html.contains("<img"));
        assert!(html.matches("&lt;script&gt;alert(1)").count() > 60 && html.contains("{{ 7*7 }}"));
        assert_eq!(elements(&html), elements(&plain));
        let entry = |card| Entry { card, href: hostile };
        let compared = comparison_html(hostile, &[entry(&bad), entry(&benign)]).unwrap();
        let plain = comparison_html("Study", &[Entry { card: &benign, href: "card.html" }, Entry { card: &benign, href: "card.html" }]).unwrap();
        assert_eq!(elements(&compared), elements(&plain));
    }
}

#[test]
fn the_page_loads_nothing_and_runs_nothing() {
    let (_, _, c) = sample(Decision::Reject);
    let compared = comparison_html("Study", &[Entry { card: &c, href: "linear/card.html" }]).unwrap();
    for html in [card_html(&c).unwrap(), compared] {
        for forbidden in [" src=", "<link", "<script", "@import", "url(", "<iframe", "<object", " style=", " onclick", "http-equiv=\"refresh\"", "xlink"] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
        assert!(html.contains("default-src &#x27;none&#x27;; style-src &#x27;sha256-"), "the security policy is strict");
        assert!(html.split("href=\"").skip(1).all(|h| h.starts_with('#') || h.starts_with("linear/card.html") || h.starts_with("linear&#x2f;card.html")));
        let ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|p| p.split('"').next()).collect();
        let unique: std::collections::BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "ids are unique");
        let mut named: Vec<&str> = html
            .split("aria-label=\"")
            .skip(1)
            .filter_map(|p| p.split('"').next())
            .chain(html.split("<caption id=").skip(1).filter_map(|p| p.split(['>', '<']).nth(1)))
            .collect();
        named.sort_unstable();
        assert!(named.windows(2).all(|w| w[0] != w[1]), "regions have names of their own: {named:?}");
        for target in html.split("href=\"#").skip(1).filter_map(|p| p.split('"').next()) {
            assert!(ids.contains(&target), "#{target} leads nowhere");
        }
    }
}

#[test]
fn every_estimate_in_a_table_has_its_interval_or_a_reason() {
    let (_, _, c) = sample(Decision::Undecided);
    let mut seen = 0;
    for block in c.sections.iter().flat_map(|s| &s.blocks) {
        let table = match block {
            Block::Table(t) => t,
            Block::Figure(f) => &f.table,
            _ => continue,
        };
        for row in &table.rows {
            assert_eq!(row.len(), table.columns.len(), "{}", table.caption);
            for (column, cell) in table.columns.iter().zip(row) {
                if column.metric.is_some() {
                    seen += 1;
                    let honest = cell.contains(" to ") || ["cannot tell", "suppressed", "not measured", "one measurement"].iter().any(|r| cell.contains(r));
                    assert!(honest, "{}: {} = {cell}", table.caption, column.label);
                }
                assert!(!cell.contains("NaN") && !cell.is_empty(), "{}: {} = {cell}", table.caption, column.label);
            }
        }
    }
    assert!(seen > 30, "{seen}");
    for tile in &c.glance {
        assert!(tile.range.contains(" to ") || tile.range.contains("no interval"), "{tile:?}");
    }
}

#[test]
fn the_card_survives_storage() {
    for decision in DECISIONS {
        let (_, _, c) = sample(decision);
        let json = card_json(&c);
        assert!(json.ends_with("}\n"));
        assert_eq!(serde_json::from_str::<Card>(&json).unwrap(), c);
        assert_eq!(card_html(&serde_json::from_str(&json).unwrap()).unwrap(), card_html(&c).unwrap());
    }
}

#[test]
fn suppressed_cells_never_show_their_numbers() {
    let (mut e, _, _) = sample(Decision::Undecided);
    // Group "e" is coded right throughout: its figure is hidden, though it has records enough.
    e.measures.push(group("accuracy", "region", "e", super::sample::estimate(1.0, 0.0, 64, crate::value::Method::Wilson)));
    let v = verdict(&e, Decision::Undecided);
    let c = card(&e, &v, "", "");
    let (json, html) = (card_json(&c), card_html(&c).unwrap());
    let (summary, compared) = (summary_lines(&c).join("\n"), comparison_html("Study", &[Entry { card: &c, href: "card.html" }]).unwrap());
    for text in [&json, &html, &summary, &compared] {
        // Group d has 7 records, e has a rate of 1; code 0140 has 7 records, so the next smallest, 0130 with 13, is hidden too.
        for number in ["7 records", "1.31 %", "1.31\u{a0}%", "0.71 %", "0.71\u{a0}%", "+0.41", "−0.31"] {
            assert!(!text.contains(&format!(" {number}")) && !text.contains(&format!(">{number}")) && !text.contains(&format!("\"{number}")), "{number}");
        }
    }
    assert!(json.contains("suppressed"));
    let groups = c.sections.iter().find(|s| s.id == "groups").unwrap();
    let Some(Block::Figure(figure)) = groups.blocks.iter().find(|b| matches!(b, Block::Figure(_))) else { panic!("no table of groups") };
    for hidden in ["d", "e"] {
        let row = figure.table.rows.iter().find(|r| r[0] == hidden).unwrap();
        let hidden_by = "suppressed to protect small cells";
        let told = if hidden == "d" { (hidden_by, hidden_by) } else { ("64", hidden_by) };
        assert_eq!((row[1].as_str(), row[2].as_str()), told);
    }
    assert!(!html.contains("77 of 380") && html.contains("41 of 600"), "a confusion with a hidden code is not listed");
    assert!(!html.contains("6 of 380"), "a confusion of 6 records is not listed");
    for block in c.sections.iter().flat_map(|s| &s.blocks) {
        if let Block::Figure(f) = block
            && let Plot::Intervals { rows, .. } = &f.plot
        {
            assert!(rows.iter().all(|r| !["d", "e", "0130", "0140"].contains(&r.label.as_str())), "{:?}", f.title);
        }
    }
}

#[test]
fn one_hidden_group_takes_the_next_smallest_along_even_in_findings() {
    let (e, v, _) = sample(Decision::Undecided);
    // Only "d" is small, so "c" (33 records, 67.89 %) is hidden with it.
    let text = summary_lines(&card(&e, &v, "", "")).join("\n");
    let findings = card_json(&card(&e, &v, "", ""));
    assert!(findings.contains("region = c: judged by the office on figures that are suppressed here (to protect small cells)"), "{findings}");
    let html = card_html(&card(&e, &v, "", "")).unwrap();
    assert!(!html.contains("67.9") && !text.contains("67.9"));
}

#[test]
fn the_banner_says_what_was_decided_and_why() {
    let (_, _, c) = sample(Decision::Undecided);
    assert_eq!(c.banner.kind, "undecided");
    assert_eq!(c.banner.reasons.len(), 1, "only what decided it");
    assert_eq!(
        c.banner.reasons[0].text,
        "Accuracy is 77.1 % (95 % interval 74.5 to 79.7, 1,000 records); the policy requires at least 77.0 %. The bound lies inside the interval, so these records \
         cannot tell. If the estimate stayed where it is, about 13,000 test records in all would settle it as met with a chance of 80 %."
    );
    assert_eq!(c.banner.conditions.len(), 5);
}

#[test]
fn differences_that_include_zero_are_not_called_differences() {
    let (_, _, c) = sample(Decision::Reject);
    let groups = c.sections.iter().find(|s| s.id == "groups").unwrap();
    let Some(Block::List(sentences)) = groups.blocks.iter().find(|b| matches!(b, Block::List(_))) else { panic!("no contrasts") };
    assert!(sentences[0].contains("6.1 points (simultaneous 95 % interval −0.9 to 13.1)"), "{}", sentences[0]);
    assert!(sentences.iter().all(|s| s.contains("Cannot tell")), "{sentences:?}");
}

#[test]
fn what_the_study_leaves_open_is_not_invented() {
    let (_, _, c) = sample(Decision::Deploy);
    let json = serde_json::to_value(&c).unwrap().to_string();
    for pair in [r#"["Approver","not stated"]"#, r#"["Not meant for","not stated"]"#, r#"["Population","not stated"]"#] {
        assert!(json.contains(pair), "{pair}");
    }
    assert!(json.contains(r#"["Who is better off because it runs","Clerks, who code fewer easy records"]"#));
}

#[test]
fn a_card_without_most_measures_still_stands() {
    let (mut e, mut v, _) = sample(Decision::Undecided);
    e.measures = vec![super::sample::measure("accuracy", Outcome::undefined(Reason::NoRecords, "no record is in the test part", 0))];
    e.reliability.clear();
    e.confusions.clear();
    e.run.phases.clear();
    e.run.shared.clear();
    e.run.cost.clear();
    v.findings.clear();
    v.conditions.clear();
    let c = card(&e, &v, "", "");
    let html = card_html(&c).unwrap();
    assert!(html.contains("cannot tell: no record is in the test part"));
    let compared = comparison_html("Study", &[Entry { card: &c, href: "a" }, Entry { card: &c, href: "b" }]).unwrap();
    assert!(compared.contains("There is no ranking"));
}

#[test]
fn the_comparison_does_not_rank_what_overlaps() {
    let (e, v, _) = sample(Decision::Deploy);
    let mut second = e.clone();
    second.candidate.id = "second".into();
    second.candidate.name = "Second".into();
    second.measures[0] = super::sample::measure("accuracy", super::sample::estimate(0.70, 0.02, 1000, crate::value::Method::Wilson));
    let second = card(&second, &v, "", "");
    let page = |difference: Option<f64>| {
        let mut first = e.clone();
        first.measures.extend(difference.map(|d| Measure {
            versus: Some(crate::measure::Versus { candidate: "second".into(), name: "Second".into(), test: None }),
            ..super::sample::measure("accuracy-difference", super::sample::estimate(d, 0.02, 1000, crate::value::Method::StudentT))
        }));
        comparison_html("Study", &[Entry { card: &second, href: "b" }, Entry { card: &card(&first, &v, "", ""), href: "a" }]).unwrap()
    };
    let html = page(Some(0.01));
    assert!(html.contains("The ranking is not decisive") && html.contains("cannot tell"));
    assert!(html.find("Linear model").unwrap() < html.find("Second").unwrap(), "the most accurate first");
    assert!(page(Some(0.05)).contains("Linear model is more accurate than Second"));
    assert!(page(None).contains("do not say how they differ"), "no ranking without paired differences");
}

/// All that a card says, as text.
fn all_text(c: &Card) -> String {
    card_json(c)
}

#[test]
fn a_hidden_finding_does_not_tell_how_it_came_out() {
    let (e, mut v, _) = sample(Decision::Reject);
    for status in [Status::Met, Status::NotMet] {
        v.findings[3].status = status;
        let c = card(&e, &v, "", "");
        let Some(Block::Findings(list)) = c.sections.iter().find(|s| s.id == "findings").unwrap().blocks.iter().find(|b| matches!(b, Block::Findings(_)))
        else {
            panic!("no findings")
        };
        let at = list.iter().position(|r| r.text.contains("region = c")).unwrap();
        assert_eq!((at, list[at].kind.as_str(), list[at].status.as_str()), (2, "suppressed", "Suppressed"));
        assert!(!list[at].text.contains("would settle"), "{}", list[at].text);
    }
}

#[test]
fn what_would_settle_a_finding_has_a_direction() {
    let (e, mut v, _) = sample(Decision::Undecided);
    v.findings[1].bound = crate::judge::Bound::AtLeast(0.78);
    let contrast = e.measures.iter().find(|m| m.contrast.is_some()).unwrap().clone();
    v.findings.push(super::sample::finding("gap", Severity::Deny, crate::judge::Bound::AtMost(0.05), Status::Undecided, contrast));
    let few = super::sample::group("accuracy", "age", "old", Outcome::undefined(Reason::TooFewRecords, "few", 25));
    v.findings.push(super::sample::finding("ages", Severity::Warn, crate::judge::Bound::AtLeast(0.05), Status::Undecided, few));
    let text = all_text(&card(&e, &v, "", ""));
    assert!(text.contains("test records in all would settle it as not met with a chance of 80 %."), "{text}");
    assert!(!text.contains("test records of this kind would settle it as"), "differences are of all records");
    assert!(text.contains("At least 5 more records of this kind are needed for any estimate."));
    assert!(text.contains("region = d: judged by the office on figures that are suppressed here"), "not even that they are fewer than 30 is told");
}

#[test]
fn gates_are_counted_before_findings() {
    let (_, _, c) = sample(Decision::Undecided);
    assert!(c.banner.more.unwrap().starts_with("1 of 3 gates are met in full; they look at 5 findings in all"));
    assert_eq!(c.banner.dated, "Evidence made on 1 March 2026; not yet signed.");
    assert!(c.banner.conditions.iter().any(|t| t == "The decision expires 24 months after signing."));
}

#[test]
fn a_floor_is_never_to_be_deployed() {
    for decision in DECISIONS {
        let (mut e, v, other) = sample(decision);
        e.candidate.floor = true;
        let c = card(&e, &v, "", "");
        assert_eq!((c.banner.kind.as_str(), c.banner.words.as_str()), ("floor", "Floor: not a candidate for use"));
        assert!(c.banner.meaning.contains(&other.banner.words) && c.banner.conditions.is_empty());
        assert_eq!(c.headline.cells[0], c.banner.words);
        assert_eq!(super::brief(&c)[1], c.banner.words);
        assert!(comparison_html("Study", &[Entry { card: &c, href: "a" }]).unwrap().contains("banner small floor"));
    }
}

#[test]
fn coded_figures_say_that_conditions_come_after_them() {
    let (e, mut v, c) = sample(Decision::DeployWithConditions);
    let tile = |c: &Card| c.glance.iter().find(|t| t.label == "Coded without a clerk").unwrap().note.clone();
    assert!(tile(&c).ends_with("before the records that always go to a clerk are taken out"));
    v.conditions.clear();
    assert!(!tile(&card(&e, &v, "", "")).contains("taken out"));
    let share = c.glance.iter().find(|t| t.label == "Largest error in a published share").unwrap();
    assert!(share.note.ends_with("the largest of the 2 codes with a figure; if every record were coded by the model alone"), "{}", share.note);
    assert!(all_text(&c).contains("about 0.1 of 2 would by chance alone"));
}

#[test]
fn hidden_accuracy_above_the_threshold_keeps_the_sentence_whole() {
    let (mut e, v, _) = sample(Decision::Deploy);
    let m = e.measures.iter_mut().find(|m| m.metric == "coded-accuracy" && m.threshold == Some(0.7)).unwrap();
    m.outcome = super::sample::estimate(1.0, 0.0, 716, crate::value::Method::Wilson);
    let text = all_text(&card(&e, &v, "", ""));
    assert!(text.contains("how many of these are right is not told (suppressed to protect small cells)"));
    assert!(text.contains("; how many of those would be right is not told (suppressed to protect small cells)"));
}

#[test]
fn a_contrast_without_two_groups_names_no_pair() {
    let (mut e, mut v, _) = sample(Decision::Undecided);
    for m in e.measures.iter_mut().filter(|m| m.contrast.is_some()) {
        m.outcome = Outcome::undefined(Reason::OneGroup, "fewer than two groups have enough records", 500);
        let contrast = m.contrast.as_mut().unwrap();
        contrast.high.clear();
        contrast.low.clear();
    }
    let contrast = e.measures.iter().find(|m| m.contrast.is_some()).unwrap().clone();
    v.findings.push(super::sample::finding("cost", Severity::Warn, crate::judge::Bound::AtMost(0.05), Status::Undecided, contrast));
    let text = all_text(&card(&e, &v, "", ""));
    assert!(!text.contains("( against )"));
    assert!(text.contains("Largest difference between groups of region in accuracy cannot be told: fewer than two groups have enough records;"), "{text}");
    assert!(text.contains(
        "The approver accepts in writing that the largest difference between groups of region in accuracy is not shown to be at most 5.0 points (gate “cost”)."
    ));
}

#[test]
fn plotted_figures_have_no_more_digits_than_printed() {
    let (mut e, v, _) = sample(Decision::Undecided);
    for m in &mut e.measures {
        if let Outcome::Estimate(x) = &mut m.outcome {
            x.value += 0.000_012_345_678;
        }
    }
    fn look(value: &Value) {
        match value {
            Value::Number(n) if n.is_f64() => {
                let text = n.to_string();
                assert!(text.split_once('.').is_none_or(|(_, d)| d.len() <= 2), "{text}");
            }
            Value::Array(list) => list.iter().for_each(look),
            Value::Object(fields) => fields.values().for_each(look),
            _ => {}
        }
    }
    let card = card(&e, &v, "", "");
    look(&serde_json::to_value((&card.glance, &card.headline, &card.sections)).unwrap());
}

#[test]
fn the_comparison_says_suppressed_where_the_card_does() {
    let (mut e, v, _) = sample(Decision::Undecided);
    e.measures.retain(|m| m.group.as_ref().is_none_or(|g| ["c", "d"].contains(&g.values[0].as_str())));
    let c = card(&e, &v, "", "");
    assert!(c.headline.cells[2].starts_with("suppressed"), "{:?}", c.headline.cells);
}

#[test]
fn the_data_section_says_what_the_tuning_part_was_for() {
    let (mut e, v, _) = sample(Decision::Undecided);
    e.data.tune = 400;
    e.candidate.facts.push(("calibration".into(), "on 400 records of the tuning part".into()));
    assert!(all_text(&card(&e, &v, "", "")).contains("400 records of the tuning part are kept for calibrating confidences"));
}
