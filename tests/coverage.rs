//! Simulated coverage of 95 % intervals under four designs, from a population whose figures are known. Slow, so run by hand:
//! `cargo test --release --test coverage -- --ignored --nocapture`. It fails where coverage leaves the stated band; PROOFMARK_RUNS, PROOFMARK_SEED and
//! PROOFMARK_ONLY ("stratified 200") set how many samples, from which seed, and of which settings.

use proofmark::data::{CodeFrame, ColumnDescription, DatasetDescription, Dialect, Encoding, Role, SurveyDesign, assemble, read};
use proofmark::measure::{Grouping, Measure, Request, Sample, measure};
use proofmark::model::from_predictions;
use proofmark::value::Stream;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;

/// Clusters of the population, and records in each.
const CLUSTERS: usize = 3000;
const SIZE: usize = 60;
const STRATA: usize = 5;
const CODES: usize = 8;
const REGIONS: usize = 6;
/// Shares of the codes, in per cent.
const SHARES: [u64; CODES] = [30, 20, 15, 12, 9, 7, 4, 3];
/// Share of a code's records that is coded right, in per cent.
const RIGHT: [f64; CODES] = [90.0, 85.0, 80.0, 84.0, 70.0, 75.0, 65.0, 60.0];

#[derive(Clone, Copy)]
struct Person {
    truth: u8,
    predicted: u8,
    sex: u8,
    region: u8,
    /// Chance of being drawn where records are drawn one by one, to a factor.
    size: f64,
}

struct Population {
    people: Vec<Person>,
    /// Stratum of each cluster: strata differ in size and in accuracy.
    stratum: Vec<usize>,
}

impl Population {
    /// `gap`: by how many points the last region and one sex are coded worse.
    fn new(gap: f64) -> Self {
        let mut stream = Stream::named(11, "population");
        let (mut people, mut stratum) = (Vec::new(), Vec::new());
        for _ in 0..CLUSTERS {
            // Strata of 10, 15, 20, 25 and 30 per cent of the clusters.
            let h = [10, 25, 45, 70, 100].iter().position(|&edge| stream.below(100) < edge).unwrap_or(STRATA - 1);
            stratum.push(h);
            let ease = 12.0 * stream.normal() + 2.0 * h as f64 - 4.0;
            let mix = stream.below(CODES as u64) as usize;
            for _ in 0..SIZE {
                let truth = if stream.below(8) == 0 { mix } else { draw(&mut stream) };
                let (sex, region) = (stream.below(2) as u8, stream.below(REGIONS as u64) as u8);
                let worse = f64::from(region == REGIONS as u8 - 1) * gap + f64::from(sex == 1) * gap / 2.0;
                let right = stream.unit() * 100.0 < RIGHT[truth] + ease - worse;
                let predicted = if right { truth } else { (truth + 1 + draw(&mut stream)) % CODES };
                // Who is easier to code answers more often.
                let size = if right { 1.0 } else { 0.6 } + stream.unit();
                people.push(Person { truth: truth as u8, predicted: predicted as u8, sex, region, size });
            }
        }
        Self { people, stratum }
    }

