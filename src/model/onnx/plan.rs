//! The order in which operators and numeric parts run, and running them on blocks of records.

use super::attribute::Attributes;
use super::graph::{Graph, Holds};
use super::network::{Network, Part, taken};
use super::operator::{Known, Operator, operator};
use super::value::{Kind, Value, misfit};
use crate::value::Problem;
use std::collections::{HashMap, HashSet};
use tract_onnx::pb::NodeProto;

/// Where a value is kept while a block is run.
type Slot = usize;

enum Step {
    Own { operator: Operator, inputs: Vec<Slot>, output: Slot },
    Network { network: Network, inputs: Vec<Slot>, outputs: Vec<Slot> },
}

/// A graph, ready to run.
pub(super) struct Plan {
    steps: Vec<Step>,
    slots: usize,
    inputs: Vec<Slot>,
    output: Slot,
    /// True when blocks must have the number of records that the plan was made for.
    fixed: bool,
}

/// Values by name while a plan is made.
#[derive(Default)]
struct Slots<'a> {
    of: HashMap<&'a str, Slot>,
    values: Vec<Option<Value<'a>>>,
}

impl<'a> Slots<'a> {
    fn put(&mut self, name: &'a str, value: Value<'a>) -> Slot {
        self.values.push(Some(value));
        self.of.insert(name, self.values.len() - 1);
        self.values.len() - 1
    }

    fn get(&self, slot: Slot) -> Result<&Value<'a>, Problem> {
        self.values.get(slot).and_then(Option::as_ref).ok_or_else(|| misfit("a value that nothing gives"))
    }
}

/// The output of a node that is used here: of a classifier its scores.
pub(super) fn given(node: &NodeProto) -> Option<&str> {
    let place = usize::from(matches!(node.op_type.as_str(), "LinearClassifier" | "TreeEnsembleClassifier"));
    node.output.get(place).map(String::as_str)
}

impl Plan {
    /// Makes a plan by running the graph once on made-up records, `blank` for each input; gives it with the columns of its output.
    pub fn make<'a>(graph: &'a Graph, blank: Vec<Value<'a>>, rows: usize, output: &str) -> Result<(Self, usize), Problem> {
        let mut operators = operators(graph, output)?;
        let mut slots = Slots::default();
        let inputs: Vec<Slot> = graph.inputs.iter().zip(blank).map(|(port, value)| slots.put(&port.name, value)).collect();
        let mut waiting: Vec<usize> = (0..graph.nodes.len()).collect();
        let mut steps = Vec::new();
        while !waiting.is_empty() {
            let before = waiting.len();
            let dynamic =
                |node: &'_ NodeProto| -> Vec<String> { node.input.iter().filter(|i| !i.is_empty() && !graph.constants.contains_key(*i)).cloned().collect() };
            // All that can be run here.
            let mut left = Vec::new();
            for place in waiting {
                let node = &graph.nodes[place];
                let needs: Option<Vec<Slot>> = dynamic(node).iter().map(|n| slots.of.get(n.as_str()).copied()).collect();
                match (operators[place].take(), needs, given(node)) {
                    (Some(operator), Some(inputs), Some(name)) => {
                        let values: Vec<&Value<'_>> = inputs.iter().map(|s| slots.get(*s)).collect::<Result<_, _>>()?;
                        let value = operator.apply(&values, true).map_err(|p| p.within(super::attribute::named(node)))?;
                        let output = slots.put(name, value);
                        steps.push(Step::Own { operator, inputs, output });
                    }
                    (operator, _, _) => {
                        operators[place] = operator;
                        left.push(place);
                    }
                }
            }
            // Then all that tract can run with it.
            let (mut part, mut within) = (Vec::new(), HashSet::new());
            waiting = Vec::new();
            for place in left {
                let node = &graph.nodes[place];
                let ready = operators[place].is_none() && dynamic(node).iter().all(|n| slots.of.contains_key(n.as_str()) || within.contains(n));
                if ready {
                    within.extend(node.output.iter().cloned());
                    part.push(node);
                } else {
                    waiting.push(place);
                }
            }
            if !part.is_empty() {
                let later: HashSet<&str> = waiting.iter().flat_map(|p| &graph.nodes[*p].input).map(String::as_str).chain([output]).collect();
                steps.push(network(graph, &part, &within, &later, &mut slots, rows)?);
            }
            if waiting.len() == before {
                return Err(misfit("the label that a classifier gives is used as a feature"));
            }
        }
        let Some(&place) = slots.of.get(output) else { return Err(misfit("the output comes from nothing")) };
        let columns = slots.get(place)?.columns();
        let fixed = steps.iter().any(|s| matches!(s, Step::Network { .. }));
        Ok((Self { steps, slots: slots.values.len(), inputs, output: place, fixed }, columns))
    }

    /// True when blocks must have the number of records that the plan was made for.
    pub fn fixed(&self) -> bool {
        self.fixed
    }

    /// True when tract runs a part of it.
    pub fn networks(&self) -> usize {
        self.steps.iter().filter(|s| matches!(s, Step::Network { .. })).count()
    }

    /// Runs a block of records; gives the output.
    pub fn run<'a>(&self, inputs: Vec<Value<'a>>) -> Result<Value<'a>, Problem> {
        let mut values: Vec<Option<Value<'a>>> = vec![None; self.slots];
        self.inputs.iter().zip(inputs).for_each(|(slot, value)| values[*slot] = Some(value));
        for step in &self.steps {
            let taken = |slots: &[Slot]| -> Result<Vec<&Value<'a>>, Problem> {
                slots.iter().map(|s| values[*s].as_ref().ok_or_else(|| misfit("a value that nothing gives"))).collect()
            };
            match step {
                Step::Own { operator, inputs, output } => {
                    let made = operator.apply(&taken(inputs)?, false)?;
                    values[*output] = Some(made);
                }
                Step::Network { network, inputs, outputs } => {
                    let made = network.run(&taken(inputs)?)?;
                    outputs.iter().zip(made).for_each(|(slot, value)| values[*slot] = Some(value));
                }
            }
        }
        values[self.output].take().ok_or_else(|| misfit("the output comes from nothing"))
    }
}

