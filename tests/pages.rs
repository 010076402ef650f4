//! Pages besides the card: comparisons of any runs, the list of studies, and a card of a thousand codes.

mod common;

use common::{Workspace, proofmark};
use scraper::{Html, Selector};
use std::fmt::Write as _;
use std::path::Path;

fn text(html: &str) -> String {
    Html::parse_document(html).root_element().text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()))
        } else {
            let _ = std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// A second study of the same test records: naive Bayes and the linear model once more.
fn two_runs() -> Workspace {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    w.write("later.toml", &w.read("study.toml"));
    w.edit("later.toml", "A small study", "A later study").edit(
        "later.toml",
        "id = \"majority\"\nkind = \"majority\"\nfloor = true",
        "id = \"bayes\"\nkind = \"complement-nb\"",
    );
    assert_ne!(proofmark(w.folder.path(), &["run", "later.toml", "--out", "later"]).code, 2);
    w
}

#[test]
fn candidates_of_two_runs_are_compared_record_by_record() {
    let w = two_runs();
    let compare = |arguments: &[&str]| proofmark(w.folder.path(), &[&["compare"], arguments].concat());
    compare(&["out", "later", "--out", "page"]).expect(0, &["wrote page/comparison.html", "linear (1)", "linear (2)"]);
    let page = text(&w.read("page/comparison.html"));
    for words in ["Candidates on Small survey", "linear (1)", "linear (2)", "bayes", "Differences in accuracy on the same records"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("not compared record by record"), "{page}");
    // The links lead to the cards of both runs.
    let html = w.read("page/comparison.html");
    for link in ["../out/linear/card.html", "../later/linear/card.html", "../later/bayes/card.html"] {
        assert!(html.contains(&format!("href=\"{}\"", link.replace('/', "&#x2f;"))) || html.contains(&format!("href=\"{link}\"")), "{link}");
    }
    // The difference that two runs give is the one that a single run gives.
    w.write("both.toml", &w.read("study.toml"));
    w.edit("both.toml", "[evaluate]", "[[candidate]]\nid = \"bayes\"\nkind = \"complement-nb\"\n\n[evaluate]");
    assert_ne!(proofmark(w.folder.path(), &["run", "both.toml", "--out", "both"]).code, 2);
    let own = w.json("both/linear/evidence.json");
    let versus = |m: &&serde_json::Value| {
        m["metric"] == "accuracy-difference" && m["versus"]["candidate"] == "bayes" && m.get("group").is_none() && m.get("code_level").is_none()
    };
    let own = own["measures"].as_array().unwrap().iter().find(versus).unwrap()["outcome"]["estimate"].clone();
    let told = |x: &serde_json::Value| format!("{:.1}", 100.0 * x.as_f64().unwrap().abs());
    let (value, lower, upper) = (told(&own["value"]), told(&own["interval"]["lower"]), told(&own["interval"]["upper"]));
    compare(&["out/linear", "later/bayes/evidence.json", "--out", "pair"]).expect(0, &[]);
    let pair = text(&w.read("pair/comparison.html"));
    assert!(pair.contains(&format!("{value} points")) && pair.contains(&lower) && pair.contains(&upper), "{value} ({lower} to {upper}): {pair}");
}

#[test]
fn without_private_files_only_each_ones_interval_is_told() {
    let w = two_runs();
    std::fs::remove_dir_all(w.path("later/private")).unwrap();
    let ran = proofmark(w.folder.path(), &["compare", "out/linear", "later/bayes", "--out", "page"]);
    ran.expect(0, &["are not compared record by record: its run left no readable `private/bayes/predictions.parquet`", "only each one’s own interval"]);
    let page = text(&w.read("page/comparison.html"));
    assert!(page.contains("There is no ranking") && page.contains("are not compared record by record"), "{page}");
    // Private files of other answers are not believed.
    copy(&w.path("out/private"), &w.path("later/private"));
    std::fs::rename(w.path("later/private/majority"), w.path("later/private/bayes")).unwrap();
    let ran = proofmark(w.folder.path(), &["compare", "out/linear", "later/bayes", "--out", "page"]);
    ran.expect(0, &["its private files give another accuracy than its evidence"]);
}

#[test]
fn evidence_of_other_records_is_refused_with_what_differs() {
    let w = two_runs();
    let run = |out: &str| assert_ne!(proofmark(w.folder.path(), &["run", "later.toml", "--out", out]).code, 2);
    let refused = |other: &str, texts: &[&str]| {
        proofmark(w.folder.path(), &["compare", "out/linear", other, "--out", "page"]).expect(2, texts);
        assert!(!w.path("page/comparison.html").exists());
    };
    w.records(|r| r.truncate(540));
    run("fewer");
    refused(
        "fewer/linear",
        &[
            "fewer/linear/evidence.json",
            "cannot be compared with out/linear/evidence.json: the test records differ: 270 records",
            "300 records",
            "same [split]",
        ],
    );
    w.records(|r| r.iter_mut().filter(|r| r[1] == "2024-12").for_each(|r| r[4] = "9.5".to_owned()));
    run("weights");
    refused("weights/linear", &["the sampling design differs"]);
    w.records(|_| ());
    w.edit("later.toml", "minimum_group = 20", "minimum_group = 20\nlevel = 0.9");
    run("level");
    refused("level/linear", &["its intervals are at level 0.9, those there at 0.95"]);
    refused("out/linear", &["only one candidate", "at least two"]);
    refused("nowhere", &["nowhere"]);
    std::fs::create_dir(w.path("empty")).unwrap();
    refused("empty", &["no evidence.json in this folder"]);
    std::fs::remove_file(w.path("later/bayes/verdict.json")).unwrap();
    refused("later/bayes", &["verdict.json", "does not exist"]);
}

#[test]
fn candidates_are_held_against_the_one_in_production() {
    let w = Workspace::new();
    w.edit("study.toml", "seed = 7", "seed = 7\ncurrent = \"majority\"");
    w.run().expect(0, &[]);
    let page = text(&w.read("out/comparison.html"));
    assert!(page.contains("Against majority, which is in production") && page.contains("No margin was given"), "{page}");
    let compare = |arguments: &[&str]| proofmark(w.folder.path(), &[&["compare", "out", "--out", "page"], arguments].concat());
    compare(&["--margin", "0.02"]).expect(0, &[]);
    let page = text(&w.read("page/comparison.html"));
    assert!(page.contains("2.00 points") && page.contains("shown: not worse by more than the margin"), "{page}");
    compare(&["--current", "linear", "--margin", "0.02"]).expect(0, &[]);
    assert!(text(&w.read("page/comparison.html")).contains("shown: worse by more than the margin"));
    compare(&["--current", "linaer"]).expect(2, &["no candidate `linaer`", "did you mean `linear`?"]);
    compare(&["--margin", "2"]).expect(2, &["a share from 0 up and below 1"]);
    // The policy's own gate has the last word.
    w.edit(
        "policy.toml",
        "[[gate]]\nid = \"regions\"",
        "[[gate]]\nid = \"no-worse\"\nmetric = \"accuracy-difference\"\nversus = \"majority\"\nnon_inferior_by = 0.05\n\n[[gate]]\nid = \"regions\"",
    );
    w.run().expect(0, &[]);
    assert!(text(&w.read("out/comparison.html")).contains("5.00 points"));
}

#[test]
fn a_folder_of_reports_has_a_page_that_links_to_all_cards() {
    let w = two_runs();
    copy(&w.path("out"), &w.path("reports/first #1"));
    copy(&w.path("later"), &w.path("reports/second"));
    let index = |arguments: &[&str]| proofmark(w.folder.path(), &[&["index", "reports"], arguments].concat());
    index(&["--title", "Our <models>"]).expect(0, &["wrote reports/index.html: 2 studies, 4 cards"]);
    let html = w.read("reports/index.html");
    let page = Html::parse_document(&html);
    let shown = text(&html);
    for words in [
        "Our <models>",
        "A small study",
        "A later study",
        "Deploy with conditions",
        "Evaluated: ",
        "Review due: 12 months after signing; not yet signed",
        "Coded right: ",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let mut cards = 0;
    for a in page.select(&Selector::parse("main a").unwrap()) {
        let href = a.value().attr("href").unwrap();
        if href.starts_with('#') {
            continue;
        }
        let decoded = href.replace("%20", " ").replace("%23", "#");
        assert!(w.path("reports").join(&decoded).is_file(), "{href}");
        cards += usize::from(decoded.ends_with("card.html"));
    }
    assert_eq!(cards, 4);
    for forbidden in ["<script", " src=", " style=", "url("] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    // Again: our own page is replaced, another's is not; a damaged card is left out and told.
    w.write("reports/second/bayes/card.json", "{\"format\": \"proofmark-card/1\"");
    index(&[]).expect(0, &["2 studies, 3 cards", "left out:", "bayes/card.json"]);
    w.write("reports/index.html", "<p>mine</p>");
    index(&[]).expect(2, &["a page that this program did not write", "--replace"]);
    assert_eq!(w.read("reports/index.html"), "<p>mine</p>");
    index(&["--replace"]).expect(0, &[]);
    std::fs::create_dir(w.path("none")).unwrap();
    proofmark(w.folder.path(), &["index", "none"]).expect(2, &["no card.json that can be read"]);
}

#[test]
fn what_a_card_says_stays_text_on_the_page_of_studies() {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    let hostile = "\"><img src=x onerror=alert(1)></title><script>alert(2)</script>";
    let mut card = w.json("out/linear/card.json");
    for key in ["study", "title", "evaluated"] {
        card[key] = hostile.into();
    }
    card["banner"]["kind"] = hostile.into();
    card["banner"]["words"] = hostile.into();
    card["headline"]["cells"][1] = hostile.into();
    w.write("out/linear/card.json", &card.to_string());
    proofmark(w.folder.path(), &["index", "out"]).expect(0, &[]);
    let html = w.read("out/index.html");
    assert!(!html.contains("<img") && !html.contains("<script"), "{html}");
    assert!(text(&html).contains("<script>alert(2)</script>"));
}

/// A thousand codes and fifty groups: records by the row, codes as they come, predictions from a file that is right in four of five records.
fn large() -> Workspace {
    let w = Workspace::new();
    let (mut records, mut predictions) = ("id,month,region,sex,weight,answer,code\n".to_owned(), "id,code_1,confidence_1\n".to_owned());
    let mut state = 1u64;
    let mut draw = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    for i in 0..24_000 {
        // Some codes are frequent, all occur.
        let code = if i < 1_000 { i } else { draw(1_000) * draw(1_000) / 1_000 };
        let region = draw(50);
        let _ = writeln!(records, "R{i},2024-{},g{region:02},{},1,a,{:04}", if i % 12 == 0 { "01" } else { "12" }, ["f", "m"][draw(2) as usize], 1_000 + code);
        let given = if draw(5) == 0 { (code / 10 * 10 + draw(10)).min(999) } else { code };
        let _ = writeln!(predictions, "R{i},{:04},0.{}", 1_000 + given, 3 + draw(7));
    }
    let frame: String = (0..1_000).fold("code,label\n".to_owned(), |t, c| t + &format!("{:04},Occupation number {c}\n", 1_000 + c));
    w.write("records.csv", &records).write("predictions.csv", &predictions).write("codes.csv", &frame);
    w.edit("study.toml", "id = \"linear\"\nkind = \"linear\"", "id = \"file\"\nkind = \"predictions\"\n[candidate.settings]\npath = \"predictions.csv\"\nid = \"id\"\ncodes = [\"code_1\"]\nconfidences = [\"confidence_1\"]");
    w.edit("dataset.toml", "digits = 1 }", "digits = 2 }");
    // Gates that find something of every code and every group.
    let gates = "metric = \"recall\"\ncode = \"*\"\nat_least = 0.7\nseverity = \"warn\"\n\n[[gate]]\nid = \"each\"\nmetric = \"accuracy\"\ngroup = \"region\"\nacross = \"each\"\nat_least = 0.75";
    w.edit("policy.toml", "severity = \"warn\"\n", &format!("severity = \"warn\"\n\n[[gate]]\nid = \"every-code\"\n{gates}\nseverity = \"warn\"\n"));
    w
}

#[test]
fn a_card_of_a_thousand_codes_and_fifty_groups_is_small_and_folded() {
    let w = large();
    let ran = w.run();
    assert_ne!(ran.code, 2, "{}", ran.stderr);
    let html = w.read("out/file/card.html");
    assert!(html.len() < 2_000_000, "{} bytes", html.len());
    assert!(w.read("out/comparison.html").len() < 500_000);
    let page = Html::parse_document(&html);
    let rows = |selector: &str| page.select(&Selector::parse(selector).unwrap()).count();
    assert!(rows("tbody tr") > 1_000, "{}", rows("tbody tr"));
    let long = page.select(&Selector::parse(".conditions > li").unwrap()).filter(|li| li.text().collect::<String>().len() > 1_000).collect::<Vec<_>>();
    assert!(
        !long.is_empty() && long.iter().all(|li| li.select(&Selector::parse("details > summary").unwrap()).next().is_some()),
        "a long condition stands open"
    );
    // No long table stands open.
    for table in page.select(&Selector::parse("table").unwrap()) {
        let folded = table.ancestors().filter_map(scraper::ElementRef::wrap).any(|e| e.value().name() == "details");
        let length = table.select(&Selector::parse("tbody tr").unwrap()).count();
        let caption: String = table.select(&Selector::parse("caption").unwrap()).flat_map(|c| c.text()).collect();
        assert!(folded || length <= 25, "{caption}: {length} rows");
    }
}

/// Headings of a page, in order.
fn headings(html: &str) -> Vec<String> {
    let page = Html::parse_document(html);
    let selector = Selector::parse("h1, h2, h3").unwrap();
    let found = page.select(&selector).map(|h| h.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" "));
    found.collect()
}

/// Figures differ from machine to machine, headings do not.
#[test]
fn the_example_in_the_repository_is_what_the_program_makes() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/demonstration/example");
    let folder = tempfile::tempdir().unwrap();
    proofmark(folder.path(), &["run", "--out", "run", "--quiet"]).expect(0, &[]);
    let remedy = "make it anew: proofmark run --out RUN, remove the cards (card.html, card.fr.html) of the other candidates from RUN, proofmark compare RUN --out RUN, and copy RUN/comparison.html, \
                  RUN/linear/card.html and RUN/linear/card.fr.html to reports/demonstration/example";
    for page in ["comparison.html", "linear/card.html"] {
        let stored = std::fs::read_to_string(example.join(page)).unwrap_or_else(|e| panic!("{page}: {e}; {remedy}"));
        let made = std::fs::read_to_string(folder.path().join("run").join(page)).unwrap();
        assert_eq!(headings(&stored), headings(&made), "{page} is of another version; {remedy}");
        // No link leads out of the example.
        for a in Html::parse_document(&stored).select(&Selector::parse("a").unwrap()) {
            let href = a.value().attr("href").unwrap();
            let target = example.join(page).parent().unwrap().join(href.split('#').next().unwrap());
            assert!(href.starts_with('#') || target.is_file(), "{page}: {href}");
        }
    }
}
