//! Reads the settings of how offices code (index, nearest answers, cascade) and of tabular models.

use super::path::{present as expect, table as file};
use super::settings::{flag, number, read, text, whole};
use super::sink::Sink;
use super::source::quote;
use super::table::Table;
use super::value::{Limits, Value};
use super::{Files, brought};
use crate::model::{CascadeRecipe, Growth, IndexRecipe, IndexSource, NearestRecipe, Over, Recipe, StepRecipe, TabularMethod, TabularRecipe};
use std::path::Path;

/// Most steps of a cascade.
const MOST_STEPS: usize = 8;

/// The settings that each tabular method has.
const METHODS: [(&str, &[&str]); 4] = [
    ("naive-bayes", &["smoothing"]),
    ("logistic", &["c", "passes", "min_records"]),
    ("tree", &["depth", "min_leaf"]),
    ("forest", &["trees", "columns_per_split", "depth", "min_leaf"]),
];

/// A tabular model: only the settings of its method.
pub(super) fn tabular(table: &mut Table<'_>, out: &mut Sink) -> Option<Recipe> {
    let choices: Vec<(&'static str, usize)> = TabularMethod::NAMES.iter().enumerate().map(|(i, (name, _))| (*name, i)).collect();
    let chosen = table.take("method").map_or(Some(0), |v| v.choice(&choices, out))?;
    let (name, own) = METHODS[chosen];
    for key in METHODS.iter().flat_map(|(_, keys)| keys.iter()).filter(|key| !own.contains(key)) {
        let methods: Vec<&str> = METHODS.iter().filter(|(_, keys)| keys.contains(key)).map(|(name, _)| *name).collect();
        let message = format!("{} is not a setting of method {}", quote(key), quote(name));
        table.refuse(key, &message, &format!("it belongs to method {}; the settings of {name} are: {}", methods.join(" or "), own.join(", ")), out);
    }
    let mut growth = |default: Growth, out: &mut Sink| {
        let depth = whole(table, "depth", (1, 100), default.depth, out);
        let min_leaf = whole(table, "min_leaf", (1, 1_000_000), default.min_leaf, out);
        Some(Growth { depth: depth?, min_leaf: min_leaf? })
    };
    let method = match TabularMethod::NAMES[chosen].1.clone() {
        TabularMethod::Tree(default) => TabularMethod::Tree(growth(default, out)?),
        TabularMethod::Forest { trees, columns_per_split, growth: default } => {
            let growth = growth(default, out);
            let trees = whole(table, "trees", (1, 10_000), trees, out);
            let columns_per_split = whole(table, "columns_per_split", (0, 10_000), columns_per_split, out);
            TabularMethod::Forest { trees: trees?, columns_per_split: columns_per_split?, growth: growth? }
        }
        TabularMethod::Logistic { c, passes, min_records } => {
            let c = number(table, "c", Limits::AboveTo(0.0, 1e6), c, out);
            let passes = whole(table, "passes", (1, 10_000), passes, out);
            let min_records = whole(table, "min_records", (1, 1_000_000), min_records, out);
            TabularMethod::Logistic { c: c?, passes: passes?, min_records: min_records? }
        }
        TabularMethod::NaiveBayes { smoothing } => {
            TabularMethod::NaiveBayes { smoothing: number(table, "smoothing", Limits::FromTo(0.0, 1.0), smoothing, out)? }
        }
    };
    Some(Recipe::Tabular(TabularRecipe { method }))
}

/// An index: a file, or the training records' answers.
pub(super) fn index(table: &mut Table<'_>, settings: &Value<'_>, out: &mut Sink) -> Option<Recipe> {
    let default = IndexRecipe::default();
    let from = table.take("from").map_or(Some(None), |v| v.choice(&[("file", Some(IndexSource::File)), ("training", Some(IndexSource::Training))], out))?;
    let from = from.unwrap_or(IndexSource::File);
    let others: &[&str] = if from == IndexSource::File { &["min_records"] } else { &["path", "text", "code"] };
    for key in others {
        let what = if from == IndexSource::File { "an index in a file" } else { "an index of the training records' answers" };
        let remedy =
            if from == IndexSource::File { "leave it away, or set from = \"training\"" } else { "leave it away, or leave `from` away to look up a file" };
        table.refuse(key, &format!("{} is not a setting of {what}", quote(key)), remedy, out);
    }
    let path = table.take("path").map_or(Some(String::new()), |v| file(&v, out));
    let text = table.take("text").map_or(Some(default.text), |v| v.filled(out));
    let code = table.take("code").map_or(Some(default.code), |v| v.filled(out));
    let column = table.take("column").map_or(Some(None), |v| v.filled(out).map(Some));
    let any_word_order = flag(table, "any_word_order", default.any_word_order, out);
    let fold_accents = flag(table, "fold_accents", default.fold_accents, out);
    let min_records = whole(table, "min_records", (1, 1_000_000), default.min_records, out);
    let path = path?;
    if from == IndexSource::File && path.is_empty() && !table.has("path") {
        out.push(
            settings
                .problem("the index has no file")
                .remedy("name its file: path = \"index.csv\"; or set from = \"training\" to look up the training records' answers"),
        );
        return None;
    }
    Some(Recipe::Index(IndexRecipe {
        from,
        path,
        text: text?,
        code: code?,
        column: column?,
        any_word_order: any_word_order?,
        fold_accents: fold_accents?,
        min_records: min_records?,
        entries: None,
    }))
}

/// Nearest answers.
pub(super) fn nearest(table: &mut Table<'_>, settings: &Value<'_>, out: &mut Sink) -> Option<Recipe> {
    let default = NearestRecipe::default();
    let over = table.take("over").map_or(Some(default.over), |v| v.choice(&[("texts", Over::Texts), ("numbers", Over::Numbers)], out));
    if over == Some(Over::Numbers) {
        for key in ["words", "characters", "min_records", "hash_bits", "fold_accents"] {
            table.refuse(key, &format!("{} is a setting of texts, and numbers are compared", quote(key)), "leave it away, or set over = \"texts\"", out);
        }
    }
    let text = text(table, &default.text, out);
    let neighbours = whole(table, "neighbours", (1, 10_000), default.neighbours, out);
    let power = number(table, "power", Limits::AboveTo(0.0, 100.0), default.power, out);
    let text = text?;
    if text.words == (0, 0) && text.characters == (0, 0) {
        out.push(settings.problem("nothing is left to compare: neither words nor characters").remedy("set `words` or `characters`, e.g. words = [1, 2]"));
        return None;
    }
    Some(Recipe::Nearest(NearestRecipe { text, over: over?, neighbours: neighbours?, power: power? }))
}

/// A cascade: each `[[settings.step]]` has `kind`, `settings` and `at_least`.
pub(super) fn cascade(table: &mut Table<'_>, settings: &Value<'_>, out: &mut Sink) -> Option<Recipe> {
    let Some(list) = table.take("step") else {
        out.push(
            settings.problem("the cascade has no steps").remedy("write [[candidate.settings.step]] with `kind` for each, in the order in which they are asked"),
        );
        return None;
    };
    let items = list.list(out)?;
    if !(2..=MOST_STEPS).contains(&items.len()) {
        out.push(
            list.problem(format!("a cascade has from 2 to {MOST_STEPS} steps, and here are {}", items.len()))
                .remedy("write [[candidate.settings.step]] for each, in the order in which they are asked"),
        );
        return None;
    }
    let last = items.len() - 1;
    let read: Vec<Option<StepRecipe>> = items.iter().enumerate().map(|(number, item)| step(item, number == last, out)).collect();
    Some(Recipe::Cascade(CascadeRecipe { steps: read.into_iter().collect::<Option<Vec<_>>>()? }))
}

fn step(item: &Value<'_>, last: bool, out: &mut Sink) -> Option<StepRecipe> {
    let mut table = item.table(out)?;
    let kinds = Recipe::KINDS.map(|k| (k, k));
    let kind = table.need("kind", "say what kind of step it is: kind = \"index\"").and_then(|v| Some((v.choice(&kinds, out)?, v)));
    let settings = table.take("settings");
    let at_least = table.take("at_least").map_or(Some(None), |v| v.number(Limits::FromTo(0.0, 1.0), out).map(Some));
    table.finish(out);
    let (kind, place) = kind?;
    if let Some((what, setting)) = brought::needed(kind).filter(|_| settings.is_none()) {
        out.push(place.problem(format!("{what} is missing")).remedy(format!("write settings = {{ … }} in the step, and in it {setting}")));
        return None;
    }
    let recipe = read(kind, settings.as_ref(), out)?;
    if let Some(why) = recipe.no_step() {
        out.push(place.problem(why).remedy("make it a candidate of its own, or choose another kind for the step"));
        return None;
    }
    if matches!(recipe, Recipe::Index(_)) && last {
        out.push(place.problem("an index is the last step, and what is not in it would have no code").remedy("put a model after it"));
        return None;
    }
    Some(StepRecipe { recipe, at_least: at_least? })
}

/// Reports index files that are not there, at the keys that name them. That of an index that is no step is looked for like any file.
pub(super) fn present(recipe: &Recipe, settings: Option<&Value<'_>>, folder: &Path, files: &dyn Files, out: &mut Sink) {
    let Recipe::Cascade(cascade) = recipe else { return };
    let items = settings.and_then(|s| s.table(out)).and_then(|mut t| t.take("step")).and_then(|v| v.list(out)).unwrap_or_default();
    for (item, step) in items.iter().zip(&cascade.steps) {
        let Some(path) = step.recipe.path() else { continue };
        let value = item.table(out).and_then(|mut t| t.take("settings")).and_then(|v| v.table(out)).and_then(|mut t| t.take("path"));
        if let Some(value) = value {
            expect(files, &folder.join(path), &value, out);
        }
    }
}
