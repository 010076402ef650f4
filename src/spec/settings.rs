//! Reads the settings of each kind of model.

use super::brought;
use super::office;
use super::sink::Sink;
use super::source::quote;
use super::table::Table;
use super::value::{Limits, Value};
use crate::data::{DatasetDescription, Role};
use crate::model::{ComplementNbRecipe, EmbeddingRecipe, EnsembleRecipe, LinearRecipe, Loss, NearestRecipe, Over, Recipe, TabularRecipe};
use crate::text::TextRecipe;

/// The settings that each kind has.
const SETTINGS: &[(&str, &[&str])] = &[
    ("majority", &[]),
    ("prior", &[]),
    ("complement-nb", &["words", "characters", "min_records", "hash_bits", "fold_accents", "alpha"]),
    ("linear", &["words", "characters", "min_records", "hash_bits", "fold_accents", "loss", "c", "passes", "weighted", "hierarchical", "class_weight"]),
    ("embedding", &["words", "characters", "min_records", "hash_bits", "fold_accents", "dim", "epochs", "rate", "draws", "weighted"]),
    ("ensemble", &["member", "folds", "weighted"]),
    ("tabular", &["method", "smoothing", "c", "passes", "min_records", "depth", "min_leaf", "trees", "columns_per_split"]),
    ("index", &["from", "path", "text", "code", "column", "any_word_order", "fold_accents", "min_records"]),
    ("nearest", &["words", "characters", "min_records", "hash_bits", "fold_accents", "over", "neighbours", "power"]),
    ("cascade", &["step"]),
    ("predictions", &["path", "id", "codes", "confidences", "form"]),
    ("command", &["command", "train", "time_limit", "format"]),
    ("fasttext", &["path", "lower_case", "punctuation", "label_prefix"]),
    ("saved", &["path"]),
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
            "embedding" => Some(Recipe::Embedding(EmbeddingRecipe::default())),
            "ensemble" => Some(Recipe::Ensemble(EnsembleRecipe::default())),
            "tabular" => Some(Recipe::Tabular(TabularRecipe::default())),
            "nearest" => Some(Recipe::Nearest(NearestRecipe::default())),
            _ => None,
        };
    };
    read_table(kind, value.table(out)?, value, out)
}

/// Reads the settings of a kind with other values for some of them; `over` is where these values are listed.
pub(super) fn with<'a>(kind: &str, base: Option<&Value<'a>>, over: &Value<'a>, others: &[(&'a str, &Value<'a>)], out: &mut Sink) -> Option<Recipe> {
    let table = match base {
        Some(base) => base.table(out)?,
        None => over.table(out)?.emptied(),
    };
    read_table(kind, table.overlaid(others), base.unwrap_or(over), out)
}

fn read_table(kind: &str, mut table: Table<'_>, value: &Value<'_>, out: &mut Sink) -> Option<Recipe> {
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
        "linear" => linear(&mut table, value, out).map(Recipe::Linear),
        "embedding" => embedding(&mut table, out),
        "ensemble" => ensemble(&mut table, out),
        "tabular" => office::tabular(&mut table, out),
        "index" => office::index(&mut table, value, out),
        "nearest" => office::nearest(&mut table, value, out),
        "cascade" => office::cascade(&mut table, value, out),
        "command" => brought::command(&mut table, out),
        "fasttext" => brought::fasttext(&mut table, out),
        "saved" => brought::saved(&mut table, out),
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
        Recipe::Index(_) if !has(&[Role::Text]) => Some("looks up texts, and no column has the role `text`"),
        Recipe::Nearest(nearest) if nearest.over == Over::Texts && !has(&[Role::Text]) => Some("compares texts, and no column has the role `text`"),
        Recipe::Nearest(nearest) if nearest.over == Over::Numbers && !has(&[Role::Number]) => Some("compares numbers, and no column has the role `number`"),
        Recipe::Cascade(cascade) => cascade.steps.iter().find_map(|step| lacks(&step.recipe, data)),
        Recipe::Linear(linear) if linear.weighted && !has(&[Role::Weight]) => Some("is to train with weights, and no column has the role `weight`"),
        Recipe::Linear(linear) if linear.hierarchical && data.frame.levels.is_empty() => Some("chooses level by level, and the code frame has no levels"),
        Recipe::Embedding(embedding) if embedding.weighted && !has(&[Role::Weight]) => Some("is to train with weights, and no column has the role `weight`"),
        Recipe::Ensemble(ensemble) if ensemble.weighted && !has(&[Role::Weight]) => Some("is to train with weights, and no column has the role `weight`"),
        _ => None,
    }
}

