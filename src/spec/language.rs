//! The languages of a study's pages: built in, or from a catalogue that the study names.

use super::Files;
use super::path;
use super::sink::Sink;
use super::value::Value;
use crate::report::Words;
use crate::value::{Problem, nearest};
use std::path::Path;

/// A language of the pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// Its tag, as in BCP 47.
    pub tag: String,
    /// File and text of its catalogue, unless it is built in.
    pub catalogue: Option<(String, String)>,
}

impl Language {
    /// English, built in.
    #[must_use]
    pub fn english() -> Self {
        Self { tag: Words::english().tag().to_owned(), catalogue: None }
    }
}

/// `language = "fr"` or `languages = ["en", "fr"]`, and the catalogues under `messages`; the first language is that of the study's own texts.
pub fn read(
    (one, several, messages): (Option<&Value<'_>>, Option<&Value<'_>>, Option<&Value<'_>>),
    folder: &Path,
    files: &dyn Files,
    out: &mut Sink,
) -> Option<Vec<Language>> {
    let catalogues = catalogues(messages, folder, files, out)?;
    if let (Some(_), Some(both)) = (one, several) {
        out.push(both.problem("the pages' language is given twice").remedy("write `language` for one language or `languages` for a list, not both"));
        return None;
    }
    let values = match (one, several) {
        (Some(value), _) => vec![value.clone()],
        (_, Some(value)) => value.list(out)?,
        _ => return Some(vec![Language::english()]),
    };
    if values.is_empty() {
        out.push(several?.problem("the list of languages is empty").remedy("name at least one: languages = [\"en\"]"));
        return None;
    }
    let mut found: Vec<Language> = Vec::new();
    let mut good = true;
    for value in &values {
        let Some(tag) = value.filled(out) else {
            good = false;
            continue;
        };
        let own = catalogues.iter().find(|(t, _, _)| *t == tag).map(|(_, file, text)| (file.clone(), text.clone()));
        if found.iter().any(|l| l.tag == tag) {
            out.push(value.problem(format!("language `{tag}` is named twice")).remedy("name each language once"));
            good = false;
        } else if own.is_none() && Words::built_in(&tag).is_none() {
            out.push(unknown(value, &tag));
            good = false;
        } else {
            found.push(Language { tag, catalogue: own });
        }
    }
    good.then_some(found)
}

fn unknown(value: &Value<'_>, tag: &str) -> Problem {
    let known: Vec<&str> = Words::languages().collect();
    let more = format!(
        "built in are {}; for any other, name its catalogue: messages = \"{tag}.ftl\" (`proofmark messages` prints one to start from)",
        known.join(", ")
    );
    let problem = value.problem(format!("there are no messages in language `{tag}`"));
    match nearest(tag, known.iter().copied()) {
        Some(near) => problem.remedy(format!("did you mean `{near}`? {more}")),
        None => problem.remedy(more),
    }
}

/// The catalogues by their languages' tags: (tag, file, text).
fn catalogues(messages: Option<&Value<'_>>, folder: &Path, files: &dyn Files, out: &mut Sink) -> Option<Vec<(String, String, String)>> {
    let Some(messages) = messages else { return Some(Vec::new()) };
    let values = if messages.raw().is_array() { messages.list(out)? } else { vec![messages.clone()] };
    let mut found = Vec::new();
    let mut good = true;
    for value in &values {
        let Some(text) = path::relative(value, out).and_then(|written| {
            let at = folder.join(written);
            path::text(files, &at, value, out).map(|text| (path::name(&at), text))
        }) else {
            good = false;
            continue;
        };
        let (file, text) = text;
        match Words::from_catalogue(text.trim_start_matches('\u{feff}'), &file) {
            Ok(words) => found.push((words.tag().to_owned(), file, text)),
            Err(failure) => {
                failure.problems.into_iter().for_each(|p| out.push(p));
                good = false;
            }
        }
    }
    good.then_some(found)
}
