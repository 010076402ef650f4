//! An attack on what a run publishes: from pages, card files, exports and CSV of two candidates together, no hidden number of records can be bounded
//! to less than the minimum. The attacker knows nothing of the program: it propagates intervals over every sum and comparison until nothing moves.

mod common;

use common::{Workspace, proofmark};
use scraper::{Html, Selector};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const MINIMUM: f64 = 10.0;
const CANDIDATES: [&str; 2] = ["first", "second"];
const REGIONS: [(&str, u64); 6] = [("North", 40), ("South", 30), ("East", 19), ("West", 8), ("Isle", 2), ("Far", 1)];
const SEXES: [(&str, u64); 3] = [("f", 53), ("m", 46), ("x", 1)];
const CODES: [(&str, u64); 8] = [("0110", 30), ("0120", 22), ("2211", 18), ("2221", 12), ("5131", 9), ("5132", 6), ("9112", 2), ("9120", 1)];

const STUDY: &str = r#"title = "Small cells"
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
id = "first"
kind = "predictions"
settings = { path = "first.csv", id = "id", codes = ["predicted"], confidences = ["confidence"] }

[[candidate]]
id = "second"
kind = "predictions"
settings = { path = "second.csv", id = "id", codes = ["predicted"], confidences = ["confidence"] }

[evaluate]
groups = ["region", "sex", ["sex", "region"]]
minimum_group = 10
thresholds = [0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
"#;

const DATASET: &str = r#"title = "Records of a test"
files = ["records.csv"]

[columns]
id = { role = "id" }
part = { role = "split" }
region = { role = "group" }
sex = { role = "group" }
answer = { role = "text" }
code = { role = "code" }

[code_frame]
file = "codes.csv"
code = "code"
label = "label"
full = "unit group"
levels = [{ name = "major group", digits = 1 }]
"#;

const POLICY: &str = "title = \"A test\"\n\n[automatic_coding]\nthreshold = 0.5\n\n[[gate]]\nid = \"accuracy\"\nmetric = \"accuracy\"\nat_least = 0.3\n\n\
[[gate]]\nid = \"regions\"\nmetric = \"accuracy\"\ngroup = \"region\"\nat_least = 0.3\nseverity = \"warn\"\n";

/// A walk of numbers for a seed.
struct Walk(u64);

impl Walk {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn pick<'a>(&mut self, of: &[(&'a str, u64)]) -> &'a str {
        let mut at = self.below(of.iter().map(|o| o.1).sum());
        for (name, weight) in of {
            if at < *weight {
                return name;
            }
            at -= weight;
        }
        of[0].0
    }
}

/// A study with many small cells, run.
fn run(seed: u64) -> Workspace {
    let w = Workspace::new();
    let mut walk = Walk(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut records = String::from("id,part,region,sex,answer,code\n");
    let mut files = ["id,predicted,confidence\n".to_owned(), "id,predicted,confidence\n".to_owned()];
    for (i, part) in ["train", "tune"].iter().enumerate() {
        records.push_str(&format!("T{i},{part},North,f,words,0110\n"));
    }
    for i in 0..800 + walk.below(400) {
        let (region, sex, code) = (walk.pick(&REGIONS), walk.pick(&SEXES), walk.pick(&CODES));
        records.push_str(&format!("R{i},test,{region},{sex},words,{code}\n"));
        for (which, file) in files.iter_mut().enumerate() {
            // Some regions and codes are nearly always right, some nearly never.
            let chance = match (region, code) {
                ("West", _) => 97,
                (_, "5131") => 98,
                (_, "9112") => 20,
                _ => 72 + 8 * which as u64,
            };
            let right = walk.below(100) < chance;
            let given = if right { code } else { walk.pick(&CODES) };
            let confidence = if right { 35 + walk.below(65) } else { 20 + walk.below(65) };
            file.push_str(&format!("R{i},{given},0.{confidence:02}\n"));
        }
    }
    for i in 0..2 {
        files.iter_mut().for_each(|f| f.push_str(&format!("T{i},0110,0.50\n")));
    }
    let codes: String = CODES.iter().map(|(c, _)| format!("{c},Label {c}\n")).collect();
    w.write("study.toml", STUDY).write("dataset.toml", DATASET).write("policy.toml", POLICY).write("codes.csv", &format!("code,label\n{codes}"));
    w.write("records.csv", &records).write("first.csv", &files[0]).write("second.csv", &files[1]);
    let ran = w.run();
    assert!([0, 1, 3].contains(&ran.code), "{}", ran.stderr);
    w
}

/// A figure's name: candidate, metric, level, group, code, threshold.
type Name = (usize, String, String, String, String, String);

/// What is told of a figure: value, number of records.
type Told = (Option<f64>, Option<f64>);

/// Rows of CSV.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => {
                cell.push('"');
                rest.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell).trim_end_matches('\r').to_owned());
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    rows
}

