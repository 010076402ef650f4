//! Everything before the first expensive step: study, files, table, split, sample; all problems at once.

use super::elsewhere::{ReadPredictions, Targeted, of_file, ranked_of};
use super::index::fill;
use crate::data::{Dialect, MISSING, Ranked, RawTable, ReplicateColumns, Split, Table, assemble, divide, headers, read, read_numbers};
use crate::measure::{FileFacts, NOT_STATED, Sample, target_rows};
use crate::model::{PredictionsRecipe, Recipe};
use crate::spec::{Study, check_columns, load};
use crate::store::{DEMONSTRATION, Disk, Embedded, digest};
use crate::value::{Class, Failure, Problem, grouped, nearest};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// Where a study is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A study file on disk.
    File(PathBuf),
    /// The demonstration study, built into the program.
    Demonstration,
}

impl Origin {
    fn load(&self) -> Result<Study, Failure> {
        match self {
            Self::File(path) => load(path, &Disk),
            Self::Demonstration => load(Path::new(DEMONSTRATION), &Embedded),
        }
    }

    fn bytes(&self, path: &Path) -> Result<Cow<'static, [u8]>, Problem> {
        match self {
            Self::File(_) => crate::store::read(path).map(Cow::Owned),
            Self::Demonstration => Embedded::bytes(path).map(Cow::Borrowed),
        }
    }
}

/// A study with its data, checked and parted.
pub struct Prepared {
    /// The study.
    pub study: Study,
    /// The records.
    pub table: Table,
    /// Their parts.
    pub split: Split,
    /// How they were parted, in words.
    pub split_words: String,
    /// The test part as a sample.
    pub sample: Sample,
    /// Records without a true code that figures can be published of.
    pub target: Vec<u32>,
    /// Codes that occur in the training part.
    pub trained: BTreeSet<u32>,
    /// Files of records and codes that were read.
    pub files: Vec<FileFacts>,
    /// For each candidate: predictions read from its file with the file's digest, or none for candidates that are trained.
    pub read_predictions: Vec<Option<ReadPredictions>>,
    /// For each candidate with a predictions file: the records without a true code that the file has, and their codes.
    pub read_targets: Vec<Option<Targeted>>,
    /// What a reader must know of the data.
    pub notes: Vec<String>,
}

/// Reads and checks a study and its data; fits nothing and writes nothing.
///
/// # Errors
/// All problems that one look can find: of the study files first, then of the files' heads, then of the records.
pub fn prepare(origin: &Origin) -> Result<Prepared, Failure> {
    let mut study = origin.load()?;
    let opened = open(&study, origin)?;
    let (table, files) = tabulate(&study, &opened)?;
    let (split, split_words) = divide(&study.split, &table, study.seed, &study.file)?;
    let mut problems = Vec::new();
    fill(&mut study, &table, |key| opened.iter().find(|o| o.key == key).map(|o| (&o.raw, &o.facts)), &mut problems);
    let trained: BTreeSet<u32> = split.train.iter().map(|&r| table.truth[r as usize]).collect();
    if trained.len() < 2 && study.candidates.iter().any(|c| c.recipe.learns()) {
        let problem = study.problem("split", "the training part has only one code, so there is nothing to learn");
        problems.push(problem.remedy("move the split so that records of several codes are in the training part, or label more records"));
    }
    check_versus(&study, &mut problems);
    check_group_values(&study, &table, &split.test, &mut problems);
    let target = target_rows(&table, &study.dataset);
    let (mut read_predictions, mut read_targets) = (Vec::new(), Vec::new());
    for candidate in &study.candidates {
        match &candidate.recipe {
            Recipe::Predictions(_) => {
                let key = format!("{}.settings.path", candidate.key);
                match opened.iter().find(|o| o.key == key) {
                    Some(o) => match of_file(&o.ranked, &table, &split, &target, &o.facts.digest) {
                        Ok((predictions, uncoded)) => {
                            read_predictions.push(Some(predictions));
                            read_targets.push(Some(uncoded));
                        }
                        Err(failure) => problems.extend(failure.problems),
                    },
                    None => problems.push(study.problem(&key, "the predictions file was not read")),
                }
            }
            _ => {
                read_predictions.push(None);
                read_targets.push(None);
            }
        }
    }
    let sample = match Sample::of(&table, &study.dataset, &split.test, &study.request, study.seed) {
        Ok(sample) if problems.is_empty() => sample,
        Ok(_) => return Err(Failure::of(problems)),
        Err(failure) => {
            problems.extend(failure.problems);
            return Err(Failure::of(problems));
        }
    };
    let notes = notes(&table, &split);
    Ok(Prepared { study, table, split, split_words, sample, target, trained, files, read_predictions, read_targets, notes })
}

