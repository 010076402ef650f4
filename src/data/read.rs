//! CSV and Parquet files as columns of strings; the only user of polars.

use super::column::Strings;
use super::describe::Encoding;
use super::scan::{Structure, decode, scan};
use crate::value::{Class, Failure, Problem};
use polars::prelude::{Column, CsvParseOptions, CsvReadOptions, DataFrame, DataType, IntoColumn, NamedFrom, ParquetReader, ParquetWriter, SerReader, Series};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Columns of a file as they stand in it; a missing value is the empty string.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RawTable {
    /// The file as the user named it.
    pub file: String,
    /// Names of the columns that were read.
    pub headers: Vec<String>,
    /// The columns.
    pub columns: Vec<Strings>,
    /// Number of records.
    pub rows: usize,
    /// Line of each record, for text files.
    pub lines: Vec<u32>,
    /// Columns of replicate weights by name, NaN where there is no number (`read_numbers`).
    pub numbers: Vec<(String, Vec<f64>)>,
}

impl RawTable {
    /// The column with a name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Strings> {
        self.headers.iter().position(|h| h == name).map(|i| &self.columns[i])
    }

    /// A problem with a record of this file: names file, line or record number and column.
    #[must_use]
    pub fn problem(&self, row: usize, column: &str, message: impl Into<String>) -> Problem {
        let problem = Problem::new(Class::Data, message).file(&self.file).within(format!("record {}, column `{column}`", row + 1));
        match self.lines.get(row) {
            Some(&line) => problem.line(line as usize),
            None => problem,
        }
    }
}

/// How a file is to be read.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    /// Encoding of a CSV file.
    pub encoding: Encoding,
    /// Field separator of a CSV file.
    pub delimiter: u8,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { encoding: Encoding::Utf8, delimiter: b',' }
    }
}

/// The names of all columns of a CSV or Parquet file.
///
/// # Errors
/// A file that is neither, or damaged.
pub fn headers(file: &str, bytes: &[u8], dialect: Dialect) -> Result<Vec<String>, Failure> {
    if is_parquet(file) {
        return parquet_headers(file, bytes);
    }
    let text = decode(file, bytes, dialect.encoding)?;
    // The whole file is scanned: a fault on the last line should stop a check too.
    Ok(scan(file, &text, dialect.delimiter).map_err(Failure::of)?.headers)
}

/// Reads the columns with the names in `wanted` (all when it is empty) from a CSV or Parquet file, told apart by its ending.
///
/// # Errors
/// Damaged files, with place and remedy. A wanted column that is absent is left out: the caller knows whether it is needed.
pub fn read(file: &str, bytes: &[u8], dialect: Dialect, wanted: &[String]) -> Result<RawTable, Failure> {
    if is_parquet(file) { read_parquet(file, bytes, wanted) } else { read_csv(file, bytes, dialect, wanted) }
}

pub(super) fn is_parquet(file: &str) -> bool {
    let lower = file.to_lowercase();
    lower.ends_with(".parquet") || lower.ends_with(".pq")
}

fn read_csv(file: &str, bytes: &[u8], dialect: Dialect, wanted: &[String]) -> Result<RawTable, Failure> {
    let text = decode(file, bytes, dialect.encoding)?;
    let structure = scan(file, &text, dialect.delimiter).map_err(Failure::of)?;
    let chosen = choose(file, &structure.headers, wanted)?;
    let rows = structure.lines.len();
    let names: Vec<String> = chosen.iter().map(|&i| structure.headers[i].clone()).collect();
    if rows == 0 || chosen.is_empty() {
        return Ok(RawTable {
            file: file.to_owned(),
            columns: vec![Strings::default(); names.len()],
            headers: names,
            rows,
            lines: structure.lines,
            numbers: Vec::new(),
        });
    }
    let frame = parse_csv(file, &text, &structure, chosen, dialect)?;
    let columns = frame.columns().iter().map(|c| strings(file, c)).collect::<Result<Vec<_>, _>>()?;
    Ok(RawTable { file: file.to_owned(), headers: names, columns, rows, lines: structure.lines, numbers: Vec::new() })
}