/// What is published of each figure, with numbers of records from the page where the CSV has none; and which figures are suppressed.
fn published(w: &Workspace) -> (BTreeMap<Name, Told>, BTreeSet<Name>) {
    let (mut told, mut hidden) = (BTreeMap::new(), BTreeSet::new());
    for (which, candidate) in CANDIDATES.iter().enumerate() {
        let card = format!("out/{candidate}/card.json");
        let ran = proofmark(w.folder.path(), &["export", &card, "--to", "estimates"]);
        ran.expect(0, &[]);
        let table = rows(&ran.stdout.replace("\r\n", "\n").replace('\n', "\r\n"));
        let at: BTreeMap<&str, usize> = table[0].iter().map(String::as_str).zip(0..).collect();
        for row in &table[1..] {
            let cell = |name: &str| row[at[name]].trim_start_matches('\'').to_owned();
            if !["all", "group", "code", "candidates"].contains(&cell("scope").as_str()) {
                continue;
            }
            let metric = if cell("scope") == "candidates" { format!("{}{}", cell("id"), cell("compared")) } else { cell("id") };
            let name = (which, metric, cell("level"), cell("group"), cell("code"), cell("threshold"));
            if cell("status") == "suppressed" {
                hidden.insert(name.clone());
            }
            told.insert(name, (cell("value").parse().ok(), cell("n").parse().ok()));
        }
        // Whatever other files tell is told on the page too: a figure that the CSV hides must not stand there.
        let page = Html::parse_document(&w.read(&format!("out/{candidate}/card.html")));
        let (tr, cells) = (Selector::parse("tr").unwrap(), Selector::parse("th, td").unwrap());
        for row in page.select(&tr) {
            let texts: Vec<String> = row.select(&cells).map(|c| c.text().collect::<String>().trim().to_owned()).collect();
            let Some(head) = texts.first() else { continue };
            for (region, variable) in REGIONS.iter().map(|r| (r.0, "region")).chain(SEXES.iter().map(|s| (s.0, "sex"))) {
                if head == region {
                    let name = (which, "accuracy".to_owned(), String::new(), format!("{variable} = {region}"), String::new(), String::new());
                    let number = texts.get(1).and_then(|t| t.replace(',', "").parse::<f64>().ok());
                    if let (Some(told), Some(n)) = (told.get_mut(&name), number) {
                        assert!(told.1.is_none_or(|known| known == n), "page and CSV differ on {name:?}: {told:?} {n}");
                        told.1 = Some(n);
                    }
                    if hidden.contains(&name) && texts.len() > 2 {
                        assert!(texts[2].contains("suppressed"), "{name:?} stands on the page: {texts:?}");
                    }
                }
            }
        }
        assert!(!w.read(&format!("out/{candidate}/card.html")).contains("fewer than 10 records from"));
    }
    (told, hidden)
}