/// A file of records or codes, read.
struct Opened {
    key: String,
    raw: RawTable,
    /// Of a predictions file: what it says.
    ranked: Ranked,
    facts: FileFacts,
}

/// Reads every file that the study refers to: first all heads, so that misspelt columns are told together, then the columns.
fn open(study: &Study, origin: &Origin) -> Result<Vec<Opened>, Failure> {
    let data = &study.dataset;
    let mut problems = Vec::new();
    let mut heads = Vec::new();
    let mut contents = Vec::new();
    for file in study.files() {
        // Predictions and code frames are read in the dialect of plain CSV; the data set's own is for its records.
        let own = file.key.starts_with("dataset.files") || file.key.starts_with("dataset.join");
        let dialect = if own { Dialect { encoding: data.encoding, delimiter: data.delimiter } } else { Dialect::default() };
        let at = |problem: Problem| match study.place(&file.key) {
            Some(place) if problem.class == Class::Environment => {
                Problem { message: format!("`{}`: {}", file.written, problem.message), place: Some(Box::new(place)), ..problem }
            }
            _ => problem,
        };
        match origin.bytes(&file.path) {
            // Lines of JSON have no head; what is wrong with them is told when they are read.
            Ok(bytes) if lines(study, &file.key) => contents.push((file, dialect, bytes)),
            Ok(bytes) => match headers(&file.written, &bytes, dialect) {
                Ok(head) => {
                    heads.push((file.key.clone(), head));
                    contents.push((file, dialect, bytes));
                }
                Err(failure) => problems.extend(failure.problems),
            },
            Err(problem) => problems.push(at(problem)),
        }
    }
    problems.extend(check_columns(study, &heads));
    let replicates = replicate_columns(study, &heads, &mut problems);
    if !problems.is_empty() {
        return Err(Failure::of(problems));
    }
    let mut opened = Vec::new();
    for (file, dialect, bytes) in contents {
        let recipe = predictions_recipe(study, &file.key);
        let read = if lines(study, &file.key) { Ok(RawTable::default()) } else { read(&file.written, &bytes, dialect, &wanted(study, &file.key)) };
        let ranked = |raw: &RawTable| recipe.map_or_else(|| Ok(Ranked::default()), |recipe| ranked_of(recipe, raw, &file.written, &bytes));
        match read.and_then(|raw| ranked(&raw).map(|ranked| (raw, ranked))) {
            Ok((mut raw, ranked)) => {
                if file.key.starts_with("dataset.files") || file.key.starts_with("dataset.join") {
                    match read_numbers(&file.written, &bytes, dialect, &replicates) {
                        Ok(numbers) => raw.numbers = numbers,
                        Err(failure) => problems.extend(failure.problems),
                    }
                }
                let name = Path::new(&file.written).file_name().map_or_else(|| file.written.clone(), |n| n.to_string_lossy().into_owned());
                opened.push(Opened { key: file.key, raw, ranked, facts: FileFacts { name, bytes: bytes.len() as u64, digest: digest(&bytes) } });
            }
            Err(failure) => problems.extend(failure.problems),
        }
    }
    if problems.is_empty() { Ok(opened) } else { Err(Failure::of(problems)) }
}

