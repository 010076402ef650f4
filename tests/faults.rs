//! Every fault ends with exit 2, a message that names place and remedy, and no partial output.

mod common;

use common::{Workspace, csv, records};

/// Runs the study and expects exit 2 with these texts and nothing written.
#[track_caller]
fn refused(workspace: &Workspace, texts: &[&str]) {
    workspace.run().expect(2, texts);
    workspace.expect_no_output();
    // `check` finds the same without running anything, except what only the output folder shows.
    common::proofmark(workspace.folder.path(), &["check", "study.toml"]).expect(2, texts);
}

#[test]
fn missing_files_are_named_with_the_nearest_name() {
    let w = Workspace::new();
    common::proofmark(w.folder.path(), &["run", "studdy.toml"]).expect(2, &["studdy.toml", "does not exist", "did you mean `study.toml`?"]);
    w.edit("dataset.toml", "records.csv", "record.csv");
    refused(&w, &["dataset.toml:2", "record.csv", "did you mean `records.csv`?"]);
}

#[test]
fn unknown_keys_are_errors_with_a_caret() {
    let w = Workspace::new();
    w.edit("study.toml", "thresholds", "thresolds");
    refused(&w, &["study.toml:24:1", "thresolds", "^^^^^^^^^", "did you mean `thresholds`?"]);
}

#[test]
fn several_problems_are_told_at_once() {
    let w = Workspace::new();
    w.edit("study.toml", "thresholds", "thresolds").edit("policy.toml", "at_least = 0.6", "at_least = 1.6").edit(
        "dataset.toml",
        "role = \"date\"",
        "role = \"dat\"",
    );
    refused(&w, &["thresolds", "1.6", "did you mean `date`?", "problems"]);
}

#[test]
fn a_misspelt_column_is_found_with_its_place() {
    let w = Workspace::new();
    w.edit("dataset.toml", "region = {", "regoin = {").edit("study.toml", "\"region\"", "\"regoin\"").edit("policy.toml", "\"region\"", "\"regoin\"");
    refused(&w, &["dataset.toml", "regoin", "did you mean `region`?"]);
}

#[test]
fn duplicate_ids_are_refused_with_both_records() {
    let w = Workspace::new();
    w.records(|r| r[41][0] = r[7][0].clone());
    refused(&w, &["records.csv:43", "record 42", "the same id as record 8", "remove one of the records"]);
}

#[test]
fn a_label_outside_the_code_frame_is_refused_without_telling_the_label() {
    let w = Workspace::new();
    w.records(|r| r[10][6] = "7777".into());
    refused(&w, &["records.csv:12", "column `code`", "not in the code frame"]);
    assert!(!w.run().stderr.contains("7777"));
    w.records(|r| r[10][6] = "110".into());
    refused(&w, &["leading zeros"]);
}

#[test]
fn a_test_label_never_seen_in_training_counts_as_wrong_and_is_said() {
    let w = Workspace::new();
    let changed = records(600).iter().position(|r| r[1] == "2024-09").expect("a test record");
    w.records(|r| r[changed][6] = "9112".into());
    let note = "1 test record has a true code that never occurs in training (one code)";
    w.run().expect(0, &[note]);
    assert!(w.read("out/linear/card.html").contains("never occurs in training"));
    let recall = |e: &serde_json::Value| e["measures"].as_array().unwrap().iter().find(|m| m["metric"] == "recall" && m["code"] == "9112").cloned();
    assert_eq!(recall(&w.json("out/linear/evidence.json")).unwrap()["outcome"]["estimate"]["value"], 0.0);
}

#[test]
fn empty_text_is_refused_unless_allowed() {
    let w = Workspace::new();
    w.records(|r| r[3][5] = "  ".into());
    refused(&w, &["records.csv:5", "an empty text", "empty = \"allow\""]);
    w.edit("dataset.toml", "{ role = \"text\" }", "{ role = \"text\", empty = \"allow\" }");
    w.run().expect(0, &["1 of 600 records have an empty “answer”"]);
}

#[test]
fn one_class_data_are_refused() {
    let w = Workspace::new();
    w.records(|r| r.iter_mut().for_each(|r| r[6] = "2211".into()));
    refused(&w, &["the training part has only one code", "[split]"]);
}

#[test]
fn bytes_that_are_not_utf8_are_placed() {
    let w = Workspace::new();
    let mut bytes = csv(&records(600)).into_bytes();
    let at = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(4).expect("five lines").0 + 3;
    bytes[at] = 0xe9;
    w.write_bytes("records.csv", &bytes);
    refused(&w, &["records.csv:6", "not UTF-8", "latin-1"]);
}

#[test]
fn a_ragged_row_is_placed() {
    let w = Workspace::new();
    let text = csv(&records(600)).replacen("R00004,", "R00004,,", 1);
    w.write("records.csv", &text);
    refused(&w, &["records.csv:6", "8 fields where the header has 7"]);
}

#[test]
fn weights_must_be_numbers_and_not_negative() {
    let w = Workspace::new();
    w.records(|r| r[20][4] = "-1".into());
    refused(&w, &["records.csv:22", "a negative weight"]);
    w.records(|r| r[20][4] = "heavy".into());
    refused(&w, &["records.csv:22", "not a number"]);
    w.records(|r| r[20][4] = "NaN".into());
    refused(&w, &["records.csv:22", "not a number"]);
    w.records(|r| r[20][4] = String::new());
    refused(&w, &["records.csv:22", "no weight"]);
}

