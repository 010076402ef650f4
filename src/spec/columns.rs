//! Checks the columns that a study names against the heads of the files.

use super::source::quote;
use super::study::{Reference, Study};
use super::value::suggestion;
use crate::data::Role;
use crate::model::Recipe;
use crate::value::{Problem, nearest};

/// The columns that the dataset description and the recipes name and that no file has: each with its place and the nearest column that there is.
///
/// `headers` gives, for each file of [`Study::files`], its key path (or its path as written) and its columns; what has no header is not checked.
#[must_use]
pub fn check_columns(study: &Study, headers: &[(String, Vec<String>)]) -> Vec<Problem> {
    let head =
        |file: &Reference| headers.iter().find(|(key, _)| *key == file.key).or_else(|| headers.iter().find(|(key, _)| *key == file.written)).map(|(_, h)| h);
    let files: Vec<(Reference, Option<&Vec<String>>)> = study
        .files()
        .into_iter()
        .map(|f| {
            let h = head(&f);
            (f, h)
        })
        .collect();
    let mut problems = Vec::new();
    records(study, &files, &mut problems);
    let lookup = |key: &str| files.iter().find(|(f, _)| f.key == key).and_then(|(f, h)| Some((f, (*h)?)));
    let frame = &study.dataset.frame;
    if let Some((file, header)) = lookup("dataset.code_frame.file") {
        expect(study, "dataset.code_frame.code", &frame.code, file, header, &mut problems);
        if let Some(label) = &frame.label {
            expect(study, "dataset.code_frame.label", label, file, header, &mut problems);
        }
    }
    for (key, recipe) in study.indexes() {
        let Some((file, header)) = lookup(&key) else { continue };
        let settings = key.trim_end_matches(".path");
        expect(study, &format!("{settings}.text"), &recipe.text, file, header, &mut problems);
        expect(study, &format!("{settings}.code"), &recipe.code, file, header, &mut problems);
    }
    for candidate in &study.candidates {
        let Recipe::Predictions(recipe) = &candidate.recipe else { continue };
        let key = format!("{}.settings", candidate.key);
        let Some((file, header)) = lookup(&format!("{key}.path")) else { continue };
        expect(study, &format!("{key}.id"), &recipe.id, file, header, &mut problems);
        for (name, columns) in [("codes", &recipe.codes), ("confidences", &recipe.confidences)] {
            for (i, column) in columns.iter().enumerate() {
                expect(study, &format!("{key}.{name}[{i}]"), column, file, header, &mut problems);
            }
        }
    }
    problems
}

/// The described columns, among all files of records and joins; the id in every file of records; the keys of the joins.
fn records(study: &Study, files: &[(Reference, Option<&Vec<String>>)], problems: &mut Vec<Problem>) {
    let of =
        |prefix: &str| -> Vec<(&Reference, Option<&Vec<String>>)> { files.iter().filter(|(f, _)| f.key.starts_with(prefix)).map(|(f, h)| (f, *h)).collect() };
    let (main, joined) = (of("dataset.files"), of("dataset.join"));
    let described: Vec<&str> = study.dataset.columns.iter().map(|c| c.name.as_str()).collect();
    let mut present: Vec<&str> = Vec::new();
    for name in main.iter().chain(&joined).filter_map(|(_, h)| *h).flatten() {
        if !present.contains(&name.as_str()) {
            present.push(name);
        }
    }
    let complete = main.iter().chain(&joined).all(|(_, h)| h.is_some());
    for name in described.iter().filter(|name| complete && !present.contains(name)) {
        let free: Vec<&str> = present.iter().copied().filter(|p| !described.contains(p)).collect();
        let remedy = match nearest(name, free.iter().copied()).or_else(|| nearest(name, present.iter().copied())) {
            Some(near) => format!("did you mean {}?", quote(near)),
            None => suggestion(name, &if free.is_empty() { present.clone() } else { free }),
        };
        let message = format!("column {} is in none of the files", quote(name));
        problems.push(study.problem(&format!("dataset.columns.{name}"), message).remedy(remedy));
    }
    let id = study.dataset.with_role(Role::Id).next().map(|c| c.name.as_str()).filter(|id| present.contains(id));
    for (file, header) in main.iter().filter_map(|(f, h)| Some((f, (*h)?))) {
        if let Some(id) = id.filter(|id| !header.iter().any(|h| h == id)) {
            let message = format!("file {} has no column {}, which identifies the records", quote(&file.written), quote(id));
            problems.push(study.problem(&file.key, message).remedy(suggestion(id, &header.iter().map(String::as_str).collect::<Vec<_>>())));
        }
    }
    for (i, join) in study.dataset.joins.iter().enumerate() {
        let key = format!("dataset.join[{i}].on");
        if let Some((file, Some(header))) = joined.iter().find(|(f, _)| f.key == format!("dataset.join[{i}].path")) {
            expect(study, &key, &join.on, file, header, problems);
        }
        let everywhere = main.iter().all(|(_, h)| h.is_some());
        if everywhere && !main.iter().any(|(_, h)| h.is_some_and(|h| h.contains(&join.on))) {
            let names: Vec<&str> = main.iter().filter_map(|(_, h)| *h).flatten().map(String::as_str).collect();
            problems.push(study.problem(&key, format!("no file of records has the column {}", quote(&join.on))).remedy(suggestion(&join.on, &names)));
        }
    }
}

fn expect(study: &Study, key: &str, column: &str, file: &Reference, header: &[String], problems: &mut Vec<Problem>) {
    if header.iter().any(|h| h == column) {
        return;
    }
    let names: Vec<&str> = header.iter().map(String::as_str).collect();
    problems.push(study.problem(key, format!("file {} has no column {}", quote(&file.written), quote(column))).remedy(suggestion(column, &names)));
}
