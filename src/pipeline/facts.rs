//! What the evidence says of study, candidate and data, beside what is measured.

use super::prepare::{Origin, Prepared};
use super::tested::test_digest;
use crate::measure::{CandidateFacts, DataFacts, SavedFacts, StudyFacts};
use crate::model::Recipe;
use crate::spec::Candidate;
use crate::store::digest;
use std::collections::BTreeSet;

/// Name and version of the program.
pub(super) fn program() -> String {
    format!("proofmark {}", env!("CARGO_PKG_VERSION"))
}

/// What the study is, for the evidence.
pub(super) fn study_facts(prepared: &Prepared, origin: &Origin) -> StudyFacts {
    let study = &prepared.study;
    let command = match origin {
        // The name alone: where the file lies on this machine is nobody's business.
        Origin::File(path) => format!("proofmark run {}", path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()),
        Origin::Demonstration => "proofmark run".to_owned(),
    };
    StudyFacts {
        languages: study.languages.iter().map(|l| l.tag.clone()).collect(),
        title: study.title.clone(),
        purpose: study.purpose.clone(),
        collection: study.collection.clone(),
        people: study.people.clone(),
        digest: digest(study.text.as_bytes()),
        level: study.request.level,
        minimum_group: study.request.minimum_group,
        seed: study.seed,
        current: study.current.clone(),
        annual_records: study.cost.annual_records,
        terms: Some(study.cost.terms.clone()).filter(|t| !t.is_empty()),
        retrainings_per_year: study.cost.retrainings_per_year,
        protection: study.protection.clone(),
        command,
    }
}

/// What a candidate is, with the recipe that it was trained by.
pub(super) fn candidate_facts(
    candidate: &Candidate,
    recipe: &Recipe,
    facts: Vec<(String, String)>,
    digest: String,
    saved: Option<SavedFacts>,
) -> CandidateFacts {
    CandidateFacts {
        id: candidate.id.clone(),
        name: candidate.name.clone(),
        kind: recipe.kind().to_owned(),
        floor: candidate.floor,
        owner: candidate.owner.clone(),
        intended_use: candidate.intended_use.clone(),
        out_of_scope: candidate.out_of_scope.clone(),
        settings: settings(recipe).into_iter().chain((!candidate.columns.is_empty()).then(|| ("columns".to_owned(), candidate.columns.join(", ")))).collect(),
        facts,
        digest,
        saved,
    }
}

/// What the data are; `codes` are those that need a label.
pub(super) fn data_facts(prepared: &Prepared, codes: &BTreeSet<String>) -> DataFacts {
    let Prepared { table, split, sample, study, .. } = prepared;
    let labelled = table.labelled().len() as u64;
    let deepest = table.levels.last().map_or(0, |l| l.digits);
    DataFacts {
        title: study.dataset.title.clone(),
        description: study.dataset.about.clone(),
        files: prepared.files.clone(),
        records: table.rows as u64,
        unlabelled: table.rows as u64 - labelled,
        train: split.train.len() as u64,
        tune: split.tune.len() as u64,
        test: split.test.len() as u64,
        test_digest: Some(test_digest(prepared)),
        split: prepared.split_words.clone(),
        design: sample.words.clone(),
        strata: sample.strata,
        psus: sample.psus,
        weight_sum: sample.weight_sum,
        codes_trained: prepared.trained.len() as u64,
        codes_in_frame: table.framed.then(|| table.codes.iter().filter(|c| c.chars().count() > deepest).count() as u64),
        code_levels: table.levels.iter().map(|l| l.name.clone()).chain([table.full_level.clone()]).collect(),
        variable_labels: {
            let used = |name: &String| study.request.groupings.iter().any(|g| g.variables.contains(name));
            let mut labels: Vec<_> = study.dataset.columns.iter().filter(|c| used(&c.name)).filter_map(|c| Some((c.name.clone(), c.label.clone()?))).collect();
            labels.sort();
            labels
        },
        code_labels: codes.iter().map(|c| (c.clone(), table.labels.get(c).cloned().unwrap_or_default())).collect(),
    }
}

/// The settings of a recipe as (name, value), from its serialised form, so that a new setting needs no code here.
fn settings(recipe: &Recipe) -> Vec<(String, String)> {
    fn flatten(prefix: &str, value: &serde_json::Value, list: &mut Vec<(String, String)>) {
        use serde_json::Value;
        let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        match value {
            Value::Object(map) => map.iter().for_each(|(key, v)| match v {
                // The kind of a step stands around its settings.
                Value::Object(inner) if key == "recipe" && inner.len() == 1 => inner.iter().for_each(|(kind, settings)| {
                    list.push(("kind".to_owned(), kind.clone()));
                    flatten("", settings, list);
                }),
                v => flatten(key, v, list),
            }),
            // Members of an ensemble, steps of a cascade: each setting under the member's number.
            Value::Array(items) if items.iter().any(Value::is_object) => {
                for (number, item) in items.iter().enumerate() {
                    let mut own = Vec::new();
                    flatten("", item, &mut own);
                    let one = prefix.trim_end_matches('s');
                    list.extend(own.into_iter().map(|(name, v)| (format!("{one} {}: {name}", number + 1), v)));
                }
            }
            Value::Array(items) => list.push((prefix.to_owned(), items.iter().map(text).collect::<Vec<_>>().join(", "))),
            other => list.push((prefix.to_owned(), text(other))),
        }
    }
    let mut list = Vec::new();
    if let Ok(serde_json::Value::Object(kinds)) = serde_json::to_value(recipe) {
        kinds.values().for_each(|v| flatten("", v, &mut list));
    }
    // Where a file or an interpreter lies is not a setting of the model, and may name this machine.
    list.retain(|(name, _)| !["path", "command", "train"].contains(&name.rsplit(": ").next().unwrap_or_default()));
    list
}
