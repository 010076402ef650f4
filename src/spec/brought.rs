//! Reads the settings of candidates that were made elsewhere: files of codes, programs, model files of other programs.

use super::path::{coded, relative};
use super::settings::flag;
use super::sink::Sink;
use super::source::quote;
use super::table::Table;
use super::value::{Limits, Value};
use crate::model::{CommandRecipe, Exchange, FastTextRecipe, OnnxRecipe, PredictionsRecipe, Punctuation, Recipe, SavedRecipe, Scale};
use std::collections::BTreeMap;
use toml::de::DeValue;

/// Seconds that a program may take where nothing is said.
const TIME_LIMIT: f64 = 600.0;
/// Most seconds that it may be given: a week.
const LONGEST: f64 = 604_800.0;

/// What a kind cannot do without, and the setting that says it; none for kinds that have a default for everything.
pub(super) fn needed(kind: &str) -> Option<(&'static str, &'static str)> {
    match kind {
        "predictions" => Some(("where the predictions are", "path = \"predictions.csv\"")),
        "command" => Some(("the program to run", "command = [\"python3\", \"coder.py\"]")),
        "index" => Some(("where the index is", "path = \"index.csv\", or from = \"training\"")),
        "cascade" => Some(("the list of its steps", "[[candidate.settings.step]] with kind = \"index\" and settings = { path = \"index.csv\" }")),
        "fasttext" => Some(("where the model file is", "path = \"model.bin\"")),
        "saved" => Some(("where the saved model is", "path = \"private/linear/model\"")),
        "onnx" => Some(("where the model file is", "path = \"model.onnx\"")),
        _ => None,
    }
}

/// Codes made elsewhere.
pub(super) fn predictions(table: &mut Table<'_>, out: &mut Sink) -> Option<Recipe> {
    let path = table.need("path", "name the file of codes made elsewhere: path = \"predictions.csv\"").and_then(|v| coded(&v, out));
    let id = table.take("id").map_or(Some("id".to_owned()), |v| v.filled(out));
    let form = table.take("form");
    let lines = path.as_deref().is_some_and(PredictionsRecipe::lines);
    if lines {
        for key in ["id", "codes", "confidences", "form"] {
            table.refuse(
                key,
                &format!("{} is not a setting of a file with a JSON object a line", quote(key)),
                "such a file has the members `id`, `codes` and `confidences`",
                out,
            );
        }
        let recipe = PredictionsRecipe { path: path?, id: "id".to_owned(), codes: Vec::new(), confidences: Vec::new(), long: false };
        return Some(Recipe::Predictions(recipe));
    }
    let long = form.map_or(Some(false), |v| v.choice(&[("wide", false), ("long", true)], out));
    let mut names = |key, default: &[&str], out: &mut Sink| match table.take(key) {
        None => Some((default.iter().map(|d| (*d).to_owned()).collect::<Vec<_>>(), None)),
        Some(v) => v.texts(out).map(|t| (t.into_iter().map(|(t, _)| t).collect(), Some(v))),
    };
    let codes = names("codes", &["predicted"], out);
    let confidences = names("confidences", &[], out);
    let ((codes, at), (confidences, stated), long) = (codes?, confidences?, long?);
    if let Some(at) = at.as_ref().filter(|_| codes.is_empty()) {
        out.push(at.problem("`codes` is empty").remedy("name the columns of codes, best first: codes = [\"predicted\"]"));
        return None;
    }
    if let Some(at) = at.filter(|_| long && codes.len() > 1) {
        out.push(
            at.problem(format!("in long form there is one column of codes, and {} are named", codes.len()))
                .remedy("name the one column of codes, or set form = \"wide\" where each rank has its own"),
        );
        return None;
    }
    if let Some(stated) = stated.filter(|_| !confidences.is_empty() && confidences.len() != codes.len()) {
        out.push(
            stated
                .problem(format!("there are {} columns of codes and {} of confidences", codes.len(), confidences.len()))
                .remedy("name one column of confidences for each column of codes, in the same order, or none"),
        );
        return None;
    }
    Some(Recipe::Predictions(PredictionsRecipe { path: path?, id: id?, codes, confidences, long }))
}

/// A program that codes.
pub(super) fn command(table: &mut Table<'_>, out: &mut Sink) -> Option<Recipe> {
    let command = table.need("command", "name the program and its arguments: command = [\"python3\", \"coder.py\"]").and_then(|v| argv(&v, out));
    let train = table.take("train").map_or(Some(Vec::new()), |v| argv(&v, out));
    let time_limit = table.take("time_limit").map_or(Some(TIME_LIMIT), |v| v.number(Limits::AboveTo(0.0, LONGEST), out));
    let format = table.take("format").map_or(Some(Exchange::Csv), |v| v.choice(&[("csv", Exchange::Csv), ("ndjson", Exchange::Ndjson)], out));
    Some(Recipe::Command(CommandRecipe { command: command?, train: train?, time_limit: time_limit?, format: format? }))
}