/// The same, if only cells that are small by themselves were hidden.
fn only_small(w: &Workspace) -> (BTreeMap<Name, Told>, BTreeSet<Name>) {
    let (mut told, mut hidden) = (BTreeMap::new(), BTreeSet::new());
    let text = |v: &Value, key: &str| v.get(key).map_or_else(String::new, |x| x.as_str().map_or_else(|| x.to_string(), str::to_owned));
    for (which, candidate) in CANDIDATES.iter().enumerate() {
        let evidence = w.json(&format!("out/{candidate}/evidence.json"));
        for m in evidence["measures"].as_array().unwrap().iter().filter(|m| m.get("contrast").is_none()) {
            let group = m.get("group").map_or_else(String::new, |g| {
                let pairs = g["variables"].as_array().unwrap().iter().zip(g["values"].as_array().unwrap());
                pairs.map(|(a, b)| format!("{} = {}", a.as_str().unwrap(), b.as_str().unwrap())).collect::<Vec<_>>().join("; ")
            });
            let metric = m.get("versus").map_or_else(|| text(m, "metric"), |v| format!("{}against {}", text(m, "metric"), text(v, "candidate")));
            let name = (which, metric.clone(), text(m, "code_level"), group.clone(), text(m, "code"), text(m, "threshold"));
            let e = &m["outcome"]["estimate"];
            let (value, n) = (e["value"].as_f64(), e["n"].as_f64().or_else(|| m["outcome"]["undefined"]["n"].as_f64()));
            let part = !group.is_empty() || !name.4.is_empty();
            let few = |x: f64| x.round() < MINIMUM;
            let rate = ["accuracy", "recall", "precision"].contains(&metric.as_str());
            let small = n.is_some_and(few) || rate && value.zip(n).is_some_and(|(v, n)| few(v * n) || few(n - v * n));
            if part && small {
                hidden.insert(name.clone());
                told.insert(name, (None, n.filter(|n| !few(*n))));
            } else {
                told.insert(name, (value, n));
            }
        }
    }
    (told, hidden)
}

/// Numbers with what is known of each, and sums and orders between them.
#[derive(Default)]
struct Attack {
    names: BTreeMap<String, usize>,
    ranges: Vec<(f64, f64)>,
    sums: Vec<(Vec<(usize, f64)>, f64)>,
    orders: Vec<(usize, usize)>,
}

impl Attack {
    fn number(&mut self, name: String) -> usize {
        let next = self.ranges.len();
        let at = *self.names.entry(name).or_insert(next);
        if at == next {
            self.ranges.push((0.0, f64::INFINITY));
        }
        at
    }

    fn is(&mut self, name: String, value: f64) {
        let at = self.number(name);
        self.ranges[at] = (value, value);
    }

    /// Intervals over every sum and order until nothing moves; numbers are whole.
    fn run(&mut self) {
        for _ in 0..500 {
            let before = self.ranges.clone();
            for (sum, total) in &self.sums {
                for &(i, factor) in sum {
                    let (mut low, mut high) = (*total, *total);
                    for &(j, other) in sum.iter().filter(|(j, _)| *j != i) {
                        let (a, b) = (other * self.ranges[j].0, other * self.ranges[j].1);
                        low -= a.max(b);
                        high -= a.min(b);
                    }
                    let (a, b) = (low / factor, high / factor);
                    let own = &mut self.ranges[i];
                    *own = (own.0.max((a.min(b) - 1e-6).ceil()), own.1.min((a.max(b) + 1e-6).floor()));
                }
            }
            for &(low, high) in &self.orders {
                self.ranges[high].0 = self.ranges[high].0.max(self.ranges[low].0);
                self.ranges[low].1 = self.ranges[low].1.min(self.ranges[high].1);
            }
            if self.ranges == before {
                return;
            }
        }
    }
}

