//! Ranked codes of records as other programs write them: wide or long tables, or a JSON object a line; one structure for all.

use super::column::Strings;
use super::describe::Encoding;
use super::read::{Dialect, RawTable, read};
use super::scan::decode;
use crate::value::{Class, Failure, Problem};
use serde::Deserialize;

/// Most cells (records × codes of the record that has most) that are held, so that one long ranking cannot exhaust memory.
const MOST_CELLS: usize = 1 << 28;
/// Most problems told of one file.
const MOST_PROBLEMS: usize = 5;

/// Ranked codes by record, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ranked {
    /// The file, or what stands for one, as messages name it.
    pub file: String,
    /// Record ids.
    pub ids: Strings,
    /// Codes by rank, best first; empty where a record has no more.
    pub codes: Vec<Strings>,
    /// Confidences by rank; none when there are none.
    pub confidences: Vec<Vec<f64>>,
    /// The row of each record's first code, from 0 and without a header.
    pub rows: Vec<u32>,
}

/// How a table holds ranked codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    /// A row a record, with columns of codes and of confidences by rank.
    Wide {
        /// Columns of codes, best first.
        codes: Vec<String>,
        /// Columns of confidences in the same order, or none.
        confidences: Vec<String>,
    },
    /// A row for each code of a record, best first.
    Long {
        /// The column of codes.
        code: String,
        /// The column of confidences, if there is one.
        confidence: Option<String>,
    },
}

/// Ranked codes of a table that was read.
///
/// # Errors
/// A column that is absent, confidences that are no numbers, records of a long table whose rows are not together.
pub fn ranked(raw: &RawTable, id: &str, layout: &Layout) -> Result<Ranked, Failure> {
    let column = |name: &str| raw.column(name).ok_or_else(|| Problem::new(Class::Model, format!("no column `{name}`")).file(&raw.file));
    let ids = column(id)?;
    match layout {
        Layout::Wide { codes, confidences } => Ok(Ranked {
            file: raw.file.clone(),
            ids: ids.clone(),
            codes: codes.iter().map(|name| column(name).cloned()).collect::<Result<_, _>>()?,
            confidences: confidences.iter().map(|name| numbers(raw, name)).collect::<Result<_, _>>()?,
            rows: (0..raw.rows as u32).collect(),
        }),
        Layout::Long { code, confidence } => {
            let codes = column(code)?;
            let confidences = confidence.as_deref().map(|name| numbers(raw, name)).transpose()?;
            let mut list = Lists { confident: confidences.is_some(), ..Lists::default() };
            for (row, id) in ids.iter().enumerate() {
                if row == 0 || ids.get(row - 1) != id {
                    list.record(id, row);
                }
                list.code(codes.get(row), confidences.as_ref().map(|c| c[row]));
            }
            together(raw, &list, id)?;
            list.ranked(&raw.file)
        }
    }
}

/// A record that comes again after another one is two answers, or one torn apart: either way its ranks are not known.
fn together(raw: &RawTable, list: &Lists, id: &str) -> Result<(), Failure> {
    let mut seen = std::collections::HashSet::with_capacity(list.ids.len());
    let again: Vec<u32> = list.ids.iter().zip(&list.rows).filter(|(id, _)| !id.is_empty() && !seen.insert(*id)).map(|(_, row)| *row).collect();
    let Some(&first) = again.first() else { return Ok(()) };
    let message = match again.len() {
        1 => "the rows of a record do not stand together, or it is coded twice".to_owned(),
        n => format!("the rows of {n} records do not stand together, or they are coded twice"),
    };
    Err(raw.problem(first as usize, id, message).remedy("write all codes of a record one after the other, best first, and each record once").into())
}

/// A column of confidences; NaN where it is empty.
fn numbers(raw: &RawTable, name: &str) -> Result<Vec<f64>, Failure> {
    let column = raw.column(name).ok_or_else(|| Problem::new(Class::Model, format!("no column `{name}`")).file(&raw.file))?;
    let mut problems = Vec::new();
    let mut numbers = Vec::with_capacity(column.len());
    for (row, value) in column.iter().enumerate() {
        let value = value.trim();
        // An uncoded record needs no confidence; beside a code its lack is told with the others that are not between 0 and 1.
        let number = if value.is_empty() { Some(f64::NAN) } else { value.parse::<f64>().ok() };
        if number.is_none() && problems.len() < MOST_PROBLEMS {
            problems.push(raw.problem(row, name, "a confidence that is not a number").remedy("write a decimal number between 0 and 1 with a point"));
        }
        numbers.push(number.unwrap_or(f64::NAN));
    }
    if problems.is_empty() { Ok(numbers) } else { Err(Failure::of(problems)) }
}

