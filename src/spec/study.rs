//! Reads a study file and every file it names.

use super::candidate::Candidate;
use super::cost::{self, CostSettings};
use super::dataset::{self, Described};
use super::language::{self, Language};
use super::path;
use super::policy::{self, Context};
use super::protection;
use super::request;
use super::sink::Sink;
use super::source::Source;
use super::split::one_of;
use super::table::Table;
use super::value::Value;
use super::{Files, candidate, split, totals};
use crate::data::{DatasetDescription, SplitPlan};
use crate::judge::Policy;
use crate::measure::{Protection, Request, SliceSettings};
use crate::model::{IndexRecipe, Recipe};
use crate::value::{Class, Failure, Place, Problem};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::de::DeValue;

/// The root seed when the study gives none.
const SEED: u64 = 1;

/// Keys of `[purpose]`; the card words the questions.
pub const PURPOSE: [&str; 7] = ["outcome", "better_off", "action", "insight", "data", "enablers", "out_of_scope"];

/// Keys of `[collection]`: the factors by which a collection may miss part of the population.
pub const COLLECTION: [&str; 5] = ["trust", "consent", "power", "transparency", "inclusivity"];

/// Keys of `[people]`: who answers for it.
pub const PEOPLE: [&str; 3] = ["owner", "contact", "approver"];

/// A study: what is asked, and the policy, fixed before any result is seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// The study file, as named.
    pub file: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Title.
    pub title: String,
    /// The languages of its pages; the first is that of its own texts.
    pub languages: Vec<Language>,
    /// The purpose: (key, answer), in the order of the study file; the keys are those of [`PURPOSE`].
    pub purpose: Vec<(String, String)>,
    /// (factor, what is known of it), in the order of the study file; the factors are those of [`COLLECTION`].
    pub collection: Vec<(String, String)>,
    /// (role, name), in the order of the study file; the roles are those of [`PEOPLE`].
    pub people: Vec<(String, String)>,
    /// The root seed.
    pub seed: u64,
    /// The data set.
    pub dataset: DatasetDescription,
    /// How its records are parted.
    pub split: SplitPlan,
    /// The candidates, in order.
    pub candidates: Vec<Candidate>,
    /// What to evaluate; thresholds that only the policy names are added.
    pub request: Request,
    /// Combinations of groups to search for low accuracy; none to search none.
    pub slices: Option<SliceSettings>,
    /// What projections of cost need.
    pub cost: CostSettings,
    /// What disclosure control keeps to.
    pub protection: Protection,
    /// The policy.
    pub policy: Policy,
    /// Id of the candidate whose decision is the exit code.
    pub decide: Option<String>,
    /// Whether a run saves the models that it trains; none to save those that are not very large.
    pub save_models: Option<bool>,
    /// Id of the candidate that is in production now; the others are compared with it.
    pub current: Option<String>,
    /// The text of the study file, for its digest.
    pub text: String,
    /// Every file read: name and text, in the order read, the study file first.
    pub sources: Vec<(String, String)>,
    places: BTreeMap<String, Place>,
}

/// A file of records or codes that a study refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its key path for [`Study::place`], e.g. "dataset.files\[0\]".
    pub key: String,
    /// The path as written.
    pub written: String,
    /// The path to open.
    pub path: PathBuf,
}

impl Study {
    /// The place of a key, for a problem that is only found in the data; of the nearest key above it when that one is not written.
    ///
    /// Key paths are those of the study file: `seed`, `split.column`, `evaluate.groups[1]`, `candidate[0].id`, `decide`. The keys of other files
    /// stand below the key that names the file, whether written there or inline: `dataset.columns.region`, `dataset.columns.region.missing[0]`,
    /// `dataset.files[0]`, `dataset.join[0].on`, `dataset.code_frame.levels[1].digits`, `candidate[0].settings.path`, `policy.gate[2].code`.
    /// List items count from 0. The place of a table is its head, that of `columns.NAME` the name.
    #[must_use]
    pub fn place(&self, key: &str) -> Option<Place> {
        let mut key = key;
        loop {
            if let Some(place) = self.places.get(key) {
                return Some(place.clone());
            }
            key = &key[..key.rfind(['.', '['])?];
        }
    }

    /// A problem at a key.
    #[must_use]
    pub fn problem(&self, key: &str, message: impl Into<String>) -> Problem {
        let problem = Problem::new(Class::Study, message);
        match self.place(key) {
            Some(place) => problem.at(place),
            None => problem.file(self.file.clone()),
        }
    }

    /// The indexes that candidates look up in files, by the key of the path.
    pub fn indexes(&self) -> impl Iterator<Item = (String, &IndexRecipe)> {
        self.candidates
            .iter()
            .flat_map(|c| c.recipe.indexes().into_iter().map(|(key, recipe)| (format!("{}.{key}", c.key), recipe)))
            .filter(|(_, recipe)| !recipe.path.is_empty())
    }

