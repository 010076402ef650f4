//! Ensembles of decision trees: forests and gradient boosting.
//!
//! tract has them too, but reads features, classes and nodes of a file without a check of their bounds, and takes one kind of branch for a leaf;
//! here every index is checked when the file is loaded, and nodes that do not form trees are refused.

use super::attribute::Attributes;
use super::scores::{Transform, classes, logistic};
use super::value::{Dense, Value, misfit, room};
use crate::value::Problem;
use std::collections::HashMap;

/// Highest feature that a branch may look at.
const MOST_FEATURES: i64 = 1 << 24;

/// How a branch compares a feature with its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    AtMost,
    Below,
    AtLeast,
    Above,
    Equal,
    Unequal,
    Leaf,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Node {
    feature: u32,
    value: f32,
    /// The next node where the comparison holds; of a leaf the first of its weights.
    yes: u32,
    /// The next node where it does not hold; of a leaf the end of its weights.
    no: u32,
}

/// The feature of a node that is a leaf.
const LEAF: u32 = u32::MAX;

/// Trees.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Trees {
    nodes: Vec<Node>,
    /// Of each node, how it compares, and whether a missing feature goes where the comparison holds.
    modes: Vec<(Mode, bool)>,
    /// All branches ask whether a feature is at most their value, as those of most exporters do.
    plain: bool,
    roots: Vec<u32>,
    /// (class, weight), those of a leaf together.
    weights: Vec<(u32, f32)>,
    base: Vec<f32>,
    classes: usize,
    /// Features that are needed.
    features: usize,
    /// All weights are of one class.
    one: bool,
    /// No weight is negative.
    positive: bool,
    transform: Transform,
}

impl Trees {
    pub fn read(node: Attributes<'_>) -> Result<Self, Problem> {
        if node.has("nodes_values_as_tensor") || node.has("class_weights_as_tensor") || node.has("base_values_as_tensor") {
            return Err(node.unprovided("with numbers of double precision"));
        }
        let (trees, ids, features) = (node.ints("nodes_treeids"), node.ints("nodes_nodeids"), node.ints("nodes_featureids"));
        let (yes, no, modes) = (node.ints("nodes_truenodeids"), node.ints("nodes_falsenodeids"), node.texts("nodes_modes")?);
        let (values, missing) = (node.floats("nodes_values"), node.ints("nodes_missing_value_tracks_true"));
        let count = ids.len();
        if count == 0
            || count > u32::MAX as usize / 2
            || [trees.len(), features.len(), yes.len(), no.len(), modes.len(), values.len()].iter().any(|l| *l != count)
        {
            return Err(node.wrong("nodes_nodeids", "and the other lists of nodes differ in length"));
        }
        if !(missing.is_empty() || missing.len() == count) || values.iter().any(|v| v.is_nan()) {
            return Err(node.wrong("nodes_values", "or how missing values go do not fit the nodes"));
        }
        let mut places = HashMap::with_capacity(count);
        for place in 0..count {
            if places.insert((trees[place], ids[place]), place as u32).is_some() {
                return Err(node.wrong("nodes_nodeids", "has a node twice"));
            }
        }
        let (mut nodes, mut kinds) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut parents = vec![0u32; count];
        let mut widest = 0;
        for place in 0..count {
            let mode = mode(modes[place]).ok_or_else(|| node.wrong("nodes_modes", "has an unknown kind of branch"))?;
            let mut made = Node { feature: LEAF, value: values[place], yes: 0, no: 0 };
            kinds.push((mode, missing.get(place).is_some_and(|m| *m != 0)));
            if mode != Mode::Leaf {
                let child =
                    |id: i64| places.get(&(trees[place], id)).copied().ok_or_else(|| node.wrong("nodes_truenodeids", "leads to a node that is not there"));
                (made.yes, made.no) = (child(yes[place])?, child(no[place])?);
                parents[made.yes as usize] += 1;
                parents[made.no as usize] += 1;
                if !(0..MOST_FEATURES).contains(&features[place]) {
                    return Err(node.wrong("nodes_featureids", "has a feature out of bounds"));
                }
                made.feature = features[place] as u32;
                widest = widest.max(features[place] as usize + 1);
            }
            nodes.push(made);
        }
        let roots: Vec<u32> = (0..count as u32).filter(|n| parents[*n as usize] == 0).collect();
        // Where no node has two parents and all are reached from nodes without one, they are trees.
        let (mut waiting, mut reached) = (roots.clone(), 0);
        if parents.iter().all(|p| *p < 2) {
            while let Some(place) = waiting.pop() {
                reached += 1;
                let at: Node = nodes[place as usize];
                if at.feature != LEAF {
                    waiting.extend([at.yes, at.no]);
                }
            }
        }
        if reached != count {
            return Err(node.wrong("nodes_truenodeids", "runs in a circle"));
        }
        let mut trees = Self {
            nodes,
            plain: kinds.iter().all(|(mode, _)| matches!(mode, Mode::AtMost | Mode::Leaf)),
            modes: kinds,
            roots,
            weights: Vec::new(),
            base: node.finite("base_values")?.to_vec(),
            classes: classes(node)?.len(),
            features: widest,
            one: false,
            positive: false,
            transform: Transform::read(node)?,
        };
        trees.weigh(node, &places)?;
        if trees.classes == 2 && trees.base.len() == 2 {
            return Err(node.unprovided("with two base values for two classes, which programs read differently,"));
        }
        let based = trees.base.is_empty() || trees.base.len() == trees.classes || trees.classes == 2 && trees.base.len() == 1;
        if trees.classes < 2 || !based { Err(node.wrong("base_values", "do not fit the classes")) } else { Ok(trees) }
    }

