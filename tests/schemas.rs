//! Exports against the real schemas of their formats, offline; and texts of anybody in them stay text.

mod common;

use common::{Workspace, proofmark, shared};
use std::io::Write;
use std::path::Path;
use std::process::Command;

const FORMATS: [&str; 9] = ["google", "cyclonedx", "hugging-face", "eval-results", "sarif", "junit", "atrs", "algoritmeregister", "annex-iv"];

fn python() -> Command {
    let path = std::env::var("PATH").unwrap_or_default();
    let path = std::env::var("PROOFMARK_PYTHON").map_or_else(|_| path.clone(), |folder| format!("{folder}:{path}"));
    let mut command = Command::new("env");
    command.env("PATH", path).arg("python3");
    command
}

/// Whether the packages with the schemas are there. In CI their absence is a failure.
fn ready() -> bool {
    let modules =
        "import jsonschema, yaml, huggingface_hub, cyclonedx.validation.json, pydantic_sarif.model, importlib.metadata as m; m.files('model-card-toolkit')[0]";
    let found = python().args(["-c", modules]).output().is_ok_and(|o| o.status.success());
    if !found {
        let message =
            "skipped: no python3 with the packages that hold the schemas; set PROOFMARK_PYTHON to the folder of one that has them (.ci/run says which)";
        assert!(std::env::var_os("CI").is_none(), "{message}; in CI they must be there");
        let _ = writeln!(std::io::stderr(), "{message}");
    }
    found
}

/// Exports a card to every format into a folder of the workspace, and validates them.
fn valid(w: &Workspace, card: &str) {
    for format in FORMATS {
        proofmark(w.folder.path(), &["export", card, "--to", format, "--out", &format!("exports/{format}")]).expect(0, &["wrote"]);
    }
    if ready() {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/check.py");
        let checked = python().arg(script).arg(w.path("exports")).env("HF_HUB_OFFLINE", "1").output().expect("python starts");
        let told = String::from_utf8_lossy(&checked.stdout).into_owned() + &String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{told}");
    }
}

/// A study with a text wherever a text can go.
fn named(text: &str) -> Workspace {
    let w = Workspace::new();
    let toml = serde_json::to_string(text).expect("a string").replace('\u{7f}', "\\u007F");
    w.edit("study.toml", "\"A small study\"", &toml);
    w.edit(
        "study.toml",
        "seed = 7",
        &format!("seed = 7\n[purpose]\noutcome = {toml}\nbetter_off = {toml}\naction = {toml}\n[people]\nowner = {toml}\ncontact = {toml}\n[collection]\ntrust = {toml}\n"),
    );
    w.edit("study.toml", "kind = \"linear\"", &format!("kind = \"linear\"\nname = {toml}\nowner = {toml}\nintended_use = {toml}\nout_of_scope = {toml}"));
    w.edit("dataset.toml", "\"Small survey\"", &toml).edit("dataset.toml", "\"made for a test\"", &toml);
    w.edit("dataset.toml", "region = { role = \"group\" }", &format!("region = {{ role = \"group\", label = {toml} }}"));
    w.edit("policy.toml", "\"Policy of a test\"", &toml);
    w
}

#[test]
fn exports_are_valid() {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    valid(&w, "out/linear/card.json");
    let text = proofmark(w.folder.path(), &["export", "out/linear/card.json", "--to", "algoritmeregister"]);
    text.expect(0, &["the card does not fill these fields", "organization", "lawful_basis"]);
    assert!(!text.stdout.contains("example.com") && !text.stdout.contains("organization"), "nothing is made up");
}

#[test]
fn texts_of_anybody_stay_text_and_files_stay_valid() {
    let text = "a: b # \"c\" 'd' \\ {e} [f] - g\n---\n...\n!!python/object:os.system\t=1+1\u{2028}\u{85}\u{feff}\u{1f600}</x>&amp;<script>alert(1)</script>";
    let w = named(text);
    w.run().expect(0, &[]);
    valid(&w, "out/linear/card.json");
    let yaml = w.read("exports/hugging-face");
    let front = yaml.split("---\n").nth(1).expect("front matter");
    assert!(front.is_ascii() && !front.contains("!!python/object:os.system\n"), "{front}");
}

#[test]
fn naughty_strings_stay_text_in_exports() {
    let Some(folder) = shared("corpora/naughty-strings") else { return };
    let strings: Vec<String> = serde_json::from_slice(&std::fs::read(folder.join("blns.json")).unwrap()).unwrap();
    let w = Workspace::new();
    w.run().expect(0, &[]);
    let mut card = w.json("out/linear/card.json");
    let usable: Vec<&String> = strings.iter().filter(|s| !s.trim().is_empty()).collect();
    assert!(usable.len() > 400);
    // All of them at once, wherever a card holds a text of others.
    let pairs: Vec<serde_json::Value> = usable.iter().map(|s| serde_json::json!([s, s])).collect();
    card["facts"]["purpose"] = serde_json::json!([["outcome", usable.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(" ")], ["action", usable[7]]]);
    card["facts"]["collection"] = pairs.clone().into();
    card["facts"]["data"]["description"] = pairs.into();
    card["facts"]["notes"] = usable.iter().map(|s| serde_json::json!(s)).collect::<Vec<_>>().into();
    let estimates = card["facts"]["estimates"].as_array_mut().unwrap();
    let of_groups: Vec<usize> = (0..estimates.len()).filter(|&i| estimates[i]["scope"] == "group").collect();
    for (i, s) in of_groups.iter().zip(usable.iter().cycle()) {
        estimates[*i]["group"] = serde_json::json!([["region", s]]);
    }
    w.write("naughty.json", &card.to_string());
    valid(&w, "naughty.json");
    let csv = proofmark(w.folder.path(), &["export", "naughty.json", "--to", "estimates"]);
    csv.expect(0, &[]);
    for line in csv.stdout.lines() {
        for cell in line.split("\",\"") {
            let cell = cell.trim_start_matches('"').trim_start();
            let number = cell.chars().skip(1).all(|c| c.is_alphanumeric() || " .,%\u{a0}\"".contains(c));
            assert!(!(cell.starts_with(['=', '@']) || cell.starts_with(['+', '-']) && !number), "{cell}");
        }
    }
}
