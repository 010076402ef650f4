//! A strict structural scan of CSV bytes (RFC 4180) that names the place of every fault before the file is parsed.
//!
//! The parser itself is polars'; its errors name no line, and it repairs in silence what must be refused here.

use super::describe::Encoding;
use crate::value::{Class, Problem};
use std::borrow::Cow;

/// Longest field that is read, in bytes.
const LONGEST_FIELD: usize = 1 << 20;
/// Most columns that are read.
const MOST_COLUMNS: usize = 100_000;
/// Most problems of structure reported for a file.
const MOST_PROBLEMS: usize = 10;

/// The structure of a CSV file that is in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Structure {
    /// The header.
    pub headers: Vec<String>,
    /// Line on which each record begins, from 1.
    pub lines: Vec<u32>,
    /// Bytes up to the end of the last record: blank lines at the end are left out.
    pub end: usize,
}

/// The text of a CSV file in its encoding, without byte-order mark.
///
/// # Errors
/// Bytes that the encoding does not have, with line and byte offset and the remedy.
pub fn decode<'a>(file: &str, bytes: &'a [u8], encoding: Encoding) -> Result<Cow<'a, str>, Problem> {
    let wrong = |message: &str, remedy: &str| Err(Problem::new(Class::Data, message.to_owned()).file(file).remedy(remedy));
    if bytes.starts_with(b"PK\x03\x04") {
        return wrong("the file is a ZIP archive, perhaps a spreadsheet, not CSV text", "save the sheet as \"CSV UTF-8\", or unpack the archive");
    }
    if bytes.starts_with(&[0x1f, 0x8b]) || bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return wrong("the file is compressed, not CSV text", "uncompress it first");
    }
    if bytes.starts_with(b"PAR1") {
        return wrong("the file is Parquet, not CSV text", "give it the ending .parquet");
    }
    match encoding {
        Encoding::Utf8 => {
            if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
                return wrong("the file is UTF-16, not UTF-8", "save it as UTF-8, or write `encoding = \"utf-16\"` in the dataset file");
            }
            let body = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
            match std::str::from_utf8(body) {
                Ok(text) => Ok(Cow::Borrowed(text)),
                Err(e) => {
                    let offset = e.valid_up_to();
                    let line = 1 + body[..offset].iter().filter(|b| **b == b'\n').count();
                    let place = format!("byte {} of the file", offset + bytes.len() - body.len() + 1);
                    let remedy = "save the file as UTF-8, or write `encoding = \"latin-1\"` in the dataset file if that is what it is";
                    Err(Problem::new(Class::Data, "a byte that is not UTF-8").file(file).line(line).within(place).remedy(remedy))
                }
            }
        }
        Encoding::Latin1 => Ok(Cow::Owned(bytes.iter().map(|&b| char::from(b)).collect())),
        Encoding::Utf16 => {
            let big = match bytes {
                [0xff, 0xfe, ..] => false,
                [0xfe, 0xff, ..] => true,
                _ => return wrong("no byte-order mark, so the file may not be UTF-16", "write the encoding the file has in the dataset file"),
            };
            if bytes.len() % 2 == 1 {
                return wrong("an odd number of bytes: the UTF-16 file is cut off", "fetch the whole file again");
            }
            let units = bytes[2..].chunks_exact(2).map(|p| if big { u16::from_be_bytes([p[0], p[1]]) } else { u16::from_le_bytes([p[0], p[1]]) });
            let mut text = String::with_capacity(bytes.len() / 2);
            for unit in char::decode_utf16(units) {
                match unit {
                    Ok(c) => text.push(c),
                    Err(_) => {
                        let line = 1 + text.matches('\n').count();
                        return Err(Problem::new(Class::Data, "half of a UTF-16 pair without the other")
                            .file(file)
                            .line(line)
                            .remedy("save the file as UTF-8"));
                    }
                }
            }
            Ok(Cow::Owned(text))
        }
    }
}

/// Where the scanner is in a record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Bare,
    Quoted,
    QuoteInQuoted,
}

