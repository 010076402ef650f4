//! Lays out folders with commented files for one's own work.

use crate::spec::templates;
use crate::store::Batch;
use crate::value::{Class, Failure, Problem};
use std::path::{Path, PathBuf};

/// Writes the templates into a folder; none of them may exist there yet.
///
/// # Errors
/// A file that exists already (nothing is overwritten), a folder that cannot be written.
pub fn init(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let there: Vec<Problem> = templates()
        .iter()
        .map(|(path, _)| folder.join(path))
        .filter(|path| path.exists())
        .map(|path| {
            Problem::new(Class::Environment, "the file exists already and is not overwritten")
                .file(path.display().to_string())
                .remedy("choose another folder, or move the file away")
        })
        .collect();
    if !there.is_empty() {
        return Err(Failure::of(there));
    }
    let mut batch = Batch::prepare(folder)?;
    for (path, text) in templates() {
        batch.add(path, text.as_bytes().to_vec());
    }
    batch.write()
}
