//! Model files in the ONNX format: read with care, and coding as the program they were exported from.
//!
//! Nothing is allocated on a file's word (`wire.rs`, `attribute.rs`), the graph is cut down to what its probabilities need, and every operator
//! that cannot be run is named before anything runs. Operators on texts and of ONNX's machine-learning domain are run here, on sparse rows where
//! they can be; what is purely numeric is run by tract (`network.rs`). Scores that are not probabilities are never made to look like some.

mod attribute;
mod columns;
mod graph;
mod inputs;
mod network;
mod operator;
mod outputs;
mod pattern;
mod plan;
mod scores;
#[cfg(test)]
mod tests;
mod texts;
mod tree;
mod value;
mod wire;

use super::{Coder, Input, OnnxRecipe, Predictions, Scale};
use crate::value::{Failure, Problem, grouped};
use graph::Graph;
use inputs::Binding;
use plan::Plan;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use value::refused;

/// Largest model file, in bytes: as protobuf has it.
const LARGEST: usize = i32::MAX as usize;
/// Records coded at a time.
const BLOCK: usize = 256;
/// Most numbers of one matrix of a block.
const MOST_NUMBERS: usize = 1 << 22;
/// How far a probability may be outside of 0 and 1, and their sum from 1, by rounding in single precision.
const ROUNDING: f64 = 1e-4;

/// A model in the ONNX format, loaded.
pub struct Onnx {
    plan: Plan,
    bindings: Vec<Binding>,
    rows: usize,
    columns: usize,
    codes: Vec<String>,
    /// For each class of the file, its place among the sorted codes.
    places: Vec<u32>,
    scale: Scale,
    facts: Vec<(String, String)>,
    /// Some record's scores did not add up to 1.
    off: AtomicBool,
}

impl Onnx {
    /// Loads a model file for the columns of `input` and the codes of a study; `framed` when a code frame says which codes there are.
    ///
    /// # Errors
    /// A file of another kind, damaged, or with weights elsewhere; operators that cannot be run, all of them; inputs without columns; classes
    /// that are no codes.
    pub fn load(recipe: &OnnxRecipe, bytes: &[u8], input: &Input<'_>, codes: &[String], framed: bool) -> Result<Self, Failure> {
        let named = |mut problem: Problem| {
            problem.place.get_or_insert_default().file.clone_from(&recipe.path);
            problem
        };
        make(recipe, bytes, input, codes, framed).map_err(|failure| Failure::of(failure.problems.into_iter().map(named).collect()))
    }

    /// The scores of a block of records, class by class.
    fn scores(&self, input: &Input<'_>, rows: &[u32]) -> Result<Vec<f32>, Problem> {
        let mut all;
        let block = if self.plan.fixed() && rows.len() < self.rows {
            all = rows.to_vec();
            all.resize(self.rows, rows[rows.len() - 1]);
            &all
        } else {
            rows
        };
        let output = self.plan.run(inputs::values(&self.bindings, input, block)?)?;
        let mut scores = output.floats()?.into_owned();
        if scores.columns != self.columns {
            return Err(value::misfit("the output has another number of columns for other records"));
        }
        scores.items.truncate(rows.len() * self.columns);
        Ok(scores.items)
    }

    /// A record's scores as confidences, at the places of their codes; tells whether they are probabilities over all codes.
    fn settle(&self, scores: &[f32], into: &mut [f64], row: u32) -> Result<bool, Problem> {
        let at = |problem: Problem| problem.within(format!("first: record {} of the data", row + 1));
        if scores.iter().any(|s| !s.is_finite()) {
            let remedy = "a model that takes missing numbers as they are gives no answer: train it with an imputer before, or fill the columns";
            return Err(at(refused("the model gives scores that are not numbers", remedy)));
        }
        if let [score] = scores {
            (into[self.places[0] as usize], into[self.places[1] as usize]) = (1.0 - f64::from(*score), f64::from(*score));
        } else {
            scores.iter().zip(&self.places).for_each(|(score, place)| into[*place as usize] = f64::from(*score));
        }
        if self.scale == Scale::Order {
            return Ok(false);
        }
        if into.iter().any(|p| !(-ROUNDING..=1.0 + ROUNDING).contains(p)) {
            let remedy = "export the model's probabilities; a classifier that has none, e.g. LinearSVC, can be calibrated before it is exported, or say \
                          scores = \"order\" to use only the order of its scores";
            return Err(at(refused("the model gives scores that are not between 0 and 1", remedy)));
        }
        into.iter_mut().for_each(|p| *p = p.clamp(0.0, 1.0));
        let sum: f64 = into.iter().sum();
        let whole = (sum - 1.0).abs() <= ROUNDING;
        if whole {
            into.iter_mut().for_each(|p| *p /= sum);
        }
        Ok(whole)
    }
}

/// A missing number where whole numbers are due.
fn missing_number() -> Problem {
    refused("the model turns a missing number into a whole one", "train it with an imputer before, or fill the columns")
}

