//! Saved models through the public door: a run saves what it trains, a later study uses exactly that, and damage is told.

mod common;

use common::{Ran, STUDY, Workspace, proofmark};
use proofmark::value::digest;
use std::path::Path;

const MODEL: &str = "out/private/linear/model";

/// The small study with a model that was saved by it before as a third candidate.
fn with_saved(path: &str) -> String {
    STUDY.replace("[evaluate]", &format!("[[candidate]]\nid = \"again\"\nkind = \"saved\"\nsettings = {{ path = \"{path}\" }}\n\n[evaluate]"))
}

fn files(workspace: &Workspace, model: &str) -> [Vec<u8>; 2] {
    ["model.toml", "weights.safetensors"].map(|f| std::fs::read(workspace.path(&format!("{model}/{f}"))).unwrap_or_else(|e| panic!("{model}/{f}: {e}")))
}

fn run(workspace: &Workspace, out: &str) -> Ran {
    proofmark(workspace.folder.path(), &["run", "study.toml", "--out", out])
}

#[test]
fn a_later_study_uses_exactly_the_model_that_was_saved() {
    let workspace = Workspace::new();
    let first = workspace.run();
    assert!([0, 1, 3].contains(&first.code), "{}", first.stderr);
    let saved = files(&workspace, MODEL);
    let evidence = workspace.json("out/linear/evidence.json");
    assert_eq!(evidence["candidate"]["saved"]["digest"], digest(&saved[0]));
    assert_eq!(evidence["candidate"]["saved"]["bytes"], saved[0].len() + saved[1].len());
    assert!(workspace.json("out/majority/evidence.json")["candidate"]["saved"]["digest"].is_string());
    assert!(workspace.read("out/linear/card.html").contains(&digest(&saved[0])));
    #[cfg(unix)]
    for (path, mode) in [(MODEL.to_owned(), 0o700), (format!("{MODEL}/model.toml"), 0o600), (format!("{MODEL}/weights.safetensors"), 0o600)] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(workspace.path(&path)).expect("a file").permissions().mode() & 0o777, mode, "{path}");
    }
    // Another study, with fewer records, where the model trained here would be another one.
    workspace.write("study.toml", &with_saved(MODEL).replace("tune_share = 0.1", "tune_share = 0.5"));
    run(&workspace, "later");
    let (own, again) = (workspace.json("later/linear/evidence.json"), workspace.json("later/again/evidence.json"));
    assert_eq!(again["candidate"]["kind"], "saved");
    assert_eq!(again["candidate"]["digest"], digest(&saved[0]));
    assert_eq!(again["candidate"]["saved"], evidence["candidate"]["saved"]);
    assert_eq!(again["measures"].as_array().expect("measures")[0], evidence["measures"].as_array().expect("measures")[0]);
    let predictions = |path: &str| std::fs::read(workspace.path(path)).expect("predictions");
    assert_eq!(predictions("later/private/again/predictions.parquet"), predictions("out/private/linear/predictions.parquet"));
    assert_ne!(own["candidate"]["saved"]["digest"], again["candidate"]["saved"]["digest"]);
    assert!(!workspace.path("later/private/again/model").exists(), "what was loaded is not saved once more");
    let facts = again["candidate"]["facts"].to_string();
    assert!(facts.contains("saved model of kind") && facts.contains("\"linear\""), "{facts}");
}

/// Two candidates: nearest answers, and a cascade of an index, nearest answers and a tree of linear models.
const OFFICE: &str = r#"[[candidate]]
id = "nearest"
kind = "nearest"

[[candidate]]
id = "cascade"
kind = "cascade"

[[candidate.settings.step]]
kind = "index"
settings = { path = "index.csv" }

[[candidate.settings.step]]
kind = "nearest"
at_least = 0.97

[[candidate.settings.step]]
kind = "linear"
settings = { hierarchical = true }

[evaluate]"#;

