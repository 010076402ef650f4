//! Index files: every entry checked against the code frame, and given to the candidates that look it up.

use crate::data::{RawTable, Role, Strings, Table};
use crate::measure::FileFacts;
use crate::model::{IndexEntries, IndexSource};
use crate::spec::Study;
use crate::value::{Class, Problem, nearest};
use std::sync::Arc;

/// Most problems of one kind that are listed.
const MOST_LISTED: usize = 5;

/// Gives each candidate's index its entries from the file that `opened` has under the key of its path.
pub fn fill<'a>(study: &mut Study, table: &Table, opened: impl Fn(&str) -> Option<(&'a RawTable, &'a FileFacts)>, problems: &mut Vec<Problem>) {
    columns(study, problems);
    let mut read: Vec<(String, Arc<IndexEntries>)> = Vec::new();
    for (key, recipe) in study.indexes() {
        let found = opened(&key).and_then(|(raw, facts)| Some((raw, facts, raw.column(&recipe.text)?, raw.column(&recipe.code)?)));
        let Some((raw, facts, texts, codes)) = found else {
            problems.push(study.problem(&key, "the index file was not read"));
            continue;
        };
        check(table, raw, (&recipe.text, texts), (&recipe.code, codes), problems);
        let entries = IndexEntries { file: facts.name.clone(), digest: facts.digest.clone(), texts: texts.clone(), codes: codes.clone() };
        read.push((key, Arc::new(entries)));
    }
    for candidate in &mut study.candidates {
        let own = candidate.key.clone();
        candidate.recipe.fill(&mut |key| read.iter().find(|(k, _)| *k == format!("{own}.{key}")).map(|(_, entries)| Arc::clone(entries)));
    }
}

/// The text column that an index looks up must be one that its candidate may look at, and be named where there are several.
fn columns(study: &Study, problems: &mut Vec<Problem>) {
    for candidate in &study.candidates {
        let may = |name: &String| candidate.columns.is_empty() || candidate.columns.contains(name);
        let texts: Vec<&str> = study.dataset.with_role(Role::Text).map(|c| &c.name).filter(|n| may(n)).map(String::as_str).collect();
        for (key, recipe) in candidate.recipe.indexes() {
            let settings = format!("{}.{}", candidate.key, key.trim_end_matches(".path"));
            let problem = match &recipe.column {
                Some(column) if !texts.contains(&column.as_str()) => {
                    let problem = study.problem(&format!("{settings}.column"), format!("the candidate may look at no text column `{column}`"));
                    Some(match nearest(column, texts.iter().copied()) {
                        Some(near) => problem.remedy(format!("did you mean `{near}`?")),
                        None => problem.remedy(format!("the text columns are: {}", texts.join(", "))),
                    })
                }
                None if recipe.from == IndexSource::File && texts.len() > 1 => {
                    let problem = study.problem(&settings, format!("an entry of the index is one text, and there are {} text columns", texts.len()));
                    Some(problem.remedy(format!("name the one that is looked up: column = \"{}\"", texts[0])))
                }
                _ => None,
            };
            problems.extend(problem);
        }
    }
}

/// An entry needs a text, and a code that the study has.
fn check(table: &Table, raw: &RawTable, (text, texts): (&str, &Strings), (code, codes): (&str, &Strings), problems: &mut Vec<Problem>) {
    if texts.is_empty() {
        problems.push(Problem::new(Class::Data, "the index has no entry").file(&raw.file).remedy("a header line alone is not enough"));
    }
    let mut list = |column: &str, wrong: &mut dyn FnMut(usize) -> Option<(String, String)>| {
        let mut found = Vec::new();
        let mut more = 0;
        for row in 0..texts.len() {
            let Some((message, remedy)) = wrong(row) else { continue };
            if found.len() < MOST_LISTED { found.push(raw.problem(row, column, message).remedy(remedy)) } else { more += 1 }
        }
        if let Some(last) = found.last_mut().filter(|_| more > 0) {
            last.message.push_str(&format!(" (and {more} more like this)"));
        }
        problems.extend(found);
    };
    list(text, &mut |row| texts.get(row).trim().is_empty().then(|| ("an entry of the index has no text".into(), "write the text, or remove the entry".into())));
    list(code, &mut |row| codes.get(row).is_empty().then(|| ("an entry of the index has no code".into(), "write the code, or remove the entry".into())));
    if table.framed {
        list(code, &mut |row| {
            let code = codes.get(row);
            let known = code.is_empty() || table.codes.binary_search_by(|c| c.as_str().cmp(code)).is_ok();
            (!known).then(|| {
                let remedy = match nearest(code, table.codes.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`? Leading zeros may have been lost"),
                    None => "use the codes of the study's code frame; leading zeros may have been lost".to_owned(),
                };
                (format!("the index gives code `{code}`, which is not in the code frame"), remedy)
            })
        });
    }
}
