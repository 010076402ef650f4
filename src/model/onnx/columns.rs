//! The operators that scale, fill, encode, choose and join columns.

use super::attribute::Attributes;
use super::value::{Dense, Kind, Sparse, Value, misfit, refused, room};
use crate::value::{Problem, grouped};
use std::collections::HashMap;
use std::sync::Arc;

/// Most columns of sparse rows.
const MOST_COLUMNS: usize = 1 << 24;

/// (x − offset) × scale.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scaler {
    offset: Vec<f32>,
    scale: Vec<f32>,
}

/// A number for each column, or one for all.
fn of(numbers: &[f32], column: usize) -> f32 {
    numbers[if numbers.len() == 1 { 0 } else { column }]
}

/// Whether there is one number for all columns, or one for each.
fn fit(numbers: usize, columns: usize) -> Result<(), Problem> {
    if numbers == 1 || numbers == columns { Ok(()) } else { Err(misfit(&format!("{numbers} numbers for {columns} columns"))) }
}

impl Scaler {
    pub fn read(node: Attributes<'_>) -> Result<Self, Problem> {
        let or = |numbers: &[f32], other: f32| if numbers.is_empty() { vec![other] } else { numbers.to_vec() };
        Ok(Self { offset: or(node.finite("offset")?, 0.0), scale: or(node.finite("scale")?, 1.0) })
    }

    pub fn apply<'a>(&self, input: &Value<'a>) -> Result<Value<'a>, Problem> {
        fit(self.offset.len(), input.columns())?;
        fit(self.scale.len(), input.columns())?;
        if let Value::Sparse(m) = input
            && self.offset.iter().all(|o| *o == 0.0)
        {
            return Ok(Value::Sparse(scaled(m, &self.scale)));
        }
        let mut m = input.floats()?.into_owned();
        let columns = m.columns.max(1);
        m.items.iter_mut().enumerate().for_each(|(at, x)| *x = (*x - of(&self.offset, at % columns)) * of(&self.scale, at % columns));
        Ok(Value::Floats(m))
    }
}

fn scaled(m: &Sparse, scale: &[f32]) -> Sparse {
    let items = m.items.iter().zip(&m.index).map(|(x, column)| x * of(scale, *column as usize)).collect();
    Sparse { items, ..m.clone() }
}

/// Sparse rows times a number for each column.
pub(super) fn times<'a>(scale: &[f32], input: &Value<'a>) -> Result<Value<'a>, Problem> {
    fit(scale.len(), input.columns())?;
    match input {
        Value::Sparse(m) => Ok(Value::Sparse(scaled(m, scale))),
        _ => Err(misfit("full rows where sparse ones are due")),
    }
}

/// The logarithm of 1 + x of sparse rows.
pub(super) fn logarithm<'a>(input: &Value<'a>) -> Result<Value<'a>, Problem> {
    match input {
        Value::Sparse(m) => Ok(Value::Sparse(Sparse { items: m.items.iter().map(|x| (1.0 + x).ln()).collect(), ..m.clone() })),
        _ => Err(misfit("full rows where sparse ones are due")),
    }
}

/// By what rows are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Norm {
    Most,
    Sum,
    Length,
}

impl Norm {
    pub fn read(node: Attributes<'_>) -> Result<Self, Problem> {
        match node.text("norm")?.unwrap_or("MAX") {
            "MAX" => Ok(Self::Most),
            "L1" => Ok(Self::Sum),
            "L2" => Ok(Self::Length),
            _ => Err(node.wrong("norm", "is none of MAX, L1 and L2")),
        }
    }

    /// Rows whose norm is 0 stay as they are.
    fn divide(self, row: &mut [f32], whole: bool) {
        let squares = || row.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>();
        let norm = match self {
            // A column that a sparse row lacks is 0.
            Self::Most => row.iter().copied().fold(if whole { f32::NEG_INFINITY } else { 0.0 }, f32::max).into(),
            Self::Sum => row.iter().map(|x| f64::from(x.abs())).sum::<f64>(),
            Self::Length => squares().sqrt(),
        };
        if norm != 0.0 {
            row.iter_mut().for_each(|x| *x = (f64::from(*x) / norm) as f32);
        }
    }

