//! Reads candidates: in the study file, or in a `model.toml` of their own.

use super::brought;
use super::office;
use super::path;
use super::settings;
use super::sink::Sink;
use super::source::Source;
use super::split::one_of;
use super::table::Table;
use super::tune;
use super::value::{Value, id};
use super::{Files, source::quote};
use crate::cost::CostFile;
use crate::data::{DatasetDescription, Role};
use crate::model::{HEAD_FILE, Recipe, TunePlan};
use crate::value::{Class, Place, Problem};
use std::path::{Path, PathBuf};

/// A candidate of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its id in the study; also the name of its folder of results.
    pub id: String,
    /// Its name for readers; the id when none is given.
    pub name: String,
    /// How it is made.
    pub recipe: Recipe,
    /// The settings to try before it is trained, if any; `recipe` has those that are not tried.
    pub tune: Option<TunePlan>,
    /// True when it only marks what can be had without learning; it is judged but never recommended.
    pub floor: bool,
    /// Who owns the model.
    pub owner: Option<String>,
    /// What it is meant for.
    pub intended_use: Option<String>,
    /// What it is not meant for.
    pub out_of_scope: Option<String>,
    /// Columns it may look at: texts, categories and numbers of the data set; empty for all of them.
    pub columns: Vec<String>,
    /// What making it elsewhere cost: name of the file as written, and what it holds.
    pub cost: Option<(String, CostFile)>,
    /// Folder that paths in the recipe are relative to.
    pub folder: PathBuf,
    /// The text it was read from, for its digest: the model file, or its part of the study file.
    pub text: String,
    /// Its key path for [`super::Study::place`], e.g. "candidate\[0\]".
    pub key: String,
}

/// What is said about a model beside its recipe.
#[derive(Default)]
struct About {
    name: Option<String>,
    floor: Option<bool>,
    owner: Option<String>,
    intended_use: Option<String>,
    out_of_scope: Option<String>,
    columns: Option<Vec<String>>,
    cost: Option<(String, CostFile, Place)>,
}

fn about(table: &mut Table<'_>, data: Option<&DatasetDescription>, folder: &Path, files: &dyn Files, out: &mut Sink) -> About {
    About {
        cost: table.take("cost").and_then(|v| cost(&v, folder, files, out)),
        columns: table.take("columns").and_then(|v| columns(&v, data, out)),
        name: table.optional("name", out),
        floor: table.take("floor").and_then(|v| v.flag(out)),
        owner: table.optional("owner", out),
        intended_use: table.optional("intended_use", out),
        out_of_scope: table.optional("out_of_scope", out),
    }
}

/// The cost file that a candidate cites.
fn cost(value: &Value<'_>, folder: &Path, files: &dyn Files, out: &mut Sink) -> Option<(String, CostFile, Place)> {
    let written = path::relative(value, out)?;
    let at = folder.join(&written);
    let text = path::text(files, &at, value, out)?;
    match CostFile::parse(&path::name(&at), &text) {
        Ok(file) => Some((written, file, value.place.clone())),
        Err(problem) => {
            out.push(problem);
            None
        }
    }
}

/// Whether a model is made elsewhere, so that its cost cannot be measured here.
fn made_elsewhere(recipe: &Recipe) -> bool {
    matches!(recipe, Recipe::Predictions(_))
}

/// The columns a candidate may look at.
fn columns(value: &Value<'_>, data: Option<&DatasetDescription>, out: &mut Sink) -> Option<Vec<String>> {
    let names = value.texts(out)?;
    if names.is_empty() {
        out.push(value.problem("the list of columns is empty").remedy("name the columns the candidate may look at, or leave `columns` out for all"));
    }
    let readable: Option<Vec<&str>> = data.map(|d| {
        d.columns.iter().filter(|c| c.roles.iter().any(|r| matches!(r, Role::Text | Role::Category | Role::Number))).map(|c| c.name.as_str()).collect()
    });
    for (name, place) in &names {
        if let Some(readable) = &readable {
            one_of(name, readable, "column that a model may read", place, out);
        }
    }
    Some(names.into_iter().map(|(name, _)| name).collect())
}

/// Reads `[[candidate]]`; `texts` holds each one's part of the study file. Gives the candidates, and their ids even when something else is wrong.
pub(super) fn read(
    list: &Value<'_>,
    texts: &[String],
    folder: &Path,
    data: Option<&DatasetDescription>,
    files: &dyn Files,
    out: &mut Sink,
) -> (Option<Vec<Candidate>>, Option<Vec<String>>) {
    let Some(items) = list.list(out) else { return (None, None) };
    if items.is_empty() {
        out.push(list.problem("there is no candidate").remedy("add at least one: [[candidate]] with `id` and `kind`, or `id` and `model`"));
    }
    let wanted = items.len();
    let mut ids = Vec::new();
    let mut candidates = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let text = texts.get(i).cloned().unwrap_or_default();
        if let Some(candidate) = one(item, i, text, folder, &mut ids, data, files, out) {
            candidates.push(candidate);
        }
    }
    ((candidates.len() == wanted && wanted > 0).then_some(candidates), (ids.len() == wanted).then_some(ids))
}

