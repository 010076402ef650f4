//! The table of a data set: files stacked and joined, columns typed by their roles, every fault named.

use super::check::{check_design, check_weights};
use super::column::{Factor, MISSING, Strings};
use super::describe::{CodeLevel, ColumnDescription, DatasetDescription, Role};
use super::read::RawTable;
use super::survey::{FiniteStratum, ReplicateColumns};
use crate::value::{Class, Day, Failure, Problem, grouped, nearest};
use std::collections::{BTreeMap, HashMap};

/// The remedy where a number has a comma.
const COMMA: &str = "write decimal numbers with a point and without thousands separators: 1234.5";

/// Most problems of one kind that are listed.
const MOST_LISTED: usize = 5;

/// The records of a data set, typed.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Number of records.
    pub rows: usize,
    /// Ids, unique.
    pub ids: Strings,
    /// Text columns by name.
    pub texts: Vec<(String, Strings)>,
    /// Category, group, stratum, PSU, split and coder columns by name.
    pub factors: Vec<(String, Factor)>,
    /// Numeric columns by name; NaN where missing.
    pub numbers: Vec<(String, Vec<f64>)>,
    /// Date columns by name.
    pub dates: Vec<(String, Vec<Option<Day>>)>,
    /// Survey weights, if any.
    pub weights: Option<Vec<f64>>,
    /// Replicate weights by column, or factors of the weight where the description says so; NaN for unlabelled records without one.
    pub replicate_weights: Vec<(String, Vec<f64>)>,
    /// The population of each stratum (by number, 0 without strata), where the data set states it.
    pub finite: Option<BTreeMap<u32, FiniteStratum>>,
    /// The codes, sorted: those of the frame, or those that occur.
    pub codes: Vec<String>,
    /// True code of each record: a number into `codes`, or [`MISSING`] where unlabelled.
    pub truth: Vec<u32>,
    /// Labels of codes, where the frame has them.
    pub labels: BTreeMap<String, String>,
    /// Levels above the full code, coarsest first.
    pub levels: Vec<CodeLevel>,
    /// Name of the full code's level.
    pub full_level: String,
    /// True when the codes come from a frame.
    pub framed: bool,
    /// What a reader should know of the data: counts of empty texts and the like.
    pub notes: Vec<String>,
    /// Where each file's records begin, for messages.
    pub(crate) origins: Vec<(usize, RawTable)>,
}

impl Table {
    /// The factor column with a name.
    #[must_use]
    pub fn factor(&self, name: &str) -> Option<&Factor> {
        self.factors.iter().find(|(n, _)| n == name).map(|(_, f)| f)
    }

    /// The date column with a name.
    #[must_use]
    pub fn date(&self, name: &str) -> Option<&[Option<Day>]> {
        self.dates.iter().find(|(n, _)| n == name).map(|(_, d)| d.as_slice())
    }

    /// Rows that have a true code, ascending.
    #[must_use]
    pub fn labelled(&self) -> Vec<u32> {
        (0..self.rows as u32).filter(|&r| self.truth[r as usize] != MISSING).collect()
    }

    /// A problem with a record: names file, line and column.
    #[must_use]
    pub fn problem(&self, row: usize, column: &str, message: impl Into<String>) -> Problem {
        let at = self.origins.partition_point(|(start, _)| *start <= row).saturating_sub(1);
        match self.origins.get(at) {
            Some((start, raw)) => raw.problem(row - start, column, message),
            None => Problem::new(Class::Data, message),
        }
    }
}

/// Collects problems, listing only the first few of each kind.
pub(super) struct Faults {
    problems: Vec<Problem>,
    counts: Vec<(String, usize, usize)>,
}

impl Faults {
    /// Lists a problem of a kind, or counts it where enough are listed.
    pub(super) fn push(&mut self, kind: &str, problem: impl FnOnce() -> Problem) {
        let index = self.counts.iter().position(|(k, _, _)| k == kind).unwrap_or_else(|| {
            self.counts.push((kind.to_owned(), 0, 0));
            self.counts.len() - 1
        });
        let entry = &mut self.counts[index];
        entry.1 += 1;
        if entry.1 <= MOST_LISTED {
            self.problems.push(problem());
            entry.2 = self.problems.len() - 1;
        }
    }

