//! The purely numeric parts of a graph, run by tract.
//!
//! A part is built node by node with sizes known from the values before it, and the size of what a node gives is bounded before the node is
//! added, so that no file can ask for more memory than a model needs. What tract refuses or panics on is a problem of the file.

use super::attribute::named;
use super::graph::Graph;
use super::value::{Dense, Value, misfit, refused};
use crate::data::quietly;
use crate::value::Problem;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

/// Operators that are left to tract.
#[rustfmt::skip]
const TAKEN: &[&str] = &[
    "Abs", "Add", "And", "ArgMax", "ArgMin", "BatchNormalization", "Cast", "Ceil", "Celu", "Clip", "Concat", "ConstantOfShape", "Cos", "Div",
    "Dropout", "Elu", "Equal", "Erf", "Exp", "Expand", "Flatten", "Floor", "Gather", "Gelu", "Gemm", "Greater", "GreaterOrEqual", "HardSigmoid",
    "HardSwish", "Identity", "IsNaN", "LayerNormalization", "LeakyRelu", "Less", "LessOrEqual", "Log", "LogSoftmax", "MatMul", "Max", "Mean", "Min",
    "Mish", "Mul", "Neg", "Not", "Or", "PRelu", "Pow", "Reciprocal", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
    "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare", "Relu", "Reshape", "Round", "Selu", "Shape", "Sigmoid", "Sign", "Sin",
    "Slice", "Softmax", "Softplus", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Tanh", "Transpose", "Unsqueeze", "Where", "Xor",
];

/// True when tract can be given an operator.
pub(super) fn taken(operator: &str) -> bool {
    TAKEN.binary_search(&operator).is_ok()
}

/// Most numbers that a node may give for a block of records.
const MOST_NUMBERS: usize = 1 << 24;
/// Most numbers that all nodes of a part may give together.
const MOST_TOGETHER: usize = 1 << 27;

/// A numeric part of a graph, compiled for blocks of a fixed number of records.
pub(super) struct Network {
    plan: Arc<TypedRunnableModel>,
    /// Whether each input has one axis only.
    flat: Vec<bool>,
    rows: usize,
}

/// What a part is built of.
pub(super) struct Part<'a> {
    pub nodes: &'a [&'a NodeProto],
    /// Values that come from before, as they were on a trial, and whether they have one axis only.
    pub inputs: &'a [(&'a str, &'a Value<'a>, bool)],
    /// Values that are needed after it.
    pub outputs: &'a [&'a str],
    pub rows: usize,
}

impl Network {
    pub fn build(graph: &Graph, part: &Part<'_>) -> Result<Self, Problem> {
        match quietly(|| catch_unwind(AssertUnwindSafe(|| compile(graph, part)))) {
            Ok(built) => built,
            Err(_) => Err(refused("a part of the model could not be prepared by tract, which runs it", super::attribute::REMEDY)),
        }
    }

    pub fn run<'a>(&self, inputs: &[&Value<'a>]) -> Result<Vec<Value<'a>>, Problem> {
        let run = || -> TractResult<TVec<TValue>> {
            let inputs = inputs.iter().zip(&self.flat).map(|(value, flat)| Ok(tensor(value, self.rows, *flat)?.into_tvalue()));
            self.plan.run(inputs.collect::<TractResult<_>>()?)
        };
        let outputs = match quietly(|| catch_unwind(AssertUnwindSafe(run))) {
            Ok(Ok(outputs)) => outputs,
            Ok(Err(error)) => return Err(failed("a part of the model", &error)),
            Err(_) => return Err(refused("a part of the model could not be run by tract", super::attribute::REMEDY)),
        };
        outputs.iter().map(|output| value(output, self.rows)).collect()
    }
}

