//! The operators that are run here rather than by tract: those on texts, those of ONNX's machine-learning domain, and what lies between them.

use super::attribute::{Attributes, floats, ints, labels};
use super::columns::{Encoder, Imputer, Norm, OneHot, Scaler, above, join, logarithm, take, times};
use super::scores::Linear;
use super::texts::{Case, Tokenizer, Vocabulary};
use super::tree::Trees;
use super::value::{Dense, Kind, Value, misfit};
use crate::value::Problem;
use std::collections::HashMap;
use tract_onnx::pb::{NodeProto, TensorProto};

/// Operators of ONNX itself that are run here, at least on some kinds of values.
pub(super) const PROVIDED: [&str; 8] = ["StringNormalizer", "Tokenizer", "TfIdfVectorizer", "Identity", "Cast", "Concat", "Reshape", "Flatten"];
/// Operators of ONNX's machine-learning domain that are run here.
pub(super) const PROVIDED_ML: [&str; 10] = [
    "Scaler",
    "Normalizer",
    "Imputer",
    "OneHotEncoder",
    "LabelEncoder",
    "ArrayFeatureExtractor",
    "FeatureVectorizer",
    "Binarizer",
    "LinearClassifier",
    "TreeEnsembleClassifier",
];

/// An operator, ready to run.
pub(super) enum Operator {
    /// The same; where a number of columns is stated, they must be as many.
    Same(Option<usize>),
    ToFloats,
    ToInts,
    Join(Kind),
    Case(Case),
    Tokenizer(Tokenizer),
    Vocabulary(Vocabulary),
    Scaler(Scaler),
    Times(Vec<f32>),
    Logarithm,
    Norm(Norm),
    Imputer(Imputer),
    OneHot(OneHot),
    Encoder(Encoder),
    Take(Vec<usize>),
    Above(f32),
    Linear(Linear),
    Trees(Trees),
}

/// What is known of the values that a node takes.
pub(super) struct Known<'a> {
    /// Kinds of values made here, by name; none for those of the network.
    pub kinds: &'a HashMap<String, Option<Kind>>,
    pub constants: &'a HashMap<String, TensorProto>,
    /// True when all that becomes of the node's output is its logarithm.
    pub logged: bool,
    /// True when the node takes what already is the logarithm of 1 + x.
    pub after: bool,
}

impl Known<'_> {
    /// The kind of an input that is not constant.
    fn kind(&self, node: &NodeProto, place: usize) -> Option<Kind> {
        self.kinds.get(node.input.get(place)?).copied().flatten()
    }

    fn constant(&self, node: &NodeProto, place: usize) -> Option<&TensorProto> {
        self.constants.get(node.input.get(place)?)
    }
}