/// Rankings of any length, one after the other.
#[derive(Default)]
struct Lists {
    ids: Strings,
    rows: Vec<u32>,
    starts: Vec<usize>,
    codes: Strings,
    confidences: Vec<f64>,
    confident: bool,
}

impl Lists {
    fn record(&mut self, id: &str, row: usize) {
        self.ids.push(id);
        self.rows.push(row as u32);
        self.starts.push(self.codes.len());
    }

    fn code(&mut self, code: &str, confidence: Option<f64>) {
        self.codes.push(code);
        self.confidences.push(confidence.unwrap_or(f64::NAN));
    }

    fn ranked(self, file: &str) -> Result<Ranked, Failure> {
        let end = |record: usize| self.starts.get(record + 1).copied().unwrap_or(self.codes.len());
        let longest = (0..self.starts.len()).map(|r| end(r) - self.starts[r]).max().unwrap_or(0).max(1);
        if longest.saturating_mul(self.starts.len()) > MOST_CELLS {
            let message = format!("a record has {longest} codes, too many to hold for {} records", self.starts.len());
            return Err(Problem::new(Class::Model, message).file(file).remedy("write the best codes of each record only, for instance 100").into());
        }
        let place = |record: usize, rank: usize| Some(self.starts[record] + rank).filter(|at| *at < end(record));
        let records = 0..self.starts.len();
        let codes = (0..longest).map(|rank| records.clone().map(|r| place(r, rank).map_or("", |at| self.codes.get(at))).collect()).collect();
        let confidences = if self.confident {
            (0..longest).map(|rank| records.clone().map(|r| place(r, rank).map_or(f64::NAN, |at| self.confidences[at])).collect()).collect()
        } else {
            Vec::new()
        };
        Ok(Ranked { file: file.to_owned(), ids: self.ids, codes, confidences, rows: self.rows })
    }
}

/// An id: a text, or a whole number that stands for one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(i64),
}

#[derive(Deserialize)]
struct Line {
    id: Id,
    codes: Vec<String>,
    #[serde(default)]
    confidences: Option<Vec<Option<f64>>>,
}

/// Ranked codes of a text with a JSON object a line: `{"id": "7", "codes": ["2221", "2211"], "confidences": [0.7, 0.2]}`.
///
/// # Errors
/// Lines that are not such an object, each with its place; confidences on some lines only, or not one for each code.
pub fn ranked_lines(file: &str, bytes: &[u8]) -> Result<Ranked, Failure> {
    let text = decode(file, bytes, Encoding::Utf8)?;
    let (mut list, mut problems) = (Lists::default(), Vec::new());
    let mut given: Option<bool> = None;
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |message: &str| Problem::new(Class::Model, message.to_owned()).file(file).line(number + 1);
        let problem = match serde_json::from_str::<Line>(line) {
            // What serde says may hold a record's text, so only where it stopped is told.
            Err(error) => Some(
                wrong("not a JSON object of a record")
                    .within(format!("byte {} of the line", error.column()))
                    .remedy("write one object a line: {\"id\": \"7\", \"codes\": [\"2221\"], \"confidences\": [0.7]}, codes as texts"),
            ),
            Ok(line) if line.confidences.as_ref().is_some_and(|c| c.len() != line.codes.len()) => {
                Some(wrong("the confidences are not one for each code").remedy("give as many confidences as codes, or none on every line"))
            }
            Ok(line) if *given.get_or_insert(line.confidences.is_some()) != line.confidences.is_some() => {
                Some(wrong("some lines have confidences and some have none").remedy("give them on every line, or on none"))
            }
            Ok(line) => {
                let id = match &line.id {
                    Id::Text(text) => text.clone(),
                    Id::Number(number) => number.to_string(),
                };
                list.record(&id, list.rows.len());
                for (rank, code) in line.codes.iter().enumerate() {
                    list.code(code, line.confidences.as_ref().and_then(|c| c[rank]));
                }
                None
            }
        };
        problems.extend(problem);
        if problems.len() >= MOST_PROBLEMS {
            break;
        }
    }
    if !problems.is_empty() {
        return Err(Failure::of(problems));
    }
    list.confident = given == Some(true);
    list.ranked(file)
}

