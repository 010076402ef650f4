//! Reads the settings of each kind of model.

use super::brought;
use super::sink::Sink;
use super::source::quote;
use super::table::Table;
use super::value::{Limits, Value};
use crate::data::{DatasetDescription, Role};
use crate::model::{ComplementNbRecipe, EnsembleRecipe, LinearRecipe, Loss, Recipe, TabularRecipe};
use crate::text::TextRecipe;

/// The settings that each kind has.
const SETTINGS: &[(&str, &[&str])] = &[
    ("majority", &[]),
    ("prior", &[]),
    ("complement-nb", &["words", "characters", "min_records", "hash_bits", "fold_accents", "alpha"]),
    ("linear", &["words", "characters", "min_records", "hash_bits", "fold_accents", "loss", "c", "passes", "weighted"]),
    ("ensemble", &["member", "folds", "weighted"]),
    ("tabular", &["smoothing"]),
    ("predictions", &["path", "id", "codes", "confidences", "form"]),
    ("command", &["command", "train", "time_limit", "format"]),
    ("fasttext", &["path", "lower_case", "punctuation", "label_prefix"]),
    ("onnx", &["path", "inputs", "probabilities", "classes", "scores"]),
];

/// Most members of an ensemble.
const MOST_MEMBERS: usize = 8;

/// Reads the settings of a kind; absent ones have their defaults.
pub(super) fn read(kind: &str, value: Option<&Value<'_>>, out: &mut Sink) -> Option<Recipe> {
    let Some(value) = value else {
        return match kind {
            "majority" => Some(Recipe::Majority),
            "prior" => Some(Recipe::Prior),
            "complement-nb" => Some(Recipe::ComplementNb(ComplementNbRecipe::default())),
            "linear" => Some(Recipe::Linear(LinearRecipe::default())),
            "ensemble" => Some(Recipe::Ensemble(EnsembleRecipe::default())),
            "tabular" => Some(Recipe::Tabular(TabularRecipe::default())),
            _ => None,
        };
    };
    let mut table = value.table(out)?;
    let own = SETTINGS.iter().find(|(k, _)| *k == kind).map_or(&[][..], |(_, s)| s);
    let mut others: Vec<&str> = SETTINGS.iter().flat_map(|(_, settings)| settings.iter().copied()).filter(|key| !own.contains(key)).collect();
    others.sort_unstable();
    others.dedup();
    for key in others {
        let kinds: Vec<&str> = SETTINGS.iter().filter(|(_, settings)| settings.contains(&key)).map(|(k, _)| *k).collect();
        let has = if own.is_empty() { format!("{kind} has no settings") } else { format!("the settings of {kind} are: {}", own.join(", ")) };
        let message = format!("{} is not a setting of kind {}", quote(key), quote(kind));
        table.refuse(key, &message, &format!("it belongs to kind {}; {has}", kinds.join(" or ")), out);
    }
    let recipe = match kind {
        "majority" => Some(Recipe::Majority),
        "prior" => Some(Recipe::Prior),
        "complement-nb" => complement_nb(&mut table, value, out),
        "linear" => linear(&mut table, out).map(Recipe::Linear),
        "ensemble" => ensemble(&mut table, out),
        "tabular" => {
            let smoothing = number(&mut table, "smoothing", Limits::FromTo(0.0, 1.0), TabularRecipe::default().smoothing, out);
            smoothing.map(|smoothing| Recipe::Tabular(TabularRecipe { smoothing }))
        }
        "command" => brought::command(&mut table, out),
        "fasttext" => brought::fasttext(&mut table, out),
        "onnx" => brought::onnx(&mut table, out),
        _ => brought::predictions(&mut table, out),
    };
    table.finish(out);
    recipe
}

/// Why a data set has not what a recipe works on.
pub(super) fn lacks(recipe: &Recipe, data: &DatasetDescription) -> Option<&'static str> {
    let has = |roles: &[Role]| data.columns.iter().any(|c| c.roles.iter().any(|r| roles.contains(r)));
    match recipe {
        Recipe::ComplementNb(_) if !has(&[Role::Text]) => Some("works on texts, and no column has the role `text`"),
        Recipe::FastText(_) if !has(&[Role::Text]) => Some("works on texts, and no column has the role `text`"),
        Recipe::Command(_) | Recipe::Onnx(_) if !has(&[Role::Text, Role::Category, Role::Number]) => {
            Some("gets the columns of texts, categories and numbers, and no column has these roles")
        }
        Recipe::Tabular(_) if !has(&[Role::Category, Role::Number]) => Some("works on categories and numbers, and no column has these roles"),
        Recipe::Linear(linear) if linear.weighted && !has(&[Role::Weight]) => Some("is to train with weights, and no column has the role `weight`"),
        Recipe::Ensemble(ensemble) if ensemble.weighted && !has(&[Role::Weight]) => Some("is to train with weights, and no column has the role `weight`"),
        _ => None,
    }
}

fn number(table: &mut Table<'_>, key: &'static str, limits: Limits, default: f64, out: &mut Sink) -> Option<f64> {
    table.take(key).map_or(Some(default), |v| v.number(limits, out))
}

fn whole(table: &mut Table<'_>, key: &'static str, (low, high): (u64, u64), default: usize, out: &mut Sink) -> Option<usize> {
    table.take(key).map_or(Some(default), |v| v.whole(low, high, out).map(|n| n as usize))
}

/// True or false, with a default.
pub(super) fn flag(table: &mut Table<'_>, key: &'static str, default: bool, out: &mut Sink) -> Option<bool> {
    table.take(key).map_or(Some(default), |v| v.flag(out))
}

