//! Models made by the fastText program (tests/studies/fasttext/make.py) and what it said of a few texts; then the same files damaged.

use super::*;
use crate::data::Strings;

const FILES: [(&str, &[u8]); 6] = [
    ("softmax.bin", include_bytes!("../../../tests/studies/fasttext/softmax.bin")),
    ("subwords.bin", include_bytes!("../../../tests/studies/fasttext/subwords.bin")),
    ("hierarchical.bin", include_bytes!("../../../tests/studies/fasttext/hierarchical.bin")),
    ("one-vs-all.bin", include_bytes!("../../../tests/studies/fasttext/one-vs-all.bin")),
    ("quantised.ftz", include_bytes!("../../../tests/studies/fasttext/quantised.ftz")),
    ("pruned.ftz", include_bytes!("../../../tests/studies/fasttext/pruned.ftz")),
];

fn recipe() -> FastTextRecipe {
    FastTextRecipe { path: "model.bin".into(), lower_case: false, punctuation: Punctuation::Keep, label_prefix: "__label__".into() }
}

fn load(bytes: &[u8]) -> Result<FastText, Failure> {
    FastText::load(&recipe(), bytes.to_vec())
}

fn predict(model: &FastText, texts: &[&str]) -> Result<Predictions, Failure> {
    let answers: Strings = texts.iter().collect();
    let rows: Vec<u32> = (0..texts.len() as u32).collect();
    model.predict(&Input { ids: &answers, texts: vec![("answer", &answers)], categories: vec![], numbers: vec![], rows: &rows }, usize::MAX)
}