#[test]
fn an_index_in_a_saved_cascade_needs_its_file_no_more_and_neighbours_keep_their_ids() {
    let workspace = Workspace::new();
    workspace.write("index.csv", "text,code\nWard sister,2221\nNaval Officer,0110\nwaitress,5131\n").edit("study.toml", "[evaluate]", OFFICE);
    let first = workspace.run();
    assert!([0, 1, 3].contains(&first.code), "{}", first.stderr);
    std::fs::remove_file(workspace.path("index.csv")).expect("removes");
    let again = |id: &str| format!("[[candidate]]\nid = \"{id}\"\nkind = \"saved\"\nsettings = {{ path = \"out/private/{id}/model\" }}\n\n");
    let study = STUDY.replace("[evaluate]", &format!("{}{}[evaluate]", again("nearest"), again("cascade")));
    workspace.write("study.toml", &study);
    run(&workspace, "later");
    let bytes = |path: &str| std::fs::read(workspace.path(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    for file in ["nearest/predictions.parquet", "cascade/predictions.parquet", "nearest/neighbours.csv", "cascade/neighbours.csv"] {
        assert!(bytes(&format!("later/private/{file}")) == bytes(&format!("out/private/{file}")), "{file}");
    }
    let steps = |path: &str| workspace.json(path)["steps"].clone();
    assert_eq!(steps("later/cascade/evidence.json"), steps("out/cascade/evidence.json"));
    assert_eq!(steps("later/cascade/evidence.json")[0]["name"], "index: exact match");
    // Where other records are at hand, the same id may be of another record: no text is put beside it.
    workspace.edit("study.toml", "tune_share = 0.1", "tune_share = 0.3");
    run(&workspace, "other");
    let list = workspace.read("other/private/nearest/neighbours.csv");
    assert!(list.lines().count() > 100 && list.lines().skip(1).all(|l| l.ends_with(',')), "{list}");
    // What a clerk reads.
    let ask = |model: &str, text: &str| proofmark(workspace.folder.path(), &["why", &format!("out/private/{model}/model"), "--text", text]);
    ask("nearest", "night nurse in a hospital").expect(0, &["1. 2221 Nurses", "Coded answers most like it", "   R00", ": 2221, similarity 1.00"]);
    let told = ask("cascade", "NAVAL officer");
    told.expect(0, &["1. 0110 Officers", "Coded by: index: normalised match."]);
    assert!(!told.stdout.contains("cannot say"), "{}", told.stdout);
    ask("cascade", "works with people today").expect(0, &["Coded by: linear."]);
}

#[test]
fn threads_change_no_byte_of_a_model_and_a_study_can_do_without() {
    let workspace = Workspace::new();
    for threads in ["1", "2"] {
        proofmark(workspace.folder.path(), &["run", "study.toml", "--out", threads, "--threads", threads]);
    }
    assert_eq!(files(&workspace, "1/private/linear/model"), files(&workspace, "2/private/linear/model"));
    workspace.edit("study.toml", "seed = 7", "seed = 7\nsave_models = false");
    workspace.run();
    assert!(!workspace.path(MODEL).exists() && workspace.path("out/private/linear/predictions.parquet").exists());
    assert!(workspace.json("out/linear/evidence.json")["candidate"].get("saved").is_none());
    workspace.edit("study.toml", "save_models = false", "save_models = \"no\"");
    run(&workspace, "none").expect(2, &["study.toml:5", "save_models", "true"]);
}

#[test]
fn damaged_folders_are_told_before_anything_is_trained() {
    let workspace = Workspace::new();
    workspace.run();
    let [head, weights] = files(&workspace, MODEL);
    let write = |name: &str, bytes: &[u8]| workspace.write_bytes(&format!("{MODEL}/{name}"), bytes);
    workspace.write("study.toml", &with_saved(MODEL));
    let refused = |texts: &[&str]| {
        run(&workspace, "none").expect(2, texts);
        assert!(!workspace.path("none").exists());
    };
    let place = "study.toml:24";
    write("weights.safetensors", &weights[..weights.len() - 9]);
    refused(&[place, "weights.safetensors", "bytes where", "help: copy the whole folder again"]);
    let mut bent = weights.clone();
    *bent.last_mut().expect("bytes") ^= 1;
    write("weights.safetensors", &bent);
    refused(&[place, "weights.safetensors", "SHA-256 differs"]);
    write("weights.safetensors", b"PK\x03\x04 a renamed archive");
    refused(&[place, "it looks like a zip archive"]);
    write("weights.safetensors", &weights);
    let text = String::from_utf8(head.clone()).expect("text");
    write("model.toml", text.replace("proofmark-model/1", "proofmark-model/9").as_bytes());
    refused(&[place, "model.toml", "`proofmark-model/9`", "the version of proofmark that saved it"]);
    write("model.toml", text.replace("kind = \"linear\"", "kind = \"linear\"\nodd = 1").as_bytes());
    refused(&[place, "model.toml:", "unknown field `odd`"]);
    // A file that claims to be huge, and is, but has nothing on the disk.
    write("model.toml", text.lines().map(|l| if l.starts_with("bytes = ") { "bytes = 1099511627776" } else { l }).collect::<Vec<_>>().join("\n").as_bytes());
    std::fs::File::create(workspace.path(&format!("{MODEL}/weights.safetensors"))).and_then(|f| f.set_len(1 << 40)).expect("a hollow file");
    refused(&[place, "model.toml", "no more than"]);
    std::fs::remove_file(workspace.path(&format!("{MODEL}/weights.safetensors"))).expect("removes");
    write("model.toml", &head);
    refused(&["weights.safetensors", "does not exist"]);
    std::fs::create_dir(workspace.path(&format!("{MODEL}/weights.safetensors"))).expect("a folder");
    refused(&["weights.safetensors", "is a folder"]);
    std::fs::remove_dir(workspace.path(&format!("{MODEL}/weights.safetensors"))).expect("removes");
    write("weights.safetensors", &weights);
    // What is wrong with the study.
    workspace.write("study.toml", &with_saved("out/private/linaer/model"));
    refused(&[place, "there is no file `out/private/linaer/model/model.toml`"]);
    workspace.write("study.toml", &STUDY.replace("kind = \"linear\"", &format!("model = \"{MODEL}\"")));
    refused(&["names a saved model", "kind = \"saved\"", MODEL]);
    workspace.write("study.toml", &with_saved(MODEL)).edit("dataset.toml", "answer = { role", "reply = { role").edit(
        "records.csv",
        "weight,answer",
        "weight,reply",
    );
    refused(&[place, "reads the text column `answer`", "give a column of that name"]);
}

#[test]
fn a_clerk_sees_codes_and_words_for_and_against() {
    let workspace = Workspace::new();
    workspace.run();
    let ask = |arguments: &[&str]| proofmark(workspace.folder.path(), &[&["why", MODEL][..], arguments].concat());
    let told = ask(&["--text", "Night nurse, since 2019"]);
    told.expect(
        0,
        &[
            "1. 2221 Nurses: confidence ",
            "odds against ",
            " to 1, before any word ",
            "for:     nurse \u{d7}",
            "2. ",
            "Taken out of the answer:",
            "without nurse: 2221",
        ],
    );
    assert_eq!(told.stdout, ask(&["--set", "answer=Night nurse, since 2019"]).stdout);
    assert!(!ask(&["--text", "nurse", "--codes", "1"]).stdout.contains("2. "));
    ask(&["--text", "\u{1F600} zzzz"]).expect(0, &["No word of the answer is known"]);
    ask(&[]).expect(2, &["no answer is given", "--text"]);
    ask(&["--set", "answr=x"]).expect(2, &["reads no column `answr`", "did you mean `answer`?"]);
    ask(&["--set", "answer"]).expect(2, &["has no =", "COLUMN=VALUE"]);
    ask(&["--text", "a", "--set", "answer=b"]).expect(2, &["given twice"]);
    proofmark(workspace.folder.path(), &["why", "out/private/majority/model", "--text", "a"]).expect(2, &["reads no text"]);
    proofmark(workspace.folder.path(), &["why", "out/private/majority/model"]).expect(0, &["cannot say what single words add"]);
    proofmark(workspace.folder.path(), &["why", "out/private/linaer/model", "--text", "a"]).expect(2, &["does not exist"]);
    assert!(Path::new(&workspace.path(MODEL)).exists());
}
