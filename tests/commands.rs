//! Candidates that are programs, and codes made elsewhere in every form: what works, and every way in which it may not.

mod common;

use common::{Ran, Workspace, proofmark, records};
use std::io::Write;
use std::path::Path;
use std::process::Command;

const LINEAR: &str = "[[candidate]]\nid = \"linear\"\nkind = \"linear\"\n";

/// A study whose second candidate is a shell script.
fn scripted(script: &str, settings: &str) -> Workspace {
    let w = Workspace::new();
    w.write("coder.sh", script);
    let candidate = format!("[[candidate]]\nid = \"coder\"\nkind = \"command\"\n[candidate.settings]\ncommand = [\"sh\", \"coder.sh\"]\n{settings}\n");
    w.edit("study.toml", LINEAR, &candidate);
    w
}

fn allowed(w: &Workspace) -> Ran {
    proofmark(w.folder.path(), &["run", "study.toml", "--out", "out", "--allow-commands"])
}

#[track_caller]
fn refused(script: &str, settings: &str, texts: &[&str]) {
    let w = scripted(script, settings);
    let ran = allowed(&w);
    ran.expect(2, texts).expect(2, &["help:"]);
    w.expect_no_output();
    // None of these faults shows before the program runs.
    proofmark(w.folder.path(), &["check", "study.toml"]).expect(0, &["candidate `coder` runs a program, which was not run: sh coder.sh"]);
}

/// Codes every record by a word of its answer, in awk, in long form.
const CODER: &str = r#"awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "answer") at = i; print "id,code,confidence"; next }
{ code = "2211"; sure = 0.6
  if ($0 ~ /nurs|ward/) { code = "2221"; sure = 0.9 }
  if ($0 ~ /wait|serv/) { code = "5131"; sure = 0.9 }
  if ($0 ~ /army|sold|naval|pilot/) { code = "0110"; sure = 0.9 }
  if ($0 ~ /doctor|general|surgeon|physic/) { sure = 0.9 }
  print $1 "," code "," sure; print $1 ",9112," 1 - sure }'
"#;

#[test]
fn a_program_is_a_candidate_like_any_other() {
    let w = scripted(CODER, "");
    let ran = w.run();
    ran.expect(2, &["candidate `coder` runs a program: sh coder.sh", "study.toml:18", "--allow-commands"]);
    w.expect_no_output();
    proofmark(w.folder.path(), &["check", "study.toml"]).expect(0, &["which was not run", "--allow-commands"]);
    let ran = allowed(&w);
    assert!([0, 3].contains(&ran.code), "{}\n{}", ran.stdout, ran.stderr);
    let evidence = w.json("out/coder/evidence.json");
    let measure = |metric: &str| {
        evidence["measures"].as_array().unwrap().iter().find(|m| m["metric"] == metric && m["group"].is_null()).unwrap()["outcome"]["estimate"]["value"].clone()
    };
    assert!(measure("accuracy").as_f64().unwrap() > 0.8);
    assert_eq!(evidence["candidate"]["kind"], "command");
    let facts = evidence["candidate"]["facts"].to_string();
    assert!(facts.contains("sh coder.sh") && facts.contains("digest of coder.sh"), "{facts}");
    let phases: Vec<&str> = evidence["run"]["phases"].as_array().unwrap().iter().map(|p| p["phase"].as_str().unwrap()).collect();
    assert!(phases.contains(&"predict") && !phases.contains(&"fit"), "{phases:?}");
    // The same study gives the same facts; another program is another model.
    let digest = |w: &Workspace| w.json("out/coder/evidence.json")["candidate"]["digest"].clone();
    let before = digest(&w);
    allowed(&w);
    assert_eq!(digest(&w), before);
    w.write("coder.sh", &format!("{CODER}# another\n"));
    allowed(&w);
    assert_ne!(digest(&w), before);
}

#[test]
fn its_processor_time_is_the_candidates_own() {
    let busy = format!("(i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done)\n{CODER}");
    let train = "train = [\"sh\", \"-c\", \"cat > $PROOFMARK_MODEL/records.csv; i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done\"]";
    let w = scripted(&format!("grep -q ',code$' $PROOFMARK_MODEL/records.csv || exit 9\n{busy}"), train);
    let ran = allowed(&w);
    assert!([0, 3].contains(&ran.code), "{}\n{}", ran.stdout, ran.stderr);
    let phases = w.json("out/coder/evidence.json")["run"]["phases"].clone();
    for name in ["fit", "predict"] {
        let phase = phases.as_array().unwrap().iter().find(|p| p["phase"] == name).unwrap();
        let cpu = phase["cpu_user_s"].as_f64().unwrap_or(0.0) + phase["cpu_system_s"].as_f64().unwrap_or(0.0);
        assert!(cpu > 0.02, "{phase}");
    }
}