#[test]
fn says_what_the_program_says() {
    let expected: serde_json::Value = serde_json::from_str(include_str!("../../../tests/studies/fasttext/expected.json")).unwrap();
    let asked: Vec<&str> = expected["asked"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
    for (name, bytes) in FILES {
        let model = load(bytes).unwrap_or_else(|f| panic!("{name}: {f}"));
        let predictions = predict(&model, &asked).unwrap();
        assert_eq!(predictions.complete, name != "one-vs-all.bin", "{name}");
        let mut most = 0f64;
        for (record, text) in asked.iter().enumerate() {
            let theirs = expected["models"][name][record].as_array().unwrap();
            let printed = model.score(text, 1e-5).unwrap();
            let clean = model.score(text, 0.0).unwrap();
            // Down its tree the program leaves out what is less likely than 0.00001.
            let told = |label: usize| theirs.iter().any(|pair| pair[0].as_str() == Some(model.codes[model.places[label] as usize].as_str()));
            assert!((0..clean.len()).all(|label| told(label) || clean[label] < 2e-5), "{name} {text}");
            for pair in theirs {
                let place = model.codes.iter().position(|c| c == pair[0].as_str().unwrap()).unwrap() as u32;
                let label = model.places.iter().position(|p| *p == place).unwrap();
                let theirs = pair[1].as_f64().unwrap();
                most = most.max((printed[label] - theirs).abs());
                // What is given differs by what the program adds to a probability, at most twice on the way down a tree of five labels.
                assert!((clean[label] - theirs).abs() < 4e-5, "{name} {text} {pair}: {}", clean[label]);
                let rank = predictions.ranking(record).iter().position(|c| *c == place).unwrap();
                assert!((predictions.confidences(record)[rank] - clean[label]).abs() < 1e-15);
            }
            if predictions.complete {
                assert!((predictions.confidences(record).iter().sum::<f64>() - 1.0).abs() < 1e-9, "{name} {text}");
            }
        }
        assert!(most < 1e-6, "{name}: {most}");
    }
}

#[test]
fn prepares_texts_as_told() {
    let bytes = FILES[0].1;
    let with = |lower_case, punctuation| FastText::load(&FastTextRecipe { lower_case, punctuation, ..recipe() }, bytes.to_vec()).unwrap();
    let say = |model: &FastText, text: &str| predict(model, &[text]).unwrap().confidence;
    let plain = say(&with(false, Punctuation::Keep), "nurse ward");
    assert_ne!(say(&with(false, Punctuation::Keep), "Nurse, ward."), plain);
    assert_eq!(say(&with(true, Punctuation::Remove), "Nurse, ward."), plain);
    assert_eq!(say(&with(false, Punctuation::Keep), "nurse\nward"), plain, "a line break is a blank");
    let mut text = String::new();
    with(true, Punctuation::Apart).cleaned("A.B'c;", &mut text);
    assert_eq!(text, "a . b ' c;");
}

#[test]
fn labels_need_their_prefix() {
    let failing = |prefix: &str| FastText::load(&FastTextRecipe { label_prefix: prefix.into(), ..recipe() }, FILES[0].1.to_vec()).err().unwrap().to_string();
    for prefix in ["label:", "__label__2211"] {
        assert!(failing(prefix).contains("label_prefix"), "{}", failing(prefix));
    }
}

#[test]
fn other_files_are_named_as_such() {
    for (bytes, told) in [
        (&b""[..], "not a model of the fastText program"),
        (b"PK\x03\x04 a zip, perhaps of PyTorch", "not a model of the fastText program"),
        (&[0xba, 0x16, 0x4f, 0x2f, 99, 0, 0, 0], "version 99"),
    ] {
        let failure = load(bytes).err().unwrap().to_string();
        assert!(failure.contains(told) && failure.contains("help:") && failure.contains("model.bin"), "{failure}");
    }
}

#[test]
fn every_cut_is_refused() {
    for (name, bytes) in FILES {
        for end in (0..bytes.len()).filter(|end| *end < 1500 || end % 61 == 0) {
            let failure = load(&bytes[..end]).err().unwrap_or_else(|| panic!("{name} cut at {end}"));
            assert!(failure.problems.iter().all(|p| p.remedy.is_some() && p.class == Class::Model), "{failure}");
        }
        let longer = [bytes, b"x"].concat();
        assert!(load(&longer).is_err(), "{name} with a byte more");
    }
}

#[test]
fn no_damaged_byte_aborts() {
    for (name, bytes) in FILES {
        let (mut refused, mut damaged) = (0, bytes.to_vec());
        for at in (0..bytes.len()).filter(|at| *at < 900 || at % 37 == 0) {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                damaged[at] = value;
                match load(&damaged) {
                    Ok(model) => match predict(&model, &["nurse on the ward", "", "naval officer, soldiers"]) {
                        Ok(p) => assert!(p.confidence.iter().all(|c| (0.0..=1.0).contains(c)), "{name} {at}"),
                        Err(failure) => assert!(failure.to_string().contains("not numbers"), "{failure}"),
                    },
                    Err(_) => refused += 1,
                }
            }
            damaged[at] = bytes[at];
        }
        assert!(refused > 100, "{name}: {refused}");
    }
}

#[test]
fn huge_sizes_are_refused_before_anything_is_made() {
    let bytes = FILES[0].1;
    // Sizes of the dictionary follow magic, version, twelve arguments and a number.
    let dictionary = 8 + 12 * 4 + 8;
    for (at, value) in [(dictionary, i32::MAX), (dictionary + 4, i32::MAX), (dictionary + 8, -1), (8, i32::MAX), (8, -1), (28, i32::MAX)] {
        let mut damaged = bytes.to_vec();
        damaged[at..at + 4].copy_from_slice(&value.to_le_bytes());
        assert!(load(&damaged).is_err(), "{value} at {at}");
    }
    let mut damaged = bytes.to_vec();
    damaged[dictionary + 20..dictionary + 28].copy_from_slice(&i64::MAX.to_le_bytes());
    assert!(load(&damaged).err().unwrap().to_string().contains("kept features"));
}

#[test]
fn a_deep_tree_is_no_trouble() {
    let counts: Vec<i64> = (0..40u32).rev().map(|i| 1 << i).collect();
    let scores = Scores::new(Loss::Hierarchical, &counts).unwrap();
    assert!(scores.probabilities() && scores.words().starts_with("hierarchical"));
    assert!(Scores::new(Loss::Hierarchical, &[1, 2]).is_err());
}
