//! A candidate that is a program: records are written for it, its ranked codes are read, and what it says is not trusted.

use super::process::{Job, escaped, run_program};
use crate::data::{Ranked, ranked_lines, ranked_text};
use crate::model::{Coder, CommandRecipe, Exchange, Input, Predictions, Target, from_ranked};
use crate::value::digest;
use crate::value::{Class, Failure, Problem, grouped};
use std::borrow::Cow;
use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

/// The variable that names the folder in which a program may keep what it learned.
const SCRATCH: &str = "PROOFMARK_MODEL";
/// Bytes of output that any program may write, and bytes for each code of each record on top.
const LEAST_OUTPUT: usize = 1 << 20;
const CODE_OUTPUT: usize = 128;
/// Largest file named in a command whose digest is taken.
const LARGEST_PART: u64 = 1 << 30;

/// A program that codes records.
pub struct Program {
    recipe: CommandRecipe,
    folder: PathBuf,
    /// Codes of the frame, which bound what it may write.
    codes: usize,
    scratch: TempDir,
    facts: Vec<(String, String)>,
    digest: String,
}

impl Program {
    /// A program in its folder; it is not run yet. `text` is what its recipe was read from, and `codes` the number of codes of the frame.
    ///
    /// # Errors
    /// When there is no room for a folder of its own.
    pub fn new(recipe: &CommandRecipe, folder: PathBuf, text: &str, codes: usize) -> Result<Self, Failure> {
        let scratch = TempDir::with_prefix("proofmark-").map_err(|e| {
            Problem::new(Class::Environment, format!("a folder for temporary files could not be made: {e}")).remedy("set TMPDIR to a folder you may write in")
        })?;
        let mut facts = vec![("program".to_owned(), recipe.words())];
        if !recipe.train.is_empty() {
            facts.push(("program that learns".to_owned(), CommandRecipe::shown(&recipe.train)));
        }
        let mut all = digest(text.as_bytes());
        // Which code ran is part of what was judged: files of the folder that the command names are its parts.
        let mut named: Vec<&String> = recipe.command.iter().chain(&recipe.train).collect();
        named.sort();
        named.dedup();
        for name in named {
            let path = folder.join(name);
            if std::fs::metadata(&path).is_ok_and(|m| m.is_file() && m.len() <= LARGEST_PART)
                && let Ok(bytes) = super::read(&path)
            {
                let part = digest(&bytes);
                all.push_str(&part);
                facts.push((format!("digest of {}", last(name)), part));
            }
        }
        Ok(Self { recipe: recipe.clone(), folder, codes, scratch, facts, digest: digest(all.as_bytes()) })
    }

    /// SHA-256 of its recipe and of the files that its command names.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// True when a program is to learn from the training records first.
    #[must_use]
    pub fn learns(&self) -> bool {
        !self.recipe.train.is_empty()
    }

    /// Runs the program that learns, if there is one, on the training records with their codes.
    ///
    /// # Errors
    /// As [`run_program`]; columns whose names are taken.
    pub fn train(&self, input: &Input<'_>, target: &Target<'_>) -> Result<(), Failure> {
        if !self.learns() {
            return Ok(());
        }
        let code = |row: u32| target.codes.get(target.index[row as usize] as usize).map_or("", String::as_str);
        let records = records(input, self.recipe.format, Some(&code))?;
        // What it prints while it learns is for nobody, but must not block it.
        self.run(&self.recipe.train, records, 1 << 26).map(drop)
    }

    fn run(&self, argv: &[String], input: Vec<u8>, most_output: usize) -> Result<Vec<u8>, Failure> {
        let limit = Duration::from_secs_f64(self.recipe.time_limit);
        let variables = [(SCRATCH, self.scratch.path())];
        Ok(run_program(Job { argv, folder: &self.folder, variables: &variables, input, limit, most_output })?)
    }

    fn read(&self, bytes: &[u8]) -> Result<Ranked, Failure> {
        let file = format!("output of `{}`", self.recipe.words());
        let form = match self.recipe.format {
            Exchange::Csv => {
                "write CSV with a header: id,code,confidence with a row for each code of a record, best first; or id,code_1,confidence_1,code_2,confidence_2"
            }
            Exchange::Ndjson => "write a JSON object a line: {\"id\": \"7\", \"codes\": [\"2221\"], \"confidences\": [0.7]}",
        };
        if bytes.trim_ascii().is_empty() {
            return Err(Problem::new(Class::Model, "the program ended well but wrote nothing").file(file).remedy(form).into());
        }
        let read = match self.recipe.format {
            Exchange::Csv => ranked_text(&file, bytes),
            Exchange::Ndjson => ranked_lines(&file, bytes),
        };
        read.map_err(|failure| Failure::of(failure.problems.into_iter().map(|p| Problem { class: Class::Model, remedy: Some(form.to_owned()), ..p }).collect()))
    }
}

impl Coder for Program {
    /// None that are known before it has run.
    fn codes(&self) -> &[String] {
        &[]
    }

    fn predict(&self, input: &Input<'_>, _keep: usize) -> Result<Predictions, Failure> {
        if input.rows.is_empty() {
            return Ok(Predictions { codes: Vec::new(), kept: 1, ranked: Vec::new(), confidence: Vec::new(), complete: false });
        }
        let most = LEAST_OUTPUT.saturating_add(input.rows.len().saturating_mul(self.codes + 1).saturating_mul(CODE_OUTPUT));
        let bytes = self.run(&self.recipe.command, records(input, self.recipe.format, None)?, most)?;
        let ranked = self.read(&bytes)?;
        drop(bytes);
        let asked: HashSet<&str> = input.rows.iter().map(|&row| input.ids.get(row as usize)).collect();
        let mut unknown = ranked.ids.iter().zip(&ranked.rows).filter(|(id, _)| !id.is_empty() && !asked.contains(id)).map(|(_, row)| row);
        if let Some(first) = unknown.next() {
            return Err(Problem::new(Class::Model, format!("{} records of the output were not asked for", grouped(1 + unknown.count())))
                .file(&ranked.file)
                .within(format!("first: row {}", first + 1))
                .remedy("write each record's id as it was read: as text, with leading zeros")
                .into());
        }
        Ok(from_ranked(&ranked, input.ids, input.rows)?.predictions)
    }

