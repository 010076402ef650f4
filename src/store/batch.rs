//! A batch of result files: all are written beside their targets first, then all are renamed, so nothing half-written stays.

use crate::value::{Class, Failure, Problem};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Result files to be written into a folder.
#[derive(Debug)]
pub struct Batch {
    folder: PathBuf,
    files: Vec<(PathBuf, Vec<u8>, bool)>,
    /// Files written beside their targets already.
    staged: Vec<(NamedTempFile, PathBuf)>,
    /// Folders made by this batch, innermost last; removed again when it is dropped without being written.
    made: Vec<PathBuf>,
    written: bool,
}

impl Batch {
    /// Prepares a folder for results: makes it, and makes sure that files can be written there before any expensive step.
    ///
    /// # Errors
    /// A folder that cannot be made or written.
    pub fn prepare(folder: &Path) -> Result<Self, Failure> {
        let mut batch = Self { folder: folder.to_owned(), files: Vec::new(), staged: Vec::new(), made: Vec::new(), written: false };
        batch.make(folder)?;
        NamedTempFile::new_in(folder).map_err(|e| unwritable(folder, &e))?;
        Ok(batch)
    }

    /// Adds a file, at a path relative to the folder.
    pub fn add(&mut self, path: impl Into<PathBuf>, bytes: Vec<u8>) {
        self.files.push((path.into(), bytes, false));
    }

    /// Adds a file with personal data: its folder and itself can be read by their owner only.
    pub fn add_private(&mut self, path: impl Into<PathBuf>, bytes: Vec<u8>) {
        self.files.push((path.into(), bytes, true));
    }

    /// Writes a large file with personal data beside its target at once, so that it need not stay in memory; it appears with the others.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn stage_private(&mut self, path: impl Into<PathBuf>, bytes: &[u8]) -> Result<(), Failure> {
        self.stage(&path.into(), bytes, true)
    }

    fn stage(&mut self, path: &Path, bytes: &[u8], private: bool) -> Result<(), Failure> {
        let target = self.folder.join(path);
        let parent = target.parent().unwrap_or(&self.folder).to_owned();
        self.make(&parent)?;
        if target.is_dir() {
            let problem = Problem::new(Class::Environment, "a folder stands where a result file should go").file(target.display().to_string());
            return Err(problem.remedy("remove it, or choose another folder with --out").into());
        }
        if private {
            // The folder with the candidates' folders too, but not the folder of results itself.
            for folder in parent.ancestors().take_while(|f| *f != self.folder) {
                restrict(folder, 0o700).map_err(|e| unwritable(folder, &e))?;
            }
        }
        let mut temporary = NamedTempFile::with_prefix_in(".proofmark-", &parent).map_err(|e| unwritable(&target, &e))?;
        temporary.write_all(bytes).and_then(|()| temporary.as_file().sync_all()).map_err(|e| unwritable(&target, &e))?;
        restrict(temporary.path(), if private { 0o600 } else { 0o644 }).map_err(|e| unwritable(&target, &e))?;
        self.staged.push((temporary, target));
        Ok(())
    }

    /// Writes all files: each to a temporary file, flushed to disk, and only when all are there under their own names.
    ///
    /// # Errors
    /// When a file cannot be written; then none appears and earlier results stay as they were.
    pub fn write(mut self) -> Result<Vec<PathBuf>, Failure> {
        for (path, bytes, private) in std::mem::take(&mut self.files) {
            self.stage(&path, &bytes, private)?;
        }
        let staged = std::mem::take(&mut self.staged);
        let mut targets = Vec::with_capacity(staged.len());
        for (temporary, target) in staged {
            temporary.persist(&target).map_err(|e| unwritable(&target, &e.error))?;
            targets.push(target);
        }
        self.written = true;
        Ok(targets)
    }

    /// Makes a folder with the folders above it, remembering which are new.
    fn make(&mut self, folder: &Path) -> Result<(), Failure> {
        let mut missing = Vec::new();
        let mut at = folder;
        while !at.as_os_str().is_empty() && !at.exists() {
            missing.push(at.to_owned());
            match at.parent() {
                Some(parent) => at = parent,
                None => break,
            }
        }
        for path in missing.into_iter().rev() {
            match std::fs::create_dir(&path) {
                Ok(()) => self.made.push(path),
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(unwritable(&path, &e).into()),
            }
        }
        if folder.is_dir() {
            return Ok(());
        }
        Err(Problem::new(Class::Environment, "is a file, not a folder for results")
            .file(folder.display().to_string())
            .remedy("choose another folder with --out")
            .into())
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if !self.written {
            // Temporary files go first, or their folders would not be empty.
            self.staged.clear();
            // Only folders that are still empty can be removed: another program's files are safe.
            for folder in self.made.iter().rev() {
                let _ = std::fs::remove_dir(folder);
            }
        }
    }
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> std::io::Result<()> {
    Ok(())
}

fn unwritable(path: &Path, error: &std::io::Error) -> Problem {
    let file = path.display().to_string();
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Problem::new(Class::Environment, "no permission to write here").file(file).remedy("choose another folder with --out, or ask for write access")
        }
        ErrorKind::StorageFull => Problem::new(Class::Environment, "the disk is full").file(file).remedy("make room, or choose another folder with --out"),
        _ => Problem::new(Class::Environment, format!("cannot be written: {error}")).file(file).remedy("choose another folder with --out"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("a/b");
        let mut batch = Batch::prepare(&out).unwrap();
        batch.add("x/one.txt", b"1".to_vec());
        batch.add("two.txt", b"2".to_vec());
        std::fs::create_dir(out.join("two.txt")).unwrap();
        assert!(batch.write().is_err());
        assert!(!out.join("x/one.txt").exists());
        std::fs::remove_dir(out.join("two.txt")).unwrap();
        let mut batch = Batch::prepare(&out).unwrap();
        batch.add("x/one.txt", b"1".to_vec());
        batch.add_private("private/p.txt", b"3".to_vec());
        assert_eq!(batch.write().unwrap().len(), 2);
        assert_eq!(std::fs::read(out.join("x/one.txt")).unwrap(), b"1");
    }

    #[test]
    fn a_dropped_batch_leaves_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        let mut batch = Batch::prepare(&folder.path().join("new/deep")).unwrap();
        batch.stage_private("private/model/weights", &[7; 100]).unwrap();
        assert_eq!(std::fs::read_dir(folder.path().join("new/deep/private/model")).unwrap().count(), 1);
        drop(batch);
        assert!(!folder.path().join("new").exists());
        drop(Batch::prepare(&folder.path().join("new/deep")).unwrap());
        assert!(!folder.path().join("new").exists());
    }
}