    /// The figures of the population.
    fn figures(&self) -> BTreeMap<&'static str, f64> {
        let share = |keep: &dyn Fn(&Person) -> bool, of: &dyn Fn(&Person) -> bool| {
            let (mut a, mut b) = (0.0, 0.0);
            for p in self.people.iter().filter(|p| of(p)) {
                a += f64::from(keep(p));
                b += 1.0;
            }
            a / b
        };
        let right = |p: &Person| p.truth == p.predicted;
        let of_groups = |values: Vec<f64>| values.iter().fold(0.0_f64, |m, a| values.iter().fold(m, |m, b| m.max(a - b)));
        let f1 = |k: u8| {
            let count = |f: &dyn Fn(&Person) -> bool| self.people.iter().filter(|p| f(p)).count() as f64;
            2.0 * count(&|p| p.truth == k && right(p)) / (count(&|p| p.truth == k) + count(&|p| p.predicted == k))
        };
        [
            ("accuracy", share(&right, &|_| true)),
            ("macro-F1", (0..CODES as u8).map(f1).sum::<f64>() / CODES as f64),
            ("gap of two", of_groups((0..2).map(|g| share(&right, &|p| p.sex == g)).collect())),
            ("largest gap of six", of_groups((0..REGIONS as u8).map(|g| share(&right, &|p| p.region == g)).collect())),
            ("true share of c0", share(&|p| p.truth == 0, &|_| true)),
            ("true share of c7", share(&|p| p.truth == 7, &|_| true)),
            ("share error of c0", share(&|p| p.predicted == 0, &|_| true) - share(&|p| p.truth == 0, &|_| true)),
            ("share error of c7", share(&|p| p.predicted == 7, &|_| true) - share(&|p| p.truth == 7, &|_| true)),
        ]
        .into()
    }

    /// A sample of `n` records: (person, weight, stratum, PSU).
    fn sample(&self, design: &str, n: usize, stream: &mut Stream) -> Vec<(Person, f64, usize, usize)> {
        match design {
            "srs" => (0..n).map(|_| (self.people[stream.below(self.people.len() as u64) as usize], 1.0, 0, 0)).collect(),
            // One by one, with chances in proportion to size: accept or draw again.
            "weighted" => (0..n)
                .map(|_| {
                    loop {
                        let p = self.people[stream.below(self.people.len() as u64) as usize];
                        if stream.unit() * 2.0 < p.size {
                            break (p, 1.0 / p.size, 0, 0);
                        }
                    }
                })
                .collect(),
            _ => {
                let take = if n >= 10_000 { 50 } else { n / 50 + 6 };
                let clusters = n / take;
                let strata = if design == "stratified" { STRATA } else { 1 };
                let mut records = Vec::with_capacity(n);
                let mut psu = 0;
                for h in 0..strata {
                    let members: Vec<usize> = (0..CLUSTERS).filter(|&c| strata == 1 || self.stratum[c] == h).collect();
                    let drawn = clusters / strata;
                    for _ in 0..drawn {
                        let cluster = members[stream.below(members.len() as u64) as usize];
                        let mut within: Vec<usize> = (0..SIZE).collect();
                        stream.shuffle(&mut within);
                        let weight = members.len() as f64 / drawn as f64;
                        records.extend(within[..take].iter().map(|i| (self.people[cluster * SIZE + i], weight, h, psu)));
                        psu += 1;
                    }
                }
                records
            }
        }
    }
}

fn draw(stream: &mut Stream) -> usize {
    let mut at = stream.below(100);
    for (k, &share) in SHARES.iter().enumerate() {
        if at < share {
            return k;
        }
        at -= share;
    }
    0
}

/// Measures a sample as the program does.
fn measured(design: &str, records: &[(Person, f64, usize, usize)]) -> Vec<Measure> {
    let mut csv = String::from("id,code,predicted,sex,region,weight,stratum,psu\n");
    for (i, (p, w, h, j)) in records.iter().enumerate() {
        let _ = writeln!(csv, "{i},c{},c{},s{},r{},{w},h{h},j{j}", p.truth, p.predicted, p.sex, p.region);
    }
    let mut roles = vec![("id", Role::Id), ("code", Role::Code), ("sex", Role::Group), ("region", Role::Group)];
    roles.extend(match design {
        "srs" => vec![],
        "weighted" => vec![("weight", Role::Weight)],
        "clustered" => vec![("psu", Role::Psu)],
        _ => vec![("weight", Role::Weight), ("stratum", Role::Stratum), ("psu", Role::Psu)],
    });
    let column =
        |(name, role): &(&str, Role)| ColumnDescription { name: (*name).into(), roles: vec![*role], label: None, allow_empty: false, missing: Vec::new() };
    let about = DatasetDescription {
        file: "dataset.toml".into(),
        folder: ".".into(),
        title: "simulated".into(),
        about: Vec::new(),
        files: vec!["s.csv".into()],
        joins: Vec::new(),
        encoding: Encoding::Utf8,
        delimiter: b',',
        columns: roles.iter().map(column).collect(),
        frame: CodeFrame { full: "code".into(), ..CodeFrame::default() },
        design: SurveyDesign::default(),
    };
    let raw = read("s.csv", csv.as_bytes(), Dialect::default(), &[]).expect("a table");
    let (ids, codes) = (raw.column("id").expect("ids").clone(), raw.column("predicted").expect("codes").clone());
    let table = assemble(&about, vec![raw], Vec::new(), None).expect("records");
    let rows = table.labelled();
    let grouping = |name: &str| Grouping { variables: vec![name.into()], ..Grouping::default() };
    let request = Request { groupings: vec![grouping("sex"), grouping("region")], minimum_group: 2, replicates: 0, ..Request::default() };
    let predictions = from_predictions(&ids, &[&codes], &[], &table.ids, &rows).expect("a code each").predictions;
    let sample = Sample::of(&table, &about, &rows, &request, 1).expect("a design");
    let trained: BTreeSet<u32> = (0..table.codes.len() as u32).collect();
    measure(&table, &rows, &trained, &sample, &predictions, &request).expect("codes of the table").measures
}

