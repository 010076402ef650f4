//! The graph of a model file: decoded, checked, and cut down to what the wanted output needs.

use super::attribute::{Attributes, REMEDY, named, plain, volume};
use super::network::taken;
use super::operator::{PROVIDED, PROVIDED_ML};
use super::value::refused;
use super::wire;
use crate::value::{Class, Problem};
use std::collections::{BTreeMap, HashMap, HashSet};
use tract_onnx::pb::type_proto::Value as Type;
use tract_onnx::pb::{AttributeProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, tensor_shape_proto::dimension};
use tract_onnx::prelude::Framework;

/// What a column of an input holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Texts,
    Floats,
    Ints,
}

/// An input or output of the graph.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Port {
    pub name: String,
    /// None for maps, lists, and numbers of other types.
    pub holds: Option<Holds>,
    /// Its type for messages.
    pub words: &'static str,
    /// Sizes that are stated; none when its shape is not.
    pub shape: Option<Vec<Option<usize>>>,
}

/// A model file, decoded and checked.
pub(super) struct Graph {
    /// The file without its graph: versions of operators, and who made it.
    pub model: ModelProto,
    pub nodes: Vec<NodeProto>,
    pub constants: HashMap<String, TensorProto>,
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
}

impl Graph {
    /// Decodes a file.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        if let Some(excess) = wire::excess(bytes) {
            return Err(refused(format!("the file is not a model that can be read: it has {excess}"), REMEDY));
        }
        let mut from = bytes;
        let decoded = tract_onnx::onnx().proto_model_for_read(&mut from).map_err(|_| not_onnx(bytes))?;
        let mut model = decoded;
        let Some(mut graph) = model.graph.take().filter(|g| !g.node.is_empty()) else { return Err(not_onnx(bytes)) };
        if model.opset_import.is_empty() {
            return Err(refused(
                "the model file is damaged: it does not say of which version its operators are",
                "copy the file again, or export the model again",
            ));
        }
        if !graph.sparse_initializer.is_empty() {
            return Err(refused("the model has sparse tensors, which cannot be read here", REMEDY));
        }
        let mut constants = HashMap::new();
        for tensor in graph.initializer.drain(..) {
            volume(&tensor)?;
            constants.insert(tensor.name.clone(), tensor);
        }
        let mut nodes = Vec::with_capacity(graph.node.len());
        for node in graph.node.drain(..) {
            for attribute in &node.attribute {
                attribute.t.iter().chain(&attribute.tensors).try_for_each(|t| volume(t).map(|_| ()))?;
            }
            match constant(&node)? {
                Some(tensor) => drop(constants.insert(node.output[0].clone(), tensor)),
                None => nodes.push(node),
            }
        }
        let inputs: Vec<Port> = graph.input.iter().filter(|i| !constants.contains_key(&i.name)).map(port).collect();
        let outputs: Vec<Port> = graph.output.iter().map(port).collect();
        order(&nodes, &constants, &inputs)?;
        Ok(Self { model, nodes, constants, inputs, outputs })
    }

    /// Leaves only the nodes and inputs that an output needs.
    pub fn prune(&mut self, output: &str) {
        let mut needed: HashSet<&str> = HashSet::from([output]);
        let mut keep = vec![false; self.nodes.len()];
        for (place, node) in self.nodes.iter().enumerate().rev() {
            if node.output.iter().any(|o| needed.contains(o.as_str())) {
                keep[place] = true;
                needed.extend(node.input.iter().map(String::as_str));
            }
        }
        self.inputs.retain(|i| needed.contains(i.name.as_str()));
        let mut keep = keep.into_iter();
        self.nodes.retain(|_| keep.next().unwrap_or(false));
    }

    /// Writes out what tract computes without shifting, so that large numbers overflow: the logarithm of a sum of exponentials.
    pub fn steady(&mut self) {
        let mut nodes = Vec::with_capacity(self.nodes.len());
        for (place, node) in self.nodes.drain(..).enumerate() {
            if node.op_type != "ReduceLogSumExp" || node.input.is_empty() || node.output.is_empty() {
                nodes.push(node);
                continue;
            }
            // x has m taken away, so that no exponential overflows; of what is positive, the sum is the L1 norm, whose axes are stated alike.
            let named = |step: &str| format!("{place} {step} of {}", node.output[0]);
            let reduce = |operator: &str, from: &str, to: &str, keep: Option<i64>| {
                let mut made = NodeProto { op_type: operator.to_owned(), output: vec![to.to_owned()], ..node.clone() };
                from.clone_into(&mut made.input[0]);
                if let Some(keep) = keep {
                    made.attribute.retain(|a| a.name != "keepdims");
                    made.attribute.push(AttributeProto { name: "keepdims".to_owned(), i: keep, r#type: 2, ..AttributeProto::default() });
                }
                made
            };
            let plain = |operator: &str, from: &[&str], to: &str| NodeProto {
                op_type: operator.to_owned(),
                input: from.iter().map(|f| (*f).to_owned()).collect(),
                output: vec![to.to_owned()],
                ..NodeProto::default()
            };
            let (most, kept, less, grown, sum, log) = (named("maximum"), named("kept"), named("less"), named("grown"), named("sum"), named("log"));
            nodes.extend([
                reduce("ReduceMax", &node.input[0], &kept, Some(1)),
                reduce("ReduceMax", &node.input[0], &most, None),
                plain("Sub", &[&node.input[0], &kept], &less),
                plain("Exp", &[&less], &grown),
                reduce("ReduceL1", &grown, &sum, None),
                plain("Log", &[&sum], &log),
                plain("Add", &[&log, &most], &node.output[0]),
            ]);
        }
        self.nodes = nodes;
    }

    /// Refuses a model with operators that cannot be run, naming all of them.
    pub fn supported(&self) -> Result<(), Problem> {
        let mut lacking: BTreeMap<String, usize> = BTreeMap::new();
        for node in &self.nodes {
            let known = match node.domain.as_str() {
                "" | "ai.onnx" => PROVIDED.contains(&node.op_type.as_str()) || taken(&node.op_type),
                "ai.onnx.ml" => PROVIDED_ML.contains(&node.op_type.as_str()),
                "com.microsoft" => node.op_type == "Tokenizer",
                _ => false,
            };
            if !known {
                let domain = if node.domain.is_empty() { String::new() } else { format!("{}.", plain(&node.domain)) };
                *lacking.entry(format!("{domain}{}", plain(&node.op_type))).or_default() += 1;
            }
        }
        if !lacking.is_empty() {
            let list: Vec<String> = lacking.iter().map(|(name, count)| if *count > 1 { format!("{name} ({count} times)") } else { name.clone() }).collect();
            return Err(refused(format!("the model uses operators that cannot be run here: {}", list.join(", ")), REMEDY));
        }
        for node in &self.nodes {
            let imported = |domain: &str| self.model.opset_import.iter().any(|o| o.domain == domain || domain.is_empty() && o.domain == "ai.onnx");
            if !imported(node.domain.trim_start_matches("ai.onnx/")) && node.domain != "ai.onnx" {
                let message = format!("the model file is damaged: it does not say of which version {} is", named(node));
                return Err(refused(message, "copy the file again, or export the model again"));
            }
        }
        Ok(())
    }

    /// The node that gives a value, and its place among that node's outputs.
    pub fn maker(&self, value: &str) -> Option<(&NodeProto, usize)> {
        self.nodes.iter().find_map(|n| n.output.iter().position(|o| o == value).map(|place| (n, place)))
    }

    /// Who made the file, for the card.
    pub fn made(&self) -> String {
        let opset = self.model.opset_import.iter().filter(|o| o.domain.is_empty() || o.domain == "ai.onnx").map(|o| o.version).max().unwrap_or(0);
        let producer = plain(&format!("{} {}", self.model.producer_name, self.model.producer_version));
        let by = if producer.trim().is_empty() { String::new() } else { format!(", exported by {}", producer.trim()) };
        format!("ONNX, operators of version {opset}{by}")
    }
}

/// The value of a node that stands for a constant.
fn constant(node: &NodeProto) -> Result<Option<TensorProto>, Problem> {
    if node.op_type != "Constant" || !matches!(node.domain.as_str(), "" | "ai.onnx") || node.output.len() != 1 {
        return Ok(None);
    }
    let attributes = Attributes(node);
    let of = |data_type: i32, dims: Vec<i64>| TensorProto { data_type, dims, name: node.output[0].clone(), ..TensorProto::default() };
    let length = |n: usize| vec![n as i64];
    Ok(Some(if let Some(tensor) = attributes.tensor("value") {
        TensorProto { name: node.output[0].clone(), ..tensor.clone() }
    } else if attributes.has("value_float") {
        TensorProto { float_data: vec![attributes.float("value_float").unwrap_or_default()], ..of(1, vec![]) }
    } else if attributes.has("value_int") {
        TensorProto { int64_data: vec![attributes.int("value_int").unwrap_or_default()], ..of(7, vec![]) }
    } else if attributes.has("value_floats") {
        let data = attributes.floats("value_floats").to_vec();
        TensorProto { dims: length(data.len()), float_data: data, ..of(1, vec![]) }
    } else if attributes.has("value_ints") {
        let data = attributes.ints("value_ints").to_vec();
        TensorProto { dims: length(data.len()), int64_data: data, ..of(7, vec![]) }
    } else {
        return Err(attributes.unprovided("with a value of another kind"));
    }))
}

/// Every value must come from an input, a constant or an earlier node, and from one only: so there is no circle.
fn order(nodes: &[NodeProto], constants: &HashMap<String, TensorProto>, inputs: &[Port]) -> Result<(), Problem> {
    let all: HashSet<&str> = nodes.iter().flat_map(|n| &n.output).map(String::as_str).collect();
    let mut given: HashSet<&str> = constants.keys().map(String::as_str).chain(inputs.iter().map(|i| i.name.as_str())).collect();
    for node in nodes {
        for input in node.input.iter().filter(|i| !i.is_empty()) {
            if !given.contains(input.as_str()) {
                let what = if all.contains(input.as_str()) {
                    "which only a later node gives: the graph is not in order, or runs in a circle"
                } else {
                    "which nothing gives"
                };
                return Err(refused(format!("the model file is damaged: {} takes `{}`, {what}", named(node), plain(input)), "export the model again"));
            }
        }
        for output in node.output.iter().filter(|o| !o.is_empty()) {
            if !given.insert(output) {
                return Err(refused(format!("the model file is damaged: `{}` is given twice", plain(output)), "export the model again"));
            }
        }
    }
    Ok(())
}

fn port(info: &ValueInfoProto) -> Port {
    let tensor = info.r#type.as_ref().and_then(|t| t.value.as_ref()).map(|Type::TensorType(tensor)| tensor);
    let (holds, words) = match tensor.map(|t| t.elem_type) {
        Some(1) => (Some(Holds::Floats), "numbers"),
        Some(6 | 7) => (Some(Holds::Ints), "whole numbers"),
        Some(8) => (Some(Holds::Texts), "texts"),
        Some(11) => (None, "numbers of double precision"),
        Some(_) => (None, "numbers of another type"),
        None => (None, "a list of maps"),
    };
    let size = |d: &tract_onnx::pb::tensor_shape_proto::Dimension| match d.value {
        Some(dimension::Value::DimValue(v)) => usize::try_from(v).ok().filter(|v| *v > 0),
        _ => None,
    };
    let shape = tensor.and_then(|t| t.shape.as_ref()).map(|s| s.dim.iter().map(size).collect());
    Port { name: info.name.clone(), holds, words, shape }
}

/// What the file is instead.
fn not_onnx(bytes: &[u8]) -> Problem {
    let kind = match bytes {
        [] => "it is empty",
        [0x80, 2..=5, ..] => "it looks like a pickle, which could run anything and is never loaded",
        [b'P', b'K', 3, 4, ..] => "it looks like a zip archive, perhaps of PyTorch",
        [0x89, b'H', b'D', b'F', ..] => "it looks like HDF5, perhaps of Keras",
        [_, _, _, _, _, _, _, _, b'{', ..] => "it looks like safetensors",
        _ => "it is of another kind, or damaged",
    };
    Problem::new(Class::Model, format!("the file is not an ONNX model: {kind}"))
        .remedy("export the model with skl2onnx, onnxmltools or torch.onnx, or copy the file again")
}