/// The columns of replicate weights in the files of records and joins, which must fit what the data set says of them.
fn replicate_columns(study: &Study, heads: &[(String, Vec<String>)], problems: &mut Vec<Problem>) -> Vec<String> {
    let Some(design) = &study.dataset.design.replicates else { return Vec::new() };
    let own = || heads.iter().filter(|(key, _)| key.starts_with("dataset.files") || key.starts_with("dataset.join")).flat_map(|(_, head)| head);
    let names = design.among(own().map(String::as_str));
    let key = "dataset.design.replicates";
    let known: HashSet<&str> = own().map(String::as_str).collect();
    for (i, name) in names.iter().enumerate().filter(|(_, name)| !known.contains(name.as_str())).take(5) {
        let problem = study.problem(&format!("{key}.columns[{i}]"), format!("replicate weight `{name}` is in none of the files"));
        problems.push(match nearest(name, known.iter().copied()) {
            Some(near) => problem.remedy(format!("did you mean `{near}`?")),
            None => problem.remedy("list the columns of the data files, or of the files joined to them, that hold replicate weights"),
        });
    }
    if let ReplicateColumns::Prefixed(prefix) = &design.columns
        && names.len() < 2
    {
        let found = if names.is_empty() { "no column".to_owned() } else { "only one column".to_owned() };
        let problem = study.problem(&format!("{key}.prefix"), format!("{found} of the files is named `{prefix}` and digits"));
        problems.push(problem.remedy("check the prefix, or list the columns: columns = [\"rw_1\", \"rw_2\"]"));
    } else if let Some(scales) = design.rscales.as_ref().filter(|s| s.len() != names.len()) {
        let problem = study.problem(&format!("{key}.rscales"), format!("{} scales for the {} replicate weights in the files", scales.len(), names.len()));
        problems.push(problem.remedy("give one scale for each replicate weight"));
    }
    names
}

/// The columns of a file that the study needs.
fn wanted(study: &Study, key: &str) -> Vec<String> {
    let data = &study.dataset;
    if key == "dataset.code_frame.file" {
        return [Some(data.frame.code.clone()), data.frame.label.clone()].into_iter().flatten().collect();
    }
    if let Some(recipe) = predictions_recipe(study, key) {
        return std::iter::once(&recipe.id).chain(&recipe.codes).chain(&recipe.confidences).cloned().collect();
    }
    if let Some((_, recipe)) = study.indexes().find(|(own, _)| own == key) {
        return vec![recipe.text.clone(), recipe.code.clone()];
    }
    data.columns.iter().map(|c| c.name.clone()).chain(data.joins.iter().map(|j| j.on.clone())).collect()
}

/// The recipe of the candidate whose predictions file a key names.
fn predictions_recipe<'a>(study: &'a Study, key: &str) -> Option<&'a PredictionsRecipe> {
    study.candidates.iter().find_map(|candidate| match &candidate.recipe {
        Recipe::Predictions(recipe) if key == format!("{}.settings.path", candidate.key) => Some(recipe),
        _ => None,
    })
}

/// True for a predictions file with a JSON object a line.
fn lines(study: &Study, key: &str) -> bool {
    predictions_recipe(study, key).is_some_and(|recipe| PredictionsRecipe::lines(&recipe.path))
}

fn tabulate(study: &Study, opened: &[Opened]) -> Result<(Table, Vec<FileFacts>), Failure> {
    let of = |prefix: &str| opened.iter().filter(|o| o.key.starts_with(prefix)).map(|o| o.raw.clone()).collect::<Vec<_>>();
    let frame = opened.iter().find(|o| o.key == "dataset.code_frame.file").map(|o| &o.raw);
    let table = assemble(&study.dataset, of("dataset.files"), of("dataset.join"), frame)?;
    let facts = opened.iter().filter(|o| o.key.starts_with("dataset.")).map(|o| o.facts.clone()).collect();
    Ok((table, facts))
}

