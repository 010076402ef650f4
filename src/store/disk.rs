//! Reading regular files, and their digests.

use crate::model::other_size;
use crate::spec::Files;
use crate::value::{Class, Problem, nearest};
use std::io::ErrorKind;
use std::path::Path;

/// Largest file that is read, in bytes.
const LARGEST_FILE: u64 = 64 << 30;
/// Largest text file (study, dataset, model, policy) that is read, in bytes.
const LARGEST_TEXT: u64 = 8 << 20;

/// Reads a regular file.
///
/// # Errors
/// A missing file (with the nearest name beside it), a folder, a device, no permission.
pub fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    regular(path, LARGEST_FILE)?;
    std::fs::read(path).map_err(|e| unreadable(path, &e))
}

/// Reads a regular file of at most some bytes.
///
/// # Errors
/// As [`read`], and a larger file.
pub fn read_up_to(path: &Path, largest: u64) -> Result<Vec<u8>, Problem> {
    regular(path, largest)?;
    std::fs::read(path).map_err(|e| unreadable(path, &e))
}

/// Reads a regular file that is said to have a size; one of another size is not read.
///
/// # Errors
/// As [`read`], and a size that differs.
pub fn read_sized(path: &Path, bytes: u64) -> Result<Vec<u8>, Problem> {
    regular(path, LARGEST_FILE)?;
    let facts = std::fs::metadata(path).map_err(|e| unreadable(path, &e))?;
    if facts.len() != bytes {
        // What it begins with tells the reader what it may be instead.
        let mut first = Vec::new();
        let _ = std::fs::File::open(path).and_then(|file| std::io::Read::read_to_end(&mut std::io::Read::take(file, 16), &mut first));
        return Err(other_size(&path.display().to_string(), facts.len(), bytes, &first));
    }
    std::fs::read(path).map_err(|e| unreadable(path, &e))
}

fn regular(path: &Path, largest: u64) -> Result<(), Problem> {
    let facts = std::fs::metadata(path).map_err(|e| unreadable(path, &e))?;
    let wrong = |message: String, remedy: &str| Err(Problem::new(Class::Environment, message).file(path.display().to_string()).remedy(remedy));
    if facts.is_dir() {
        return wrong("is a folder, not a file".to_owned(), "name the file in it");
    }
    if !facts.is_file() {
        return wrong("is not a regular file".to_owned(), "copy its contents to a file first");
    }
    if facts.len() > largest {
        return wrong(format!("has {} bytes, more than is read", facts.len()), "split it");
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    let file = path.display().to_string();
    match error.kind() {
        ErrorKind::NotFound => {
            let problem = Problem::new(Class::Environment, "the file does not exist").file(file);
            let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            if !folder.exists() {
                return problem.remedy(format!("there is no folder {} either; check the path", folder.display()));
            }
            match near(path) {
                Some(name) => problem.remedy(format!("did you mean `{name}`?")),
                None => problem.remedy("check the path; it counts from the folder you are in"),
            }
        }
        ErrorKind::PermissionDenied => Problem::new(Class::Environment, "no permission to read the file").file(file).remedy("ask its owner for read access"),
        _ => Problem::new(Class::Environment, format!("the file cannot be read: {error}")).file(file).remedy("check the disk or the network drive it is on"),
    }
}

/// The name in a missing file's folder that is most like its own.
fn near(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut names: Vec<String> = std::fs::read_dir(folder).ok()?.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    nearest(&path.file_name()?.to_string_lossy(), names.iter().map(String::as_str)).map(str::to_owned)
}

/// Study files on disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Files for Disk {
    fn text(&self, path: &Path) -> Result<String, Problem> {
        regular(path, LARGEST_TEXT)?;
        let bytes = std::fs::read(path).map_err(|e| unreadable(path, &e))?;
        String::from_utf8(bytes).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            let line = 1 + e.as_bytes()[..at].iter().filter(|b| **b == b'\n').count();
            Problem::new(Class::Study, "a byte that is not UTF-8").file(path.display().to_string()).line(line).remedy("save the file as UTF-8")
        })
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn near(&self, path: &Path) -> Option<String> {
        near(path)
    }
}

/// Writes a file so that it is there whole or as it was before.
///
/// # Errors
/// No permission, or no room.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    use std::io::Write as _;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let written = builder.tempfile_in(folder).and_then(|mut file| {
        file.write_all(bytes)?;
        file.persist(path).map_err(|e| e.error)
    });
    let wrong = |e| Problem::new(Class::Environment, format!("the file cannot be written: {e}")).file(path.display().to_string());
    written.map(|_| ()).map_err(|e| wrong(e).remedy("check that the folder may be written to and has room"))
}

/// Names of the folders in a folder that hold a file of a name, sorted.
#[must_use]
pub fn folders_with(folder: &Path, file: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter(|e| e.path().join(file).is_file()).map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The time now, UTC, to the second, as RFC 3339.
#[must_use]
pub fn now() -> String {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let day = crate::value::Day(i32::try_from(seconds / 86_400).unwrap_or(i32::MAX));
    let rest = seconds % 86_400;
    format!("{day}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}