fn make(recipe: &OnnxRecipe, bytes: &[u8], input: &Input<'_>, frame: &[String], framed: bool) -> Result<Onnx, Failure> {
    if bytes.len() > LARGEST {
        return Err(refused("the file is larger than 2 GiB, and no model in the ONNX format is", "name the model file").into());
    }
    let mut graph = Graph::read(bytes)?;
    let chosen = outputs::choose(&mut graph, recipe)?;
    graph.prune(&chosen.value);
    graph.supported()?;
    let bindings = inputs::bind(&graph.inputs, recipe, input).map_err(Failure::of)?;
    let rows = block(&graph);
    let operators = operators(&graph);
    graph.steady();
    let (plan, columns) = Plan::make(&graph, inputs::blank(&bindings, rows), rows, &chosen.value)?;
    let stated = !recipe.classes.is_empty();
    let Some(classes) = (if stated { Some(recipe.classes.clone()) } else { chosen.classes }) else {
        let remedy = "list the codes in the order of the model's classes: classes = [\"…\"], or name a text file with one a line: classes = \"classes.txt\"";
        return Err(refused(format!("the model does not say which classes its {} scores are of", grouped(columns)), remedy).into());
    };
    if classes.len() != columns && !(columns == 1 && classes.len() == 2) {
        let message = format!("the model gives {} scores for a record, and there are {} classes", grouped(columns), grouped(classes.len()));
        return Err(refused(message, "name the output with the probabilities of all classes, or list a code for each of its columns in `classes`").into());
    }
    let (codes, places) = outputs::codes(&classes, stated, frame, framed)?;
    let mut facts = facts(&graph, &bindings, &plan, columns, codes.len(), stated);
    facts.insert(2, ("operators".to_owned(), operators));
    Ok(Onnx { plan, bindings, rows, columns, codes, places, scale: recipe.scores, facts, off: AtomicBool::new(false) })
}

/// Records of a block: as many as the file demands, else fewer where its matrices are wide.
fn block(graph: &Graph) -> usize {
    let demanded = graph.inputs.iter().find_map(|i| i.shape.as_ref().and_then(|s| s.first().copied().flatten()));
    let widest = |n: &tract_onnx::pb::NodeProto| attribute::Attributes(n).ints("ngram_indexes").iter().copied().max().unwrap_or(0).clamp(0, 1 << 24) as usize;
    let wide: usize = graph.nodes.iter().filter(|n| n.op_type == "TfIdfVectorizer").map(widest).sum();
    demanded.filter(|d| *d <= BLOCK).unwrap_or_else(|| (MOST_NUMBERS / wide.max(1)).clamp(16, BLOCK))
}

/// The operators of a graph with how often each occurs, for the card.
fn operators(graph: &Graph) -> String {
    let mut operators: BTreeMap<&str, usize> = BTreeMap::new();
    graph.nodes.iter().for_each(|n| *operators.entry(n.op_type.as_str()).or_default() += 1);
    let words = |(name, count): (&str, usize)| if count > 1 { format!("{name} × {count}") } else { name.to_owned() };
    operators.into_iter().map(words).collect::<Vec<_>>().join(", ")
}

fn facts(graph: &Graph, bindings: &[Binding], plan: &Plan, columns: usize, codes: usize, stated: bool) -> Vec<(String, String)> {
    let mut facts = vec![
        ("model file".to_owned(), graph.made()),
        ("inputs".to_owned(), bindings.iter().map(Binding::words).collect::<Vec<_>>().join("; ")),
        ("classes".to_owned(), format!("{}{}", grouped(codes), if stated { ", as the study lists them" } else { "" })),
    ];
    if plan.networks() > 0 {
        facts.push(("numeric parts run by".to_owned(), "tract 0.23".to_owned()));
    }
    if columns == 1 {
        facts.push(("probabilities".to_owned(), "one is given, of the second class; the first has the rest".to_owned()));
    }
    facts
}

impl Coder for Onnx {
    fn codes(&self) -> &[String] {
        &self.codes
    }

    fn predict(&self, input: &Input<'_>, keep: usize) -> Result<Predictions, Failure> {
        let (codes, kept) = (self.codes.len(), keep.clamp(1, self.codes.len()));
        let parts: Vec<Predictions> = input
            .rows
            .par_chunks(self.rows)
            .map(|rows| {
                let scores = self.scores(input, rows)?;
                let (mut dense, mut whole) = (vec![0f64; rows.len() * codes], true);
                for ((scores, into), row) in scores.chunks_exact(self.columns).zip(dense.chunks_exact_mut(codes)).zip(rows) {
                    whole &= self.settle(scores, into, *row)?;
                }
                let part = Predictions::from_dense(self.codes.clone(), &dense, kept);
                Ok(Predictions { complete: part.complete && whole, ..part })
            })
            .collect::<Result<_, Problem>>()?;
        let order = self.scale == Scale::Order;
        let complete = parts.iter().all(|p| p.complete);
        if !order && kept == codes && !complete {
            self.off.store(true, Ordering::Relaxed);
        }
        let mut all = Predictions { codes: self.codes.clone(), kept, ranked: Vec::new(), confidence: Vec::new(), complete };
        for part in parts {
            all.ranked.extend(part.ranked);
            if !order {
                all.confidence.extend(part.confidence);
            }
        }
        Ok(all)
    }

    fn facts(&self) -> Vec<(String, String)> {
        let mut facts = self.facts.clone();
        if self.scale == Scale::Order {
            facts.push(("scores".to_owned(), "only their order is used: they are not probabilities".to_owned()));
        } else if self.off.load(Ordering::Relaxed) {
            facts.push(("scores".to_owned(), "between 0 and 1, but they do not add up to 1: they are not probabilities over all codes".to_owned()));
        }
        facts
    }
}
