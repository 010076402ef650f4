//! Candidates made elsewhere: programs, model files of other programs, and files of codes in each form.

use super::base;
use crate::model::{CommandRecipe, Exchange, FastTextRecipe, OnnxRecipe, PredictionsRecipe, Punctuation, Recipe, SavedRecipe, Scale};

const FILE: &str = "r/s/study.toml";
const PREDICTIONS: &str =
    "kind = \"predictions\"\n\n[candidate.settings]\npath = \"p.csv\"\nid = \"id\"\ncodes = [\"first\", \"second\"]\nconfidences = [\"c1\", \"c2\"]\n";

fn recipe(text: &str) -> Recipe {
    let files = base().but(FILE, PREDICTIONS, text).with("r/s/p.ndjson", "").with("r/s/m.bin", "").with("r/s/kept/model.toml", "");
    files.load().unwrap_or_else(|f| panic!("{f}")).candidates.remove(2).recipe
}

#[test]
fn each_kind_reads_its_settings() {
    let argv = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let short = "kind = \"command\"\nsettings = { command = [\"python3\", \"coder.py\"] }\n";
    let command = CommandRecipe { command: argv(&["python3", "coder.py"]), train: vec![], time_limit: 600.0, format: Exchange::Csv };
    assert_eq!(recipe(short), Recipe::Command(command.clone()));
    let long =
        "kind = \"command\"\n[candidate.settings]\ncommand = [\"./c\", \"\", \"-x\", \"-x\"]\ntrain = [\"./t\"]\ntime_limit = 1.5\nformat = \"ndjson\"\n";
    let all = CommandRecipe { command: argv(&["./c", "", "-x", "-x"]), train: argv(&["./t"]), time_limit: 1.5, format: Exchange::Ndjson };
    assert_eq!(recipe(long), Recipe::Command(all.clone()));
    assert!(!Recipe::Command(command).learns() && Recipe::Command(all).learns());
    let fasttext = FastTextRecipe { path: "m.bin".into(), lower_case: true, punctuation: Punctuation::Apart, label_prefix: "l:".into() };
    let text = "kind = \"fasttext\"\n[candidate.settings]\npath = \"m.bin\"\nlower_case = true\npunctuation = \"apart\"\nlabel_prefix = \"l:\"\n";
    assert_eq!(recipe(text), Recipe::FastText(fasttext));
    for path in ["kept", "kept/model.toml"] {
        let saved = recipe(&format!("kind = \"saved\"\nsettings = {{ path = \"{path}\" }}\n"));
        assert_eq!((saved.learns(), saved.kind()), (false, "saved"));
        assert_eq!(saved, Recipe::Saved(SavedRecipe { path: path.into() }));
    }
    let plain = OnnxRecipe { path: "m.bin".into(), inputs: [].into(), probabilities: None, classes: vec![], classes_file: None, scores: Scale::Probabilities };
    assert_eq!(recipe("kind = \"onnx\"\nsettings = { path = \"m.bin\" }\n"), Recipe::Onnx(OnnxRecipe { classes: vec![], ..plain.clone() }));
    let text = "kind = \"onnx\"\n[candidate.settings]\npath = \"m.bin\"\ninputs = { X = [\"a\", \"b\"], t = \"c\" }\nprobabilities = \"p\"\n\
                classes = [\"2\", \"1\"]\nscores = \"order\"\n";
    let inputs = [("X".to_owned(), argv(&["a", "b"])), ("t".to_owned(), argv(&["c"]))].into();
    let full = OnnxRecipe { inputs, probabilities: Some("p".into()), classes: argv(&["2", "1"]), scores: Scale::Order, ..plain.clone() };
    assert_eq!(recipe(text), Recipe::Onnx(full));
    let listed = recipe("kind = \"onnx\"\nsettings = { path = \"m.bin\", classes = \"c.txt\" }\n");
    assert_eq!(listed, Recipe::Onnx(OnnxRecipe { classes_file: Some("c.txt".into()), ..plain }));
    let long = "kind = \"predictions\"\nsettings = { path = \"p.csv\", form = \"long\", codes = [\"code\"] }\n";
    let coded = PredictionsRecipe { path: "p.csv".into(), id: "id".into(), codes: argv(&["code"]), confidences: vec![], long: true };
    assert_eq!(recipe(long), Recipe::Predictions(coded.clone()));
    let lines = "kind = \"predictions\"\nsettings = { path = \"p.ndjson\" }\n";
    assert_eq!(recipe(lines), Recipe::Predictions(PredictionsRecipe { path: "p.ndjson".into(), codes: vec![], long: false, ..coded }));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (text, message, remedy) in [
        ("kind = \"command\"\n", "the program to run is missing", "command = ["),
        ("kind = \"fasttext\"\n", "where the model file is is missing", "path ="),
        ("kind = \"command\"\nsettings = { command = [] }\n", "`command` is empty", "python3"),
        ("kind = \"command\"\nsettings = { command = \"python3 coder.py\" }\n", "must be a list", "square brackets"),
        ("kind = \"command\"\nsettings = { command = [\"python3 coder.py\"] }\n", "no shell takes it apart", "[\"python3\", \"coder.py\"]"),
        ("kind = \"command\"\nsettings = { command = [\"a\\u001bb\"] }\n", "control character", "plain"),
        ("kind = \"command\"\nsettings = { command = [\"c\"], time_limit = 0 }\n", "`time_limit` must be", ""),
        ("kind = \"command\"\nsettings = { command = [\"c\"], format = \"json\" }\n", "cannot be `json`", "ndjson"),
        ("kind = \"command\"\nsettings = { command = [\"c\"], path = \"m.bin\" }\n", "`path` is not a setting of kind `command`", "predictions or fasttext"),
        ("kind = \"saved\"\n", "where the saved model is is missing", "private/linear/model"),
        ("kind = \"saved\"\nsettings = { path = \"kept\" }\n", "there is no file `r/s/kept/model.toml`", ""),
        ("kind = \"saved\"\nsettings = { path = \"kept\", c = 1.0 }\n", "`c` is not a setting of kind `saved`", "linear"),
        ("kind = \"fasttext\"\nsettings = { path = \"n.bin\" }\n", "there is no file `r/s/n.bin`", ""),
        ("kind = \"fasttext\"\nsettings = { path = \"/m.bin\" }\n", "is an absolute path", "relative"),
        ("kind = \"fasttext\"\nsettings = { path = \"p.csv\", punctuation = \"strip\" }\n", "cannot be `strip`", "keep"),
        ("kind = \"predictions\"\nsettings = { path = \"p.csv\", form = \"long\", codes = [\"a\", \"b\"] }\n", "in long form there is one column", "wide"),
        ("kind = \"onnx\"\n", "where the model file is is missing", "model.onnx"),
        ("kind = \"onnx\"\nsettings = { path = \"p.csv\", classes = [\"a\"] }\n", "at least two codes", "file"),
        ("kind = \"onnx\"\nsettings = { path = \"p.csv\", classes = \"/c.txt\" }\n", "is an absolute path", "relative"),
        ("kind = \"onnx\"\nsettings = { path = \"p.csv\", inputs = { X = [] } }\n", "`X` gets no column", "in its order"),
        ("kind = \"onnx\"\nsettings = { path = \"p.csv\", inputs = [\"age\"] }\n", "must be a table", ""),
        ("kind = \"onnx\"\nsettings = { path = \"p.csv\", scores = \"raw\" }\n", "cannot be `raw`", "order"),
        ("kind = \"onnx\"\nsettings = { path = \"p.csv\", lower_case = true }\n", "`lower_case` is not a setting of kind `onnx`", "fasttext"),
        (
            "kind = \"predictions\"\nsettings = { path = \"p.jsonl\", codes = [\"a\"] }\n",
            "`codes` is not a setting of a file with a JSON object a line",
            "members",
        ),
    ] {
        let problems = base().but(FILE, PREDICTIONS, text).problems();
        let found = problems.iter().any(|p| {
            let place = p.place.as_ref().is_some_and(|place| place.file == FILE && place.line.is_some());
            place && p.message.contains(message) && (remedy.is_empty() || p.remedy.as_ref().is_some_and(|r| r.contains(remedy)))
        });
        assert!(found, "{text}: {problems:#?}");
    }
}

#[test]
fn a_saved_model_named_as_a_description_is_told_apart() {
    let saved = "format = \"proofmark-model/1\"\nkind = \"linear\"\n";
    let problems = base().with("m/model.toml", saved).problems();
    assert!(
        problems.iter().any(|p| p.message.contains("names a saved model") && p.remedy.as_ref().is_some_and(|r| r.contains("kind = \"saved\""))),
        "{problems:#?}"
    );
}

#[test]
fn whether_models_are_saved_is_for_the_study_to_say() {
    assert_eq!(base().load().unwrap().save_models, None);
    assert_eq!(base().but(FILE, "seed = 7\n", "seed = 7\nsave_models = false\n").load().unwrap().save_models, Some(false));
    let problems = base().but(FILE, "seed = 7\n", "seed = 7\nsave_models = 1\n").problems();
    assert!(problems[0].message.contains("save_models") && problems[0].place.as_ref().unwrap().line == Some(6), "{problems:#?}");
}