fn text(table: &mut Table<'_>, default: &TextRecipe, out: &mut Sink) -> Option<TextRecipe> {
    let words = span(table, "words", 5, default.words, out);
    let characters = span(table, "characters", 8, default.characters, out);
    let min_records = whole(table, "min_records", (1, 1_000_000), default.min_records, out);
    let hash_bits = table.take("hash_bits").map_or(Some(default.hash_bits), |v| match v.whole(0, 26, out)? {
        0 => Some(0),
        bits @ 8.. => Some(bits as u32),
        _ => {
            out.push(
                v.problem("`hash_bits` must be 0, or from 8 to 26").remedy("fewer than 8 bits would mix up nearly all words; 0 keeps every feature apart"),
            );
            None
        }
    });
    let fold_accents = flag(table, "fold_accents", default.fold_accents, out);
    Some(TextRecipe { words: words?, characters: characters?, min_records: min_records?, hash_bits: hash_bits?, fold_accents: fold_accents? })
}

/// Shortest and longest n-gram; [0, 0] for none.
fn span(table: &mut Table<'_>, key: &'static str, most: u64, default: (usize, usize), out: &mut Sink) -> Option<(usize, usize)> {
    let Some(value) = table.take(key) else { return Some(default) };
    let items = value.list(out)?;
    let [low, high] = items.as_slice() else {
        out.push(
            value
                .problem(format!("`{key}` must be two numbers, but has {}", items.len()))
                .remedy(format!("give the shortest and the longest n-gram: {key} = [1, 2], or [0, 0] for none")),
        );
        return None;
    };
    let (low, high) = (low.whole(0, most, out), high.whole(0, most, out));
    let (low, high) = (low? as usize, high? as usize);
    if low > high || (low == 0) != (high == 0) {
        out.push(value.problem(format!("`{key}` must go from the shortest to the longest n-gram")).remedy(format!("e.g. {key} = [1, 2], or [0, 0] for none")));
        return None;
    }
    Some((low, high))
}

fn complement_nb(table: &mut Table<'_>, settings: &Value<'_>, out: &mut Sink) -> Option<Recipe> {
    let default = ComplementNbRecipe::default();
    let text = text(table, &default.text, out);
    let alpha = number(table, "alpha", Limits::AboveTo(0.0, 1000.0), default.alpha, out);
    let text = text?;
    if text.words == (0, 0) && text.characters == (0, 0) {
        out.push(settings.problem("nothing is left to learn from: neither words nor characters").remedy("set `words` or `characters`, e.g. words = [1, 2]"));
        return None;
    }
    Some(Recipe::ComplementNb(ComplementNbRecipe { text, alpha: alpha? }))
}

fn linear(table: &mut Table<'_>, out: &mut Sink) -> Option<LinearRecipe> {
    let weighted = flag(table, "weighted", LinearRecipe::default().weighted, out);
    let recipe = member(table, out);
    Some(LinearRecipe { weighted: weighted?, ..recipe? })
}

/// The settings of a linear model that each member of an ensemble has too.
fn member(table: &mut Table<'_>, out: &mut Sink) -> Option<LinearRecipe> {
    let default = LinearRecipe::default();
    let text = text(table, &default.text, out);
    let loss = table.take("loss").map_or(Some(default.loss), |v| v.choice(&[("squared-hinge", Loss::SquaredHinge), ("logistic", Loss::Logistic)], out));
    let c = number(table, "c", Limits::AboveTo(0.0, 1e6), default.c, out);
    let passes = whole(table, "passes", (1, 10_000), default.passes, out);
    Some(LinearRecipe { text: text?, loss: loss?, c: c?, passes: passes?, weighted: default.weighted })
}

fn ensemble(table: &mut Table<'_>, out: &mut Sink) -> Option<Recipe> {
    let default = EnsembleRecipe::default();
    let folds = whole(table, "folds", (2, 20), default.folds, out);
    let weighted = flag(table, "weighted", default.weighted, out);
    let members = table.take("member").map_or(Some(default.members), |list| members(&list, out));
    let weighted = weighted?;
    let members = members?.into_iter().map(|m| LinearRecipe { weighted, ..m }).collect();
    Some(Recipe::Ensemble(EnsembleRecipe { members, folds: folds?, weighted }))
}

/// Each `[[settings.member]]`.
fn members(list: &Value<'_>, out: &mut Sink) -> Option<Vec<LinearRecipe>> {
    let items = list.list(out)?;
    if !(2..=MOST_MEMBERS).contains(&items.len()) {
        out.push(
            list.problem(format!("an ensemble has from 2 to {MOST_MEMBERS} members, and here are {}", items.len()))
                .remedy("write [[settings.member]] for each, or leave `member` out for the default ones"),
        );
        return None;
    }
    let read: Vec<Option<LinearRecipe>> = items
        .iter()
        .map(|item| {
            let mut table = item.table(out)?;
            table.refuse("weighted", "`weighted` is said once, for all members", "move it to the settings of the ensemble", out);
            let recipe = member(&mut table, out);
            table.finish(out);
            let recipe = recipe?;
            if recipe.text.words == (0, 0) && recipe.text.characters == (0, 0) {
                out.push(
                    item.problem("nothing is left for this member to learn from: neither words nor characters")
                        .remedy("set `words` or `characters`, e.g. words = [1, 2]"),
                );
                return None;
            }
            Some(recipe)
        })
        .collect();
    read.into_iter().collect()
}
