//! What must not move an estimate, run over every metric of the registry: the order of records, the names of codes and groups, the
//! scale of weights; and what must be the same thing: a weight of two and a record twice, one PSU a record and independent records.

mod common;

use common::{Workspace, proofmark};
use proofmark::metric::{METRICS, Scope};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const CODES: [&str; 7] = ["11", "12", "13", "21", "22", "31", "32"];

const STUDY: &str = r#"title = "Invariances"
dataset = "dataset.toml"
policy = "policy.toml"
seed = 5

[split]
by = "column"
column = "part"
train = ["train"]
tune = ["tune"]
test = ["test"]

[[candidate]]
id = "one"
kind = "predictions"
settings = { path = "one.csv", id = "id", codes = ["c1", "c2", "c3", "c4", "c5", "c6", "c7"], confidences = ["p1", "p2", "p3", "p4", "p5", "p6", "p7"] }

[[candidate]]
id = "two"
kind = "predictions"
settings = { path = "two.csv", id = "id", codes = ["c1", "c2", "c3", "c4", "c5", "c6", "c7"], confidences = ["p1", "p2", "p3", "p4", "p5", "p6", "p7"] }

[evaluate]
groups = [{ column = "region", reference = "North" }, { column = "sex", within = ["region", "first digit"] }, ["region", "sex"]]
suggestion_coverage = 0.8
minimum_group = 5
thresholds = [0.4, 0.6]
"#;

const DATASET: &str = r#"title = "Records of a test"
files = ["records.csv"]

[columns]
id = { role = "id" }
part = { role = "split" }
region = { role = "group" }
sex = { role = "group" }
weight = { role = "weight" }
stratum = { role = "stratum" }
psu = { role = "psu" }
first = { role = "coder" }
second = { role = "coder" }
answer = { role = "text", empty = "allow" }
code = { role = "code" }

[code_frame]
file = "codes.csv"
code = "code"
label = "label"
full = "full code"
levels = [{ name = "first digit", digits = 1 }]
"#;

const POLICY: &str = r#"title = "No more than a test"

[[gate]]
id = "accuracy"
metric = "accuracy"
at_least = 0.1
"#;

/// A record: what the files say of it.
#[derive(Clone)]
struct Record {
    id: String,
    part: &'static str,
    region: String,
    sex: String,
    weight: f64,
    stratum: String,
    psu: String,
    coders: [String; 2],
    code: String,
    /// Ranked codes with confidences of each candidate.
    answers: [Vec<(String, f64)>; 2],
}

/// Noise in 0..modulus that anyone can compute: a step of a multiplicative generator.
fn noise(i: usize, salt: usize, modulus: usize) -> usize {
    let mut x = (i as u64 + 1).wrapping_mul(6_364_136_223_846_793_005).wrapping_add(salt as u64 * 1_442_695_040_888_963_407);
    x ^= x >> 33;
    x = x.wrapping_mul(0xff51_afd7_ed55_8ccd);
    x ^= x >> 33;
    (x % modulus as u64) as usize
}

fn records() -> Vec<Record> {
    let answer = |i: usize, salt: usize, truth: usize| {
        // Confidences that add up to one, all different; the true code is first in two records of three.
        let strength: Vec<f64> = (0..CODES.len()).map(|k| (noise(i, salt + k, 9973) as f64 / 1500.0).exp() * if k == truth { 12.0 } else { 1.0 }).collect();
        let sum: f64 = strength.iter().sum();
        let mut ranked: Vec<(String, f64)> = CODES.iter().zip(strength).map(|(c, s)| ((*c).to_owned(), s / sum)).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked
    };
    (0..1000)
        .map(|i| {
            let truth = noise(i, 1, 16).min(noise(i, 2, 7));
            let coder = |salt| CODES[if noise(i, salt, 5) == 0 { noise(i, salt + 1, 7) } else { truth }].to_owned();
            let stratum = noise(i, 6, 4);
            Record {
                id: format!("R{i:04}"),
                part: ["train", "tune", "test", "test", "test"][i % 5],
                region: ["North", "South", "East"][noise(i, 3, 3)].into(),
                sex: ["female", "male"][noise(i, 4, 2)].into(),
                weight: (1 + noise(i, 5, 3)) as f64,
                stratum: format!("s{stratum}"),
                psu: format!("s{stratum}-{}", noise(i, 7, 6)),
                coders: [coder(20), coder(30)],
                // One test record in ten waits to be coded.
                code: if i % 5 > 1 && i % 10 == 7 { String::new() } else { CODES[truth].into() },
                answers: [answer(i, 100, truth), answer(i, 200, truth)],
            }
        })
        .collect()
}