fn compile(graph: &Graph, part: &Part<'_>) -> Result<Network, Problem> {
    let framework = tract_onnx::onnx();
    let version = graph.model.opset_import.iter().find(|o| o.domain.is_empty() || o.domain == "ai.onnx").map_or(0, |o| o.version);
    let context = ParsingContext {
        onnx_operator_set_version: version,
        framework: &framework,
        model: &graph.model,
        parent_graphs: vec![],
        model_dir: None,
        template: InferenceModel::default(),
    };
    let mut model = InferenceModel::default();
    let mut outlets: HashMap<&str, OutletId> = HashMap::new();
    let (mut flat, mut together) = (Vec::new(), 0);
    for (name, value, one) in part.inputs {
        let sample = tensor(value, part.rows, *one).map_err(|e| failed("an input", &e))?;
        let fact = InferenceFact::dt_shape(sample.datum_type(), sample.shape());
        outlets.insert(name, model.add_source(format!("input {name}"), fact).map_err(|e| failed("an input", &e))?);
        flat.push(*one);
    }
    for (number, node) in part.nodes.iter().enumerate() {
        let fail = |e: TractError| failed(&named(node), &e);
        let mut edges = Vec::new();
        for input in node.input.iter().filter(|i| !i.is_empty()) {
            if !outlets.contains_key(input.as_str()) {
                let Some(constant) = graph.constants.get(input) else { return Err(misfit("a value that nothing gives")) };
                let tensor = context.load_tensor(constant).map_err(fail)?;
                let outlet = model.add_const(format!("constant {input}"), tensor).map_err(fail)?;
                outlets.insert(input, outlet);
            }
            edges.push(outlets[input.as_str()]);
        }
        together += bound(&node.op_type, &model, &edges).filter(|b| *b <= MOST_NUMBERS).ok_or_else(|| {
            refused(
                format!("{} gives more numbers for a block of records than any model needs, or how many is not known", named(node)),
                super::attribute::REMEDY,
            )
        })?;
        if together > MOST_TOGETHER {
            return Err(refused("the model computes more numbers for a record than can be held", super::attribute::REMEDY));
        }
        let Some(builder) = framework.op_register.0.get(&node.op_type) else { return Err(misfit("an operator that tract lacks")) };
        let (operator, closures) = builder(&context, node).map_err(fail)?;
        if !closures.is_empty() {
            return Err(misfit("an operator with a graph of its own"));
        }
        let given: Vec<&str> = node.output.iter().map(String::as_str).filter(|o| !o.is_empty()).collect();
        let id = model.add_node(format!("{number} {}", node.op_type), operator, given.iter().map(|_| InferenceFact::default()).collect()).map_err(fail)?;
        for (slot, outlet) in edges.iter().enumerate() {
            model.add_edge(*outlet, InletId::new(id, slot)).map_err(fail)?;
        }
        infer(&mut model, id).map_err(fail)?;
        for (slot, name) in given.iter().enumerate() {
            outlets.insert(name, OutletId::new(id, slot));
        }
    }
    let wanted: Option<Vec<OutletId>> = part.outputs.iter().map(|o| outlets.get(o).copied()).collect();
    let Some(wanted) = wanted else { return Err(misfit("a value that nothing gives")) };
    let plan = model.select_output_outlets(&wanted).and_then(|()| model.into_optimized()?.into_runnable());
    Ok(Network { plan: plan.map_err(|e| failed("a part of the model", &e))?, flat, rows: part.rows })
}

/// Finds the sizes of what a node gives.
fn infer(model: &mut InferenceModel, id: usize) -> TractResult<()> {
    let (inputs, outputs): (TVec<InferenceFact>, TVec<InferenceFact>) = {
        let (inputs, outputs) = model.node_facts(id)?;
        (inputs.into_iter().cloned().collect(), outputs.into_iter().cloned().collect())
    };
    let observed: TVec<InferenceFact> = {
        let node = model.node(id);
        node.op.observe_outlets(model, node)?.into_iter().map(|o| model.outlet_fact(o).cloned()).collect::<TractResult<_>>()?
    };
    let (_, found, _) = model.node_mut(id).op.infer(inputs.iter().collect(), outputs.iter().collect(), observed.iter().collect())?;
    for (slot, fact) in found.into_iter().enumerate() {
        model.set_outlet_fact(OutletId::new(id, slot), fact)?;
    }
    Ok(())
}

