//! Catalogues against the code and against each other: every message that is used exists, none is left over, and places to fill are the same.

use super::locale::Words;
use fluent_bundle::FluentResource;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use std::collections::{BTreeMap, BTreeSet};

/// Sources with messages in them.
const SOURCES: &[&str] = &[
    include_str!("build/accuracy.rs"),
    include_str!("build/automatic.rs"),
    include_str!("build/codes.rs"),
    include_str!("build/confidence.rs"),
    include_str!("build/cost.rs"),
    include_str!("build/decision.rs"),
    include_str!("build/confusions.rs"),
    include_str!("build/fairness.rs"),
    include_str!("build/groups.rs"),
    include_str!("build/headline.rs"),
    include_str!("build/labels.rs"),
    include_str!("build/mod.rs"),
    include_str!("build/others.rs"),
    include_str!("build/published.rs"),
    include_str!("build/record.rs"),
    include_str!("build/scorecard.rs"),
    include_str!("build/slices.rs"),
    include_str!("build/source.rs"),
    include_str!("build/steps.rs"),
    include_str!("build/tokens.rs"),
    include_str!("build/trials.rs"),
    include_str!("build/year.rs"),
    include_str!("compare.rs"),
    include_str!("compare/current.rs"),
    include_str!("compare/trade.rs"),
    include_str!("export/markdown.rs"),
    include_str!("export/sarif.rs"),
    include_str!("format.rs"),
    include_str!("html.rs"),
    include_str!("locale.rs"),
    include_str!("site.rs"),
    include_str!("words.rs"),
    include_str!("words/automation.rs"),
    include_str!("words/compared.rs"),
    include_str!("words/confusions.rs"),
    include_str!("words/cost.rs"),
    include_str!("words/fairness.rs"),
    include_str!("words/findings.rs"),
    include_str!("words/others.rs"),
    include_str!("words/scorecard.rs"),
    include_str!("words/site.rs"),
    include_str!("words/slices.rs"),
    include_str!("words/tokens.rs"),
    include_str!("words/trials.rs"),
    include_str!("words_published.rs"),
];

/// Messages whose ids are put together, by their beginning.
const FAMILIES: [&str; 11] =
    ["frame-", "section-", "purpose-", "collection-", "people-", "describe-", "read-card-", "not-examined-", "decision-", "column-", "rest-"];

fn resource(tag: &str) -> FluentResource {
    FluentResource::try_new(Words::catalogue(tag).unwrap()).unwrap()
}

/// The places that a message has, by id; attributes count as messages.
fn places(tag: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut out = BTreeMap::new();
    for entry in resource(tag).entries() {
        let Entry::Message(m) = entry else { continue };
        if let Some(value) = &m.value {
            let twice = out.insert(m.id.name.to_owned(), of(value));
            assert!(twice.is_none(), "{tag}: {} is there twice", m.id.name);
        }
        for a in &m.attributes {
            out.insert(format!("{}.{}", m.id.name, a.id.name), of(&a.value));
        }
    }
    out
}

fn of(pattern: &Pattern<&str>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        let mut inline = |e: &InlineExpression<&str>| {
            if let InlineExpression::VariableReference { id } = e {
                out.insert(id.name.to_owned());
            }
        };
        match expression {
            Expression::Inline(e) => inline(e),
            Expression::Select { selector, variants } => {
                inline(selector);
                variants.iter().for_each(|v| out.extend(of(&v.value)));
            }
        }
    }
    out
}

/// Whole strings of the sources that look like ids.
fn used() -> BTreeSet<&'static str> {
    let strings = SOURCES.iter().flat_map(|s| s.split("#[cfg(test)]").next().unwrap_or("").split('"'));
    strings.filter(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')).collect()
}