    /// Sorts the weights by leaf.
    fn weigh(&mut self, node: Attributes<'_>, places: &HashMap<(i64, i64), u32>) -> Result<(), Problem> {
        let (trees, ids, of) = (node.ints("class_treeids"), node.ints("class_nodeids"), node.ints("class_ids"));
        let weights = node.finite("class_weights")?;
        if [trees.len(), ids.len(), of.len()].iter().any(|l| *l != weights.len()) {
            return Err(node.wrong("class_ids", "and the other lists of weights differ in length"));
        }
        let mut list = Vec::with_capacity(weights.len());
        for at in 0..weights.len() {
            let leaf = places.get(&(trees[at], ids[at])).copied().filter(|l| self.nodes[*l as usize].feature == LEAF);
            let leaf = leaf.ok_or_else(|| node.wrong("class_nodeids", "has a weight of what is no leaf"))?;
            let class =
                u32::try_from(of[at]).ok().filter(|c| (*c as usize) < self.classes).ok_or_else(|| node.wrong("class_ids", "has a class out of bounds"))?;
            list.push((leaf, class, weights[at]));
        }
        self.one = list.windows(2).all(|pair| pair[0].1 == pair[1].1);
        self.positive = weights.iter().all(|w| *w >= 0.0);
        list.sort_by_key(|(leaf, _, _)| *leaf);
        for (at, (leaf, class, weight)) in list.into_iter().enumerate() {
            let leaf = &mut self.nodes[leaf as usize];
            if leaf.no == 0 {
                leaf.yes = at as u32;
            }
            leaf.no = at as u32 + 1;
            self.weights.push((class, weight));
        }
        Ok(())
    }

    fn leaf(&self, root: u32, row: &[f32]) -> Node {
        let mut at = root as usize;
        loop {
            let node = self.nodes[at];
            if node.feature == LEAF {
                return node;
            }
            let x = row[node.feature as usize];
            let holds = if self.plain { x <= node.value } else { self.holds(at, x, node.value) };
            at = if holds || x.is_nan() && self.modes[at].1 { node.yes } else { node.no } as usize;
        }
    }

    fn holds(&self, at: usize, x: f32, value: f32) -> bool {
        match self.modes[at].0 {
            Mode::AtMost => x <= value,
            Mode::Below => x < value,
            Mode::AtLeast => x >= value,
            Mode::Above => x > value,
            Mode::Equal => x == value,
            Mode::Unequal | Mode::Leaf => x != value,
        }
    }

    pub fn apply<'a>(&self, input: &Value<'a>) -> Result<Value<'a>, Problem> {
        let features = input.floats()?;
        if features.columns < self.features {
            return Err(misfit(&format!("trees of at least {} features get {}", self.features, features.columns)));
        }
        let records = input.rows();
        let mut scores = vec![0f64; room(records, self.classes)?];
        let mut second = vec![false; records];
        // Tree by tree, so that one tree's nodes stay in the processor's cache.
        for &root in &self.roots {
            for (record, row) in features.rows().enumerate() {
                let leaf = self.leaf(root, row);
                for (class, weight) in &self.weights[leaf.yes as usize..leaf.no as usize] {
                    scores[record * self.classes + *class as usize] += f64::from(*weight);
                    second[record] |= *class == 1;
                }
            }
        }
        for (scores, second) in scores.chunks_exact_mut(self.classes).zip(second) {
            self.finish(scores, second);
        }
        Ok(Value::Floats(Dense { columns: self.classes, items: scores.into_iter().map(|s| s as f32).collect() }))
    }

    /// From sums to what is given; for two classes as ONNX Runtime does where only one has weights.
    fn finish(&self, scores: &mut [f64], second: bool) {
        if self.classes == 2 && !second {
            let score = scores[0] + self.base.first().map_or(0.0, |b| f64::from(*b));
            let pair = match self.transform {
                Transform::Logistic => [logistic(-score), logistic(score)],
                _ if self.one && self.positive => [1.0 - score, score],
                _ => [-score, score],
            };
            scores.copy_from_slice(&pair);
            return;
        }
        scores.iter_mut().zip(&self.base).for_each(|(score, base)| *score += f64::from(*base));
        self.transform.apply(scores);
    }
}

fn mode(text: &str) -> Option<Mode> {
    Some(match text {
        "BRANCH_LEQ" => Mode::AtMost,
        "BRANCH_LT" => Mode::Below,
        "BRANCH_GTE" => Mode::AtLeast,
        "BRANCH_GT" => Mode::Above,
        "BRANCH_EQ" => Mode::Equal,
        "BRANCH_NEQ" => Mode::Unequal,
        "LEAF" => Mode::Leaf,
        _ => return None,
    })
}
