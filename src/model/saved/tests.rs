//! Every kind comes back to the last bit; every hostile file is refused in words.

mod later;

use super::head::Head;
use super::*;
use crate::data::{Factor, Strings};
use crate::model::{ComplementNbRecipe, EnsembleRecipe, LinearRecipe, Loss, TabularRecipe, Target, TextRecipe, fit};
use crate::value::Stream;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

struct Survey {
    answers: Strings,
    duties: Strings,
    regions: Factor,
    ages: Vec<f64>,
    codes: Vec<String>,
    index: Vec<u32>,
}

impl Survey {
    fn new(records: usize, codes: u64) -> Self {
        let mut stream = Stream::named(5, "saved");
        let index: Vec<u32> = (0..records).map(|_| stream.below(codes) as u32).collect();
        let text = |stream: &mut Stream, code: u32| format!("Work{code}, n\u{e9}e thing{} on\u{a0}site-{}", stream.below(40), stream.below(9));
        let answers = index.iter().map(|code| text(&mut stream, *code)).collect();
        let duties = index.iter().map(|code| if stream.unit() < 0.2 { String::new() } else { text(&mut stream, code % 3) }).collect();
        let regions: Vec<String> = index.iter().map(|code| if stream.unit() < 0.7 { format!("r{}", code % 4) } else { String::new() }).collect();
        let ages = index.iter().map(|code| if stream.unit() < 0.9 { f64::from(*code) + stream.normal() } else { f64::NAN }).collect();
        let codes = (0..codes).map(|code| format!("{code:02}")).collect();
        Self { answers, duties, regions: Factor::from_strings(regions.iter().map(String::as_str)), ages, codes, index }
    }

    fn input<'a>(&'a self, rows: &'a [u32]) -> Input<'a> {
        Input {
            ids: &self.answers,
            texts: vec![("duty", &self.duties), ("answer", &self.answers)],
            categories: vec![("region", &self.regions)],
            numbers: vec![("age", &self.ages)],
            rows,
        }
    }

    fn fit(&self, recipe: &Recipe) -> Box<dyn Coder> {
        let rows: Vec<u32> = (0..self.index.len() as u32).collect();
        let (train, tune) = rows.split_at(rows.len() * 4 / 5);
        let target = Target { codes: &self.codes, index: &self.index, weights: None, clusters: None };
        fit(recipe, &self.input(train), &self.input(tune), &target, 7, &mut |_| ()).expect("fits")
    }
}

fn recipes() -> Vec<Recipe> {
    let hashed = TextRecipe { characters: (2, 3), hash_bits: 9, fold_accents: true, ..TextRecipe::default() };
    let mut recipes = later::recipes();
    recipes.extend([
        Recipe::Majority,
        Recipe::Prior,
        Recipe::ComplementNb(ComplementNbRecipe::default()),
        Recipe::Linear(LinearRecipe::default()),
        Recipe::Linear(LinearRecipe { text: hashed, loss: Loss::SquaredHinge, c: 0.5, weighted: true, ..LinearRecipe::default() }),
        Recipe::Ensemble(EnsembleRecipe::default()),
        Recipe::Tabular(TabularRecipe::default()),
    ]);
    recipes
}

fn opened(files: &SavedFiles) -> Result<SavedModel, Failure> {
    let (head, weights) = (&files.files[0].1, &files.files[1].1);
    load("folder", head, &mut |name, _| {
        assert_eq!(name, WEIGHTS_FILE);
        Ok(weights.clone())
    })
}

fn in_pool<T: Send>(threads: usize, act: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool").install(act)
}

