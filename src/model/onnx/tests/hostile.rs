//! Files that are not what they say: every one is refused with a reason, or coded with; none ends the program or fills its memory.

use super::build::{A, Model, field, int, linear, network, node, port, tensor, trees, whole, words};
use super::{Records, codes, load, recipe, refused};
use crate::model::{Coder, Input, Onnx, OnnxRecipe};
use crate::value::{Class, Failure};

fn read(bytes: &[u8]) -> Result<Onnx, Failure> {
    let recipe = OnnxRecipe { classes: vec![], ..recipe() };
    Onnx::load(&recipe, bytes, &Records::new().input(), &codes(&["a", "b", "c"]), true)
}

/// A network that says its classes.
fn labelled() -> Model {
    let mut model = network();
    model.nodes.push(node("ai.onnx.ml:ZipMap shares -> maps", &[("classlabels_strings", A::Ss(&["a", "b", "c"]))]));
    model.outputs = vec![port("maps", 0, &[])];
    model
}

#[test]
fn every_cut_is_refused() {
    for (name, bytes) in [("linear", linear().bytes()), ("words", words().bytes()), ("network", labelled().bytes()), ("trees", trees(|_| ()).bytes())] {
        assert!(read(&bytes).is_ok(), "{name}: {}", read(&bytes).err().unwrap());
        for end in 0..bytes.len() {
            let failure = read(&bytes[..end]).err().unwrap_or_else(|| panic!("{name} cut at {end}"));
            assert!(failure.problems.iter().all(|p| p.remedy.is_some() && p.class == Class::Model), "{name} {end}: {failure}");
        }
    }
}

#[test]
fn no_damaged_byte_aborts() {
    let records = Records::new();
    let rows = [0, 1, 2];
    for (name, bytes) in [("linear", linear().bytes()), ("words", words().bytes()), ("network", labelled().bytes()), ("trees", trees(|_| ()).bytes())] {
        let (mut refused, mut damaged) = (0, bytes.clone());
        for at in 0..bytes.len() {
            for value in [0, 1, 0x3f, 0x7f, 0x80, 0xff] {
                damaged[at] = value;
                match read(&damaged) {
                    Ok(coder) => match coder.predict(&Input { rows: &rows, ..records.input() }, usize::MAX) {
                        Ok(p) => assert!(p.confidence.iter().all(|c| (0.0..=1.0).contains(c)), "{name} {at}"),
                        Err(failure) => assert!(failure.problems.iter().all(|p| p.remedy.is_some()), "{failure}"),
                    },
                    Err(failure) => {
                        assert!(failure.problems.iter().all(|p| p.remedy.is_some()), "{failure}");
                        refused += 1;
                    }
                }
            }
            damaged[at] = bytes[at];
        }
        assert!(refused > 100, "{name}: {refused}");
    }
}

#[test]
fn other_files_are_named_as_such() {
    for (bytes, told) in [
        (&b""[..], "it is empty"),
        (b"\x80\x04\x95 a pickle", "looks like a pickle"),
        (b"PK\x03\x04 a zip", "looks like a zip archive"),
        (b"\x89HDF\r\n\x1a\n", "looks like HDF5"),
        (b"\x40\x00\x00\x00\x00\x00\x00\x00{\"a\":{}}", "looks like safetensors"),
        (b"{\"a\": 1}", "of another kind, or damaged"),
        (&[0xff; 100], "of another kind, or damaged"),
    ] {
        refused(read(bytes), &["not an ONNX model", told]);
    }
    // What is left of a file that was cut between its parts.
    let mut parts = Model::default().bytes();
    parts.truncate(2);
    refused(read(&parts), &["not an ONNX model"]);
    let graph = field(7, field(1, node("Relu X -> Y", &[])));
    refused(read(&[int(1, 8), graph].concat()), &["does not say of which version"]);
}

#[test]
fn all_operators_that_cannot_be_run_are_named() {
    let mut model = network();
    model.nodes[1] = node("Conv hidden,V -> c1", &[]);
    model.nodes.insert(2, node("Conv c1,V -> c2", &[]));
    model.nodes.insert(3, node("ai.onnx.ml:SVMClassifier c2 -> l,active", &[]));
    model.nodes.insert(4, node("LSTM active -> unused", &[]));
    model.nodes.push(node("org.example:Magic<b> shares -> more", &[]));
    model.outputs = vec![port("more", 1, &[0, 3])];
    refused(load(&model, &recipe()), &["cannot be run here: Conv (2 times), ai.onnx.ml.SVMClassifier, org.example.Magic<b>", "`predictions`", "`command`"]);
    let mut loops = labelled();
    loops.nodes[1] = node("Loop hidden -> active", &[]);
    refused(load(&loops, &recipe()), &["cannot be run here: Loop"]);
    let mut stop = words();
    stop.nodes[0] = node("StringNormalizer answer -> lower", &[("stopwords", A::Ss(&["the"]))]);
    refused(load(&stop, &recipe()), &["StringNormalizer with stop words"]);
    let mut pattern = words();
    pattern.nodes[1] = node("com.microsoft:Tokenizer lower -> words", &[("tokenexp", A::S("(a|b)+"))]);
    refused(load(&pattern, &recipe()), &["Tokenizer with a regular expression"]);
    let mut unknown = words();
    unknown.nodes[1] = node("Relu lower -> words", &[]);
    refused(load(&unknown, &recipe()), &["Relu on texts"]);
}

