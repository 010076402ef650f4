//! Exports through the program: every format from a stored card, clear messages where there is none.

mod common;

use common::{Workspace, proofmark};

#[test]
fn a_card_is_exported_to_every_format() {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    let card = "out/linear/card.json";
    for (format, begins, holds) in [
        ("markdown", "# linear: Deploy with conditions", "## How often it is right"),
        ("summary", "### linear: Deploy with conditions", "| Coded right |"),
        ("csv", "section,table,row,column,metric,cell", "\"accuracy\""),
        ("junit", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testcase classname=\"accuracy\" name=\"Accuracy\"/>"),
        ("sarif", "{", "\"ruleId\": \"accuracy\""),
        ("github", "::notice title=linear%3A Deploy with conditions::", ""),
        ("gitlab", "[", ""),
    ] {
        let printed = proofmark(w.folder.path(), &["export", card, "--to", format]);
        printed.expect(0, &[holds]);
        assert!(printed.stdout.starts_with(begins), "{format}: {}", printed.stdout);
        proofmark(w.folder.path(), &["export", card, "--to", format, "--out", "given/file"]).expect(0, &["wrote given/file"]);
        assert_eq!(w.read("given/file").trim_end(), printed.stdout.trim_end(), "{format}");
    }
}

#[test]
fn what_cannot_be_exported_is_told() {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    proofmark(w.folder.path(), &["export", "out/linear/card.json", "--to", "junitt"]).expect(2, &["no export format `junitt`", "did you mean `junit`?"]);
    proofmark(w.folder.path(), &["export", "out/linear/evidence.json", "--to", "junit"])
        .expect(2, &["format `proofmark-evidence/1` where card has `proofmark-card/1`", "name the card file"]);
    proofmark(w.folder.path(), &["export", "out/linear/card.html", "--to", "junit", "--out", "x.xml"]).expect(2, &["card.html", "not card"]);
    assert!(!w.path("x.xml").exists());
}
