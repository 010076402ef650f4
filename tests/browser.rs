//! Every kind of page in Chromium, in English and French, light and dark, narrow and wide: axe-core finds nothing, nothing is fetched, nothing
//! sticks out, and without scripts it is the same page. Where the machine lacks Chromium, node or axe-core the test says so and checks nothing.

#![allow(clippy::print_stderr)] // Skips and figures measured by hand are told.

mod common;

use common::{Workspace, proofmark};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The first of some programs that starts.
fn program(names: &[&str]) -> Option<String> {
    names.iter().find(|name| Command::new(name).arg("--version").output().is_ok_and(|o| o.status.success())).map(|name| (*name).to_owned())
}

/// axe-core's script: where `PROOFMARK_AXE` says, or fetched by npm into the target folder once.
fn axe() -> Option<PathBuf> {
    if let Ok(at) = std::env::var("PROOFMARK_AXE") {
        return Some(PathBuf::from(at));
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe");
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if !script.exists() {
        std::fs::create_dir_all(&folder).expect("a folder for axe-core");
        let npm = Command::new("npm").args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix", ".", "axe-core@4"]).current_dir(&folder).output();
        if !npm.is_ok_and(|o| o.status.success()) {
            return None;
        }
    }
    script.exists().then_some(script)
}

/// Opens pages in the browser; none where the tools are missing.
fn visit(pages: &[PathBuf]) -> Option<Vec<Value>> {
    let skipped = |what: &str| {
        eprintln!("skipped: {what}; the pages were not looked at in a browser");
        None
    };
    let Some(chromium) = program(&["chromium", "chromium-browser", "google-chrome"]) else { return skipped("there is no Chromium") };
    let Some(node) = program(&["node"]) else { return skipped("there is no node") };
    let Some(axe) = axe() else { return skipped("npm could not install axe-core") };
    let profile = tempfile::tempdir().expect("a folder");
    let shots = std::env::var("PROOFMARK_SHOTS").unwrap_or_else(|_| "-".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser.mjs");
    let out = Command::new(node).arg(script).arg(chromium).arg(axe).arg(profile.path()).arg(shots).args(pages).output().expect("node starts");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let lines = String::from_utf8(out.stdout).expect("UTF-8");
    Some(lines.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect())
}

/// A small study in English and French with groups, a promise and two candidates.
fn bilingual() -> Workspace {
    let w = Workspace::new();
    w.edit("study.toml", "seed = 7", "seed = 7\nlanguages = [\"en\", \"fr\"]");
    w
}

#[test]
fn axe_finds_nothing_in_either_language_light_or_dark() {
    let w = bilingual();
    w.run().expect(0, &[]);
    let pages = ["linear/card.html", "linear/card.fr.html", "majority/card.fr.html", "comparison.html", "comparison.fr.html"];
    let pages: Vec<PathBuf> = pages.iter().map(|p| w.path("out").join(p)).collect();
    let Some(visits) = visit(&pages) else { return };
    assert_eq!(visits.len(), pages.len() * 7);
    for visit in visits {
        let at = format!("{} {} {}", visit["page"], visit["scheme"], visit["width"]);
        if let Some(same) = visit.get("same") {
            assert!(same.as_bool().unwrap_or(false) && visit["length"].as_u64().unwrap_or(0) > 10_000, "{at}: another page without scripts");
            continue;
        }
        assert_eq!(visit["violations"], Value::Array(Vec::new()), "{at}");
        assert_eq!(visit["requests"], Value::Array(Vec::new()), "{at}");
        for state in ["closed", "opened"] {
            assert!(visit[state]["scrolls"] == false && visit[state]["out"] == Value::Array(Vec::new()), "{at}, {state}: {}", visit[state]);
        }
    }
}

/// A page that fetches, sticks out, has no language, and changes itself.
const BROKEN: &str = "<!doctype html><html><head><title>x</title></head><body><p style='width:2000px'>wide</p><img src='picture.png'>\
<script>document.body.append('more')</script></body></html>";

#[test]
fn what_is_wrong_with_a_page_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("broken.html");
    std::fs::write(&page, BROKEN).unwrap();
    let Some(visits) = visit(&[page]) else { return };
    let ids: Vec<&str> = visits[0]["violations"].as_array().unwrap().iter().filter_map(|v| v["id"].as_str()).collect();
    assert!(ids.contains(&"html-has-lang") && ids.contains(&"image-alt"), "{ids:?}");
    assert!(visits[0]["requests"][0].as_str().unwrap().ends_with("picture.png") && visits[0]["closed"]["scrolls"] == true);
    assert_eq!(visits[6]["same"], false);
}

#[test]
fn a_study_in_two_languages_has_pages_that_name_each_other() {
    let w = bilingual();
    w.run().expect(0, &[]);
    let (english, french) = (w.read("out/linear/card.html"), w.read("out/linear/card.fr.html"));
    assert!(english.contains("<html lang=\"en\">") && english.contains("href=\"card.fr.html\" lang=\"fr\" hreflang=\"fr\""));
    assert!(french.contains("<html lang=\"fr\">") && french.contains("href=\"card.html\" lang=\"en\" hreflang=\"en\""));
    assert!(french.contains("<span lang=\"en\">A small study</span>"), "the study's own texts are marked");
    assert_eq!(w.json("out/linear/card.fr.json")["language"], "fr");
    assert!(!w.read("out/linear/card.fr.json").contains('\u{E000}'), "marks are for pages only");
    assert!(w.read("out/comparison.fr.html").replace("&#x2f;", "/").contains("href=\"linear/card.fr.html\""));
    // The same evidence in French alone, from what is stored.
    let again = proofmark(w.folder.path(), &["card", "out/linear/evidence.json", "out/linear/verdict.json", "--language", "fr", "--out", "again"]);
    again.expect(0, &["card.fr.html"]);
    proofmark(w.folder.path(), &["card", "out/linear/evidence.json", "out/linear/verdict.json", "--language", "xx"])
        .expect(2, &["`xx`", "built in are en, fr"]);
}

#[test]
fn an_office_brings_its_own_language_without_code() {
    let w = Workspace::new();
    w.write("de.ftl", "language = de\nlanguage-name = Deutsch\nframe-card = Modellkarte\ndecimal-mark = ,\nthousands-mark = .\n");
    w.edit("study.toml", "seed = 7", "seed = 7\nlanguage = \"de\"\nmessages = \"de.ftl\"");
    w.run().expect(0, &[]);
    let page = w.read("out/linear/card.html");
    assert!(page.contains("<html lang=\"de\">") && page.contains("Modellkarte") && page.contains("<span lang=\"en\">"));
    assert!(page.contains("texts of these pages") && page.contains("are not translated yet"));
    // A misspelt message is told with the catalogue's name, and a language without catalogue with its place.
    w.write("de.ftl", "language = de\nframe-kard = Modellkarte\n").run().expect(2, &["de.ftl", "frame-kard"]);
    w.edit("study.toml", "messages = \"de.ftl\"", "").run().expect(2, &["study.toml:", "no messages in language `de`", "messages = \"de.ftl\""]);
}

/// What may stand in English on a French page: texts of the study, marked, and formulas, references and names of programs.
#[test]
fn a_french_card_has_no_english_leftovers() {
    let w = bilingual();
    w.run().expect(0, &[]);
    for page in ["out/linear/card.fr.html", "out/majority/card.fr.html", "out/comparison.fr.html"] {
        let html = w.read(page);
        let mut text = String::new();
        let document = scraper::Html::parse_document(&html);
        let body = document.root_element();
        collect(body, &mut text);
        for word in [" the ", " of ", " records ", " with ", " and ", " is ", " are ", "cannot", "Interval ", " which "] {
            let at = text.find(word).map(|i| text[..i].char_indices().rev().nth(60).map_or(0, |(j, _)| j)..(i + 60).min(text.len()));
            let around = at.map(|r| text.get(r.start..).unwrap_or("").chars().take(130).collect::<String>());
            assert!(around.is_none(), "{page}: “{word}” in “{}”", around.unwrap_or_default());
        }
    }
}

/// The text of what is not marked as being in another language.
fn collect(element: scraper::ElementRef<'_>, out: &mut String) {
    for child in element.children() {
        if let Some(text) = child.value().as_text() {
            out.push_str(text);
        } else if let Some(inner) = scraper::ElementRef::wrap(child) {
            out.push(' ');
            let e = inner.value();
            if e.attr("lang").is_none() && !["style", "code", "title"].contains(&e.name()) {
                collect(inner, out);
            }
        }
    }
}
