//! Takes the parts of a model, by name, to be saved.

use super::head::ReadColumns;
use crate::value::{Class, Problem};
use safetensors::{Dtype, View};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The parts of a model: tensors and texts by name, and the columns it reads.
#[derive(Debug, Default)]
pub struct Pack {
    prefix: String,
    tensors: BTreeMap<String, Tensor>,
    texts: BTreeMap<String, Vec<String>>,
    columns: ReadColumns,
    /// The first part with a number that is not finite.
    infinite: Option<String>,
}

/// The file of tensors, the texts by part, and the columns.
pub(super) type Packed = (Vec<u8>, BTreeMap<String, Vec<String>>, ReadColumns);

#[derive(Debug)]
struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl View for &Tensor {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

impl Pack {
    /// Packs a part that has parts of its own: their names begin with its name.
    pub fn inside(&mut self, name: &str, pack: impl FnOnce(&mut Self)) {
        let length = self.prefix.len();
        self.prefix.push_str(name);
        self.prefix.push('.');
        pack(self);
        self.prefix.truncate(length);
    }

    /// Single-precision numbers of a shape, row-major.
    pub fn floats(&mut self, name: &str, shape: &[usize], values: impl IntoIterator<Item = f32>) {
        let bytes = self.bytes(name, shape, values, |v| v.is_finite(), f32::to_le_bytes);
        self.tensor(name, Dtype::F32, shape, bytes);
    }

    /// Double-precision numbers of a shape, row-major.
    pub fn doubles(&mut self, name: &str, shape: &[usize], values: impl IntoIterator<Item = f64>) {
        let bytes = self.bytes(name, shape, values, |v| v.is_finite(), f64::to_le_bytes);
        self.tensor(name, Dtype::F64, shape, bytes);
    }

    /// Whole numbers.
    pub fn wholes(&mut self, name: &str, values: &[u64]) {
        let bytes = self.bytes(name, &[values.len()], values.iter().copied(), |_| true, u64::to_le_bytes);
        self.tensor(name, Dtype::U64, &[values.len()], bytes);
    }

    /// Small whole numbers of a shape, row-major.
    pub fn indices(&mut self, name: &str, shape: &[usize], values: impl IntoIterator<Item = u32>) {
        let bytes = self.bytes(name, shape, values, |_| true, u32::to_le_bytes);
        self.tensor(name, Dtype::U32, shape, bytes);
    }

    /// Texts that are few: they can be read in `model.toml`.
    pub fn texts(&mut self, name: &str, texts: Vec<String>) {
        self.texts.insert(format!("{}{name}", self.prefix), texts);
    }

    /// Texts that may be many: their bytes are a tensor.
    pub fn strings<'a>(&mut self, name: &str, strings: impl IntoIterator<Item = &'a str>) {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for string in strings {
            bytes.extend_from_slice(string.as_bytes());
            ends.push(bytes.len() as u64);
        }
        self.wholes(&format!("{name}.ends"), &ends);
        let length = bytes.len();
        self.tensor(&format!("{name}.bytes"), Dtype::U8, &[length], bytes);
    }

    /// A text column that it reads.
    pub fn reads_text(&mut self, column: &str) {
        self.columns.texts.insert(column.to_owned());
    }

    /// A category column that it reads.
    pub fn reads_category(&mut self, column: &str) {
        self.columns.categories.insert(column.to_owned());
    }

    /// A numeric column that it reads.
    pub fn reads_number(&mut self, column: &str) {
        self.columns.numbers.insert(column.to_owned());
    }

    fn bytes<T: Copy, const N: usize>(
        &mut self,
        name: &str,
        shape: &[usize],
        values: impl IntoIterator<Item = T>,
        finite: fn(T) -> bool,
        write: fn(T) -> [u8; N],
    ) -> Vec<u8> {
        let length = shape.iter().product::<usize>() * N;
        let mut bytes = Vec::with_capacity(length);
        let mut good = true;
        for value in values {
            good &= finite(value);
            bytes.extend_from_slice(&write(value));
        }
        debug_assert_eq!(bytes.len(), length, "{name}");
        if !good && self.infinite.is_none() {
            self.infinite = Some(format!("{}{name}", self.prefix));
        }
        bytes
    }

    fn tensor(&mut self, name: &str, dtype: Dtype, shape: &[usize], bytes: Vec<u8>) {
        self.tensors.insert(format!("{}{name}", self.prefix), Tensor { dtype, shape: shape.to_vec(), bytes });
    }

    /// The file of tensors, the texts, and the columns.
    pub(super) fn finish(self) -> Result<Packed, Problem> {
        if let Some(part) = self.infinite {
            let problem = Problem::new(Class::Model, format!("the model cannot be saved: `{part}` has a number that is not finite"));
            return Err(problem.remedy("look for extreme values in the training data"));
        }
        let bytes = safetensors::serialize(self.tensors.iter(), None)
            .map_err(|e| Problem::new(Class::Internal, format!("the tensors of a model could not be written: {e}")))?;
        Ok((bytes, self.texts, self.columns))
    }
}