/// Adds what a recipe needs to know of the data set.
pub(super) fn complete(recipe: &mut Recipe, data: &DatasetDescription) {
    match recipe {
        Recipe::Linear(linear) if linear.hierarchical => linear.levels = data.frame.levels.iter().map(|level| level.digits).collect(),
        Recipe::Cascade(cascade) => cascade.steps.iter_mut().for_each(|step| complete(&mut step.recipe, data)),
        _ => {}
    }
}

pub(super) fn number(table: &mut Table<'_>, key: &'static str, limits: Limits, default: f64, out: &mut Sink) -> Option<f64> {
    table.take(key).map_or(Some(default), |v| v.number(limits, out))
}

pub(super) fn whole(table: &mut Table<'_>, key: &'static str, (low, high): (u64, u64), default: usize, out: &mut Sink) -> Option<usize> {
    table.take(key).map_or(Some(default), |v| v.whole(low, high, out).map(|n| n as usize))
}

/// True or false, with a default.
pub(super) fn flag(table: &mut Table<'_>, key: &'static str, default: bool, out: &mut Sink) -> Option<bool> {
    table.take(key).map_or(Some(default), |v| v.flag(out))
}

pub(super) fn text(table: &mut Table<'_>, default: &TextRecipe, out: &mut Sink) -> Option<TextRecipe> {
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

fn linear(table: &mut Table<'_>, settings: &Value<'_>, out: &mut Sink) -> Option<LinearRecipe> {
    let default = LinearRecipe::default();
    let weighted = flag(table, "weighted", default.weighted, out);
    let hierarchical = flag(table, "hierarchical", default.hierarchical, out);
    let class_weight = table.take("class_weight").map_or(Some(default.class_weight), |v| match v.raw().as_str() {
        Some(_) => v.choice(&[("balanced", 1.0)], out),
        None => v.number(Limits::FromTo(0.0, 1.0), out),
    });
    let (recipe, hierarchical) = (member(table, out)?, hierarchical?);
    if hierarchical && recipe.loss != Loss::Logistic {
        out.push(
            settings.problem("`hierarchical` needs the probabilities of the logistic loss").remedy("set loss = \"logistic\", or leave `hierarchical` out"),
        );
        return None;
    }
    Some(LinearRecipe { weighted: weighted?, hierarchical, class_weight: class_weight?, ..recipe })
}

fn embedding(table: &mut Table<'_>, out: &mut Sink) -> Option<Recipe> {
    let default = EmbeddingRecipe::default();
    let text = text(table, &default.text, out);
    let dim = whole(table, "dim", (1, 1024), default.dim, out);
    let epochs = whole(table, "epochs", (1, 1000), default.epochs, out);
    let rate = number(table, "rate", Limits::AboveTo(0.0, 10.0), default.rate, out);
    let draws = whole(table, "draws", (0, 10_000), default.draws, out);
    let weighted = flag(table, "weighted", default.weighted, out);
    Some(Recipe::Embedding(EmbeddingRecipe { text: text?, dim: dim?, epochs: epochs?, rate: rate?, draws: draws?, weighted: weighted? }))
}

/// The settings of a linear model that each member of an ensemble has too.
fn member(table: &mut Table<'_>, out: &mut Sink) -> Option<LinearRecipe> {
    let default = LinearRecipe::default();
    let text = text(table, &default.text, out);
    let loss = table.take("loss").map_or(Some(default.loss), |v| v.choice(&[("squared-hinge", Loss::SquaredHinge), ("logistic", Loss::Logistic)], out));
    let c = number(table, "c", Limits::AboveTo(0.0, 1e6), default.c, out);
    let passes = whole(table, "passes", (1, 10_000), default.passes, out);
    Some(LinearRecipe { text: text?, loss: loss?, c: c?, passes: passes?, ..default })
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