/// The operator that runs a node and the kind of value it gives; none when the network is to run it.
pub(super) fn operator(node: &NodeProto, known: &Known<'_>) -> Result<Option<(Operator, Kind)>, Problem> {
    let of = Attributes(node);
    let first = known.kind(node, 0);
    let made = match (node.op_type.as_str(), first) {
        ("StringNormalizer", _) => (Operator::Case(Case::read(of)?), Kind::Texts),
        ("Tokenizer", _) => (Operator::Tokenizer(Tokenizer::read(of)?), Kind::Words),
        ("TfIdfVectorizer", _) => (Operator::Vocabulary(Vocabulary::read(of)?), Vocabulary::GIVES),
        ("Scaler", kind) => {
            // A scaler without offsets leaves what is 0 at 0.
            let sparse = kind == Some(Kind::Sparse) && of.floats("offset").iter().all(|o| *o == 0.0);
            (Operator::Scaler(Scaler::read(of)?), if sparse { Kind::Sparse } else { Kind::Floats })
        }
        ("Normalizer", kind) => (Operator::Norm(Norm::read(of)?), kind.filter(|k| *k == Kind::Sparse).unwrap_or(Kind::Floats)),
        ("Imputer", _) => (Operator::Imputer(Imputer::read(of)?), Kind::Floats),
        ("OneHotEncoder", _) => (Operator::OneHot(OneHot::read(of)?), Kind::Sparse),
        ("LabelEncoder", _) => {
            let encoder = Encoder::read(of)?;
            let gives = encoder.gives();
            (Operator::Encoder(encoder), gives)
        }
        ("ArrayFeatureExtractor", kind) => {
            let places = known.constant(node, 1).and_then(ints).ok_or_else(|| of.unprovided("by places that are computed"))?;
            let places: Option<Vec<usize>> = places.iter().map(|p| usize::try_from(*p).ok()).collect();
            let kind = kind.filter(|k| matches!(k, Kind::Texts | Kind::Ints)).unwrap_or(Kind::Floats);
            (Operator::Take(places.ok_or_else(|| of.wrong("places", "are negative"))?), kind)
        }
        ("FeatureVectorizer", _) => (Operator::Join(joined(node, known).unwrap_or(Kind::Floats)), joined(node, known).unwrap_or(Kind::Floats)),
        ("Binarizer", _) => (Operator::Above(of.float("threshold").unwrap_or(0.0)), Kind::Floats),
        ("LinearClassifier", _) => (Operator::Linear(Linear::classifier(of)?), Kind::Floats),
        ("TreeEnsembleClassifier", _) => (Operator::Trees(Trees::read(of)?), Kind::Floats),
        ("Identity", Some(kind)) => (Operator::Same(None), kind),
        ("Log", Some(Kind::Sparse)) if known.after => (Operator::Same(None), Kind::Sparse),
        ("Add", Some(Kind::Sparse)) if known.logged && known.constant(node, 1).and_then(floats).is_some_and(|n| n.iter().all(|x| *x == 1.0)) => {
            (Operator::Logarithm, Kind::Sparse)
        }
        ("Cast", Some(kind)) => match (of.int("to"), kind) {
            (Some(1), Kind::Floats | Kind::Sparse) | (Some(6 | 7), Kind::Ints) | (Some(8), Kind::Texts) => (Operator::Same(None), kind),
            (Some(1), Kind::Ints) => (Operator::ToFloats, Kind::Floats),
            (Some(6 | 7), Kind::Floats) => (Operator::ToInts, Kind::Ints),
            (_, Kind::Texts | Kind::Words) | (Some(8), _) => return Err(of.unprovided("between texts and numbers")),
            _ => return Ok(None),
        },
        ("Concat", _) => match joined(node, known) {
            Some(kind) if matches!(of.int("axis"), Some(1 | -1)) => (Operator::Join(kind), kind),
            _ => return Ok(None),
        },
        ("Reshape", Some(kind)) => match known.constant(node, 1).and_then(ints).as_deref() {
            Some([-1]) if kind == Kind::Texts => (Operator::Same(Some(1)), kind),
            Some([-1, columns]) if *columns > 0 => (Operator::Same(Some(*columns as usize)), kind),
            Some([0, -1]) => (Operator::Same(None), kind),
            _ if matches!(kind, Kind::Texts | Kind::Words) => return Err(of.unprovided("of texts to another shape")),
            _ => return Ok(None),
        },
        ("Flatten", Some(kind)) if matches!(of.int("axis"), None | Some(1)) => (Operator::Same(None), kind),
        ("Mul", _) => {
            // A constant may stand on either side.
            let sides = [(0, 1), (1, 0)].into_iter().find(|(a, _)| known.kind(node, *a) == Some(Kind::Sparse));
            let Some(scale) =
                sides.and_then(|(_, b)| known.constant(node, b)).filter(|t| t.dims.len() < 2 || t.dims[..t.dims.len() - 1].iter().all(|d| *d == 1))
            else {
                return Ok(None);
            };
            let Some(scale) = floats(scale).filter(|s| !s.is_empty() && s.iter().all(|x| x.is_finite())) else { return Ok(None) };
            (Operator::Times(scale), Kind::Sparse)
        }
        ("MatMul", Some(Kind::Sparse)) => match known.constant(node, 1).map(|t| (t.dims.as_slice(), floats(t))) {
            Some((&[features, outputs], Some(weights))) => match Linear::product(weights, features as usize, outputs as usize, None) {
                Some(linear) => (Operator::Linear(linear), Kind::Floats),
                None => return Ok(None),
            },
            _ => return Ok(None),
        },
        (_, Some(Kind::Texts | Kind::Words)) => return Err(of.unprovided("on texts")),
        _ => return Ok(None),
    };
    Ok(Some(made))
}

