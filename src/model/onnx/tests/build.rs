//! Writes model files byte by byte, as no exporter would where a test wants it.

use std::collections::BTreeMap;

/// Bytes of a message.
pub type Bytes = Vec<u8>;

fn varint(mut value: u64, into: &mut Bytes) {
    while value >= 0x80 {
        into.push(value as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}

/// A field that holds bytes.
pub fn field(number: u64, content: impl AsRef<[u8]>) -> Bytes {
    let mut bytes = Bytes::new();
    varint(number << 3 | 2, &mut bytes);
    varint(content.as_ref().len() as u64, &mut bytes);
    bytes.extend_from_slice(content.as_ref());
    bytes
}

/// A field that holds a number.
pub fn int(number: u64, value: i64) -> Bytes {
    let mut bytes = Bytes::new();
    varint(number << 3, &mut bytes);
    varint(value as u64, &mut bytes);
    bytes
}

fn floats(values: &[f32]) -> Bytes {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn ints(values: &[i64]) -> Bytes {
    let mut bytes = Bytes::new();
    values.iter().for_each(|v| varint(*v as u64, &mut bytes));
    bytes
}

/// A tensor of numbers.
pub fn tensor(name: &str, dims: &[i64], values: &[f32]) -> Bytes {
    [field(1, ints(dims)), int(2, 1), field(8, name), field(9, floats(values))].concat()
}

/// A tensor of whole numbers.
pub fn whole(name: &str, dims: &[i64], values: &[i64]) -> Bytes {
    [field(1, ints(dims)), int(2, 7), field(7, ints(values)), field(8, name)].concat()
}

/// An attribute's value.
pub enum A<'a> {
    I(i64),
    S(&'a str),
    Fs(&'a [f32]),
    Is(&'a [i64]),
    Ss(&'a [&'a str]),
}

fn attribute(name: &str, value: &A<'_>) -> Bytes {
    let (content, kind) = match value {
        A::I(i) => (int(3, *i), 2),
        A::S(s) => (field(4, s), 3),
        A::Fs(f) => (field(7, floats(f)), 6),
        A::Is(i) => (field(8, ints(i)), 7),
        A::Ss(s) => (s.iter().flat_map(|s| field(9, s)).collect(), 8),
    };
    [field(1, name), content, int(20, kind)].concat()
}

/// A node: `domain:Operator a,b -> c` and its attributes.
pub fn node(what: &str, attributes: &[(&str, A<'_>)]) -> Bytes {
    let (head, outputs) = what.split_once(" -> ").unwrap();
    let (operator, inputs) = head.split_once(' ').unwrap();
    let (domain, operator) = operator.split_once(':').unwrap_or(("", operator));
    let names = |number, list: &str| list.split(',').flat_map(|n| field(number, n)).collect::<Bytes>();
    let attributes: Bytes = attributes.iter().flat_map(|(name, value)| field(5, attribute(name, value))).collect();
    [names(1, inputs), names(2, outputs), field(4, operator), attributes, field(7, domain)].concat()
}

/// An input or output: name, type (1 numbers, 7 whole numbers, 8 texts, 0 none), sizes; 0 for any.
pub fn port(name: &str, kind: i64, sizes: &[i64]) -> Bytes {
    let sizes: Bytes = sizes.iter().flat_map(|s| field(1, if *s == 0 { field(2, "N") } else { int(1, *s) })).collect();
    let tensor = [int(1, kind), field(2, sizes)].concat();
    [field(1, name), if kind == 0 { Bytes::new() } else { field(2, field(1, tensor)) }].concat()
}

/// What a model file holds; more of it may be added.
#[derive(Default, Clone)]
pub struct Model {
    pub nodes: Vec<Bytes>,
    pub constants: Vec<Bytes>,
    pub inputs: Vec<Bytes>,
    pub outputs: Vec<Bytes>,
    pub domains: BTreeMap<String, i64>,
}

impl Model {
    pub fn bytes(&self) -> Bytes {
        let many = |number, list: &[Bytes]| list.iter().flat_map(|b| field(number, b)).collect::<Bytes>();
        let graph = [many(1, &self.nodes), field(2, "graph"), many(5, &self.constants), many(11, &self.inputs), many(12, &self.outputs)].concat();
        let mut domains = BTreeMap::from([(String::new(), 15), ("ai.onnx.ml".to_owned(), 1), ("com.microsoft".to_owned(), 1)]);
        domains.extend(self.domains.clone());
        let imports: Bytes = domains.iter().flat_map(|(d, v)| field(8, [field(1, d), int(2, *v)].concat())).collect();
        [int(1, 8), field(2, "a <b>test</b>"), imports, field(7, graph)].concat()
    }
}

/// Two numbers, scaled, into three classes by a linear model.
pub fn linear() -> Model {
    Model {
        nodes: vec![
            node("ai.onnx.ml:Scaler X -> scaled", &[("offset", A::Fs(&[1.0, 2.0])), ("scale", A::Fs(&[0.5]))]),
            node(
                "ai.onnx.ml:LinearClassifier scaled -> label,scores",
                &[
                    ("coefficients", A::Fs(&[1.0, 0.0, 0.0, 1.0, -1.0, -1.0])),
                    ("intercepts", A::Fs(&[0.0, 0.5, 0.0])),
                    ("classlabels_strings", A::Ss(&["c", "a", "b"])),
                    ("post_transform", A::S("SOFTMAX")),
                ],
            ),
            node("ai.onnx.ml:ZipMap scores -> maps", &[("classlabels_strings", A::Ss(&["c", "a", "b"]))]),
        ],
        inputs: vec![port("X", 1, &[0, 2])],
        outputs: vec![port("label", 8, &[0]), port("maps", 0, &[])],
        ..Model::default()
    }
}

/// A text into two classes by counts of its words and pairs of them.
pub fn words() -> Model {
    Model {
        nodes: vec![
            node("StringNormalizer answer -> lower", &[("case_change_action", A::S("LOWER")), ("is_case_sensitive", A::I(0))]),
            node(
                "com.microsoft:Tokenizer lower -> words",
                &[("mark", A::I(0)), ("mincharnum", A::I(1)), ("pad_value", A::S("#")), ("tokenexp", A::S("[a-z]+"))],
            ),
            node("Flatten words -> flat", &[]),
            node(
                "TfIdfVectorizer flat -> counts",
                &[
                    ("mode", A::S("TF")),
                    ("min_gram_length", A::I(1)),
                    ("max_gram_length", A::I(2)),
                    ("max_skip_count", A::I(0)),
                    ("ngram_counts", A::Is(&[0, 2])),
                    ("ngram_indexes", A::Is(&[0, 2, 1])),
                    ("pool_strings", A::Ss(&["nurse", "ward", "night", "nurse"])),
                ],
            ),
            node(
                "ai.onnx.ml:LinearClassifier counts -> label,scores",
                &[("coefficients", A::Fs(&[1.0, 2.0, 4.0, 0.0, 0.0, 0.0])), ("intercepts", A::Fs(&[-1.0, 0.0])), ("classlabels_strings", A::Ss(&["a", "b"]))],
            ),
            node("Softmax scores -> shares", &[("axis", A::I(1))]),
        ],
        inputs: vec![port("answer", 8, &[0, 1])],
        outputs: vec![port("shares", 1, &[0, 2])],
        ..Model::default()
    }
}

/// Two numbers into three classes by a small network.
pub fn network() -> Model {
    Model {
        nodes: vec![
            node("Gemm X,W,B -> hidden", &[]),
            node("Relu hidden -> active", &[]),
            node("MatMul active,V -> out", &[]),
            node("Softmax out -> shares", &[("axis", A::I(1))]),
        ],
        constants: vec![tensor("W", &[2, 2], &[1.0, -1.0, 0.5, 0.5]), tensor("B", &[2], &[0.0, 1.0]), tensor("V", &[2, 3], &[1.0, 0.0, -1.0, 0.0, 2.0, 0.0])],
        inputs: vec![port("X", 1, &[0, 2])],
        outputs: vec![port("shares", 1, &[0, 3])],
        ..Model::default()
    }
}

/// Two numbers into two classes by two trees, only one class with weights.
pub fn trees(change: impl FnOnce(&mut Trees)) -> Model {
    let mut t = Trees {
        trees: vec![0, 0, 0, 1, 1, 1],
        ids: vec![0, 1, 2, 0, 1, 2],
        features: vec![0, 0, 0, 1, 0, 0],
        yes: vec![1, 0, 0, 1, 0, 0],
        no: vec![2, 0, 0, 2, 0, 0],
        leaves: vec![1, 2, 1, 2],
        leaf_trees: vec![0, 0, 1, 1],
        of: vec![0; 4],
        missing: vec![0, 0, 0, 1, 0, 0],
    };
    change(&mut t);
    let attributes = [
        ("nodes_treeids", A::Is(&t.trees)),
        ("nodes_nodeids", A::Is(&t.ids)),
        ("nodes_featureids", A::Is(&t.features)),
        ("nodes_truenodeids", A::Is(&t.yes)),
        ("nodes_falsenodeids", A::Is(&t.no)),
        ("nodes_missing_value_tracks_true", A::Is(&t.missing)),
        ("nodes_modes", A::Ss(&["BRANCH_LEQ", "LEAF", "LEAF", "BRANCH_GTE", "LEAF", "LEAF"])),
        ("nodes_values", A::Fs(&[0.5, 0.0, 0.0, 2.0, 0.0, 0.0])),
        ("class_treeids", A::Is(&t.leaf_trees)),
        ("class_nodeids", A::Is(&t.leaves)),
        ("class_ids", A::Is(&t.of)),
        ("class_weights", A::Fs(&[-1.0, 0.5, 2.0, -0.25])),
        ("classlabels_strings", A::Ss(&["a", "b"])),
        ("post_transform", A::S("LOGISTIC")),
    ];
    Model {
        nodes: vec![node("ai.onnx.ml:TreeEnsembleClassifier X -> label,scores", &attributes)],
        inputs: vec![port("X", 1, &[0, 2])],
        outputs: vec![port("label", 8, &[0]), port("scores", 1, &[0, 2])],
        ..Model::default()
    }
}

/// The lists of an ensemble of trees.
pub struct Trees {
    pub trees: Vec<i64>,
    pub ids: Vec<i64>,
    pub features: Vec<i64>,
    pub yes: Vec<i64>,
    pub no: Vec<i64>,
    pub leaves: Vec<i64>,
    pub leaf_trees: Vec<i64>,
    pub of: Vec<i64>,
    pub missing: Vec<i64>,
}