#[test]
fn every_kind_comes_back_to_the_last_bit_on_any_number_of_threads() {
    // Eighteen codes fill one tile of weights and part of another.
    let survey = Survey::new(600, 18);
    let rows: Vec<u32> = (0..600).rev().collect();
    for recipe in recipes() {
        let provenance = Provenance {
            study: Some("1".repeat(64)),
            data: None,
            labels: [("03".to_owned(), "Three".to_owned()), ("99".to_owned(), "None".to_owned())].into(),
        };
        let (fitted, files) = in_pool(1, || {
            let fitted = survey.fit(&recipe);
            let files = save(fitted.as_ref(), &recipe, &provenance).expect("saves");
            (fitted, files)
        });
        let again = in_pool(2, || save(survey.fit(&recipe).as_ref(), &recipe, &provenance).expect("saves"));
        assert_eq!(files, again, "{}: the same bytes", recipe.kind());
        let loaded = opened(&files).unwrap_or_else(|f| panic!("{}: {f}", recipe.kind()));
        // What an index file said is in the model's parts, not in its settings.
        let mut bare = recipe.clone();
        bare.fill(&mut |_| None);
        assert_eq!((&loaded.recipe, loaded.codes(), loaded.digest.as_str()), (&bare, fitted.codes(), files.digest.as_str()));
        assert!(loaded.facts().ends_with(&fitted.facts()) && loaded.head.study == provenance.study && loaded.head.labels.len() == 1);
        let before = fitted.predict(&survey.input(&rows), usize::MAX).expect("codes");
        for threads in [1, 2] {
            let after = in_pool(threads, || loaded.predict(&survey.input(&rows), usize::MAX).expect("codes"));
            assert_eq!(before.ranked, after.ranked, "{}", recipe.kind());
            assert!(before.confidence.iter().zip(&after.confidence).all(|(a, b)| a.to_bits() == b.to_bits()), "{}", recipe.kind());
            assert_eq!(before.confidence.len(), after.confidence.len(), "{}", recipe.kind());
            assert_eq!(fitted.trace(&survey.input(&rows)).expect("tells"), loaded.trace(&survey.input(&rows)).expect("tells"));
            assert_eq!((before.kept, before.complete, before.codes.clone()), (after.kept, after.complete, after.codes));
        }
        // What was loaded can be saved again, and is the same but for its facts.
        let twice = save(&loaded, &loaded.recipe, &provenance).expect("saves");
        assert_eq!(twice.files[1], files.files[1], "{}", recipe.kind());
    }
}

#[test]
fn no_word_of_an_answer_is_in_a_saved_model() {
    let survey = Survey::new(300, 6);
    let recipe = Recipe::Linear(LinearRecipe::default());
    let files = save(survey.fit(&recipe).as_ref(), &recipe, &Provenance::default()).expect("saves");
    for (_, bytes) in &files.files {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("work") && !text.contains("Work") && !text.contains("thing1"));
    }
    let head = String::from_utf8(files.files[0].1.clone()).expect("text");
    assert!(head.contains("texts = [\"answer\", \"duty\"]") && head.contains("\"r3\"") && head.contains("private"), "{head}");
}

#[test]
fn what_was_brought_along_and_what_is_not_finite_cannot_be_saved() {
    struct Odd(f64, Vec<String>);
    impl Coder for Odd {
        fn codes(&self) -> &[String] {
            &self.1
        }
        fn predict(&self, _: &Input<'_>, _: usize) -> Result<Predictions, Failure> {
            Err(Failure::of(Vec::new()))
        }
        fn facts(&self) -> Vec<(String, String)> {
            Vec::new()
        }
        fn pack(&self, pack: &mut Pack) -> bool {
            pack.inside("a", |pack| pack.doubles("b", &[1], [self.0]));
            self.0 != 0.0
        }
    }
    let failure = |value| save(&Odd(value, vec!["a".into()]), &Recipe::Majority, &Provenance::default()).expect_err("refused").to_string();
    assert!(failure(f64::NAN).contains("`a.b` has a number that is not finite"), "{}", failure(f64::NAN));
    assert!(failure(0.0).contains("cannot be saved"));
}

#[test]
fn many_texts_go_into_tensors_and_come_back() {
    let mut pack = Pack::default();
    let texts = ["", "caf\u{e9}", "a\nb", ""];
    pack.inside("index", |pack| pack.strings("texts", texts));
    let (bytes, ..) = pack.finish().expect("finishes");
    let (head, _) = Head::parse("h", &small().0.into_bytes()).expect("parses");
    let mut head = head;
    (head.texts, head.columns) = Default::default();
    let read = |bytes: &[u8]| unpack::unpacked("w", "h", &head, bytes, |parts| parts.inside("index").strings("texts"));
    assert_eq!(read(&bytes).expect("reads"), texts);
    let text = |ends: &[u64], bytes: &[u8]| {
        let mut pack = Pack::default();
        pack.wholes("index.texts.ends", ends);
        pack.finish()
            .map(|(file, ..)| tensors(&file, |list| list.push(("index.texts.bytes".into(), Dtype::U8, vec![bytes.len()], bytes.to_vec()))))
            .expect("a file")
    };
    for (ends, bytes) in [(&[1u64, 0][..], &b"ab"[..]), (&[5], b"ab"), (&[1], b"ab"), (&[u64::MAX], b"ab"), (&[1, 2], "\u{e9}".as_bytes())] {
        let problem = read(&text(ends, bytes)).expect_err("refused");
        assert!(problem.message.contains("`index.texts`"), "{problem}");
    }
}