    pub fn apply<'a>(self, input: &Value<'a>) -> Result<Value<'a>, Problem> {
        if let Value::Sparse(m) = input {
            let mut m = m.clone();
            for row in 0..m.ends.len() {
                let entries = m.row(row);
                let whole = entries.len() == m.columns;
                self.divide(&mut m.items[entries], whole);
            }
            return Ok(Value::Sparse(m));
        }
        let mut m = input.floats()?.into_owned();
        let columns = m.columns.max(1);
        m.items.chunks_exact_mut(columns).for_each(|row| self.divide(row, true));
        Ok(Value::Floats(m))
    }
}

/// What missing numbers become.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Imputer {
    values: Vec<f32>,
    replaced: f32,
}

impl Imputer {
    pub fn read(node: Attributes<'_>) -> Result<Self, Problem> {
        let values = node.finite("imputed_value_floats")?.to_vec();
        if values.is_empty() {
            return Err(node.unprovided("for what are no numbers of single precision"));
        }
        Ok(Self { values, replaced: node.float("replaced_value_float").unwrap_or(f32::NAN) })
    }

    pub fn apply<'a>(&self, input: &Value<'a>) -> Result<Value<'a>, Problem> {
        fit(self.values.len(), input.columns())?;
        let mut m = input.floats()?.into_owned();
        let columns = m.columns.max(1);
        let missing = |x: f32| if self.replaced.is_nan() { x.is_nan() } else { x == self.replaced };
        m.items.iter_mut().enumerate().filter(|(_, x)| missing(**x)).for_each(|(at, x)| *x = of(&self.values, at % columns));
        Ok(Value::Floats(m))
    }
}

/// A column for each category.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OneHot {
    texts: HashMap<String, u32>,
    numbers: HashMap<i64, u32>,
    categories: usize,
    /// An unknown category has 0 in all columns, and is an error otherwise.
    lenient: bool,
}

impl OneHot {
    pub fn read(node: Attributes<'_>) -> Result<Self, Problem> {
        let (texts, numbers) = (node.texts("cats_strings")?, node.ints("cats_int64s"));
        if texts.is_empty() == numbers.is_empty() {
            return Err(node.wrong("cats_strings", "or `cats_int64s` must be there, and not both"));
        }
        Ok(Self {
            categories: texts.len().max(numbers.len()),
            texts: texts.into_iter().zip(0..).map(|(t, i)| (t.to_owned(), i)).collect(),
            numbers: numbers.iter().copied().zip(0..).collect(),
            lenient: node.int("zeros").unwrap_or(1) != 0,
        })
    }

    pub fn apply<'a>(&self, input: &Value<'a>, trial: bool) -> Result<Value<'a>, Problem> {
        let found: Vec<Option<u32>> = match input {
            Value::Texts { columns: 1, items } if self.numbers.is_empty() => items.iter().map(|t| self.texts.get(t.as_ref()).copied()).collect(),
            Value::Ints(m) if m.columns == 1 && self.texts.is_empty() => m.items.iter().map(|i| self.numbers.get(i).copied()).collect(),
            // As ONNX Runtime does, numbers are cut to whole ones.
            Value::Floats(m) if m.columns == 1 && self.texts.is_empty() => m.items.iter().map(|x| self.numbers.get(&(*x as i64)).copied()).collect(),
            _ => return Err(misfit("categories are encoded of what is not one column of them")),
        };
        if !self.lenient
            && !trial
            && let Some(record) = found.iter().position(Option::is_none)
        {
            let remedy = "train the encoder to ignore what it does not know: OneHotEncoder(handle_unknown=\"ignore\")";
            return Err(refused(format!("the model meets a category it does not know, first in record {} of a block", grouped(record + 1)), remedy));
        }
        let (mut ends, mut index) = (Vec::with_capacity(found.len()), Vec::with_capacity(found.len()));
        for category in found {
            index.extend(category);
            ends.push(index.len());
        }
        Ok(Value::Sparse(Sparse { columns: self.categories, ends, items: vec![1.0; index.len()], index }))
    }
}