/// The interval of each figure.
fn intervals(measures: &[Measure]) -> BTreeMap<&'static str, (f64, f64)> {
    let find = |metric: &str, code: Option<&str>, contrast: Option<&str>| {
        let m = measures.iter().find(|m| {
            let compared = m.contrast.as_ref().map(|c| (c.kind.as_str(), c.variables[0].as_str()));
            m.metric == metric && m.code.as_deref() == code && m.group.is_none() && compared == contrast.map(|v| ("difference", v))
        });
        let interval = m.and_then(|m| m.outcome.estimate()).and_then(|e| e.interval)?;
        Some((interval.lower, interval.upper))
    };
    [
        ("accuracy", find("accuracy", None, None)),
        ("macro-F1", find("macro-f1", None, None)),
        ("gap of two", find("accuracy", None, Some("sex"))),
        ("largest gap of six", find("accuracy", None, Some("region"))),
        ("true share of c0", find("share-true", Some("c0"), None)),
        ("true share of c7", find("share-true", Some("c7"), None)),
        ("share error of c0", find("share-error", Some("c0"), None)),
        ("share error of c7", find("share-error", Some("c7"), None)),
    ]
    .into_iter()
    .filter_map(|(name, interval)| Some((name, interval?)))
    .collect()
}

/// What `of` makes of each run, on threads of their own: the program's pool works inside it.
fn side_by_side<T: Send>(runs: usize, of: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let of = &of;
        let workers: Vec<_> = (0..threads).map(|t| scope.spawn(move || (t..runs).step_by(threads).map(of).collect::<Vec<T>>())).collect();
        workers.into_iter().flat_map(|w| w.join().expect("no run fails")).collect()
    })
}

#[test]
#[ignore = "simulates thousands of samples: minutes"]
fn intervals_cover_at_their_level() {
    let runs = std::env::var("PROOFMARK_RUNS").ok().and_then(|v| v.parse().ok()).unwrap_or(2000);
    // "stratified 200": some settings only; a seed of one's own shows that figures do not hang on this one.
    let (only, seed) = (std::env::var("PROOFMARK_ONLY").ok(), std::env::var("PROOFMARK_SEED").ok().and_then(|v| v.parse().ok()).unwrap_or(23));
    let mut outside = Vec::new();
    for gap in [0.0, 14.0] {
        let population = Population::new(gap);
        let truth = population.figures();
        for design in ["srs", "weighted", "clustered", "stratified"] {
            for n in [200, 1000, 10_000] {
                if only.as_ref().is_some_and(|only| !format!("{design} {n}").contains(only.as_str())) {
                    continue;
                }
                let found = side_by_side(runs, |run| {
                    let mut stream = Stream::named(seed, &format!("{design} {n} {run}"));
                    intervals(&measured(design, &population.sample(design, n, &mut stream)))
                });
                for (name, wanted) in &truth {
                    let (mut covered, mut low, mut all) = (0, 0, 0_u32);
                    for (lower, upper) in found.iter().filter_map(|f| f.get(name)) {
                        all += 1;
                        covered += u32::from(lower <= wanted && wanted <= upper);
                        low += usize::from(upper < wanted);
                    }
                    let share = 100.0 * f64::from(covered) / f64::from(all);
                    let line = format!("gap {gap:>2}, {design:<10} n {n:>6}: {name:<20} {share:.1} % of {all} (true {wanted:.4}; too low {low})");
                    let _ = writeln!(std::io::stdout(), "{line}");
                    // What chance allows for so many samples. Differences between groups hold at least as often as stated: they are never below 0, where those of
                    // groups alike lie, and bounds that hold for every pair do so more often for the widest where several tie. Too seldom is a fault all the same.
                    let slack = f64::max(1.5, 300.0 * (0.95 * 0.05 / f64::from(all)).sqrt());
                    let most = if name.contains("gap") { 100.0 } else { 95.0 + slack };
                    if !(95.0 - slack..=most).contains(&share) {
                        outside.push(line);
                    }
                }
            }
        }
    }
    assert!(outside.is_empty(), "outside 93.5 to 96.5 %, or what chance allows:\n{}", outside.join("\n"));
}