/// All that a reader can set up from what is told; and the numbers that are hidden.
fn attack((told, hidden): &(BTreeMap<Name, Told>, BTreeSet<Name>)) -> (Attack, Vec<String>) {
    let mut a = Attack::default();
    let mut secrets = Vec::new();
    let name = |which: usize, metric: &str, level: &str, group: &str, code: &str, threshold: &str| {
        (which, metric.to_owned(), level.to_owned(), group.to_owned(), code.to_owned(), threshold.to_owned())
    };
    let groups: BTreeSet<String> = told.keys().filter(|k| k.1 == "accuracy" && k.2.is_empty() && k.5.is_empty()).map(|k| k.3.clone()).collect();
    let thresholds: BTreeSet<String> = told.keys().filter(|k| k.1 == "coded-share" && k.2.is_empty()).map(|k| k.5.clone()).collect();
    let codes: BTreeSet<String> = told.keys().filter(|k| k.1 == "recall" && k.2.is_empty()).map(|k| k.4.clone()).collect();
    // Counts behind a rate: records, those counted, the rest.
    let mut rate = |a: &mut Attack, key: &Name, all: &str, counted: &str, rest: &str| {
        let (n, c, r) = (a.number(all.to_owned()), a.number(counted.to_owned()), a.number(rest.to_owned()));
        a.sums.push((vec![(n, 1.0), (c, -1.0), (r, -1.0)], 0.0));
        let (value, records) = told.get(key).copied().unwrap_or_default();
        if let Some(records) = records {
            a.is(all.to_owned(), records);
        }
        if let (Some(value), Some(records)) = (value, records) {
            a.is(counted.to_owned(), (value * records).round());
        }
        if hidden.contains(key) {
            secrets.extend([counted.to_owned(), rest.to_owned()]);
            // How many records there are at all is a secret of rows; of records coded, where the coded share is hidden too.
            let share = (key.0, "coded-share".to_owned(), key.2.clone(), key.3.clone(), key.4.clone(), key.5.clone());
            let row = ["accuracy", "recall", "precision"].contains(&key.1.as_str()) || key.1 == "coded-accuracy" && hidden.contains(&share);
            if records.is_none() && row {
                secrets.push(all.to_owned());
            }
        }
    };
    for which in 0..2 {
        for g in &groups {
            let all = format!("n {g}");
            rate(&mut a, &name(which, "accuracy", "", g, "", ""), &all, &format!("right {which} {g}"), &format!("wrong {which} {g}"));
            rate(&mut a, &name(which, "accuracy", "major group", g, "", ""), &all, &format!("major {which} {g}"), &format!("not major {which} {g}"));
            for t in &thresholds {
                let (coded, sure) = (format!("coded {which} {g} {t}"), format!("sure {which} {g} {t}"));
                rate(&mut a, &name(which, "coded-share", "", g, "", t), &all, &coded, &format!("left {which} {g} {t}"));
                rate(&mut a, &name(which, "coded-accuracy", "", g, "", t), &coded, &sure, &format!("fooled {which} {g} {t}"));
            }
        }
        for k in &codes {
            let truly = format!("truly {k}");
            rate(&mut a, &name(which, "recall", "", "", k, ""), &truly, &format!("both {which} {k}"), &format!("missed {which} {k}"));
            rate(&mut a, &name(which, "precision", "", "", k, ""), &format!("given {which} {k}"), &format!("both {which} {k}"), &format!("false {which} {k}"));
        }
    }
    // Groups add up; so do their parts.
    let variables = |g: &str| g.split("; ").filter(|p| !p.is_empty()).map(|p| p.split(" = ").next().unwrap_or_default().to_owned()).collect::<BTreeSet<_>>();
    let parts = |g: &str| g.split("; ").filter(|p| !p.is_empty()).map(str::to_owned).collect::<BTreeSet<_>>();
    let mut quantities = vec!["n {g}".to_owned()];
    for which in 0..2 {
        quantities.extend(["right", "wrong", "major", "not major"].map(|q| format!("{q} {which} {{g}}")));
        for t in &thresholds {
            quantities.extend(["coded", "sure", "fooled", "left"].map(|q| format!("{q} {which} {{g}} {t}")));
        }
    }
    let kinds: BTreeSet<BTreeSet<String>> = groups.iter().map(|g| variables(g)).collect();
    for parent in &groups {
        for kind in kinds.iter().filter(|k| k.len() > variables(parent).len() && variables(parent).is_subset(k)) {
            let children: Vec<&String> = groups.iter().filter(|g| variables(g) == *kind && parts(parent).is_subset(&parts(g))).collect();
            for q in &quantities {
                let mut sum = vec![(a.number(q.replace("{g}", parent)), -1.0)];
                sum.extend(children.iter().map(|g| (a.number(q.replace("{g}", g)), 1.0)));
                a.sums.push((sum, 0.0));
            }
        }
    }
    let ordered: Vec<String> = {
        let mut list: Vec<String> = thresholds.iter().cloned().collect();
        list.sort_by(|a, b| a.parse::<f64>().unwrap().total_cmp(&b.parse::<f64>().unwrap()));
        list
    };
    for which in 0..2 {
        for g in &groups {
            let mut order = |low: String, high: String| {
                let pair = (a.number(low), a.number(high));
                a.orders.push(pair);
            };
            order(format!("right {which} {g}"), format!("major {which} {g}"));
            order(format!("not major {which} {g}"), format!("wrong {which} {g}"));
            for (i, t) in ordered.iter().enumerate() {
                order(format!("sure {which} {g} {t}"), format!("right {which} {g}"));
                order(format!("fooled {which} {g} {t}"), format!("wrong {which} {g}"));
                for lower in &ordered[..i] {
                    for q in ["coded", "sure", "fooled"] {
                        order(format!("{q} {which} {g} {t}"), format!("{q} {which} {g} {lower}"));
                    }
                }
            }
            // The other candidate is so much more or less often right.
            let key = name(which, &format!("accuracy-differenceagainst {}", CANDIDATES[1 - which]), "", g, "", "");
            if let Some((Some(value), Some(n))) = told.get(&key) {
                let pair = [format!("right {which} {g}"), format!("right {} {g}", 1 - which)].map(|q| a.number(q));
                a.sums.push((vec![(pair[0], 1.0), (pair[1], -1.0)], (value * n).round()));
            }
        }
        let whole = [format!("right {which} "), "n ".to_owned(), "n ".to_owned()];
        for (q, total) in [format!("both {which} "), format!("given {which} "), "truly ".to_owned()].iter().zip(whole) {
            let mut sum: Vec<(usize, f64)> = codes.iter().map(|k| (a.number(format!("{q}{k}")), 1.0)).collect();
            sum.push((a.number(total), -1.0));
            a.sums.push((sum, 0.0));
        }
        for k in &codes {
            let n = told.get(&name(which, "accuracy", "", "", "", "")).and_then(|t| t.1).unwrap_or(0.0);
            if let Some((Some(share), _)) = told.get(&name(which, "share-true", "", "", k, "")) {
                a.is(format!("truly {k}"), (share * n).round());
            }
            for metric in ["share-error", "counting-bias"] {
                if let Some((Some(error), _)) = told.get(&name(which, metric, "", "", k, "")) {
                    let pair = [format!("given {which} {k}"), format!("truly {k}")].map(|q| a.number(q));
                    a.sums.push((vec![(pair[0], 1.0), (pair[1], -1.0)], (error * n).round()));
                }
            }
        }
        // The mean of recalls, where the numbers of records are known.
        let balanced = told.get(&name(which, "balanced-accuracy", "", "", "", "")).and_then(|t| t.0);
        let sizes: Vec<(usize, f64)> =
            codes.iter().map(|k| a.ranges[a.names[&format!("truly {k}")]]).map(|r| (0, if r.0 == r.1 { r.0 } else { 0.0 })).collect();
        if let Some(balanced) = balanced.filter(|_| sizes.iter().all(|s| s.1 > 0.0)) {
            let sum = codes.iter().zip(&sizes).map(|(k, (_, n))| (a.names[&format!("both {which} {k}")], 1.0 / n)).collect();
            a.sums.push((sum, balanced * codes.len() as f64));
        }
    }
    a.run();
    secrets.sort();
    secrets.dedup();
    let found = secrets
        .into_iter()
        .filter_map(|s| {
            let (low, high) = a.ranges[a.names[&s]];
            (high - low < MINIMUM).then(|| format!("{s}: {low} to {high}"))
        })
        .collect();
    (a, found)
}