/// Ranked codes of a CSV text that tells its form by its header: `id,code,confidence`, or `id,code_1,confidence_1,code_2,…`.
///
/// # Errors
/// Everything that is wrong with the text as CSV, columns that say neither form.
pub fn ranked_text(file: &str, bytes: &[u8]) -> Result<Ranked, Failure> {
    let raw = read(file, bytes, Dialect::default(), &[])?;
    let has = |name: &str| raw.headers.iter().any(|h| h == name);
    let numbered = |stem: &str| (1..).map(|rank| format!("{stem}_{rank}")).take_while(|name| has(name)).collect::<Vec<_>>();
    let layout = if has("code") {
        Layout::Long { code: "code".to_owned(), confidence: has("confidence").then(|| "confidence".to_owned()) }
    } else {
        Layout::Wide { codes: numbered("code"), confidences: numbered("confidence") }
    };
    if !has("id") || matches!(&layout, Layout::Wide { codes, .. } if codes.is_empty()) {
        return Err(Problem::new(Class::Model, "the header has no `id`, or neither `code` nor `code_1`").file(file).line(1).into());
    }
    ranked(&raw, "id", &layout)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(result: Result<Ranked, Failure>) -> String {
        result.err().map_or_else(String::new, |f| f.to_string())
    }

    #[test]
    fn long_wide_and_lines_say_the_same() {
        let wide = ranked_text("w", b"id,code_1,confidence_1,code_2,confidence_2\na,x,0.75,y,0.25\nb,y,0.5,,\nc,,,,\n").unwrap();
        let long = ranked_text("w", b"id,code,confidence\na,x,0.75\na,y,0.25\nb,y,0.5\nc,,\n").unwrap();
        let lines = br#"{"id":"a","codes":["x","y"],"confidences":[0.75,0.25]}

{"id":"b","codes":["y"],"confidences":[0.5],"more":1}
{"id":"c","codes":[],"confidences":[]}
"#;
        let lines = ranked_lines("w", lines).unwrap();
        assert_eq!((wide.ids.len(), &wide.codes, &wide.ids), (3, &long.codes, &long.ids));
        assert_eq!((&lines.codes, &lines.ids), (&long.codes, &long.ids));
        // NaN is no confidence, and equal to nothing.
        assert_eq!(format!("{:?}", wide.confidences), format!("{:?}", long.confidences));
        assert_eq!(format!("{:?}", lines.confidences), format!("{:?}", long.confidences));
        assert_eq!((long.rows, lines.rows), (vec![0, 2, 3], vec![0, 1, 2]));
        let bare = ranked_lines("w", br#"{"id":7,"codes":["x"]}"#).unwrap();
        assert_eq!((bare.ids.get(0), bare.confidences.len()), ("7", 0));
        assert_eq!(ranked_text("w", b"id,code\na,x\n").unwrap().confidences.len(), 0);
    }

    #[test]
    fn what_is_neither_form_is_placed() {
        let torn = messages(ranked_text("w", b"id,code\na,x\nb,x\na,y\n"));
        assert!(torn.contains("do not stand together") && torn.contains("w:4 (record 3, column `id`)"), "{torn}");
        assert!(messages(ranked_text("w", b"id,kode\na,x\n")).contains("neither `code` nor `code_1`"));
        assert!(messages(ranked_text("w", b"id,code,confidence\na,x,high\n")).contains("w:2"));
        for (line, told) in [
            ("secret", "not a JSON object of a record"),
            ("{\"id\":1,\"codes\":[2221]}", "codes as texts"),
            ("[1]", "w:1"),
            ("{\"id\":\"secret\",\"codes\":[\"x\"],\"confidences\":[]}", "not one for each code"),
            ("{\"id\":\"a\",\"codes\":[\"x\"]}\n{\"id\":\"secret\",\"codes\":[\"x\"],\"confidences\":[1]}", "on every line, or on none"),
        ] {
            let told_is = messages(ranked_lines("w", line.as_bytes()));
            assert!(told_is.contains(told) && !told_is.contains("secret"), "{told_is}");
        }
        assert!(messages(ranked_lines("w", b"{\"id\":\"\xff\"}")).contains("not UTF-8"));
    }
}