    fn facts(&self) -> Vec<(String, String)> {
        self.facts.clone()
    }
}

fn last(name: &str) -> String {
    escaped(name.rsplit('/').next().unwrap_or(name), 60)
}

/// The records as the program reads them: the columns the candidate may look at under their names, `id` before them, `code` behind them when it learns.
fn records<'a>(input: &Input<'_>, format: Exchange, code: Option<&dyn Fn(u32) -> &'a str>) -> Result<Vec<u8>, Failure> {
    let names = input.texts.iter().map(|(n, _)| *n).chain(input.categories.iter().map(|(n, _)| *n)).chain(input.numbers.iter().map(|(n, _)| *n));
    let mut head: Vec<&str> = std::iter::once("id").chain(names).collect();
    if code.is_some() {
        head.push("code");
    }
    if let Some(taken) = head[1..].iter().find(|n| **n == "id" || code.is_some() && **n == "code" && head.iter().filter(|m| *m == *n).count() > 1) {
        return Err(Problem::new(
            Class::Study,
            format!("a program reads the records' {taken} under the name `{taken}`, and a column of texts, categories or numbers has it too"),
        )
        .remedy("rename that column, or leave it out of the candidate's `columns`")
        .into());
    }
    let mut out = Vec::new();
    if format == Exchange::Csv {
        row(&mut out, head.iter().map(|n| Cow::Borrowed(*n)));
    }
    for &at in input.rows {
        let place = at as usize;
        let texts = input.texts.iter().map(|(_, t)| Field::Text(t.get(place)));
        let categories = input.categories.iter().map(|(_, f)| f.label(place).map_or(Field::Missing, Field::Text));
        let numbers = input.numbers.iter().map(|(_, v)| if v[place].is_nan() { Field::Missing } else { Field::Number(v[place]) });
        let fields =
            std::iter::once(Field::Text(input.ids.get(place))).chain(texts).chain(categories).chain(numbers).chain(code.map(|code| Field::Text(code(at))));
        match format {
            Exchange::Csv => row(&mut out, fields.map(Field::written)),
            Exchange::Ndjson => {
                let object: serde_json::Map<String, serde_json::Value> = head.iter().map(|n| (*n).to_owned()).zip(fields.map(Field::json)).collect();
                out.extend(serde_json::Value::Object(object).to_string().into_bytes());
                out.push(b'\n');
            }
        }
    }
    Ok(out)
}

/// A value of a record.
enum Field<'a> {
    Text(&'a str),
    Number(f64),
    Missing,
}

impl<'a> Field<'a> {
    fn written(self) -> Cow<'a, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Missing => Cow::Borrowed(""),
        }
    }

    fn json(self) -> serde_json::Value {
        match self {
            Self::Text(text) => text.into(),
            Self::Number(number) => serde_json::Number::from_f64(number).map_or(serde_json::Value::Null, Into::into),
            Self::Missing => serde_json::Value::Null,
        }
    }
}

/// A line of CSV (RFC 4180, with the line end of the system).
fn row<'a>(out: &mut Vec<u8>, fields: impl Iterator<Item = Cow<'a, str>>) {
    for (i, field) in fields.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        if field.contains([',', '"', '\n', '\r']) {
            out.push(b'"');
            out.extend(field.replace('"', "\"\"").into_bytes());
            out.push(b'"');
        } else {
            out.extend(field.as_bytes());
        }
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Factor, Strings};

    #[test]
    fn records_are_written_as_they_are() {
        let ids: Strings = ["007", "8"].iter().collect();
        let texts: Strings = ["says \"yes\",\nthen no", "=1+1"].iter().collect();
        let region = Factor::from_strings(["North", ""].into_iter());
        let input = Input {
            ids: &ids,
            texts: vec![("answer", &texts)],
            categories: vec![("region", &region)],
            numbers: vec![("age", &[31.5, f64::NAN])],
            rows: &[1, 0],
        };
        let csv = String::from_utf8(records(&input, Exchange::Csv, None).unwrap()).unwrap();
        assert_eq!(csv, "id,answer,region,age\n8,=1+1,,\n007,\"says \"\"yes\"\",\nthen no\",North,31.5\n");
        let code: &dyn Fn(u32) -> &'static str = &|row| if row == 0 { "2221" } else { "" };
        let lines = String::from_utf8(records(&input, Exchange::Ndjson, Some(code)).unwrap()).unwrap();
        let second: serde_json::Value = serde_json::from_str(lines.lines().nth(1).unwrap()).unwrap();
        assert_eq!(second, serde_json::json!({"id": "007", "answer": "says \"yes\",\nthen no", "region": "North", "age": 31.5, "code": "2221"}));
        assert!(lines.starts_with("{") && lines.contains("\"region\":null") && lines.lines().count() == 2);
        let taken = Input { texts: vec![("code", &texts)], ..input };
        assert!(records(&taken, Exchange::Csv, None).is_ok());
        assert!(records(&taken, Exchange::Csv, Some(code)).is_err());
    }
}
