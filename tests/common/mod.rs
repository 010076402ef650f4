//! A workspace for tests through the public door: small files in, a run of the program, files out.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod evaluation;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// What a run of the program gave.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Asserts the exit code and that the messages contain each of the given texts.
    #[track_caller]
    pub fn expect(&self, code: i32, texts: &[&str]) -> &Self {
        let all = format!("{}\n{}", self.stdout, self.stderr);
        assert_eq!(self.code, code, "exit code\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        for text in texts {
            assert!(all.contains(text), "no `{text}` in\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        }
        assert!(!all.contains("panicked") && !all.contains("error (internal)"), "a defect:\n{all}");
        self
    }
}

/// Runs the program in a folder, as CI would: no terminal, no standard input.
pub fn proofmark(folder: &Path, arguments: &[&str]) -> Ran {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_proofmark"))
        .args(arguments)
        .current_dir(folder)
        .stdin(std::process::Stdio::null())
        .output()
        .expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("messages are UTF-8");
    Ran { code: status.code().unwrap_or(-1), stdout: text(stdout), stderr: text(stderr) }
}

/// What the whole test part shows of a candidate: accuracy, macro-F1, log loss, ECE.
#[derive(Debug)]
pub struct Headline {
    pub accuracy: f64,
    pub macro_f1: f64,
    pub log_loss: f64,
    pub ece: f64,
}

/// Reads them from an evidence file.
pub fn headline(path: &Path) -> Headline {
    let evidence: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).expect("evidence")).expect("JSON");
    let of = |metric: &str| {
        let whole =
            |m: &&serde_json::Value| m["metric"] == metric && ["group", "code", "contrast", "code_level", "threshold"].iter().all(|k| m.get(k).is_none());
        let found = evidence["measures"].as_array().expect("measures").iter().find(whole).unwrap_or_else(|| panic!("no {metric}"));
        found["outcome"]["estimate"]["value"].as_f64().expect("a value")
    };
    Headline { accuracy: of("accuracy"), macro_f1: of("macro-f1"), log_loss: of("log-loss"), ece: of("ece") }
}

/// A folder with a small study of its own: study.toml, dataset.toml, policy.toml, records.csv, codes.csv.
pub struct Workspace {
    pub folder: TempDir,
}

pub const STUDY: &str = r#"title = "A small study"
dataset = "dataset.toml"
policy = "policy.toml"
seed = 7

[split]
by = "date"
column = "month"
test_from = "2024-07"
tune_share = 0.1

[[candidate]]
id = "majority"
kind = "majority"
floor = true

[[candidate]]
id = "linear"
kind = "linear"

[evaluate]
groups = ["region", "sex"]
minimum_group = 20
thresholds = [0.5, 0.7]
"#;

pub const DATASET: &str = r#"title = "Small survey"
files = ["records.csv"]

[about]
source = "made for a test"

[columns]
id = { role = "id" }
month = { role = "date" }
region = { role = "group" }
sex = { role = "group" }
weight = { role = "weight" }
answer = { role = "text" }
code = { role = "code" }

[code_frame]
file = "codes.csv"
code = "code"
label = "label"
full = "unit group"
levels = [{ name = "major group", digits = 1 }]
"#;

pub const POLICY: &str = r#"title = "Policy of a test"
valid_months = 12

[automatic_coding]
threshold = 0.5

[[gate]]
id = "accuracy"
metric = "accuracy"
at_least = 0.6
severity = "deny"

[[gate]]
id = "regions"
metric = "accuracy"
group = "region"
across = "difference"
at_most = 0.5
severity = "warn"
"#;

pub const CODES: &str = "code,label\n0110,Officers\n2211,Doctors\n2221,Nurses\n5131,Waiters\n9112,Cleaners\n";