/// The columns at some positions of a scanned CSV text, as texts.
pub(super) fn parse_csv(file: &str, text: &str, structure: &Structure, chosen: Vec<usize>, dialect: Dialect) -> Result<DataFrame, Failure> {
    let parse =
        CsvParseOptions::default().with_separator(dialect.delimiter).with_quote_char(Some(b'"')).with_missing_is_null(false).with_try_parse_dates(false);
    let options =
        CsvReadOptions::default().with_has_header(true).with_infer_schema_length(Some(0)).with_projection(Some(Arc::new(chosen))).with_parse_options(parse);
    let body = &text.as_bytes()[..structure.end];
    let frame = guarded(file, || options.into_reader_with_file_handle(Cursor::new(body)).finish().map_err(|e| e.to_string()))?;
    if frame.height() != structure.lines.len() {
        let message = format!("the parser found {} records where the file has {}", frame.height(), structure.lines.len());
        return Err(Problem::new(Class::Data, message).file(file).remedy("check quotation marks and the delimiter in the dataset file").into());
    }
    Ok(frame)
}

/// Positions of the wanted columns, which must be named once.
fn choose(file: &str, headers: &[String], wanted: &[String]) -> Result<Vec<usize>, Failure> {
    let mut chosen = Vec::new();
    for (i, header) in headers.iter().enumerate() {
        if wanted.is_empty() || wanted.contains(header) {
            if headers[..i].contains(header) {
                let message = format!("two columns are called `{header}`");
                return Err(Problem::new(Class::Data, message).file(file).line(1).remedy("rename one of them").into());
            }
            chosen.push(i);
        }
    }
    Ok(chosen)
}

fn parquet_headers(file: &str, bytes: &[u8]) -> Result<Vec<String>, Failure> {
    check_parquet(file, bytes)?;
    let schema = guarded(file, || ParquetReader::new(Cursor::new(bytes)).schema().map_err(|e| e.to_string()))?;
    Ok(schema.iter_names().map(ToString::to_string).collect())
}

fn read_parquet(file: &str, bytes: &[u8], wanted: &[String]) -> Result<RawTable, Failure> {
    let headers = parquet_headers(file, bytes)?;
    let chosen = choose(file, &headers, wanted)?;
    let names: Vec<String> = chosen.iter().map(|&i| headers[i].clone()).collect();
    let frame = guarded(file, || ParquetReader::new(Cursor::new(bytes)).with_columns(Some(names.clone())).finish().map_err(|e| e.to_string()))?;
    let columns = names
        .iter()
        .map(|name| {
            let column = guarded(file, || frame.column(name).cloned().map_err(|e| e.to_string()))?;
            strings(file, &column)
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(RawTable { file: file.to_owned(), headers: names, rows: frame.height(), columns, lines: Vec::new(), numbers: Vec::new() })
}

/// Refuses what is plainly not Parquet before the parser sees it.
fn check_parquet(file: &str, bytes: &[u8]) -> Result<(), Failure> {
    let whole = bytes.len() >= 12 && bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1");
    let footer = bytes.len().checked_sub(8).and_then(|at| bytes.get(at..at + 4)).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize);
    if whole && footer > 0 && footer + 12 <= bytes.len() {
        return Ok(());
    }
    Err(Problem::new(Class::Data, "the file is not Parquet, or it is cut off").file(file).remedy("write it again, or give a text file the ending .csv").into())
}

/// Runs a parser that may panic on damaged input; the panic becomes a problem of the file.
pub(super) fn guarded<T>(file: &str, parse: impl FnOnce() -> Result<T, String>) -> Result<T, Failure> {
    let damaged = |why: &str| {
        let why = why.lines().next().unwrap_or_default();
        let message = if why.is_empty() { "the file is damaged".to_owned() } else { format!("the file cannot be read: {why}") };
        Failure::from(Problem::new(Class::Data, message).file(file).remedy("write the file again with another program, or as CSV"))
    };
    match super::quiet::quietly(|| catch_unwind(AssertUnwindSafe(parse))) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(why)) => Err(damaged(&why)),
        Err(_) => Err(damaged("")),
    }
}

