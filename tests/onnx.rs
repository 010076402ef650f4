//! Models exported by the real exporters from scikit-learn and LightGBM: what is coded equals what ONNX Runtime and the trained model say; and
//! a whole study with such a candidate.

mod common;

use common::{Workspace, proofmark, shared};
use proofmark::data::{Factor, Strings};
use proofmark::model::{Coder, Input, Onnx, OnnxRecipe, Scale};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Python with the exporters, or the reason why there is none; in CI it must be there.
fn python() -> Option<Command> {
    let python = || {
        let path = std::env::var("PATH").unwrap_or_default();
        let path = std::env::var("PROOFMARK_PYTHON").map_or_else(|_| path.clone(), |folder| format!("{folder}:{path}"));
        let mut command = Command::new("env");
        command.env("PATH", path).arg("python3");
        command
    };
    let modules = "import sklearn, pandas, skl2onnx, onnx, onnxruntime, onnxmltools, lightgbm";
    if python().args(["-c", modules]).output().is_ok_and(|o| o.status.success()) {
        return Some(python());
    }
    let message = "skipped: no python3 with scikit-learn, pandas, skl2onnx, onnxruntime, onnxmltools and lightgbm; set PROOFMARK_PYTHON to the folder of one";
    assert!(std::env::var_os("CI").is_none(), "{message}; in CI it must be there");
    let _ = writeln!(std::io::stderr(), "{message}");
    None
}

/// Trains and exports; gives the folder with what was made.
fn made(python: &mut Command, what: &str, records: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/studies/onnx/make.py");
    let output = python.arg(script).arg(what).arg(records).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).unwrap()
}

/// The test records that the models were asked about.
struct Records {
    texts: Vec<(String, Strings)>,
    categories: Vec<(String, Factor)>,
    numbers: Vec<(String, Vec<f64>)>,
    truth: Vec<String>,
    rows: Vec<u32>,
}

impl Records {
    fn read(folder: &Path, texts: &[&str]) -> Self {
        let columns = json(&folder.join("records.json"));
        let (mut found, mut truth) = (Self { texts: vec![], categories: vec![], numbers: vec![], truth: vec![], rows: vec![] }, vec![]);
        for (name, values) in columns.as_object().unwrap() {
            let values = values.as_array().unwrap();
            found.rows = (0..values.len() as u32).collect();
            if name == "code" {
                truth = values.iter().map(|v| v.as_str().unwrap().to_owned()).collect();
            } else if texts.contains(&name.as_str()) {
                found.texts.push((name.clone(), values.iter().map(|v| v.as_str().unwrap()).collect()));
            } else if values.iter().any(Value::is_string) {
                found.categories.push((name.clone(), Factor::from_strings(values.iter().map(|v| v.as_str().unwrap()))));
            } else {
                found.numbers.push((name.clone(), values.iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()));
            }
        }
        found.truth = truth;
        found
    }

    fn input(&self) -> Input<'_> {
        Input {
            ids: &self.texts.first().expect("a text column").1,
            texts: self.texts.iter().map(|(n, t)| (n.as_str(), t)).collect(),
            categories: self.categories.iter().map(|(n, f)| (n.as_str(), f)).collect(),
            numbers: self.numbers.iter().map(|(n, v)| (n.as_str(), v.as_slice())).collect(),
            rows: &self.rows,
        }
    }
}

fn recipe(name: &str, inputs: &[&str]) -> OnnxRecipe {
    let inputs = if inputs.is_empty() { BTreeMap::new() } else { BTreeMap::from([("X".to_owned(), inputs.iter().map(|c| (*c).to_owned()).collect())]) };
    OnnxRecipe { path: format!("{name}.onnx"), inputs, probabilities: None, classes: vec![], classes_file: None, scores: Scale::Probabilities }
}

/// How far the coder is from what `expected` says of each record and class at most.
fn furthest(coder: &Onnx, records: &Records, expected: &Value, classes: &[&str]) -> f64 {
    let predictions = coder.predict(&records.input(), usize::MAX).unwrap_or_else(|f| panic!("{f}"));
    let expected = expected.as_array().unwrap();
    assert_eq!((predictions.len(), predictions.kept, predictions.complete), (expected.len(), classes.len(), true));
    let mut most = 0f64;
    for (record, row) in expected.iter().enumerate() {
        for (code, confidence) in predictions.ranking(record).iter().zip(predictions.confidences(record)) {
            let place = classes.iter().position(|c| *c == predictions.codes[*code as usize]).unwrap();
            most = most.max((confidence - row[place].as_f64().unwrap()).abs());
        }
    }
    most
}