#[test]
fn a_group_with_no_records_is_refused() {
    let w = Workspace::new();
    w.edit("study.toml", "\"region\"", "{ column = \"region\", values = [\"North\", \"Nroth\"] }");
    refused(&w, &["study.toml:22:51", "no test record has the value `Nroth`", "did you mean `North`?", "^^^"]);
}

#[test]
fn an_unwritable_folder_is_found_before_any_work() {
    let w = Workspace::new();
    w.write("file", "");
    common::proofmark(w.folder.path(), &["run", "study.toml", "--out", "file/out"]).expect(2, &["file", "--out"]);
    common::proofmark(w.folder.path(), &["run", "study.toml", "--out", "/proc/proofmark"]).expect(2, &["/proc/proofmark", "--out"]);
    common::proofmark(w.folder.path(), &["run", "study.toml", "--out", "/dev/null"]).expect(2, &["/dev/null"]);
}

#[test]
fn a_header_alone_and_an_empty_file_are_refused() {
    let w = Workspace::new();
    w.write("records.csv", "id,month,region,sex,weight,answer,code\n");
    refused(&w, &["no records"]);
    w.write("records.csv", "");
    refused(&w, &["records.csv", "empty"]);
}

#[test]
fn a_part_without_records_is_refused() {
    let w = Workspace::new();
    w.edit("study.toml", "2024-07", "2025-07");
    refused(&w, &["the test part has no records", "study.toml"]);
}

#[test]
fn faulty_predictions_files_are_refused_all_at_once() {
    let w = Workspace::new();
    w.edit(
        "study.toml",
        "kind = \"linear\"",
        "kind = \"predictions\"\n[candidate.settings]\npath = \"p.csv\"\nid = \"id\"\ncodes = [\"code\"]\nconfidences = [\"c\"]\n",
    );
    refused(&w, &["study.toml", "p.csv"]);
    let rows: Vec<String> = records(600).iter().map(|r| format!("{},{},0.5", r[0], r[6])).collect();
    w.write("p.csv", &format!("id,code,c\n{}\n", rows[..500].join("\n")));
    refused(&w, &["p.csv", "prediction"]);
    w.write("p.csv", &format!("id,code,c\n{}\n", rows.join("\n").replacen("0.5", "1.5", 1)));
    refused(&w, &["p.csv", "between 0 and 1"]);
    w.write("p.csv", &format!("id,code,c\n{}\n", rows.join("\n").replacen("0.5", "x", 1)));
    refused(&w, &["p.csv:2", "not a number"]);
    w.write("p.csv", &format!("id,code,c\n{}\n", rows.join("\n").replace("2211", "8888")));
    w.run().expect(2, &["`8888`", "not in the code frame", "study.toml"]);
    w.expect_no_output();
}

#[test]
fn unreadable_stored_layers_are_refused() {
    let w = Workspace::new();
    w.run().expect(0, &[]);
    let judge = |file: &str| common::proofmark(w.folder.path(), &["judge", file, "--policy", "policy.toml", "--out", "again"]);
    judge("records.csv").expect(2, &["records.csv:1", "evidence"]);
    judge("out/linear/verdict.json").expect(2, &["proofmark-verdict/1", "proofmark-evidence/1"]);
    let text = w.read("out/linear/evidence.json");
    w.write("cut.json", &text[..text.len() / 2]);
    judge("cut.json").expect(2, &["cut.json", "help"]);
    assert!(!w.path("again").exists());
}

#[test]
fn the_wrong_delimiter_is_told_once_with_the_right_one() {
    let w = Workspace::new();
    w.write("records.csv", &csv(&records(600)).replace(',', ";"));
    refused(&w, &["records.csv:1", "contains `;`", "delimiter = \";\""]);
    assert_eq!(w.run().stderr.matches("error (").count(), 1);
    w.edit("dataset.toml", "[about]", "delimiter = \";\"\n[about]");
    w.run().expect(0, &[]);
}

#[test]
fn codes_that_may_have_lost_their_zeros_are_refused() {
    let w = Workspace::new();
    w.edit("dataset.toml", "file = \"codes.csv\"\ncode = \"code\"\nlabel = \"label\"\n", "");
    w.run().expect(0, &[]);
    w.records(|r| r.iter_mut().for_each(|r| r[6] = r[6].trim_start_matches('0').to_owned()));
    std::fs::remove_dir_all(w.path("out")).unwrap();
    refused(&w, &["codes have 3 and 4 characters", "leading zeros may be lost"]);
}

#[test]
fn real_mistakes_get_the_remedy_that_helps() {
    let w = Workspace::new();
    w.records(|r| r[9][1] = "15/01/2024".into());
    refused(&w, &["records.csv:11", "not a date", "2025-01-15"]);
    w.records(|r| r[9][4] = "\"1,5\"".into());
    refused(&w, &["records.csv:11", "with a point"]);
    w.records(|_| ());
    let folder = w.folder.path();
    common::proofmark(folder, &["check", "policy.toml"]).expect(2, &["the file is a policy, not a study"]);
    common::proofmark(folder, &["check", "."]).expect(0, &["no problems"]);
    w.edit("dataset.toml", "digits = 1", "digits = 4");
    refused(&w, &["`major group` has 4 characters"]);
    w.edit("dataset.toml", "digits = 4", "digits = 1");
    w.write_bytes("records.csv", b"PK\x03\x04zip");
    refused(&w, &["spreadsheet", "CSV UTF-8"]);
}
