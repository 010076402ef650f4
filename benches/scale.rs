//! Many codes and many records: accuracy by level, processor seconds and peak memory of whole processes, beside fastText and scikit-learn.
//!
//! `cargo bench --bench scale -- --run` codes the index of UK SIC 2007 (728 codes, from ../shared) and generated records × 600 codes with the
//! program itself; `--records 100000,1000000` chooses how many, `--peers` adds the peers where `PROOFMARK_PYTHON` (or `python3`) has
//! them, `--only ID` takes one candidate. Without `--run` nothing happens: it takes minutes and gigabytes.
#![allow(clippy::print_stdout, reason = "a benchmark reports on standard output")]

pub use proofmark::value::Stream;

#[path = "scale/records.rs"]
mod records;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Candidates: id and settings.
const CANDIDATES: [(&str, &str, &str); 5] = [
    ("level-wise", "linear", "words = [1, 2]\ncharacters = [3, 5]\nhierarchical = true\n"),
    ("level-wise-words", "linear", "words = [1, 2]\ncharacters = [0, 0]\nhierarchical = true\n"),
    ("flat-words", "linear", "words = [1, 2]\ncharacters = [0, 0]\n"),
    ("flat-hinge-words", "linear", "words = [1, 2]\ncharacters = [0, 0]\nloss = \"squared-hinge\"\nc = 0.3\n"),
    ("embedding", "embedding", ""),
];

/// What a peer trains and for how many epochs.
const PEERS: [(&str, &str); 3] = [("fasttext-hs", "10"), ("fasttext", "5"), ("sgd", "5")];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if !arguments.iter().any(|a| a == "--run") {
        println!("skipped: say --run (see the head of benches/scale.rs)");
        return;
    }
    let value = |name: &str| arguments.iter().position(|a| a == name).and_then(|at| arguments.get(at + 1));
    let sizes: Vec<usize> = value("--records").map_or("100000,300000,1000000", String::as_str).split(',').filter_map(|n| n.parse().ok()).collect();
    let (only, peers) = (value("--only"), arguments.iter().any(|a| a == "--peers"));
    let folder = tempfile::tempdir().expect("a folder");
    println!(
        "{:<28} {:<17} {:>8} {:>24} {:>9} {:>9} {:>8} {:>9} {:>8}",
        "data", "candidate", "accuracy", "by level", "log loss", "train s", "coded/s", "whole s", "MiB"
    );
    if let Some(csv) = sic() {
        let at = folder.path().join("sic");
        prepare(&at, &csv, "text", &[("section", 1), ("division", 3), ("group", 4), ("class", 5)]);
        all(&at, "UK SIC 2007 index, 728 codes", "text", &[1, 3, 4, 5], only, peers);
    } else {
        println!("skipped: UK SIC 2007, ../shared/datasets is not there");
    }
    for size in sizes {
        let at = folder.path().join(format!("generated-{size}"));
        prepare(&at, &records::csv(size), "answer", &[("section", 1), ("group", 2)]);
        all(&at, &format!("{size} generated, 600 codes"), "answer", &[1, 2], only, peers);
    }
}

/// The index with its section before the code, so that all five levels are first characters; every tenth training entry tunes.
fn sic() -> Option<String> {
    // Two entries end with a line break.
    let text = std::fs::read_to_string(shared("datasets/uk_sic2007/uk_sic2007_index.csv")).ok()?.replace("\n\",", "\",");
    let mut csv = "id,text,code,part\n".to_owned();
    for (number, line) in text.lines().skip(1).enumerate() {
        let (id, rest) = line.split_once(',')?;
        let (code, rest) = rest.split_once(',')?;
        let (_, rest) = rest.split_once(',')?;
        // The text may be quoted and hold commas; five columns follow it.
        let mut ends = rest.rsplitn(6, ',');
        let (part, section) = (ends.next()?, ends.next()?);
        let answer = ends.nth(3)?;
        let part = if part == "train" && number % 10 == 0 { "tune" } else { part };
        let _ = writeln!(csv, "{id},{answer},{section}{code},{part}");
    }
    Some(csv)
}

fn shared(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path)
}

fn prepare(at: &Path, csv: &str, text: &str, levels: &[(&str, usize)]) {
    std::fs::create_dir_all(at).expect("a folder");
    let levels: Vec<String> = levels.iter().map(|(name, digits)| format!("{{ name = \"{name}\", digits = {digits} }}")).collect();
    let dataset = format!(
        "title = \"Benchmark\"\nfiles = [\"records.csv\"]\n\n[columns]\nid = {{ role = \"id\" }}\n{text} = {{ role = \"text\", empty = \"allow\" }}\ncode = {{ role = \"code\" }}\npart = {{ role = \"split\" }}\n\n\
         [code_frame]\nfull = \"code\"\nlevels = [{}]\n",
        levels.join(", ")
    );
    let policy = "title = \"None\"\n\n[[gate]]\nid = \"accuracy\"\nmetric = \"accuracy\"\nat_least = 0.1\nseverity = \"warn\"\n";
    for (name, content) in [("records.csv", csv), ("dataset.toml", &dataset), ("policy.toml", policy)] {
        std::fs::write(at.join(name), content).expect("a file");
    }
}