    /// How many problems are listed.
    pub(super) fn count(&self) -> usize {
        self.problems.len()
    }

    /// Whether a kind of problem was found.
    pub(super) fn told(&self, kind: &str) -> bool {
        self.counts.iter().any(|(k, _, _)| k == kind)
    }

    fn finish(mut self) -> Vec<Problem> {
        for (_, count, last) in &self.counts {
            if *count > MOST_LISTED {
                let message = &mut self.problems[*last].message;
                message.push_str(&format!(" (and {} more like this)", count - MOST_LISTED));
            }
        }
        self.problems
    }
}

/// Stacks the files, joins, types the columns by role and checks them.
///
/// `files` and `joins` are in the order of the description; `frame` is the file of codes, if it names one.
///
/// # Errors
/// All the problems found: missing columns, duplicate ids, codes outside the frame, weights that are not positive numbers, empty texts and so on.
pub fn assemble(about: &DatasetDescription, files: Vec<RawTable>, joins: Vec<RawTable>, frame: Option<&RawTable>) -> Result<Table, Failure> {
    let mut faults = Faults { problems: Vec::new(), counts: Vec::new() };
    let mut stack = Stack::of(about, files, &mut faults);
    for (join, raw) in about.joins.iter().zip(&joins) {
        stack.join(&join.on, raw, &mut faults);
    }
    for column in &about.columns {
        if !stack.names.contains(&column.name) {
            faults.push("column", || {
                let known = stack.headers().collect::<Vec<_>>();
                let problem = Problem::new(Class::Data, format!("no file has a column `{}`", column.name)).file(&about.file);
                match nearest(&column.name, known.iter().copied()) {
                    Some(name) => problem.remedy(format!("did you mean `{name}`?")),
                    None => problem.remedy(format!("the columns are: {}", known.join(", "))),
                }
            });
        }
    }
    if !faults.problems.is_empty() {
        return Err(Failure::of(faults.finish()));
    }
    let mut table = Table { rows: stack.rows, levels: about.frame.levels.clone(), full_level: about.frame.full.clone(), ..Table::default() };
    table.origins = std::mem::take(&mut stack.origins);
    if table.rows == 0 {
        let file = about.files.first().cloned().unwrap_or_default();
        return Err(Problem::new(Class::Data, "the data set has no records").file(file).remedy("a header line alone is not enough").into());
    }
    read_frame(about, frame, &mut table, &mut faults);
    let mut fpc = None;
    for column in &about.columns {
        let Some(position) = stack.names.iter().position(|n| *n == column.name) else { continue };
        let mut values = std::mem::take(&mut stack.columns[position]);
        blank_missing(&mut values, &column.missing);
        if let Some(numbers) = type_column(column, &values, &mut table, &mut faults) {
            fpc = Some(numbers);
        }
    }
    let longest = table.codes.iter().map(|c| c.chars().count()).max().unwrap_or(0);
    for level in table.levels.iter().filter(|l| l.digits >= longest && longest > 0) {
        faults.push("level", || {
            Problem::new(Class::Data, format!("code level `{}` has {} characters, but no code is longer than {longest}", level.name, level.digits))
                .file(&about.file)
                .remedy("list only levels above the full code under [code_frame]; the full code is measured without being listed")
        });
    }
    table.replicate_weights = std::mem::take(&mut stack.numbers);
    if let Some(ReplicateColumns::Listed(names)) = about.design.replicates.as_ref().map(|r| &r.columns) {
        table.replicate_weights.sort_by_key(|(name, _)| names.iter().position(|n| n == name));
    }
    check_weights(about, &mut table, &mut faults);
    check_design(about, &mut table, fpc.as_deref(), &mut faults);
    if table.truth.iter().all(|&t| t == MISSING) && faults.problems.is_empty() {
        faults.push("labels", || {
            Problem::new(Class::Data, "no record has a true code").file(&about.file).remedy("check the column with role `code`, and the joins that fill it")
        });
    }
    if faults.problems.is_empty() { Ok(table) } else { Err(Failure::of(faults.finish())) }
}

