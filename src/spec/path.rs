//! Paths in study files: relative to the file that names them, and nothing else.

use super::Files;
use super::sink::Sink;
use super::source::quote;
use super::value::Value;
use crate::model::PredictionsRecipe;
use crate::value::{Class, Place, Problem};
use std::path::{Component, Path, PathBuf};

/// A path without `.` and without a folder that `..` leaves again, e.g. `reports/a/../../data` becomes `data`.
/// For names in messages and for files in memory; on disk a link may lead elsewhere, so files are opened by the path as it was.
#[must_use]
pub fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(tidy.components().next_back(), Some(Component::Normal(_))) => {
                tidy.pop();
            }
            part => tidy.push(part),
        }
    }
    tidy
}

/// A path as messages name it.
pub(super) fn name(path: &Path) -> String {
    tidy(path).to_string_lossy().into_owned()
}

/// The folder of a file.
pub(super) fn folder(path: &Path) -> PathBuf {
    path.parent().map(Path::to_path_buf).unwrap_or_default()
}

/// A relative path as written; whether the file is there is another question.
pub(super) fn relative(value: &Value<'_>, out: &mut Sink) -> Option<String> {
    let text = value.filled(out)?;
    let trouble = if text.contains("://") || text.starts_with("file:") {
        Some(("is a web address", "download the file first and give its path: nothing is read over a network"))
    } else if text.starts_with('~') || text.contains('$') {
        Some(("stands for a folder that differs between users", "write the path relative to this file, e.g. \"../data.csv\""))
    } else if text.starts_with('/') || text.starts_with('\\') || text.as_bytes().get(1) == Some(&b':') {
        Some(("is an absolute path, which only exists on one machine", "write the path relative to this file, e.g. \"../data.csv\""))
    } else if text.contains('\\') {
        Some(("has a backslash", "separate folders with /"))
    } else if text.chars().any(char::is_control) {
        Some(("has a control character", "write the path in plain characters"))
    } else {
        None
    };
    if let Some((what, remedy)) = trouble {
        out.push(value.problem(format!("{} {what}: {}", quote(&value.name), quote(&text))).remedy(remedy));
        return None;
    }
    Some(text)
}

/// Reports a file that is not there, at the key that names it.
pub(super) fn present(files: &dyn Files, path: &Path, value: &Value<'_>, out: &mut Sink) -> bool {
    let there = files.exists(path);
    if !there {
        out.push(absent(files, path, value.place.clone()));
    }
    there
}

fn absent(files: &dyn Files, path: &Path, place: Place) -> Problem {
    let remedy = match files.near(path) {
        Some(near) => format!("did you mean {}?", quote(&near)),
        None => "check the path: it is relative to the file that names it".to_owned(),
    };
    Problem::new(Class::Environment, format!("there is no file {}", quote(&name(path)))).at(place).remedy(remedy)
}

/// Reads a file that a key names; a problem gets the key's place when it has none. Each file is kept once among the sources.
pub(super) fn text(files: &dyn Files, path: &Path, value: &Value<'_>, out: &mut Sink) -> Option<String> {
    if !present(files, path, value, out) {
        return None;
    }
    match files.text(path) {
        Ok(text) => {
            let name = name(path);
            if !out.sources.iter().any(|(n, _)| *n == name) {
                out.sources.push((name, text.clone()));
            }
            Some(text)
        }
        Err(problem) => {
            out.push(problem.at(value.place.clone()));
            None
        }
    }
}

/// The description file that a key means: the path itself when it ends in `.toml`, else the file of that name in the folder.
pub(super) fn description(folder: &Path, written: &str, file: &str) -> PathBuf {
    let path = folder.join(written);
    if written.ends_with(".toml") { path } else { path.join(file) }
}

/// Endings of tables of records: delimited text, and Parquet.
const ENDINGS: [&str; 5] = [".csv", ".tsv", ".txt", ".parquet", ".pq"];

/// A path to a table of records, its format known by its ending.
pub(super) fn table(value: &Value<'_>, out: &mut Sink) -> Option<String> {
    let path = relative(value, out)?;
    let lower = path.to_lowercase();
    if ENDINGS.iter().any(|e| lower.ends_with(e)) {
        return Some(path);
    }
    out.push(
        value
            .problem(format!("{} is neither CSV nor Parquet by its ending: {}", quote(&value.name), quote(&path)))
            .remedy(format!("the ending is one of {}", ENDINGS.join(", "))),
    );
    None
}

/// A path to a file of codes made elsewhere: a table of records, or a JSON object a line.
pub(super) fn coded(value: &Value<'_>, out: &mut Sink) -> Option<String> {
    let path = relative(value, out)?;
    if PredictionsRecipe::lines(&path) { Some(path) } else { table(value, out) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tidies_what_can_be_tidied() {
        for (path, tidied) in [("reports/a/../../data/x.csv", "data/x.csv"), ("../x", "../x"), ("./a/./b", "a/b"), ("../../a/..", "../.."), ("/a/../b", "/b")] {
            assert_eq!(tidy(Path::new(path)), Path::new(tidied), "{path}");
        }
    }
}
