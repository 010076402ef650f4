//! The card as its readers get it: hostile names stay text, nothing is fetched or run, no record's text is on it.

mod common;

use common::Workspace;
use scraper::{Html, Node};
use std::collections::{BTreeMap, BTreeSet};

const HOSTILE: &str = "<script>alert(1)</script>";

/// How often each element occurs, and every attribute name used. Strokes of drawings only by name: axes follow measured cost.
fn shape(html: &str) -> (BTreeMap<String, usize>, BTreeSet<String>) {
    let (mut elements, mut attributes) = (BTreeMap::new(), BTreeSet::new());
    for node in Html::parse_document(html).tree.values() {
        if let Node::Element(element) = node {
            let count: &mut usize = elements.entry(element.name().to_owned()).or_default();
            *count = if ["polyline", "text", "rect", "circle"].contains(&element.name()) { 1 } else { *count + 1 };
            attributes.extend(element.attrs().map(|(name, _)| name.to_owned()));
        }
    }
    (elements, attributes)
}

/// A study with one name put everywhere a name can go.
fn named(name: &str) -> Workspace {
    let w = Workspace::new();
    let toml = format!("{name:?}");
    w.edit("study.toml", "\"A small study\"", &toml);
    w.edit(
        "study.toml",
        "seed = 7",
        &format!("seed = 7\n[purpose]\noutcome = {toml}\nbetter_off = {toml}\n[people]\nowner = {toml}\n[collection]\ntrust = {toml}\n"),
    );
    w.edit("study.toml", "kind = \"linear\"", &format!("kind = \"linear\"\nname = {toml}\nowner = {toml}\nintended_use = {toml}"));
    w.edit("dataset.toml", "\"Small survey\"", &toml).edit("dataset.toml", "\"made for a test\"", &toml).edit("dataset.toml", "\"unit group\"", &toml);
    w.edit("dataset.toml", "region = { role = \"group\" }", &format!("region = {{ role = \"group\", label = {toml} }}"));
    w.edit("policy.toml", "\"Policy of a test\"", &toml).edit("policy.toml", "severity = \"deny\"", &format!("severity = \"deny\"\nwhy = {toml}"));
    w.write("codes.csv", &common::CODES.replace("Doctors", &format!("\"{}\"", name.replace('"', "\"\""))));
    w.records(|r| r.iter_mut().filter(|r| r[2] == "North").for_each(|r| r[2] = name.to_owned()));
    w
}

#[test]
fn hostile_names_appear_as_text() {
    let benign = named("A name");
    benign.run().expect(0, &[]);
    for hostile in [HOSTILE, "\"><img src=x onerror=alert(1)>", "</style></svg></title><b>x", "' onload='x", "{{ 7 * 7 }} {% raw %}", "&lt;b&gt; &amp;"] {
        let w = named(hostile);
        w.run().expect(0, &[]);
        for page in ["out/linear/card.html", "out/majority/card.html", "out/comparison.html"] {
            let html = w.read(page);
            assert_eq!(shape(&html), shape(&benign.read(page)), "{page} with {hostile}");
            let text: String = Html::parse_document(&html).root_element().text().collect();
            assert!(text.contains(hostile), "{hostile} is not on {page} as text");
        }
    }
    assert!(named(HOSTILE).path("study.toml").exists());
}

#[test]
fn pages_run_nothing_and_fetch_nothing() {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    for page in ["out/linear/card.html", "out/majority/card.html", "out/comparison.html"] {
        let html = w.read(page);
        let (elements, attributes) = shape(&html);
        for element in ["script", "iframe", "object", "embed", "link", "img", "base", "form"] {
            assert!(!elements.contains_key(element), "{page} has <{element}>");
        }
        assert!(attributes.iter().all(|a| !a.starts_with("on") && a != "src" && a != "srcset"), "{page}: {attributes:?}");
        let policy = Html::parse_document(&html).tree.values().find_map(|n| match n {
            Node::Element(e) if e.attr("http-equiv") == Some("Content-Security-Policy") => e.attr("content").map(str::to_owned),
            _ => None,
        });
        assert!(policy.expect("a policy").starts_with("default-src 'none'; style-src 'sha256-"), "{page}");
        for node in Html::parse_document(&html).tree.values() {
            if let Node::Element(e) = node
                && let Some(href) = e.attr("href")
            {
                assert!(href.starts_with('#') || (href.ends_with("card.html") || href.contains("card.html#")) && !href.contains(':'), "{page}: {href}");
            }
        }
        assert!(!html.contains("url(") && !html.contains("@import"), "{page}");
    }
}

#[test]
fn no_text_of_a_record_reaches_what_is_published_or_printed() {
    let w = Workspace::new();
    let canary = "zyxcanary";
    w.records(|r| r.iter_mut().step_by(7).for_each(|r| r[5] = format!("{canary} {}", r[5])));
    let ran = w.run();
    ran.expect(0, &[]);
    assert!(!ran.stdout.contains(canary) && !ran.stderr.contains(canary));
    for candidate in ["majority", "linear"] {
        for file in ["evidence.json", "verdict.json", "card.json", "card.html"] {
            assert!(!w.read(&format!("out/{candidate}/{file}")).contains(canary), "{candidate}/{file}");
        }
    }
    assert!(!w.read("out/linear/card.html").contains("R00001"), "an id is on the card");
}

#[test]
fn the_card_leads_with_the_decision_and_ends_with_how_to_reproduce_it() {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    let page = Html::parse_document(&w.read("out/linear/card.html"));
    let main: String = page.select(&scraper::Selector::parse("main").unwrap()).flat_map(|m| m.text()).collect();
    let text: String = page.root_element().text().collect();
    let at = |needle: &str| text.find(needle).unwrap_or_else(|| panic!("no `{needle}` on the card"));
    let in_main = |needle: &str| main.find(needle).unwrap_or_else(|| panic!("no `{needle}` in the main part"));
    assert!(at("Deploy with conditions") < at("At a glance"));
    assert!(in_main("How often it is right") < in_main("What it costs"));
    assert!(in_main("What it costs") < in_main("Words and measures"));
    at("proofmark run study.toml");
    let evidence = w.read("out/linear/evidence.json");
    at(&proofmark::store::digest(evidence.as_bytes()));
}