/// Candidates that gates compare with must be in the study.
fn check_versus(study: &Study, problems: &mut Vec<Problem>) {
    let ids: Vec<&str> = study.candidates.iter().map(|c| c.id.as_str()).collect();
    for (i, gate) in study.policy.gates.iter().enumerate() {
        let Some(versus) = gate.versus.as_deref().filter(|v| !ids.contains(v)) else { continue };
        let problem = study.problem(&format!("policy.gate[{i}].versus"), format!("the study has no candidate `{versus}`"));
        problems.push(match nearest(versus, ids.iter().copied()) {
            Some(near) => problem.remedy(format!("did you mean `{near}`?")),
            None => problem.remedy(format!("the candidates are: {}", ids.join(", "))),
        });
    }
}

/// Group values that the study lists must occur in the test part.
fn check_group_values(study: &Study, table: &Table, test: &[u32], problems: &mut Vec<Problem>) {
    for (i, grouping) in study.request.groupings.iter().enumerate() {
        let [variable] = grouping.variables.as_slice() else { continue };
        let Some(factor) = table.factor(variable) else { continue };
        let occur: BTreeSet<&str> = test.iter().filter_map(|&r| factor.label(r as usize)).collect();
        let missing = test.iter().any(|&r| factor.index[r as usize] == MISSING);
        let listed = grouping.values.iter().enumerate().map(|(j, value)| (format!("values[{j}]"), value));
        for (key, value) in listed.chain(grouping.reference.iter().map(|value| ("reference".to_owned(), value))) {
            if occur.contains(value.as_str()) || (missing && value == NOT_STATED) {
                continue;
            }
            let problem = study.problem(&format!("evaluate.groups[{i}].{key}"), format!("no test record has the value `{value}` of `{variable}`"));
            problems.push(match nearest(value, occur.iter().copied()) {
                Some(near) => problem.remedy(format!("did you mean `{near}`?")),
                None => problem.remedy("remove the value, or move the split so that such records are in the test part"),
            });
        }
    }
}

fn notes(table: &Table, split: &Split) -> Vec<String> {
    let mut notes = table.notes.clone();
    let unlabelled = table.truth.iter().filter(|&&t| t == MISSING).count();
    if unlabelled > 0 {
        notes.push(format!(
            "{} of {} records have no true code; they are in no part, and serve only to show what would be published of them.",
            grouped(unlabelled),
            grouped(table.rows)
        ));
    }
    let left = table.rows - unlabelled - split.train.len() - split.tune.len() - split.test.len();
    if left > 0 {
        notes.push(format!("{} labelled records are in no part: their value of the split's column is in none of its lists.", grouped(left)));
    }
    let weightless = table.weights.as_ref().map_or(0, |w| split.test.iter().filter(|&&r| w[r as usize] == 0.0).count());
    if weightless > 0 {
        notes.push(format!(
            "{} of {} test records have weight 0; they are counted as records and move no estimate.",
            grouped(weightless),
            grouped(split.test.len())
        ));
    }
    if !table.texts.is_empty() {
        let text = |row: u32| table.texts.iter().map(|(_, t)| t.get(row as usize).trim()).collect::<Vec<_>>();
        let known: HashSet<Vec<&str>> = split.train.iter().map(|&r| text(r)).filter(|t| t.iter().any(|s| !s.is_empty())).collect();
        let shared = split.test.iter().filter(|&&r| known.contains(&text(r))).count();
        if shared > 0 {
            notes.push(format!(
                "{} of {} test records ({:.1} %) have exactly the text of a training record; on new answers, accuracy may be lower.",
                grouped(shared),
                grouped(split.test.len()),
                100.0 * shared as f64 / split.test.len() as f64
            ));
        }
    }
    notes
}