/// Scans a CSV text; reads the header and finds every record's line.
///
/// # Errors
/// Ragged records, stray or open quotation marks, control bytes, fields that are too long: each with its line.
pub fn scan(file: &str, text: &str, delimiter: u8) -> Result<Structure, Vec<Problem>> {
    let bytes = text.as_bytes();
    let mut scan = Scan { file, problems: Vec::new(), headers: Vec::new(), lines: Vec::new(), end: 0, stop: false };
    let mut state = State::FieldStart;
    let (mut line, mut record_line, mut quote_line) = (1usize, 1usize, 1usize);
    let (mut fields, mut field_start, mut record_start) = (1usize, 0usize, 0usize);
    let mut reported = false;
    let mut i = 0;
    while i <= bytes.len() {
        let byte = bytes.get(i).copied();
        let at_end = byte.is_none();
        let newline = byte == Some(b'\n') || (byte == Some(b'\r') && bytes.get(i + 1) == Some(&b'\n'));
        if at_end && state == State::Quoted {
            scan.report(quote_line, "a quotation mark is opened here and never closed", "close it, or double a quotation mark that belongs to the text");
            return Err(scan.finish());
        }
        if at_end || (newline && state != State::Quoted) {
            let blank = i == record_start;
            if !blank {
                scan.record(record_line, fields, &text[record_start..i], delimiter, reported);
                scan.end = i;
            } else if !at_end && bytes[i..].iter().any(|b| !matches!(b, b'\r' | b'\n')) && scan.headers.len() != 1 {
                scan.report(record_line, "an empty line between records", "remove it");
            } else if !at_end && scan.headers.len() == 1 && bytes[i..].iter().any(|b| !matches!(b, b'\r' | b'\n')) {
                // In a file of one column an empty line is an empty value.
                scan.record(record_line, 1, "", delimiter, reported);
            }
            if at_end {
                break;
            }
            i += if byte == Some(b'\r') { 2 } else { 1 };
            line += 1;
            (record_line, record_start, field_start, fields, state, reported) = (line, i, i, 1, State::FieldStart, false);
            continue;
        }
        let byte = byte.unwrap_or_default();
        if byte == 0 && !reported {
            scan.report(line, "a NUL byte", "remove it: text files have none");
            reported = true;
        }
        if byte == b'\r' && state != State::Quoted && !reported {
            scan.report(line, "a carriage return without a line feed", "save the file with LF or CRLF line ends, or quote the field");
            reported = true;
        }
        if i - field_start > LONGEST_FIELD && !reported {
            scan.report(line, "a field of more than 1 MiB", "look for a quotation mark that is not closed, or shorten the field");
            return Err(scan.finish());
        }
        if byte == b'\n' {
            line += 1;
        }
        state = match (state, byte) {
            (State::FieldStart, b'"') => {
                quote_line = line;
                State::Quoted
            }
            (State::Quoted, b'"') => State::QuoteInQuoted,
            (State::QuoteInQuoted, b'"') | (State::Quoted, _) => State::Quoted,
            (_, b) if b == delimiter => {
                fields += 1;
                field_start = i + 1;
                State::FieldStart
            }
            (State::QuoteInQuoted, _) => {
                if !reported {
                    scan.report(line, "text after a closing quotation mark", "double a quotation mark that belongs to the text");
                    reported = true;
                }
                State::Bare
            }
            (State::Bare, b'"') => {
                if !reported {
                    scan.report(line, "a quotation mark inside a field that is not quoted", "quote the whole field and double the mark");
                    reported = true;
                }
                State::Bare
            }
            (State::FieldStart | State::Bare, _) => State::Bare,
        };
        if scan.stop || scan.problems.len() >= MOST_PROBLEMS {
            return Err(scan.finish());
        }
        i += 1;
    }
    if scan.headers.is_empty() {
        return Err(vec![Problem::new(Class::Data, "the file is empty: it has no header line").file(file).remedy("its first line must name the columns")]);
    }
    if scan.problems.is_empty() { Ok(Structure { headers: scan.headers, lines: scan.lines, end: scan.end }) } else { Err(scan.finish()) }
}