/// A small linear model as (model.toml, weights).
fn small() -> (String, Vec<u8>) {
    let survey = Survey::new(200, 3);
    let text = TextRecipe { words: (1, 1), min_records: 5, ..TextRecipe::default() };
    let recipe = Recipe::Linear(LinearRecipe { text, ..LinearRecipe::default() });
    let files = save(survey.fit(&recipe).as_ref(), &recipe, &Provenance::default()).expect("saves").files;
    let [(_, head), (_, weights)] = <[_; 2]>::try_from(files).expect("two files");
    (String::from_utf8(head).expect("text"), weights)
}

type Listed = Vec<(String, Dtype, Vec<usize>, Vec<u8>)>;

/// The same file with other tensors.
fn tensors(file: &[u8], change: impl FnOnce(&mut Listed)) -> Vec<u8> {
    let all = SafeTensors::deserialize(file).expect("tensors");
    let mut list: Listed = all.iter().map(|(name, v)| (name.to_owned(), v.dtype(), v.shape().to_vec(), v.data().to_vec())).collect();
    change(&mut list);
    let views: Vec<_> = list.iter().map(|(n, d, s, b)| (n.as_str(), TensorView::new(*d, s.clone(), b).expect("fits"))).collect();
    safetensors::serialize(views, None).expect("serialises")
}

fn named<'a>(list: &'a mut Listed, name: &str) -> &'a mut (String, Dtype, Vec<usize>, Vec<u8>) {
    list.iter_mut().find(|(n, ..)| n == name).unwrap_or_else(|| panic!("no {name}"))
}