/// A number for each label.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Encoder {
    texts: HashMap<String, usize>,
    numbers: HashMap<i64, usize>,
    values: Encoded,
}

/// What labels become; the last is for labels that are not known.
#[derive(Debug, Clone, PartialEq)]
enum Encoded {
    Ints(Vec<i64>),
    Floats(Vec<f32>),
}

impl Encoder {
    pub fn read(node: Attributes<'_>) -> Result<Self, Problem> {
        let (texts, numbers) = (node.texts("keys_strings")?, node.ints("keys_int64s"));
        let keys = texts.len().max(numbers.len());
        if texts.is_empty() == numbers.is_empty() {
            return Err(node.unprovided("of what are neither texts nor whole numbers"));
        }
        let (ints, floats) = (node.ints("values_int64s"), node.floats("values_floats"));
        let values = if ints.is_empty() && floats.is_empty() {
            return Err(node.unprovided("to what are no numbers"));
        } else if floats.is_empty() {
            Encoded::Ints(ints.iter().copied().chain([node.int("default_int64").unwrap_or(-1)]).collect())
        } else {
            Encoded::Floats(floats.iter().copied().chain([node.float("default_float").unwrap_or(-0.0)]).collect())
        };
        if keys != ints.len().max(floats.len()) {
            return Err(node.wrong("keys_strings", "are not as many as the values"));
        }
        // Of a label given twice the first counts.
        let texts = texts.into_iter().zip(0..keys).rev().map(|(t, i)| (t.to_owned(), i)).collect();
        Ok(Self { texts, numbers: numbers.iter().copied().zip(0..keys).rev().collect(), values })
    }

    pub fn gives(&self) -> Kind {
        if matches!(self.values, Encoded::Ints(_)) { Kind::Ints } else { Kind::Floats }
    }

    pub fn apply<'a>(&self, input: &Value<'a>) -> Result<Value<'a>, Problem> {
        let last = match &self.values {
            Encoded::Ints(v) => v.len() - 1,
            Encoded::Floats(v) => v.len() - 1,
        };
        let places: Vec<usize> = match input {
            Value::Texts { items, .. } if self.numbers.is_empty() => items.iter().map(|t| self.texts.get(t.as_ref()).copied().unwrap_or(last)).collect(),
            Value::Ints(m) if self.texts.is_empty() => m.items.iter().map(|i| self.numbers.get(i).copied().unwrap_or(last)).collect(),
            _ => return Err(misfit("labels are encoded of what are no such labels")),
        };
        let columns = input.columns();
        Ok(match &self.values {
            Encoded::Ints(v) => Value::Ints(Dense { columns, items: places.into_iter().map(|p| v[p]).collect() }),
            Encoded::Floats(v) => Value::Floats(Dense { columns, items: places.into_iter().map(|p| v[p]).collect() }),
        })
    }
}

/// Some of the columns, in an order.
pub(super) fn take<'a>(places: &[usize], input: &Value<'a>) -> Result<Value<'a>, Problem> {
    let columns = input.columns();
    if places.iter().any(|p| *p >= columns) {
        return Err(misfit(&format!("a column is taken of {columns} that is not there")));
    }
    room(input.rows(), places.len())?;
    fn chosen<T: Clone>(items: &[T], columns: usize, places: &[usize]) -> Vec<T> {
        items.chunks_exact(columns.max(1)).flat_map(|row| places.iter().map(|p| row[*p].clone())).collect()
    }
    Ok(match input {
        Value::Texts { items, .. } => Value::Texts { columns: places.len(), items: Arc::new(chosen(items, columns, places)) },
        Value::Ints(m) => Value::Ints(Dense { columns: places.len(), items: chosen(&m.items, columns, places) }),
        other => Value::Floats(Dense { columns: places.len(), items: chosen(&other.floats()?.items, columns, places) }),
    })
}