/// Every candidate in a process of its own, then the peers.
fn all(at: &Path, data: &str, text: &str, digits: &[usize], only: Option<&String>, peers: bool) {
    for (id, kind, settings) in CANDIDATES.iter().filter(|(id, _, _)| only.is_none_or(|o| o == id)) {
        let study = format!(
            "title = \"Benchmark\"\ndataset = \"dataset.toml\"\npolicy = \"policy.toml\"\n\n[split]\nby = \"column\"\ncolumn = \"part\"\ntrain = [\"train\"]\ntune = [\"tune\"]\ntest = [\"test\"]\n\n\
             [[candidate]]\nid = \"{id}\"\nkind = \"{kind}\"\n\n[candidate.settings]\n{settings}\n[evaluate]\ncode_levels = {}\n",
            if digits.len() == 2 { "[\"section\", \"group\"]" } else { "[\"section\", \"division\", \"group\", \"class\"]" }
        );
        std::fs::write(at.join("study.toml"), study).expect("a file");
        let out = at.join(id);
        let timed = Command::new("/usr/bin/time")
            .args(["-f", "%U %S %M", env!("CARGO_BIN_EXE_proofmark"), "run"])
            .arg(at.join("study.toml"))
            .arg("--out")
            .arg(&out)
            .env("RAYON_NUM_THREADS", "1")
            .output()
            .expect("/usr/bin/time");
        let told = String::from_utf8_lossy(&timed.stderr);
        match std::fs::read(out.join(id).join("evidence.json")) {
            Ok(bytes) => line(data, id, &serde_json::from_slice(&bytes).expect("evidence"), told.lines().last().unwrap_or_default()),
            Err(_) => println!("{data:<28} {id}: {told}"),
        }
    }
    if !peers {
        return;
    }
    let python = std::env::var("PROOFMARK_PYTHON").map_or_else(|_| PathBuf::from("python3"), |folder| Path::new(&folder).join("bin/python"));
    for (model, epochs) in PEERS {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/scale/peers.py");
        let columns = [text, "code", "part", model, epochs];
        let done = Command::new(&python).arg(script).arg(at.join("records.csv")).args(columns).args(digits.iter().map(ToString::to_string)).output();
        match done {
            Ok(done) if done.status.success() => println!("{data:<28} {}", String::from_utf8_lossy(&done.stdout).trim()),
            _ => println!("{data:<28} skipped: {model} (pip install scikit-learn pandas fasttext-numpy2)"),
        }
    }
}

/// One line of the table.
fn line(data: &str, id: &str, evidence: &serde_json::Value, timed: &str) {
    let measures = evidence["measures"].as_array().expect("measures");
    let of = |metric: &str, level: Option<&str>| {
        let plain = |m: &&serde_json::Value| ["group", "code", "threshold", "contrast"].iter().all(|k| m.get(*k).is_none());
        let fits = |m: &&serde_json::Value| m["metric"] == metric && m.get("code_level").and_then(|l| l.as_str()) == level;
        measures.iter().filter(plain).find(fits).and_then(|m| m["outcome"]["estimate"]["value"].as_f64()).unwrap_or(f64::NAN)
    };
    let mut names: Vec<&str> = evidence["data"]["code_levels"].as_array().map(|l| l.iter().filter_map(serde_json::Value::as_str).collect()).unwrap_or_default();
    names.pop();
    let levels: Vec<String> = names.iter().map(|level| format!("{:.4}", of("accuracy", Some(level)))).collect();
    let phase = |name: &str, key: &str| {
        evidence["run"]["phases"].as_array().and_then(|p| p.iter().find(|p| p["phase"] == name)).and_then(|p| p[key].as_f64()).unwrap_or(0.0)
    };
    let cpu = |name: &str| phase(name, "cpu_user_s") + phase(name, "cpu_system_s");
    let train: f64 = ["features", "fit", "calibrate"].iter().map(|p| cpu(p)).sum();
    let whole: Vec<f64> = timed.split_whitespace().filter_map(|n| n.parse().ok()).collect();
    println!(
        "{data:<28} {id:<17} {:>8.4} {:>24} {:>9.4} {train:>9.1} {:>8.0} {:>9.1} {:>8.0}",
        of("accuracy", None),
        levels.join(" "),
        of("log-loss", None),
        phase("predict", "records_in") / cpu("predict").max(0.01),
        whole.iter().take(2).sum::<f64>(),
        whole.get(2).copied().unwrap_or(0.0) / 1024.0
    );
}