    /// The files of records and codes that the study refers to: data, joins, code frame, predictions, indexes.
    #[must_use]
    pub fn files(&self) -> Vec<Reference> {
        let data = &self.dataset;
        let mut files = Vec::new();
        let mut add = |key: String, written: &str, folder: &Path| files.push(Reference { key, written: written.to_owned(), path: folder.join(written) });
        for (i, file) in data.files.iter().enumerate() {
            add(format!("dataset.files[{i}]"), file, &data.folder);
        }
        for (i, join) in data.joins.iter().enumerate() {
            add(format!("dataset.join[{i}].path"), &join.path, &data.folder);
        }
        if let Some(path) = &data.frame.path {
            add("dataset.code_frame.file".to_owned(), path, &data.folder);
        }
        for candidate in &self.candidates {
            if let Recipe::Predictions(recipe) = &candidate.recipe {
                add(format!("{}.settings.path", candidate.key), &recipe.path, &candidate.folder);
            }
            for (key, recipe) in candidate.recipe.indexes().into_iter().filter(|(_, r)| !r.path.is_empty()) {
                add(format!("{}.{key}", candidate.key), &recipe.path, &candidate.folder);
            }
        }
        files
    }
}

/// Reads a study and every file it names, and checks all that can be checked without the data.
///
/// # Errors
/// All problems of all the files at once, in the order of files and lines, each with its place and a remedy.
pub fn load(at: &Path, files: &dyn Files) -> Result<Study, Failure> {
    let text = files.text(at)?;
    let mut out = Sink::default();
    let source = Source::new(path::name(at), &text);
    out.sources.push((source.file.clone(), text.clone()));
    let (tree, errors, whole) = source.parse();
    out.syntax(&source.file, errors, whole);
    out.record(&source, "", tree.get_ref());
    // Handed the wrong one of the four files, a reader needs that one sentence and not ten unknown keys.
    let has = |key: &str| tree.get_ref().contains_key(key);
    if !has("candidate") && !has("split") {
        let other = [("columns", "a data set description"), ("gate", "a policy"), ("kind", "a model")].into_iter().find(|(key, _)| has(key));
        if let Some((_, what)) = other {
            let problem = Problem::new(Class::Usage, format!("the file is {what}, not a study")).file(source.file.clone());
            return Err(problem.remedy("name the study file that refers to it").into());
        }
    }
    let table = Table::root(&source, &tree);
    let slices = candidate_texts(&source, &table, &mut out);
    let study = read(table, at, text, &slices, files, &mut out);
    match study {
        Some(study) if out.clean() => Ok(Study { sources: out.sources, places: out.places, ..study }),
        _ => Err(out.failure()),
    }
}

fn read(mut top: Table<'_>, at: &Path, text: String, slices: &[String], files: &dyn Files, out: &mut Sink) -> Option<Study> {
    let folder = path::folder(at);
    let title = top.need("title", "name the study: title = \"…\"").and_then(|v| v.filled(out));
    let (one, several, messages) = (top.take("language"), top.take("languages"), top.take("messages"));
    let dataset = top.need("dataset", "name the folder of the data set: dataset = \"../../datasets/my-survey\"");
    let seed = top.take("seed").map_or(Some(SEED), |v| v.whole(0, i64::MAX as u64, out));
    let policy = top.need("policy", "name the policy file: policy = \"policy.toml\", or write a table [policy]");
    let decide = top.take("decide");
    let current = top.take("current");
    let purpose = top.take("purpose");
    let collection = top.take("collection");
    let people = top.take("people");
    let split = top.need("split", "say how the records are parted: [split] with `by`");
    let candidates = top.need("candidate", "add at least one: [[candidate]] with `id` and `kind`, or `id` and `model`");
    let evaluate = top.take("evaluate");
    let totals = top.take("totals");
    let slices_at = top.take("slices");
    let cost_at = top.take("cost");
    let save_models = top.take("save_models").map_or(Some(None), |v| v.flag(out).map(Some));
    let protection = top.take("disclosure");
    top.finish(out);

    let languages = language::read((one.as_ref(), several.as_ref(), messages.as_ref()), &folder, files, out);
    let purpose = purpose.map_or(Some(Vec::new()), |v| answers(&v, &PURPOSE, out));
    let collection = collection.map_or(Some(Vec::new()), |v| answers(&v, &COLLECTION, out));
    let people = people.map_or(Some(Vec::new()), |v| answers(&v, &PEOPLE, out));
    let data = dataset.and_then(|v| description(&v, &folder, files, out));
    let described = data.as_ref().map(|d| &d.data);
    let frame = data.as_ref().filter(|d| d.frame_read).map(|d| &d.data.frame);
    let split = split.and_then(|v| split::read(&v, described, out));
    let (candidates, ids) = candidates.map_or((None, None), |v| candidate::read(&v, slices, &folder, described, files, out));
    let asked = request::read(evaluate.as_ref(), described, frame, out);
    let totals = totals::read(totals.as_ref(), described, frame, out);
    let cost = cost::cost(cost_at.as_ref(), out);
    let protection = protection::read(protection.as_ref(), out);
    let searched = super::slices::read(slices_at.as_ref(), described, asked.groupings.as_deref(), asked.request.as_ref().map_or(0, |r| r.minimum_group), out);
    let context = Context { groupings: asked.groupings.as_deref(), levels: asked.code_levels.as_deref().zip(frame.map(|f| f.full.as_str())) };
    let policy_title = title.clone().unwrap_or_default();
    let policy = policy.and_then(|v| policy::named_or_inline(&v, &folder, &text, &policy_title, context, files, out));
    let decide = decide.map_or(Some(None), |v| {
        let text = v.filled(out)?;
        let ids: Vec<&str> = ids.as_ref()?.iter().map(String::as_str).collect();
        if !one_of(&text, &ids, "candidate", &v, out) {
            return None;
        }
        if candidates.iter().flatten().any(|c| c.id == text && c.floor) {
            out.push(
                v.problem("a floor is never recommended, so the decision cannot be about it")
                    .remedy("name another candidate, or remove `floor = true` from it"),
            );
            return None;
        }
        Some(Some(text))
    });
    let current = current.map_or(Some(None), |v| {
        let text = v.filled(out)?;
        let ids: Vec<&str> = ids.as_ref()?.iter().map(String::as_str).collect();
        one_of(&text, &ids, "candidate", &v, out).then_some(Some(text))
    });
    let (policy, request) = (policy?, Request { totals: totals?, ..asked.request? });
    Some(Study {
        file: path::name(at),
        folder,
        title: title?,
        languages: languages?,
        purpose: purpose?,
        collection: collection?,
        people: people?,
        seed: seed?,
        dataset: data?.data,
        split: split?,
        candidates: candidates?,
        request: with_thresholds(request, &policy),
        slices: searched?,
        cost: cost?,
        protection: protection?,
        policy,
        decide: decide?,
        save_models: save_models?,
        current: current?,
        text,
        sources: Vec::new(),
        places: BTreeMap::new(),
    })
}