/// A program and its arguments: a list, because a line would need a shell to take it apart.
fn argv(value: &Value<'_>, out: &mut Sink) -> Option<Vec<String>> {
    let items = value.list(out)?;
    if items.is_empty() {
        out.push(value.problem(format!("{} is empty", quote(&value.name))).remedy("name the program and its arguments: [\"python3\", \"coder.py\"]"));
        return None;
    }
    let mut words = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        let word = if i == 0 { item.filled(out)? } else { item.text(out)? };
        let trouble = if word.chars().any(char::is_control) {
            Some(("has a control character", "write it in plain characters"))
        } else if i == 0 && items.len() == 1 && word.contains(' ') {
            Some(("is a whole line, and no shell takes it apart", "write each word as an item: [\"python3\", \"coder.py\"]"))
        } else {
            None
        };
        if let Some((what, remedy)) = trouble {
            out.push(item.problem(format!("{} {what}", quote(&value.name))).remedy(remedy));
            return None;
        }
        words.push(word);
    }
    Some(words)
}

/// A model of the fastText program.
pub(super) fn fasttext(table: &mut Table<'_>, out: &mut Sink) -> Option<Recipe> {
    let path = table.need("path", "name the model file: path = \"model.bin\"").and_then(|v| relative(&v, out));
    let lower_case = flag(table, "lower_case", false, out);
    let choices = [("keep", Punctuation::Keep), ("apart", Punctuation::Apart), ("remove", Punctuation::Remove)];
    let punctuation = table.take("punctuation").map_or(Some(Punctuation::Keep), |v| v.choice(&choices, out));
    let label_prefix = table.take("label_prefix").map_or(Some("__label__".to_owned()), |v| v.text(out));
    Some(Recipe::FastText(FastTextRecipe { path: path?, lower_case: lower_case?, punctuation: punctuation?, label_prefix: label_prefix? }))
}

/// A model that this program saved.
pub(super) fn saved(table: &mut Table<'_>, out: &mut Sink) -> Option<Recipe> {
    let path = table.need("path", "name the folder of the saved model: path = \"private/linear/model\"").and_then(|v| relative(&v, out));
    Some(Recipe::Saved(SavedRecipe { path: path? }))
}

/// A model file in the ONNX format.
pub(super) fn onnx(table: &mut Table<'_>, out: &mut Sink) -> Option<Recipe> {
    let path = table.need("path", "name the model file: path = \"model.onnx\"").and_then(|v| relative(&v, out));
    let inputs = table.take("inputs").map_or(Some(BTreeMap::new()), |v| inputs(&v, out));
    let probabilities = table.take("probabilities").map_or(Some(None), |v| v.filled(out).map(Some));
    // A list of codes, or the file that has them.
    let classes = match table.take("classes") {
        None => Some((Vec::new(), None)),
        Some(v) if matches!(v.raw(), DeValue::String(_)) => relative(&v, out).map(|file| (Vec::new(), Some(file))),
        Some(v) => match v.texts(out) {
            Some(codes) if codes.len() < 2 => {
                out.push(
                    v.problem("`classes` must list at least two codes")
                        .remedy("list the codes in the order of the model's classes, or name the file with them"),
                );
                None
            }
            codes => codes.map(|codes| (codes.into_iter().map(|(code, _)| code).collect(), None)),
        },
    };
    let scores =
        table.take("scores").map_or(Some(Scale::Probabilities), |v| v.choice(&[("probabilities", Scale::Probabilities), ("order", Scale::Order)], out));
    let (classes, classes_file) = classes?;
    Some(Recipe::Onnx(OnnxRecipe { path: path?, inputs: inputs?, probabilities: probabilities?, classes, classes_file, scores: scores? }))
}

/// For each input of a model file, a column or a list of them.
fn inputs(value: &Value<'_>, out: &mut Sink) -> Option<BTreeMap<String, Vec<String>>> {
    let mut inputs = BTreeMap::new();
    for (name, columns, _) in value.table(out)?.all() {
        let columns = if matches!(columns.raw(), DeValue::String(_)) {
            vec![columns.filled(out)?]
        } else {
            let list = columns.texts(out)?;
            if list.is_empty() {
                out.push(
                    columns.problem(format!("{} gets no column", quote(name))).remedy("name the columns that this input of the model takes, in its order"),
                );
                return None;
            }
            list.into_iter().map(|(column, _)| column).collect()
        };
        inputs.insert(name.to_owned(), columns);
    }
    Some(inputs)
}
