//! Gives the parts of a saved model, each checked for its kind of number, its shape and its values before it is copied.

use super::head::{Head, ReadColumns, damaged, looks_like};
use crate::value::{Problem, grouped};
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Most bytes of a header: names of a few dozen tensors.
const LARGEST_HEADER: u64 = 4 << 20;

/// The parts of a saved model.
pub struct Unpack<'a> {
    file: &'a str,
    head_file: &'a str,
    head: &'a Head,
    tensors: &'a SafeTensors<'a>,
    codes: &'a [String],
    prefix: String,
    seen: &'a RefCell<Seen>,
}

/// What was asked for.
#[derive(Default)]
struct Seen {
    tensors: BTreeSet<String>,
    texts: BTreeSet<String>,
    columns: ReadColumns,
}

/// Opens a file of tensors, and sees to it that `unpack` makes use of every part of the model.
pub(super) fn unpacked<T>(
    file: &str,
    head_file: &str,
    head: &Head,
    bytes: &[u8],
    unpack: impl FnOnce(&Unpack<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    // Looked at here, since the header is parsed before it is compared with anything.
    if let Some(length) = bytes.first_chunk::<8>().map(|b| u64::from_le_bytes(*b)).filter(|length| *length > LARGEST_HEADER) {
        let what = looks_like(bytes).map_or_else(String::new, |what| format!("; it looks like {what}"));
        return Err(damaged(
            file,
            format!("the header is said to have {} bytes, and no model needs more than {}{what}", length, grouped(LARGEST_HEADER as usize)),
        ));
    }
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| damaged(file, told(&e)))?;
    let seen = RefCell::default();
    let unpack_all = Unpack { file, head_file, head, tensors: &tensors, codes: &head.codes, prefix: String::new(), seen: &seen };
    let made = unpack(&unpack_all)?;
    let seen = seen.into_inner();
    if let Some(name) = tensors.names().into_iter().filter(|name| !seen.tensors.contains(*name)).min() {
        return Err(damaged(file, format!("`{}` is no part of a model of kind `{}`", shown(name), head.kind)));
    }
    if let Some(name) = head.texts.keys().find(|name| !seen.texts.contains(*name)) {
        return Err(damaged(head_file, format!("`{}` is no part of a model of kind `{}`", shown(name), head.kind)).within("texts"));
    }
    if seen.columns != head.columns {
        return Err(damaged(head_file, "the columns named are not those that the model reads").within("columns"));
    }
    Ok(made)
}

/// A name out of a file, short and without what a terminal would act on.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}

/// What is wrong with a file of tensors.
fn told(error: &SafeTensorError) -> String {
    use SafeTensorError as E;
    match error {
        E::HeaderTooSmall => "the file is too short to be safetensors".to_owned(),
        E::HeaderTooLarge | E::InvalidHeaderLength => "the header is said to be longer than the file".to_owned(),
        E::InvalidHeader(_) => "the header is not text".to_owned(),
        E::InvalidHeaderDeserialization(_) | E::JsonError(_) => {
            "the header does not describe tensors: kinds of numbers, shapes and offsets that are whole and not negative".to_owned()
        }
        E::InvalidOffset(name) => format!("the place of `{}` overlaps another one or leaves a gap", shown(name)),
        E::TensorInvalidInfo | E::InvalidTensorView(..) | E::MisalignedSlice => "a tensor's shape does not fit the bytes it has".to_owned(),
        E::ValidationOverflow => "a tensor's shape is larger than any file".to_owned(),
        E::MetadataIncompleteBuffer => "the file is shorter or longer than its tensors".to_owned(),
        other => format!("the file is not safetensors: {other}"),
    }
}