const ANSWERS: [(&str, [&str; 4]); 4] = [
    ("2211", ["doctor in a hospital", "general practitioner", "surgeon, operates on patients", "physician"]),
    ("2221", ["nurse on a ward", "night nurse in a hospital", "nursing care of patients", "ward sister"]),
    ("5131", ["waiter in a restaurant", "serves guests at tables", "waitress", "serving food and drinks"]),
    ("0110", ["officer in the army", "commands soldiers", "naval officer", "pilot in the air force"]),
];

/// The records of the small survey, by row: (id, month, region, sex, weight, answer, code).
pub fn records(n: usize) -> Vec<[String; 7]> {
    (0..n)
        .map(|i| {
            // A linear congruential walk is enough variety for a test.
            let r = (i * 7919 + 13) % 9973;
            let (code, answers) = &ANSWERS[r % 4];
            // One answer in seven says nothing that tells the codes apart.
            let answer = if r % 7 == 5 { "works with people" } else { answers[(r / 4) % 4] };
            [
                format!("R{i:05}"),
                format!("2024-{:02}", 1 + i % 12),
                ["North", "South", "East"][(r / 16) % 3].to_owned(),
                ["female", "male"][(r / 64) % 2].to_owned(),
                format!("{:.1}", 1.0 + (r % 5) as f64 / 2.0),
                format!("{answer} {}", ["today", "full time", "since 2019", ""][(r / 256) % 4]).trim().to_owned(),
                (*code).to_owned(),
            ]
        })
        .collect()
}

/// The records as CSV.
pub fn csv(records: &[[String; 7]]) -> String {
    let quote = |f: &String| if f.contains([',', '"', '\n']) { format!("\"{}\"", f.replace('"', "\"\"")) } else { f.clone() };
    let mut text = "id,month,region,sex,weight,answer,code\n".to_owned();
    for record in records {
        text.push_str(&record.iter().map(quote).collect::<Vec<_>>().join(","));
        text.push('\n');
    }
    text
}

impl Workspace {
    /// A workspace whose study runs.
    pub fn new() -> Self {
        let workspace = Self { folder: TempDir::new().expect("a temporary folder") };
        workspace.write("study.toml", STUDY).write("dataset.toml", DATASET).write("policy.toml", POLICY).write("codes.csv", CODES);
        workspace.write("records.csv", &csv(&records(600)));
        workspace
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> &Self {
        self.write_bytes(name, text.as_bytes())
    }

    pub fn write_bytes(&self, name: &str, bytes: &[u8]) -> &Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
        self
    }

    /// Replaces a text in a file; it must be there.
    #[track_caller]
    pub fn edit(&self, name: &str, from: &str, to: &str) -> &Self {
        let text = std::fs::read_to_string(self.path(name)).expect("a file");
        assert!(text.contains(from), "no `{from}` in {name}");
        self.write(name, &text.replacen(from, to, 1))
    }

    /// Rewrites the records.
    pub fn records(&self, change: impl FnOnce(&mut Vec<[String; 7]>)) -> &Self {
        let mut list = records(600);
        change(&mut list);
        self.write("records.csv", &csv(&list))
    }

    pub fn run(&self) -> Ran {
        proofmark(self.folder.path(), &["run", "study.toml", "--out", "out"])
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    pub fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(name)).expect("JSON")
    }

    /// Asserts that a run left nothing: neither results nor temporary files.
    #[track_caller]
    pub fn expect_no_output(&self) -> &Self {
        assert!(!self.path("out").exists(), "a folder of results was left: {:?}", std::fs::read_dir(self.path("out")).map(|d| d.count()));
        self
    }
}

/// The folder of shared data, or the reason why there is none. In CI its absence is a failure.
pub fn shared(part: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(part);
    if path.exists() {
        return Some(path);
    }
    let message = format!("skipped: no folder ../shared/{part} beside the checkout");
    assert!(std::env::var_os("CI").is_none(), "{message}; in CI it must be there");
    // Straight to the terminal: the test harness hides what a passing test prints.
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{message}");
    None
}