/// An upper bound of the numbers that a node gives, from the sizes of what it takes; none when it is not known.
fn bound(operator: &str, model: &InferenceModel, inputs: &[OutletId]) -> Option<usize> {
    let facts: Vec<&InferenceFact> = inputs.iter().map(|o| model.outlet_fact(*o).ok()).collect::<Option<_>>()?;
    let shapes: Vec<TVec<usize>> = facts.iter().map(|f| f.shape.as_concrete_finite().ok().flatten()).collect::<Option<_>>()?;
    let product = |shape: &[usize]| shape.iter().try_fold(1usize, |a, b| a.checked_mul(*b));
    let volumes: Vec<usize> = shapes.iter().map(|s| product(s)).collect::<Option<_>>()?;
    let most = volumes.iter().copied().max().unwrap_or(1);
    let stated = |place: usize| -> Option<Vec<usize>> {
        let value = facts.get(place)?.value.concretize()?;
        let value = value.cast_to::<i64>().ok()?;
        value.try_as_plain_ram().ok()?.as_slice::<i64>().ok()?.iter().map(|d| usize::try_from(*d).ok()).collect()
    };
    match operator {
        // What every axis is stretched to.
        "Expand" => broadcast(&[shapes.first()?.to_vec(), stated(1)?]),
        "ConstantOfShape" => product(&stated(0)?),
        "Concat" => volumes.iter().try_fold(0usize, |a, b| a.checked_add(*b)),
        "MatMul" => {
            let inner = shapes.first()?.last().copied().unwrap_or(1).max(1);
            (volumes[0] / inner).max(1).checked_mul((volumes.get(1)? / inner).max(1))
        }
        "Gemm" => {
            let longest = |place: usize| shapes.get(place).and_then(|s| s.iter().copied().max()).unwrap_or(1);
            longest(0).checked_mul(longest(1))
        }
        "Gather" => {
            let least = shapes.first()?.iter().copied().min().unwrap_or(1).max(1);
            (volumes[0] / least).max(1).checked_mul(*volumes.get(1)?)
        }
        "Add" | "Sub" | "Mul" | "Div" | "Pow" | "Min" | "Max" | "Sum" | "Mean" | "And" | "Or" | "Xor" | "Equal" | "Greater" | "GreaterOrEqual" | "Less"
        | "LessOrEqual" | "Where" | "PRelu" | "BatchNormalization" | "LayerNormalization" | "Clip" => {
            broadcast(&shapes.iter().map(|s| s.to_vec()).collect::<Vec<_>>())
        }
        _ => Some(most),
    }
}

/// Numbers in what shapes are stretched to together; sizes that do not fit are left to tract to refuse.
fn broadcast(shapes: &[Vec<usize>]) -> Option<usize> {
    let rank = shapes.iter().map(Vec::len).max().unwrap_or(0);
    (1..=rank).try_fold(1usize, |all, axis| {
        let size = shapes.iter().filter_map(|s| s.len().checked_sub(axis).map(|at| s[at])).max().unwrap_or(1);
        all.checked_mul(size)
    })
}

fn tensor(value: &Value<'_>, rows: usize, flat: bool) -> TractResult<Tensor> {
    let columns = value.columns();
    let shape: TVec<usize> = if flat && columns == 1 { tvec![rows] } else { tvec![rows, columns] };
    match value {
        Value::Ints(m) => Tensor::from_shape(&shape, &m.items),
        other => {
            let Ok(m) = other.floats() else { bail!("texts where numbers are due") };
            Tensor::from_shape(&shape, &m.items)
        }
    }
}

fn value<'a>(tensor: &Tensor, rows: usize) -> Result<Value<'a>, Problem> {
    if tensor.shape().first() != Some(&rows) {
        return Err(misfit("what the network gives has not a row for each record"));
    }
    let columns = tensor.shape()[1..].iter().product();
    let fail = |e: TractError| failed("a part of the model", &e);
    if tensor.datum_type().is_float() {
        let cast = tensor.cast_to::<f32>().map_err(fail)?;
        let items = cast.try_as_plain_ram().and_then(|p| Ok(p.as_slice::<f32>()?.to_vec())).map_err(fail)?;
        return Ok(Value::Floats(Dense { columns, items }));
    }
    let cast = tensor.cast_to::<i64>().map_err(fail)?;
    let items = cast.try_as_plain_ram().and_then(|p| Ok(p.as_slice::<i64>()?.to_vec())).map_err(fail)?;
    Ok(Value::Ints(Dense { columns, items }))
}

/// What tract says, cut to a line.
fn failed(what: &str, error: &TractError) -> Problem {
    let said = error.root_cause().to_string();
    let said: String = said.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()).take(160).collect();
    refused(format!("{what} cannot be run: {said}"), super::attribute::REMEDY)
}