#[test]
fn circles_and_loose_ends_are_refused() {
    let mut circle = labelled();
    circle.nodes[0] = node("Gemm out,W,B -> hidden", &[]);
    refused(load(&circle, &recipe()), &["runs in a circle", "Gemm takes `out`"]);
    let mut own = labelled();
    own.nodes[1] = node("Relu active -> active", &[]);
    refused(load(&own, &recipe()), &["runs in a circle"]);
    let mut loose = labelled();
    loose.nodes[0] = node("Gemm X,W,C -> hidden", &[]);
    refused(load(&loose, &recipe()), &["takes `C`, which nothing gives"]);
    let mut twice = labelled();
    twice.nodes[1] = node("Relu hidden -> hidden", &[]);
    refused(load(&twice, &recipe()), &["`hidden` is given twice"]);
    let mut nowhere = labelled();
    nowhere.outputs = vec![port("nothing", 1, &[0, 3])];
    refused(load(&nowhere, &recipe()), &["comes from nothing"]);
}

#[test]
fn sizes_are_checked_before_anything_is_made() {
    let with = |constant: Vec<u8>| {
        let mut model = labelled();
        model.constants[0] = constant;
        load(&model, &recipe())
    };
    refused(with(tensor("W", &[1 << 40, 1 << 40], &[])), &["tensor `W` has sizes beyond all bounds"]);
    refused(with(tensor("W", &[1 << 40], &[1.0])), &["another size than it says"]);
    refused(with(tensor("W", &[-2, -2], &[1.0; 4])), &["negative size"]);
    refused(with(tensor("W", &[2, 2], &[1.0; 3])), &["another size than it says"]);
    refused(with(tensor("W", &[3, 2], &[1.0; 6])), &["Gemm cannot be run"]);
    let elsewhere = [tensor("W", &[2, 2], &[]), field(13, [field(1, "location"), field(2, "../../etc/passwd")].concat()), int(14, 1)].concat();
    refused(with(elsewhere), &["tensor `W` of the model is in another file", "save_as_external_data"]);
    let sparse = [labelled().bytes(), field(7, field(15, ""))].concat();
    refused(read(&sparse), &["sparse tensors"]);
    // What grows step by step, or is asked for by a number.
    let grown = |steps: &[Vec<u8>], constants: &[Vec<u8>]| {
        let mut model = labelled();
        model.nodes.splice(1..2, steps.iter().cloned());
        model.constants.extend_from_slice(constants);
        load(&model, &recipe())
    };
    let shape = whole("S", &[2], &[1 << 30, 1 << 30]);
    refused(grown(&[node("Expand hidden,S -> active", &[])], std::slice::from_ref(&shape)), &["gives more numbers", "Expand"]);
    refused(grown(&[node("ConstantOfShape S -> active", &[])], &[shape]), &["gives more numbers", "ConstantOfShape"]);
    let column = [tensor("L", &[5000, 1], &[1.0; 5000]), tensor("R", &[1, 5000], &[1.0; 5000])];
    refused(grown(&[node("MatMul L,R -> active", &[])], &column), &["gives more numbers", "MatMul"]);
    refused(grown(&[node("Add L,R -> active", &[])], &column), &["gives more numbers", "Add"]);
    let doubling: Vec<Vec<u8>> = (0..40).map(|i| node(&format!("Concat d{i},d{i} -> d{}", i + 1), &[("axis", A::I(1))])).collect();
    let start = [node("Relu hidden -> d0", &[])];
    let end = [node("Relu d40 -> active", &[])];
    refused(grown(&[&start[..], &doubling, &end].concat(), &[]), &["gives more numbers", "Concat"]);
    let mut own = linear();
    own.nodes[0] = node("Concat X,X -> d0", &[("axis", A::I(1))]);
    own.nodes.splice(1..1, doubling);
    own.nodes.insert(41, node("ai.onnx.ml:Scaler d40 -> scaled", &[]));
    refused(load(&own, &recipe()), &["more columns than can be held"]);
}

#[test]
fn trees_that_are_none_are_refused() {
    for (change, told) in [
        ((|t| t.yes[0] = 0) as fn(&mut super::build::Trees), "runs in a circle"),
        (|t| (t.yes[0], t.yes[3]) = (2, 2), "runs in a circle"),
        (|t| t.no[0] = 9, "leads to a node that is not there"),
        (|t| t.features[0] = -1, "feature out of bounds"),
        (|t| t.features[0] = 1 << 40, "feature out of bounds"),
        (|t| t.features[3] = 7, "trees of at least 8 features get 2"),
        (|t| t.of[1] = 2, "class out of bounds"),
        (|t| t.of[1] = -1, "class out of bounds"),
        (|t| t.leaves[0] = 0, "a weight of what is no leaf"),
        (|t| t.ids[1] = 2, "has a node twice"),
        (|t| t.leaves.truncate(3), "differ in length"),
        (|t| t.yes.truncate(3), "differ in length"),
        (|t| t.missing.truncate(3), "do not fit the nodes"),
    ] {
        refused(load(&trees(change), &recipe()), &[told]);
    }
}