/// The files on top of each other, all columns as strings.
struct Stack {
    names: Vec<String>,
    columns: Vec<Strings>,
    rows: usize,
    origins: Vec<(usize, RawTable)>,
    /// Replicate weights by column; NaN where a file has none.
    numbers: Vec<(String, Vec<f64>)>,
}

impl Stack {
    fn of(about: &DatasetDescription, files: Vec<RawTable>, faults: &mut Faults) -> Self {
        let names: Vec<String> = about.columns.iter().map(|c| &c.name).filter(|n| files.iter().any(|f| f.headers.contains(n))).cloned().collect();
        let id = about.with_role(Role::Id).next().map(|c| c.name.as_str());
        let mut columns = vec![Strings::default(); names.len()];
        let mut origins = Vec::new();
        let mut rows = 0;
        let mut numbers = Vec::new();
        for mut file in files {
            if let Some(id) = id.filter(|id| !file.headers.iter().any(|h| h == id)) {
                let headers = file.headers.join(", ");
                faults.push("id", || {
                    Problem::new(Class::Data, format!("no column `{id}`, which identifies records"))
                        .file(&file.file)
                        .remedy(format!("of the described columns it has: {headers}"))
                });
            }
            for (name, column) in names.iter().zip(&mut columns) {
                match file.column(name) {
                    Some(values) => values.iter().for_each(|v| column.push(v)),
                    None => (0..file.rows).for_each(|_| column.push("")),
                }
            }
            for (name, values) in std::mem::take(&mut file.numbers) {
                let at = numbered(&mut numbers, name);
                numbers[at].1.resize(rows, f64::NAN);
                numbers[at].1.extend(values);
            }
            // Only file name, line numbers and headers are needed later.
            file.columns = Vec::new();
            origins.push((rows, file.clone()));
            rows += file.rows;
        }
        numbers.iter_mut().for_each(|(_, v): &mut (String, Vec<f64>)| v.resize(rows, f64::NAN));
        Self { names, columns, rows, origins, numbers }
    }

    fn headers(&self) -> impl Iterator<Item = &str> + '_ {
        self.names.iter().map(String::as_str)
    }

    /// Fills empty cells from a file with the same key.
    fn join(&mut self, on: &str, raw: &RawTable, faults: &mut Faults) {
        let (Some(position), Some(keys)) = (self.names.iter().position(|n| n == on), raw.column(on)) else {
            faults.push("join", || {
                Problem::new(Class::Data, format!("the join's key `{on}` is not a column of both sides"))
                    .file(&raw.file)
                    .remedy("name a column that the data files and the joined file share")
            });
            return;
        };
        let mut row_of = HashMap::with_capacity(keys.len());
        for (row, key) in keys.iter().enumerate() {
            if let Some(first) = row_of.insert(key, row) {
                faults
                    .push("join key", || raw.problem(row, on, format!("the same key as record {}", first + 1)).remedy("a joined file must have each key once"));
            }
        }
        for (name, values) in &raw.numbers {
            let at = numbered(&mut self.numbers, name.clone());
            let target = &mut self.numbers[at].1;
            target.resize(self.rows, f64::NAN);
            for (row, value) in target.iter_mut().enumerate().filter(|(_, v)| v.is_nan()) {
                *value = row_of.get(self.columns[position].get(row)).map_or(f64::NAN, |&r| values[r]);
            }
        }
        for (name, values) in raw.headers.iter().zip(&raw.columns).filter(|(n, _)| *n != on) {
            let target = self.names.iter().position(|n| n == name);
            let old = target.map(|t| std::mem::take(&mut self.columns[t]));
            let mut filled = Strings::default();
            for row in 0..self.rows {
                let before = old.as_ref().map_or("", |o| o.get(row));
                let new = row_of.get(self.columns[position].get(row)).map_or("", |&r| values.get(r));
                if !before.is_empty() && !new.is_empty() && before != new {
                    faults.push("join conflict", || {
                        raw.problem(row_of[self.columns[position].get(row)], name, "another value than the data file has")
                            .remedy("remove it from one of the files")
                    });
                }
                filled.push(if before.is_empty() { new } else { before });
            }
            match target {
                Some(t) => self.columns[t] = filled,
                None => {
                    self.names.push(name.clone());
                    self.columns.push(filled);
                }
            }
        }
    }
}

