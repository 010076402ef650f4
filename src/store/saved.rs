//! Folders of saved models: written whole or not at all, read no further than their own description and our limits allow.

use super::batch::Batch;
use super::disk::{read_sized, read_up_to};
use crate::model::{HEAD_FILE, SavedFiles, SavedModel, load};
use crate::value::{Failure, Problem};
use std::path::{Path, PathBuf};

/// Largest description of a model that is read, in bytes.
const LARGEST_HEAD: u64 = 16 << 20;

/// Writes a saved model into a folder, readable by its owner only.
///
/// # Errors
/// A folder that cannot be made or written; then nothing of the model is there.
pub fn write_model(folder: &Path, model: &SavedFiles) -> Result<Vec<PathBuf>, Failure> {
    let mut batch = Batch::prepare(folder)?;
    for (name, bytes) in &model.files {
        batch.stage_private(*name, bytes)?;
    }
    batch.write()
}

/// Loads a saved model from its folder, or from the `model.toml` in it.
///
/// # Errors
/// A folder that is not there, and all that [`load`] refuses.
pub fn read_model(path: &Path) -> Result<SavedModel, Failure> {
    let folder = if path.file_name().is_some_and(|name| name == HEAD_FILE) && !path.is_dir() { path.parent().unwrap_or(Path::new(".")) } else { path };
    let head = read_up_to(&folder.join(HEAD_FILE), LARGEST_HEAD)?;
    let mut file = |name: &str, bytes: u64| -> Result<Vec<u8>, Problem> { read_sized(&folder.join(name), bytes) };
    load(&folder.display().to_string(), &head, &mut file)
}