/// The measures of candidate `one`, by what they are of.
type Measures = BTreeMap<String, Value>;

fn run(records: &[Record], dataset: &str, codes: &[&str]) -> Measures {
    run_study(STUDY, records, dataset, codes)
}

fn run_study(study: &str, records: &[Record], dataset: &str, codes: &[&str]) -> Measures {
    let w = Workspace::new();
    let (mut csv, mut one, mut two) = (String::from("id,part,region,sex,weight,stratum,psu,first,second,answer,code\n"), String::new(), String::new());
    for list in [&mut one, &mut two] {
        let columns = |letter| (1..=CODES.len()).map(|k| format!("{letter}{k}")).collect::<Vec<_>>().join(",");
        let _ = writeln!(list, "id,{},{}", columns('c'), columns('p'));
    }
    for r in records {
        let [first, second] = &r.coders;
        let _ = writeln!(csv, "{},{},{},{},{},{},{},{first},{second},,{}", r.id, r.part, r.region, r.sex, r.weight, r.stratum, r.psu, r.code);
        for (list, answer) in [&mut one, &mut two].into_iter().zip(&r.answers) {
            let (codes, confidences): (Vec<_>, Vec<_>) = answer.iter().map(|(c, p)| (c.clone(), p.to_string())).unzip();
            let _ = writeln!(list, "{},{},{}", r.id, codes.join(","), confidences.join(","));
        }
    }
    let frame: String = codes.iter().map(|c| format!("{c},Code {c}\n")).collect();
    w.write("study.toml", study).write("dataset.toml", dataset).write("policy.toml", POLICY).write("codes.csv", &format!("code,label\n{frame}"));
    w.write("records.csv", &csv).write("one.csv", &one).write("two.csv", &two);
    proofmark(w.folder.path(), &["run", "study.toml", "--out", "out"]).expect(0, &[]);
    let evidence = w.json("out/one/evidence.json");
    let mut found = Measures::new();
    for m in evidence["measures"].as_array().unwrap() {
        let mut key = m.clone();
        let object = key.as_object_mut().unwrap();
        object.remove("outcome");
        // What a measure is of, without what was found.
        if let Some(contrast) = object.get_mut("contrast").and_then(Value::as_object_mut) {
            let within = contrast.get("detail").map(|d| d["within"].clone());
            contrast.retain(|name, _| ["kind", "variables", "reference"].contains(&name.as_str()));
            // A comparison with a reference group is one of its group.
            if contrast["kind"].as_str().is_some_and(|k| k.starts_with("reference")) {
                contrast.insert("high".into(), m["contrast"]["high"].clone());
            }
            contrast.extend(within.map(|w| ("within".to_owned(), w)));
        }
        if let Some(versus) = object.get_mut("versus").and_then(Value::as_object_mut) {
            versus.retain(|name, _| name == "candidate");
        }
        assert!(found.insert(key.to_string(), m.clone()).is_none(), "twice: {key}");
    }
    found
}

fn design() -> String {
    DATASET.to_owned()
}

