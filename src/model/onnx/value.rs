//! What flows between operators: matrices with a row for each record.

use crate::value::{Class, Problem};
use std::borrow::Cow;
use std::sync::Arc;

/// Numbers of a block of records.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dense<T> {
    pub columns: usize,
    /// Row-major.
    pub items: Vec<T>,
}

impl<T> Dense<T> {
    pub fn rows(&self) -> impl Iterator<Item = &[T]> {
        self.items.chunks_exact(self.columns.max(1))
    }
}

/// Rows with few entries that are not zero, their columns ascending.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sparse {
    pub columns: usize,
    pub ends: Vec<usize>,
    pub index: Vec<u32>,
    pub items: Vec<f32>,
}

impl Sparse {
    pub fn row(&self, row: usize) -> std::ops::Range<usize> {
        (if row == 0 { 0 } else { self.ends[row - 1] })..self.ends[row]
    }

    fn dense(&self) -> Result<Dense<f32>, Problem> {
        let mut items = vec![0f32; room(self.ends.len(), self.columns)?];
        for row in 0..self.ends.len() {
            for entry in self.row(row) {
                items[row * self.columns + self.index[entry] as usize] = self.items[entry];
            }
        }
        Ok(Dense { columns: self.columns, items })
    }
}

/// Most numbers of a full matrix of a block of records.
const MOST_NUMBERS: usize = 1 << 26;

/// The numbers of a full matrix, if there is room for them.
pub(super) fn room(rows: usize, columns: usize) -> Result<usize, Problem> {
    rows.checked_mul(columns)
        .filter(|numbers| *numbers <= MOST_NUMBERS)
        .ok_or_else(|| refused("the model has more columns than can be held", super::attribute::REMEDY))
}

/// Texts of a block of records.
pub(super) type Texts<'a> = Arc<Vec<Cow<'a, str>>>;

/// What an operator takes or gives for a block of records.
#[derive(Debug, Clone)]
pub(super) enum Value<'a> {
    Texts {
        columns: usize,
        items: Texts<'a>,
    },
    /// Words of texts: for each record, spans of bytes in its text.
    Words {
        texts: Texts<'a>,
        ends: Vec<usize>,
        spans: Vec<(u32, u32)>,
    },
    Floats(Dense<f32>),
    Sparse(Sparse),
    Ints(Dense<i64>),
}

/// The kinds of [`Value`], known before anything is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Texts,
    Words,
    Floats,
    Sparse,
    Ints,
}

impl Value<'_> {
    /// Records of the block.
    pub fn rows(&self) -> usize {
        match self {
            Self::Texts { columns, items } => items.len().checked_div(*columns).unwrap_or(0),
            Self::Words { ends, .. } => ends.len(),
            Self::Floats(m) => m.items.len().checked_div(m.columns).unwrap_or(0),
            Self::Sparse(m) => m.ends.len(),
            Self::Ints(m) => m.items.len().checked_div(m.columns).unwrap_or(0),
        }
    }

    pub fn columns(&self) -> usize {
        match self {
            Self::Texts { columns, .. } => *columns,
            Self::Words { .. } => 1,
            Self::Floats(m) => m.columns,
            Self::Sparse(m) => m.columns,
            Self::Ints(m) => m.columns,
        }
    }

    /// As a full matrix of numbers.
    pub fn floats(&self) -> Result<Cow<'_, Dense<f32>>, Problem> {
        match self {
            Self::Floats(m) => Ok(Cow::Borrowed(m)),
            Self::Sparse(m) => Ok(Cow::Owned(m.dense()?)),
            Self::Ints(m) => Ok(Cow::Owned(Dense { columns: m.columns, items: m.items.iter().map(|i| *i as f32).collect() })),
            Self::Texts { .. } | Self::Words { .. } => Err(misfit("texts where numbers are due")),
        }
    }

    pub fn kind(&self) -> Kind {
        match self {
            Self::Texts { .. } => Kind::Texts,
            Self::Words { .. } => Kind::Words,
            Self::Floats(_) => Kind::Floats,
            Self::Sparse(_) => Kind::Sparse,
            Self::Ints(_) => Kind::Ints,
        }
    }
}

/// A model whose parts do not fit together.
pub(super) fn misfit(what: &str) -> Problem {
    Problem::new(Class::Model, format!("the parts of the model do not fit together: {what}")).remedy("export the model again; ONNX Runtime would refuse it too")
}

/// A model that cannot be used here.
pub(super) fn refused(message: impl Into<String>, remedy: impl Into<String>) -> Problem {
    Problem::new(Class::Model, message).remedy(remedy)
}