#[allow(clippy::too_many_arguments, reason = "all of them differ in kind, and the function has one caller")]
fn one(
    item: &Value<'_>,
    number: usize,
    text: String,
    folder: &Path,
    ids: &mut Vec<String>,
    data: Option<&DatasetDescription>,
    files: &dyn Files,
    out: &mut Sink,
) -> Option<Candidate> {
    let mut table = item.table(out)?;
    let key = format!("candidate[{number}]");
    let id = table.need("id", "give it an id: id = \"linear\"").and_then(|v| id(&v, ids, out));
    let here = about(&mut table, data, folder, files, out);
    let model = table.take("model");
    let (recipe, there, folder, text) = match &model {
        Some(model) => {
            for own in ["kind", "settings", "tune"] {
                table.refuse(
                    own,
                    &format!("a candidate has either `model` or `{own}`"),
                    "change the model file, or describe the candidate here without `model`",
                    out,
                );
            }
            table.finish(out);
            model_file(model, &key, folder, data, files, out)?
        }
        None => {
            let recipe = recipe(&mut table, data, folder, files, out);
            table.finish(out);
            (recipe, About::default(), folder.to_path_buf(), text)
        }
    };
    let (id, Trained { recipe, tune }) = (id?, recipe?);
    let cost = here.cost.or(there.cost);
    if let Some((_, _, place)) = &cost
        && !made_elsewhere(&recipe)
    {
        let problem = Problem::new(Class::Study, "`cost` is for models made elsewhere: this one is trained here, and measured").at(place.clone());
        out.push(problem.remedy("leave `cost` away"));
        return None;
    }
    Some(Candidate {
        cost: cost.map(|(name, file, _)| (name, file)),
        name: here.name.or(there.name).unwrap_or_else(|| id.clone()),
        id,
        recipe,
        tune,
        floor: here.floor.or(there.floor).unwrap_or(false),
        owner: here.owner.or(there.owner),
        intended_use: here.intended_use.or(there.intended_use),
        out_of_scope: here.out_of_scope.or(there.out_of_scope),
        columns: here.columns.or(there.columns).unwrap_or_default(),
        folder,
        text,
        key,
    })
}

type Model = (Option<Trained>, About, PathBuf, String);

/// How a candidate is made, and what is tried before.
struct Trained {
    recipe: Recipe,
    tune: Option<TunePlan>,
}

fn model_file(value: &Value<'_>, key: &str, folder: &Path, data: Option<&DatasetDescription>, files: &dyn Files, out: &mut Sink) -> Option<Model> {
    let written = path::relative(value, out)?;
    let path = path::description(folder, &written, "model.toml");
    let text = path::text(files, &path, value, out)?;
    let source = Source::new(path::name(&path), &text);
    let (tree, errors, whole) = source.parse();
    out.syntax(&source.file, errors, whole);
    out.record(&source, &format!("{key}."), tree.get_ref());
    if tree.get_ref().get("format").and_then(|v| v.get_ref().as_str()).is_some_and(|f| f.starts_with("proofmark-model/")) {
        let remedy = format!("write kind = \"saved\" and settings = {{ path = {} }} in place of `model`", quote(&written).replace('`', "\""));
        out.push(value.problem("`model` names a saved model, not a description of one that is to be trained").remedy(remedy));
        return None;
    }
    let mut table = Table::root(&source, &tree);
    let folder = path::folder(&path);
    let about = about(&mut table, data, &folder, files, out);
    let recipe = recipe(&mut table, data, &folder, files, out);
    table.finish(out);
    Some((recipe, about, folder, text))
}

/// `kind`, `settings` and `tune`.
fn recipe(table: &mut Table<'_>, data: Option<&DatasetDescription>, folder: &Path, files: &dyn Files, out: &mut Sink) -> Option<Trained> {
    let kinds = Recipe::KINDS.map(|k| (k, k));
    let kind = table.need("kind", "say what kind of model it is: kind = \"linear\"");
    let settings = table.take("settings");
    let tuned = table.take("tune");
    let kind = kind.and_then(|v| Some((v.choice(&kinds, out)?, v)));
    let (kind, place) = kind?;
    if let Some((what, setting)) = brought::needed(kind).filter(|_| settings.is_none()) {
        let remedy = format!("write [candidate.settings] in a study, [settings] in a model file, and below it {setting}");
        out.push(place.problem(format!("{what} is missing")).remedy(remedy));
        return None;
    }
    let mut recipe = settings::read(kind, settings.as_ref(), out)?;
    let mut plan = match &tuned {
        Some(value) => Some(tune::read(kind, settings.as_ref(), value, out)?),
        None => None,
    };
    if let Some(data) = data {
        std::iter::once(&mut recipe).chain(plan.iter_mut().flat_map(tune::recipes)).for_each(|recipe| settings::complete(recipe, data));
    }
    if let Some(path) = recipe.path() {
        let value = settings.as_ref().and_then(|s| s.table(out)).and_then(|mut t| t.take("path"));
        if let Some(value) = value {
            // A saved model is a folder, and its file says that it is one.
            let at = if matches!(recipe, Recipe::Saved(_)) { path::description(folder, path, HEAD_FILE) } else { folder.join(path) };
            path::present(files, &at, &value, out);
        }
    }
    office::present(&recipe, settings.as_ref(), folder, files, out);
    let all = || std::iter::once(&recipe).chain(plan.iter().flat_map(|p| p.trials.iter().map(|t| &t.recipe)));
    if let Some(lacks) = data.and_then(|d| all().find_map(|recipe| settings::lacks(recipe, d))) {
        out.push(place.problem(format!("a candidate of kind {} {lacks}", quote(kind))).remedy("describe such a column in the dataset, or choose another kind"));
        return None;
    }
    Some(Trained { recipe, tune: plan })
}