/// The dataset without some roles.
fn without(names: &[&str]) -> String {
    DATASET.lines().filter(|l| !names.iter().any(|n| l.starts_with(&format!("{n} =")))).map(|l| format!("{l}\n")).collect()
}

/// Compares two JSON values: numbers to a relative 1e-9, everything else exactly; `skip` names keys that may differ.
fn same(a: &Value, b: &Value, skip: &[&str], at: &str) {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            for key in x.keys().chain(y.keys()).filter(|k| !skip.contains(&k.as_str())) {
                same(x.get(key).unwrap_or(&Value::Null), y.get(key).unwrap_or(&Value::Null), skip, &format!("{at}.{key}"));
            }
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => x.iter().zip(y).for_each(|(x, y)| same(x, y, skip, at)),
        (Value::Number(x), Value::Number(y)) => {
            let (x, y) = (x.as_f64().unwrap(), y.as_f64().unwrap());
            assert!((x - y).abs() <= 1e-9 * x.abs().max(y.abs()).max(1e-3), "{at}: {x} is not {y}");
        }
        _ => assert_eq!(a, b, "{at}"),
    }
}

fn same_measures(a: &Measures, b: &Measures, skip: &[&str]) {
    let only = |a: &Measures, b: &Measures| a.keys().filter(|k| !b.contains_key(*k)).take(3).cloned().collect::<Vec<_>>();
    assert!(a.keys().eq(b.keys()), "other measures: {:?} against {:?}", only(a, b), only(b, a));
    a.iter().for_each(|(key, m)| same(m, &b[key], skip, key));
}

#[test]
fn every_metric_of_records_is_there_and_defined() {
    let found = run(&records(), &design(), &CODES);
    for metric in METRICS.iter().filter(|m| !matches!(m.scope, Scope::Cost | Scope::Figures | Scope::Words)) {
        let mut of = found.values().filter(|m| m["metric"] == metric.id || m["contrast"]["kind"] == metric.id);
        assert!(of.any(|m| m["outcome"]["estimate"]["value"].is_number()), "no estimate of {}", metric.id);
    }
}

#[test]
fn the_order_of_records_moves_nothing() {
    let base = records();
    let mut shuffled = base.clone();
    shuffled.sort_by_key(|r| noise(r.id[1..].parse().unwrap(), 77, 100_000));
    assert!(shuffled.iter().zip(&base).filter(|(a, b)| a.id != b.id).count() > 900);
    same_measures(&run(&shuffled, &design(), &CODES), &run(&base, &design(), &CODES), &[]);
}

#[test]
fn names_of_codes_and_groups_move_nothing() {
    // The first digits change places, and the second ones within them: the hierarchy stays.
    let codes: BTreeMap<&str, &str> = [("11", "39"), ("12", "37"), ("13", "38"), ("21", "16"), ("22", "14"), ("31", "25"), ("32", "27")].into();
    let digits: BTreeMap<&str, &str> = [("1", "3"), ("2", "1"), ("3", "2")].into();
    let groups: BTreeMap<&str, &str> = [("North", "c"), ("South", "a"), ("East", "b"), ("female", "2"), ("male", "1")].into();
    let mut renamed = records();
    for r in &mut renamed {
        r.code = codes.get(r.code.as_str()).map_or_else(String::new, |c| (*c).to_owned());
        r.coders = r.coders.clone().map(|c| codes[c.as_str()].into());
        r.region = groups[r.region.as_str()].into();
        r.sex = groups[r.sex.as_str()].into();
        r.answers.iter_mut().flatten().for_each(|(c, _)| *c = codes[c.as_str()].into());
    }
    let frame: Vec<&str> = codes.values().copied().collect();
    let found = run_study(&STUDY.replace("\"North\"", "\"c\""), &renamed, &design(), &frame);
    let rename = |value: &Value| {
        fn walk(value: &mut Value, names: &BTreeMap<&str, &str>) {
            match value {
                Value::String(text) => {
                    if let Some(name) = names.get(text.as_str()) {
                        (*name).clone_into(text);
                    }
                }
                Value::Array(items) => items.iter_mut().for_each(|v| walk(v, names)),
                Value::Object(map) => map.values_mut().for_each(|v| walk(v, names)),
                _ => {}
            }
        }
        let mut value = value.clone();
        walk(&mut value, &codes.iter().chain(&digits).chain(&groups).map(|(a, b)| (*a, *b)).collect());
        value
    };
    let base: Measures =
        run(&records(), &design(), &CODES).into_iter().map(|(key, m)| (rename(&serde_json::from_str(&key).unwrap()).to_string(), rename(&m))).collect();
    // What noise alone would give is simulated, code by code in their order.
    let skip = |m: &Value| -> &[&str] {
        // A distance has no higher and lower group.
        if m["metric"] == "equalised-odds-distance" { &["expected_from_noise", "high", "low"] } else { &["expected_from_noise"] }
    };
    assert!(found.keys().eq(base.keys()));
    found.iter().for_each(|(key, m)| same(m, &base[key], skip(m), key));
}

