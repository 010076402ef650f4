//! Weights of a fastText model: rows of numbers, or of codes of a product quantiser. They stay in the bytes of the file.

use super::cursor::{Cursor, wrong};
use crate::value::Problem;

/// Centroids of each part of a product quantiser.
const CENTROIDS: usize = 256;

/// A matrix in the bytes of a file.
pub(super) struct Matrix {
    rows: usize,
    columns: usize,
    /// Where its numbers or codes begin.
    at: usize,
    quantiser: Option<Quantiser>,
}

/// How codes stand for numbers.
struct Quantiser {
    product: Product,
    /// Where the codes of the rows' lengths begin, and the lengths.
    lengths: Option<(usize, Vec<f32>)>,
}

/// A product quantiser: each part of a row is one of 256 centroids.
struct Product {
    parts: usize,
    width: usize,
    last: usize,
    centroids: Vec<f32>,
}

impl Product {
    fn read(cursor: &mut Cursor<'_>, columns: usize) -> Result<Self, Problem> {
        let what = "the quantiser";
        let numbers = [cursor.int(what)?, cursor.int(what)?, cursor.int(what)?, cursor.int(what)?];
        let [size, parts, width, last] = numbers.map(|n| usize::try_from(n).unwrap_or(0));
        let fits = size == columns
            && parts > 0
            && width > 0
            && (1..=width).contains(&last)
            && (parts - 1).checked_mul(width).and_then(|n| n.checked_add(last)) == Some(size);
        if !fits {
            return Err(wrong(cursor, "a quantiser that does not fit its weights"));
        }
        let count = size.checked_mul(CENTROIDS).ok_or_else(|| wrong(cursor, "a quantiser that no file holds"))?;
        Ok(Self { parts, width, last, centroids: cursor.singles(count, what)? })
    }

    /// The centroid of a part for a code.
    fn centroid(&self, part: usize, code: u8) -> &[f32] {
        let width = if part + 1 == self.parts { self.last } else { self.width };
        let from = part * CENTROIDS * self.width + usize::from(code) * width;
        &self.centroids[from..from + width]
    }
}

impl Matrix {
    /// Reads the sizes of a matrix and steps over its weights.
    pub(super) fn read(cursor: &mut Cursor<'_>, quantised: bool) -> Result<Self, Problem> {
        let what = "the weights";
        let normed = quantised && cursor.flag(what)?;
        let sizes = (usize::try_from(cursor.long(what)?), usize::try_from(cursor.long(what)?));
        let (Ok(rows), Ok(columns)) = sizes else { return Err(wrong(cursor, "negative sizes")) };
        if !quantised {
            let length = rows.checked_mul(columns).and_then(|n| n.checked_mul(4)).ok_or_else(|| wrong(cursor, "sizes that no file holds"))?;
            return Ok(Self { rows, columns, at: cursor.skip(length, what)?, quantiser: None });
        }
        let length = usize::try_from(cursor.int(what)?).map_err(|_| wrong(cursor, "negative sizes"))?;
        let at = cursor.skip(length, what)?;
        let product = Product::read(cursor, columns)?;
        if rows.checked_mul(product.parts) != Some(length) {
            return Err(wrong(cursor, "codes that do not fit the sizes"));
        }
        let lengths = if normed {
            let at = cursor.skip(rows, what)?;
            Some((at, Product::read(cursor, 1)?.centroids))
        } else {
            None
        };
        Ok(Self { rows, columns, at, quantiser: Some(Quantiser { product, lengths }) })
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// Adds a row to a vector of as many numbers as there are columns.
    pub(super) fn add(&self, bytes: &[u8], row: usize, into: &mut [f32]) {
        match &self.quantiser {
            None => into.iter_mut().zip(self.dense(bytes, row)).for_each(|(x, b)| *x += f32::from_le_bytes(*b)),
            Some(quantiser) => {
                let length = quantiser.length(bytes, row);
                for (part, chunk) in into.chunks_mut(quantiser.product.width).enumerate() {
                    let code = bytes[self.at + row * quantiser.product.parts + part];
                    chunk.iter_mut().zip(quantiser.product.centroid(part, code)).for_each(|(x, c)| *x += length * c);
                }
            }
        }
    }

    /// The product of a row and a vector.
    pub(super) fn dot(&self, bytes: &[u8], row: usize, with: &[f32]) -> f32 {
        match &self.quantiser {
            None => {
                // Eight sums side by side, so that the processor can add them at once.
                let (rows, rest) = self.dense(bytes, row).as_chunks::<8>();
                let (wide, narrow) = with.as_chunks::<8>();
                let mut sums = [0f32; 8];
                for (r, w) in rows.iter().zip(wide) {
                    (0..8).for_each(|i| sums[i] += f32::from_le_bytes(r[i]) * w[i]);
                }
                sums.iter().sum::<f32>() + rest.iter().zip(narrow).map(|(r, w)| f32::from_le_bytes(*r) * w).sum::<f32>()
            }
            Some(quantiser) => {
                let parts = with.chunks(quantiser.product.width).enumerate();
                let sum: f32 = parts
                    .map(|(part, chunk)| {
                        let code = bytes[self.at + row * quantiser.product.parts + part];
                        chunk.iter().zip(quantiser.product.centroid(part, code)).map(|(x, c)| x * c).sum::<f32>()
                    })
                    .sum();
                sum * quantiser.length(bytes, row)
            }
        }
    }

    fn dense<'a>(&self, bytes: &'a [u8], row: usize) -> &'a [[u8; 4]] {
        let from = self.at + row * self.columns * 4;
        bytes[from..from + self.columns * 4].as_chunks::<4>().0
    }
}

impl Quantiser {
    fn length(&self, bytes: &[u8], row: usize) -> f32 {
        self.lengths.as_ref().map_or(1.0, |(at, lengths)| lengths[usize::from(bytes[at + row])])
    }
}
