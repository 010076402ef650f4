//! The spec from outside: files in memory go in, a study or all its problems come out.

mod brought;
mod keys;
mod office;
mod places;
mod shipped;
mod tune;
mod values;

use super::{Files, Study, load, tidy};
use crate::value::{Class, Failure, Problem};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Files in memory.
#[derive(Clone)]
struct Memory(BTreeMap<PathBuf, String>);

impl Memory {
    fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect())
    }

    fn with(&self, path: &str, text: &str) -> Self {
        let mut files = self.clone();
        files.0.insert(path.into(), text.to_owned());
        files
    }

    fn text_of(&self, path: &str) -> String {
        self.0[Path::new(path)].clone()
    }

    /// The same files with the first `from` in one of them replaced.
    fn but(&self, path: &str, from: &str, to: &str) -> Self {
        let text = self.text_of(path);
        assert!(text.contains(from), "{path} has no {from}");
        self.with(path, &text.replacen(from, to, 1))
    }

    fn load(&self) -> Result<Study, Failure> {
        load(Path::new("r/s/study.toml"), self)
    }

    fn problems(&self) -> Vec<Problem> {
        self.load().map(|_| Vec::new()).unwrap_or_else(|f| f.problems)
    }
}

impl Files for Memory {
    fn text(&self, path: &Path) -> Result<String, Problem> {
        self.0.get(&tidy(path)).cloned().ok_or_else(|| Problem::new(Class::Environment, "no such file"))
    }

    fn exists(&self, path: &Path) -> bool {
        self.0.contains_key(&tidy(path))
    }
}

const STUDY: &str = r#"title = "T"
dataset = "../../d"
policy = "policy.toml"
decide = "linear"
seed = 7
current = "floor"
[purpose]
outcome = "o"
better_off = "b"
action = "a"
insight = "i"
data = "d"
enablers = "e"
out_of_scope = "x"

[collection]
trust = "t"
consent = "c"
power = "p"
transparency = "s"
inclusivity = "i"

[people]
owner = "w"
contact = "c"
approver = "q"

[split]
by = "date"
column = "month"
test_from = "2025-07"
tune_from = "2025-04"

[[candidate]]
id = "floor"
kind = "majority"
floor = true

[[candidate]]
id = "linear"
model = "../../m"

# a comment between candidates
[[candidate]]
id = "elsewhere"
kind = "predictions"

[candidate.settings]
path = "p.csv"
id = "id"
codes = ["first", "second"]
confidences = ["c1", "c2"]

[evaluate]
level = 0.9
groups = ["sex", { column = "region", values = ["north"] }, ["sex", "region"]]
code_levels = ["major group"]
minimum_group = 20
replicates = 500
thresholds = [0.5, 0.9]
lonely_psu = "adjust"

[totals]
level = "minor group"
by = ["region"]
variables = ["hours"]
target = "census"

[slices]
columns = ["region", "sex"]
depth = 3
minimum = 60

[cost]
annual_records = 1000
retrainings_per_year = 2
country = "GB"
pue = 1.4
embodied = { kg = 1000, years = 4, share = 0.5 }
prices = { currency = "GBP", clerk_minute = 0.5, minutes_per_record = 1.5, kwh = 0.3, cpu_hour = 0.05 }

[disclosure]
profile = "insee"
minimum = 5
zeros = true
numerators = false
dominance = true
"#;

const POLICY: &str = r#"title = "P"
owner = "board"
valid_months = 12

[automatic_coding]
threshold = 0.8

[[gate]]
id = "a"
metric = "accuracy"
code_level = "major group"
at_least = 0.7
level = 0.9
severity = "deny"
why = "because"

[[gate]]
id = "b"
metric = "coded-accuracy"
threshold = 0.65
at_least = 0.7

[[gate]]
id = "c"
metric = "accuracy"
group = ["region", "sex"]
across = "difference"
at_most = 0.1
family = "f"

[[gate]]
id = "d"
metric = "recall"
code = "*"
at_least = 0.1
severity = "warn"

[[gate]]
id = "e"
metric = "accuracy-difference"
versus = "floor"
group = "sex"
non_inferior_by = 0.02
severity = "warn"
family = "g"

[[gate]]
id = "f"
metric = "log-loss-difference"
versus = "floor"
equivalent_within = 3

[[family]]
id = "g"
method = "max-t"
"#;

const DATASET: &str = r#"title = "D"
files = ["a.csv", "b.csv"]
encoding = "latin-1"
delimiter = ";"

[about]
source = "here"
licence = "free"

[[join]]
path = "truth.csv"
on = "id"

[columns]
id = { role = "id" }
month = { role = "date", label = "Month" }
weight = { role = "weight" }
psu = { role = "psu" }
sex = { roles = ["category", "group"], missing = ["?"] }
region = { role = "group" }
answer = { role = "text", empty = "allow" }
code = { role = "code" }
hours = { role = "number" }

[code_frame]
file = "codes.csv"
code = "code"
label = "label"
full = "unit group"
levels = [{ name = "major group", digits = 1 }, { name = "minor group", digits = 3 }]
"#;

const MODEL: &str = r#"kind = "linear"
name = "Linear"
owner = "team"
intended_use = "coding"
out_of_scope = "people"
floor = false

[settings]
words = [1, 3]
characters = [2, 5]
min_records = 3
hash_bits = 20
fold_accents = true
loss = "logistic"
c = 0.5
passes = 10
weighted = true
"#;

const TEXTS: [(&str, &str); 4] = [("r/s/study.toml", STUDY), ("r/s/policy.toml", POLICY), ("d/dataset.toml", DATASET), ("m/model.toml", MODEL)];

fn base() -> Memory {
    let mut files = Memory::of(&TEXTS);
    for path in ["d/a.csv", "d/b.csv", "d/truth.csv", "d/codes.csv", "r/s/p.csv"] {
        files = files.with(path, "");
    }
    files
}