/// A column of any type as strings; null is empty.
fn strings(file: &str, column: &Column) -> Result<Strings, Failure> {
    let name = column.name().to_string();
    match column.dtype() {
        DataType::List(_) | DataType::Binary => {
            let message = format!("column `{name}` holds lists or bytes, not single values");
            return Err(Problem::new(Class::Data, message).file(file).remedy("write it as text, one value a record").into());
        }
        _ => {}
    }
    guarded(file, || {
        let text = column.cast(&DataType::String).map_err(|e| e.to_string())?;
        let text = text.str().map_err(|e| e.to_string())?;
        Ok(text.iter().map(Option::unwrap_or_default).collect())
    })
}

/// One column of an output file.
pub enum OutputColumn<'a> {
    /// Text; absent values are null.
    Text(&'a str, Vec<Option<String>>),
    /// Numbers; absent values are null.
    Number(&'a str, Vec<Option<f64>>),
}

/// The bytes of a Parquet file with these columns, which must be of one length.
///
/// # Errors
/// When the columns differ in length or the writer fails.
pub fn parquet_bytes(columns: Vec<OutputColumn<'_>>) -> Result<Vec<u8>, Failure> {
    let failed = |e: polars::prelude::PolarsError| Failure::from(Problem::new(Class::Internal, format!("a Parquet file could not be written: {e}")));
    let height = match columns.first() {
        Some(OutputColumn::Text(_, v)) => v.len(),
        Some(OutputColumn::Number(_, v)) => v.len(),
        None => 0,
    };
    let columns = columns
        .into_iter()
        .map(|c| match c {
            OutputColumn::Text(name, values) => Series::new(name.into(), values).into_column(),
            OutputColumn::Number(name, values) => Series::new(name.into(), values).into_column(),
        })
        .collect();
    let mut frame = DataFrame::new(height, columns).map_err(failed)?;
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_columns_are_strings_with_their_leading_zeros() {
        let raw = read("f.csv", "code,text,n\r\n007,\"a \"\"b\"\",\nc\",1\r\n010,,2.50\r\n".as_bytes(), Dialect::default(), &[]).unwrap();
        assert_eq!(raw.column("code").unwrap().iter().collect::<Vec<_>>(), ["007", "010"]);
        assert_eq!(raw.column("text").unwrap().iter().collect::<Vec<_>>(), ["a \"b\",\nc", ""]);
        assert_eq!(raw.column("n").unwrap().iter().collect::<Vec<_>>(), ["1", "2.50"]);
        assert_eq!(raw.lines, [2, 4]);
    }

    #[test]
    fn only_wanted_columns_are_read_and_must_be_named_once() {
        let text = b"a,b,b\n1,2,3\n";
        assert_eq!(read("f.csv", text, Dialect::default(), &["a".into()]).unwrap().headers, ["a"]);
        assert!(read("f.csv", text, Dialect::default(), &["b".into()]).is_err());
    }

    #[test]
    fn parquet_comes_back_as_it_went_in() {
        let bytes =
            parquet_bytes(vec![OutputColumn::Text("code", vec![Some("007".into()), None]), OutputColumn::Number("confidence", vec![Some(0.1), Some(1.0)])])
                .unwrap();
        let raw = read("f.parquet", &bytes, Dialect::default(), &[]).unwrap();
        assert_eq!(raw.column("code").unwrap().iter().collect::<Vec<_>>(), ["007", ""]);
        assert_eq!(raw.column("confidence").unwrap().get(0).parse::<f64>().unwrap(), 0.1);
        for cut in 0..bytes.len() {
            assert!(read("f.parquet", &bytes[..cut], Dialect::default(), &[]).is_err(), "{cut}");
        }
    }
}