/// `model.toml` with the size and digest of other weights.
fn sealed(head: &str, weights: &[u8]) -> String {
    let lines = head.lines().map(|line| match line.split_once(" = ") {
        Some(("bytes", _)) => format!("bytes = {}", weights.len()),
        Some(("sha256", _)) => format!("sha256 = \"{}\"", digest(weights)),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// The header with a text in it replaced; what is shorter or longer changes the header's length.
fn header(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    let length = u64::from_le_bytes(file[..8].try_into().expect("eight bytes")) as usize;
    let old = std::str::from_utf8(&file[8..8 + length]).expect("text");
    assert!(old.contains(from), "{old}");
    let new = old.replacen(from, to, 1);
    [&(new.len() as u64).to_le_bytes()[..], new.as_bytes(), &file[8 + length..]].concat()
}

#[test]
fn hostile_files_are_refused_in_words_that_name_file_and_remedy() {
    let (head, weights) = small();
    let refused = |what: &str, head: &str, weights: &[u8], file: &str, words: &str| {
        let result = load("folder", head.as_bytes(), &mut |_, _| Ok(weights.to_vec()));
        let failure = result.err().unwrap_or_else(|| panic!("{what}: was loaded"));
        let problem = &failure.problems[0];
        let place = problem.place.as_ref().map(|p| p.file.as_str());
        assert!(problem.message.contains(words), "{what}: {failure}");
        assert_eq!(place, Some(format!("folder/{file}").as_str()), "{what}: {failure}");
        assert!(problem.remedy.is_some() && problem.class == Class::Model, "{what}: {failure}");
    };
    // model.toml: (what, from, to, words).
    let edits: [(&str, &str, &str, &str); 20] = [
        ("a later version", "proofmark-model/1", "proofmark-model/2", "has format `proofmark-model/2`"),
        ("another of our files", "proofmark-model/1", "proofmark-evidence/1", "which is no saved model"),
        ("no format", "format = \"proofmark-model/1\"", "", "says no format"),
        ("another kind", "kind = \"linear\"", "kind = \"ensemble\"", "settings are not those of kind `ensemble`"),
        ("a kind without settings", "kind = \"linear\"", "kind = \"prior\"", "settings are not those of kind `prior`"),
        ("a kind of later versions", "kind = \"linear\"", "kind = \"neural\"", "kind `neural`, which this version does not know"),
        ("a kind that runs programs", "kind = \"linear\"", "kind = \"command\"", "settings are not those of kind `command`"),
        ("a key too many", "kind = \"linear\"", "kind = \"linear\"\nrun = \"rm\"", "unknown field `run`"),
        ("a number for a text", "kind = \"linear\"", "kind = 3", "invalid type"),
        ("no TOML", "kind = \"linear\"", "kind = = 3", "is not TOML"),
        ("one code", "codes = [\"00\", \"01\", \"02\"]", "codes = [\"00\"]", "1 codes"),
        ("a code twice", "codes = [\"00\", \"01\", \"02\"]", "codes = [\"00\", \"01\", \"01\"]", "of which 2 are different"),
        ("an empty code", "codes = [\"00\", \"01\", \"02\"]", "codes = [\"00\", \"01\", \"\"]", "each once"),
        ("a file elsewhere", "name = \"weights.safetensors\"", "name = \"../../etc/passwd\"", "is not called weights.safetensors"),
        ("a huge file", "bytes = ", "bytes = 99999999", "no more than"),
        ("a negative size", "bytes = ", "bytes = -", "invalid value"),
        ("columns", "texts = [\"answer\", \"duty\"]\ncategories", "texts = [\"answer\"]\ncategories", "not those that the model reads"),
        ("levels", "\"r0\", \"r1\"", "\"r1\", \"r0\"", "levels of the column `region` are not sorted"),
        ("long n-grams", "words = [1, 1]", "words = [1, 1000000]", "that no training has"),
        ("a text too many", "\"space.texts\" = ", "\"space.odd\" = []\n\"space.texts\" = ", "`space.odd` is no part"),
    ];
    for (what, from, to, words) in edits {
        assert!(head.contains(from), "{what}: {head}");
        let file = if words.contains("levels") { WEIGHTS_FILE } else { HEAD_FILE };
        refused(what, &head.replacen(from, to, 1), &weights, file, words);
    }
    let recipe = "kind = \"linear\"\n[settings]\nc = 0.5\n";
    refused("a recipe", recipe, &weights, HEAD_FILE, "how a model is to be trained");
    let text = |bytes: &[u8]| load("folder", bytes, &mut |_, _| Ok(Vec::new())).err().expect("refused").to_string();
    assert!(text(b"\x80\x04\x95\xff").contains("Python pickle, which could run code"), "{}", text(b"\x80\x04\x95\xff"));
    assert!(text(b"PK\x03\x04\xff\xfe").contains("zip archive") && text(b"").contains("says no format"));
    // weights.safetensors as it was not saved.
    refused("cut off", &head, &weights[..weights.len() / 2], WEIGHTS_FILE, "bytes where");
    refused("one byte longer", &head, &[&weights[..], &[0]].concat(), WEIGHTS_FILE, "bytes where");
    refused("empty", &head, &[], WEIGHTS_FILE, "the file has 0 bytes");
    let mut bent = weights.clone();
    *bent.last_mut().expect("bytes") ^= 1;
    refused("another bit", &head, &bent, WEIGHTS_FILE, "SHA-256 differs");
    bent[..4].copy_from_slice(b"PK\x03\x04");
    refused("a renamed archive", &head, &bent, WEIGHTS_FILE, "it looks like a zip archive");
    // weights.safetensors that its digest vouches for.
    let vouched = |what: &str, weights: Vec<u8>, words: &str| refused(what, &sealed(&head, &weights), &weights, WEIGHTS_FILE, words);
    vouched("a pickle", b"\x80\x05\x95\x00\x00\x00\x00\x00\x00\x00\x00".to_vec(), "looks like a Python pickle");
    vouched("too short", vec![1, 2, 3], "too short");
    vouched("no header", 0u64.to_le_bytes().to_vec(), "header");
    for length in [u64::MAX, 1 << 40, 99_000_000] {
        vouched("a huge header", [&length.to_le_bytes()[..], &weights[8..]].concat(), "no model needs more");
    }
    vouched("a header beyond the file", [&1_000_000u64.to_le_bytes()[..], &weights[8..]].concat(), "longer than the file");
    let mut not_text = weights.clone();
    not_text[9] = 0xff;
    vouched("a header that is no text", not_text, "not text");
    vouched("no JSON", header(&weights, "{", "["), "does not describe tensors");
    vouched("a negative shape", header(&weights, "\"shape\":[3]", "\"shape\":[-3]"), "does not describe tensors");
    vouched("a broken number", header(&weights, "\"shape\":[3]", "\"shape\":[3.5]"), "does not describe tensors");
    vouched("a negative offset", header(&weights, "\"data_offsets\":[0", "\"data_offsets\":[-1"), "does not describe tensors");
    vouched("an overflowing shape", header(&weights, "\"shape\":[3]", "\"shape\":[9223372036854775807,4]"), "larger than any file");
    vouched("a shape that does not fit", header(&weights, "\"shape\":[3]", "\"shape\":[4]"), "does not fit the bytes");
    vouched("an offset beyond the end", header(&weights, "\"data_offsets\":[0", "\"data_offsets\":[8"), "overlaps another one or leaves a gap");
    vouched("a kind of number there is not", header(&weights, "\"F64\"", "\"F65\""), "does not describe tensors");
    vouched("bytes behind", [&weights[..], &[0; 8]].concat(), "shorter or longer than its tensors");
    let changed = |what: &str, change: &dyn Fn(&mut Listed), words: &str| vouched(what, tensors(&weights, |list| change(list)), words);
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        changed("weights that are not finite", &|l| named(l, "weights").3[4..8].copy_from_slice(&value.to_le_bytes()), "`weights` has a number that is NaN");
        changed("idf that is not finite", &|l| named(l, "space.words.0.idf").3[..4].copy_from_slice(&value.to_le_bytes()), "NaN or infinite");
    }
    changed("an infinite slope", &|l| named(l, "calibration.steps").3[..8].copy_from_slice(&f64::INFINITY.to_le_bytes()), "`calibration.steps` has a number");
    changed("a negative slope", &|l| named(l, "calibration.steps").3[..8].copy_from_slice(&(-1f64).to_le_bytes()), "`calibration` is no calibration");
    changed("doubt above 1", &|l| named(l, "calibration.steps").3[8..16].copy_from_slice(&2f64.to_le_bytes()), "`calibration` is no calibration");
    changed("a weight of 0 for a feature", &|l| named(l, "space.words.0.idf").3[..4].fill(0), "`space` is damaged: features");
    let shorter = |l: &mut Listed, name: &str, size: usize| {
        let tensor = named(l, name);
        tensor.2[0] -= 1;
        let cut = tensor.3.len() - size;
        tensor.3.truncate(cut);
    };
    changed("a vocabulary that is too short", &|l| shorter(l, "space.words.0.fingerprints", 8), "`space.words.0.idf` has shape");
    changed("an idf that is too short", &|l| shorter(l, "space.words.1.idf", 4), "`space.words.1.idf` has shape");
    changed(
        "a vocabulary longer than the weights",
        &|l| {
            let tensor = named(l, "space.words.0.fingerprints");
            tensor.2[0] += 1;
            tensor.3.extend([7; 8]);
            let tensor = named(l, "space.words.0.idf");
            tensor.2[0] += 1;
            tensor.3.extend(1f32.to_le_bytes());
        },
        "`weights` has shape",
    );
    changed(
        "a fingerprint twice",
        &|l| {
            let bytes = &mut named(l, "space.words.0.fingerprints").3;
            bytes.copy_within(..8, 8);
        },
        "`space` is damaged: features",
    );
    changed("a tensor too many", &|l| l.push(("odd\u{1b}".into(), Dtype::U8, vec![0], vec![])), "`odd` is no part of a model of kind `linear`");
    changed("a tensor too few", &|l| l.retain(|(n, ..)| n != "weights.intercepts"), "`weights.intercepts` is missing");
    changed("other numbers", &|l| named(l, "weights").1 = Dtype::I32, "has numbers of kind I32 where the model has F32");
    changed("another rank", &|l| named(l, "weights").2.insert(0, 1), "`weights` has shape [1, ");
    changed(
        "offsets of other codes",
        &|l| {
            let tensor = named(l, "calibration.offsets");
            (tensor.2, tensor.3) = (vec![1], 0f64.to_le_bytes().to_vec());
        },
        "`calibration` is no calibration",
    );
    // A huge file is refused before it is read.
    let huge = head.lines().map(|l| if l.starts_with("bytes = ") { "bytes = 9223372036854775807" } else { l }).collect::<Vec<_>>().join("\n");
    let unread = load("folder", huge.as_bytes(), &mut |_, _| panic!("was read")).err().expect("refused");
    assert!(unread.problems[0].message.contains("no more than"), "{unread}");
}

#[test]
fn models_of_other_kinds_are_checked_too() {
    let survey = Survey::new(300, 3);
    let refused = |recipe: &Recipe, change: &dyn Fn(&mut Listed), words: &str| {
        let files = save(survey.fit(recipe).as_ref(), recipe, &Provenance::default()).expect("saves").files;
        let weights = tensors(&files[1].1, |l| change(l));
        let head = sealed(std::str::from_utf8(&files[0].1).expect("text"), &weights);
        let failure = load("f", head.as_bytes(), &mut |_, _| Ok(weights.clone())).err().expect("refused");
        assert!(failure.problems[0].message.contains(words) && failure.problems[0].remedy.is_some(), "{failure}");
    };
    let doubles = |values: &[f64]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    refused(&Recipe::Majority, &|l| named(l, "shares").3 = doubles(&[0.5, 0.6, 0.1]), "must add up to 1");
    refused(&Recipe::Majority, &|l| named(l, "shares").3 = doubles(&[1.5, -0.6, 0.1]), "must add up to 1");
    refused(&Recipe::Prior, &|l| l.retain(|(n, ..)| n != "seed"), "`seed` is missing");
    let tabular = Recipe::Tabular(TabularRecipe::default());
    refused(&tabular, &|l| named(l, "variances").3[..8].fill(0), "`variances` are not above 0");
    refused(&tabular, &|l| named(l, "priors").3[..8].fill(0), "`priors` are not shares");
    refused(&tabular, &|l| named(l, "means").2.swap(0, 1), "`means` has shape");
    let ensemble = Recipe::Ensemble(EnsembleRecipe::default());
    refused(&ensemble, &|l| l.retain(|(n, ..)| n != "member.1.link"), "`member.1.link` is missing");
    refused(&ensemble, &|l| named(l, "stack").2.swap(0, 1), "`stack` has shape");
    refused(&ensemble, &|l| named(l, "member.2.link.base").3[..8].copy_from_slice(&doubles(&[-1.0])), "`member.2.link` is no calibration");
}

#[test]
fn flipped_bytes_never_end_in_a_panic() {
    let (head, weights) = small();
    let (refused, loaded) = flipped(&head, &weights, 3000);
    // Most bits of a weight make another weight; most others make nonsense.
    assert!(refused > 1500 && loaded > 200, "{refused} {loaded}");
}

/// Loads a model again and again with bytes changed; counts how often it was refused and how often not.
fn flipped(head: &str, weights: &[u8], rounds: usize) -> (usize, usize) {
    let survey = Survey::new(60, 3);
    let rows: Vec<u32> = (0..60).collect();
    let mut stream = Stream::named(20_260_101, "flipped bytes");
    let (mut refused, mut loaded) = (0, 0);
    for round in 0..rounds {
        let (mut head, mut weights) = (head.as_bytes().to_vec(), weights.to_vec());
        // In turn: the description, the header of the tensors, their numbers; the last two vouched for, so that checks behind the digest are reached.
        let header = 8 + u64::from_le_bytes(weights[..8].try_into().expect("eight bytes")) as usize;
        let (file, range) = match round % 3 {
            0 => (&mut head, None),
            1 => (&mut weights, Some(0..header)),
            _ => (&mut weights, Some(header..usize::MAX)),
        };
        for _ in 0..=stream.below(3) {
            let range = range.clone().unwrap_or(0..usize::MAX);
            let (start, end) = (range.start.min(file.len() - 1), range.end.min(file.len()));
            let at = start + stream.below((end - start) as u64) as usize;
            match stream.below(8) {
                0 => file.truncate(at.max(1)),
                1 => file[at] = stream.below(256) as u8,
                _ => file[at] ^= 1 << stream.below(8),
            }
        }
        if round % 3 != 0 {
            head = sealed(std::str::from_utf8(&head).expect("text"), &weights).into_bytes();
        }
        match load("folder", &head, &mut |_, _| Ok(weights.clone())) {
            Ok(model) => {
                loaded += 1;
                if let Ok(p) = model.predict(&survey.input(&rows), usize::MAX) {
                    assert!(p.confidence.iter().all(|c| c.is_finite()));
                }
                if let Ok(trace) = model.trace(&survey.input(&rows)) {
                    assert!(trace.neighbours.iter().flatten().all(|n| (0.0..=1.0).contains(&n.similarity)));
                }
                let _ = model.explain(&survey.input(&rows), 3, 0, model.codes().len() as u32 - 1);
            }
            Err(failure) => {
                refused += 1;
                assert!(failure.problems.iter().all(|p| p.remedy.is_some() && p.place.is_some()), "{failure}");
            }
        }
    }
    (refused, loaded)
}