#[test]
fn json_lines_go_both_ways() {
    let script = r#"python3 -c '
import json, sys
for line in sys.stdin:
    record = json.loads(line)
    assert set(record) == {"id", "answer"}, record
    print(json.dumps({"id": record["id"], "codes": ["2221", "2211"], "confidences": [0.5, 0.5]}))
'"#;
    if !has_python("json") {
        return;
    }
    let w = scripted(script, "format = \"ndjson\"");
    let ran = allowed(&w);
    assert!([0, 1, 3].contains(&ran.code), "{}\n{}", ran.stdout, ran.stderr);
    assert!(w.json("out/coder/evidence.json")["candidate"]["settings"].to_string().contains("ndjson"));
}

#[test]
fn programs_that_fail_say_how() {
    refused("sleep 600 & sleep 600", "time_limit = 0.5", &["longer than its time limit of 0.5 seconds", "raise `time_limit`", "study.toml:18"]);
    refused("echo 'Traceback: no model' >&2; exit 3", "", &["ended with exit code 3", "| Traceback: no model"]);
    refused("kill -11 $$", "", &["was killed by signal 11"]);
    refused("cat > /dev/null", "", &["ended well but wrote nothing", "id,code,confidence"]);
    refused("yes", "", &["wrote more than", "bytes on standard output"]);
    refused(&CODER.replace("wait|serv", "x"), "train = [\"sh\", \"-c\", \"echo cannot learn >&2; exit 1\"]", &["exit code 1", "| cannot learn"]);
    let w = scripted("", "");
    w.edit("study.toml", "[\"sh\", \"coder.sh\"]", "[\"./no-such-coder\"]");
    allowed(&w).expect(2, &["the program `./no-such-coder` was not found", "help:"]);
}

#[test]
fn output_that_cannot_be_trusted_is_refused() {
    let said = |change: &str| format!("{CODER}{change}").replacen("1 - sure }'\n", "1 - sure }' | ", 1);
    for (change, texts) in [
        ("cat; echo Unknown,2211,0.5", &["1 records of the output were not asked for", "output of `sh coder.sh`", "as it was read"][..]),
        ("sed 2,3d", &["1 of ", "records have no prediction"]),
        ("(cat; echo R00006,2211,0.5)", &["do not stand together, or it is coded twice"]),
        ("sed s/,0.9/,1.9/", &["a confidence that is missing or not between 0 and 1", "first: row"]),
        ("sed s/,0.9/,nan/", &["a confidence that is missing or not between 0 and 1"]),
        ("sed s/,0.9/,sure/", &["a confidence that is not a number"]),
        ("sed s/,0.9/,0.01/", &["a confidence above that of a better ranked code"]),
        ("sed s/,9112/,2221/", &["name the same code twice"]),
        ("sed s/code/kode/", &["the header has no `id`, or neither `code` nor `code_1`"]),
        ("sed 's/,9112/,7777/'", &["not in the code frame"]),
        ("head -c 4000 /dev/urandom", &["output of `sh coder.sh`"]),
        ("(cat; echo 'R,\"')", &["output of `sh coder.sh`", "quotation"]),
    ] {
        refused(&said(change), "", texts);
    }
    refused("echo '{'", "format = \"ndjson\"", &["not a JSON object of a record", "output of `sh coder.sh`:1"]);
}

#[test]
fn codes_made_elsewhere_in_every_form_give_the_same() {
    let list = records(600);
    let guess = |i: usize| if i.is_multiple_of(3) { ("2221", "2211") } else { ("2211", "2221") };
    let rows = |write: &dyn Fn(&str, &str, &str) -> String| (0..600).map(|i| write(&list[i][0], guess(i).0, guess(i).1)).collect::<String>();
    let wide = rows(&|id, a, b| format!("{id},{a},0.75,{b},0.125\n"));
    let long = rows(&|id, a, b| format!("{id},{a},0.75\n{id},{b},0.125\n"));
    let lines = rows(&|id, a, b| format!("{{\"id\":\"{id}\",\"codes\":[\"{a}\",\"{b}\"],\"confidences\":[0.75,0.125]}}\n"));
    let run = |name: &str, text: &str, settings: &str| {
        let w = Workspace::new();
        w.write(name, text);
        w.edit("study.toml", LINEAR, &format!("[[candidate]]\nid = \"coder\"\nkind = \"predictions\"\n[candidate.settings]\npath = \"{name}\"\n{settings}"));
        let ran = w.run();
        assert!([0, 1, 3].contains(&ran.code), "{}\n{}", ran.stdout, ran.stderr);
        w.json("out/coder/evidence.json")["measures"].clone()
    };
    let first = run("p.csv", &format!("id,a,x,b,y\n{wide}"), "codes = [\"a\", \"b\"]\nconfidences = [\"x\", \"y\"]\n");
    assert_eq!(run("p.csv", &format!("id,c,p\n{long}"), "form = \"long\"\ncodes = [\"c\"]\nconfidences = [\"p\"]\n"), first);
    assert_eq!(run("p.ndjson", &lines, ""), first);
    let w = Workspace::new();
    w.write("p.ndjson", &lines.replacen("0.75", "high", 1));
    w.edit("study.toml", LINEAR, "[[candidate]]\nid = \"coder\"\nkind = \"predictions\"\nsettings = { path = \"p.ndjson\" }\n");
    w.run().expect(2, &["p.ndjson:1", "not a JSON object of a record"]);
    proofmark(w.folder.path(), &["check", "study.toml"]).expect(2, &["p.ndjson:1"]);
}

