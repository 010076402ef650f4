//! Malformed input written by others: each file is read right or refused with a clear error; none panics, hangs or leaves output.

mod common;

use common::{Workspace, proofmark};
use proofmark::data::{Dialect, Encoding, read};
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn unusual_but_correct_csv_is_read_right() {
    let Some(folder) = common::shared("corpora/csv-spectrum") else { return };
    let mut read_right = 0;
    for path in files(&folder).iter().filter(|p| p.extension().is_some_and(|e| e == "csv")) {
        let truth: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_slice(&std::fs::read(path.with_extension("json")).unwrap()).unwrap();
        let raw = read("f.csv", &std::fs::read(path).unwrap(), Dialect::default(), &[]).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(raw.rows, truth.len(), "{}", path.display());
        for (row, record) in truth.iter().enumerate() {
            assert_eq!(record.len(), raw.headers.len(), "{}", path.display());
            for (name, value) in record {
                let found = raw.column(name).unwrap_or_else(|| panic!("{}: no column {name}", path.display())).get(row);
                // The corpus' JSON writes line ends inside fields as LF whatever the file has.
                assert_eq!(found.replace("\r\n", "\n"), value.as_str().unwrap().replace("\r\n", "\n"), "{}", path.display());
            }
        }
        read_right += 1;
    }
    assert!(read_right >= 10, "{read_right}");
}

/// Puts a file in the place of the records and runs the study: it must end with exit 2, a place and a remedy.
#[track_caller]
fn refused(file: &Path, name: &str) {
    let w = Workspace::new();
    w.edit("dataset.toml", "records.csv", name).write_bytes(name, &std::fs::read(file).unwrap());
    let ran = proofmark(w.folder.path(), &["run", "study.toml", "--out", "out"]);
    assert_eq!(ran.code, 2, "{}: {}", file.display(), ran.stderr);
    ran.expect(2, &["error (", "-->", "help:"]);
    w.expect_no_output();
}

#[test]
fn faulty_csv_is_refused_with_place_and_remedy() {
    let Some(folder) = common::shared("corpora/duckdb-csv") else { return };
    let (mut right, mut wrong) = (0, 0);
    for path in files(&folder) {
        let bytes = std::fs::read(&path).unwrap();
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Latin1] {
            match read("f.csv", &bytes, Dialect { encoding, delimiter: b',' }, &[]) {
                Ok(raw) => {
                    assert!(raw.columns.iter().all(|c| c.len() == raw.rows), "{}", path.display());
                    right += 1;
                }
                Err(failure) => {
                    assert!(failure.problems.iter().all(|p| p.place.is_some() && p.remedy.is_some()), "{}: {failure}", path.display());
                    wrong += 1;
                }
            }
        }
        // None of them has the study's columns, so all must be refused by the program.
        refused(&path, "corpus.csv");
    }
    assert!(right > 20 && wrong > 20, "{right} read, {wrong} refused");
}

#[test]
fn damaged_parquet_is_refused_without_a_panic() {
    let Some(folder) = common::shared("corpora/parquet-bad") else { return };
    let mut tried = 0;
    for path in files(&folder).iter().filter(|p| p.extension().is_some_and(|e| e == "parquet")) {
        refused(path, "corpus.parquet");
        let bytes = std::fs::read(path).unwrap();
        if let Err(failure) = read("f.parquet", &bytes, Dialect::default(), &[]) {
            assert!(failure.problems.iter().all(|p| p.place.is_some() && p.remedy.is_some()), "{failure}");
        }
        tried += 1;
    }
    assert!(tried >= 8, "{tried}");
}

#[test]
fn naughty_strings_go_through_the_whole_program() {
    let Some(folder) = common::shared("corpora/naughty-strings") else { return };
    let strings: Vec<String> = serde_json::from_slice(&std::fs::read(folder.join("blns.json")).unwrap()).unwrap();
    let w = Workspace::new();
    w.edit("dataset.toml", "{ role = \"text\" }", "{ role = \"text\", empty = \"allow\" }");
    let usable: Vec<&String> = strings.iter().filter(|s| !s.contains('\0')).collect();
    assert!(usable.len() > 500, "{}", usable.len());
    w.records(|records| {
        for (record, naughty) in records.iter_mut().zip(&usable) {
            record[5] = (*naughty).clone();
        }
    });
    let ran = w.run();
    assert!([0, 1, 3].contains(&ran.code), "{}", ran.stderr);
    let html = w.read("out/linear/card.html");
    for naughty in usable.iter().filter(|s| s.chars().count() > 12) {
        assert!(!html.contains(naughty.as_str()), "a record's text is on the card: {naughty}");
    }
}
