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

/// A column's head and its value of each row.
type Column = (&'static str, fn(usize) -> String);

/// Adds columns to the records by (head, value of row).
fn columns(w: &Workspace, list: &[Column]) {
    let text = csv(&records(600));
    let lines = text.lines().enumerate().map(|(n, line)| {
        let cells: Vec<String> = list.iter().map(|(head, value)| if n == 0 { (*head).to_owned() } else { value(n - 1) }).collect();
        format!("{line},{}\n", cells.join(","))
    });
    w.write("records.csv", &lines.collect::<String>());
}

/// Sixty PSUs in three strata, each with its population of 40 PSUs.
fn designed() -> Workspace {
    let w = Workspace::new();
    w.edit("dataset.toml", "answer = {", "area = { role = \"stratum\" }\nvillage = { role = \"psu\" }\nvillages = { role = \"fpc\" }\nanswer = {");
    columns(&w, &[("area", |i| (i % 3).to_string()), ("village", |i| (i % 60).to_string()), ("villages", |_| "40".into())]);
    w
}

#[test]
fn a_finite_population_must_fit_the_sample() {
    let w = designed();
    w.run().expect(0, &[]);
    let told = w.json("out/linear/evidence.json")["data"]["design"].as_str().unwrap().to_owned();
    assert!(told.contains("3 strata, 30 primary sampling units") && told.contains("25.0 % (the whole sample holds 50.0 %)"), "{told}");
    assert!(w.read("out/linear/card.html").contains("finite population correction"));
    std::fs::remove_dir_all(w.path("out")).unwrap();
    let wrong = |value: fn(usize) -> String, texts: &[&str]| {
        columns(&w, &[("area", |i| (i % 3).to_string()), ("village", |i| (i % 60).to_string()), ("villages", value)]);
        refused(&w, texts);
    };
    wrong(
        |i| if i == 30 { "41".into() } else { "40".into() },
        &["records.csv:32", "column `villages`", "stratum `0`", "another size of the population", "record 1"],
    );
    wrong(|_| "19".into(), &["records.csv:2", "20 PSUs in the data set, more than the 19 of its population"]);
    wrong(|i| if i % 3 == 1 { "0.5".into() } else { "40".into() }, &["records.csv:3", "a share of the population where other records have a size above 1"]);
    wrong(|i| if i == 7 { String::new() } else { "0.5".into() }, &["records.csv:9", "no size of the population"]);
    wrong(|i| if i == 7 { "many".into() } else { "0.5".into() }, &["records.csv:9", "not a number"]);
    wrong(|i| if i % 3 == 2 { "0".into() } else { "0.5".into() }, &["records.csv:4", "not above 0"]);
    w.edit("dataset.toml", "villages = { role = \"fpc\" }\n", "");
    columns(&w, &[("area", |i| if i == 61 { "2".into() } else { (i % 3).to_string() }), ("village", |i| (i % 60).to_string())]);
    refused(&w, &["records.csv:63", "PSU `1` is in the strata `1` and `2`", "psu_within_stratum = true"]);
    w.edit("dataset.toml", "[code_frame]", "[design]\npsu_within_stratum = true\n\n[code_frame]");
    w.edit("study.toml", "minimum_group", "lonely_psu = \"adjust\"\nminimum_group");
    w.run().expect(0, &[]);
}

#[test]
fn replicate_weights_are_read_and_their_faults_named() {
    let w = Workspace::new();
    let design = "[design]\nreplicates = { prefix = \"rw_\", kind = \"brr\" }\n\n[code_frame]";
    w.edit("dataset.toml", "[code_frame]", design);
    refused(&w, &["dataset.toml:17", "no column of the files is named `rw_` and digits"]);
    let good: [Column; 4] = [("rw_1", |i| half(i, 1)), ("rw_2", |i| half(i, 2)), ("rw_3", |i| half(i, 3)), ("rw_4", |i| half(i, 4))];
    columns(&w, &good);
    w.run().expect(0, &[]);
    let evidence = w.json("out/linear/evidence.json");
    let told = evidence["data"]["design"].as_str().unwrap();
    assert!(told.contains("every variance from 4 replicate weights of the data set (balanced half-samples)"), "{told}");
    assert!(w.read("out/linear/card.html").contains("replicate weights, Student"));
    let contrast = evidence["measures"].as_array().unwrap().iter().find(|m| m["contrast"]["variables"][0] == "region").unwrap();
    assert_eq!(contrast["outcome"]["estimate"]["df"], 3.0);
    std::fs::remove_dir_all(w.path("out")).unwrap();
    let wrong = |value: fn(usize) -> String, texts: &[&str]| {
        columns(&w, &[good[0], ("rw_2", value)]);
        refused(&w, texts);
    };
    wrong(|i| if i == 40 { "-0.5".into() } else { half(i, 2) }, &["records.csv:42", "column `rw_2`", "a negative replicate weight"]);
    wrong(|i| if i == 40 { String::new() } else { half(i, 2) }, &["records.csv:42", "column `rw_2`", "no replicate weight"]);
    wrong(|i| if i == 40 { "x".into() } else { half(i, 2) }, &["records.csv:42", "not a number"]);
    columns(&w, &good);
    let edited = |from: &str, to: &str, texts: &[&str]| {
        w.edit("dataset.toml", from, to);
        refused(&w, texts);
        w.edit("dataset.toml", to, from);
    };
    edited("kind = \"brr\"", "kind = \"brr\", rscales = [1, 1, 1]", &["dataset.toml:17", "3 scales for the 4 replicate weights"]);
    edited("kind = \"brr\"", "kind = \"fay\"", &["dataset.toml:17", "`rho` and `fay` belong together"]);
    edited("kind = \"brr\"", "kind = \"brrr\"", &["did you mean `brr`?"]);
    edited("prefix = \"rw_\"", "columns = [\"rw_1\", \"rw_9\"]", &["dataset.toml:17", "replicate weight `rw_9` is in none of the files", "did you mean"]);
    edited("prefix = \"rw_\"", "columns = [\"rw_1\"]", &["fewer than two replicate weights"]);
    edited("weight = { role = \"weight\" }", "weight = { role = \"weight\" }\npart = { role = \"fpc\" }", &["beside a size of the population"]);
    w.edit("dataset.toml", "weight = { role = \"weight\" }\n", "");
    refused(&w, &["dataset.toml:16", "no column has the role `weight`", "combined = false"]);
}

/// A replicate weight of a record of the small survey: twice or nothing of its weight, by its number.
fn half(i: usize, replicate: usize) -> String {
    let weight = 1.0 + (((i * 7919 + 13) % 9973) % 5) as f64 / 2.0;
    if ((i % 8) & replicate).count_ones() % 2 == 1 { format!("{:.1}", 2.0 * weight) } else { "0".into() }
}

#[test]
fn variances_and_intervals_that_a_design_does_not_allow_are_refused_with_a_caret() {
    let w = Workspace::new();
    w.edit("study.toml", "minimum_group", "variance = \"jackknife\"\ninterval = \"clopper-pearson\"\nminimum_group");
    refused(
        &w,
        &["study.toml:23:12", "no column has the role `psu`", "study.toml:24:12", "Clopper–Pearson intervals are for records that are independent", "^^^"],
    );
    w.edit("study.toml", "clopper-pearson", "logitt");
    refused(&w, &["`interval` cannot be `logitt`", "did you mean `logit`?"]);
    w.edit("study.toml", "interval = \"logitt\"\n", "interval = \"logit\"\n").edit("study.toml", "variance = \"jackknife\"\n", "");
    w.run().expect(0, &[]);
    assert!(w.read("out/linear/card.html").contains("on the logit scale"));
    std::fs::remove_dir_all(w.path("out")).unwrap();
    let w = designed();
    w.edit("study.toml", "minimum_group", "variance = \"half-samples\"\nminimum_group");
    refused(&w, &["half-samples need two PSUs in every stratum, and stratum `0` has 10 in the test part", "variance = \"jackknife\""]);
    w.edit("study.toml", "half-samples", "jackknife");
    w.run().expect(0, &[]);
    assert!(w.json("out/linear/evidence.json")["data"]["design"].as_str().unwrap().contains("every variance from 30 jackknife replicates"));
    // Nothing but `run` may differ from run to run.
    let facts = |w: &Workspace| w.json("out/linear/evidence.json")["measures"].to_string();
    let before = facts(&w);
    w.edit("study.toml", "jackknife", "bootstrap");
    w.run().expect(0, &[]);
    let drawn = facts(&w);
    w.run().expect(0, &[]);
    assert!(drawn == facts(&w) && drawn != before);
}

#[test]
fn records_of_weight_0_are_counted_and_said() {
    let w = Workspace::new();
    w.records(|r| r.iter_mut().skip(6).step_by(12).for_each(|r| r[4] = "0".into()));
    w.run().expect(0, &[]);
    let evidence = w.json("out/linear/evidence.json");
    let notes = evidence["notes"].to_string();
    assert!(notes.contains("50 of 300 test records have weight 0; they are counted as records and move no estimate."), "{notes}");
    std::fs::remove_dir_all(w.path("out")).unwrap();
    w.records(|r| r.iter_mut().for_each(|r| r[4] = "0".into()));
    refused(&w, &["weight 0"]);
}
