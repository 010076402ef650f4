//! Small models whose scores can be worked out by hand, and the ways in which columns and classes may not fit them. That exports of the real
//! exporters give what they should is tested in `tests/onnx.rs`.

mod build;
mod hostile;

use super::*;
use crate::data::{Factor, Strings};
use build::{A, Model, linear, network, node, port, trees, words};

/// A few records.
pub(super) struct Records {
    answers: Strings,
    regions: Factor,
    ages: Vec<f64>,
    hours: Vec<f64>,
    rows: Vec<u32>,
}

impl Records {
    pub fn new() -> Self {
        Self {
            answers: ["Night-nurse on a WARD", "", "nurse nurse", "a ward"].into_iter().collect(),
            regions: Factor::from_strings(["North", "", "South", "North"].into_iter()),
            ages: vec![1.0, 3.0, -1.0, 0.5],
            hours: vec![2.0, 4.0, 0.0, f64::NAN],
            rows: (0..4).collect(),
        }
    }

    pub fn input(&self) -> Input<'_> {
        Input {
            ids: &self.answers,
            texts: vec![("answer", &self.answers)],
            categories: vec![("region", &self.regions)],
            numbers: vec![("age", &self.ages), ("hours", &self.hours)],
            rows: &self.rows,
        }
    }
}

pub(super) fn recipe() -> OnnxRecipe {
    OnnxRecipe { path: "model.onnx".into(), inputs: BTreeMap::new(), probabilities: None, classes: vec![], classes_file: None, scores: Scale::Probabilities }
}

pub(super) fn codes(list: &[&str]) -> Vec<String> {
    list.iter().map(|c| (*c).to_owned()).collect()
}

/// Loads a model for the codes a, b and c.
pub(super) fn load(model: &Model, recipe: &OnnxRecipe) -> Result<Onnx, Failure> {
    Onnx::load(recipe, &model.bytes(), &Records::new().input(), &codes(&["a", "b", "c"]), true)
}

#[track_caller]
pub(super) fn refused(result: Result<Onnx, Failure>, texts: &[&str]) {
    let failure = result.err().expect("refused").to_string();
    for text in texts.iter().chain(&["help:", "model.onnx"]) {
        assert!(failure.contains(text), "no `{text}` in {failure}");
    }
}

/// Probabilities of the given records, by sorted code.
fn shares(coder: &Onnx, rows: &[u32]) -> Vec<Vec<f64>> {
    let records = Records::new();
    let p = coder.predict(&Input { rows, ..records.input() }, usize::MAX).unwrap_or_else(|f| panic!("{f}"));
    assert!(p.complete);
    let by_code = |record| {
        let mut row = vec![0.0; p.kept];
        p.ranking(record).iter().zip(p.confidences(record)).for_each(|(code, share)| row[*code as usize] = *share);
        row
    };
    (0..p.len()).map(by_code).collect()
}

fn softmax(scores: &[f64]) -> Vec<f64> {
    let sum: f64 = scores.iter().map(|s| s.exp()).sum();
    scores.iter().map(|s| s.exp() / sum).collect()
}