#[test]
fn no_hidden_number_can_be_bounded_to_less_than_the_minimum() {
    let (mut suppressed, mut shown) = (0, 0);
    for seed in 1..=5 {
        let w = run(seed);
        let told = published(&w);
        let (attack, found) = attack(&told);
        assert!(found.is_empty(), "seed {seed}: {found:#?}");
        assert!(attack.sums.len() > 100);
        suppressed += told.1.len();
        shown += told.0.values().filter(|t| t.0.is_some()).count();
    }
    assert!(suppressed > 200 && shown > 500, "{suppressed} suppressed, {shown} shown");
}

#[test]
fn the_attack_finds_what_only_hiding_small_cells_leaves_open() {
    for seed in 1..=3 {
        let (_, found) = attack(&only_small(&run(seed)));
        assert!(found.len() > 5, "seed {seed}: {found:#?}");
    }
}

#[test]
fn cards_of_one_run_hide_the_same_numbers_of_records() {
    let w = run(2);
    let (told, _) = published(&w);
    let of = |which: usize| {
        let rows = told.iter().filter(|(k, t)| k.0 == which && ["accuracy", "recall"].contains(&k.1.as_str()) && t.1.is_none());
        rows.map(|(k, _)| (k.1.clone(), k.3.clone(), k.4.clone())).collect::<BTreeSet<_>>()
    };
    assert!(of(0).len() > 3);
    assert_eq!(of(0), of(1));
}