#[test]
fn the_scale_of_weights_moves_nothing() {
    let mut scaled = records();
    scaled.iter_mut().for_each(|r| r.weight *= 0.37);
    same_measures(&run(&scaled, &design(), &CODES), &run(&records(), &design(), &CODES), &[]);
}

/// What is left of a measure: its value, or that it has none.
fn value(m: &Value) -> Value {
    m["outcome"]["estimate"]["value"].clone()
}

#[test]
fn a_weight_of_two_is_a_record_twice() {
    // No floor in records, for they are not the same number.
    let study = STUDY.replace("minimum_group = 5", "minimum_group = 1");
    let weighted = run_study(&study, &records(), &without(&["stratum", "psu"]), &CODES);
    let repeated: Vec<Record> =
        records().iter().flat_map(|r| (0..r.weight as usize).map(|k| Record { id: format!("{}-{k}", r.id), weight: 1.0, ..r.clone() })).collect();
    let repeated = run_study(&study, &repeated, &without(&["stratum", "psu"]), &CODES);
    assert!(weighted.len() == repeated.len());
    // How finely the mix of codes is held, how many codes a list needs and how many bins there are go by the number of records; records
    // of equal confidence are taken in turn, those of weight two at once; alpha and the debiased error correct for few records.
    let by_records = [
        "debiased-ece",
        "coder-alpha",
        "aurc",
        "excess-aurc",
        "standardised-accuracy",
        "treatment-difference",
        "mix-difference",
        "set-coverage",
        "set-size",
        "set-coverage-gap",
    ];
    let mut compared = 0;
    for (key, m) in weighted.iter().filter(|(_, m)| !by_records.iter().any(|metric| m["metric"] == *metric)) {
        same(&value(m), &value(&repeated[key]), &[], key);
        compared += usize::from(value(m).is_number());
    }
    assert!(compared > 300, "{compared}");
}

/// Standard errors of independent records and of one PSU a record are the same; intervals and replicates may be made another way.
#[test]
fn one_psu_a_record_is_independent_records() {
    let mut single = records();
    for r in &mut single {
        r.psu.clone_from(&r.id);
        r.weight = 1.0;
    }
    let clustered = run(&single, &without(&["stratum", "weight"]), &CODES);
    let simple = run(&single, &without(&["stratum", "weight", "psu"]), &CODES);
    let mut compared = 0;
    for (key, m) in &clustered {
        same(&value(m), &value(&simple[key]), &[], key);
        let (a, b) = (&m["outcome"]["estimate"], &simple[key]["outcome"]["estimate"]);
        if a["interval"]["method"] != "bootstrap" {
            same(&a["se"], &b["se"], &[], key);
            same(&a["n"], &b["n"], &[], key);
            compared += usize::from(a["se"].is_number());
        }
    }
    assert!(compared > 250, "{compared}");
}