/// Loads a model and compares it with what was said of it; gives the coder.
fn equal(folder: &Path, records: &Records, recipe: &OnnxRecipe, own: f64) -> Onnx {
    let name = recipe.path.trim_end_matches(".onnx");
    let bytes = std::fs::read(folder.join(&recipe.path)).unwrap();
    let expected = json(&folder.join(format!("{name}.json")));
    let classes: Vec<&str> = expected["classes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    let codes: Vec<String> = classes.iter().map(|c| (*c).to_owned()).collect();
    let coder = Onnx::load(recipe, &bytes, &records.input(), &codes, true).unwrap_or_else(|f| panic!("{name}: {f}"));
    let (runtime, trained) = (furthest(&coder, records, &expected["runtime"], &classes), furthest(&coder, records, &expected["own"], &classes));
    assert!(runtime < 1e-5, "{name} is {runtime} from ONNX Runtime");
    assert!(trained < own, "{name} is {trained} from the trained model");
    coder
}

#[test]
fn exports_on_words_say_what_their_exporters_say() {
    let Some(mut python) = python() else { return };
    let survey = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets/demonstration/survey.csv");
    let folder = made(&mut python, "demonstration", &survey);
    let records = Records::read(folder.path(), &["job_title", "tasks"]);
    for name in ["letters", "counts", "gradient", "network", "all", "forest"] {
        equal(folder.path(), &records, &recipe(name, &[]), 1e-5);
    }
    // The exporter writes log(1 + n) where scikit-learn has 1 + log(n), so that its file differs from the model; we do as the file says.
    equal(folder.path(), &records, &recipe("words", &[]), 0.1);
}

const NUMBERS: [&str; 6] = ["age", "fnlwgt", "education_num", "capital_gain", "capital_loss", "hours_per_week"];

#[test]
fn exports_on_numbers_say_what_their_exporters_say() {
    let (Some(mut python), Some(adult)) = (python(), shared("datasets/adult/adult.csv")) else { return };
    let folder = made(&mut python, "adult", &adult);
    let records = Records::read(folder.path(), &["workclass"]);
    for name in ["logistic", "forest", "boosted", "bayes", "network", "calibrated"] {
        equal(folder.path(), &records, &recipe(name, &NUMBERS), 1e-5);
    }
    let classes = vec!["<=50K".to_owned(), ">50K".to_owned()];
    equal(folder.path(), &records, &OnnxRecipe { classes, ..recipe("whole", &NUMBERS) }, 1e-5);
    let boosting = equal(folder.path(), &records, &recipe("lightgbm", &[]), 1e-5);
    let predictions = boosting.predict(&records.input(), 1).unwrap();
    let right = (0..predictions.len()).filter(|r| predictions.codes[predictions.ranking(*r)[0] as usize] == records.truth[*r]).count();
    let accuracy = right as f64 / predictions.len() as f64;
    // Measured: 0.8743; a published logistic regression has 0.8479.
    assert!(accuracy > 0.870, "{accuracy}");
    whole_study(folder.path(), &adult);
}

/// A study of the census records in which the boosted trees are a candidate, from the file to the card.
fn whole_study(models: &Path, adult: &Path) {
    let work: PathBuf = models.join("study");
    std::fs::create_dir(&work).unwrap();
    for name in ["study.toml", "dataset.toml", "policy.toml"] {
        std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/studies/onnx").join(name), work.join(name)).unwrap();
    }
    std::fs::copy(adult, work.join("adult.csv")).unwrap();
    std::fs::copy(models.join("lightgbm.onnx"), work.join("lightgbm.onnx")).unwrap();
    std::fs::copy(models.join("whole.onnx"), work.join("whole.onnx")).unwrap();
    std::fs::write(work.join("classes.txt"), "<=50K\n>50K\n").unwrap();
    proofmark(&work, &["check", "study.toml"]).expect(0, &["no problems"]);
    let ran = proofmark(&work, &["run", "study.toml", "--out", "out"]);
    assert!([0, 1, 3].contains(&ran.code), "{}\n{}", ran.stdout, ran.stderr);
    assert!(work.join("out/boosted/card.html").is_file());
    let evidence = json(&work.join("out/boosted/evidence.json"));
    assert_eq!((&evidence["candidate"]["kind"], evidence["candidate"]["digest"].as_str().unwrap().len()), (&"onnx".into(), 64));
    let phases: Vec<&str> = evidence["run"]["phases"].as_array().unwrap().iter().map(|p| p["phase"].as_str().unwrap()).collect();
    assert!(phases.contains(&"load") && phases.contains(&"predict") && !phases.contains(&"fit"), "{phases:?}");
    let facts = evidence["candidate"]["facts"].to_string();
    assert!(facts.contains("TreeEnsembleClassifier") && facts.contains("skl2onnx"), "{facts}");
    let figures = common::headline(&work.join("out/boosted/evidence.json"));
    assert!(figures.accuracy > 0.870 && figures.log_loss < 0.30, "{figures:?}");
    assert!(common::headline(&work.join("out/numbers/evidence.json")).accuracy > 0.83);
}

#[test]
fn files_that_are_no_models_are_told_at_their_key() {
    let w = Workspace::new();
    w.edit("study.toml", "kind = \"linear\"\n", "kind = \"onnx\"\n[candidate.settings]\npath = \"model.onnx\"\n");
    proofmark(w.folder.path(), &["check", "study.toml"]).expect(2, &["there is no file `model.onnx`", "study.toml:"]);
    for (bytes, told) in
        [(&b"\x80\x04\x95"[..], "looks like a pickle"), (b"", "it is empty"), (b"version https://git-lfs.github.com/spec/v1", "of another kind, or damaged")]
    {
        w.write_bytes("model.onnx", bytes);
        for command in [&["check", "study.toml"][..], &["run", "study.toml", "--out", "out"]] {
            proofmark(w.folder.path(), command).expect(2, &["not an ONNX model", told, "study.toml:21", "help:"]);
        }
        w.expect_no_output();
    }
}