/// The position of a column of numbers, added where it is new.
fn numbered(numbers: &mut Vec<(String, Vec<f64>)>, name: String) -> usize {
    numbers.iter().position(|(n, _)| *n == name).unwrap_or_else(|| {
        numbers.push((name, Vec::new()));
        numbers.len() - 1
    })
}

/// Replaces texts that stand for a missing value by the empty one.
fn blank_missing(values: &mut Strings, missing: &[String]) {
    if !missing.is_empty() {
        *values = values.iter().map(|v| if missing.iter().any(|m| m == v.trim()) { "" } else { v }).collect();
    }
}

fn read_frame(about: &DatasetDescription, frame: Option<&RawTable>, table: &mut Table, faults: &mut Faults) {
    let Some(raw) = frame else { return };
    let (Some(codes), labels) = (raw.column(&about.frame.code), about.frame.label.as_ref().and_then(|l| raw.column(l))) else {
        faults.push("frame", || {
            Problem::new(Class::Data, format!("the code frame has no column `{}`", about.frame.code))
                .file(&raw.file)
                .remedy(format!("its columns are: {}", raw.headers.join(", ")))
        });
        return;
    };
    table.framed = true;
    for (row, code) in codes.iter().enumerate() {
        if code.is_empty() {
            faults.push("frame code", || raw.problem(row, &about.frame.code, "an empty code").remedy("remove the record"));
        } else if table.labels.insert(code.to_owned(), labels.map_or_else(String::new, |l| l.get(row).to_owned())).is_some() {
            faults.push("frame twice", || raw.problem(row, &about.frame.code, "a code that occurs twice in the frame").remedy("keep one of them"));
        }
    }
    table.codes = table.labels.keys().cloned().collect();
}