#[track_caller]
fn near(found: &[Vec<f64>], wanted: &[Vec<f64>]) {
    assert_eq!(found.len(), wanted.len());
    let far = found.iter().flatten().zip(wanted.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(far < 1e-6, "{found:?}\n{wanted:?}");
}

#[test]
fn a_linear_model_of_numbers() {
    let coder = load(&linear(), &recipe()).unwrap();
    assert_eq!(coder.codes(), ["a", "b", "c"]);
    // (1, 2) is scaled to (0, 0), (3, 4) to (1, 1), (−1, 0) to (−1, −1); classes are c, a, b.
    near(&shares(&coder, &[0, 1, 2]), &[softmax(&[0.5, 0.0, 0.0]), softmax(&[1.5, -2.0, 1.0]), softmax(&[-0.5, 2.0, -1.0])]);
    let facts = format!("{:?}", coder.facts());
    assert!(facts.contains("X = age, hours") && facts.contains("LinearClassifier, Scaler") && facts.contains("exported by a <b>test</b>"), "{facts}");
    // A missing number gives no number, and is said with its record.
    let records = Records::new();
    let failure = coder.predict(&records.input(), 1).unwrap_err().to_string();
    assert!(failure.contains("not numbers") && failure.contains("record 4 of the data") && failure.contains("imputer"), "{failure}");
}

#[test]
fn a_model_of_words_and_pairs() {
    let coder = load(&words(), &recipe()).unwrap();
    // night nurse + nurse + ward; nothing; twice nurse; ward.
    let wanted = [6.0, -1.0, 1.0, 3.0].map(|score| softmax(&[score, 0.0]));
    near(&shares(&coder, &[0, 1, 2, 3]), &wanted);
}

#[test]
fn a_network_by_blocks_of_any_length() {
    let of = |x: f64, y: f64| {
        let (h, g) = ((x + 0.5 * y).max(0.0), (0.5 * y - x + 1.0).max(0.0));
        softmax(&[h, 2.0 * g, -h])
    };
    let wanted = [of(1.0, 2.0), of(3.0, 4.0), of(-1.0, 0.0)];
    // Classes are not in the file.
    refused(load(&network(), &recipe()), &["does not say which classes its 3 scores are of", "classes.txt"]);
    let coder = load(&network(), &OnnxRecipe { classes: codes(&["a", "b", "c"]), ..recipe() }).unwrap();
    near(&shares(&coder, &[0, 1, 2]), &wanted);
    let many: Vec<u32> = (0..700).map(|i| i % 3).collect();
    near(&shares(&coder, &many), &many.iter().map(|i| wanted[*i as usize].clone()).collect::<Vec<_>>());
    assert!(format!("{:?}", coder.facts()).contains("tract"));
}

#[test]
fn trees_of_two_classes_where_one_has_weights() {
    let coder = load(&trees(|_| ()), &recipe()).unwrap();
    let of = |score: f64| vec![1.0 / (1.0 + score.exp()), 1.0 / (1.0 + (-score).exp())];
    // 1 > 0.5 and 2 >= 2; 3 and 4; −1 and 0; 0.5 <= 0.5 and missing, which goes as if it held.
    near(&shares(&coder, &[0, 1, 2, 3]), &[of(2.5), of(2.5), of(-1.25), of(1.0)]);
}

#[test]
fn columns_are_bound_by_name_or_as_told() {
    let two = |first: &str, second: &str| {
        let mut model = linear();
        model.nodes.insert(1, node("ai.onnx.ml:Scaler X -> scaled", &[("offset", A::Fs(&[1.0, 2.0])), ("scale", A::Fs(&[0.5]))]));
        model.nodes[0] = node(&format!("Concat {first},{second} -> X"), &[("axis", A::I(1))]);
        model.inputs = vec![port(first, 1, &[0, 1]), port(second, 1, &[0, 1])];
        model
    };
    let same = shares(&load(&linear(), &recipe()).unwrap(), &[0, 1, 2]);
    near(&shares(&load(&two("age", "hours"), &recipe()).unwrap(), &[0, 1, 2]), &same);
    let told = |pairs: &[(&str, &[&str])]| OnnxRecipe { inputs: pairs.iter().map(|(n, c)| ((*n).to_owned(), codes(c))).collect(), ..recipe() };
    near(&shares(&load(&two("A", "B"), &told(&[("A", &["age"]), ("B", &["hours"])])).unwrap(), &[0, 1, 2]), &same);
    near(&shares(&load(&linear(), &told(&[("X", &["age", "hours"])])).unwrap(), &[0, 1, 2]), &same);
    refused(load(&two("ages", "hours"), &recipe()), &["input `ages` of the model takes 1 column of numbers, and there are 2: age, hours", "inputs = {"]);
    refused(load(&two("age", "region"), &recipe()), &["input `region` of the model takes 1 column of numbers, and the column of that name has no numbers"]);
    refused(load(&linear(), &told(&[("Y", &["age"])])), &["the model has no input `Y`", "X"]);
    refused(load(&linear(), &told(&[("X", &["age", "hour"])])), &["no such column `hour`", "did you mean `hours`?"]);
    refused(load(&linear(), &told(&[("X", &["age"])])), &["takes 2 columns of numbers, and gets 1"]);
    refused(load(&linear(), &told(&[("X", &["age", "answer"])])), &["column `answer` has no numbers"]);
    let mut double = linear();
    double.inputs = vec![port("X", 11, &[0, 2])];
    refused(load(&double, &recipe()), &["takes numbers of double precision", "FloatTensorType"]);
    let mut cube = linear();
    cube.inputs = vec![port("X", 1, &[0, 2, 3])];
    refused(load(&cube, &recipe()), &["has 3 axes"]);
}

#[test]
fn whole_numbers_are_never_made_of_missing_ones() {
    let mut model = linear();
    model.nodes.insert(0, node("Cast W -> X", &[("to", A::I(1))]));
    model.inputs = vec![port("W", 7, &[0, 2])];
    let coder = load(&model, &OnnxRecipe { inputs: BTreeMap::from([("W".to_owned(), codes(&["age", "hours"]))]), ..recipe() }).unwrap();
    near(&shares(&coder, &[0, 1, 2]), &shares(&load(&linear(), &recipe()).unwrap(), &[0, 1, 2]));
    let records = Records::new();
    let failure = coder.predict(&records.input(), 1).unwrap_err().to_string();
    assert!(failure.contains("takes whole numbers") && failure.contains("record 4"), "{failure}");
}

#[test]
fn classes_must_be_codes() {
    let labels = |numbers: &[i64]| {
        let mut model = trees(|_| ());
        let mut bytes = build::field(1, "classlabels_int64s");
        bytes.extend(numbers.iter().flat_map(|n| build::int(8, *n)));
        bytes.extend(build::int(20, 7));
        // The texts go, the numbers come.
        let at = model.nodes[0].windows(19).position(|w| w == b"classlabels_strings").unwrap();
        model.nodes[0][at..at + 19].copy_from_slice(b"classlabels_nowhere");
        model.nodes[0].extend(build::field(5, bytes));
        model
    };
    let with = |model: &Model, recipe: &OnnxRecipe, frame: &[&str], framed| Onnx::load(recipe, &model.bytes(), &Records::new().input(), &codes(frame), framed);
    assert_eq!(with(&labels(&[7, 12]), &recipe(), &["12", "7"], true).unwrap().codes(), ["12", "7"]);
    refused(
        with(&labels(&[7, 12]), &recipe(), &["007", "012"], true),
        &["2 of the model's 2 classes are no codes", "`7`, which may stand for `007`", "classes = ["],
    );
    refused(with(&labels(&[0, 1]), &recipe(), &["<=50K", ">50K"], false), &["no codes of the data", "classes = ["]);
    refused(with(&labels(&[0, 1]), &recipe(), &["a", "b"], true), &["no codes of the code frame, e.g. `0`"]);
    let told = OnnxRecipe { classes: codes(&["b", "a"]), ..recipe() };
    assert_eq!(with(&labels(&[0, 1]), &told, &["a", "b"], true).unwrap().places, [1, 0]);
    refused(with(&labels(&[0, 1]), &OnnxRecipe { classes: codes(&["b", "a", "c"]), ..recipe() }, &["a", "b", "c"], true), &["2 scores", "3 classes"]);
    refused(with(&labels(&[0, 1]), &OnnxRecipe { classes: codes(&["b", "d"]), ..recipe() }, &["a", "b"], true), &["e.g. `d`", "correct `classes`"]);
    refused(with(&labels(&[3, 3]), &recipe(), &["3", "4"], true), &["two of the model's classes are `3`"]);
}

#[test]
fn scores_that_are_no_probabilities_are_said_to_be_none() {
    let mut probit = linear();
    let at = probit.nodes[1].windows(7).position(|w| w == b"SOFTMAX").unwrap();
    probit.nodes[1][at..at + 7].copy_from_slice(b"PROBIT!");
    refused(load(&probit, &recipe()), &["LinearClassifier with the transform PROBIT"]);
    let mut none = linear();
    none.nodes[1] = node(
        "ai.onnx.ml:LinearClassifier scaled -> label,scores",
        &[("coefficients", A::Fs(&[1.0, 0.0, 0.0, 1.0, -1.0, -1.0])), ("classlabels_strings", A::Ss(&["c", "a", "b"]))],
    );
    let rows = [0, 1, 2];
    let records = Records::new();
    let input = Input { rows: &rows, ..records.input() };
    let failure = load(&none, &recipe()).unwrap().predict(&input, 9).unwrap_err().to_string();
    assert!(failure.contains("not between 0 and 1") && failure.contains("record 2 of the data") && failure.contains("scores = \"order\""), "{failure}");
    let coder = load(&none, &OnnxRecipe { scores: Scale::Order, ..recipe() }).unwrap();
    let p = coder.predict(&input, 9).unwrap();
    assert_eq!((p.complete, p.confidence.len(), &p.ranked[6..]), (false, 0, &[1, 0, 2][..]));
    assert!(format!("{:?}", coder.facts()).contains("only their order"));
    let mut apart = linear();
    apart.nodes[1] = node(
        "ai.onnx.ml:LinearClassifier scaled -> label,scores",
        &[("coefficients", A::Fs(&[1.0, 0.0, 0.0, 1.0, -1.0, -1.0])), ("classlabels_strings", A::Ss(&["c", "a", "b"])), ("post_transform", A::S("LOGISTIC"))],
    );
    let coder = load(&apart, &recipe()).unwrap();
    let p = coder.predict(&input, 9).unwrap();
    assert!(!p.complete && (p.confidence[0] - 0.5).abs() < 1e-7);
    assert!(format!("{:?}", coder.facts()).contains("do not add up to 1"));
}

#[test]
fn the_probabilities_are_found_among_outputs() {
    let mut model = linear();
    model.outputs = vec![port("label", 8, &[0])];
    let wanted = shares(&load(&linear(), &recipe()).unwrap(), &[0, 1, 2]);
    near(&shares(&load(&model, &recipe()).unwrap(), &[0, 1, 2]), &wanted);
    model.outputs = vec![port("label", 8, &[0]), port("scores", 1, &[0, 3])];
    near(&shares(&load(&model, &recipe()).unwrap(), &[0, 1, 2]), &wanted);
    model.outputs = vec![port("scaled", 1, &[0, 2]), port("scores", 1, &[0, 3])];
    refused(load(&model, &recipe()), &["several outputs", "scaled (numbers), scores (numbers)"]);
    near(&shares(&load(&model, &OnnxRecipe { probabilities: Some("scores".into()), ..recipe() }).unwrap(), &[0, 1, 2]), &wanted);
    refused(load(&model, &OnnxRecipe { probabilities: Some("score".into()), ..recipe() }), &["no output `score`"]);
    // One column is the probability of the second of two classes.
    let mut one = network();
    one.nodes[3] = node("Sigmoid out -> shares", &[]);
    one.constants[2] = build::tensor("V", &[2, 1], &[1.0, -1.0]);
    one.outputs = vec![port("shares", 1, &[0, 1])];
    let coder = load(&one, &OnnxRecipe { classes: codes(&["a", "b"]), ..recipe() }).unwrap();
    let share = 1.0 / (1.0 + (-1.0f64).exp());
    near(&shares(&coder, &[0]), &[vec![1.0 - share, share]]);
    assert!(format!("{:?}", coder.facts()).contains("of the second class"));
}

#[test]
fn sums_of_exponentials_do_not_overflow() {
    let mut model = network();
    let scale = build::tensor("V", &[2, 3], &[500.0, 0.0, -500.0, 0.0, 900.0, 0.0]);
    model.constants[2] = scale;
    for keep in [0, 1] {
        model.nodes.truncate(3);
        model.nodes.push(node("ReduceLogSumExp out -> sum", &[("axes", A::Is(&[1])), ("keepdims", A::I(keep))]));
        model.nodes.push(node("Reshape sum,S -> column", &[]));
        model.nodes.push(node("Sub out,column -> less", &[]));
        model.nodes.push(node("Exp less -> shares", &[]));
        model.constants.truncate(3);
        model.constants.push(build::whole("S", &[2], &[-1, 1]));
        let coder = load(&model, &OnnxRecipe { classes: codes(&["a", "b", "c"]), ..recipe() }).unwrap();
        // (1, 2) gives 2 and 1 and so 1000, 900, −1000; (3, 4) 5 and 0.
        near(&shares(&coder, &[0, 1]), &[vec![1.0, 0.0, 0.0], vec![1.0, 0.0, 0.0]]);
    }
}

// ONNX Runtime 1.32 on graphs of one node: a stump with a leaf of −1 (x <= 0.5) and one of 2, or of 0.25 and 0.75, of class 0; and a linear model
// with one row of weights (1, 2) and intercept 0.5 for two classes.
#[test]
fn two_classes_with_one_score_are_what_the_runtime_makes_of_them() {
    let stump = |weights: &[f32], transform: &str, base: &[f32]| {
        let mut attributes = vec![
            ("nodes_treeids", A::Is(&[0, 0, 0])),
            ("nodes_nodeids", A::Is(&[0, 1, 2])),
            ("nodes_featureids", A::Is(&[0, 0, 0])),
            ("nodes_values", A::Fs(&[0.5, 0.0, 0.0])),
            ("nodes_modes", A::Ss(&["BRANCH_LEQ", "LEAF", "LEAF"])),
            ("nodes_truenodeids", A::Is(&[1, 0, 0])),
            ("nodes_falsenodeids", A::Is(&[2, 0, 0])),
            ("class_treeids", A::Is(&[0, 0])),
            ("class_nodeids", A::Is(&[1, 2])),
            ("class_ids", A::Is(&[0, 0])),
            ("class_weights", A::Fs(weights)),
            ("classlabels_strings", A::Ss(&["a", "b"])),
            ("post_transform", A::S(transform)),
        ];
        if !base.is_empty() {
            attributes.push(("base_values", A::Fs(base)));
        }
        node("ai.onnx.ml:TreeEnsembleClassifier X -> label,scores", &attributes)
    };
    let line = |transform| {
        let attributes = [
            ("coefficients", A::Fs(&[1.0, 2.0])),
            ("intercepts", A::Fs(&[0.5])),
            ("classlabels_strings", A::Ss(&["a", "b"])),
            ("post_transform", A::S(transform)),
        ];
        node("ai.onnx.ml:LinearClassifier X -> label,scores", &attributes)
    };
    for (node, low, high) in [
        (stump(&[-1.0, 2.0], "LOGISTIC", &[]), 0.268_941_4, 0.880_797_03),
        (stump(&[-1.0, 2.0], "LOGISTIC", &[0.25]), 0.320_821_29, 0.904_650_51),
        (stump(&[0.25, 0.75], "LOGISTIC", &[]), 0.562_176_53, 0.679_178_71),
        (stump(&[0.25, 0.75], "NONE", &[]), 0.25, 0.75),
        (stump(&[0.25, 0.75], "SOFTMAX", &[]), 0.25, 0.75),
        (line("LOGISTIC"), 0.622_459_35, 0.970_687_75),
    ] {
        let mut records = Records::new();
        (records.ages, records.hours) = (vec![0.0, 1.0], vec![0.0, 1.0]);
        let model = Model { nodes: vec![node], inputs: vec![port("X", 1, &[0, 2])], outputs: vec![port("scores", 1, &[0, 2])], ..Model::default() };
        let coder = load(&model, &recipe()).unwrap();
        let p = coder.predict(&Input { rows: &[0, 1], ..records.input() }, 2).unwrap();
        for (record, wanted) in [low, high].into_iter().enumerate() {
            let place = p.ranking(record).iter().position(|c| *c == 1).unwrap();
            assert!((p.confidences(record)[place] - wanted).abs() < 1e-6, "{record} {wanted}: {:?}", p.confidences(record));
        }
    }
}