/// For each node the operator that runs it here, or none when tract does.
fn operators(graph: &Graph, output: &str) -> Result<Vec<Option<Operator>>, Problem> {
    let mut takers: HashMap<&str, Vec<&str>> = HashMap::new();
    for node in &graph.nodes {
        node.input.iter().for_each(|i| takers.entry(i).or_default().push(&node.op_type));
    }
    let kind = |holds: Option<Holds>| match holds {
        Some(Holds::Texts) => Some(Kind::Texts),
        Some(Holds::Floats) => Some(Kind::Floats),
        Some(Holds::Ints) => Some(Kind::Ints),
        None => None,
    };
    let mut kinds: HashMap<String, Option<Kind>> = graph.inputs.iter().map(|i| (i.name.clone(), kind(i.holds))).collect();
    let mut found = Vec::with_capacity(graph.nodes.len());
    let mut logarithms: HashSet<&str> = HashSet::new();
    for node in &graph.nodes {
        let logged = node.output.first().is_some_and(|o| o != output && takers.get(o.as_str()).is_some_and(|t| t.iter().all(|t| *t == "Log")));
        let after = node.input.first().is_some_and(|i| logarithms.contains(i.as_str()));
        let one = operator(node, &Known { kinds: &kinds, constants: &graph.constants, logged, after })?;
        if matches!(one, Some((Operator::Logarithm, _))) {
            logarithms.extend(node.output.iter().map(String::as_str));
        }
        if one.is_none() && !taken(&node.op_type) {
            return Err(Attributes(node).unprovided("on values that it cannot be run on"));
        }
        let made = one.as_ref().map(|(_, kind)| *kind);
        kinds.extend(node.output.iter().map(|o| (o.clone(), made)));
        found.push(one.map(|(operator, _)| operator));
    }
    Ok(found)
}

/// A part for tract, built and run once.
fn network<'a>(
    graph: &'a Graph,
    part: &[&'a NodeProto],
    within: &HashSet<String>,
    later: &HashSet<&str>,
    slots: &mut Slots<'a>,
    rows: usize,
) -> Result<Step, Problem> {
    let mut names: Vec<&str> = Vec::new();
    for name in part.iter().flat_map(|n| &n.input).filter(|i| !i.is_empty() && !within.contains(*i) && !graph.constants.contains_key(*i)) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let outputs: Vec<&'a str> = part.iter().flat_map(|n| &n.output).map(String::as_str).filter(|o| later.contains(o)).collect();
    let flat = |name: &str| graph.inputs.iter().any(|i| i.name == name && i.shape.as_ref().is_some_and(|s| s.len() == 1));
    let places: Vec<Slot> = names.iter().filter_map(|n| slots.of.get(n).copied()).collect();
    let made = {
        let values: Vec<&Value<'_>> = places.iter().map(|s| slots.get(*s)).collect::<Result<_, _>>()?;
        let inputs: Vec<(&str, &Value<'_>, bool)> = names.iter().zip(&values).map(|(n, v)| (*n, *v, flat(n))).collect();
        let network = Network::build(graph, &Part { nodes: part, inputs: &inputs, outputs: &outputs, rows })?;
        let made = network.run(&values)?;
        (network, made)
    };
    let outputs = outputs.into_iter().zip(made.1).map(|(name, value)| slots.put(name, value)).collect();
    Ok(Step::Network { network: made.0, inputs: places, outputs })
}
