//! Attributes of nodes and constants of the graph, read with care.

use super::value::refused;
use crate::value::Problem;
use tract_onnx::pb::{AttributeProto, NodeProto, TensorProto};

/// Name of a node for messages: its operator, and its own name where it has a plain one.
pub(super) fn named(node: &NodeProto) -> String {
    match plain(&node.name) {
        name if name.is_empty() || name == node.op_type => node.op_type.clone(),
        name => format!("{} ({name})", plain(&node.op_type)),
    }
}

/// A text of the file as it may be shown: short, and of plain characters.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || " ._-:/+<>=[]".contains(*c)).take(60).collect()
}

/// The attributes of a node.
#[derive(Clone, Copy)]
pub(super) struct Attributes<'a>(pub &'a NodeProto);

impl<'a> Attributes<'a> {
    fn get(self, name: &str) -> Option<&'a AttributeProto> {
        self.0.attribute.iter().find(|a| a.name == name)
    }

    pub fn int(self, name: &str) -> Option<i64> {
        self.get(name).map(|a| a.i)
    }

    pub fn float(self, name: &str) -> Option<f32> {
        self.get(name).map(|a| a.f)
    }

    pub fn floats(self, name: &str) -> &'a [f32] {
        self.get(name).map_or(&[], |a| &a.floats)
    }

    pub fn ints(self, name: &str) -> &'a [i64] {
        self.get(name).map_or(&[], |a| &a.ints)
    }

    pub fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn tensor(self, name: &str) -> Option<&'a TensorProto> {
        self.get(name).and_then(|a| a.t.as_ref())
    }

    pub fn text(self, name: &str) -> Result<Option<&'a str>, Problem> {
        self.get(name).map(|a| std::str::from_utf8(&a.s).map_err(|_| self.wrong(name, "is not UTF-8"))).transpose()
    }

    pub fn texts(self, name: &str) -> Result<Vec<&'a str>, Problem> {
        let Some(attribute) = self.get(name) else { return Ok(Vec::new()) };
        attribute.strings.iter().map(|s| std::str::from_utf8(s).map_err(|_| self.wrong(name, "has a text that is not UTF-8"))).collect()
    }

    /// Numbers that must be there, all finite.
    pub fn finite(self, name: &str) -> Result<&'a [f32], Problem> {
        let numbers = self.floats(name);
        if numbers.iter().all(|n| n.is_finite()) { Ok(numbers) } else { Err(self.wrong(name, "has numbers that are not finite")) }
    }

    /// A problem of an attribute.
    pub fn wrong(self, name: &str, what: &str) -> Problem {
        refused(format!("the model file is damaged: `{name}` of {} {what}", named(self.0)), "export the model again")
    }

    /// A use of an operator that is not provided for.
    pub fn unprovided(self, what: &str) -> Problem {
        refused(format!("the model uses {} {what}, which cannot be run here", named(self.0)), REMEDY)
    }
}

/// What to do about a model that cannot be run here.
pub(super) const REMEDY: &str =
    "export the model without it, or bring its output as a candidate of kind `predictions`, or the program that runs it as `command`";

/// Number of entries of a tensor, which must be there.
pub(super) fn volume(tensor: &TensorProto) -> Result<usize, Problem> {
    let named = || if tensor.name.is_empty() { "a tensor".to_owned() } else { format!("tensor `{}`", plain(&tensor.name)) };
    if tensor.data_location == Some(1) || !tensor.external_data.is_empty() {
        return Err(refused(
            format!("{} of the model is in another file, and only the model file itself is read", named()),
            "save the model with its weights inside: onnx.save_model(model, path, save_as_external_data=False)",
        ));
    }
    let wrong = |what: &str| refused(format!("the model file is damaged: {} {what}", named()), "export the model again");
    let mut volume = 1usize;
    for &dim in &tensor.dims {
        let dim = usize::try_from(dim).map_err(|_| wrong("has a negative size"))?;
        volume = volume.checked_mul(dim).ok_or_else(|| wrong("has sizes beyond all bounds"))?;
    }
    let (size, typed) = match tensor.data_type {
        1 => (4, tensor.float_data.len()),
        2 | 3 | 9 => (1, tensor.int32_data.len()),
        4 | 5 | 10 => (2, tensor.int32_data.len()),
        6 => (4, tensor.int32_data.len()),
        7 => (8, tensor.int64_data.len()),
        8 => (0, tensor.string_data.len()),
        11 => (8, tensor.double_data.len()),
        _ => return Err(refused(format!("{} of the model is of a type that cannot be read", named()), REMEDY)),
    };
    let fits = if tensor.raw_data.is_empty() { typed == volume } else { size > 0 && volume.checked_mul(size) == Some(tensor.raw_data.len()) };
    if fits { Ok(volume) } else { Err(wrong("has another size than it says")) }
}

/// The numbers of a tensor of whole numbers.
pub(super) fn ints(tensor: &TensorProto) -> Option<Vec<i64>> {
    let raw = &tensor.raw_data;
    match tensor.data_type {
        7 if raw.is_empty() => Some(tensor.int64_data.clone()),
        7 => Some(raw.chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().unwrap_or_default())).collect()),
        6 if raw.is_empty() => Some(tensor.int32_data.iter().map(|i| i64::from(*i)).collect()),
        6 => Some(raw.chunks_exact(4).map(|b| i64::from(i32::from_le_bytes(b.try_into().unwrap_or_default()))).collect()),
        _ => None,
    }
}

/// The numbers of a tensor of single precision.
pub(super) fn floats(tensor: &TensorProto) -> Option<Vec<f32>> {
    let raw = &tensor.raw_data;
    match tensor.data_type {
        1 if raw.is_empty() => Some(tensor.float_data.clone()),
        1 => Some(raw.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap_or_default())).collect()),
        _ => None,
    }
}

/// The labels in a tensor of texts or whole numbers.
pub(super) fn labels(tensor: &TensorProto) -> Option<Vec<String>> {
    if tensor.data_type == 8 {
        return tensor.string_data.iter().map(|s| String::from_utf8(s.clone()).ok()).collect();
    }
    ints(tensor).map(|numbers| numbers.iter().map(i64::to_string).collect())
}