struct Scan<'a> {
    file: &'a str,
    problems: Vec<Problem>,
    headers: Vec<String>,
    lines: Vec<u32>,
    end: usize,
    stop: bool,
}

impl Scan<'_> {
    fn report(&mut self, line: usize, message: &str, remedy: &str) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem::new(Class::Data, message).file(self.file).line(line).remedy(remedy));
        }
    }

    fn record(&mut self, line: usize, fields: usize, text: &str, delimiter: u8, reported: bool) {
        if self.headers.is_empty() {
            self.headers = split_header(text, delimiter);
            // A whole header in one column is the mark of another delimiter; a table of one column would not have one in its name.
            let other = [b';', b'\t', b',', b'|'].into_iter().find(|&d| d != delimiter && text.contains(char::from(d)));
            if let Some(other) = other.filter(|_| self.headers.len() == 1) {
                let name = if other == b'\t' { "\\t".to_owned() } else { char::from(other).to_string() };
                self.report(line, &format!("the header is one column and contains `{name}`"), &format!("write `delimiter = \"{name}\"` in the dataset file"));
                self.stop = true;
            }
            if self.headers.len() > MOST_COLUMNS {
                self.report(line, "more than 100,000 columns", "check the delimiter in the dataset file");
            }
            return;
        }
        self.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
        let wanted = self.headers.len();
        if fields != wanted && !reported {
            let message = format!("{fields} fields where the header has {wanted}");
            self.report(line, &message, "add or remove delimiters, or quote a field that contains one");
        }
    }

    fn finish(self) -> Vec<Problem> {
        self.problems
    }
}

/// The names in a header line that has passed the scan.
fn split_header(text: &str, delimiter: u8) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                if let Some(name) = names.last_mut() {
                    name.push('"');
                }
            }
            '"' => quoted = !quoted,
            c if c == char::from(delimiter) && !quoted => names.push(String::new()),
            c => {
                if let Some(name) = names.last_mut() {
                    name.push(c);
                }
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> (usize, String) {
        let problem = scan("f.csv", text, b',').unwrap_err().remove(0);
        (problem.place.unwrap().line.unwrap(), problem.message)
    }

    #[test]
    fn finds_records_over_quoted_line_ends_and_blank_ends() {
        let s = scan("f.csv", "a,b\r\n1,\"x\ny\"\r\n2,z\r\n\r\n", b',').unwrap();
        assert_eq!((s.headers, s.lines, s.end), (vec!["a".to_owned(), "b".to_owned()], vec![2, 4], 17));
        assert_eq!(scan("f.csv", "a\n1\n\n2\n", b',').unwrap().lines, [2, 3, 4]);
    }

    #[test]
    fn names_the_line_of_every_fault() {
        assert_eq!(fault("a,b\n1,2\n1\n"), (3, "1 fields where the header has 2".into()));
        assert_eq!(fault("a,b\n1,2\n1,2,3\n").0, 3);
        assert_eq!(fault("a,b\n1,2\n\n1,2\n"), (3, "an empty line between records".into()));
        assert_eq!(fault("a,b\n1,\"2\n1,2\n").0, 2);
        assert_eq!(fault("a,b\n1,\"2\"x\n").1, "text after a closing quotation mark");
        assert_eq!(fault("a,b\n1,2\"x\n").1, "a quotation mark inside a field that is not quoted");
        assert_eq!(fault("a,b\n1,2\0\n").1, "a NUL byte");
        assert!(scan("f.csv", "", b',').is_err());
        let problem = decode("f.csv", b"a\nb\n\xe9\n", Encoding::Utf8).unwrap_err();
        assert_eq!(problem.place.unwrap().line, Some(3));
        assert_eq!(decode("f.csv", b"\xe9", Encoding::Latin1).unwrap(), "é");
        assert_eq!(decode("f.csv", b"\xff\xfeA\0", Encoding::Utf16).unwrap(), "A");
    }
}
