//! Candidates brought along as something that codes: model files of other programs, and programs. Nothing of them runs before it is allowed.

use super::prepare::Prepared;
use super::run::input;
use crate::model::{Coder, FastText, Input, Onnx, OnnxRecipe, Recipe, SavedModel, Target};
use crate::spec::Candidate;
use crate::store::{Program, digest, read, read_model};
use crate::value::{Class, Failure, Place, Problem};
use std::collections::BTreeSet;
use std::path::Path;

/// A candidate that was brought along, ready to code.
pub enum Brought {
    /// A model file that was loaded, and its digest.
    Model(Box<dyn Coder>, String),
    /// A model that this program saved, loaded.
    Saved(Box<SavedModel>),
    /// A program.
    Program(Program),
}

impl Brought {
    /// Lets it learn, if it does, and gives what codes.
    pub fn coder(&self, train: &Input<'_>, target: &Target<'_>, phase: &mut dyn FnMut(&'static str)) -> Result<&dyn Coder, Failure> {
        match self {
            Self::Model(coder, _) => Ok(coder.as_ref()),
            Self::Saved(model) => Ok(model.as_ref()),
            Self::Program(program) => {
                if program.learns() {
                    phase("fit");
                    program.train(train, target)?;
                }
                Ok(program)
            }
        }
    }

    /// SHA-256 of what it is.
    pub fn digest(&self) -> String {
        match self {
            Self::Model(_, digest) => digest.clone(),
            Self::Saved(model) => model.digest.clone(),
            Self::Program(program) => program.digest().to_owned(),
        }
    }
}

/// The candidates that run a program of their own.
pub fn programs(prepared: &Prepared) -> Vec<(&Candidate, String)> {
    let words = |c: &Candidate| match &c.recipe {
        Recipe::Command(recipe) => Some(recipe.words()),
        _ => None,
    };
    prepared.study.candidates.iter().filter_map(|c| Some((c, words(c)?))).collect()
}

/// Refuses a study that runs programs, unless they are allowed: a study from elsewhere is data, and data must not run.
pub fn allowed(prepared: &Prepared, allow: bool) -> Result<(), Failure> {
    let refused: Vec<Problem> = programs(prepared)
        .into_iter()
        .filter(|_| !allow)
        .map(|(candidate, words)| {
            let problem = prepared.study.problem(&format!("{}.id", candidate.key), format!("candidate `{}` runs a program: {words}", candidate.id));
            problem.remedy("see what it does; if you trust it, run the study again with --allow-commands")
        })
        .collect();
    if refused.is_empty() { Ok(()) } else { Err(Failure::of(refused)) }
}

/// Loads every model file that was brought along, and makes programs ready; `load` is called as each file is begun. One for each candidate of the
/// study, none for those that are trained here or read from a file of codes.
///
/// # Errors
/// All model files that cannot be loaded.
pub fn brought(prepared: &Prepared, load: &mut dyn FnMut(&Candidate)) -> Result<Vec<Option<Brought>>, Failure> {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for candidate in &prepared.study.candidates {
        let one = match &candidate.recipe {
            Recipe::FastText(recipe) => {
                load(candidate);
                let model = read(&candidate.folder.join(&recipe.path)).map_err(Failure::from).and_then(|bytes| {
                    let digest = digest(&bytes);
                    Ok(Brought::Model(Box::new(FastText::load(recipe, bytes)?), digest))
                });
                model.map(Some)
            }
            Recipe::Saved(recipe) => {
                load(candidate);
                read_model(&candidate.folder.join(&recipe.path)).and_then(|model| {
                    readable(&model, prepared, candidate)?;
                    Ok(Some(Brought::Saved(Box::new(model))))
                })
            }
            Recipe::Onnx(recipe) => {
                load(candidate);
                onnx(prepared, candidate, recipe).map(Some)
            }
            Recipe::Command(recipe) => {
                Program::new(recipe, candidate.folder.clone(), &candidate.text, prepared.table.codes.len()).map(|p| Some(Brought::Program(p)))
            }
            _ => Ok(None),
        };
        match one {
            Ok(one) => found.push(one),
            Err(failure) => problems.extend(failure.problems.into_iter().map(|p| named(p, prepared, candidate))),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(Failure::of(problems)) }
}

/// That the study lets a saved model read the columns it was trained on.
fn readable(model: &SavedModel, prepared: &Prepared, candidate: &Candidate) -> Result<(), Failure> {
    let input = input(prepared, &candidate.columns, &[]);
    let (texts, categories, numbers) = (
        input.texts.iter().map(|(n, _)| *n).collect::<BTreeSet<_>>(),
        input.categories.iter().map(|(n, _)| *n).collect::<BTreeSet<_>>(),
        input.numbers.iter().map(|(n, _)| *n).collect::<BTreeSet<_>>(),
    );
    let columns = &model.head.columns;
    let missing = [("text", &columns.texts, texts), ("category", &columns.categories, categories), ("number", &columns.numbers, numbers)]
        .into_iter()
        .flat_map(|(role, wanted, there)| wanted.iter().filter(move |name| !there.contains(name.as_str())).map(move |name| (role, name)));
    let problems: Vec<Problem> = missing
        .map(|(role, name)| {
            Problem::new(Class::Model, format!("the saved model reads the {role} column `{name}`, which it does not get here"))
                .remedy(format!("give a column of that name the role `{role}` in the data set, and let the candidate read it"))
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Failure::of(problems)) }
}

/// Largest file of a model's classes that is read, in bytes.
const LARGEST_CLASSES: usize = 8 << 20;

/// A model file in the ONNX format, with the codes of its classes where a file has them.
fn onnx(prepared: &Prepared, candidate: &Candidate, recipe: &OnnxRecipe) -> Result<Brought, Failure> {
    let mut recipe = recipe.clone();
    if let Some(file) = &recipe.classes_file {
        let wrong = |message: &str| {
            Problem::new(Class::Model, message).file(file).remedy("write the codes as UTF-8 text, one a line, in the order of the model's classes")
        };
        let bytes = read(&candidate.folder.join(file))?;
        let text = std::str::from_utf8(&bytes).ok().filter(|t| t.len() <= LARGEST_CLASSES).ok_or_else(|| wrong("the file of classes is no text of codes"))?;
        recipe.classes = text.trim_start_matches('\u{feff}').lines().map(|l| l.trim().to_owned()).collect();
        if recipe.classes.len() < 2 || recipe.classes.iter().any(String::is_empty) {
            return Err(wrong("the file of classes has fewer than two codes, or an empty line").into());
        }
    }
    let bytes = read(&candidate.folder.join(&recipe.path))?;
    let table = &prepared.table;
    let model = Onnx::load(&recipe, &bytes, &input(prepared, &candidate.columns, &[]), &table.codes, table.framed)?;
    Ok(Brought::Model(Box::new(model), digest(&bytes)))
}

/// A problem of a model file, at the key that names the file; of a saved model's folder, the file in it is named too.
fn named(mut problem: Problem, prepared: &Prepared, candidate: &Candidate) -> Problem {
    let key = format!("{}.settings.path", candidate.key);
    if let Some(place) = prepared.study.place(&key).filter(|_| problem.class == Class::Model) {
        let within = problem.place.as_ref().and_then(|p| p.within.clone());
        let inner = problem.place.as_ref().filter(|_| matches!(candidate.recipe, Recipe::Saved(_))).filter(|p| !p.file.is_empty());
        let inner = inner.map(|p| {
            let name = Path::new(&p.file).file_name().map_or_else(|| p.file.clone(), |n| n.to_string_lossy().into_owned());
            p.line.map_or_else(|| name.clone(), |line| format!("{name}:{line}"))
        });
        let within: Vec<String> = inner.into_iter().chain(within).collect();
        problem.place = Some(Box::new(Place { within: (!within.is_empty()).then(|| within.join(", ")), ..place }));
    }
    problem
}
