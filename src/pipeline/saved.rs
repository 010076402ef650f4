//! Saves the models that a run trains, beside its other private results.

use super::brought::Brought;
use super::prepare::Prepared;
use crate::measure::SavedFacts;
use crate::model::{Coder, Provenance, Recipe, SavedFiles, save};
use crate::store::{Batch, digest};
use crate::value::{Failure, grouped};

/// Bytes beyond which a model is not saved unless the study asks for it.
const LARGE: u64 = 256 << 20;

/// What is to become of a candidate's model.
pub enum Kept {
    /// Nothing: it cannot or shall not be saved.
    None,
    /// Nothing, and a reader must know why.
    Not(String),
    /// It was loaded as it is.
    Loaded(SavedFacts),
    /// It is saved.
    Files(SavedFiles),
}

/// How models are saved in a run.
pub struct Saver {
    wanted: Option<bool>,
    provenance: Provenance,
}

impl Saver {
    /// By what the study says.
    pub fn of(prepared: &Prepared) -> Self {
        let (study, table, split) = (&prepared.study, &prepared.table, &prepared.split);
        // Files and parts say which records taught the model, whatever order files are read in.
        let mut data = String::new();
        prepared.files.iter().for_each(|f| data.push_str(&format!("{}\n", f.digest)));
        for (part, rows) in [("train", &split.train), ("tune", &split.tune)] {
            data.push_str(&format!("{part}\n"));
            for row in rows {
                data.push_str(table.ids.get(*row as usize));
                data.push('\n');
            }
        }
        let provenance = Provenance { study: Some(digest(study.text.as_bytes())), data: Some(digest(data.as_bytes())), labels: table.labels.clone() };
        Self { wanted: study.save_models, provenance }
    }

    /// Whether a candidate learnt from this study's own training records, so that ids which it names are theirs.
    pub fn taught(&self, brought: Option<&Brought>) -> bool {
        !matches!(brought, Some(Brought::Saved(model)) if model.head.data != self.provenance.data)
    }

    /// Makes the files of a candidate's model.
    pub fn save(&self, coder: &dyn Coder, recipe: &Recipe, brought: Option<&Brought>) -> Kept {
        match brought {
            Some(Brought::Saved(model)) => return Kept::Loaded(SavedFacts { digest: model.digest.clone(), bytes: model.bytes() }),
            Some(_) => return Kept::None,
            None => {}
        }
        if self.wanted == Some(false) {
            return Kept::None;
        }
        match save(coder, recipe, &self.provenance) {
            Ok(files) if files.bytes() > LARGE && self.wanted.is_none() => {
                let megabytes = grouped((files.bytes() >> 20) as usize);
                Kept::Not(format!("The model was not saved, since it is large ({megabytes} MiB); set save_models = true in the study to save it."))
            }
            Ok(files) => Kept::Files(files),
            Err(failure) => Kept::Not(format!("The model was not saved: {}.", failure.problems.first().map_or("", |p| &p.message))),
        }
    }
}

/// Writes the files of a model beside where they will appear with the other results: private, since guessed words can be looked up in a
/// model, and levels of categories are written in it. Gives what the evidence says of it, or why there is none.
pub fn keep(kept: Kept, candidate: &str, batch: &mut Batch) -> Result<Result<Option<SavedFacts>, String>, Failure> {
    match kept {
        Kept::None => Ok(Ok(None)),
        Kept::Not(why) => Ok(Err(why)),
        Kept::Loaded(facts) => Ok(Ok(Some(facts))),
        Kept::Files(saved) => {
            for (name, bytes) in &saved.files {
                batch.stage_private(format!("private/{candidate}/model/{name}"), bytes)?;
            }
            Ok(Ok(Some(SavedFacts { digest: saved.digest.clone(), bytes: saved.bytes() })))
        }
    }
}