/// The request with the thresholds that only the policy names, and with what it wants promised.
fn with_thresholds(mut request: Request, policy: &Policy) -> Request {
    for threshold in policy.gates.iter().filter_map(|g| g.threshold).chain(policy.automatic_threshold) {
        if !request.thresholds.contains(&threshold) {
            request.thresholds.push(threshold);
        }
    }
    request.thresholds.sort_by(f64::total_cmp);
    request.automation.promise = policy.automatic_promise;
    request
}

/// Optional texts under fixed keys, in the order of the file, as (key, text); blank ones are left out.
fn answers(value: &Value<'_>, keys: &[&'static str], out: &mut Sink) -> Option<Vec<(String, String)>> {
    let mut table = value.table(out)?;
    for key in keys {
        table.take(key);
    }
    let mut answers = Vec::new();
    let mut good = true;
    for (key, value, _) in table.all() {
        if !keys.contains(&key) {
            continue;
        }
        match value.text(out) {
            Some(text) if text.trim().is_empty() => {}
            Some(text) => answers.push((key.to_owned(), text.trim().to_owned())),
            None => good = false,
        }
    }
    table.finish(out);
    good.then_some(answers)
}

fn description(value: &Value<'_>, folder: &Path, files: &dyn Files, out: &mut Sink) -> Option<Described> {
    let written = path::relative(value, out)?;
    let at = path::description(folder, &written, "dataset.toml");
    let text = path::text(files, &at, value, out)?;
    let source = Source::new(path::name(&at), &text);
    let (tree, errors, whole) = source.parse();
    out.syntax(&source.file, errors, whole);
    out.record(&source, "dataset.", tree.get_ref());
    dataset::read(Table::root(&source, &tree), &at, files, out)
}

/// Each candidate's part of the study file: from its head to the next head that is not its own, without comments at the end.
fn candidate_texts(source: &Source, top: &Table<'_>, out: &mut Sink) -> Vec<String> {
    let mut heads = Vec::new();
    let mut candidates = Vec::new();
    for (key, value, _) in top.all() {
        if key == "candidate" && value.raw().is_array() {
            candidates.extend(value.list(out).unwrap_or_default().iter().map(Value::start));
        } else {
            table_starts(&value, &mut heads, out);
        }
    }
    heads.extend(&candidates);
    heads.push(source.len());
    candidates
        .iter()
        .map(|&start| {
            let end = heads.iter().copied().filter(|&h| h > start).min().unwrap_or(start);
            let mut slice = source.slice(start..end).trim_end_matches(['[', ' ', '\t', '\r', '\n', ',']);
            while let Some((before, last)) = slice.rsplit_once('\n')
                && (last.trim().is_empty() || last.trim_start().starts_with('#'))
            {
                slice = before.trim_end();
            }
            slice.to_owned()
        })
        .collect()
}

/// The first byte of every table in a value.
fn table_starts(value: &Value<'_>, heads: &mut Vec<usize>, out: &mut Sink) {
    match value.raw() {
        DeValue::Table(_) => {
            heads.push(value.start());
            let inner: Vec<Value<'_>> = value.table(out).map(|t| t.all().into_iter().map(|(_, v, _)| v).collect()).unwrap_or_default();
            inner.iter().for_each(|v| table_starts(v, heads, out));
        }
        DeValue::Array(_) => value.list(out).unwrap_or_default().iter().for_each(|v| table_starts(v, heads, out)),
        _ => {}
    }
}
