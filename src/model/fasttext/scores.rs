//! From a text's vector to the probability of each label, by the loss that a fastText model was trained with.

use super::matrix::Matrix;
use crate::value::{Class, Problem};

/// What a model was trained with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    Hierarchical,
    Softmax,
    OneVsAll,
}

/// A node of the tree of labels: a leaf, or two nodes below.
type Node = Option<(u32, u32)>;

/// How labels are scored.
pub(super) struct Scores {
    loss: Loss,
    tree: Vec<Node>,
}

impl Scores {
    /// `counts` are how often each label occurred in training; they make the tree.
    pub(super) fn new(loss: Loss, counts: &[i64]) -> Result<Self, Problem> {
        let tree = if loss == Loss::Hierarchical { tree(counts)? } else { Vec::new() };
        Ok(Self { loss, tree })
    }

    pub(super) fn words(&self) -> &'static str {
        match self.loss {
            Loss::Hierarchical => "hierarchical softmax",
            Loss::Softmax => "softmax",
            Loss::OneVsAll => "one-vs-all: scores are not probabilities over all codes",
        }
    }

    /// True when scores add up to 1.
    pub(super) fn probabilities(&self) -> bool {
        self.loss != Loss::OneVsAll
    }

    /// The score of each label. `floor` is what the program adds to a probability before its logarithm: 0 here, and 1e-5 to give what it prints.
    pub(super) fn of(&self, hidden: &[f32], output: &Matrix, bytes: &[u8], floor: f64) -> Vec<f64> {
        let dot = |row: usize| f64::from(output.dot(bytes, row, hidden));
        match self.loss {
            Loss::Softmax => {
                let mut scores: Vec<f64> = (0..output.rows()).map(dot).collect();
                let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                scores.iter_mut().for_each(|s| *s = (*s - most).exp());
                let sum: f64 = scores.iter().sum();
                scores.iter_mut().for_each(|s| *s = *s / sum + floor);
                scores
            }
            Loss::OneVsAll => (0..output.rows()).map(|row| tabled_sigmoid(dot(row)) + floor).collect(),
            Loss::Hierarchical => {
                let labels = output.rows();
                let mut scores = vec![0.0; labels];
                // On a stack of its own: a tree may be as deep as it has labels.
                let mut waiting = vec![(self.tree.len() - 1, 1.0)];
                while let Some((node, score)) = waiting.pop() {
                    match self.tree[node] {
                        None => scores[node] = score,
                        Some((left, right)) => {
                            let up = 1.0 / (1.0 + (-dot(node - labels)).exp());
                            waiting.push((left as usize, score * (1.0 - up + floor)));
                            waiting.push((right as usize, score * (up + floor)));
                        }
                    }
                }
                scores
            }
        }
    }
}

/// The program looks the logistic function up in a table of 512 steps from −8 to 8, and so must we.
fn tabled_sigmoid(x: f64) -> f64 {
    if x.is_nan() {
        return f64::NAN;
    }
    if x < -8.0 {
        return 0.0;
    }
    if x > 8.0 {
        return 1.0;
    }
    let step = ((x + 8.0) * 32.0).floor();
    1.0 / (1.0 + (8.0 - step / 32.0).exp())
}

/// The program's Huffman tree: leaves first, then inner nodes as they are made of the two rarest.
fn tree(counts: &[i64]) -> Result<Vec<Node>, Problem> {
    let labels = counts.len();
    if counts.windows(2).any(|pair| pair[0] < pair[1]) {
        return Err(Problem::new(Class::Model, "the model file is damaged: labels that are not in the order of their counts")
            .remedy("copy the file again, or save the model again"));
    }
    let mut tree: Vec<Node> = vec![None; labels];
    let mut sums: Vec<i64> = counts.to_vec();
    let (mut leaf, mut node) = (labels, labels);
    for made in labels..2 * labels - 1 {
        let mut below = [0usize; 2];
        for place in &mut below {
            // A tie goes to the inner node; where none is left, to the leaf.
            *place = if leaf > 0 && (node >= made || sums[leaf - 1] < sums[node]) {
                leaf -= 1;
                leaf
            } else {
                node += 1;
                node - 1
            };
        }
        tree.push(Some((below[0] as u32, below[1] as u32)));
        sums.push(sums[below[0]] + sums[below[1]]);
    }
    Ok(tree)
}
