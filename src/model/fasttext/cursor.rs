//! Reads numbers and words from the bytes of a model file, never beyond their end.

use crate::value::{Class, Problem, grouped};

/// Longest word of a dictionary, in bytes.
const LONGEST_WORD: usize = 1 << 16;

/// A place in the bytes of a file.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A problem at a place of the file.
pub(super) fn wrong(cursor: &Cursor<'_>, what: &str) -> Problem {
    Problem::new(Class::Model, format!("the model file is damaged: {what}"))
        .within(format!("byte {}", grouped(cursor.at)))
        .remedy("copy the file again, or save the model again")
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bytes that are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Skips bytes that must be there, and says where they begin.
    pub(super) fn skip(&mut self, count: usize, what: &str) -> Result<usize, Problem> {
        if count > self.left() {
            return Err(wrong(self, &format!("it ends within {what}")));
        }
        let at = self.at;
        self.at += count;
        Ok(at)
    }

    fn take<const N: usize>(&mut self, what: &str) -> Result<[u8; N], Problem> {
        let at = self.skip(N, what)?;
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.bytes[at..at + N]);
        Ok(bytes)
    }

    pub(super) fn int(&mut self, what: &str) -> Result<i32, Problem> {
        self.take(what).map(i32::from_le_bytes)
    }

    pub(super) fn long(&mut self, what: &str) -> Result<i64, Problem> {
        self.take(what).map(i64::from_le_bytes)
    }

    pub(super) fn float(&mut self, what: &str) -> Result<f64, Problem> {
        self.take(what).map(f64::from_le_bytes)
    }

    /// Numbers that are few and often used, so they are copied.
    pub(super) fn singles(&mut self, count: usize, what: &str) -> Result<Vec<f32>, Problem> {
        let length = count.checked_mul(4).ok_or_else(|| wrong(self, &format!("no file holds so much of {what}")))?;
        let at = self.skip(length, what)?;
        Ok(self.bytes[at..at + length].as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect())
    }

    pub(super) fn byte(&mut self, what: &str) -> Result<u8, Problem> {
        self.take::<1>(what).map(|b| b[0])
    }

    /// A byte that is 0 or 1.
    pub(super) fn flag(&mut self, what: &str) -> Result<bool, Problem> {
        match self.byte(what)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(wrong(self, &format!("neither yes nor no for {what}"))),
        }
    }

    /// A word that ends with a zero byte.
    pub(super) fn word(&mut self, what: &str) -> Result<&'a [u8], Problem> {
        let rest = &self.bytes[self.at..];
        let Some(length) = rest.iter().take(LONGEST_WORD).position(|b| *b == 0) else {
            return Err(wrong(self, &format!("{what} without an end")));
        };
        self.at += length + 1;
        Ok(&rest[..length])
    }
}