/// Types a column by its roles; returns the numbers of one that tells the population's size.
fn type_column(column: &ColumnDescription, values: &Strings, table: &mut Table, faults: &mut Faults) -> Option<Vec<f64>> {
    let mut fpc = None;
    let name = &column.name;
    let has = |role| column.roles.contains(&role);
    if has(Role::Id) {
        let mut first = HashMap::with_capacity(values.len());
        for (row, id) in values.iter().enumerate() {
            if id.is_empty() {
                faults.push("empty id", || table.problem(row, name, "an empty id").remedy("every record needs an id of its own"));
            } else if let Some(before) = first.insert(id, row) {
                faults.push("twice", || {
                    table
                        .problem(row, name, format!("the same id as record {} of the data set", before + 1))
                        .remedy("remove one of the records, or make the ids differ")
                });
            }
        }
        table.ids = values.clone();
    }
    if has(Role::Text) {
        let empty: Vec<usize> = values.iter().enumerate().filter(|(_, v)| v.trim().is_empty()).map(|(r, _)| r).collect();
        if column.allow_empty {
            if !empty.is_empty() {
                table.notes.push(format!(
                    "{} of {} records have an empty “{name}”; they are coded from what else is known of them.",
                    grouped(empty.len()),
                    grouped(values.len())
                ));
            }
        } else {
            for row in empty {
                faults.push(&format!("empty text {name}"), || {
                    table
                        .problem(row, name, "an empty text")
                        .remedy(format!("remove the record, or allow it: write `empty = \"allow\"` for column `{name}` in the dataset file"))
                });
            }
        }
        table.texts.push((name.clone(), values.clone()));
    }
    if has(Role::Number) || has(Role::Weight) || has(Role::Fpc) {
        let mut numbers = Vec::with_capacity(values.len());
        for (row, value) in values.iter().enumerate() {
            let value = value.trim();
            let number = if value.is_empty() { Some(f64::NAN) } else { value.parse::<f64>().ok().filter(|v| v.is_finite()) };
            if number.is_none() {
                let remedy =
                    "write a decimal number with a point, or leave the cell empty; texts that stand for a missing value go into `missing` in the dataset file";
                faults.push(&format!("number {name}"), || table.problem(row, name, "not a number").remedy(if value.contains(',') { COMMA } else { remedy }));
            }
            numbers.push(number.unwrap_or(f64::NAN));
        }
        if has(Role::Weight) {
            table.weights = Some(numbers.clone());
        }
        fpc = has(Role::Fpc).then(|| numbers.clone());
        if has(Role::Number) {
            table.numbers.push((name.clone(), numbers));
        }
    }
    if has(Role::Date) {
        let mut dates = Vec::with_capacity(values.len());
        for (row, value) in values.iter().enumerate() {
            let day = Day::parse(value.trim());
            if day.is_none() && !value.trim().is_empty() {
                faults.push(&format!("date {name}"), || {
                    table.problem(row, name, "not a date").remedy(if value.contains(['/', '.']) {
                        "it has another order or other marks: write YYYY-MM-DD, for example 2025-01-15"
                    } else {
                        "write YYYY-MM-DD, YYYY-MM or YYYY"
                    })
                });
            }
            dates.push(day);
        }
        table.dates.push((name.clone(), dates));
    }
    if has(Role::Code) {
        code_column(name, values, table, faults);
    }
    if [Role::Category, Role::Group, Role::Stratum, Role::Psu, Role::Split, Role::Coder].into_iter().any(has) {
        table.factors.push((name.clone(), Factor::from_strings(values.iter())));
    }
    fpc
}

fn code_column(name: &str, values: &Strings, table: &mut Table, faults: &mut Faults) {
    if !table.framed {
        let factor = Factor::from_strings(values.iter());
        let lengths: std::collections::BTreeSet<usize> = factor.labels.iter().map(|l| l.chars().count()).collect();
        // Levels count characters, so a code that lost its zero would land in another branch.
        if !table.levels.is_empty() && lengths.len() > 1 && factor.labels.iter().all(|l| l.bytes().all(|b| b.is_ascii_digit())) {
            let lengths: Vec<String> = lengths.iter().map(ToString::to_string).collect();
            let remedy = "leading zeros may be lost: store the codes as text with their zeros; if codes of different depth are meant, name a code frame file that lists them";
            faults.push("depth", || {
                Problem::new(Class::Data, format!("codes have {} characters, and code levels count characters", lengths.join(" and ")))
                    .file(table_file(table))
                    .within(format!("column `{name}`"))
                    .remedy(remedy)
            });
        }
        table.codes = factor.labels;
        table.truth = factor.index;
        return;
    }
    let number: HashMap<&str, u32> = table.codes.iter().enumerate().map(|(i, c)| (c.as_str(), i as u32)).collect();
    let mut truth = Vec::with_capacity(values.len());
    for (row, code) in values.iter().enumerate() {
        let found = number.get(code).copied();
        if found.is_none() && !code.is_empty() {
            // Codes that lost their leading zeros in a spreadsheet are the usual cause.
            let padded = table.codes.iter().any(|c| c.len() > code.len() && c.trim_start_matches('0') == code);
            let remedy = if padded {
                "the code frame has it with leading zeros: the zeros were lost before this file was written"
            } else {
                "correct the code, or add it to the code frame"
            };
            faults.push("outside", || table.problem(row, name, "a code that is not in the code frame").remedy(remedy));
        }
        truth.push(found.unwrap_or(MISSING));
    }
    table.truth = truth;
}

/// The first data file, for problems of a whole column.
fn table_file(table: &Table) -> String {
    table.origins.first().map_or_else(String::new, |(_, raw)| raw.file.clone())
}