/// 1 where a number is above another, 0 elsewhere.
pub(super) fn above<'a>(threshold: f32, input: &Value<'a>) -> Result<Value<'a>, Problem> {
    let mut m = input.floats()?.into_owned();
    m.items.iter_mut().for_each(|x| *x = f32::from(*x > threshold));
    Ok(Value::Floats(m))
}

/// Columns side by side.
pub(super) fn join<'a>(inputs: &[&Value<'a>], gives: Kind) -> Result<Value<'a>, Problem> {
    let columns: usize = inputs.iter().map(|i| i.columns()).sum();
    if columns > MOST_COLUMNS {
        return Err(misfit("more columns than any model has"));
    }
    if gives != Kind::Sparse {
        room(inputs.first().map_or(0, |i| i.rows()), columns)?;
    }
    let rows = |length: usize, of: usize| length.checked_div(of).unwrap_or(0);
    fn beside<T: Clone>(parts: &[(&[T], usize)], rows: usize) -> Vec<T> {
        (0..rows).flat_map(|row| parts.iter().flat_map(move |(items, columns)| items[row * columns..(row + 1) * columns].iter().cloned())).collect()
    }
    Ok(match gives {
        Kind::Sparse => {
            let parts: Vec<Sparse> = inputs.iter().map(|i| sparse(i)).collect::<Result<_, _>>()?;
            let records = parts.first().map_or(0, |p| p.ends.len());
            let mut out = Sparse { columns, ..Sparse::default() };
            for row in 0..records {
                let mut offset = 0;
                for part in &parts {
                    out.index.extend(part.index[part.row(row)].iter().map(|i| i + offset));
                    out.items.extend_from_slice(&part.items[part.row(row)]);
                    offset += part.columns as u32;
                }
                out.ends.push(out.index.len());
            }
            Value::Sparse(out)
        }
        Kind::Ints => {
            let parts: Vec<(&[i64], usize)> =
                inputs.iter().filter_map(|i| if let Value::Ints(m) = i { Some((m.items.as_slice(), m.columns)) } else { None }).collect();
            let records = parts.first().map_or(0, |(items, columns)| rows(items.len(), *columns));
            Value::Ints(Dense { columns, items: beside(&parts, records) })
        }
        Kind::Texts => {
            let parts: Vec<_> =
                inputs.iter().filter_map(|i| if let Value::Texts { columns, items } = i { Some((items.as_slice(), *columns)) } else { None }).collect();
            let records = parts.first().map_or(0, |(items, columns)| rows(items.len(), *columns));
            Value::Texts { columns, items: Arc::new(beside(&parts, records)) }
        }
        Kind::Floats | Kind::Words => {
            let full: Vec<_> = inputs.iter().map(|i| i.floats()).collect::<Result<_, _>>()?;
            let parts: Vec<(&[f32], usize)> = full.iter().map(|m| (m.items.as_slice(), m.columns)).collect();
            let records = parts.first().map_or(0, |(items, columns)| rows(items.len(), *columns));
            Value::Floats(Dense { columns, items: beside(&parts, records) })
        }
    })
}

/// As sparse rows.
fn sparse(input: &Value<'_>) -> Result<Sparse, Problem> {
    if let Value::Sparse(m) = input {
        return Ok(m.clone());
    }
    let m = input.floats()?;
    let mut out = Sparse { columns: m.columns, ..Sparse::default() };
    for row in m.rows() {
        for (column, x) in row.iter().enumerate().filter(|(_, x)| **x != 0.0) {
            out.index.push(column as u32);
            out.items.push(*x);
        }
        out.ends.push(out.index.len());
    }
    Ok(out)
}