impl<'a> Unpack<'a> {
    /// The parts of a part, as packed by [`super::Pack::inside`].
    #[must_use]
    pub fn inside(&self, name: &str) -> Unpack<'a> {
        Unpack { prefix: format!("{}{name}.", self.prefix), ..*self }
    }

    /// The same parts for a model within another, which has codes of its own.
    #[must_use]
    pub fn of_codes(self, codes: &'a [String]) -> Self {
        Self { codes, ..self }
    }

    /// The codes it can give.
    #[must_use]
    pub fn codes(&self) -> &'a [String] {
        self.codes
    }

    /// That a part is wrong.
    #[must_use]
    pub fn wrong(&self, name: &str, what: impl std::fmt::Display) -> Problem {
        damaged(self.file, format!("`{}{name}` {what}", self.prefix))
    }

    /// That texts in `model.toml` are wrong.
    #[must_use]
    pub fn wrong_text(&self, name: &str, what: impl std::fmt::Display) -> Problem {
        damaged(self.head_file, format!("`{}{name}` {what}", self.prefix)).within("texts")
    }

    /// That a setting is wrong.
    #[must_use]
    pub fn wrong_setting(&self, what: impl Into<String>) -> Problem {
        damaged(self.head_file, what).within("settings")
    }

    /// Finite single-precision numbers of a shape, in which `None` stands for any size.
    ///
    /// # Errors
    /// None of that name, other numbers, another shape, NaN or infinity.
    pub fn floats(&self, name: &str, shape: &[Option<usize>]) -> Result<Vec<f32>, Problem> {
        let values: Vec<f32> = self.tensor(name, Dtype::F32, shape)?.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        if values.iter().all(|v| v.is_finite()) { Ok(values) } else { Err(self.wrong(name, "has a number that is NaN or infinite")) }
    }

    /// Finite double-precision numbers of a shape, in which `None` stands for any size.
    ///
    /// # Errors
    /// None of that name, other numbers, another shape, NaN or infinity.
    pub fn doubles(&self, name: &str, shape: &[Option<usize>]) -> Result<Vec<f64>, Problem> {
        let values: Vec<f64> = self.tensor(name, Dtype::F64, shape)?.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect();
        if values.iter().all(|v| v.is_finite()) { Ok(values) } else { Err(self.wrong(name, "has a number that is NaN or infinite")) }
    }

    /// Whole numbers.
    ///
    /// # Errors
    /// None of that name, or other numbers.
    pub fn wholes(&self, name: &str, length: Option<usize>) -> Result<Vec<u64>, Problem> {
        Ok(self.tensor(name, Dtype::U64, &[length])?.as_chunks::<8>().0.iter().map(|b| u64::from_le_bytes(*b)).collect())
    }

    /// Small whole numbers of a shape, in which `None` stands for any size.
    ///
    /// # Errors
    /// None of that name, other numbers, or another shape.
    pub fn indices(&self, name: &str, shape: &[Option<usize>]) -> Result<Vec<u32>, Problem> {
        Ok(self.tensor(name, Dtype::U32, shape)?.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect())
    }

    /// Texts in `model.toml`.
    ///
    /// # Errors
    /// None of that name.
    pub fn texts(&self, name: &str) -> Result<&'a [String], Problem> {
        let full = format!("{}{name}", self.prefix);
        let found = self.head.texts.get(&full).ok_or_else(|| damaged(self.head_file, format!("`{full}` is missing")).within("texts"))?;
        self.seen.borrow_mut().texts.insert(full);
        Ok(found)
    }

    /// Texts in a tensor.
    ///
    /// # Errors
    /// None of that name, ends that do not ascend, bytes that are not text.
    pub fn strings(&self, name: &str) -> Result<Vec<String>, Problem> {
        let ends = self.wholes(&format!("{name}.ends"), None)?;
        let bytes = self.tensor(&format!("{name}.bytes"), Dtype::U8, &[None])?;
        let mut strings = Vec::with_capacity(ends.len());
        let mut start = 0usize;
        for end in ends {
            let end = usize::try_from(end).unwrap_or(usize::MAX);
            let text = bytes.get(start..end).and_then(|b| std::str::from_utf8(b).ok());
            strings.push(text.ok_or_else(|| self.wrong(name, "is not text within its bounds"))?.to_owned());
            start = end;
        }
        if start == bytes.len() { Ok(strings) } else { Err(self.wrong(name, "has bytes behind its last text")) }
    }

    /// Notes columns that the model reads: texts, categories, numbers.
    pub fn reads(&self, texts: &[String], categories: &[String], numbers: &[String]) {
        let columns = &mut self.seen.borrow_mut().columns;
        columns.texts.extend(texts.iter().cloned());
        columns.categories.extend(categories.iter().cloned());
        columns.numbers.extend(numbers.iter().cloned());
    }

    fn tensor(&self, name: &str, dtype: Dtype, shape: &[Option<usize>]) -> Result<&'a [u8], Problem> {
        let full = format!("{}{name}", self.prefix);
        let view =
            self.tensors.tensor(&full).map_err(|_| damaged(self.file, format!("`{full}` is missing, which a model of kind `{}` has", self.head.kind)))?;
        self.seen.borrow_mut().tensors.insert(full);
        if view.dtype() != dtype {
            return Err(self.wrong(name, format!("has numbers of kind {:?} where the model has {dtype:?}", view.dtype())));
        }
        let fits = view.shape().len() == shape.len() && view.shape().iter().zip(shape).all(|(has, wanted)| wanted.is_none_or(|w| w == *has));
        if !fits {
            let wanted: Vec<String> = shape.iter().map(|s| s.map_or_else(|| "any".to_owned(), |s| s.to_string())).collect();
            return Err(self.wrong(name, format!("has shape {:?}, and the rest of the model needs [{}]", view.shape(), wanted.join(", "))));
        }
        Ok(view.data())
    }
}