/// What kind columns side by side are of, when all of them are made here.
fn joined(node: &NodeProto, known: &Known<'_>) -> Option<Kind> {
    let kinds: Vec<Kind> = (0..node.input.len()).map(|place| known.kind(node, place)).collect::<Option<_>>()?;
    let all = |kind| kinds.iter().all(|k| *k == kind);
    match kinds.first()? {
        kind if all(*kind) && *kind != Kind::Words => Some(*kind),
        _ if kinds.iter().any(|k| matches!(k, Kind::Texts | Kind::Words)) => None,
        _ if kinds.contains(&Kind::Sparse) => Some(Kind::Sparse),
        _ => Some(Kind::Floats),
    }
}

impl Operator {
    /// Runs it on a block of records; on a trial, records are made up and nothing is said of them.
    pub fn apply<'a>(&self, inputs: &[&Value<'a>], trial: bool) -> Result<Value<'a>, Problem> {
        let Some(&first) = inputs.first() else { return Err(misfit("an operator without input")) };
        match self {
            Self::Same(None) => Ok(first.clone()),
            Self::Same(Some(columns)) if first.columns() == *columns => Ok(first.clone()),
            Self::Same(Some(columns)) => Err(misfit(&format!("{} columns where {columns} are due", first.columns()))),
            Self::ToFloats => Ok(Value::Floats(first.floats()?.into_owned())),
            Self::ToInts => {
                let m = first.floats()?;
                if !trial && m.items.iter().any(|x| x.is_nan()) {
                    return Err(super::missing_number());
                }
                Ok(Value::Ints(Dense { columns: m.columns, items: m.items.iter().map(|x| *x as i64).collect() }))
            }
            Self::Join(kind) => join(inputs, *kind),
            Self::Case(case) => case.apply(first),
            Self::Tokenizer(tokenizer) => tokenizer.apply(first),
            Self::Vocabulary(vocabulary) => vocabulary.apply(first),
            Self::Scaler(scaler) => scaler.apply(first),
            Self::Times(scale) => times(scale, inputs.iter().find(|i| i.kind() == Kind::Sparse).copied().unwrap_or(first)),
            Self::Logarithm => logarithm(first),
            Self::Norm(norm) => norm.apply(first),
            Self::Imputer(imputer) => imputer.apply(first),
            Self::OneHot(encoder) => encoder.apply(first, trial),
            Self::Encoder(encoder) => encoder.apply(first),
            Self::Take(places) => take(places, first),
            Self::Above(threshold) => above(*threshold, first),
            Self::Linear(linear) => linear.apply(first),
            Self::Trees(trees) => trees.apply(first),
        }
    }
}

/// The labels of classes that a node knows, if it does: a classifier, or a list of labels that the most likely place is looked up in.
pub(super) fn known_classes(node: &NodeProto, constants: &HashMap<String, TensorProto>) -> Result<Option<Vec<String>>, Problem> {
    let found = match node.op_type.as_str() {
        "LinearClassifier" | "TreeEnsembleClassifier" | "SVMClassifier" | "ZipMap" => Some(super::scores::classes(Attributes(node))?),
        "ArrayFeatureExtractor" => node.input.first().and_then(|i| constants.get(i)).and_then(labels),
        _ => None,
    };
    Ok(found.filter(|classes| !classes.is_empty()))
}