#[test]
fn every_message_that_is_used_exists_and_none_is_left_over() {
    let english = places("en");
    for source in SOURCES {
        let code: Vec<&str> = source.split("#[cfg(test)]").next().unwrap_or("").lines().filter(|l| !l.trim_start().starts_with("//")).collect();
        for call in code.join("\n").split("say!(").skip(1) {
            let Some(id) = call.split_once(',').map(|(_, rest)| rest.trim_start()).and_then(|rest| rest.strip_prefix('"')).and_then(|r| r.split('"').next())
            else {
                continue;
            };
            assert!(english.contains_key(id), "the message `{id}` is used but is in no catalogue");
        }
    }
    let used = used();
    let header = ["language", "language-name", "direction", "decimal-mark", "thousands-mark"];
    let spare: Vec<&String> = english
        .keys()
        .filter(|id| !used.contains(id.as_str()) && !header.contains(&id.as_str()) && !id.starts_with("metric-") && !id.starts_with("told-"))
        .filter(|id| !FAMILIES.iter().any(|f| id.starts_with(f)))
        .collect();
    assert!(spare.is_empty(), "nobody uses {spare:?}");
}

#[test]
fn families_are_complete() {
    let english = places("en");
    let all =
        |family: &str, ones: &[&str]| ones.iter().for_each(|one| assert!(english.contains_key(&format!("{family}{}", one.replace(' ', "-"))), "{family}{one}"));
    all("section-", &super::words::SECTIONS);
    all("purpose-", &super::words::PURPOSE);
    all("collection-", &super::words::COLLECTION);
    all("people-", &super::words::PEOPLE);
    all("column-", &super::words::COMPARISON_COLUMNS.map(|c| c.0));
    all("decision-", &["deploy", "deploy-with-conditions", "reject", "undecided", "floor"]);
    all("rest-", &["codes", "errors", "findings"]);
    all("read-card-", &["1", "2", "3", "4", "5", "6"]);
    all("not-examined-", &["1", "2", "3", "4"]);
}

#[test]
fn french_has_every_message_with_the_same_places() {
    let (english, french) = (places("en"), places("fr"));
    let ids =
        |m: &BTreeMap<String, BTreeSet<String>>| m.keys().filter(|id| !id.ends_with(".formula") && !id.ends_with(".range")).cloned().collect::<BTreeSet<_>>();
    let (e, f) = (ids(&english), ids(&french));
    assert!(e.is_subset(&f), "not in French: {:?}", e.difference(&f).collect::<Vec<_>>());
    assert!(french.keys().all(|id| english.contains_key(id)), "only in French: {:?}", f.difference(&e).collect::<Vec<_>>());
    // A language may choose a plural by a number that the other prints only, and leave out what it does not need to choose by.
    let free: BTreeSet<String> = ["size", "met", "gates"].map(str::to_owned).into();
    for (id, places) in &french {
        let differ: Vec<&String> = places.symmetric_difference(&english[id]).filter(|p| !free.contains(*p)).collect();
        assert!(differ.is_empty(), "{id}: {differ:?} in one language only");
    }
}

#[test]
fn a_catalogue_that_lacks_messages_falls_back_to_english_and_says_so() {
    let w = Words::from_catalogue("language = de\nlanguage-name = Deutsch\nsuppressed = unterdrückt\ndecimal-mark = ,\n", "de.ftl").unwrap();
    assert_eq!(w.of("cannot", "tell"), super::marks::in_language("en", "cannot tell"));
    assert_eq!(w.say("suppressed", &[]), "unterdrückt");
    let (all, lacking) = w.lacking();
    assert_eq!(all - lacking, 4);
    assert_eq!(w.value("accuracy", 0.5), super::marks::in_language("en", "50,0 %"));
}

#[test]
fn a_damaged_or_strange_catalogue_is_refused_with_its_line() {
    let refused = |text: &str| Words::from_catalogue(text, "de.ftl").unwrap_err().to_string();
    assert!(refused("language = de\n\nbroken = { $n\n").contains("de.ftl:"), "{}", refused("language = de\n\nbroken = { $n\n"));
    assert!(refused("language = de\nsupressed = unterdrückt\n").contains("`supressed`"));
    assert!(refused("suppressed = unterdrückt\n").contains("`language`"));
    assert!(refused("language = \"><script>\n").contains("language tag"));
    assert!(refused("language = de\nlanguage = fr\n").contains("twice"));
}