#[test]
fn a_model_of_fasttext_is_a_candidate() {
    let w = Workspace::new();
    let model = include_bytes!("studies/fasttext/subwords.bin");
    w.write_bytes("model.bin", model);
    w.edit("study.toml", LINEAR, "[[candidate]]\nid = \"fast\"\nkind = \"fasttext\"\n[candidate.settings]\npath = \"model.bin\"\nlower_case = true\n");
    proofmark(w.folder.path(), &["check", "study.toml"]).expect(0, &["no problems"]);
    let ran = w.run();
    assert!([0, 1, 3].contains(&ran.code), "{}\n{}", ran.stdout, ran.stderr);
    let evidence = w.json("out/fast/evidence.json");
    assert_eq!((&evidence["candidate"]["kind"], evidence["candidate"]["digest"].as_str().unwrap().len()), (&"fasttext".into(), 64));
    let phases = evidence["run"]["phases"].to_string();
    assert!(phases.contains("\"load\"") && phases.contains("\"predict\"") && !phases.contains("\"fit\""), "{phases}");
    for (bytes, texts) in [
        (&model[..4000], &["the model file is damaged", "study.toml:21"][..]),
        (b"\x80\x04\x95 a pickle", &["not a model of the fastText program"]),
        (b"", &["not a model of the fastText program"]),
    ] {
        w.write_bytes("model.bin", bytes);
        proofmark(w.folder.path(), &["check", "study.toml"]).expect(2, texts);
        w.run().expect(2, texts);
    }
}

/// True when Python with a module is there; in CI it must be.
fn has_python(module: &str) -> bool {
    let found = python().args(["-c", &format!("import {module}")]).output().is_ok_and(|o| o.status.success());
    if !found {
        let message = format!("skipped: no python3 with {module}; set PROOFMARK_PYTHON to the folder of one that has it");
        assert!(std::env::var_os("CI").is_none(), "{message}; in CI it must be there");
        let _ = writeln!(std::io::stderr(), "{message}");
    }
    found
}

/// The search path with the folder of the Python that CI prepared in front.
fn search_path() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    std::env::var("PROOFMARK_PYTHON").map_or_else(|_| path.clone(), |folder| format!("{folder}:{path}"))
}

fn python() -> Command {
    let mut command = Command::new("env");
    command.env("PATH", search_path()).arg("python3");
    command
}

#[test]
fn the_example_with_scikit_learn_runs() {
    if !has_python("sklearn") {
        return;
    }
    let w = Workspace::new();
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/studies/command");
    for name in ["coder.py", "model.toml"] {
        w.write_bytes(&format!("models/sklearn/{name}"), &std::fs::read(here.join(name)).unwrap());
    }
    w.edit("study.toml", LINEAR, &format!("{LINEAR}\n[[candidate]]\nid = \"sklearn\"\nmodel = \"models/sklearn\"\n"));
    let output = Command::new(env!("CARGO_BIN_EXE_proofmark"))
        .args(["run", "study.toml", "--out", "out", "--allow-commands"])
        .current_dir(w.folder.path())
        .env("PATH", search_path())
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!([0, 3].contains(&output.status.code().unwrap()), "{out}\n{err}");
    let accuracy = |id: &str| {
        let evidence = w.json(&format!("out/{id}/evidence.json"));
        let found = evidence["measures"].as_array().unwrap().iter().find(|m| m["metric"] == "accuracy" && m["group"].is_null()).unwrap().clone();
        found["outcome"]["estimate"]["value"].as_f64().unwrap()
    };
    assert!((accuracy("sklearn") - accuracy("linear")).abs() < 0.05, "{} {}", accuracy("sklearn"), accuracy("linear"));
    let phases = w.json("out/sklearn/evidence.json")["run"]["phases"].clone();
    let fit = phases.as_array().unwrap().iter().find(|p| p["phase"] == "fit").unwrap();
    // Importing scikit-learn alone takes longer than this.
    assert!(fit["cpu_user_s"].as_f64().unwrap() > 0.1, "{fit}");
}
